//! Whether a datagram is an answer.
//!
//! What is foreign is told by its first octets, before anything is allocated: however much of it there is on the wire,
//! it costs nothing but a look.

use std::net::{IpAddr, Ipv4Addr};

use super::step::{Accepts, Step};
use crate::dhcp::Finding;
use crate::dhcp::v4::{BOOTREPLY, HEADER, Message, MessageType, Packet, option};
use crate::packet::Datagram;
use crate::probe::{Answer, Identity, Kind, Leased, Rejection};
use crate::text::Octets;

/// The answer that `datagram` is to the message of `step`, whichever server gives it, or why it is none.
pub(super) fn judge(step: &Step, datagram: &Datagram<'_>) -> Result<Answer, Rejection> {
    screen(&step.message, datagram.payload)?;
    let packet = Packet::parse(datagram.payload);
    if packet.findings().iter().any(is_cut) {
        return Err(Rejection::Truncated);
    }
    let kind = kind(step.accepts, &packet)?;
    Ok(answer(step, &packet, kind, datagram))
}

/// Looks at the header alone.
fn screen(request: &Message, payload: &[u8]) -> Result<(), Rejection> {
    if payload.is_empty() {
        return Err(Rejection::Empty);
    }
    let Some(header) = payload.get(..HEADER) else { return Err(Rejection::Truncated) };
    if header[0] != BOOTREPLY {
        return Err(Rejection::NotAnAnswer);
    }
    if header[4..8] != request.xid.to_be_bytes() {
        return Err(Rejection::OtherTransaction);
    }
    let length = usize::from(request.hlen).min(16);
    if header[2] != request.hlen || header[28..28 + length] != request.chaddr[..length] {
        return Err(Rejection::OtherClient);
    }
    Ok(())
}

fn is_cut(finding: &Finding) -> bool {
    matches!(finding, Finding::TruncatedOption { .. } | Finding::NoLength { .. })
}

fn kind(accepts: Accepts, packet: &Packet) -> Result<Kind, Rejection> {
    let Some(message_type) = packet.message_type() else {
        return match accepts {
            Accepts::Bootp | Accepts::Everything => Ok(Kind::Bootp),
            _ if packet.has_magic() => Err(Rejection::OtherType),
            _ => Err(Rejection::NotDhcp),
        };
    };
    match (accepts, message_type) {
        (Accepts::Offers | Accepts::OffersAndAcks | Accepts::Everything, MessageType::OFFER) => Ok(Kind::Offer),
        (Accepts::OffersAndAcks | Accepts::Information | Accepts::Acks | Accepts::Everything, MessageType::ACK) => {
            Ok(Kind::Ack)
        }
        (Accepts::Acks | Accepts::Everything, MessageType::NAK) => Ok(Kind::Nak),
        (Accepts::Everything, MessageType(other)) => Ok(Kind::Other(other)),
        _ => Err(Rejection::OtherType),
    }
}

fn answer(step: &Step, packet: &Packet, kind: Kind, datagram: &Datagram<'_>) -> Answer {
    Answer {
        kind,
        phase: step.phase,
        server: packet.server_id().map(|address| Identity::Address(address.into())),
        source: datagram.source,
        mac: datagram.mac,
        vlan: datagram.vlan,
        link: datagram.link,
        relay: packet.giaddr().filter(|giaddr| !giaddr.is_unspecified()).map(IpAddr::V4),
        at: datagram.at,
        rtt: datagram.at.saturating_sub(step.pace.latest()),
        try_number: step.pace.tried(),
        checksum: datagram.checksum,
        copies: 1,
        addresses: leased(packet).into_iter().collect(),
        refusal: (kind == Kind::Nak).then(|| words(packet)),
        octets: datagram.payload.to_vec(),
    }
}

fn leased(packet: &Packet) -> Option<Leased> {
    let address = packet.yiaddr().filter(|address| *address != Ipv4Addr::UNSPECIFIED)?;
    Some(Leased { address: address.into(), prefix: 32, lifetime: packet.number(option::LEASE_TIME) })
}

/// What the server says about its refusal.
fn words(packet: &Packet) -> String {
    packet.option(option::MESSAGE).map_or_else(String::new, |text| {
        let end = text.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
        Octets(&text[..end]).to_string()
    })
}
