//! Message types and status codes of DHCPv6, with the names IANA gives them.

use std::fmt;

use crate::dhcp::value::{Numbers, Width};

/// The type of a DHCPv6 message: its first octet (RFC 8415 section 7.3 and IANA's registry).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageType(pub u8);

/// A status code, inside option 13 (RFC 8415 section 21.13 and IANA's registry).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode(pub u16);

const MESSAGE_TYPES: &[&str] = &[
    "SOLICIT",
    "ADVERTISE",
    "REQUEST",
    "CONFIRM",
    "RENEW",
    "REBIND",
    "REPLY",
    "RELEASE",
    "DECLINE",
    "RECONFIGURE",
    "INFORMATION-REQUEST",
    "RELAY-FORW",
    "RELAY-REPL",
    "LEASEQUERY",
    "LEASEQUERY-REPLY",
    "LEASEQUERY-DONE",
    "LEASEQUERY-DATA",
    "RECONFIGURE-REQUEST",
    "RECONFIGURE-REPLY",
    "DHCPV4-QUERY",
    "DHCPV4-RESPONSE",
    "ACTIVELEASEQUERY",
    "STARTTLS",
    "BNDUPD",
    "BNDREPLY",
    "POOLREQ",
    "POOLRESP",
    "UPDREQ",
    "UPDREQALL",
    "UPDDONE",
    "CONNECT",
    "CONNECTREPLY",
    "DISCONNECT",
    "STATE",
    "CONTACT",
    "ADDR-REG-INFORM",
    "ADDR-REG-REPLY",
];

/// Every status code.
pub static STATUS_CODES: Numbers = Numbers {
    what: "status code",
    width: Width::Two,
    names: &[
        (0, "Success"),
        (1, "UnspecFail"),
        (2, "NoAddrsAvail"),
        (3, "NoBinding"),
        (4, "NotOnLink"),
        (5, "UseMulticast"),
        (6, "NoPrefixAvail"),
        (7, "UnknownQueryType"),
        (8, "MalformedQuery"),
        (9, "NotConfigured"),
        (10, "NotAllowed"),
        (11, "QueryTerminated"),
        (12, "DataMissing"),
        (13, "CatchUpComplete"),
        (14, "NotSupported"),
        (15, "TLSConnectionRefused"),
        (16, "AddressInUse"),
        (17, "ConfigurationConflict"),
        (18, "MissingBindingInformation"),
        (19, "OutdatedBindingInformation"),
        (20, "ServerShuttingDown"),
        (21, "DNSUpdateNotSupported"),
        (22, "ExcessiveTimeSkew"),
    ],
};

#[expect(missing_docs, reason = "the names are the RFC's")]
impl MessageType {
    pub const SOLICIT: Self = Self(1);
    pub const ADVERTISE: Self = Self(2);
    pub const REQUEST: Self = Self(3);
    pub const CONFIRM: Self = Self(4);
    pub const RENEW: Self = Self(5);
    pub const REBIND: Self = Self(6);
    pub const REPLY: Self = Self(7);
    pub const RELEASE: Self = Self(8);
    pub const DECLINE: Self = Self(9);
    pub const RECONFIGURE: Self = Self(10);
    pub const INFORMATION_REQUEST: Self = Self(11);
    pub const RELAY_FORW: Self = Self(12);
    pub const RELAY_REPL: Self = Self(13);
}

impl MessageType {
    /// Its registered name.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        MESSAGE_TYPES.get(usize::from(self.0).checked_sub(1)?).copied()
    }

    /// The type of that name, in whatever case, or of that number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
        let wanted = match plain(text).as_str() {
            "info-request" | "inform" => "information-request".to_owned(),
            "relay-forward" => "relay-forw".to_owned(),
            "relay-reply" => "relay-repl".to_owned(),
            other => other.to_owned(),
        };
        let named = MESSAGE_TYPES.iter().position(|name| plain(name) == wanted);
        let number = named.and_then(|index| u8::try_from(index + 1).ok());
        number.or_else(|| text.parse().ok()).map(Self)
    }

    /// Whether it has the header of a relay agent's message: hop count, link and peer address (RFC 8415 section 9).
    #[must_use]
    pub fn is_relay(self) -> bool {
        matches!(self, Self::RELAY_FORW | Self::RELAY_REPL)
    }
}

impl StatusCode {
    /// All is well.
    pub const SUCCESS: Self = Self(0);
    /// There is no address for the client.
    pub const NO_ADDRS_AVAIL: Self = Self(2);
    /// There is no prefix for the client.
    pub const NO_PREFIX_AVAIL: Self = Self(6);

    /// Its registered name.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        STATUS_CODES.name(self.0.into())
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {}", self.0),
        }
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "status {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_type_is_found_by_name_in_any_case_and_by_number() {
        for (text, number) in [
            ("solicit", 1),
            ("Information-Request", 11),
            ("info_request", 11),
            ("relay-forward", 12),
            ("ADDR-REG-REPLY", 37),
            ("200", 200),
        ] {
            assert_eq!(MessageType::parse(text), Some(MessageType(number)), "{text}");
        }
        assert_eq!(MessageType::parse("discover"), None);
        assert_eq!(MessageType::parse("256"), None);
    }

    #[test]
    fn numbers_without_a_name_are_shown_as_numbers() {
        assert_eq!(MessageType::RECONFIGURE.to_string(), "RECONFIGURE");
        assert_eq!(MessageType(0).to_string(), "type 0");
        assert_eq!(MessageType(99).to_string(), "type 99");
        assert_eq!(StatusCode(22).to_string(), "ExcessiveTimeSkew");
        assert_eq!(StatusCode(23).to_string(), "status 23");
    }
}
