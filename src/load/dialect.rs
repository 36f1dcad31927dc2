//! What the generator says and hears, in either family.

use super::message::{Asking, Question, Said};
use super::v4::V4;
use super::v6::V6;
use crate::dhcp::v6;
use crate::probe::{Identity, Rejection};
use crate::wire::{Mac, Transmit};

/// A payload that may be an answer to one of our clients.
pub(super) struct Heard<'a> {
    /// Its transaction number.
    pub(super) xid: u32,
    /// The client it is for, if it says so.
    pub(super) client: Option<Mac>,
    body: Body<'a>,
}

enum Body<'a> {
    V4(&'a [u8]),
    V6(Box<v6::Packet<'a>>),
}

/// The language of a family.
#[derive(Debug, Clone)]
pub(super) enum Dialect {
    V4(Box<V4>),
    V6(Box<V6>),
}

impl Dialect {
    /// The datagram with a message.
    pub(super) fn compose(&self, asking: &Asking<'_>) -> Transmit {
        match self {
            Self::V4(v4) => v4.compose(asking),
            Self::V6(v6) => v6.compose(asking),
        }
    }

    /// What is known of a payload at a first look; nothing if it is no server's message.
    pub(super) fn hear<'a>(&self, payload: &'a [u8]) -> Option<Heard<'a>> {
        match self {
            Self::V4(_) => {
                let (xid, client) = super::v4::header(payload)?;
                Some(Heard { xid, client: Some(client), body: Body::V4(payload) })
            }
            Self::V6(_) => {
                let packet = v6::Packet::parse(payload);
                let (xid, client) = super::v6::header(&packet)?;
                Some(Heard { xid, client, body: Body::V6(Box::new(packet)) })
            }
        }
    }
}

impl Dialect {
    /// Whether a payload is cut off before it says whose it is.
    pub(super) fn is_cut(&self, payload: &[u8]) -> bool {
        payload.len() < if matches!(self, Self::V4(_)) { super::v4::HEADER } else { super::v6::HEADER }
    }

    /// What a server's message says in answer to `asked`, and which server says it, if that is said.
    pub(super) fn said(&mut self, heard: &Heard<'_>, asked: &Question<'_>) -> (Said, Option<Identity>) {
        match (self, &heard.body) {
            (Self::V4(v4), _) => v4.read(heard.xid, asked),
            (Self::V6(v6), Body::V6(packet)) => v6.read(packet, heard.xid, asked),
            (Self::V6(_), Body::V4(_)) => (Said::Unusable(Rejection::NotDhcp), None),
        }
    }

    /// The transaction number of a server's message that is cut off before its client.
    pub(super) fn cut_xid(&self, payload: &[u8]) -> Option<u32> {
        // In DHCPv6 nothing is in front of it.
        matches!(self, Self::V4(_)).then(|| super::v4::xid(payload))?
    }
}

impl Heard<'_> {
    /// Whether it is an OFFER.
    pub(super) fn is_offer(&self) -> bool {
        matches!(&self.body, Body::V4(payload) if super::v4::is_offer(payload))
    }
}
