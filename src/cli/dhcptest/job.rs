//! What the arguments mean: the client, the link, the exchanges.

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use super::args::{Args, Kind};
use super::{given, message, profiles};
use crate::dhcp::v4::{BROADCAST, Message, MessageType, Packet, option};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::net::{Mode as LinkMode, Plan as LinkPlan};
use crate::packet::Mac;
use crate::probe::v4::{CLIENT_PORT, Mode, Plan, SERVER_PORT};
use crate::probe::{Dice, Schedule, Spread, Until};

/// A wait without end.
const FOR_EVER: Duration = Duration::from_secs(1000 * 86400);

/// What is to be done.
pub(super) struct Job {
    /// The client's hardware address.
    pub(super) hardware: Vec<u8>,
    /// What is sent, one after the other.
    pub(super) sendings: Vec<Sending>,
    pub(super) dice: Dice,
}

/// An exchange to be made.
pub(super) struct Sending {
    pub(super) mode: Mode,
    pub(super) plan: Plan,
}

impl Job {
    /// What these arguments ask for.
    pub(super) fn new(args: &Args, env: &mut Env<'_>) -> Result<Self> {
        let mut dice = dice(env)?;
        let hardware = hardware(args, &mut dice);
        let sendings = match given::octets(args)? {
            Some(payloads) => payloads.into_iter().map(|octets| verbatim(args, octets)).collect(),
            None => vec![described(args, message::build(args, &hardware)?)?],
        };
        Ok(Self { hardware, sendings, dice })
    }
}

impl Sending {
    /// Whether a server will answer.
    pub(super) fn is_answered(&self) -> bool {
        !matches!(self.mode, Mode::Release | Mode::Decline)
    }

    /// Whether it comes from a relay.
    fn is_relayed(&self) -> bool {
        !self.plan.template.giaddr.is_unspecified()
    }
}

/// The link for these messages.
pub(super) fn link_for(args: &Args, hardware: &[u8], sendings: &[Sending]) -> Result<LinkPlan> {
    let is_broadcast = |sending: &Sending| sending.plan.template.flags & BROADCAST != 0;
    let answered_by_broadcast = sendings.iter().filter(|sending| sending.is_answered()).all(is_broadcast);
    let link = link(args, hardware, sendings.iter().all(Sending::is_relayed))?;
    Ok(LinkPlan { answered_by_broadcast, ..link })
}

/// Random numbers that nobody can guess.
pub(super) fn dice(env: &mut Env<'_>) -> Result<Dice> {
    let mut seed = [0; 8];
    (env.random)(&mut seed).map_err(|cause| Error::io("make a random number", &cause))?;
    Ok(Dice(u64::from_be_bytes(seed)))
}

/// The client's hardware address: what was typed, or a random one of those that nobody makes cards with.
pub(super) fn hardware(args: &Args, dice: &mut Dice) -> Vec<u8> {
    match &args.message.mac {
        Some(typed) => typed.0.clone(),
        None => random_rest(&[], dice),
    }
}

/// A hardware address that begins with these octets; without any it is locally administered (IEEE 802).
pub(super) fn random_rest(beginning: &[u8], dice: &mut Dice) -> Vec<u8> {
    let [_, _, rest @ ..] = dice.roll().to_be_bytes();
    let mut address = rest;
    address[0] = (address[0] & 0xfc) | 2;
    if beginning.len() >= address.len() {
        return beginning.to_vec();
    }
    address[..beginning.len()].copy_from_slice(beginning);
    address.to_vec()
}

