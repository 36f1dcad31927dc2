//! What a DHCP server has to give: shared networks, subnets and pools, and which addresses are reserved.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops;

use hashbrown::HashMap;

use super::evidence::Timers;
use super::index::Index;
use super::number;
use super::pairing::Pairing;
use super::place::{Level, Place};
use crate::config::model::{AddressPool, ClientClasses, HostReservation, PrefixPool, ServedSubnet, SharedNetwork};
use crate::config::{Config, Position};
use crate::family::Family;
use crate::lease::filter::Range;
use crate::lease::subnets::Reservation;

/// Classes that a new client is always in, so that they exclude none.
const OF_EVERY_NEW_CLIENT: [&str; 2] = ["ALL", "UNKNOWN"];

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
    /// What is wrong in the configuration, and left out.
    pub faults: Vec<String>,
    /// Whether all reservations are known.
    pub has_all_reservations: bool,
    /// The servers that back each other up, and which clients they serve now.
    pub pairing: Pairing,
    ids: HashMap<u32, usize>,
    /// The ids of subnets by their addresses.
    ranges: HashMap<Range, u32>,
    addresses: Index,
    prefixes: Index,
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
pub struct Subnet {
    /// Its number.
    pub id: u32,
    /// Its prefix as it is written.
    pub prefix: String,
    /// The addresses of the prefix.
    pub range: Range,
    /// What an administrator calls it.
    pub name: Option<String>,
    /// Its shared network.
    pub network: Option<usize>,
    /// How addresses are chosen.
    pub allocator: String,
    /// How prefixes are chosen.
    pub pd_allocator: String,
    /// The classes of which a client must be in one, of the subnet and its shared network.
    pub classes: Vec<String>,
    /// How many reservations it has.
    pub hosts: usize,
    /// Its pools of addresses.
    pub pools: ops::Range<usize>,
    /// Its pools of prefixes.
    pub prefix_pools: ops::Range<usize>,
    /// The lifetime of its leases, in seconds.
    pub valid_lifetime: Option<u32>,
    pub(super) timers: Timers,
    /// Whether the server withholds what is reserved in it.
    withholds: bool,
}

/// What a pool gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PoolKind {
    /// Addresses.
    Addresses,
    /// Prefixes of this length.
    Prefixes(u8),
}

/// A pool.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Its subnet.
    pub subnet: usize,
    /// As it is written; of a pool of prefixes, the prefix with its length.
    pub text: String,
    /// The number of its statistics.
    pub pool_id: u32,
    /// Where it is configured.
    pub(super) position: Position,
    /// The classes of which a client must be in one.
    pub classes: Vec<String>,
    /// What it gives.
    pub kind: PoolKind,
    /// Its addresses.
    pub range: Range,
    /// How many addresses or prefixes it has; none if it is left out.
    pub total: u128,
    /// Whether a client of no class is served from it.
    pub is_open: bool,
    /// The server of a load-balancing pair whose clients it is for.
    pub scope: Option<String>,
    /// Whether expired leases are given again only after they are reclaimed.
    pub is_queued: bool,
    first: u128,
    reserved: BTreeSet<u128>,
}

