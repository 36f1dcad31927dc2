//! Leases with the id of another subnet than that of their addresses.

use std::collections::BTreeMap;

use super::{Cause, Context, Reason, cause};
use crate::family::Family;

/// How many ids of other subnets are named.
const IDS: usize = 4;

impl Context<'_> {
    pub(super) fn misnumbered(&self) -> Option<Cause> {
        if !self.is_much(self.evidence.misnumbered.into(), 20) {
            return None;
        }
        let mut ids: BTreeMap<u32, u64> = BTreeMap::new();
        for pool in self.layout.pools_of(self.place, self.kind) {
            let known = self.usage.other_ids.get(&pool).into_iter().flatten();
            known.for_each(|(id, number)| *ids.entry(*id).or_default() += number);
        }
        let mut ids: Vec<(u32, u64)> = ids.into_iter().collect();
        ids.sort_by_key(|(id, number)| (std::cmp::Reverse(*number), *id));
        let is_live = |id: &u32| self.layout.subnet_with(*id);
        let each = ids.iter().take(IDS).map(|(id, number)| match is_live(id) {
            Some(subnet) => format!("{number} of id {id} (subnet {})", self.layout.subnets[subnet].prefix),
            None => format!("{number} of id {id} (no subnet)"),
        });
        let each = each.collect::<Vec<_>>().join(", ");
        let more = if ids.len() > IDS { " and others" } else { "" };
        let delete = match self.layout.family {
            Family::V4 => "lease4-del",
            Family::V6 => "lease6-del",
        };
        let remedy = if ids.iter().all(|(id, _)| is_live(id).is_none()) {
            format!("the subnet was renumbered: give it back its id, or delete each of those leases ({delete})")
        } else {
            format!(
                "delete each of those leases that no client holds any more ({delete}); two subnets with the same addresses share them"
            )
        };
        cause(
            Reason::Misnumbered,
            format!(
                "{} held by leases with the id of another subnet: {each}{more}",
                self.number(self.evidence.misnumbered.into())
            ),
            remedy,
        )
    }
}
