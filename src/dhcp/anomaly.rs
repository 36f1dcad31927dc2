//! What is wrong or remarkable in a packet.

use std::fmt;
use std::net::Ipv4Addr;

/// Something a reader of a packet should know, with the offset in the payload where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anomaly {
    /// The payload ends within the fixed header.
    ShortHeader {
        /// Octets there are.
        octets: usize,
        /// Octets there should be at least.
        needed: usize,
    },
    /// `op` is neither 1 (request) nor 2 (reply).
    UnknownOp(u8),
    /// `hlen` says more than the 16 octets a hardware address has room for.
    HardwareLength(u8),
    /// Options do not begin with 99.130.83.99 (RFC 2131 section 3): none were read.
    NoMagic {
        /// What is there instead; missing octets are 0.
        found: [u8; 4],
    },
    /// An option says more octets than are left; it was taken with those.
    TruncatedOption {
        /// Its code.
        code: u16,
        /// Where it begins.
        offset: usize,
        /// Octets it claims.
        said: usize,
        /// Octets that are left.
        there: usize,
    },
    /// An option's code is the last octet, its length is missing.
    NoLength {
        /// Its code.
        code: u16,
        /// Where it is.
        offset: usize,
    },
    /// The options end without option 255.
    NoEnd {
        /// Where they end.
        offset: usize,
    },
    /// Octets other than 0 follow option 255.
    AfterEnd {
        /// Where the first is.
        offset: usize,
        /// How many are not 0.
        octets: usize,
    },
    /// Option 52: `sname`, `file` or both hold options (RFC 2131 section 4.1), and were read as such.
    Overloaded {
        /// Where option 52 is.
        offset: usize,
        /// 1 file, 2 sname, 3 both.
        value: u8,
    },
    /// Option 52 with another value than 1, 2 or 3, of another length, or where it must not be.
    BadOverload {
        /// Where option 52 is.
        offset: usize,
    },
    /// A long option in several pieces (RFC 3396), joined.
    Split {
        /// Its code.
        code: u16,
        /// Where the first piece is.
        offset: usize,
        /// How many pieces.
        pieces: usize,
    },
    /// An option more than once although it is not long; joined all the same, as RFC 3396 says.
    Duplicate {
        /// Its code.
        code: u16,
        /// Where the second is.
        offset: usize,
        /// How often it is there.
        times: usize,
    },
    /// Too few octets where a DHCPv6 option should begin.
    Stray {
        /// Where they are.
        offset: usize,
        /// How many: 1 to 3.
        octets: usize,
    },
    /// A DHCPv6 option that holds options or a message, deeper inside others than they are opened.
    TooDeep {
        /// Its code.
        code: u16,
        /// Where it is.
        offset: usize,
    },
    /// The option's octets do not have the form its definition says.
    BadValue {
        /// Its code.
        code: u16,
        /// Where it is.
        offset: usize,
        /// Its length.
        octets: usize,
    },
}

impl Anomaly {
    /// Its name in machine formats; never changes.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ShortHeader { .. } => "short-header",
            Self::UnknownOp(_) => "unknown-op",
            Self::HardwareLength(_) => "hardware-length",
            Self::NoMagic { .. } => "no-magic",
            Self::TruncatedOption { .. } => "truncated-option",
            Self::NoLength { .. } => "no-length",
            Self::NoEnd { .. } => "no-end",
            Self::AfterEnd { .. } => "after-end",
            Self::Overloaded { .. } => "overloaded",
            Self::BadOverload { .. } => "bad-overload",
            Self::Split { .. } => "split",
            Self::Duplicate { .. } => "duplicate",
            Self::Stray { .. } => "stray",
            Self::TooDeep { .. } => "too-deep",
            Self::BadValue { .. } => "bad-value",
        }
    }

    /// Where it is, in octets from the beginning of the payload.
    #[must_use]
    pub fn offset(&self) -> usize {
        match *self {
            Self::ShortHeader { octets, .. } => octets,
            Self::UnknownOp(_) => 0,
            Self::HardwareLength(_) => 2,
            Self::NoMagic { .. } => 236,
            Self::TruncatedOption { offset, .. }
            | Self::NoLength { offset, .. }
            | Self::NoEnd { offset }
            | Self::AfterEnd { offset, .. }
            | Self::Overloaded { offset, .. }
            | Self::BadOverload { offset }
            | Self::Split { offset, .. }
            | Self::Duplicate { offset, .. }
            | Self::Stray { offset, .. }
            | Self::TooDeep { offset, .. }
            | Self::BadValue { offset, .. } => offset,
        }
    }

    /// Whether it is a fault; if not, it is only worth knowing (RFC 3396 pieces, overload).
    #[must_use]
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Split { .. } | Self::Overloaded { .. })
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ShortHeader { octets, needed } => {
                write!(f, "the packet has {octets} octets, a header alone has {needed}")
            }
            Self::UnknownOp(op) => write!(f, "op is {op}, which is neither a request (1) nor a reply (2)"),
            Self::HardwareLength(hlen) => write!(f, "hlen is {hlen}, but chaddr has room for 16 octets"),
            Self::NoMagic { found } => {
                write!(f, "no options: {} where 99.130.83.99 should be", Ipv4Addr::from(found))
            }
            Self::TruncatedOption { code, offset, said, there } => {
                write!(f, "option {code} at offset {offset} says {said} octets, {there} are left")
            }
            Self::NoLength { code, offset } => write!(f, "option {code} at offset {offset} ends before its length"),
            Self::NoEnd { offset } => write!(f, "no end option (255) at offset {offset}"),
            Self::AfterEnd { offset, octets } => {
                write!(f, "{octets} octets that are not 0 after the end option, from offset {offset}")
            }
            Self::Overloaded { value, .. } => {
                let fields = ["file", "sname", "file and sname"][usize::from(value.clamp(1, 3)) - 1];
                write!(f, "option 52: the field {fields} holds options")
            }
            Self::BadOverload { offset } => write!(f, "option 52 at offset {offset} is not 1, 2 or 3 and was ignored"),
            Self::Split { code, pieces, .. } => write!(f, "option {code} came in {pieces} pieces"),
            Self::Duplicate { code, times, .. } => write!(f, "option {code} is there {times} times"),
            Self::Stray { offset, octets } => {
                write!(f, "{octets} octets at offset {offset} are too few for an option")
            }
            Self::TooDeep { code, offset } => {
                write!(f, "option {code} at offset {offset} is nested too deep and was not opened")
            }
            Self::BadValue { code, offset, octets } => {
                write!(f, "option {code} at offset {offset} has {octets} octets that do not fit its format")
            }
        }
    }
}
