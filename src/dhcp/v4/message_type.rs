//! The values of option 53.

use std::fmt;

use crate::dhcp::value::{Numbers, Width};

/// A message type; any octet is one, those of the registry have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageType(pub u8);

/// IANA's registry without "DHCP", in lower case.
pub(super) static TYPES: Numbers = Numbers {
    what: "message type",
    width: Width::One,
    names: &[
        (1, "discover"),
        (2, "offer"),
        (3, "request"),
        (4, "decline"),
        (5, "ack"),
        (6, "nak"),
        (7, "release"),
        (8, "inform"),
        (9, "forcerenew"),
        (10, "leasequery"),
        (11, "leaseunassigned"),
        (12, "leaseunknown"),
        (13, "leaseactive"),
        (14, "bulkleasequery"),
        (15, "leasequerydone"),
        (16, "activeleasequery"),
        (17, "leasequerystatus"),
        (18, "tls"),
    ],
};

impl MessageType {
    /// A client looks for servers.
    pub const DISCOVER: Self = Self(1);
    /// A server offers an address.
    pub const OFFER: Self = Self(2);
    /// A client wants an address.
    pub const REQUEST: Self = Self(3);
    /// A client says that an address is in use by somebody else.
    pub const DECLINE: Self = Self(4);
    /// A server grants.
    pub const ACK: Self = Self(5);
    /// A server refuses.
    pub const NAK: Self = Self(6);
    /// A client gives its address back.
    pub const RELEASE: Self = Self(7);
    /// A client has an address and wants the rest.
    pub const INFORM: Self = Self(8);
    /// A relay asks about a lease (RFC 4388).
    pub const LEASEQUERY: Self = Self(10);

    /// Its name in lower case, if the registry has one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        TYPES.name(self.0.into())
    }

    /// The type of this name, in any case, with or without "DHCP" before it.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let bare = lower.strip_prefix("dhcp").unwrap_or(&lower);
        TYPES.number(bare).and_then(|number| u8::try_from(number).ok()).map(Self)
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}
