//! The pools that servers of a pair have for their own clients.

use super::layout::Layout;

/// The pools for the clients of one server.
pub(super) struct Half<'a> {
    /// The server that the clients are meant for.
    pub(super) scope: &'a str,
    /// The pools; none if the configuration forgot this half.
    pub(super) pools: Vec<usize>,
    /// Whether a server answers these clients now.
    pub(super) is_served: bool,
}

impl Half<'_> {
    /// What all of its pools have together, each so much.
    pub(super) fn sum(&self, of_pool: impl Fn(usize) -> u128) -> u128 {
        self.pools.iter().fold(0, |sum, pool| sum.saturating_add(of_pool(*pool)))
    }
}

/// Of some pools, those for the clients of each server that has clients now; nothing where no pool is for one server. If these
/// are all pools that a client can get something of, the clients of a server may have none.
pub(super) fn halves<'a>(layout: &'a Layout, pools: &[usize], are_all: bool) -> Vec<Half<'a>> {
    let scope = |pool: &usize| Some((*pool, layout.guard(*pool).scope.as_deref()?));
    let scoped: Vec<(usize, &str)> = pools.iter().filter_map(scope).collect();
    if scoped.is_empty() {
        return Vec::new();
    }
    let balanced = layout.pairing.balanced().iter().filter(|_| are_all).map(String::as_str);
    let mut servers: Vec<&str> = scoped.iter().map(|(_, scope)| *scope).chain(balanced).collect();
    servers.sort_unstable();
    servers.dedup();
    let half = |scope| {
        let pools = scoped.iter().filter(|(_, other)| *other == scope).map(|(pool, _)| *pool).collect();
        Some(Half { scope, pools, is_served: layout.pairing.serves(scope)? })
    };
    servers.into_iter().filter_map(half).collect()
}
