//! The columns of a list: what they are called, and what gives way where a terminal is narrow.

use std::str::FromStr;

use crate::lease::Family;

/// A column of a table or of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The address; of a prefix with its length.
    Address,
    /// `IA_NA`, `IA_TA` or `IA_PD`.
    Type,
    /// What the lease is at the moment.
    State,
    /// The host name.
    Hostname,
    /// The hardware address.
    HwAddr,
    /// Who made the device.
    Vendor,
    /// The client identifier, or the DUID.
    Client,
    /// The identity association.
    Iaid,
    /// The subnet's prefix where it is known, else its number.
    Subnet,
    /// The subnet's number.
    SubnetId,
    /// The subnet's or shared network's name.
    SubnetName,
    /// The pool's number.
    PoolId,
    /// Whether it is reserved, from a pool or neither.
    Origin,
    /// The valid lifetime.
    Lifetime,
    /// The preferred lifetime.
    Preferred,
    /// When it was given or renewed.
    Started,
    /// When it ends.
    Expires,
    /// How long that is from now.
    Remaining,
    /// The user context.
    UserContext,
    /// The pool that its address or prefix is in.
    Pool,
    /// In a dump: the address, also of a prefix.
    PlainAddress,
    /// In a dump: the state that Kea stores.
    StoredState,
    /// In a dump: the length of the prefix.
    PrefixLength,
    /// In a dump: the type of the hardware address.
    HwType,
    /// In a dump: where Kea learnt the hardware address.
    HwAddrSource,
    /// In a dump: whether Kea updates the forward name.
    FqdnForward,
    /// In a dump: whether Kea updates the reverse name.
    FqdnReverse,
}

/// The columns of a dump of DHCPv4 leases, under Kea's names.
const DUMP4: [(Column, &str); 13] = [
    (Column::PlainAddress, "address"),
    (Column::HwAddr, "hwaddr"),
    (Column::Client, "client_id"),
    (Column::Lifetime, "valid_lifetime"),
    (Column::Started, "cltt"),
    (Column::Expires, "expire"),
    (Column::SubnetId, "subnet_id"),
    (Column::PoolId, "pool_id"),
    (Column::FqdnForward, "fqdn_fwd"),
    (Column::FqdnReverse, "fqdn_rev"),
    (Column::Hostname, "hostname"),
    (Column::StoredState, "state"),
    (Column::UserContext, "user_context"),
];

/// The same of DHCPv6 leases.
const DUMP6: [(Column, &str); 19] = [
    (Column::PlainAddress, "address"),
    (Column::PrefixLength, "prefix_len"),
    (Column::Type, "lease_type"),
    (Column::Client, "duid"),
    (Column::Iaid, "iaid"),
    (Column::HwAddr, "hwaddr"),
    (Column::HwType, "hwtype"),
    (Column::HwAddrSource, "hwaddr_source"),
    (Column::Lifetime, "valid_lifetime"),
    (Column::Preferred, "pref_lifetime"),
    (Column::Started, "cltt"),
    (Column::Expires, "expire"),
    (Column::SubnetId, "subnet_id"),
    (Column::PoolId, "pool_id"),
    (Column::FqdnForward, "fqdn_fwd"),
    (Column::FqdnReverse, "fqdn_rev"),
    (Column::Hostname, "hostname"),
    (Column::StoredState, "state"),
    (Column::UserContext, "user_context"),
];

/// The columns of lists with the names typed for them.
const NAMES: [(Column, &str); 20] = [
    (Column::Address, "address"),
    (Column::Type, "type"),
    (Column::State, "state"),
    (Column::Hostname, "hostname"),
    (Column::HwAddr, "hwaddr"),
    (Column::Vendor, "vendor"),
    (Column::Client, "client"),
    (Column::Iaid, "iaid"),
    (Column::Subnet, "subnet"),
    (Column::SubnetId, "subnet-id"),
    (Column::SubnetName, "subnet-name"),
    (Column::PoolId, "pool-id"),
    (Column::Origin, "origin"),
    (Column::Lifetime, "lifetime"),
    (Column::Preferred, "preferred"),
    (Column::Started, "started"),
    (Column::Expires, "expires"),
    (Column::Remaining, "remaining"),
    (Column::UserContext, "user-context"),
    // After the others, so that those keep their places in CSV.
    (Column::Pool, "pool"),
];

impl Column {
    /// Those of a table for which no columns were chosen, in order.
    pub(super) const USUAL: [Self; 11] = [
        Self::Address,
        Self::State,
        Self::Hostname,
        Self::HwAddr,
        Self::Vendor,
        Self::Client,
        Self::Subnet,
        Self::Origin,
        Self::Lifetime,
        Self::Expires,
        Self::Remaining,
    ];

    /// Those that a narrow terminal goes without, the first to go first.
    pub(super) const DISPENSABLE: [Self; 7] =
        [Self::Client, Self::Lifetime, Self::Vendor, Self::Origin, Self::Subnet, Self::HwAddr, Self::State];

