//! What is sent in DHCPv6, and by which link.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use super::message::code_in;
use super::typed_option::option_in;
use super::{QuerySpec, v4};
use crate::dhcp::v6::duid::{DuidKind, ETHERNET};
use crate::dhcp::v6::table::OPTIONS;
use crate::dhcp::v6::{
    ALL_SERVERS, Association, AssociationKind, CLIENT_PORT, Granted, MessageType, Opt, Packet, Relay, SERVER_PORT, code,
};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::probe::Until;
use crate::probe::v6::{ProbeModeV6, ProbePlanV6};
use crate::wire::LinkSpec;

/// What is asked for unless something else is: DNS servers, search list, how long to be silent.
const ASKED_FOR: [u16; 3] = [23, 24, 82];
/// The same in an Information-request.
const ASKED_FOR_WITHOUT_LEASE: [u16; 4] = [23, 24, 32, 83];

/// Where the relay agent has the message from, unless something else is said.
const PEER: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);

/// An exchange to be made.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Which exchange.
    pub mode: ProbeModeV6,
    /// What it is to do.
    pub plan: ProbePlanV6,
}

/// The link for these messages.
///
/// # Errors
/// Something about it was mistyped.
pub fn link(spec: &QuerySpec, hardware: &[u8]) -> Result<LinkSpec> {
    let port = if spec.v6.relay.is_some() { SERVER_PORT } else { CLIENT_PORT };
    Ok(LinkSpec {
        family: Family::V6,
        towards: None,
        port: spec.link.bind_port.unwrap_or(port),
        client: None,
        ..v4::link(spec, hardware, false)?
    })
}

/// The exchange with the message that the user describes.
///
/// # Errors
/// Something about it was mistyped.
pub fn described(spec: &QuerySpec, hardware: &[u8]) -> Result<Sending> {
    let v6 = &spec.v6;
    let mode = mode(spec)?;
    let options = options(spec, mode)?;
    let given_client = options.iter().find(|option| option.code == code::CLIENTID).map(|option| option.octets.clone());
    let typed = v6.duid.clone();
    let own = || DuidKind::Ll { hardware_type: ETHERNET, address: hardware }.to_octets();
    let mut associations = v6.associations.clone();
    if associations.is_empty() && !matches!(mode, ProbeModeV6::InformationRequest | ProbeModeV6::Other(_)) {
        associations.push(Association::new(AssociationKind::Addresses, 1));
    }
    let server = v6.server_duid.clone();
    Ok(Sending {
        mode,
        plan: ProbePlanV6 {
            associations,
            options,
            relays: relay(spec)?.into_iter().collect(),
            server,
            ..plan(spec, given_client.or(typed).unwrap_or_else(own))
        },
    })
}

fn mode(spec: &QuerySpec) -> Result<ProbeModeV6> {
    if spec.is_whole_exchange {
        return Ok(if spec.v6.rapid_commit { ProbeModeV6::Rapid } else { ProbeModeV6::Full });
    }
    let Some(text) = &spec.message.kind else { return Ok(ProbeModeV6::Solicit) };
    let kind = MessageType::parse(text).ok_or_else(|| {
        Error::new(format!("--message \"{text}\""), "there is no message of this type in DHCPv6").hint(
            "solicit, request, renew, rebind, confirm, release, decline, information-request or a number up to 255",
        )
    })?;
    Ok(mode_of(kind))
}

fn mode_of(kind: MessageType) -> ProbeModeV6 {
    match kind {
        MessageType::SOLICIT => ProbeModeV6::Solicit,
        MessageType::REQUEST => ProbeModeV6::Request,
        MessageType::RENEW => ProbeModeV6::Renew,
        MessageType::REBIND => ProbeModeV6::Rebind,
        MessageType::CONFIRM => ProbeModeV6::Confirm,
        MessageType::RELEASE => ProbeModeV6::Release,
        MessageType::DECLINE => ProbeModeV6::Decline,
        MessageType::INFORMATION_REQUEST => ProbeModeV6::InformationRequest,
        other => ProbeModeV6::Other(other),
    }
}

