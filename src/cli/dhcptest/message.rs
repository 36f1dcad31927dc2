//! The message that the arguments describe.

use super::args::{Args, Kind};
use super::profiles;
use crate::dhcp::table::Space;
use crate::dhcp::v4::table::OPTIONS;
use crate::dhcp::v4::{BROADCAST, Message, MessageType, option};
use crate::dhcp::v6;
use crate::dhcp::value::{self, Format, Text};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::output::packet::Selection;

/// The message, without its transaction. Options stand in dhcptest's order: the type, the list of `--request`, then
/// the others as they are given.
pub(super) fn build(args: &Args, hardware: &[u8]) -> Result<Message> {
    let said = &args.message;
    let mut message = Message::request(0, hardware);
    header(args, &mut message)?;
    let mut options = Vec::new();
    if !said.requested.is_empty() {
        let codes = said.requested.iter().map(|text| code(text)).collect::<Result<Vec<u8>>>()?;
        options.push((option::PARAMETER_REQUEST_LIST, codes));
    }
    for text in &said.options {
        options.push(typed_option(text)?);
    }
    if let Some(name) = &said.profile {
        let missing = profiles::find(name)?.options(hardware)?;
        options.extend(
            missing.into_iter().filter(|(code, _)| !options.iter().any(|(given, _)| given == code)).collect::<Vec<_>>(),
        );
    }
    put_type(args, &mut options)?;
    message.options = options;
    Ok(message)
}

fn header(args: &Args, message: &mut Message) -> Result<()> {
    let said = &args.message;
    message.secs = said.secs;
    (message.giaddr, message.ciaddr) = (said.giaddr, said.ciaddr);
    message.flags = said.flags.unwrap_or(if args.asks_everybody() { BROADCAST } else { 0 });
    message.hops = said.hops.unwrap_or(u8::from(!said.giaddr.is_unspecified()));
    message.htype = said.htype.unwrap_or(message.htype);
    message.hlen = said.hlen.unwrap_or(message.hlen);
    fill("--sname", said.sname.as_deref(), &mut message.sname)?;
    fill("--file", said.file.as_deref(), &mut message.file)
}

fn fill(what: &str, text: Option<&str>, field: &mut [u8]) -> Result<()> {
    let octets = text.unwrap_or_default().as_bytes();
    let room = field.len();
    let Some(place) = field.get_mut(..octets.len()) else {
        return Err(Error::new(what, format!("\"{}\" has more than {room} octets", text.unwrap_or_default())));
    };
    place.copy_from_slice(octets);
    Ok(())
}

/// The type goes first, unless it is given as an option.
fn put_type(args: &Args, options: &mut Vec<(u8, Vec<u8>)>) -> Result<()> {
    let is_given = options.iter().any(|(code, _)| *code == option::MESSAGE_TYPE);
    let message_type = match args.message.kind4()? {
        _ if is_given && args.task.dora => {
            return Err(Error::new("--dora", "its messages have types of their own").hint("leave option 53 out"));
        }
        Some(_) if is_given => {
            return Err(Error::new("--message", "option 53 gives the type already").hint("leave one of them out"));
        }
        Some(Kind::Bootp) => return Ok(()),
        Some(Kind::Typed(message_type)) => message_type,
        None if is_given => return Ok(()),
        None => MessageType::DISCOVER,
    };
    options.insert(0, (option::MESSAGE_TYPE, vec![message_type.0]));
    Ok(())
}

/// What `--request` says: the code of an option by number or name.
pub(super) fn code_in(space: &Space, text: &str) -> Result<u16> {
    let code = space.code_of(text.trim().trim_matches('"'));
    code.map_err(|cause| Error::new(format!("--request \"{text}\""), cause).hint("a number or a name, such as 6"))
}

/// The code of an option of DHCPv4 by number or name.
pub(super) fn code(text: &str) -> Result<u8> {
    u8::try_from(code_in(&OPTIONS, text)?).map_err(|_| Error::new(format!("--request \"{text}\""), "codes end at 255"))
}

