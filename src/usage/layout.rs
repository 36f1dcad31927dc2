//! What a DHCP server has to give: shared networks, subnets and pools, and which addresses are reserved.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops;
use std::sync::Arc;

use hashbrown::HashMap;

use super::evidence::Timers;
use super::guard::Guard;
use super::index::Index;
use super::number;
use super::overlap::Overlaps;
use super::pairing::Pairing;
use super::place::{LayoutPlace, Level};
use crate::config::model::HostReservation;
use crate::family::Family;
use crate::lease::filter::Range;
use crate::lease::subnets::Reservation;

/// What a server has to give.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The family.
    pub family: Family,
    /// The shared networks.
    pub networks: Vec<Network>,
    /// The subnets, in the order of the configuration, those of shared networks last.
    pub subnets: Vec<Subnet>,
    /// The pools of each subnet, those of prefixes after those of addresses.
    pub pools: Vec<Pool>,
    /// The texts of all pools, one after the other.
    pub(super) texts: String,
    /// What is wrong in the configuration, and left out.
    pub faults: Vec<String>,
    /// Whether all reservations are known.
    pub has_all_reservations: bool,
    /// Whether something is reserved for hosts in all subnets.
    pub(super) has_global_hosts: bool,
    /// The servers that back each other up, and which clients they serve now.
    pub pairing: Pairing,
    pub(super) ids: HashMap<u32, usize>,
    /// Which clients pools are for; most are for all, and many for the same.
    pub(super) guards: Vec<Guard>,
    /// The reserved addresses of each pool that has some.
    pub(super) reserved: HashMap<usize, BTreeSet<u128>>,
    pub(super) addresses: Index,
    pub(super) prefixes: Index,
    pub(super) overlaps: Overlaps,
}

/// A shared network.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its name.
    pub name: Option<String>,
    /// Its subnets.
    pub subnets: Vec<usize>,
}

/// A subnet.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is so or not")]
pub struct Subnet {
    /// Its number.
    pub id: u32,
    /// Its prefix as it is written.
    pub prefix: Box<str>,
    /// The addresses of the prefix.
    pub range: Range,
    /// What an administrator calls it.
    pub name: Option<String>,
    /// Its shared network.
    pub network: Option<usize>,
    /// How addresses are chosen.
    pub allocator: Arc<str>,
    /// How prefixes are chosen.
    pub pd_allocator: Arc<str>,
    /// The classes of which a client must be in one, of the subnet and its shared network.
    pub classes: Vec<String>,
    /// Whether it has reservations of its own.
    pub(super) has_hosts: bool,
    /// Whether its clients get what is reserved for all subnets.
    pub(super) takes_global: bool,
    /// Its pools of addresses.
    pub pools: ops::Range<usize>,
    /// Its pools of prefixes.
    pub prefix_pools: ops::Range<usize>,
    /// The lifetime of its leases, in seconds.
    pub valid_lifetime: Option<u32>,
    pub(super) timers: Timers,
    /// Whether the server withholds what is reserved in it.
    pub(super) withholds: bool,
    /// Whether a pool of it is left out, since it cannot be.
    pub(super) has_skipped: bool,
}

/// What a pool gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PoolKind {
    /// Addresses.
    Addresses,
    /// Prefixes of this length.
    Prefixes(u8),
}

/// A pool. A server may have many thousands: each has only what is its own.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Its subnet.
    pub subnet: usize,
    /// Where in [`Layout::texts`] it is as it is written; of a pool of prefixes, the prefix with its length.
    pub(super) text: ops::Range<u32>,
    /// How many addresses or prefixes it has; none if it is left out.
    pub total: u128,
    /// Its addresses.
    pub range: Range,
    /// The number of its statistics.
    pub pool_id: u32,
    pub(super) guard: u32,
    /// What it gives.
    pub kind: PoolKind,
    /// Whether expired leases are given again only after they are reclaimed.
    pub is_queued: bool,
}

impl Layout {
    /// The subnet with this number.
    #[must_use]
    pub fn subnet_with(&self, id: u32) -> Option<usize> {
        self.ids.get(&id).copied()
    }

    /// The pools that an address is in, or that have exactly the prefix to give that begins there; those of several subnets may
    /// overlap.
    pub(super) fn pools_with(&self, number: u128, is_prefix: bool) -> impl Iterator<Item = usize> {
        let index = if is_prefix { &self.prefixes } else { &self.addresses };
        index.find(number).filter(move |pool| !is_prefix || self.pools[*pool].unit(number).is_some())
    }

    /// Which clients a pool is for.
    #[must_use]
    pub fn guard(&self, pool: usize) -> &Guard {
        &self.guards[self.pools[pool].guard as usize]
    }

    /// How many addresses of a pool are withheld for the hosts that they are reserved for.
    #[must_use]
    pub fn reserved(&self, pool: usize) -> u64 {
        self.reserved.get(&pool).map_or(0, |reserved| reserved.len() as u64)
    }

    pub(super) fn is_reserved(&self, pool: usize, number: u128) -> bool {
        !self.reserved.is_empty() && self.reserved.get(&pool).is_some_and(|reserved| reserved.contains(&number))
    }

    /// Which addresses or prefixes of a pool are reserved.
    pub(super) fn reserved_units(&self, pool: usize) -> impl Iterator<Item = u128> {
        self.reserved.get(&pool).into_iter().flatten().filter_map(move |number| self.pools[pool].unit(*number))
    }

