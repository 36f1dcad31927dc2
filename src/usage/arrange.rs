//! The layout of a server, of its configuration.

use std::collections::{BTreeMap, BTreeSet, HashMap as Map};
use std::ops;
use std::sync::Arc;

use hashbrown::HashMap;

use super::evidence::Timers;
use super::guard::{Empty, Guard, Servers, empty_classes};
use super::index::Index;
use super::layout::{Layout, Network, Pool, PoolKind, Subnet};
use super::overlap::{Overlaps, length};
use super::pairing::Pairing;
use super::place::{LayoutPlace, ResourceKind};
use super::{limits, number};
use crate::config::model::{AddressPool, ClientClasses, HostReservation, PrefixPool, ServedSubnet, SharedNetwork};
use crate::config::{Config, Position};
use crate::family::Family;
use crate::lease::filter::Range;

/// Kea takes no larger number; 0 and 4294967295 have meanings of their own.
const LARGEST_ID: u32 = u32::MAX - 1;

/// So many classes without members are named.
const MOST_NAMED: usize = 5;

impl Layout {
    /// Of a server's configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut arranger = Arranger::new(config);
        let server = &config.server;
        for network in server.shared_networks() {
            arranger.layout.networks.push(Network { name: network.name.clone(), subnets: Vec::new() });
        }
        let networks: HashMap<*const SharedNetwork, usize> =
            server.shared_networks().iter().map(std::ptr::from_ref).zip(0..).collect();
        let pools = |served: ServedSubnet<'_>| served.subnet.pools.len() + served.subnet.pd_pools.len();
        arranger.layout.pools.reserve_exact(server.subnets().map(pools).sum());
        arranger.layout.subnets.reserve_exact(server.subnets().count());
        let texts =
            |served: ServedSubnet<'_>| served.subnet.pools.iter().map(|pool| pool.pool.text.len()).sum::<usize>();
        arranger.layout.texts.reserve_exact(server.subnets().map(texts).sum());
        for served in server.subnets() {
            let network = served.network.and_then(|it| networks.get(&std::ptr::from_ref(it)).copied());
            arranger.add(served, network);
        }
        arranger.index();
        let mut layout = arranger.finish();
        for (index, served) in server.subnets().enumerate() {
            if layout.subnets[index].withholds {
                served.subnet.reservations.iter().for_each(|host| layout.reserve(index, host));
            }
        }
        layout
    }
}

struct Arranger<'a> {
    config: &'a Config,
    layout: Layout,
    /// The servers of pairs.
    servers: Servers,
    /// The ids of subnets by their addresses.
    ranges: HashMap<Range, u32>,
    guards: Map<Guard, u32>,
    /// The names of allocators.
    words: Vec<Arc<str>>,
    /// Where each pool is configured.
    positions: Vec<Position>,
}

impl<'a> Arranger<'a> {
    fn new(config: &'a Config) -> Self {
        let server = &config.server;
        let layout = Layout {
            family: config.family().unwrap_or(Family::V4),
            networks: Vec::new(),
            subnets: Vec::new(),
            pools: Vec::new(),
            texts: String::new(),
            faults: faults_of(config),
            has_global_hosts: server.reservations.iter().any(HostReservation::keeps_something),
            has_all_reservations: server.hosts_databases().next().is_none(),
            pairing: Pairing::new(config),
            ids: HashMap::new(),
            guards: Vec::new(),
            reserved: HashMap::new(),
            addresses: Index::default(),
            prefixes: Index::default(),
            overlaps: Overlaps::default(),
        };
        Self {
            config,
            layout,
            servers: Servers::new(server),
            ranges: HashMap::new(),
            guards: Map::new(),
            words: Vec::new(),
            positions: Vec::new(),
        }
    }

    fn fault(&mut self, position: Position, text: &str) {
        let place = self.config.place(position);
        self.layout.faults.push(format!("{place}: {text}"));
    }

