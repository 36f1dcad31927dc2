//! What the arguments mean: a request.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use super::args::{Args, NAME};
use crate::env::files;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::output::probe::printer::{PrintStyle, selection};
use crate::probe::query::{LinkChoice, MessageSpec, QuerySpec, V6Spec, raw_input};
use crate::probe::{Schedule, Spread};
use crate::session::{Action, Filter, Request};

/// A wait without end.
const WITHOUT_END: Duration = Duration::from_secs(1000 * 86400);

/// The request.
pub(super) fn new(args: &Args, width: Option<usize>) -> Result<Request> {
    let family = if args.is_v6() { Family::V6 } else { Family::V4 };
    Ok(Request {
        action: action(args)?,
        family,
        spec: spec(args),
        raw_input: raw_input(args)?,
        repeat: args.task.repeat,
        style: PrintStyle { width, ..style(args, family)? },
        compares: args.task.compare,
        expectations: args.output.expect.clone(),
        pcap: args.output.pcap.clone(),
    })
}

fn action(args: &Args) -> Result<Action> {
    let task = &args.task;
    if task.listen {
        let filter = Filter::new(task.only_mac.as_ref().map(|mac| mac.0.clone()), &task.only_type)?;
        let limit = Some(args.timeout()).filter(|timeout| !timeout.is_zero());
        return Ok(Action::Listen { filter, limit });
    }
    Ok(if args.is_v6() || args.is_query() { Action::Query } else { Action::Commands })
}

/// What is sent.
fn spec(args: &Args) -> QuerySpec {
    let timeout = args.timeout();
    let wait = if timeout.is_zero() { WITHOUT_END } else { timeout };
    QuerySpec {
        is_whole_exchange: args.task.dora || args.v6.sarr,
        keeps_lease: args.task.keep,
        collects: args.collects(),
        schedule: Schedule { first: wait, most: wait, tries: args.wait.tries, spread: Spread::None },
        link: link(args),
        message: message(args),
        v6: V6Spec {
            rapid_commit: args.v6.rapid_commit,
            duid: args.v6.duid.as_ref().map(|duid| duid.0.clone()),
            server_duid: args.v6.server_duid.as_ref().map(|duid| duid.0.clone()),
            associations: args.v6.associations(),
            relay: args.v6.relay,
            peer: Some(args.v6.peer),
            relay_options: args.v6.relay_option.clone(),
        },
    }
}

fn link(args: &Args) -> LinkChoice {
    let link = &args.link;
    let is_given = |address: &IpAddr| !matches!(address, IpAddr::V4(address) if address.is_broadcast());
    LinkChoice {
        interface: link.iface.clone(),
        bind: Some(link.bind).filter(|bind| !bind.is_unspecified()),
        target: Some(link.target).filter(is_given),
        bind_port: link.bind_port,
        target_port: args.target_port(),
        raw: link.raw,
        source_mac: link.source_mac.as_ref().map(|mac| mac.0.clone()),
        vlan: link.vlan,
    }
}

fn message(args: &Args) -> MessageSpec {
    let said = &args.message;
    let given = |address: Ipv4Addr| Some(address).filter(|address| !address.is_unspecified());
    MessageSpec {
        kind: said.kind.clone(),
        options: said.options.clone(),
        requested: said.requested.clone(),
        profile: said.profile.clone(),
        hardware: said.mac.as_ref().map(|mac| mac.0.clone()),
        secs: said.secs,
        giaddr: given(said.giaddr),
        ciaddr: given(said.ciaddr),
        flags: said.flags,
        hops: said.hops,
        htype: said.htype,
        hlen: said.hlen,
        sname: said.sname.clone(),
        file: said.file.clone(),
        pad: usize::from(said.pad),
    }
}

/// How packets are to look; `family` says which options `--print-only` names.
fn style(args: &Args, family: Family) -> Result<PrintStyle> {
    let output = &args.output;
    let only = output.print_only.as_deref().map(|text| selection(family, text)).transpose()?;
    Ok(PrintStyle {
        program: NAME,
        quiet: output.quiet,
        hexdump: output.hexdump,
        format: output.format,
        only,
        width: None,
    })
}

/// The payloads of `--hex` or `--replay`, if there is one of them.
fn raw_input(args: &Args) -> Result<Option<Vec<Vec<u8>>>> {
    if let Some(path) = &args.task.hex {
        return hexadecimal(path).map(|octets| Some(vec![octets]));
    }
    let Some(path) = &args.task.replay else { return Ok(None) };
    let attempted = format!("read {}", path.display());
    let file = files::open(path).map_err(|cause| Error::io(attempted.clone(), &cause))?;
    let payloads = raw_input::clients_messages(file, args.server_port());
    payloads.map(Some).map_err(|cause| Error::new(attempted, cause))
}

