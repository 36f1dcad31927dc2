//! Whether a datagram answers us (RFC 8415 section 16), and what it gives or refuses.

use std::net::IpAddr;

use super::envelope::{self, Envelope};
use super::usable;
use crate::dhcp::Anomaly;
use crate::dhcp::v6::{Association, AssociationKind, Granted, Header, Item, MessageType, Packet, WireOption, code};
use crate::probe::{Discard, Identity, Leased, Rejection, Remark, Sender};
use crate::wire::{Checksum, Datagram};

/// What servers send: among others LEASEQUERY-REPLY and what follows it, DHCPV4-RESPONSE, ADDR-REG-REPLY.
pub(super) const ANSWERS: &[MessageType] = &[
    MessageType::ADVERTISE,
    MessageType::REPLY,
    MessageType::RECONFIGURE,
    MessageType(15),
    MessageType(16),
    MessageType(17),
    MessageType(19),
    MessageType(21),
    MessageType(37),
];

/// What an answer must fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    /// Empty for a client that did not say who it is.
    pub(super) client: &'a [u8],
    /// The envelopes of the relay agents that we play, the outermost first.
    pub(super) envelopes: &'a [Envelope],
    pub(super) xid: u32,
    pub(super) kinds: &'a [MessageType],
    /// The message it answers.
    pub(super) asked: MessageType,
    /// What the answer must give; all that was asked for, if nothing is said.
    pub(super) needs: Option<AssociationKind>,
    pub(super) rapid: bool,
}

/// What a valid answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) kind: MessageType,
    pub(super) server: Vec<u8>,
    pub(super) preference: u8,
    /// The associations with everything they hold: what the server may have committed.
    pub(super) given: Vec<Association>,
    /// What of that a client uses.
    pub(super) usable: Vec<Association>,
    pub(super) refusal: Option<String>,
    /// Why it is no answer, if it gives nothing that a client uses, and does not say no.
    pub(super) useless: Option<Discard>,
    pub(super) remarks: Vec<Remark>,
}

impl Said {
    /// Whether a client could live with it.
    pub(super) fn is_usable(&self) -> bool {
        self.useless.is_none() && (self.refusal.is_none() || !self.usable.is_empty())
    }

    /// The addresses and prefixes in it.
    pub(super) fn leased(&self) -> Vec<Leased> {
        let items = self.usable.iter().flat_map(|association| &association.items);
        let leased = |item: &Item| Leased {
            address: item.address.into(),
            prefix: item.prefix_length,
            lifetime: Some(item.valid),
        };
        items.map(leased).collect()
    }
}

/// Judges a datagram's payload, which `source` sent.
pub(super) fn judge(
    payload: &[u8],
    source: IpAddr,
    expected: &Expected<'_>,
    wanted: &[Association],
) -> Result<Said, Discard> {
    look_at_header(payload, expected)?;
    judge_packet(&Packet::parse(payload), source, expected, wanted)
}

/// The same of one that is taken apart.
pub(super) fn judge_packet(
    packet: &Packet<'_>,
    source: IpAddr,
    expected: &Expected<'_>,
    wanted: &[Association],
) -> Result<Said, Discard> {
    let message = packet.innermost();
    let (kind, xid) = match message.header {
        Header::Message { kind, xid } => (kind, xid),
        Header::Relay { .. } => return Err(Rejection::Malformed.into()),
        Header::Short(_) => return Err(Rejection::Truncated.into()),
    };
    if xid != expected.xid {
        return Err(Rejection::OtherTransaction.into());
    }
    envelope::check(packet, expected.envelopes)?;
    if !expected.kinds.contains(&kind) {
        let reason = if is_answer(kind) { Rejection::OtherType } else { Rejection::NotAnAnswer };
        return Err(Discard::because(reason, format!("{kind} does not answer what was sent")));
    }
    if packet.anomalies.iter().any(|anomaly| is_harmful(packet.octets, message, anomaly)) {
        return Err(Rejection::Truncated.into());
    }
    let server = look_at_identities(message, expected)?;
    usable::check_form(message, kind)?;
    if expected.asked == MessageType::SOLICIT
        && kind == MessageType::REPLY
        && !(expected.rapid && message.option(code::RAPID_COMMIT).is_some())
    {
        return Err(Rejection::OtherType.into());
    }
    let asks = asks_for_leases(expected.asked);
    let given = if asks { given(message, wanted) } else { Vec::new() };
    let extends = matches!(expected.asked, MessageType::RENEW | MessageType::REBIND);
    let found = match (asks, extends) {
        (false, _) => usable::Found::nothing_asked(message),
        (true, false) => usable::leases(message, wanted, expected.needs, source),
        (true, true) => usable::leases(message, wanted, expected.needs, source).of_extension(message),
    };
    let mut remarks = usable::remarks(packet, &found.usable);
    let usable::Found { usable, refusal, useless, unneeded } = found;
    remarks.extend(unneeded);
    let (server, preference) = (server.to_vec(), message.preference());
    Ok(Said { kind, server, preference, given, usable, refusal, useless, remarks })
}

/// Why a client's host does not give it the datagram, though it may be an answer: it is damaged.
pub(super) fn damage(datagram: &Datagram<'_>) -> Option<Discard> {
    match datagram.checksum {
        Checksum::Bad => Some(Rejection::Checksum.into()),
        Checksum::BadLength => Some(Rejection::Length.into()),
        Checksum::Good | Checksum::Unknown => None,
    }
}

