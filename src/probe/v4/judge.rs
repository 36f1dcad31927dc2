//! Whether a datagram is an answer.
//!
//! What is foreign is known by its first octets, before anything is allocated: however much of it there is on the wire,
//! it costs nothing but a look.

use std::net::{IpAddr, Ipv4Addr};

use super::step::{Accepts, Step};
use super::usable::{self, Remarks};
use crate::dhcp::Anomaly;
use crate::dhcp::v4::{BOOTREPLY, HEADER, Message, MessageType, Packet, option};
use crate::probe::{AnswerKind, Discard, Identity, Leased, ProbeAnswer, Rejection};
use crate::text::Octets;
use crate::wire::{Checksum, Datagram};

/// The answer that `datagram` is to the message of `step`, whichever server gives it, or why it is none.
pub(super) fn judge(step: &Step, datagram: &Datagram<'_>) -> Result<ProbeAnswer, Discard> {
    screen(&step.message, datagram.payload)?;
    came_whole(&step.message, datagram)?;
    let packet = Packet::parse(datagram.payload);
    // At the end of the packet clients take what comes before; in the fields file and sname they do not agree.
    if packet.anomalies().iter().any(|anomaly| is_cut(anomaly) && anomaly.offset() < HEADER) {
        return Err(Rejection::Truncated.into());
    }
    let kind = kind(step.answered_by(), &packet)?;
    usable::check(&step.message, kind, &packet, datagram)?;
    let remarks = Remarks::about(&step.message, kind, &packet, datagram);
    Ok(ProbeAnswer { remarks, ..answer(step, &packet, kind, datagram) })
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

/// What the kernel, or a client that reads frames, lets through.
fn came_whole(request: &Message, datagram: &Datagram<'_>) -> Result<(), Discard> {
    let has_address = !request.ciaddr.is_unspecified() || !request.giaddr.is_unspecified();
    match datagram.checksum {
        _ if datagram.is_in_other_vlan => Err(Discard::of_vlan(datagram.vlan)),
        Checksum::Bad => Err(Rejection::Checksum.into()),
        Checksum::BadLength => Err(Rejection::Length.into()),
        _ if datagram.is_for_other_host => Err(Rejection::OtherHost.into()),
        _ if datagram.in_fragments && !has_address => Err(Rejection::Fragments.into()),
        Checksum::Good | Checksum::Unknown => Ok(()),
    }
}

fn is_cut(anomaly: &Anomaly) -> bool {
    matches!(anomaly, Anomaly::TruncatedOption { .. } | Anomaly::NoLength { .. })
}

fn kind(accepts: Accepts, packet: &Packet) -> Result<AnswerKind, Discard> {
    let Some(message_type) = packet.message_type() else {
        return match accepts {
            Accepts::Bootp | Accepts::Everything => Ok(AnswerKind::Bootp),
            _ if packet.has_magic() => Err(Rejection::NoType.into()),
            _ => Err(Rejection::NotDhcp.into()),
        };
    };
    match (accepts, message_type) {
        (Accepts::Offers | Accepts::OffersAndAcks | Accepts::Everything, MessageType::OFFER) => Ok(AnswerKind::Offer),
        (Accepts::OffersAndAcks | Accepts::Information | Accepts::Acks | Accepts::Everything, MessageType::ACK) => {
            Ok(AnswerKind::Ack)
        }
        (Accepts::Acks | Accepts::Everything, MessageType::NAK) => Ok(AnswerKind::Nak),
        (Accepts::Everything, MessageType(other)) => Ok(AnswerKind::Other(other)),
        _ => Err(Discard::because(Rejection::OtherType, format!("{message_type} does not answer what was sent"))),
    }
}

fn answer(step: &Step, packet: &Packet, kind: AnswerKind, datagram: &Datagram<'_>) -> ProbeAnswer {
    ProbeAnswer {
        kind,
        phase: step.phase,
        server: server(packet).map(|address| Identity::Address(address.into())),
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
        refusal: (kind == AnswerKind::Nak).then(|| words(packet)),
        remarks: Vec::new(),
        octets: datagram.payload.to_vec(),
    }
}

/// The server's identifier, if it is an address that a server may have.
fn server(packet: &Packet) -> Option<Ipv4Addr> {
    packet.server_id().filter(|address| usable::why_not(*address).is_none())
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
