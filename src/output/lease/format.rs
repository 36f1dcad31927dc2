//! The formats of leases, by the names typed for them.

use clap::ValueEnum;

/// A format of leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LeaseFormat {
    /// Kea's own lease file, which Kea loads
    Memfile,
    /// columns for people
    Table,
    /// RFC 4180, safe for spreadsheets
    Csv,
    /// one document: an array of objects with the field names of Kea's API
    Json,
    /// one such object a line
    Ndjson,
    /// the columns of older scripts, between bars
    Classic,
    /// lines for /etc/hosts
    Hosts,
    /// lines for /etc/ethers
    Ethers,
    /// an inventory for Ansible
    Ansible,
    /// how many leases of each subnet are in which state, for the textfile collector
    Prometheus,
}

impl LeaseFormat {
    /// Those of a dump: every lease as it is stored.
    pub const OF_DUMP: [Self; 4] = [Self::Memfile, Self::Csv, Self::Json, Self::Ndjson];
    /// Those of a list.
    pub const OF_LIST: [Self; 9] = [
        Self::Table,
        Self::Csv,
        Self::Json,
        Self::Ndjson,
        Self::Classic,
        Self::Hosts,
        Self::Ethers,
        Self::Ansible,
        Self::Prometheus,
    ];

    /// The name typed for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memfile => "memfile",
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Classic => "classic",
            Self::Hosts => "hosts",
            Self::Ethers => "ethers",
            Self::Ansible => "ansible",
            Self::Prometheus => "prometheus",
        }
    }

    /// Whether it has no place for some leases, such as those without a name.
    #[must_use]
    pub fn leaves_leases_out(self) -> bool {
        matches!(self, Self::Hosts | Self::Ethers | Self::Ansible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_the_name_typed_for_it() {
        for format in LeaseFormat::value_variants() {
            assert_eq!(LeaseFormat::from_str(format.name(), false), Ok(*format));
            assert!(LeaseFormat::OF_DUMP.contains(format) || LeaseFormat::OF_LIST.contains(format));
        }
    }
}
