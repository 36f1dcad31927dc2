//! What a lease is: the same two structs wherever it came from and wherever it goes.
//!
//! Fields borrow from the buffer of their source, so that a million leases cost no allocation each. Text that
//! clients chose (hostname, identifiers) is octets, because Kea stores octets.

use std::borrow::Cow;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

pub mod anonymise;
mod any;
pub mod context;
pub mod csv;
mod fault;
pub mod filter;
mod ident;
pub mod latest;
pub mod network;
pub mod spelling;
mod standing;
pub mod target;
pub mod vendor;

pub use any::{AnyLease, OwnedLease};
pub use fault::Fault;
pub use ident::{ClientId, Duid, HwAddr};
pub use standing::Standing;

/// Which of Kea's two lease families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// DHCPv4, kea-dhcp4.
    V4,
    /// DHCPv6, kea-dhcp6.
    V6,
}

impl Family {
    /// `4` or `6`.
    #[must_use]
    pub fn digit(self) -> char {
        match self {
            Self::V4 => '4',
            Self::V6 => '6',
        }
    }

    /// The SQL table of its leases.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::V4 => "lease4",
            Self::V6 => "lease6",
        }
    }

    /// The name Kea gives its lease file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::V4 => "kea-leases4.csv",
            Self::V6 => "kea-leases6.csv",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DHCPv{}", self.digit())
    }
}

/// How long a lease is given, from `cltt` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// This many seconds; 0 in a lease file means "deleted".
    Seconds(u32),
    /// For ever (0xffffffff, RFC 2131 section 3.3).
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
    /// A number without a meaning, which a lease file may hold all the same.
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

/// A DHCPv4 lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease4<'a> {
    /// The address.
    pub address: Ipv4Addr,
    /// The client's hardware address; empty if unknown or declined.
    pub hwaddr: HwAddr<'a>,
    /// The client identifier (option 61); empty if the client sent none.
    pub client_id: ClientId<'a>,
    /// The valid lifetime.
    pub valid_lifetime: Lifetime,
    /// Client last transmission time: when the lease was last given, in epoch seconds.
    pub cltt: i64,
    /// The subnet's number in Kea's configuration.
    pub subnet_id: u32,
    /// The pool's number within the subnet, 0 if it has none.
    pub pool_id: u32,
    /// Whether Kea updates the name's A record.
    pub fqdn_fwd: bool,
    /// Whether Kea updates the address's PTR record.
    pub fqdn_rev: bool,
    /// The host name; empty if there is none.
    pub hostname: &'a [u8],
    /// What the lease is at present.
    pub state: LeaseState,
    /// A JSON map as text, in Kea's dialect; empty if there is none.
    pub user_context: &'a [u8],
}

/// A DHCPv6 lease: an address or a delegated prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease6<'a> {
    /// The address, or the first address of the prefix.
    pub address: Ipv6Addr,
    /// The client's DUID; `00` or `00:00:00` in a declined lease.
    pub duid: Duid<'a>,
    /// The valid lifetime.
    pub valid_lifetime: Lifetime,
    /// The preferred lifetime.
    pub preferred_lifetime: Lifetime,
    /// Client last transmission time: when the lease was last given, in epoch seconds.
    pub cltt: i64,
    /// The subnet's number in Kea's configuration.
    pub subnet_id: u32,
    /// The pool's number within the subnet, 0 if it has none.
    pub pool_id: u32,
    /// An address or a prefix.
    pub lease_type: LeaseType,
    /// The identity association's number.
    pub iaid: u32,
    /// The length of the prefix, which Kea may have beyond 128; 128 for addresses.
    pub prefix_len: u8,
    /// Whether Kea updates the name's AAAA record.
    pub fqdn_fwd: bool,
    /// Whether Kea updates the address's PTR record.
    pub fqdn_rev: bool,
    /// The host name; empty if there is none.
    pub hostname: &'a [u8],
    /// The client's hardware address; empty if unknown.
    pub hwaddr: HwAddr<'a>,
    /// The ARP hardware type of `hwaddr` (1 is Ethernet); `None` where the source holds none.
    pub hwtype: Option<u16>,
    /// Where Kea learnt `hwaddr` (a bit of `HWADDR_SOURCE_*`); `None` where the source holds none.
    pub hwaddr_source: Option<u32>,
    /// What the lease is at present.
    pub state: LeaseState,
    /// A JSON map as text, in Kea's dialect; empty if there is none.
    pub user_context: &'a [u8],
}

impl Lease4<'_> {
    /// When the lease ends, in epoch seconds as a lease file has it: `cltt` plus the lifetime, also if infinite.
    #[must_use]
    pub fn expire(&self) -> i64 {
        // Kea takes any 64 bits for a moment, and counts around their end.
        self.cltt.wrapping_add(self.valid_lifetime.as_u32().into())
    }
}

impl Lease6<'_> {
    /// When the lease ends, in epoch seconds as a lease file has it: `cltt` plus the lifetime, also if infinite.
    #[must_use]
    pub fn expire(&self) -> i64 {
        // Kea takes any 64 bits for a moment, and counts around their end.
        self.cltt.wrapping_add(self.valid_lifetime.as_u32().into())
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