impl Layout {
    /// Of a server's configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let family = config.family().unwrap_or(Family::V4);
        let mut layout = Self {
            family,
            networks: Vec::new(),
            subnets: Vec::new(),
            pools: Vec::new(),
            faults: faults_of(config),
            has_all_reservations: config.server.hosts_databases().next().is_none(),
            pairing: Pairing::new(config),
            ids: HashMap::new(),
            ranges: HashMap::new(),
            addresses: Index::default(),
            prefixes: Index::default(),
        };
        let server = &config.server;
        for network in server.shared_networks() {
            layout.networks.push(Network { name: network.name.clone(), subnets: Vec::new() });
        }
        let scopes: Vec<String> =
            server.high_availability().flat_map(|ha| &ha.peers).filter_map(|peer| peer.name.clone()).collect();
        let networks: HashMap<*const SharedNetwork, usize> =
            server.shared_networks().iter().map(std::ptr::from_ref).zip(0..).collect();
        for served in server.subnets() {
            let network = served.network.and_then(|it| networks.get(&std::ptr::from_ref(it)).copied());
            layout.add(config, served, network, &scopes);
        }
        if layout.subnets.is_empty() {
            layout.faults.push(format!("{}: no subnet is configured", config.file.display()));
        }
        layout.index(config);
        for (index, served) in server.subnets().enumerate() {
            if layout.subnets[index].withholds {
                served.subnet.reservations.iter().for_each(|host| layout.reserve(index, host));
            }
        }
        layout
    }

    /// The subnet with this number.
    #[must_use]
    pub fn subnet_with(&self, id: u32) -> Option<usize> {
        self.ids.get(&id).copied()
    }

    /// The pool of addresses that an address is in.
    pub(super) fn pool_of_address(&self, number: u128) -> Option<usize> {
        self.addresses.find(number)
    }

    /// The pool that has exactly this prefix to give, as far as its first address says.
    pub(super) fn pool_of_prefix(&self, number: u128) -> Option<usize> {
        self.prefixes.find(number).filter(|pool| self.pools[*pool].unit(number).is_some())
    }

    /// `campus`, `10.59.0.0/24`, `10.59.0.10 - 10.59.0.13`.
    #[must_use]
    pub fn name(&self, place: Place) -> &str {
        match place.level {
            Level::Network => self.networks[place.index].name.as_deref().unwrap_or("(no name)"),
            Level::Subnet => &self.subnets[place.index].prefix,
            Level::Pool => &self.pools[place.index].text,
        }
    }

    /// The pools of addresses and of prefixes that an address is in.
    #[must_use]
    pub fn pools_at(&self, address: IpAddr) -> Vec<usize> {
        let holds = |(_, pool): &(usize, &Pool)| pool.total > 0 && pool.range.contains(address);
        self.pools.iter().enumerate().filter(holds).map(|(index, _)| index).collect()
    }

    /// Takes a reservation from elsewhere: of the subnet with this number, 0 for all.
    pub fn add_host(&mut self, subnet_id: u32, host: &Reservation) {
        let Some(index) = self.subnet_with(subnet_id).filter(|_| subnet_id > 0) else { return };
        self.subnets[index].hosts += 1;
        if self.subnets[index].withholds {
            host.addresses.iter().for_each(|address| self.withhold(index, *address, None));
            let prefixes = host.prefixes.iter().filter_map(Range::as_prefix);
            prefixes.for_each(|(first, length)| self.withhold(index, first, u8::try_from(length).ok()));
        }
    }

    /// Withholds an address or prefix of the subnet with this number, if its pools have it.
    fn withhold(&mut self, subnet: usize, address: IpAddr, prefix_len: Option<u8>) {
        let number = number(address);
        let index = if prefix_len.is_some() { &self.prefixes } else { &self.addresses };
        let Some(pool) = index.find(number).map(|pool| &mut self.pools[pool]) else { return };
        let fits = match (pool.kind, prefix_len) {
            (PoolKind::Addresses, None) => true,
            (PoolKind::Prefixes(delegated), Some(length)) => delegated == length,
            _ => false,
        };
        if pool.subnet == subnet && fits && pool.unit(number).is_some() {
            pool.reserved.insert(number);
        }
    }

    fn reserve(&mut self, subnet: usize, host: &HostReservation) {
        for address in host.addresses() {
            self.withhold(subnet, address, None);
        }
        for prefix in &host.prefixes {
            self.withhold(subnet, prefix.range().first(), Some(prefix.length));
        }
    }

    fn add(&mut self, config: &Config, served: ServedSubnet<'_>, network: Option<usize>, scopes: &[String]) {
        let (subnet, index, modes) = (served.subnet, self.subnets.len(), served.reservation_modes());
        let word = |word: Option<&str>| word.unwrap_or("iterative").to_owned();
        let allocator = word(served.setting(|it| it.allocator.as_deref()));
        let pd_allocator = word(served.setting(|it| it.pd_allocator.as_deref()));
        let classes: Vec<String> = served.guards().flat_map(ClientClasses::required).map(str::to_owned).collect();
        let is_open = served.guards().all(admits_all);
        let place = config.place(subnet.position);
        if let Some(other) = self.ranges.insert(subnet.prefix.range(), subnet.id) {
            self.faults.push(format!(
                "{place}: subnet {} of id {} has the prefix of subnet {other}",
                subnet.prefix, subnet.id
            ));
        }
        if let Some(other) = self.ids.insert(subnet.id, index) {
            let other = &self.subnets[other].prefix;
            self.faults.push(format!("{place}: subnet {} has the id {} of {other}", subnet.prefix, subnet.id));
        }
        if let Some(network) = network {
            self.networks[network].subnets.push(index);
        }
        let start = self.pools.len();
        for pool in &subnet.pools {
            let new =
                address_pool(index, pool, is_open && admits_all(&pool.classes), allocator.ends_with("flq"), scopes);
            if !(subnet.prefix.range().contains(new.range.first()) && subnet.prefix.range().contains(new.range.last()))
            {
                let place = config.place(pool.position);
                self.faults
                    .push(format!("{place}: pool {} is not in subnet {}, and not counted", new.text, subnet.prefix));
                continue;
            }
            self.pools.push(new);
        }
        let middle = self.pools.len();
        for pool in &subnet.pd_pools {
            let new =
                prefix_pool(index, pool, is_open && admits_all(&pool.classes), pd_allocator.ends_with("flq"), scopes);
            match new {
                Ok(new) => self.pools.push(new),
                Err(why) => self.faults.push(format!("{}: {why}, and not counted", config.place(pool.position))),
            }
        }
        if !is_open {
            // Whatever server answers, it does not serve everyone, unless the guard is for the clients of one server.
            let scope = scope_of_guards(served.guards(), scopes);
            for pool in &mut self.pools[start..] {
                let is_same = pool.classes.is_empty() || pool.scope == scope;
                pool.scope = scope.clone().filter(|_| is_same);
            }
        }
        self.subnets.push(Subnet {
            id: subnet.id,
            prefix: subnet.prefix.to_string(),
            range: subnet.prefix.range(),
            name: subnet.settings.context_name(),
            network,
            allocator,
            pd_allocator,
            classes,
            hosts: subnet.reservations.len(),
            pools: start..middle,
            prefix_pools: middle..self.pools.len(),
            valid_lifetime: served.setting(|it| it.valid_lifetime),
            withholds: modes.in_subnet && !modes.out_of_pool,
            timers: Timers {
                valid: served.setting(|it| it.valid_lifetime),
                renew: served.setting(|it| it.renew_timer),
                offer: served.setting(|it| it.offer_lifetime),
            },
        });
    }

    /// Finds what overlaps, and leaves it out.
    fn index(&mut self, config: &Config) {
        for kind in [false, true] {
            let of_kind = self.pools.iter().enumerate().filter(|(_, pool)| (pool.kind != PoolKind::Addresses) == kind);
            let ranges = of_kind.map(|(index, pool)| (pool.first, number(pool.range.last()), index));
            let (index, overlapping) = Index::new(ranges);
            for (pool, other) in overlapping {
                let shown = |pool: usize| {
                    let pool = &self.pools[pool];
                    format!("pool {} of subnet {}", pool.text, self.subnets[pool.subnet].prefix)
                };
                let place = config.place(self.pools[pool].position);
                self.faults.push(format!(
                    "{place}: {} overlaps with {}, and is not counted",
                    shown(pool),
                    shown(other)
                ));
                self.pools[pool].total = 0;
            }
            if kind { self.prefixes = index } else { self.addresses = index }
        }
    }
}