    /// The same in a history, where the end of a lease follows from its beginning and its lifetime.
    pub(super) const DISPENSABLE_IN_HISTORY: [Self; 5] =
        [Self::Client, Self::Expires, Self::Lifetime, Self::Hostname, Self::HwAddr];

    /// Those of a history, in order.
    #[must_use]
    pub fn of_history() -> Vec<Self> {
        vec![
            Self::Started,
            Self::Address,
            Self::State,
            Self::Hostname,
            Self::HwAddr,
            Self::Client,
            Self::Lifetime,
            Self::Expires,
        ]
    }

    /// So many of them go rather than that host names are cut.
    pub(super) const LEAST_WORTH: usize = 2;

    /// Those that are less worth than the year of a moment.
    pub(super) const SPARED_FIRST: [Self; 5] = [Self::Client, Self::Lifetime, Self::Vendor, Self::Origin, Self::Subnet];

    /// Those of a dump, with Kea's names.
    pub(super) fn of_dump(family: Family) -> &'static [(Self, &'static str)] {
        match family {
            Family::V4 => &DUMP4,
            Family::V6 => &DUMP6,
        }
    }

    /// Those of a list, all of them, in the order of CSV.
    #[must_use]
    pub fn all() -> Vec<Self> {
        NAMES.iter().map(|(column, _)| *column).collect()
    }

    /// The name typed for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(column, _)| *column == self).map_or("", |(_, name)| name)
    }

    /// Its heading in a table of this family.
    pub(super) fn heading(self, family: Family) -> &'static str {
        match (self, family) {
            (Self::Address | Self::PlainAddress, _) => "ADDRESS",
            (Self::Type, _) => "TYPE",
            (Self::State | Self::StoredState, _) => "STATE",
            (Self::Hostname, _) => "HOSTNAME",
            (Self::HwAddr, _) => "HWADDR",
            (Self::Vendor, _) => "VENDOR",
            (Self::Client, Family::V4) => "CLIENT-ID",
            (Self::Client, Family::V6) => "DUID",
            (Self::Iaid, _) => "IAID",
            (Self::Subnet, _) => "SUBNET",
            (Self::SubnetId, _) => "SUBNET-ID",
            (Self::SubnetName, _) => "SUBNET-NAME",
            (Self::PoolId, _) => "POOL-ID",
            (Self::Origin, _) => "ORIGIN",
            (Self::Lifetime, _) => "LIFETIME",
            (Self::Preferred, _) => "PREFERRED",
            (Self::Started, _) => "STARTED",
            (Self::Expires, _) => "EXPIRES",
            (Self::Remaining, _) => "LEFT",
            (Self::UserContext, _) => "USER-CONTEXT",
            (Self::Pool, _) => "POOL",
            (Self::PrefixLength, _) => "PREFIX-LEN",
            (Self::HwType, _) => "HWTYPE",
            (Self::HwAddrSource, _) => "HWADDR-SOURCE",
            (Self::FqdnForward, _) => "FQDN-FWD",
            (Self::FqdnReverse, _) => "FQDN-REV",
        }
    }

    /// The least useful width; `None` if it must not be cut.
    pub(super) fn least(self) -> Option<usize> {
        match self {
            Self::Hostname => Some(14),
            Self::Vendor | Self::SubnetName => Some(10),
            Self::HwAddr | Self::Client => Some(17),
            Self::UserContext => Some(12),
            _ => None,
        }
    }

    /// How far lines are filled up for it where nothing is cut: a few cells that are longer must not make all lines long.
    pub(super) fn most(self) -> usize {
        match self {
            Self::HwAddr => 17,
            Self::Vendor | Self::SubnetName | Self::Hostname | Self::UserContext => 32,
            Self::Client => 41,
            _ => usize::MAX,
        }
    }

    /// Whether clients or administrators chose its text.
    pub(super) fn is_foreign(self) -> bool {
        matches!(self, Self::Hostname | Self::Vendor | Self::Subnet | Self::SubnetName | Self::UserContext | Self::Pool)
    }

    /// The names typed for them, each once.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, name)| *name)
    }

    /// Whether its values are numbers, which are compared from the right.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Iaid | Self::SubnetId | Self::PoolId | Self::Lifetime | Self::Preferred | Self::Remaining)
    }
}

impl FromStr for Column {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = match text {
            "mac" | "hw-address" => "hwaddr",
            "client-id" | "duid" => "client",
            other => other,
        };
        let found = NAMES.iter().find(|(_, name)| *name == wanted);
        found.map(|(column, _)| *column).ok_or_else(|| {
            let names: Vec<_> = Self::names().collect();
            format!("the columns are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_known_by_its_name_and_usual_aliases() {
        for (column, name) in NAMES {
            assert_eq!((name.parse(), column.name()), (Ok(column), name));
        }
        assert_eq!(["mac", "duid"].map(str::parse), [Ok(Column::HwAddr), Ok(Column::Client)]);
        assert!("color".parse::<Column>().unwrap_err().contains("address, type, state"));
    }
}
