//! DHCPv4 and BOOTP (RFC 2131, 951): the packet as it came, the message that is sent.

mod message;
mod message_type;
pub mod option;
mod packet;
mod piece;
pub mod table;
mod walk;

pub use message::{Message, PADDED};
pub use message_type::MessageType;
pub use packet::Packet;
pub use piece::{Area, Joined, Piece};

/// `op` of a client's message.
pub const BOOTREQUEST: u8 = 1;
/// `op` of a server's message.
pub const BOOTREPLY: u8 = 2;
/// The flag that asks a server to broadcast its answer (RFC 2131 section 2).
pub const BROADCAST: u16 = 0x8000;
/// What options begin with (RFC 2131 section 3).
pub const MAGIC: [u8; 4] = [99, 130, 83, 99];
/// Octets of the header, without [`MAGIC`].
pub const HEADER: usize = 236;