    fn add(&mut self, served: ServedSubnet<'_>, network: Option<usize>) {
        let (subnet, index, modes) = (served.subnet, self.layout.subnets.len(), served.reservation_modes());
        let allocator = self.word(served.setting(|it| it.allocator.as_deref()));
        let pd_allocator = self.word(served.setting(|it| it.pd_allocator.as_deref()));
        self.identify(served, index);
        if let Some(network) = network {
            self.layout.networks[network].subnets.push(index);
        }
        let start = self.layout.pools.len();
        for pool in &subnet.pools {
            let new = self.address_pool(index, pool, served, allocator.ends_with("flq"));
            let range = subnet.prefix.range();
            if range.contains(new.range.first()) && range.contains(new.range.last()) {
                self.layout.pools.push(new);
                self.positions.push(pool.position);
            } else {
                let text =
                    format!("pool {} is not in subnet {}, and not counted", self.layout.text_of(&new), subnet.prefix);
                self.fault(pool.position, &text);
            }
        }
        let middle = self.layout.pools.len();
        for pool in &subnet.pd_pools {
            match self.prefix_pool(index, pool, served, pd_allocator.ends_with("flq")) {
                Ok(new) => {
                    self.layout.pools.push(new);
                    self.positions.push(pool.position);
                }
                Err(why) => self.fault(pool.position, &format!("{why}, and not counted")),
            }
        }
        let end = self.layout.pools.len();
        self.layout.subnets.push(Subnet {
            id: subnet.id,
            prefix: subnet.prefix.to_string().into(),
            range: subnet.prefix.range(),
            name: subnet.settings.context_name(),
            network,
            allocator,
            pd_allocator,
            classes: served.guards().flat_map(ClientClasses::required).map(str::to_owned).collect(),
            has_hosts: modes.in_subnet && !subnet.reservations.is_empty(),
            takes_global: modes.global,
            pools: start..middle,
            prefix_pools: middle..end,
            valid_lifetime: served.setting(|it| it.valid_lifetime),
            withholds: modes.in_subnet && !modes.out_of_pool,
            has_skipped: end - start < subnet.pools.len() + subnet.pd_pools.len(),
            timers: Timers {
                valid: served.setting(|it| it.valid_lifetime),
                renew: served.setting(|it| it.renew_timer),
                offer: served.setting(|it| it.offer_lifetime),
            },
        });
    }

    /// The name of an allocator, in memory that subnets share.
    fn word(&mut self, word: Option<&str>) -> Arc<str> {
        let word = word.unwrap_or("iterative");
        let known = self.words.iter().find(|known| &***known == word).cloned();
        known.unwrap_or_else(|| {
            let new: Arc<str> = word.into();
            self.words.push(Arc::clone(&new));
            new
        })
    }

    /// Takes the id and the prefix of a subnet; each has one of its own.
    fn identify(&mut self, served: ServedSubnet<'_>, index: usize) {
        let (prefix, id, position) = (&served.subnet.prefix, served.subnet.id, served.subnet.position);
        if let Some(other) = self.ranges.insert(prefix.range(), id) {
            self.fault(position, &format!("subnet {prefix} of id {id} has the prefix of subnet {other}"));
        }
        if let Some(other) = self.layout.ids.insert(id, index) {
            let text = format!("subnet {prefix} has the id {id} of {}", self.layout.subnets[other].prefix);
            self.fault(position, &text);
        }
        if id > LARGEST_ID {
            self.fault(position, &format!("subnet {prefix} has the id {id}, and the largest is {LARGEST_ID}"));
        }
    }

    fn guard(&mut self, served: ServedSubnet<'_>, own: &ClientClasses) -> u32 {
        let guard = Guard::new(served.guards(), own, &self.servers);
        let next = u32::try_from(self.layout.guards.len()).unwrap_or(u32::MAX);
        let guards = &mut self.layout.guards;
        *self.guards.entry(guard).or_insert_with_key(|guard| {
            guards.push(guard.clone());
            next
        })
    }

    fn keep_text(&mut self, text: &str) -> ops::Range<u32> {
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = place(self.layout.texts.len());
        self.layout.texts.push_str(text);
        start..place(self.layout.texts.len())
    }

