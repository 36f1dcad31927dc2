//! Which clients get something of which pools, and what is left for them.
//!
//! A client of no class gets what is open to all. One of a load-balancing pair also gets what its server has for its clients;
//! which of them is new is chance, so that those with the least left are judged. Where nothing is open, the clients of each
//! class are judged by what is theirs.

use super::count::Usage;
use super::counts::{Basis, Counts};
use super::halves::halves;
use super::layout::Layout;
use super::offer::{Clients, Offer};
use super::place::{LayoutPlace, ResourceKind};

/// Clients and their pools.
struct Group {
    clients: Clients,
    pools: Vec<usize>,
    is_served: bool,
    is_for_known: bool,
}

impl Usage {
    /// What the clients with the least left can get of a place.
    #[must_use]
    pub fn offer(&self, layout: &Layout, place: LayoutPlace, kind: ResourceKind) -> Offer {
        let pools: Vec<usize> = layout.pools_of(place, kind).collect();
        let all = self.counts(place, kind);
        let offers = groups(layout, &pools, layout.is_whole(place)).into_iter();
        let offers = offers.map(|group| self.of_group(layout, group, &pools, &all));
        // A half that has nothing to give is full; what is for reserved hosts of a class alone is meant so.
        let nothing = |offer: &Offer| if matches!(offer.clients, Clients::OfClass(_)) { 0.0 } else { 100.0 };
        let fullness = |offer: &Offer| (offer.used_percent().unwrap_or_else(|| nothing(offer)), offer.most);
        let fullest = offers.reduce(|one, other| {
            let (mine, theirs) = (fullness(&one), fullness(&other));
            if theirs.0 > mine.0 || (theirs.0 >= mine.0 && theirs.1 < mine.1) { other } else { one }
        });
        let clients = if pools.is_empty() { Clients::Any } else { Clients::None };
        fullest.unwrap_or_else(|| Offer { clients, ..all.offer() })
    }

    fn of_group(&self, layout: &Layout, group: Group, pools: &[usize], all: &Counts) -> Offer {
        let (clients, is_for_known) = (group.clients, group.is_for_known);
        if group.pools.len() == pools.len() && group.is_served {
            return Offer { clients, is_for_known, ..all.offer() };
        }
        let empty = Counts { is_complete: all.is_complete, basis: all.basis, ..Counts::default() };
        let (mut counts, is_exact) = (empty, all.basis == Basis::Leases);
        for pool in &group.pools {
            if is_exact {
                counts.add(&self.pools[*pool]);
            } else {
                counts.total = counts.total.saturating_add(layout.pools[*pool].total);
            }
        }
        let others = all.total.saturating_sub(counts.total);
        let (most, least) = match () {
            () if !group.is_served => (0, 0),
            () if is_exact => (counts.available_max(), counts.available_min()),
            // What is used may be here or elsewhere.
            () => (all.available_max().min(counts.total), all.available_min().saturating_sub(others)),
        };
        Offer { clients, counts, most, least, is_for_known, pools: Some(group.pools) }
    }
}

/// The clients that are judged by these pools of a place, which are all that they can get something of if it is whole.
fn groups(layout: &Layout, pools: &[usize], is_whole: bool) -> Vec<Group> {
    let open: Vec<usize> = pools.iter().copied().filter(|pool| layout.guard(*pool).is_open).collect();
    let halves = halves(layout, pools, is_whole);
    if !halves.is_empty() {
        return halves
            .into_iter()
            .map(|half| Group {
                clients: Clients::OfServer(half.scope.to_owned()),
                pools: open.iter().copied().chain(half.pools).collect(),
                is_served: half.is_served,
                is_for_known: false,
            })
            .collect();
    }
    if !open.is_empty() {
        let clients = if open.len() == pools.len() { Clients::Any } else { Clients::Unclassed };
        return vec![Group { clients, pools: open, is_served: true, is_for_known: false }];
    }
    let mut guards: Vec<u32> = pools.iter().map(|pool| layout.pools[*pool].guard).collect();
    guards.sort_unstable();
    guards.dedup();
    let guards = guards.into_iter().map(|guard| &layout.guards[guard as usize]).filter(|guard| guard.scope.is_none());
    let group = |guard: &super::guard::Guard| Group {
        clients: Clients::OfClass(guard.text()),
        pools: pools.iter().copied().filter(|pool| layout.guard(*pool).admits_clients_of(guard)).collect(),
        is_served: true,
        is_for_known: guard.is_for_known(),
    };
    guards.map(group).collect()
}
