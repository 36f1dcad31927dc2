//! What is sent in DHCPv4, and by which link.

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use super::message::{self, QueryType};
use super::{QuerySpec, profiles, typed_option};
use crate::dhcp::v4::{BROADCAST, Message, MessageType, Packet, option};
use crate::error::Result;
use crate::probe::Until;
use crate::probe::v4::{CLIENT_PORT, ProbeModeV4, ProbePlanV4, SERVER_PORT};
use crate::wire::{LinkMode, LinkSpec, Mac};

/// An exchange to be made.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Which exchange.
    pub mode: ProbeModeV4,
    /// What it is to do.
    pub plan: ProbePlanV4,
}

impl Sending {
    /// Whether a server will answer.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !matches!(self.mode, ProbeModeV4::Release | ProbeModeV4::Decline)
    }

    /// Whether it comes from a relay.
    fn is_relayed(&self) -> bool {
        !self.plan.template.giaddr.is_unspecified()
    }
}

/// The link for these messages.
///
/// # Errors
/// Something about it was mistyped.
pub fn link_for(spec: &QuerySpec, hardware: &[u8], sendings: &[Sending]) -> Result<LinkSpec> {
    let is_broadcast = |sending: &Sending| sending.plan.template.flags & BROADCAST != 0;
    let answered_by_broadcast = sendings.iter().filter(|sending| sending.is_answered()).all(is_broadcast);
    let link = link(spec, hardware, sendings.iter().all(Sending::is_relayed))?;
    let has_any_client = sendings.iter().any(|sending| sending.plan.template.hardware() != hardware);
    Ok(LinkSpec { has_any_client, answered_by_broadcast, ..link })
}

/// The link that the user asks for; a relay agent is answered at the servers' port.
///
/// # Errors
/// Something about it was mistyped.
pub fn link(spec: &QuerySpec, hardware: &[u8], is_relay: bool) -> Result<LinkSpec> {
    let link = &spec.link;
    let client = hardware.try_into().ok().map(Mac).filter(|_| !is_relay);
    Ok(LinkSpec {
        interface: link.interface.clone(),
        towards: link.target,
        source: link.bind,
        port: link.bind_port.unwrap_or(if is_relay { SERVER_PORT } else { CLIENT_PORT }),
        mode: if link.raw { LinkMode::Raw } else { LinkMode::Auto },
        is_relay,
        client,
        client_address: spec.message.ciaddr.map(IpAddr::V4),
        ethernet_source: spec.source_mac()?,
        vlan: link.vlan,
        ..LinkSpec::v4()
    })
}

/// The exchange with the message that the user describes.
///
/// # Errors
/// Something about it was mistyped.
pub fn described(spec: &QuerySpec, hardware: &[u8]) -> Result<Sending> {
    let template = message::build(spec, hardware)?;
    let kind = template.get(option::MESSAGE_TYPE).and_then(|octets| octets.first()).map(|number| MessageType(*number));
    let mode = match (message::kind(spec)?, kind) {
        _ if spec.is_whole_exchange => ProbeModeV4::Full,
        (Some(QueryType::Bootp), None) => ProbeModeV4::Bootp,
        (_, Some(MessageType::RELEASE)) => ProbeModeV4::Release,
        (_, Some(MessageType::DECLINE)) => ProbeModeV4::Decline,
        _ => ProbeModeV4::Other,
    };
    let profile = spec.message.profile.as_deref().map(profiles::find).transpose()?;
    let typed: Vec<_> = spec.message.options.iter().flat_map(|text| typed_option::typed_option(text)).collect();
    let is_the_profiles = |code: &&u8| !typed.iter().any(|(typed, _)| typed == *code);
    let first_only = profile.iter().flat_map(|profile| profile.first_only).filter(is_the_profiles).copied().collect();
    Ok(Sending { mode, plan: ProbePlanV4 { first_only, ..plan(spec, template) } })
}

/// The exchange with octets that are sent as they are, and say themselves whose answers count.
#[must_use]
pub fn verbatim(spec: &QuerySpec, octets: Vec<u8>) -> Sending {
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
        Some(MessageType::RELEASE) => ProbeModeV4::Release,
        Some(MessageType::DECLINE) => ProbeModeV4::Decline,
        _ => ProbeModeV4::Other,
    };
    Sending { mode, plan: ProbePlanV4 { verbatim: Some(octets), ..plan(spec, template) } }
}

fn plan(spec: &QuerySpec, template: Message) -> ProbePlanV4 {
    let v4 = |address: IpAddr| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    };
    let target = spec.link.target.and_then(v4).unwrap_or(Ipv4Addr::BROADCAST);
    let xid = template.xid;
    ProbePlanV4 {
        to: SocketAddrV4::new(target, spec.link.target_port),
        source: spec.link.bind.and_then(v4),
        secs: spec.message.secs,
        until: if spec.collects { Until::End } else { Until::First },
        keep: spec.keeps_lease,
        pad: spec.message.pad,
        ..ProbePlanV4::new(template, xid, spec.schedule)
    }
}
