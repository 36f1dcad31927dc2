//! The filter arguments of every program that reads leases.

use clap::Args;

use super::words::words;
use crate::error::{Error, Result};
use crate::lease::filter::{Filter, OctetPrefix, Pattern, Range, Search, SubnetChoice};
use crate::lease::{Family, LeaseStatus, LeaseType};
use crate::time::parse_span;

/// The filter options.
#[derive(Debug, Args)]
#[command(next_help_heading = "Filters")]
pub(in crate::cli) struct FilterArgs {
    /// Only leases in this state: assigned, declined, expired (not reclaimed yet), expired-reclaimed, released, registered
    #[arg(long, value_name = "STATE,...", value_delimiter = ',', value_parser = words(LeaseStatus::NAMES, |text| text.parse::<LeaseStatus>().ok()), hide_possible_values = true)]
    state: Vec<LeaseStatus>,
    /// Only this subnet, by its id or prefix
    #[arg(long, value_name = "ID|PREFIX", value_delimiter = ',')]
    subnet: Vec<SubnetChoice>,
    /// Only addresses in this range: 192.0.2.0/24, 192.0.2.10-192.0.2.99
    #[arg(long, value_name = "RANGE", value_delimiter = ',', hide_short_help = true)]
    range: Vec<Range>,
    /// Only hardware addresses that begin with this
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', value_parser = OctetPrefix::hwaddr)]
    mac: Vec<OctetPrefix>,
    /// Only host names that contain this text; with * or ?, that match it as a whole
    #[arg(long, value_name = "TEXT", value_delimiter = ',', hide_short_help = true)]
    hostname: Vec<Pattern>,
    /// Only client identifiers (DHCPv4) that begin with this
    #[arg(long, value_name = "HEX", value_delimiter = ',', value_parser = OctetPrefix::identifier, hide_short_help = true)]
    client_id: Vec<OctetPrefix>,
    /// Only DUIDs (DHCPv6) that begin with this
    #[arg(long, value_name = "HEX", value_delimiter = ',', value_parser = OctetPrefix::identifier, hide_short_help = true)]
    duid: Vec<OctetPrefix>,
    /// Only addresses (na) or prefixes (pd) of DHCPv6
    #[arg(long, value_name = "na|pd", value_delimiter = ',', value_parser = words(["na", "pd"], |text| text.parse::<LeaseType>().ok()), hide_possible_values = true, hide_short_help = true)]
    lease_type: Vec<LeaseType>,
    /// Only leases that end within this time, such as 1h
    #[arg(long, value_name = "TIME", value_parser = parse_span, hide_short_help = true)]
    expiring: Option<u32>,
    /// Only leases granted or renewed within this time, such as 10m
    #[arg(long, value_name = "TIME", value_parser = parse_span, hide_short_help = true)]
    new: Option<u32>,
    /// Only leases with this text in their address, host name, hardware address, client identifier or DUID; with * or ?,
    /// one of them that matches as a whole
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    search: Vec<Search>,
}

impl FilterArgs {
    /// What was asked for, at this moment; `more` lease types are asked for elsewhere.
    pub(in crate::cli) fn filter(&self, now: i64, more: impl Iterator<Item = LeaseType>) -> Filter {
        Filter {
            now,
            address: None,
            statuses: self.state.clone(),
            subnets: self.subnet.clone(),
            ranges: self.range.clone(),
            hwaddrs: self.mac.clone(),
            client_ids: self.client_id.clone(),
            duids: self.duid.clone(),
            hostnames: self.hostname.clone(),
            lease_types: self.lease_type.iter().copied().chain(more).collect(),
            expiring: self.expiring,
            fresh: self.new,
            searches: self.search.clone(),
            wanted: Vec::new(),
        }
    }
}

/// The only family that the filter can match, if there is only one.
pub(in crate::cli) fn family(filter: &Filter) -> Result<Option<Family>> {
    filter.family().map_err(|[one, other]| {
        let cause = format!("{one} and {other} exclude each other: one means DHCPv4 leases, the other DHCPv6 leases");
        Error::new("", cause).hint("leave one of them out")
    })
}
