//! A subnet, shared network or pool as it is typed.

use std::net::IpAddr;

use super::layout::{Layout, Pool, PoolKind};
use super::place::LayoutPlace;
use crate::lease::filter::Range;

/// What a word on the command line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolSelector {
    /// The subnet with this number, or the shared network of this name.
    Number(u32, String),
    /// The pool or subnet of this address.
    Address(IpAddr),
    /// The subnet with this prefix, the pool of these addresses, or the shared network of this name.
    Range(Range, String),
    /// The pool of prefixes of this length, as metrics and Kea name it: `2001:db8:100::/40-56`.
    Prefixes(Range, u8),
    /// A shared network, or a subnet that is called so.
    Name(String),
}

impl PoolSelector {
    /// What `text` means.
    ///
    /// # Errors
    /// It is a range that cannot be.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Ok(Self::Number(id, text.to_owned()));
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        if let Some((range, length)) = prefixes(text) {
            return Ok(Self::Prefixes(range, length));
        }
        // A shared network may be called `10.25.0.0-hall`.
        let is_of_addresses = || {
            let first = text.split(['/', '-']).next().unwrap_or_default();
            let is_of_one = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/' | '-' | ' ');
            first.trim().parse::<IpAddr>().is_ok() && text.chars().all(is_of_one)
        };
        match text.parse() {
            Ok(range) => Ok(Self::Range(range, text.to_owned())),
            Err(why) if is_of_addresses() => Err(why),
            Err(_) => Ok(Self::Name(text.to_owned())),
        }
    }

    /// The name of a shared network or subnet that is spelled almost like a word.
    #[must_use]
    pub fn nearest<'a>(layouts: impl Iterator<Item = &'a Layout>, word: &str) -> Option<&'a str> {
        let names = layouts.flat_map(|layout| {
            let networks = layout.networks.iter().filter_map(|network| network.name.as_deref());
            networks.chain(layout.subnets.iter().filter_map(|subnet| subnet.name.as_deref()))
        });
        let distance = |name: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &word.to_lowercase());
        let near = names.map(|name| (distance(name), name)).min()?;
        (near.0 <= word.chars().count().div_ceil(3)).then_some(near.1)
    }

    /// What of the layout is meant; nothing if it is not in it.
    #[must_use]
    pub fn places(&self, layout: &Layout) -> Vec<LayoutPlace> {
        match self {
            Self::Number(id, text) => {
                let subnets = layout.subnets.iter().enumerate().filter(|(_, subnet)| subnet.id == *id);
                let found: Vec<LayoutPlace> = subnets.map(|(index, _)| LayoutPlace::subnet(index)).collect();
                if found.is_empty() { named(layout, text) } else { found }
            }
            Self::Address(address) => at(layout, *address),
            Self::Range(range, text) => {
                let found = within(layout, range);
                if found.is_empty() { named(layout, text) } else { found }
            }
            Self::Prefixes(range, length) => {
                let is_it = |pool: &Pool| pool.range == *range && pool.kind == PoolKind::Prefixes(*length);
                pools_that(layout, is_it)
            }
            Self::Name(name) => named(layout, name),
        }
    }
}

/// A prefix, and the length of the prefixes that are delegated from it.
fn prefixes(text: &str) -> Option<(Range, u8)> {
    let (prefix, length) = text.rsplit_once('-')?;
    let range: Range = prefix.trim().parse().ok().filter(|range: &Range| range.first().is_ipv6())?;
    Some((range, length.trim().parse().ok().filter(|_| prefix.contains('/'))?))
}

fn pools_that(layout: &Layout, is_it: impl Fn(&Pool) -> bool) -> Vec<LayoutPlace> {
    let found = layout.pools.iter().enumerate().filter(|(_, pool)| is_it(pool));
    found.map(|(index, _)| LayoutPlace::pool(index)).collect()
}

/// The shared networks of this name, else the subnets.
fn named(layout: &Layout, name: &str) -> Vec<LayoutPlace> {
    let is_named = |(_, other): &(usize, Option<&String>)| other.is_some_and(|other| other == name);
    let networks = layout.networks.iter().map(|network| network.name.as_ref()).enumerate().filter(is_named);
    let found: Vec<LayoutPlace> = networks.map(|(index, _)| LayoutPlace::network(index)).collect();
    if !found.is_empty() {
        return found;
    }
    let subnets = layout.subnets.iter().map(|subnet| subnet.name.as_ref()).enumerate().filter(is_named);
    subnets.map(|(index, _)| LayoutPlace::subnet(index)).collect()
}

/// The pool with an address, else the subnet.
fn at(layout: &Layout, address: IpAddr) -> Vec<LayoutPlace> {
    let pools = layout.pools_at(address);
    if !pools.is_empty() {
        return pools.into_iter().map(LayoutPlace::pool).collect();
    }
    let subnets = layout.subnets.iter().enumerate().filter(|(_, subnet)| subnet.range.contains(address));
    // The narrowest one is the one that a client on that link is in.
    let narrowest =
        subnets.min_by_key(|(_, subnet)| super::number(subnet.range.last()) - super::number(subnet.range.first()));
    narrowest.map(|(index, _)| LayoutPlace::subnet(index)).into_iter().collect()
}

/// The subnet of a prefix, the pool of a range, else every subnet in it.
fn within(layout: &Layout, range: &Range) -> Vec<LayoutPlace> {
    let subnets = || layout.subnets.iter().enumerate();
    let exact: Vec<LayoutPlace> =
        subnets().filter(|(_, it)| it.range == *range).map(|(index, _)| LayoutPlace::subnet(index)).collect();
    if !exact.is_empty() {
        return exact;
    }
    let exact = pools_that(layout, |pool| pool.range == *range);
    if !exact.is_empty() {
        return exact;
    }
    let inside = |inner: &Range| range.contains(inner.first()) && range.contains(inner.last());
    subnets().filter(|(_, it)| inside(&it.range)).map(|(index, _)| LayoutPlace::subnet(index)).collect()
}
