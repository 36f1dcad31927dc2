//! What a client makes of one message of a server, for those that keep no record of their exchanges.

use super::envelope::Envelope;
use super::judge::{Expected, damage, judge_packet, not_received};
use crate::dhcp::v6::{Association, Item, MessageType, Packet, Relay};
use crate::probe::Discard;
use crate::wire::Datagram;

/// What was sent.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The client's DUID.
    pub client: &'a [u8],
    /// The transaction.
    pub xid: u32,
    /// The message's type.
    pub kind: MessageType,
    /// Whether a Solicit asks for a Reply.
    pub is_rapid: bool,
    /// What was asked for.
    pub associations: &'a [Association],
    /// The relay agent that sent it.
    pub relay: Option<&'a Relay>,
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Whether it is a Reply.
    pub is_reply: bool,
    /// Whether it says no.
    pub is_refusal: bool,
    /// The first address or prefix that the client can use.
    pub item: Option<Item>,
}

/// What a client that sent `asked` makes of `datagram`, which is taken apart in `packet`.
///
/// # Errors
/// Why it is no answer.
pub fn look(asked: &Asked<'_>, packet: &Packet<'_>, datagram: &Datagram<'_>) -> Result<Found, Discard> {
    if let Some(why) = damage(datagram).or_else(|| not_received(datagram)) {
        return Err(why);
    }
    let kinds: &[MessageType] = match asked.kind {
        MessageType::SOLICIT => &[MessageType::ADVERTISE, MessageType::REPLY],
        _ => &[MessageType::REPLY],
    };
    let envelopes: Vec<_> = asked.relay.map(Envelope::from).into_iter().collect();
    let (client, xid, rapid) = (asked.client, asked.xid, asked.is_rapid);
    let expected = Expected { client, envelopes: &envelopes, xid, kinds, asked: asked.kind, needs: None, rapid };
    let said = judge_packet(packet, datagram.source.ip(), &expected, asked.associations)?;
    if let Some(why) = said.useless {
        return Err(why);
    }
    let item = said.usable.first().and_then(|one| one.items.first()).copied();
    Ok(Found { is_reply: said.kind == MessageType::REPLY, is_refusal: said.refusal.is_some(), item })
}
