//! Shared networks, subnets and pools.

use std::net::{IpAddr, Ipv6Addr};

use serde::Deserialize;

use super::super::json::{Map, Value};
use super::super::position::Position;
use super::address::{PoolRange, Prefix};
use super::class::ClientClasses;
use super::read::list;
use super::reservation::HostReservation;
use super::settings::Settings;
use crate::lease::filter::Range;

/// Several subnets on one link: a client may get an address of any of them.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct SharedNetwork {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// The name.
    pub name: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) subnet4: Vec<Subnet>,
    #[serde(deserialize_with = "list")]
    pub(super) subnet6: Vec<Subnet>,
    /// Reservations for all its subnets.
    #[serde(deserialize_with = "list")]
    pub reservations: Vec<HostReservation>,
    /// What its subnets inherit.
    #[serde(rename = "$settings")]
    pub settings: Settings,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

impl SharedNetwork {
    /// Its subnets.
    #[must_use]
    pub fn subnets(&self) -> &[Subnet] {
        if self.subnet4.is_empty() { &self.subnet6 } else { &self.subnet4 }
    }
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Subnet {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// Its number as it is written; `None` where Kea chooses it (up to Kea 2.5).
    #[serde(rename = "id", default)]
    pub written_id: Option<u32>,
    /// Its number: as it is written, or the one that Kea chooses.
    #[serde(skip)]
    pub id: u32,
    /// Its prefix.
    #[serde(rename = "subnet")]
    pub prefix: Prefix,
    /// The pools of addresses.
    #[serde(default, deserialize_with = "list")]
    pub pools: Vec<AddressPool>,
    /// The pools of prefixes (DHCPv6).
    #[serde(default, deserialize_with = "list")]
    pub pd_pools: Vec<PrefixPool>,
    /// Addresses, prefixes and names that are kept for certain clients.
    #[serde(default, deserialize_with = "list")]
    pub reservations: Vec<HostReservation>,
    /// What is set for it.
    #[serde(rename = "$settings")]
    pub settings: Settings,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// A pool of addresses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AddressPool {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// Its addresses.
    pub pool: PoolRange,
    /// The number of its statistics (Kea 2.6 on); several pools may have the same, which is 0 if none is written.
    #[serde(default)]
    pub pool_id: u32,
    /// Notes of an administrator.
    #[serde(default)]
    pub user_context: Option<Box<Value>>,
    /// The classes of its clients.
    #[serde(rename = "$classes")]
    pub classes: ClientClasses,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// A pool of prefixes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PrefixPool {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// The prefix that the delegated ones are part of.
    pub prefix: Ipv6Addr,
    /// Its length.
    pub prefix_len: u8,
    /// The length of each delegated prefix.
    #[serde(default)]
    pub delegated_len: Option<u8>,
    /// A prefix in each delegated one that the delegating router keeps.
    #[serde(default)]
    pub excluded_prefix: Option<Ipv6Addr>,
    /// The length of that.
    #[serde(default)]
    pub excluded_prefix_len: Option<u8>,
    /// The number of its statistics (Kea 2.6 on), 0 if none is written.
    #[serde(default)]
    pub pool_id: u32,
    /// Notes of an administrator.
    #[serde(default)]
    pub user_context: Option<Box<Value>>,
    /// The classes of its clients.
    #[serde(rename = "$classes")]
    pub classes: ClientClasses,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

impl PrefixPool {
    /// The prefix with its length; `None` if it is longer than any.
    #[must_use]
    pub fn whole(&self) -> Option<Prefix> {
        Prefix::new(IpAddr::V6(self.prefix), self.prefix_len)
    }

    /// The addresses of what it gives: from the prefix as it is written to the end.
    #[must_use]
    pub fn range(&self) -> Option<Range> {
        Range::to_end_of_prefix(IpAddr::V6(self.prefix), self.prefix_len)
    }
}
