//! Whether a datagram answers us (RFC 8415 section 16), and what it gives or refuses.

use crate::dhcp::Finding;
use crate::dhcp::v6::{
    Association, AssociationKind, Granted, Header, Item, MessageType, Packet, Status, WireOption, code,
};
use crate::probe::{Leased, Rejection};

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
    /// Whether a relay agent, which we play, is to get it.
    pub(super) relayed: bool,
    pub(super) xid: u32,
    pub(super) kinds: &'a [MessageType],
    /// The message it answers.
    pub(super) asked: MessageType,
    pub(super) rapid: bool,
}

/// What a valid answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) kind: MessageType,
    pub(super) server: Vec<u8>,
    pub(super) preference: u8,
    /// The associations with everything they hold.
    pub(super) given: Vec<Association>,
    pub(super) refusal: Option<String>,
}

impl Said {
    /// Whether a client could live with it.
    pub(super) fn is_usable(&self) -> bool {
        self.refusal.is_none() || self.given.iter().any(|association| !association.items.is_empty())
    }

    /// The addresses and prefixes in it.
    pub(super) fn leased(&self) -> Vec<Leased> {
        let items = self.given.iter().flat_map(|association| &association.items);
        let leased = |item: &Item| Leased {
            address: item.address.into(),
            prefix: item.prefix_length,
            lifetime: Some(item.valid),
        };
        items.map(leased).collect()
    }
}

/// Judges a datagram's payload.
pub(super) fn judge(payload: &[u8], expected: &Expected<'_>, wanted: &[Association]) -> Result<Said, Rejection> {
    look_at_header(payload, expected)?;
    let packet = Packet::parse(payload);
    let message = packet.innermost();
    let (kind, xid) = match message.header {
        Header::Message { kind, xid } => (kind, xid),
        Header::Relay { .. } => return Err(Rejection::Malformed),
        Header::Short(_) => return Err(Rejection::Truncated),
    };
    if xid != expected.xid {
        return Err(Rejection::OtherTransaction);
    }
    if !expected.kinds.contains(&kind) {
        return Err(if is_answer(kind) { Rejection::OtherType } else { Rejection::NotAnAnswer });
    }
    if packet.findings.iter().any(|finding| is_cut(finding) && !is_in_whole_option(message, finding)) {
        return Err(Rejection::Truncated);
    }
    let server = look_at_identities(message, expected)?;
    if expected.asked == MessageType::SOLICIT
        && kind == MessageType::REPLY
        && !(expected.rapid && message.option(code::RAPID_COMMIT).is_some())
    {
        return Err(Rejection::OtherType);
    }
    let given = if asks_for_leases(expected.asked) { given(message, wanted) } else { Vec::new() };
    let refusal = refusal(message, expected.asked, wanted, &given);
    Ok(Said { kind, server: server.to_vec(), preference: message.preference(), given, refusal })
}

/// The transaction that a payload is of, in whatever envelope.
pub(super) fn xid(payload: &[u8]) -> Option<u32> {
    match payload.first_chunk()? {
        [kind, x2, x1, x0] if !MessageType(*kind).is_relay() => Some(u32::from_be_bytes([0, *x2, *x1, *x0])),
        _ => Packet::parse(payload).innermost().xid(),
    }
}

/// What can be told without taking the packet apart: a flood of foreign packets stops here.
fn look_at_header(payload: &[u8], expected: &Expected<'_>) -> Result<(), Rejection> {
    let kind = MessageType(*payload.first().ok_or(Rejection::Empty)?);
    if kind.name().is_none() {
        return Err(Rejection::NotDhcp);
    }
    if kind.is_relay() {
        return match (kind, expected.relayed) {
            (MessageType::RELAY_REPL, true) => Ok(()),
            (MessageType::RELAY_REPL, false) => Err(Rejection::OtherType),
            _ => Err(Rejection::NotAnAnswer),
        };
    }
    let [_, x2, x1, x0] = *payload.first_chunk().ok_or(Rejection::Truncated)?;
    if !is_answer(kind) {
        Err(Rejection::NotAnAnswer)
    } else if u32::from_be_bytes([0, x2, x1, x0]) != expected.xid {
        Err(Rejection::OtherTransaction)
    } else if expected.relayed {
        Err(Rejection::OtherType)
    } else {
        Ok(())
    }
}

fn is_answer(kind: MessageType) -> bool {
    ANSWERS.contains(&kind)
}

fn is_cut(finding: &Finding) -> bool {
    matches!(finding, Finding::TruncatedOption { .. } | Finding::Stray { .. })
}

/// Whether it is within an option that is there as long as it says and holds no lease: a vendor's (17) or an NTP server's
/// (56), say, which whoever looks into it may make of what he will.
fn is_in_whole_option(message: &Packet<'_>, finding: &Finding) -> bool {
    let is_around = |option: &&WireOption<'_>| {
        let value = option.offset + 4;
        (value..value + option.octets.len()).contains(&finding.offset())
    };
    let is_whole = |option: &WireOption<'_>| !matches!(option.code, code::IA_NA | code::IA_PD);
    message.options.iter().find(is_around).is_some_and(is_whole)
}

/// The server's DUID, if the client's is ours.
fn look_at_identities<'a>(message: &Packet<'a>, expected: &Expected<'_>) -> Result<&'a [u8], Rejection> {
    match message.client() {
        None if !expected.client.is_empty() => return Err(Rejection::Malformed),
        Some(client) if client != expected.client => return Err(Rejection::OtherClient),
        _ => {}
    }
    message.server().filter(|server| !server.is_empty()).ok_or(Rejection::Malformed)
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

/// What says no: the message's status, else that of an association that we asked for and got nothing in.
fn refusal(message: &Packet<'_>, asked: MessageType, wanted: &[Association], given: &[Association]) -> Option<String> {
    if let Some(status) = message.status().filter(Status::is_failure) {
        return Some(status.to_string());
    }
    if !asks_for_leases(asked) {
        let failing = message.associations().find_map(|granted| granted.status.filter(Status::is_failure));
        return failing.map(|status| status.to_string());
    }
    let got_nothing = |one: &&Association| {
        !given.iter().any(|other| (other.kind, other.iaid) == (one.kind, one.iaid) && !other.items.is_empty())
    };
    let missing = wanted.iter().find(got_nothing)?;
    let status = message
        .associations()
        .filter(|granted| (granted.kind, granted.iaid) == (missing.kind, missing.iaid))
        .find_map(|granted| granted.status.filter(Status::is_failure));
    let what = match missing.kind {
        AssociationKind::Addresses => "no address in it",
        AssociationKind::Prefixes => "no prefix in it",
    };
    Some(status.map_or_else(|| what.to_owned(), |status| status.to_string()))
}
