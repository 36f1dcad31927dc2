//! That almost everything is used, and that clients were refused.

use std::fmt::Write as _;

use super::{Cause, Reason, are, span};
use crate::text::count;
use crate::usage::counts::Basis;
use crate::usage::layout::Layout;
use crate::usage::offer::Offer;
use crate::usage::place::{LayoutPlace, Level, ResourceKind};

/// That the server refused new clients since an earlier look.
#[must_use]
pub fn refusals(refused: u64, seconds: i64) -> Option<Cause> {
    let cause = || Cause {
        reason: Reason::Failures,
        evidence: format!(
            "the server refused {} to give a client something new since {} ago",
            count(refused, "time"),
            span(seconds)
        ),
        remedy: "kea-log-report names these clients; what is full or closed to them are the other reasons".to_owned(),
    };
    (refused > 0).then(cause)
}

/// That what clients are offered is used, whatever else the reason is.
#[must_use]
pub fn fullness(layout: &Layout, place: LayoutPlace, kind: ResourceKind, offer: &Offer) -> Cause {
    let (counts, whole) = (&offer.counts, offer.counts.to_give());
    let used = whole.saturating_sub(offer.most);
    let mut evidence = match () {
        // A threshold for free ones may be reached by a pool that is too small.
        () if counts.basis == Basis::Leases && u128::from(counts.active).saturating_mul(2) < counts.total => {
            let (free, leased) = (are(offer.most), are(counts.active));
            format!("{} {free} free, {} of {} {leased} leased", offer.most, counts.active, counts.total)
        }
        () if counts.basis == Basis::Leases => {
            format!("{} of {} {} leased", counts.active, counts.total, are(counts.active))
        }
        () => format!("{used} of {whole} {} used", are(used)),
    };
    let others = [(counts.declined.saturating_sub(counts.lapsed), "declined"), (counts.reserved_free(), "reserved")];
    for (number, word) in others.into_iter().filter(|(number, _)| *number > 0 && counts.basis == Basis::Leases) {
        // Writing to a String cannot fail.
        let _ = write!(evidence, ", {number} {word}");
    }
    if offer.least < offer.most {
        let _ = write!(evidence, ", at the worst {} {} free", offer.least, are(offer.least));
    }
    let is_in_network = match place.level {
        Level::Network => true,
        Level::Subnet => layout.subnets[place.index].network.is_some(),
        Level::Pool => layout.subnets[layout.pools[place.index].subnet].network.is_some(),
    };
    let remedy = match kind {
        ResourceKind::Prefixes => "add a pool of prefixes, or enlarge one",
        ResourceKind::Addresses if is_in_network => "enlarge the pool, or add a subnet to the shared network",
        ResourceKind::Addresses => "enlarge the pool, or add one",
    };
    Cause { reason: Reason::Full, evidence, remedy: remedy.to_owned() }
}
