//! What travels, and on what: datagrams sent and received, the frames around them, interfaces and links.
//!
//! Machines (`probe`) say what to send and are shown what came; `net` carries it. Both speak in these terms, so that a
//! machine can be tested without a socket. Times are [`Duration`]s on one scale that never goes backwards.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub mod frame;
pub mod interface;
mod link;
mod mac;
pub mod pcap;

pub use link::{LinkMode, LinkSpec};
pub use mac::{Mac, parse_hardware};

/// A UDP datagram to be sent; its source port is that of the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Which of the links, by its place; 0 where there is one.
    pub link: usize,
    /// The source address; without one the link chooses: as the route says or, in frames of our own, 0.0.0.0 or the
    /// link-local address.
    pub source: Option<IpAddr>,
    /// Where to. An IPv6 scope of 0 is the link's interface.
    pub destination: SocketAddr,
    /// The next hop, where it goes in a frame and nothing has come from the destination itself.
    pub via: Option<Mac>,
    /// The octets.
    pub payload: Vec<u8>,
}

/// A UDP datagram that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Which of the links brought it.
    pub link: usize,
    /// When the kernel received it.
    pub at: Duration,
    /// Where it comes from, as it says.
    pub source: SocketAddr,
    /// Where it was sent to.
    pub destination: Option<SocketAddr>,
    /// The sender's hardware address, where frames are seen.
    pub mac: Option<Mac>,
    /// The virtual network of its frame, where it has a tag (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// The number of the interface it came in by; 0 if unknown.
    pub interface: u32,
    /// What its checksum is worth.
    pub checksum: Checksum,
    /// Whether it came in fragments.
    pub in_fragments: bool,
    /// Whether its frame goes to the hardware address of another host.
    pub is_for_other_host: bool,
    /// Whether its frame is in another virtual network than the link's.
    pub is_in_other_vlan: bool,
    /// The whole Ethernet frame without its tag, where frames are seen.
    pub frame: Option<&'a [u8]>,
    /// The octets: none, few, anything.
    pub payload: &'a [u8],
}

/// What ICMP says of a datagram that was sent and did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// Which of the links it was sent by.
    pub link: usize,
    /// Where it was sent to.
    pub destination: SocketAddr,
    /// The host or router that says so; none if it is this host, which found no neighbour with that address.
    pub from: Option<IpAddr>,
    /// What is not reached: `port unreachable`.
    pub what: &'static str,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { destination, from, what, .. } = self;
        match from {
            Some(from) => write!(f, "ICMP {what} from {from}"),
            None => write!(f, "{what}: {} is not found on the link", destination.ip()),
        }
    }
}

/// What the UDP checksum of a datagram says (RFC 768).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checksum {
    /// The datagram is what was sent.
    Good,
    /// It is not.
    Bad,
    /// It is not all there, or its IP and UDP headers do not agree how long it is.
    BadLength,
    /// Nothing: none was sent, or it was left to a network card that the frame never passed.
    #[default]
    Unknown,
}