    fn address_pool(&mut self, subnet: usize, pool: &AddressPool, served: ServedSubnet<'_>, is_queued: bool) -> Pool {
        let range = pool.pool.range;
        let (first, last) = (number(range.first()), number(range.last()));
        let excluded = if self.excludes_ends_of(served) { ends_of_24(first, last) } else { 0 };
        Pool {
            subnet,
            text: self.keep_text(&pool.pool.text),
            pool_id: pool.pool_id,
            guard: self.guard(served, &pool.classes),
            kind: PoolKind::Addresses,
            total: (last - first).saturating_add(1) - excluded,
            range,
            is_queued,
        }
    }

    /// Whether the first and last address of each /24 are not given in a subnet.
    fn excludes_ends_of(&self, served: ServedSubnet<'_>) -> bool {
        let range = served.subnet.prefix.range();
        let is_large = number(range.last()) - number(range.first()) >= 255;
        self.layout.family == Family::V4 && is_large && self.config.server.compatibility.excludes_first_last_24
    }

    fn prefix_pool(
        &mut self,
        subnet: usize,
        pool: &PrefixPool,
        served: ServedSubnet<'_>,
        is_queued: bool,
    ) -> Result<Pool, String> {
        let (whole, range) = pool
            .whole()
            .zip(pool.range())
            .ok_or_else(|| format!("prefix {}/{} is longer than any", pool.prefix, pool.prefix_len))?;
        let delegated = pool.delegated_len.ok_or_else(|| format!("pool {whole} has no delegated-len"))?;
        if delegated < whole.length || delegated > 128 {
            return Err(format!("pool {whole} cannot hold prefixes of length {delegated}"));
        }
        Ok(Pool {
            subnet,
            text: self.keep_text(&whole.to_string()),
            pool_id: pool.pool_id,
            guard: self.guard(served, &pool.classes),
            kind: PoolKind::Prefixes(delegated),
            total: prefixes_in(number(range.first()), number(range.last()), delegated),
            range,
            is_queued,
        })
    }

    /// Finds what overlaps. In one subnet that is an error, and the later pool is left out; Kea gives the addresses of pools of
    /// several subnets on each of their links.
    fn index(&mut self) {
        let (mut across, mut count) = (None, 0);
        for of_prefixes in [false, true] {
            let of_kind = self.layout.pools.iter().enumerate().filter(|(_, pool)| pool.is_of_prefixes() == of_prefixes);
            let ranges =
                of_kind.map(|(index, it)| (number(it.range.first()), number(it.range.last()), index, it.subnet));
            let (index, found) = Index::new(ranges);
            for (pool, other) in found.left_out {
                let text = format!("{} overlaps with {}, and is not counted", self.shown(pool), self.shown(other));
                self.fault(self.positions[pool], &text);
                self.layout.pools[pool].total = 0;
                let subnet = self.layout.pools[pool].subnet;
                self.layout.subnets[subnet].has_skipped = true;
            }
            (across, count) = (across.or(found.across), count + found.across_count);
            if of_prefixes { self.layout.prefixes = index } else { self.layout.addresses = index }
        }
        if let Some((pool, other)) = across {
            let more = match count - 1 {
                0 => String::new(),
                more => format!(" (and so do {more} other pairs of pools)"),
            };
            let text = format!(
                "{} overlaps with {}{more}: each counts all of its addresses, and sums count an address once",
                self.shown(pool),
                self.shown(other)
            );
            self.fault(self.positions[pool], &text);
            self.layout.overlaps = overlaps(&self.layout);
        }
    }

    fn shown(&self, pool: usize) -> String {
        let pool = &self.layout.pools[pool];
        format!("pool {} of subnet {}", self.layout.text_of(pool), self.layout.subnets[pool.subnet].prefix)
    }

    fn finish(mut self) -> Layout {
        if self.layout.subnets.is_empty() {
            self.layout.faults.push(format!("{}: no subnet is configured", self.config.file.display()));
        }
        // A configuration backend may have further classes.
        let is_whole = self.config.server.config_control.config_databases.is_empty();
        let empty = if is_whole { empty_classes(&self.layout.guards, &self.config.server) } else { BTreeMap::new() };
        let note = |(why, classes): (Empty, BTreeSet<&str>)| {
            let named: Vec<String> = classes.into_iter().take(MOST_NAMED).map(|class| format!("\"{class}\"")).collect();
            format!(
                "{}: {}, so that no client gets anything from the pools that require it, unless a hook library or a hosts \
                 database puts it into that class",
                self.config.file.display(),
                why.text(&named.join(", "))
            )
        };
        let notes: Vec<String> = empty.into_iter().map(note).collect();
        self.layout.faults.extend(notes);
        self.layout.faults.extend(limits::notes(self.config, &self.layout));
        self.layout.pools.shrink_to_fit();
        self.layout.subnets.shrink_to_fit();
        self.layout
    }
}

