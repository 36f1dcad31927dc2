//! The numbers of a lease that have a meaning: lifetimes, states, types.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// How long a lease is given, from `cltt` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// This many seconds; 0 in a lease file means "deleted".
    Seconds(u32),
    /// Without end (0xffffffff, RFC 2131 section 3.3).
    Infinite,
}

impl Lifetime {
    /// The number Kea stores: 4294967295 is infinite.
    #[must_use]
    pub fn as_u32(self) -> u32 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Infinite => u32::MAX,
        }
    }

    /// Whether the lease has no life at all, which a lease file reads as "deleted".
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::Seconds(0)
    }
}

impl From<u32> for Lifetime {
    fn from(seconds: u32) -> Self {
        if seconds == u32::MAX { Self::Infinite } else { Self::Seconds(seconds) }
    }
}

/// Kea's lease states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaseState {
    /// 0: given to a client (Kea says "default").
    Assigned,
    /// 1: a client found the address in use.
    Declined,
    /// 2: expired and taken back.
    ExpiredReclaimed,
    /// 3: given back by the client, remembered for it (Kea 2.7.0 on).
    Released,
    /// 4: registered by the client with ADDR-REG-INFORM (RFC 9686, Kea 2.7.7 on).
    Registered,
    /// A number no Kea has given a meaning so far.
    Other(u32),
}

impl LeaseState {
    /// The number Kea stores.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::Assigned => 0,
            Self::Declined => 1,
            Self::ExpiredReclaimed => 2,
            Self::Released => 3,
            Self::Registered => 4,
            Self::Other(number) => number,
        }
    }
}

impl From<u32> for LeaseState {
    fn from(number: u32) -> Self {
        match number {
            0 => Self::Assigned,
            1 => Self::Declined,
            2 => Self::ExpiredReclaimed,
            3 => Self::Released,
            4 => Self::Registered,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for LeaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assigned => "assigned",
            Self::Declined => "declined",
            Self::ExpiredReclaimed => "expired-reclaimed",
            Self::Released => "released",
            Self::Registered => "registered",
            Self::Other(number) => return write!(f, "{number}"),
        })
    }
}

/// What a DHCPv6 lease gives: the numbers of Kea's `lease_type` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaseType {
    /// 0: a non-temporary address (`IA_NA`).
    Na,
    /// 1: a temporary address (`IA_TA`); no Kea from 3.1.9 on gives one.
    Ta,
    /// 2: a delegated prefix (`IA_PD`).
    Pd,
    /// A number without a meaning, which a lease file may hold.
    Other(i32),
}

impl LeaseType {
    /// The number Kea stores.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Na => 0,
            Self::Ta => 1,
            Self::Pd => 2,
            Self::Other(number) => number,
        }
    }

    /// The name in Kea's API: `IA_NA`, `IA_TA`, `IA_PD`, `unknown (9)`.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Na => "IA_NA",
            Self::Ta => "IA_TA",
            Self::Pd => "IA_PD",
            Self::Other(3) => "V4",
            Self::Other(number) => return Cow::Owned(format!("unknown ({number})")),
        })
    }

    /// The type that Kea's API calls so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "IA_NA" => Some(Self::Na),
            "IA_TA" => Some(Self::Ta),
            "IA_PD" => Some(Self::Pd),
            "V4" => Some(Self::Other(3)),
            _ => name.strip_prefix("unknown (")?.strip_suffix(')')?.parse::<i32>().ok().map(Self::from),
        }
    }
}

impl FromStr for LeaseType {
    type Err = String;

    /// Reads what people type: `na`, `IA_PD`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().trim_start_matches("ia_") {
            "na" => Ok(Self::Na),
            "ta" => Ok(Self::Ta),
            "pd" => Ok(Self::Pd),
            _ => Err("the lease types are na (addresses) and pd (prefixes)".to_owned()),
        }
    }
}

impl From<i32> for LeaseType {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Na,
            1 => Self::Ta,
            2 => Self::Pd,
            other => Self::Other(other),
        }
    }
}

/// `cltt` from what a source stores as the end of a lease.
///
/// A lease file holds `cltt + lifetime` always. A database holds the same, but `cltt` alone for an infinite lease
/// (Kea since 1.7.3); a value beyond what its column takes from Kea (2^31-1) already includes the lifetime, as
/// `kea-admin lease-upload` leaves it.
#[must_use]
pub fn cltt_from_database(expire: i64, lifetime: Lifetime) -> i64 {
    match lifetime {
        Lifetime::Infinite if expire <= i64::from(i32::MAX) => expire,
        _ => expire - i64::from(lifetime.as_u32()),
    }
}
