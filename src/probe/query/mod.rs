//! A message of any kind, as the user describes it: what is sent, where to, and what is to come of it. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::dhcp::v6::Association;
use crate::error::Result;
use crate::probe::{Rng, Schedule};

pub mod message;
mod outcome;
pub mod profiles;
pub mod raw_input;
pub mod typed_option;
pub mod v4;
pub mod v6;

pub use outcome::{Goal, Outcome, expectations};

/// What the user wants to send.
#[derive(Debug, Clone)]
pub struct QuerySpec {
    /// Whether the whole exchange is made, up to the lease.
    pub is_whole_exchange: bool,
    /// Whether the lease is kept.
    pub keeps_lease: bool,
    /// Whether answers are waited for until the time is over.
    pub collects: bool,
    /// When to send again.
    pub schedule: Schedule,
    /// Where to.
    pub link: LinkChoice,
    /// The message.
    pub message: MessageSpec,
    /// What only DHCPv6 has.
    pub v6: V6Spec,
}

impl QuerySpec {
    /// A message that is sent once, to this port of every server.
    #[must_use]
    pub fn of_one_message(message: MessageSpec, target_port: u16) -> Self {
        let link = LinkChoice {
            interface: None,
            bind: None,
            target: None,
            bind_port: None,
            target_port,
            raw: false,
            source_mac: None,
            vlan: None,
        };
        let schedule = Schedule::tries(1, Duration::from_secs(1));
        Self {
            is_whole_exchange: false,
            keeps_lease: true,
            collects: false,
            schedule,
            link,
            message,
            v6: V6Spec::default(),
        }
    }
}

/// Where packets go and come from.
#[derive(Debug, Clone)]
pub struct LinkChoice {
    /// The interface.
    pub interface: Option<String>,
    /// The address of this host to send from and to listen at.
    pub bind: Option<IpAddr>,
    /// The server or relay agent; without one all servers are asked.
    pub target: Option<IpAddr>,
    /// The port to send from and to listen at.
    pub bind_port: Option<u16>,
    /// The port to send to.
    pub target_port: u16,
    /// Whether frames are sent and received, even where UDP would do.
    pub raw: bool,
    /// The Ethernet source address.
    pub source_mac: Option<Vec<u8>>,
    /// The virtual network (IEEE 802.1Q).
    pub vlan: Option<u16>,
}

/// What a message is, as it is typed.
#[derive(Debug, Clone, Default)]
pub struct MessageSpec {
    /// Its type, by name or number.
    pub kind: Option<String>,
    /// Options: `CODE[FORMAT]=VALUE`.
    pub options: Vec<String>,
    /// Options that are asked for, by number or name.
    pub requested: Vec<String>,
    /// A kind of client whose options are sent.
    pub profile: Option<String>,
    /// The hardware address of the client.
    pub hardware: Option<Vec<u8>>,
    /// Seconds since the client began.
    pub secs: u16,
    /// The relay agent.
    pub giaddr: Option<Ipv4Addr>,
    /// The client's address.
    pub ciaddr: Option<Ipv4Addr>,
    /// Flags.
    pub flags: Option<u16>,
    /// Relay agents passed.
    pub hops: Option<u8>,
    /// The kind of hardware address.
    pub htype: Option<u8>,
    /// The length of the hardware address, right or wrong.
    pub hlen: Option<u8>,
    /// The field `sname`.
    pub sname: Option<String>,
    /// The field `file`.
    pub file: Option<String>,
    /// The message is filled up to so many octets.
    pub pad: usize,
}

/// What only DHCPv6 has.
#[derive(Debug, Clone, Default)]
pub struct V6Spec {
    /// Whether the server may give the lease at once.
    pub rapid_commit: bool,
    /// The client's DUID.
    pub duid: Option<Vec<u8>>,
    /// The DUID of the server.
    pub server_duid: Option<Vec<u8>>,
    /// What is asked for or spoken of.
    pub associations: Vec<Association>,
    /// The link address of the relay agent in whose place the message is sent.
    pub relay: Option<Ipv6Addr>,
    /// The address that the relay agent has the message from.
    pub peer: Option<Ipv6Addr>,
    /// Options of the relay agent, as they are typed.
    pub relay_options: Vec<String>,
}

impl QuerySpec {
    /// The client's hardware address: as typed, or a random one.
    pub fn hardware(&self, rng: &mut Rng) -> Vec<u8> {
        self.message.hardware.clone().unwrap_or_else(|| random_rest(&[], rng))
    }

    /// The hardware address of the frames that are sent, where it is not the interface's own.
    fn source_mac(&self) -> Result<Option<crate::wire::Mac>> {
        let six = |octets: &Vec<u8>| {
            let mac = octets.as_slice().try_into().map(crate::wire::Mac);
            mac.map_err(|_| crate::error::Error::new("--source-mac", "an Ethernet address has 6 octets"))
        };
        self.link.source_mac.as_ref().map(six).transpose()
    }
}

/// A hardware address that begins with these octets; without any it is locally administered (IEEE 802).
pub fn random_rest(beginning: &[u8], rng: &mut Rng) -> Vec<u8> {
    let [_, _, rest @ ..] = rng.next_u64().to_be_bytes();
    let mut address = rest;
    address[0] = (address[0] & 0xfc) | 2;
    if beginning.len() >= address.len() {
        return beginning.to_vec();
    }
    address[..beginning.len()].copy_from_slice(beginning);
    address.to_vec()
}
