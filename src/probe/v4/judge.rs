//! Whether a datagram is an answer.
//!
//! What is foreign is known by its first octets, before anything is allocated: however much of it there is on the wire,
//! it costs nothing but a look.

use std::net::{IpAddr, Ipv4Addr};

use super::step::{Accepts, Step};
use super::usable::{self, Remarks};
use crate::dhcp::Anomaly;
use crate::dhcp::v4::{BOOTREPLY, HEADER, Message, MessageType, Packet, option};
use crate::probe::{AnswerKind, Discard, Identity, Leased, ProbeAnswer, Rejection, Sender};
use crate::text::Octets;
use crate::wire::{Checksum, Datagram};

/// The answer that `datagram` is to the message of `step`, whichever server gives it, or why it is none.
pub(super) fn judge(step: &Step, datagram: &Datagram<'_>) -> Result<ProbeAnswer, Discard> {
    screen(&step.message, datagram.payload)?;
    let packet = Packet::parse(datagram.payload);
    let kind = check(&step.message, step.answered_by(), &packet, datagram)?;
    let remarks = Remarks::about(&step.message, kind, &packet, datagram);
    Ok(ProbeAnswer { remarks, ..answer(step, &packet, kind, datagram) })
}

/// What a client that sent `request` makes of `datagram`, which is taken apart in `packet`: what kind of answer it is.
///
/// # Errors
/// Why it is none.
pub fn look(request: &Message, packet: &Packet, datagram: &Datagram<'_>) -> Result<AnswerKind, Discard> {
    screen(request, datagram.payload)?;
    check(request, Accepts::of(request), packet, datagram)
}

/// What kind of answer it is, where its header is that of one.
fn check(request: &Message, accepts: Accepts, packet: &Packet, datagram: &Datagram<'_>) -> Result<AnswerKind, Discard> {
    came_whole(request, datagram)?;
    came_by_our_relay(request, packet)?;
    // At the end of the packet clients take what comes before; in the fields file and sname they do not agree.
    if packet.anomalies().iter().any(|anomaly| is_cut(anomaly) && anomaly.offset() < HEADER) {
        return Err(Rejection::Truncated.into());
    }
    let kind = kind(accepts, packet)?;
    usable::check(request, kind, packet, datagram)?;
    Ok(kind)
}

/// The server that sent `datagram`, if a server did.
pub(super) fn sender(datagram: &Datagram<'_>) -> Option<Sender> {
    if datagram.payload.first() != Some(&BOOTREPLY) {
        return None;
    }
    let packet = Packet::without_values(datagram.payload);
    let server = server(&packet).map(|address| Identity::Address(address.into()));
    Some(Sender::of(datagram, server, relay(&packet)))
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
    // In frames nothing is put together.
    let has_address = !request.ciaddr.is_unspecified() || !request.giaddr.is_unspecified();
    let is_piece = datagram.in_fragments && (!has_address || datagram.frame.is_some());
    match datagram.checksum {
        _ if datagram.is_in_other_vlan => Err(Discard::of_vlan(datagram.vlan)),
        Checksum::Bad => Err(Rejection::Checksum.into()),
        Checksum::BadLength => Err(Rejection::Length.into()),
        _ if datagram.is_for_other_host => Err(Rejection::OtherHost.into()),
        _ if is_piece => Err(Rejection::Fragments.into()),
        Checksum::Good | Checksum::Unknown => Ok(()),
    }
}

/// A relay gets, and delivers, what is for its own address.
fn came_by_our_relay(request: &Message, packet: &Packet) -> Result<(), Discard> {
    let (own, giaddr) = (request.giaddr, packet.giaddr().unwrap_or(Ipv4Addr::UNSPECIFIED));
    match () {
        () if own.is_unspecified() || own == giaddr => Ok(()),
        () if giaddr.is_unspecified() => Err(Discard::because(Rejection::OtherRelay, "for no relay, giaddr 0.0.0.0")),
        () => Err(Discard::because(Rejection::OtherRelay, format!("for the relay {giaddr}, not for {own}"))),
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
        relay: relay(packet),
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

/// The relay that a packet came through.
fn relay(packet: &Packet) -> Option<IpAddr> {
    packet.giaddr().filter(|giaddr| !giaddr.is_unspecified()).map(IpAddr::V4)
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