fn hexadecimal(path: &Path) -> Result<Vec<u8>> {
    let mut text = String::new();
    let attempted = format!("read {}", path.display());
    let read = files::open(path).and_then(|mut file| file.read_to_string(&mut text));
    read.map_err(|cause| Error::io(attempted.clone(), &cause))?;
    raw_input::hexadecimal(&text).map_err(|cause| Error::new(attempted, cause))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::dhcp::v4::Message;
    use crate::output::packet::Passage;
    use crate::probe::query::message;

    const HARDWARE: [u8; 6] = [2, 0, 0x5e, 0, 0, 1];

    fn built(arguments: &[&str]) -> Result<Message> {
        let args = Args::try_parse_from([&["dhcptest"], arguments].concat()).unwrap();
        message::build(&spec(&args), &HARDWARE)
    }

    fn options(arguments: &[&str]) -> Vec<(u8, Vec<u8>)> {
        built(arguments).unwrap().options
    }

    #[test]
    fn a_discover_to_all_servers_asks_for_a_broadcast() {
        let message = built(&[]).unwrap();
        assert_eq!((message.flags, message.secs, message.hops), (0x8000, 0, 0));
        assert_eq!(message.options, [(53, vec![1])]);
        assert_eq!(built(&["--target", "192.0.2.1"]).unwrap().flags, 0);
    }

    #[test]
    fn the_examples_of_the_original_are_understood() {
        assert_eq!(options(&["--request", "43"]), [(53, vec![1]), (55, vec![43])]);
        assert_eq!(options(&["--request", "Vendor Specific Information"]), [(53, vec![1]), (55, vec![43])]);
        assert_eq!(options(&["--option", "60=Initech Groupware"])[1], (60, b"Initech Groupware".to_vec()));
        let relay = "Relay Agent Information=agentCircuitID=\"foo\", agentRemoteID=\"bar\"";
        assert_eq!(options(&["--option", relay])[1], (82, b"\x01\x03foo\x02\x03bar".to_vec()));
        assert_eq!(options(&["--option", "DHCP Message Type=request"]), [(53, vec![3])]);
        assert_eq!(options(&["--option", "43[hex]=01 02 FF"])[1], (43, vec![1, 2, 255]));
        assert_eq!(options(&["--option", "50[IP]=192.0.2.9"])[1], (50, vec![192, 0, 2, 9]));
        let packet = Message::request(0, &HARDWARE).with(3, [192, 0, 2, 1]).with(6, [192, 0, 2, 2]).encode();
        let shown = |text| selection(Family::V4, text).unwrap().in4(&packet, &Passage::default()).unwrap().unwrap();
        assert_eq!((shown("Router Option"), shown("6[hex]")), ("192.0.2.1".into(), "C0 00 02 02".into()));
    }

    #[test]
    fn secs_and_the_header_are_what_was_typed() {
        let arguments =
            "--secs 10 --giaddr 192.0.2.5 --ciaddr 192.0.2.6 --flags 0x4000 --htype 6 --hlen 17 --sname s --file f";
        let message = built(&arguments.split(' ').collect::<Vec<_>>()).unwrap();
        let octets = message.encode();
        assert_eq!((octets[1], octets[2], octets[3]), (6, 17, 1));
        assert_eq!(octets[8..12], [0, 10, 0x40, 0]);
        assert_eq!((&octets[12..16], &octets[24..28]), (&[192, 0, 2, 6][..], &[192, 0, 2, 5][..]));
        assert_eq!((octets[44], octets[108]), (b's', b'f'));
        assert!(built(&["--sname", &"x".repeat(65)]).is_err());
    }

    #[test]
    fn a_type_is_given_once() {
        assert_eq!(options(&["--message", "inform"]), [(53, vec![8])]);
        assert_eq!(options(&["--message", "13"]), [(53, vec![13])]);
        assert_eq!(options(&["--message", "bootp"]), []);
        assert!(built(&["--message", "inform", "--option", "53=request"]).is_err());
    }

    #[test]
    fn mistakes_are_answered_with_what_would_be_right() {
        for (argument, part) in [
            ("60", "NAME=VALUE was expected"),
            ("roters=192.0.2.1", "did you mean \"routers\"?"),
            ("3=192.0.2", "for example: [192.0.2.1, 192.0.2.1]"),
            ("60[foo]=x", "there is none of this name"),
            ("256=x", "more than 255"),
        ] {
            let error = built(&["--option", argument]).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
