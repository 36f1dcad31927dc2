//! What a lease is: one struct wherever it came from and wherever it goes.
//!
//! Fields borrow from the buffer of their source, so that a million leases cost no allocation each. Text that
//! clients chose (host name, identifiers) is bytes, because Kea stores bytes.

use std::fmt;

pub mod address_text;
pub mod context;
pub mod filter;
mod id;
mod model;
mod owned;
mod row_error;
#[cfg(test)]
pub(crate) mod sample;
pub mod sort;
mod state;
mod status;
pub mod subnets;
pub mod vendor;

pub use id::{ClientId, Duid, HwAddr};
pub use model::{Client, Lease};
pub use owned::OwnedLease;
pub use row_error::RowError;
pub use state::{LeaseState, LeaseType, Lifetime, cltt_from_database};
pub use status::LeaseStatus;

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
