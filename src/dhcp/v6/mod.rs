//! DHCPv6: what is sent ([`Message`], [`Relay`]) and what came ([`Packet`]), after RFC 8415.

use std::net::Ipv6Addr;

pub mod code;
pub mod duid;
mod kind;
mod message;
mod nesting;
mod packet;
mod read;
pub mod table;

pub use kind::{MessageType, STATUS_CODES, StatusCode};
pub use message::{Association, AssociationKind, Item, Message, Opt, Relay};
pub use nesting::SpaceId;
pub use packet::{Header, Inside, MAX_DEPTH, Packet, WireOption};
pub use read::{Granted, Status};

/// The UDP port of clients.
pub const CLIENT_PORT: u16 = 546;

/// The UDP port of servers and relay agents.
pub const SERVER_PORT: u16 = 547;

/// `All_DHCP_Relay_Agents_and_Servers`: where clients send to (RFC 8415 section 7.1).
pub const ALL_SERVERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
