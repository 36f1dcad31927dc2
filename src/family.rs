//! DHCPv4 or DHCPv6.

use std::fmt;

/// Which of Kea's two lease families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// DHCPv4, kea-dhcp4.
    V4,
    /// DHCPv6, kea-dhcp6.
    V6,
}

impl Family {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::V4 => Self::V6,
            Self::V6 => Self::V4,
        }
    }

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
