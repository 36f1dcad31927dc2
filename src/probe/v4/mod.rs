//! DHCPv4 and BOOTP from a client's, or a relay's, point of view (RFC 2131).

mod client;
mod judge;
mod step;
#[cfg(test)]
mod tests;
mod usable;

use std::net::{Ipv4Addr, SocketAddrV4};

pub use client::Client;
pub use judge::look;

use super::{Identity, Schedule, Until};
use crate::dhcp::v4::{BROADCAST, MessageType, PADDED};

/// The port of servers and relays.
pub const SERVER_PORT: u16 = 67;
/// The port of clients.
pub const CLIENT_PORT: u16 = 68;

/// Why no host can have this address, if none can.
#[must_use]
pub fn why_no_address(address: Ipv4Addr) -> Option<&'static str> {
    usable::why_not(address)
}

/// Which exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeModeV4 {
    /// DISCOVER; OFFERs are answers, with rapid commit (option 80) also ACKs. Takes no lease.
    Discover,
    /// DISCOVER, REQUEST of the first offer with an address, RELEASE of the lease. With rapid commit (option 80) the
    /// lease may come with the first answer.
    Full,
    /// REQUEST, RELEASE. `ciaddr` and option 50 are what the template says, which makes it init-reboot, renew, rebind
    /// or the old dhcping's own mixture.
    Request,
    /// INFORM: all but an address, for the address in the template's `ciaddr`.
    Inform,
    /// DECLINE, which servers do not answer; address and server are the template's options 50 and 54.
    Decline,
    /// RELEASE, which servers do not answer; address and server are the template's `ciaddr` and option 54.
    Release,
    /// A BOOTP request without message type.
    Bootp,
    /// The template as it is; every valid reply is an answer.
    Other,
}

impl ProbeModeV4 {
    /// The first message's type.
    #[must_use]
    pub fn message_type(self) -> Option<MessageType> {
        match self {
            Self::Discover | Self::Full => Some(MessageType::DISCOVER),
            Self::Request => Some(MessageType::REQUEST),
            Self::Inform => Some(MessageType::INFORM),
            Self::Decline => Some(MessageType::DECLINE),
            Self::Release => Some(MessageType::RELEASE),
            Self::Bootp | Self::Other => None,
        }
    }

    /// Whether it may leave a lease at a server if nothing is released.
    #[must_use]
    pub fn takes_a_lease(self) -> bool {
        matches!(self, Self::Full | Self::Request)
    }
}

/// An exchange to be made.
#[derive(Debug, Clone)]
pub struct ProbePlanV4 {
    /// By which link.
    pub link: usize,
    /// Where to send: to a server, a relay, or all of them.
    pub to: SocketAddrV4,
    /// The source address, if not the link's own choice.
    pub source: Option<Ipv4Addr>,
    /// Whose, and with what: hardware address, flags, addresses, options. Transaction, secs and message type are set
    /// when it is sent.
    pub template: crate::dhcp::v4::Message,
    /// The transaction number.
    pub xid: u32,
    /// `secs` of the first try; later tries say how much longer it has taken.
    pub secs: u16,
    /// When to try again.
    pub schedule: Schedule,
    /// Makes what should look random.
    pub seed: u64,
    /// When there are enough answers.
    pub until: Until,
    /// Of several that offer, the first of these gets the REQUEST, if there is one.
    pub prefers: Vec<Identity>,
    /// Only this server's answers count: it calls itself so, or sends from there.
    pub server: Option<Ipv4Addr>,
    /// Whether a lease stays, without RELEASE.
    pub keep: bool,
    /// Whether a RELEASE is sent from the leased address, because the link has none of its own: servers drop what comes
    /// from 0.0.0.0 to them alone.
    pub releases_from_lease: bool,
    /// Options of the template that a REQUEST after an offer does not have.
    pub first_only: Vec<u8>,
    /// Payloads are filled up with 0 to so many octets.
    pub pad: usize,
    /// The octets to send, whatever the template says; it says then whose answers count.
    pub verbatim: Option<Vec<u8>>,
}

impl ProbePlanV4 {
    /// A broadcast by the first link that ends with the first answer.
    #[must_use]
    pub fn new(template: crate::dhcp::v4::Message, xid: u32, schedule: Schedule) -> Self {
        Self {
            link: 0,
            to: SocketAddrV4::new(Ipv4Addr::BROADCAST, SERVER_PORT),
            source: None,
            template,
            xid,
            secs: 0,
            schedule,
            seed: u64::from(xid),
            until: Until::First,
            prefers: Vec::new(),
            server: None,
            keep: false,
            releases_from_lease: false,
            first_only: Vec::new(),
            pad: PADDED,
            verbatim: None,
        }
    }

    /// The same, sent to one server.
    #[must_use]
    pub fn towards(mut self, server: Ipv4Addr) -> Self {
        self.to.set_ip(server);
        self
    }

    /// The same, asking servers to broadcast what they answer.
    #[must_use]
    pub fn answered_by_broadcast(mut self) -> Self {
        self.template.flags |= BROADCAST;
        self
    }
}