/// The link that these arguments ask for; a relay is answered at the servers' port.
pub(super) fn link(args: &Args, hardware: &[u8], is_relay: bool) -> Result<LinkPlan> {
    let link = &args.link;
    let client = hardware.try_into().ok().map(Mac).filter(|_| !is_relay);
    let ethernet_source = match &link.source_mac {
        Some(typed) => Some(typed.mac().ok_or_else(|| Error::new("--source-mac", "an Ethernet address has 6 octets"))?),
        None => None,
    };
    Ok(LinkPlan {
        interface: link.iface.clone(),
        towards: (!args.asks_everybody()).then_some(link.target),
        source: (!link.bind.is_unspecified()).then_some(link.bind),
        port: link.bind_port.unwrap_or(if is_relay { SERVER_PORT } else { CLIENT_PORT }),
        mode: if link.raw { LinkMode::Raw } else { LinkMode::Auto },
        is_relay,
        client,
        client_address: Some(args.message.ciaddr).filter(|ciaddr| !ciaddr.is_unspecified()).map(IpAddr::V4),
        ethernet_source,
        vlan: link.vlan,
        ..LinkPlan::v4()
    })
}

fn described(args: &Args, template: Message) -> Result<Sending> {
    let kind = template.get(option::MESSAGE_TYPE).and_then(|octets| octets.first()).map(|number| MessageType(*number));
    let mode = match (args.message.kind4().ok().flatten(), kind) {
        _ if args.task.dora => Mode::Full,
        (Some(Kind::Bootp), None) => Mode::Bootp,
        (_, Some(MessageType::RELEASE)) => Mode::Release,
        (_, Some(MessageType::DECLINE)) => Mode::Decline,
        _ => Mode::Other,
    };
    let profile = args.message.profile.as_deref().map(profiles::find).transpose()?;
    let typed: Vec<_> = args.message.options.iter().flat_map(|text| message::typed_option(text)).collect();
    let is_the_profiles = |code: &&u8| !typed.iter().any(|(typed, _)| typed == *code);
    let first_only = profile.iter().flat_map(|profile| profile.first_only).filter(is_the_profiles).copied().collect();
    Ok(Sending { mode, plan: Plan { first_only, ..plan(args, template) } })
}

/// Octets that are sent as they are; whose answers count stands in them.
fn verbatim(args: &Args, octets: Vec<u8>) -> Sending {
    let packet = Packet::parse(&octets);
    let mut template = Message::request(packet.xid().unwrap_or(0), packet.hardware().unwrap_or_default());
    template.hlen = packet.hlen().unwrap_or(0);
    template.flags = packet.flags().unwrap_or(0);
    template.giaddr = packet.giaddr().unwrap_or(Ipv4Addr::UNSPECIFIED);
    template.ciaddr = packet.ciaddr().unwrap_or(Ipv4Addr::UNSPECIFIED);
    for code in
        [option::MESSAGE_TYPE, option::CLIENT_ID, option::REQUESTED_ADDRESS, option::VENDOR_CLASS, option::RAPID_COMMIT]
    {
        if let Some(octets) = packet.option(code) {
            template.set(code, octets.into_owned());
        }
    }
    let mode = match packet.message_type() {
        Some(MessageType::RELEASE) => Mode::Release,
        Some(MessageType::DECLINE) => Mode::Decline,
        _ => Mode::Other,
    };
    Sending { mode, plan: Plan { verbatim: Some(octets), ..plan(args, template) } }
}

/// When to send again.
pub(super) fn schedule(args: &Args) -> Schedule {
    let wait = if args.timeout().is_zero() { FOR_EVER } else { args.timeout() };
    Schedule { first: wait, most: wait, tries: args.wait.tries, spread: Spread::None }
}

fn bind4(args: &Args) -> Option<Ipv4Addr> {
    match args.link.bind {
        IpAddr::V4(bind) => Some(bind).filter(|bind| !bind.is_unspecified()),
        IpAddr::V6(_) => None,
    }
}

fn plan(args: &Args, template: Message) -> Plan {
    let schedule = schedule(args);
    let xid = template.xid;
    Plan {
        to: SocketAddrV4::new(args.target4(), args.target_port()),
        source: bind4(args),
        secs: args.message.secs,
        until: if args.collects() { Until::End } else { Until::First },
        keep: args.task.keep,
        pad: usize::from(args.message.pad),
        ..Plan::new(template, xid, schedule)
    }
}
