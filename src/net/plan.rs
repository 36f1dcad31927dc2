//! What a link shall be.

use std::net::IpAddr;

use crate::lease::Family;
use crate::packet::Mac;

/// How a link sends and receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Frames of our own where the kernel would not do, else UDP.
    #[default]
    Auto,
    /// The kernel's UDP.
    Udp,
    /// Frames of our own.
    Raw,
    /// Frames of everybody, to and from the DHCP ports; nothing is sent.
    Listen,
}

/// What a link shall be: one interface and what is special about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// IPv4 or IPv6.
    pub family: Family,
    /// The interface; without one that which leads to `towards`, or the only one there is.
    pub interface: Option<String>,
    /// The server that all packets go to, if it is one.
    pub towards: Option<IpAddr>,
    /// The address to send from and to be answered at: a relay's, or the user's choice.
    pub source: Option<IpAddr>,
    /// The UDP port to send from and to listen at.
    pub port: u16,
    /// How to send and receive.
    pub mode: Mode,
    /// Whether this is a relay's link: servers answer to `source`.
    pub is_relay: bool,
    /// The hardware address the client claims: answers may go there.
    pub client: Option<Mac>,
    /// The address that the client says it has: answers go there.
    pub client_address: Option<IpAddr>,
    /// Whether servers are asked to broadcast what they answer, so that UDP hears it whatever the client claims.
    pub answered_by_broadcast: bool,
    /// The Ethernet source of what is sent; without one the interface's own.
    pub ethernet_source: Option<Mac>,
    /// Whether to see who sends, by the hardware address of the frame, where that is allowed.
    pub sees_senders: bool,
    /// The virtual network (IEEE 802.1Q) to send to and to hear.
    pub vlan: Option<u16>,
}

impl Plan {
    /// A client's link for DHCPv4.
    #[must_use]
    pub fn v4() -> Self {
        Self {
            family: Family::V4,
            interface: None,
            towards: None,
            source: None,
            port: 68,
            mode: Mode::Auto,
            is_relay: false,
            client: None,
            client_address: None,
            answered_by_broadcast: false,
            ethernet_source: None,
            sees_senders: false,
            vlan: None,
        }
    }

    /// A client's link for DHCPv6.
    #[must_use]
    pub fn v6() -> Self {
        Self { family: Family::V6, port: 546, ..Self::v4() }
    }

    /// The address that answers come to, if it is known: a DHCPv4 client that only chose where to send from is answered
    /// by broadcast, or at the address it is offered.
    #[must_use]
    pub fn listening_at(&self) -> Option<IpAddr> {
        self.source.filter(|_| self.is_relay || self.family == Family::V6)
    }
}
