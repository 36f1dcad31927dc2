//! DHCPv6: what the arguments mean there, and the queries they ask for.

use std::net::{IpAddr, SocketAddrV6};

use super::args::Args;
use super::message::{code_in, option_in};
use super::query::{Errand, Place};
use super::verdict::{Aim, Outcome};
use super::world::World;
use super::{given, job};
use crate::dhcp::v4::PADDED;
use crate::dhcp::v6::duid::{DuidKind, ETHERNET};
use crate::dhcp::v6::table::OPTIONS;
use crate::dhcp::v6::{
    ALL_SERVERS, Association, AssociationKind, CLIENT_PORT, Granted, MessageType, Opt, Packet, Relay, SERVER_PORT, code,
};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::lease::Family;
use crate::net::Plan as LinkPlan;
use crate::probe::v6::{Client, Mode, Plan};
use crate::probe::{Dice, Kind, Until};

/// What is asked for unless something else is: DNS servers, search list, how long to be silent.
const ASKED_FOR: [u16; 3] = [23, 24, 82];
/// The same in an Information-request.
const ASKED_FOR_WITHOUT_LEASE: [u16; 4] = [23, 24, 32, 83];

/// An exchange to be made.
struct Sending {
    mode: Mode,
    plan: Plan,
}

/// Runs the queries that the arguments ask for.
pub(super) fn run(args: &Args, env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    refuse_what_only_dhcpv4_has(args)?;
    let mut dice = job::dice(env)?;
    let hardware = job::hardware(args, &mut dice);
    let sendings = match given::octets(args)? {
        Some(payloads) => payloads.into_iter().map(|octets| verbatim(args, octets)).collect(),
        None => vec![described(args, &hardware)?],
    };
    let errand = Errand { args, family: Family::V6, link: link(args, &hardware)?, sendings };
    errand.carry_out(env, world, &mut |sending, place, outcome| exchange(args, sending, &mut dice, place, outcome))
}

fn refuse_what_only_dhcpv4_has(args: &Args) -> Result<()> {
    let said = &args.message;
    let given = [
        ("--dora", args.task.dora),
        ("--profile", said.profile.is_some()),
        ("--giaddr", !said.giaddr.is_unspecified()),
        ("--ciaddr", !said.ciaddr.is_unspecified()),
        ("--flags", said.flags.is_some()),
        ("--htype", said.htype.is_some()),
        ("--hlen", said.hlen.is_some()),
        ("--sname", said.sname.is_some()),
        ("--file", said.file.is_some()),
        ("--pad", usize::from(said.pad) != PADDED),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some(("--dora", _)) => Err(Error::new("--dora", "this is DHCPv4's").hint("--sarr is DHCPv6's")),
        Some(("--giaddr", _)) => Err(Error::new("--giaddr", "this is DHCPv4's").hint("--relay is DHCPv6's")),
        Some((option, _)) => Err(Error::new(*option, "DHCPv6 has nothing like it")),
    }
}

fn exchange(
    args: &Args,
    sending: &Sending,
    dice: &mut Dice,
    place: &mut Place<'_, '_>,
    outcome: &mut Outcome,
) -> Result<()> {
    let mut plan = sending.plan.clone();
    if plan.verbatim.is_none() {
        plan.xid = dice.xid();
    }
    plan.seed = dice.roll();
    let client = plan.client.clone();
    let takes_a_lease = matches!(sending.mode, Mode::Full | Mode::Rapid) && !plan.keep;
    if let (true, DuidKind::Ll { address, .. } | DuidKind::Llt { address, .. }) = (takes_a_lease, DuidKind::of(&client))
    {
        plan.keep = place.keeps_the_lease_of(address);
    }
    if let Some(why) = discarded_because(&plan, sending.mode) {
        place.warn(&why);
    }
    let is_ours = |payload: &[u8]| Packet::parse(payload).innermost().client() == Some(&client[..]);
    let record = place.exchange(Client::new(plan, sending.mode), &is_ours)?.into_record();
    let aim = if matches!(sending.mode, Mode::Full | Mode::Rapid) { Aim::Lease } else { Aim::Answer };
    place.give_up(args, &record);
    outcome.add(record, aim, |answer| answer.refusal.is_none() && (aim != Aim::Lease || answer.kind == Kind::Reply));
    Ok(())
}

/// Why servers do not answer such a message, if they must not.
fn discarded_because(plan: &Plan, mode: Mode) -> Option<String> {
    if plan.verbatim.is_some() {
        return None;
    }
    let kind = mode.first();
    let gives = |wanted: u16| plan.options.iter().any(|option| option.code == wanted);
    let names_server = plan.server.is_some() || gives(code::SERVERID);
    let has_address = gives(code::IA_NA) || plan.associations.iter().any(|one| !one.items.is_empty());
    let without_server = "that does not name the server: --server-duid names it";
    let with_server = "that names a server: leave option 2 out";
    let (what, section) = match mode {
        Mode::Request if !names_server => (without_server, "16.4"),
        Mode::Renew if !names_server => (without_server, "16.6"),
        Mode::Decline if !names_server => (without_server, "16.8"),
        Mode::Release if !names_server => (without_server, "16.9"),
        Mode::Solicit | Mode::Full | Mode::Rapid if gives(code::SERVERID) => (with_server, "16.2"),
        Mode::Confirm if gives(code::SERVERID) => (with_server, "16.5"),
        Mode::Rebind if gives(code::SERVERID) => (with_server, "16.7"),
        Mode::Confirm if !has_address => ("without an address: --ia-na 1,ADDRESS gives one", "18.3.3"),
        _ => return None,
    };
    Some(format!("RFC 8415 section {section}: servers do not answer a {kind} {what}."))
}