/// Why a client does not receive it: its card takes no frames for other hosts, and its socket has its link-local address.
pub(super) fn not_received(datagram: &Datagram<'_>) -> Option<Discard> {
    if datagram.is_in_other_vlan {
        return Some(Discard::of_vlan(datagram.vlan));
    }
    if datagram.is_for_other_host {
        return Some(Rejection::OtherHost.into());
    }
    let destination = datagram.destination.map(|destination| destination.ip()).filter(IpAddr::is_multicast)?;
    Some(Discard::because(Rejection::Multicast, format!("sent to {destination}, not to the client's address")))
}

/// The server that sent `datagram`, if a server did.
pub(super) fn sender(datagram: &Datagram<'_>) -> Option<Sender> {
    let kind = MessageType(*datagram.payload.first()?);
    if !is_answer(kind) && kind != MessageType::RELAY_REPL {
        return None;
    }
    let packet = Packet::parse(datagram.payload);
    let server = packet.innermost().server().filter(|server| !server.is_empty());
    Some(Sender::of(datagram, server.map(|server| Identity::Duid(server.to_vec())), None))
}

/// The transaction that a payload is of, in whatever envelope.
pub(super) fn xid(payload: &[u8]) -> Option<u32> {
    match payload.first_chunk()? {
        [kind, x2, x1, x0] if !MessageType(*kind).is_relay() => Some(u32::from_be_bytes([0, *x2, *x1, *x0])),
        _ => Packet::parse(payload).innermost().xid(),
    }
}

/// What is known without taking the packet apart: a flood of foreign packets stops here.
fn look_at_header(payload: &[u8], expected: &Expected<'_>) -> Result<(), Rejection> {
    let kind = MessageType(*payload.first().ok_or(Rejection::Empty)?);
    if kind.name().is_none() {
        return Err(Rejection::NotDhcp);
    }
    if kind.is_relay() {
        return match (kind, expected.envelopes.is_empty()) {
            (MessageType::RELAY_REPL, false) => Ok(()),
            (MessageType::RELAY_REPL, true) => Err(Rejection::OtherType),
            _ => Err(Rejection::NotAnAnswer),
        };
    }
    let [_, x2, x1, x0] = *payload.first_chunk().ok_or(Rejection::Truncated)?;
    if !is_answer(kind) {
        Err(Rejection::NotAnAnswer)
    } else if u32::from_be_bytes([0, x2, x1, x0]) != expected.xid {
        Err(Rejection::OtherTransaction)
    } else if !expected.envelopes.is_empty() {
        Err(Rejection::OtherType)
    } else {
        Ok(())
    }
}

fn is_answer(kind: MessageType) -> bool {
    ANSWERS.contains(&kind)
}

/// Whether clients discard the message for it: an option that is cut, of which only two or three octets may be there, unless
/// it is within one that holds no lease. One octet is too few for a code, and a code of 0 ends the options: clients take what
/// comes before.
fn is_harmful(payload: &[u8], message: &Packet<'_>, anomaly: &Anomaly) -> bool {
    let is_cut = match anomaly {
        Anomaly::TruncatedOption { .. } => true,
        Anomaly::Stray { octets, .. } => *octets > 1,
        _ => false,
    };
    let has_code = || payload.get(anomaly.offset()..).is_some_and(|rest| !rest.starts_with(&[0, 0]));
    is_cut && has_code() && !is_in_whole_option(message, anomaly)
}

fn is_around(option: &WireOption<'_>, anomaly: &Anomaly) -> bool {
    let value = option.offset + 4;
    (value..value + option.octets.len()).contains(&anomaly.offset())
}

/// Whether it is within an option that is there as long as it says and holds no lease: a vendor's (17) or an NTP server's
/// (56), say, of which a client may use what it can.
fn is_in_whole_option(message: &Packet<'_>, anomaly: &Anomaly) -> bool {
    let is_whole = |option: &WireOption<'_>| !matches!(option.code, code::IA_NA | code::IA_PD);
    message.options.iter().find(|option| is_around(option, anomaly)).is_some_and(is_whole)
}

/// The server's DUID, if the client's is ours.
fn look_at_identities<'a>(message: &Packet<'a>, expected: &Expected<'_>) -> Result<&'a [u8], Discard> {
    match message.client() {
        None if !expected.client.is_empty() => {
            return Err(Discard::because(Rejection::Malformed, "no client identifier"));
        }
        Some(client) if client != expected.client => return Err(Rejection::OtherClient.into()),
        _ => {}
    }
    let server = message.server().filter(|server| !server.is_empty());
    server.ok_or_else(|| Discard::because(Rejection::Malformed, "no server identifier"))
}

/// Whether the answer to it holds leases.
fn asks_for_leases(asked: MessageType) -> bool {
    matches!(asked, MessageType::SOLICIT | MessageType::REQUEST | MessageType::RENEW | MessageType::REBIND)
}

/// The associations we spoke of, as the server filled them; a lifetime of 0 gives nothing.
fn given(message: &Packet<'_>, wanted: &[Association]) -> Vec<Association> {
    let ours = |granted: &Granted<'_>| wanted.iter().any(|one| (one.kind, one.iaid) == (granted.kind, granted.iaid));
    let alive = |granted: Granted<'_>| Association {
        kind: granted.kind,
        iaid: granted.iaid,
        t1: granted.t1,
        t2: granted.t2,
        items: granted.items.into_iter().filter(|item| item.valid > 0).collect(),
    };
    message.associations().filter(ours).map(alive).collect()
}