impl Pool {
    /// Whether it gives prefixes.
    #[must_use]
    pub fn is_of_prefixes(&self) -> bool {
        self.kind != PoolKind::Addresses
    }

    /// How many of its addresses are withheld for the hosts that they are reserved for.
    #[must_use]
    pub fn reserved(&self) -> u64 {
        self.reserved.len() as u64
    }

    pub(super) fn is_reserved(&self, number: u128) -> bool {
        !self.reserved.is_empty() && self.reserved.contains(&number)
    }

    /// Which of its addresses or prefixes are reserved.
    pub(super) fn reserved_units(&self) -> impl Iterator<Item = u128> {
        self.reserved.iter().filter_map(|number| self.unit(*number))
    }

    /// Which of its addresses or prefixes begins at this address; `None` if none does.
    pub(super) fn unit(&self, number: u128) -> Option<u128> {
        let offset = number.checked_sub(self.first)?;
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

fn address_pool(subnet: usize, pool: &AddressPool, is_open: bool, is_queued: bool, scopes: &[String]) -> Pool {
    let range = pool.pool.range;
    let (first, last) = (number(range.first()), number(range.last()));
    let classes: Vec<String> = pool.classes.required().map(str::to_owned).collect();
    Pool {
        subnet,
        text: pool.pool.text.clone(),
        pool_id: pool.pool_id,
        position: pool.position,
        scope: scope_of(&pool.classes, scopes),
        classes,
        kind: PoolKind::Addresses,
        range,
        total: (last - first).saturating_add(1),
        is_open,
        is_queued,
        first,
        reserved: BTreeSet::new(),
    }
}

fn prefix_pool(
    subnet: usize,
    pool: &PrefixPool,
    is_open: bool,
    is_queued: bool,
    scopes: &[String],
) -> Result<Pool, String> {
    let whole = pool.whole().ok_or_else(|| format!("prefix {}/{} is longer than any", pool.prefix, pool.prefix_len))?;
    let delegated = pool.delegated_len.ok_or_else(|| format!("pool {whole} has no delegated-len"))?;
    if delegated < whole.length || delegated > 128 {
        return Err(format!("pool {whole} cannot hold prefixes of length {delegated}"));
    }
    let classes: Vec<String> = pool.classes.required().map(str::to_owned).collect();
    Ok(Pool {
        subnet,
        text: whole.to_string(),
        pool_id: pool.pool_id,
        position: pool.position,
        scope: scope_of(&pool.classes, scopes),
        classes,
        kind: PoolKind::Prefixes(delegated),
        range: whole.range(),
        total: 1_u128.checked_shl(u32::from(delegated - whole.length)).unwrap_or(u128::MAX),
        is_open,
        is_queued,
        first: number(whole.range().first()),
        reserved: BTreeSet::new(),
    })
}

/// Whether a new client of no configured class meets a condition.
fn admits_all(classes: &ClientClasses) -> bool {
    !classes.is_guarded() || classes.required().any(|class| OF_EVERY_NEW_CLIENT.contains(&class))
}

/// The server of a pair whose clients meet a condition.
fn scope_of(classes: &ClientClasses, servers: &[String]) -> Option<String> {
    let mut names = classes.required().filter_map(|class| class.strip_prefix("HA_"));
    names.find(|name| servers.iter().any(|server| server == name)).map(str::to_owned)
}

/// The server of a pair whose clients alone meet all of these conditions.
fn scope_of_guards<'a>(guards: impl Iterator<Item = &'a ClientClasses>, servers: &[String]) -> Option<String> {
    let mut scopes = guards.filter(|guard| !admits_all(guard)).map(|guard| scope_of(guard, servers));
    let first = scopes.next()??;
    scopes.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// What the configuration has wrong in the parts that pools depend on.
fn faults_of(config: &Config) -> Vec<String> {
    const PARTS: [&str; 6] = ["subnet4", "subnet6", "shared-networks", "reservations", "reservation-mode", "allocator"];
    let wrong = config.faults.iter().filter(|fault| PARTS.contains(&fault.part.as_str()));
    wrong.map(|fault| config.error(fault).to_string()).collect()
}