fn link(args: &Args, hardware: &[u8]) -> Result<LinkPlan> {
    let port = if args.v6.relay.is_some() { SERVER_PORT } else { CLIENT_PORT };
    Ok(LinkPlan {
        family: Family::V6,
        port: args.link.bind_port.unwrap_or(port),
        client: None,
        ..job::link(args, hardware, false)?
    })
}

/// The message that the arguments describe.
fn described(args: &Args, hardware: &[u8]) -> Result<Sending> {
    let v6 = &args.v6;
    let mode = mode(args)?;
    let options = options(args, mode)?;
    let given_client = options.iter().find(|option| option.code == code::CLIENTID).map(|option| option.octets.clone());
    let typed = v6.duid.as_ref().map(|duid| duid.0.clone());
    let own = || DuidKind::Ll { hardware_type: ETHERNET, address: hardware }.to_octets();
    let mut associations = v6.associations();
    if associations.is_empty() && !matches!(mode, Mode::InformationRequest | Mode::Other(_)) {
        associations.push(Association::new(AssociationKind::Addresses, 1));
    }
    let server = v6.server_duid.as_ref().map(|duid| duid.0.clone());
    Ok(Sending {
        mode,
        plan: Plan {
            associations,
            options,
            relays: relay(args)?.into_iter().collect(),
            server,
            ..plan(args, given_client.or(typed).unwrap_or_else(own))
        },
    })
}

fn mode(args: &Args) -> Result<Mode> {
    if args.v6.sarr {
        return Ok(if args.v6.rapid_commit { Mode::Rapid } else { Mode::Full });
    }
    let Some(text) = &args.message.kind else { return Ok(Mode::Solicit) };
    let kind = MessageType::parse(text).ok_or_else(|| {
        Error::new(format!("--message \"{text}\""), "there is no message of this type in DHCPv6").hint(
            "solicit, request, renew, rebind, confirm, release, decline, information-request or a number up to 255",
        )
    })?;
    Ok(mode_of(kind))
}

fn mode_of(kind: MessageType) -> Mode {
    match kind {
        MessageType::SOLICIT => Mode::Solicit,
        MessageType::REQUEST => Mode::Request,
        MessageType::RENEW => Mode::Renew,
        MessageType::REBIND => Mode::Rebind,
        MessageType::CONFIRM => Mode::Confirm,
        MessageType::RELEASE => Mode::Release,
        MessageType::DECLINE => Mode::Decline,
        MessageType::INFORMATION_REQUEST => Mode::InformationRequest,
        other => Mode::Other(other),
    }
}

/// Options besides those that the message has by itself.
fn options(args: &Args, mode: Mode) -> Result<Vec<Opt>> {
    let mut options = Vec::new();
    let requested = args.message.requested.iter().map(|text| code_in(&OPTIONS, text)).collect::<Result<Vec<_>>>()?;
    match (&requested[..], mode) {
        ([], Mode::InformationRequest) => options.push(Opt::request(&ASKED_FOR_WITHOUT_LEASE)),
        ([], Mode::Release | Mode::Decline | Mode::Confirm | Mode::Other(_)) => {}
        ([], _) => options.push(Opt::request(&ASKED_FOR)),
        (codes, _) => options.push(Opt::request(codes)),
    }
    if args.v6.rapid_commit && mode != Mode::Rapid {
        options.push(Opt::new(code::RAPID_COMMIT, []));
    }
    let given = typed(&args.message.options)?;
    options.retain(|option| !given.iter().any(|other| other.code == option.code));
    options.extend(given);
    Ok(options)
}

fn typed(texts: &[String]) -> Result<Vec<Opt>> {
    texts.iter().map(|text| option_in(&OPTIONS, text).map(|(code, octets)| Opt::new(code, octets))).collect()
}

fn relay(args: &Args) -> Result<Option<Relay>> {
    let Some(link) = args.v6.relay else { return Ok(None) };
    Ok(Some(Relay {
        kind: MessageType::RELAY_FORW,
        hops: args.message.hops.unwrap_or(0),
        link,
        peer: args.v6.peer,
        options: typed(&args.v6.relay_option)?,
    }))
}

/// Octets that are sent as they are; whose answers count stands in them.
fn verbatim(args: &Args, octets: Vec<u8>) -> Sending {
    let packet = Packet::parse(&octets);
    let message = packet.innermost();
    let spoken_of = |granted: Granted<'_>| Association::new(granted.kind, granted.iaid);
    let plan = Plan {
        associations: message.associations().map(spoken_of).collect(),
        xid: message.xid().unwrap_or(0),
        server: message.server().map(<[u8]>::to_vec),
        options: message.option(code::RAPID_COMMIT).map(|_| Opt::new(code::RAPID_COMMIT, [])).into_iter().collect(),
        ..plan(args, message.client().unwrap_or_default().to_vec())
    };
    let mode = mode_of(message.kind().unwrap_or(MessageType(0)));
    Sending { mode, plan: Plan { verbatim: Some(octets), ..plan } }
}

fn plan(args: &Args, client: Vec<u8>) -> Plan {
    let target = match args.link.target {
        IpAddr::V6(target) => target,
        IpAddr::V4(_) => ALL_SERVERS,
    };
    let bind = match args.link.bind {
        IpAddr::V6(bind) if !bind.is_unspecified() => Some(bind),
        _ => None,
    };
    Plan {
        to: SocketAddrV6::new(target, args.target_port(), 0, 0),
        source: bind,
        elapsed: args.message.secs.saturating_mul(100),
        until: if args.collects() { Until::End } else { Until::First },
        // Without --sarr a message is sent and nothing behind it.
        keep: args.task.keep || !args.v6.sarr,
        ..Plan::new(client, job::schedule(args))
    }
}