/// `CODE[FORMAT]=VALUE` of DHCPv4.
pub(super) fn typed_option(text: &str) -> Result<(u8, Vec<u8>)> {
    let (code, octets) = option_in(&OPTIONS, text)?;
    let code = u8::try_from(code).map_err(|_| Error::new(format!("--option \"{text}\""), "codes end at 255"))?;
    Ok((code, octets))
}

/// `CODE[FORMAT]=VALUE`.
pub(super) fn option_in(space: &'static Space, text: &str) -> Result<(u16, Vec<u8>)> {
    let failed = |cause: String| {
        Error::new(format!("--option \"{text}\""), cause).hint("CODE=VALUE or CODE[FORMAT]=VALUE, such as 60=MSFT")
    };
    let mut reader = Text::new(text);
    let (name, form) = reader.field().map_err(failed)?;
    let code = space.code_of(name.trim().trim_matches('"'));
    let code = code.map_err(|cause| Error::new(format!("--option \"{text}\""), cause))?;
    let format = form.map_or(Ok(space.format(code)), |form| format(space, &form))?;
    let value = reader.rest();
    let octets = value::parse(&format, value, space);
    let octets = match several(format).filter(|_| octets.is_err() && value.contains([',', ' ', '['])) {
        Some(list) => value::parse(&list, value, space),
        None => octets,
    };
    Ok((code, octets.map_err(|cause| Error::new(format!("--option {name}"), cause))?))
}

/// `OPTION[FORMAT]` of `--print-only`.
pub(super) fn selection(family: Family, text: &str) -> Result<Selection> {
    let (name, form) = match text.trim().strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, form)) => (name, Some(form)),
        None => (text, None),
    };
    let space = space(family);
    let form = form.map(|form| format(space, form)).transpose()?;
    let form = form.map(|form| several(form).unwrap_or(form));
    Selection::parse(name, form, space).map_err(|cause| Error::new(format!("--print-only \"{text}\""), cause))
}

/// What is called by a single one's name and may be several, as with dhcptest 0.9: `6[IP]=192.0.2.1,192.0.2.2`.
fn several(format: Format) -> Option<Format> {
    Some(Format::List(match format {
        Format::Ip4 => &Format::Ip4,
        Format::Ip6 => &Format::Ip6,
        Format::U8 => &Format::U8,
        Format::U16 => &Format::U16,
        Format::U32 => &Format::U32,
        Format::Bool => &Format::Bool,
        Format::Seconds => &Format::Seconds,
        Format::Code(space) => return Format::by_name("dhcpOptionTypes", space),
        _ => return None,
    }))
}

/// The options of a family.
pub(super) fn space(family: Family) -> &'static Space {
    match family {
        Family::V4 => &OPTIONS,
        Family::V6 => &v6::table::OPTIONS,
    }
}

fn format(space: &Space, name: &str) -> Result<Format> {
    Format::by_name(name.trim(), space).ok_or_else(|| {
        Error::new(format!("format \"{name}\""), "there is none of this name").hint(Format::names(space).join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::output::packet::Passage;

    const HARDWARE: [u8; 6] = [2, 0, 0x5e, 0, 0, 1];

    fn built(arguments: &[&str]) -> Result<Message> {
        let args = Args::try_parse_from([&["dhcptest"], arguments].concat()).unwrap();
        build(&args, &HARDWARE)
    }

    fn options(arguments: &[&str]) -> Vec<(u8, Vec<u8>)> {
        built(arguments).unwrap().options
    }

    #[test]
    fn a_discover_to_everybody_asks_for_a_broadcast() {
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
            ("3=192.0.2", "right is [192.0.2.1, 192.0.2.1]"),
            ("60[foo]=x", "there is none of this name"),
            ("256=x", "more than 255"),
        ] {
            let error = built(&["--option", argument]).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