/// How many of these IPv4 addresses end in .0 or .255.
fn ends_of_24(first: u128, last: u128) -> u128 {
    let up_to = |count: u128| count.div_ceil(256) + count / 256;
    up_to(last + 1) - up_to(first)
}

/// How many prefixes of a length begin between these, at the first and at each distance of a prefix after it.
fn prefixes_in(first: u128, last: u128, length: u8) -> u128 {
    (last - first).checked_shr(u32::from(128 - length)).unwrap_or(0).saturating_add(1)
}

/// How much sums would have too many of, where pools overlap.
fn overlaps(layout: &Layout) -> Overlaps {
    let kinds = [ResourceKind::Addresses, ResourceKind::Prefixes];
    let pools = |place, kind| layout.pools_of(place, kind).collect::<Vec<_>>();
    let sum = |pools: &[usize]| pools.iter().fold(0_u128, |sum, pool| sum.saturating_add(layout.pools[*pool].total));
    let excess = |place| {
        kinds.map(|kind| {
            let pools = pools(place, kind);
            sum(&pools).saturating_sub(union(layout, &pools))
        })
    };
    let networks: Vec<LayoutPlace> = (0..layout.networks.len()).map(LayoutPlace::network).collect();
    let alone = (0..layout.subnets.len()).filter(|subnet| layout.subnets[*subnet].network.is_none());
    let groups: Vec<LayoutPlace> = networks.iter().copied().chain(alone.map(LayoutPlace::subnet)).collect();
    let across = kinds.map(|kind| {
        let each: Vec<Vec<usize>> = groups.iter().map(|place| pools(*place, kind)).collect();
        let sum = each.iter().fold(0_u128, |sum, pools| sum.saturating_add(union(layout, pools)));
        sum.saturating_sub(union(layout, &each.concat()))
    });
    let first = |network: &Network| network.subnets.iter().copied().min_by_key(|subnet| layout.subnets[*subnet].id);
    let firsts = layout.networks.iter().map(|network| first(network).unwrap_or(usize::MAX)).collect();
    Overlaps { networks: networks.into_iter().map(excess).collect(), firsts, across }
}

/// How many addresses, or prefixes of a length, these pools have together.
fn union(layout: &Layout, pools: &[usize]) -> u128 {
    let mut of_kind: BTreeMap<(PoolKind, bool), Vec<(u128, u128)>> = BTreeMap::new();
    for pool in pools.iter().map(|pool| &layout.pools[*pool]).filter(|pool| pool.total > 0) {
        let (first, last) = (number(pool.range.first()), number(pool.range.last()));
        let excludes_ends = pool.kind == PoolKind::Addresses && pool.total < (last - first).saturating_add(1);
        of_kind.entry((pool.kind, excludes_ends)).or_default().push((first, last));
    }
    of_kind.into_iter().fold(0, |sum, ((kind, excludes_ends), ranges)| {
        let of = |first: u128, last: u128| {
            let addresses = (last - first).saturating_add(1);
            match kind {
                PoolKind::Prefixes(length) => prefixes_in(first, last, length),
                PoolKind::Addresses if excludes_ends => addresses - ends_of_24(first, last),
                PoolKind::Addresses => addresses,
            }
        };
        sum.saturating_add(length(ranges, of))
    })
}

/// What the configuration has wrong in the parts that pools depend on.
fn faults_of(config: &Config) -> Vec<String> {
    const PARTS: [&str; 6] = ["subnet4", "subnet6", "shared-networks", "reservations", "reservation-mode", "allocator"];
    let wrong = config.faults.iter().filter(|fault| PARTS.contains(&fault.part.as_str()));
    wrong.map(|fault| config.error(fault).to_string()).collect()
}