/// Options besides those that the message has by itself.
fn options(spec: &QuerySpec, mode: ProbeModeV6) -> Result<Vec<Opt>> {
    let mut options = Vec::new();
    let requested = spec.message.requested.iter().map(|text| code_in(&OPTIONS, text)).collect::<Result<Vec<_>>>()?;
    match (&requested[..], mode) {
        ([], ProbeModeV6::InformationRequest) => options.push(Opt::request(&ASKED_FOR_WITHOUT_LEASE)),
        ([], ProbeModeV6::Release | ProbeModeV6::Decline | ProbeModeV6::Confirm | ProbeModeV6::Other(_)) => {}
        ([], _) => options.push(Opt::request(&ASKED_FOR)),
        (codes, _) => options.push(Opt::request(codes)),
    }
    if spec.v6.rapid_commit && mode != ProbeModeV6::Rapid {
        options.push(Opt::new(code::RAPID_COMMIT, []));
    }
    let given = typed(&spec.message.options)?;
    options.retain(|option| !given.iter().any(|other| other.code == option.code));
    options.extend(given);
    Ok(options)
}

fn typed(texts: &[String]) -> Result<Vec<Opt>> {
    texts.iter().map(|text| option_in(&OPTIONS, text).map(|(code, octets)| Opt::new(code, octets))).collect()
}

fn relay(spec: &QuerySpec) -> Result<Option<Relay>> {
    let Some(link) = spec.v6.relay else { return Ok(None) };
    Ok(Some(Relay {
        kind: MessageType::RELAY_FORW,
        hops: spec.message.hops.unwrap_or(0),
        link,
        peer: spec.v6.peer.unwrap_or(PEER),
        options: typed(&spec.v6.relay_options)?,
    }))
}

/// The exchange with octets that are sent as they are, and say themselves whose answers count.
#[must_use]
pub fn verbatim(spec: &QuerySpec, octets: Vec<u8>) -> Sending {
    let packet = Packet::parse(&octets);
    let message = packet.innermost();
    let spoken_of = |granted: Granted<'_>| Association::new(granted.kind, granted.iaid);
    let plan = ProbePlanV6 {
        associations: message.associations().map(spoken_of).collect(),
        xid: message.xid().unwrap_or(0),
        server: message.server().map(<[u8]>::to_vec),
        options: message.option(code::RAPID_COMMIT).map(|_| Opt::new(code::RAPID_COMMIT, [])).into_iter().collect(),
        ..plan(spec, message.client().unwrap_or_default().to_vec())
    };
    let mode = mode_of(message.kind().unwrap_or(MessageType(0)));
    Sending { mode, plan: ProbePlanV6 { verbatim: Some(octets), ..plan } }
}

fn plan(spec: &QuerySpec, client: Vec<u8>) -> ProbePlanV6 {
    let v6 = |address: IpAddr| match address {
        IpAddr::V6(address) => Some(address),
        IpAddr::V4(_) => None,
    };
    let target = spec.link.target.and_then(v6).unwrap_or(ALL_SERVERS);
    ProbePlanV6 {
        to: SocketAddrV6::new(target, spec.link.target_port, 0, 0),
        source: spec.link.bind.and_then(v6),
        elapsed: spec.message.secs.saturating_mul(100),
        until: if spec.collects { Until::End } else { Until::First },
        // A message by itself is followed by no other.
        keep: spec.keeps_lease || !spec.is_whole_exchange,
        ..ProbePlanV6::new(client, spec.schedule)
    }
}

/// Why servers do not answer such a message, if they must not.
#[must_use]
pub fn discarded_because(plan: &ProbePlanV6, mode: ProbeModeV6) -> Option<String> {
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
        ProbeModeV6::Request if !names_server => (without_server, "16.4"),
        ProbeModeV6::Renew if !names_server => (without_server, "16.6"),
        ProbeModeV6::Decline if !names_server => (without_server, "16.8"),
        ProbeModeV6::Release if !names_server => (without_server, "16.9"),
        ProbeModeV6::Solicit | ProbeModeV6::Full | ProbeModeV6::Rapid if gives(code::SERVERID) => (with_server, "16.2"),
        ProbeModeV6::Confirm if gives(code::SERVERID) => (with_server, "16.5"),
        ProbeModeV6::Rebind if gives(code::SERVERID) => (with_server, "16.7"),
        ProbeModeV6::Confirm if !has_address => ("without an address: --ia-na 1,ADDRESS gives one", "18.3.3"),
        _ => return None,
    };
    Some(format!("RFC 8415 section {section}: servers do not answer a {kind} {what}."))
}
