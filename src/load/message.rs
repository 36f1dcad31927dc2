//! What a message is to say, and what an answer says, in the terms of both families.

use std::net::IpAddr;

use super::kind::LoadMessage;
use super::servers::Server;
use crate::probe::Rejection;
use crate::wire::{Datagram, Mac};

/// A message to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    /// Which.
    pub(super) message: LoadMessage,
    /// Its transaction number.
    pub(super) xid: u32,
    /// The client.
    pub(super) hardware: Mac,
    /// The address that it is about.
    pub(super) address: IpAddr,
    /// The server that it is for, if it is for one.
    pub(super) server: Option<&'a Server>,
    /// That server's hardware address, where frames are seen.
    pub(super) via: Option<Mac>,
    /// The relay agent of the client.
    pub(super) relay: Option<IpAddr>,
    /// Whether it takes the way of a RELEASE.
    pub(super) as_release: bool,
}

/// What a server's message may answer, and how it came.
pub(super) struct Question<'a> {
    pub(super) message: LoadMessage,
    pub(super) hardware: Mac,
    /// The relay agent of the client.
    pub(super) relay: Option<IpAddr>,
    pub(super) datagram: &'a Datagram<'a>,
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// An address is offered or given.
    Address {
        /// The address.
        address: IpAddr,
        /// For how many seconds.
        seconds: u32,
        /// Whether it is given, and not only offered.
        is_given: bool,
    },
    /// The answer to a message that asks for no address.
    Information,
    /// No.
    Nak,
    /// No, with this status code.
    Refused(u16),
    /// Nothing: a client does not take it for an answer.
    Unusable(Rejection),
}
