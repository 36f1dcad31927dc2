//! What the user asks a probe to do, in plain values.

use std::net::IpAddr;

use crate::family::Family;
use crate::probe::Schedule;

/// What the user asks for.
#[derive(Debug, Clone)]
pub struct ProbeRequest {
    /// DHCPv4 or DHCPv6.
    pub family: Family,
    /// Servers by name, address or DUID.
    pub servers: Vec<String>,
    /// Interfaces by name.
    pub interfaces: Vec<String>,
    /// Ask only the servers, even where interfaces are named.
    pub unicast: bool,
    /// Relay agent in whose place the servers are asked.
    pub relay: Option<IpAddr>,
    /// Relay agent information (option 82), as it is typed.
    pub option82: Option<String>,
    /// Virtual network (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// What to send; by default it follows from the rest.
    pub message: Option<MessageKind>,
    /// The client.
    pub client: ClientRequest,
    /// When to send again.
    pub schedule: Schedule,
    /// The seconds that the client says it has been trying for.
    pub secs: u16,
    /// Whether every answer is waited for.
    pub collects_all: bool,
    /// Whether servers that are not named may not answer.
    pub is_exclusive: bool,
    /// Options that answers must have, by their codes: they are requested.
    pub expected_options: Vec<u16>,
}

/// The client that asks.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct ClientRequest {
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its hardware address.
    pub hardware: Option<Vec<u8>>,
    /// Whether it has the hardware address of the interface.
    pub use_interface_mac: bool,
    /// Its DUID.
    pub duid: Option<Vec<u8>>,
    /// Whether it wants a prefix.
    pub prefix: bool,
    /// Whether it may take a lease as this host.
    pub may_be_this_host: bool,
    /// Whether it keeps its lease.
    pub keeps_lease: bool,
}

/// What to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// DISCOVER alone.
    Discover,
    /// REQUEST of an address.
    Request,
    /// INFORM.
    Inform,
    /// The whole exchange.
    Full,
    /// REQUEST of a client that restarts.
    Reboot,
    /// REQUEST or Renew of a client that renews its lease.
    Renew,
    /// REQUEST or Rebind of a client whose server is silent.
    Rebind,
    /// BOOTP request.
    Bootp,
    /// Solicit alone.
    Solicit,
    /// Solicit with rapid commit.
    RapidCommit,
    /// Information-request.
    InformationRequest,
    /// Confirm.
    Confirm,
}
