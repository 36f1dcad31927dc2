//! Shared networks, subnets and pools.

use std::net::{IpAddr, Ipv6Addr};

use serde::Deserialize;

use super::super::json::{Map, Value};
use super::super::position::Position;
use super::address::{PoolRange, Prefix};
use super::class::ClientClasses;
use super::read::list;
use super::reservation::HostReservation;
use super::server::Server;
use super::settings::{ReservationModes, Settings};

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
    pub user_context: Option<Value>,
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
    pub user_context: Option<Value>,
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
}

/// A subnet with what it inherits from its shared network and the server.
#[derive(Debug, Clone, Copy)]
pub struct ServedSubnet<'a> {
    /// The server.
    pub server: &'a Server,
    /// The shared network that it is in.
    pub network: Option<&'a SharedNetwork>,
    /// The subnet.
    pub subnet: &'a Subnet,
}

impl<'a> ServedSubnet<'a> {
    /// The settings that apply, the subnet's own first.
    fn scopes(&self) -> impl Iterator<Item = &'a Settings> {
        let network = self.network.map(|network| &network.settings);
        [Some(&self.subnet.settings), network, Some(&self.server.settings)].into_iter().flatten()
    }

    /// A setting of the subnet, else of its shared network, else of the server: `setting(|it| it.valid_lifetime)`.
    pub fn setting<T>(&self, pick: impl FnMut(&'a Settings) -> Option<T>) -> Option<T> {
        self.scopes().find_map(pick)
    }

    /// The name of the shared network.
    #[must_use]
    pub fn network_name(&self) -> Option<&'a str> {
        self.network?.name.as_deref()
    }

    /// The interface of the server's host that its clients are on.
    #[must_use]
    pub fn interface(&self) -> Option<&'a str> {
        self.setting(|settings| settings.interface.as_deref())
    }

    /// The relays that its clients come through: its own, else those of the shared network.
    #[must_use]
    pub fn relays(&self) -> Vec<IpAddr> {
        let all = self.scopes().map(|settings| settings.relay.addresses().collect::<Vec<_>>());
        all.into_iter().find(|relays| !relays.is_empty()).unwrap_or_default()
    }

    /// The conditions that a client must meet: of the shared network and of the subnet.
    pub fn guards(&self) -> impl Iterator<Item = &'a ClientClasses> {
        let network = self.network.map(|network| &network.settings.classes);
        network.into_iter().chain([&self.subnet.settings.classes]).filter(|classes| classes.is_guarded())
    }

    /// Which reservations the server looks for; where nothing is written, those of the subnet.
    #[must_use]
    pub fn reservation_modes(&self) -> ReservationModes {
        let [global, in_subnet, out_of_pool] = [0, 1, 2].map(|index| self.setting(|it| it.modes()[index]));
        ReservationModes {
            global: global.unwrap_or(false),
            in_subnet: in_subnet.unwrap_or(true),
            out_of_pool: out_of_pool.unwrap_or(false),
        }
    }
}