    /// `campus`, `10.59.0.0/24`, `10.59.0.10 - 10.59.0.13`.
    #[must_use]
    pub fn name(&self, place: LayoutPlace) -> &str {
        match place.level {
            Level::Network => self.networks[place.index].name.as_deref().unwrap_or("(no name)"),
            Level::Subnet => &self.subnets[place.index].prefix,
            Level::Pool => self.text_of(&self.pools[place.index]),
        }
    }

    /// The same with the number and the own name of a subnet: `59 10.59.0.0/24 "wlan"`.
    #[must_use]
    pub fn label(&self, place: LayoutPlace) -> String {
        match (place.level, self.name(place)) {
            (Level::Subnet, prefix) => {
                let subnet = &self.subnets[place.index];
                let name = subnet.name.as_ref().map_or_else(String::new, |name| format!(" \"{name}\""));
                format!("{} {prefix}{name}", subnet.id)
            }
            (_, name) => name.to_owned(),
        }
    }

    pub(super) fn text_of(&self, pool: &Pool) -> &str {
        self.texts.get(pool.text.start as usize..pool.text.end as usize).unwrap_or_default()
    }

    /// The pools of addresses and of prefixes that an address is in.
    #[must_use]
    pub fn pools_at(&self, address: IpAddr) -> Vec<usize> {
        let holds = |(_, pool): &(usize, &Pool)| pool.total > 0 && pool.range.contains(address);
        self.pools.iter().enumerate().filter(holds).map(|(index, _)| index).collect()
    }

    /// Whether some host has a reservation that holds in a subnet.
    #[must_use]
    pub fn has_hosts(&self, subnet: usize) -> bool {
        let subnet = &self.subnets[subnet];
        subnet.has_hosts || (subnet.takes_global && self.has_global_hosts)
    }

    /// Takes a reservation from elsewhere: of the subnet with this number, 0 for all.
    pub fn add_host(&mut self, subnet_id: u32, host: &Reservation) {
        if subnet_id == 0 {
            self.has_global_hosts |= host.kept().any(|kept| kept.is_some());
            return;
        }
        let Some(index) = self.subnet_with(subnet_id) else { return };
        self.subnets[index].has_hosts = true;
        if self.subnets[index].withholds {
            host.addresses.iter().for_each(|address| self.withhold(index, *address));
            host.prefixes.iter().for_each(|prefix| self.withhold(index, prefix.first()));
        }
    }

    /// Withholds the address, and the prefix that begins there, of the subnet with this number, if its pools have it. Kea looks
    /// for reservations by the address, whatever its kind and length.
    fn withhold(&mut self, subnet: usize, address: IpAddr) {
        let number = number(address);
        for is_prefix in [false, true] {
            let found = self.pools_with(number, is_prefix).find(|pool| self.pools[*pool].subnet == subnet);
            if let Some(pool) = found {
                self.reserved.entry(pool).or_default().insert(number);
            }
        }
    }

    pub(super) fn reserve(&mut self, subnet: usize, host: &HostReservation) {
        for address in host.addresses().chain(host.prefixes.iter().map(|prefix| prefix.address)) {
            self.withhold(subnet, address);
        }
    }
}

impl Pool {
    /// Whether it gives prefixes.
    #[must_use]
    pub fn is_of_prefixes(&self) -> bool {
        self.kind != PoolKind::Addresses
    }

    /// How many addresses or prefixes its range has, also those that are not given; none if it is left out.
    #[must_use]
    pub fn size(&self) -> u128 {
        match self.kind {
            PoolKind::Addresses if self.total > 0 => {
                (super::number(self.range.last()) - super::number(self.range.first())).saturating_add(1)
            }
            _ => self.total,
        }
    }

    /// The first address of the unit with this number.
    pub(super) fn first_of(&self, unit: u128) -> u128 {
        let shift = match self.kind {
            PoolKind::Addresses => 0,
            PoolKind::Prefixes(length) => u32::from(128 - length),
        };
        super::number(self.range.first()).saturating_add(unit.checked_shl(shift).unwrap_or(0))
    }

    /// The address or prefix with this number in it.
    #[must_use]
    pub fn unit_name(&self, unit: u128) -> String {
        let number = self.first_of(unit);
        let length = match self.kind {
            PoolKind::Addresses => String::new(),
            PoolKind::Prefixes(length) => format!("/{length}"),
        };
        match self.range.first() {
            IpAddr::V4(_) => {
                u32::try_from(number).map_or_else(|_| String::new(), |it| Ipv4Addr::from_bits(it).to_string())
            }
            IpAddr::V6(_) => Ipv6Addr::from_bits(number).to_string() + &length,
        }
    }

    /// Which of its addresses or prefixes begins at this address; `None` if none does.
    pub(super) fn unit(&self, number: u128) -> Option<u128> {
        let offset = number.checked_sub(super::number(self.range.first()))?;
        match self.kind {
            PoolKind::Addresses => Some(offset),
            PoolKind::Prefixes(length) => {
                let shift = u32::from(128 - length);
                let unit = offset.checked_shr(shift).unwrap_or(0);
                (unit.checked_shl(shift).unwrap_or(0) == offset).then_some(unit)
            }
        }
    }
}
