//! The description of a link to open.

use std::net::IpAddr;

use super::Mac;
use crate::family::Family;

/// How a link sends and receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkMode {
    /// Frames of our own where the kernel would not do, else UDP.
    #[default]
    Auto,
    /// UDP sockets.
    Udp,
    /// Raw frames.
    Raw,
    /// All frames to and from the DHCP ports; nothing is sent.
    Listen,
}

/// A link to open: one interface and its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSpec {
    /// IPv4 or IPv6.
    pub family: Family,
    /// The interface; without one, the interface of the route to `towards`, or the only one of the host.
    pub interface: Option<String>,
    /// The server that all packets go to, if it is one.
    pub towards: Option<IpAddr>,
    /// The source address, to which servers answer: a relay's, or the user's choice.
    pub source: Option<IpAddr>,
    /// The UDP port to send from and to listen on.
    pub port: u16,
    /// How to send and receive.
    pub mode: LinkMode,
    /// Whether this is a relay's link: servers answer to `source`.
    pub is_relay: bool,
    /// The hardware address the client claims: answers may go there.
    pub client: Option<Mac>,
    /// Whether answers may go to other hardware addresses too: the messages are of any clients.
    pub has_any_client: bool,
    /// The address that the client says it has: answers go there.
    pub client_address: Option<IpAddr>,
    /// Whether servers are asked to broadcast their answers, so that UDP receives them whatever address the client claims.
    pub answered_by_broadcast: bool,
    /// The Ethernet source of what is sent; without one the interface's own.
    pub ethernet_source: Option<Mac>,
    /// The virtual network (IEEE 802.1Q) to send to and to hear.
    pub vlan: Option<u16>,
}

impl LinkSpec {
    /// A client's link for DHCPv4.
    #[must_use]
    pub fn v4() -> Self {
        Self {
            family: Family::V4,
            interface: None,
            towards: None,
            source: None,
            port: 68,
            mode: LinkMode::Auto,
            is_relay: false,
            client: None,
            has_any_client: false,
            client_address: None,
            answered_by_broadcast: false,
            ethernet_source: None,
            vlan: None,
        }
    }

    /// A client's link for DHCPv6.
    #[must_use]
    pub fn v6() -> Self {
        Self { family: Family::V6, port: 546, ..Self::v4() }
    }

    /// The destination address of answers, if it is known: a DHCPv4 client that only chose a source address gets answers by
    /// broadcast, or at the offered address.
    #[must_use]
    pub fn listening_at(&self) -> Option<IpAddr> {
        self.source.filter(|_| self.is_relay || self.family == Family::V6)
    }
}
