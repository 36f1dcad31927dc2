//! Why a pool is full, and what helps.

mod full;
mod misnumbered;

use std::net::{Ipv4Addr, Ipv6Addr};

use super::count::Usage;
use super::counts::{Basis, Counts};
use super::evidence::{AGES, Evidence, NEVER};
use super::halves::{Half, halves};
use super::layout::Layout;
use super::offer::{Clients, Offer};
use super::place::{LayoutPlace, Level, ResourceKind};
use crate::family::Family;
use crate::text::count;

pub use self::full::{fullness, refusals};

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which one.
    pub reason: Reason,
    /// What shows it, in numbers.
    pub evidence: String,
    /// What helps.
    pub remedy: String,
}

/// The reasons why new clients get nothing, the most direct first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is no pool.
    NoPool,
    /// One server of a load-balancing pair has nothing left, and the other has.
    HaHalf,
    /// Only clients of certain classes get something.
    ClassGuard,
    /// Reservations of absent hosts take what is left.
    Reservations,
    /// Almost everything is leased.
    Full,
    /// Clients found addresses in use.
    Declined,
    /// The probation of declined addresses is over.
    DeclinedOver,
    /// Clients left without releasing their addresses.
    Left,
    /// Leases without an end.
    Endless,
    /// Clients change their hardware addresses.
    Randomised,
    /// One client has many addresses.
    OneClient,
    /// Offers that no client took.
    Offers,
    /// Expired leases are not reclaimed.
    Backlog,
    /// Leases of other subnets block addresses.
    Misnumbered,
    /// Finding a free address takes long.
    SlowAllocation,
    /// The server refused clients since the last look.
    Failures,
}

/// How bad a reason is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Some clients get nothing.
    Warning,
    /// Clients that should get something get nothing.
    Critical,
}

impl Reason {
    /// Its name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoPool => "no-pool",
            Self::HaHalf => "ha-half",
            Self::ClassGuard => "class-guard",
            Self::Reservations => "reservations",
            Self::Full => "full",
            Self::Declined => "declined",
            Self::DeclinedOver => "declined-over",
            Self::Left => "clients-left",
            Self::Endless => "endless-leases",
            Self::Randomised => "randomised-addresses",
            Self::OneClient => "one-client",
            Self::Offers => "offers",
            Self::Backlog => "expired-backlog",
            Self::Misnumbered => "other-subnet-ids",
            Self::SlowAllocation => "slow-allocation",
            Self::Failures => "allocation-failures",
        }
    }
}

impl Cause {
    /// The state that it means whatever the share is.
    #[must_use]
    pub fn state_at_least(&self) -> Option<Severity> {
        match self.reason {
            Reason::HaHalf => Some(Severity::Critical),
            Reason::ClassGuard | Reason::Failures => Some(Severity::Warning),
            _ => None,
        }
    }
}

/// Why a place is full, or may soon be; the main reason first.
#[must_use]
pub fn causes(layout: &Layout, usage: &Usage, place: LayoutPlace, kind: ResourceKind, offer: &Offer) -> Vec<Cause> {
    let counts = usage.counts(place, kind);
    let evidence = usage.evidence(layout, place, kind);
    let own = if counts.basis == Basis::Leases { offer.counts } else { counts };
    let context = Context { layout, usage, place, kind, counts, own, offer, evidence };
    let all = [
        context.no_pool(),
        context.ha_half(),
        context.class_guard(),
        context.reservations(),
        context.full(),
        context.declined(),
        context.declined_over(),
        context.left(),
        context.endless(),
        context.randomised(),
        context.one_client(),
        context.offers(),
        context.backlog(),
        context.misnumbered(),
        context.slow_allocation(),
    ];
    all.into_iter().flatten().collect()
}

struct Context<'a> {
    layout: &'a Layout,
    usage: &'a Usage,
    place: LayoutPlace,
    kind: ResourceKind,
    counts: Counts,
    /// Those of the clients that are judged.
    own: Counts,
    offer: &'a Offer,
    evidence: Evidence,
}

#[expect(clippy::unnecessary_wraps, reason = "what finds a reason may find none")]
fn cause(reason: Reason, evidence: String, remedy: impl Into<String>) -> Option<Cause> {
    Some(Cause { reason, evidence, remedy: remedy.into() })
}

impl Context<'_> {
    /// `12 addresses`.
    fn number(&self, number: u64) -> String {
        match (self.kind, number) {
            (ResourceKind::Prefixes, 1) => "1 prefix".to_owned(),
            (ResourceKind::Prefixes, _) => format!("{number} prefixes"),
            (ResourceKind::Addresses, 1) => "1 address".to_owned(),
            (ResourceKind::Addresses, _) => format!("{number} addresses"),
        }
    }

    fn share(&self) -> f64 {
        self.offer.used_percent().unwrap_or(0.0)
    }

    /// Whether `part` is at least one in `divisor` of what there is.
    fn is_much(&self, part: u64, divisor: u128) -> bool {
        part > 0 && u128::from(part).saturating_mul(divisor) >= self.counts.total
    }

    fn no_pool(&self) -> Option<Cause> {
        if self.counts.total > 0 {
            return None;
        }
        let subnets = match self.place.level {
            Level::Network => self.layout.networks[self.place.index].subnets.as_slice(),
            Level::Subnet => std::slice::from_ref(&self.place.index),
            Level::Pool => std::slice::from_ref(&self.layout.pools[self.place.index].subnet),
        };
        if subnets.iter().any(|subnet| self.layout.subnets[*subnet].has_skipped) {
            let evidence = "the configured pools are not valid and not counted (a note names each of them)".to_owned();
            return cause(Reason::NoPool, evidence, "correct these pools: Kea rejects them too");
        }
        cause(
            Reason::NoPool,
            format!("no pool of {} is configured", self.kind.plural()),
            "add a pool, unless only hosts with a reservation are to be served",
        )
    }

    fn ha_half(&self) -> Option<Cause> {
        let pools: Vec<usize> = self.layout.pools_of(self.place, self.kind).collect();
        let halves = halves(self.layout, &pools, self.layout.is_whole(self.place));
        let unserved = halves.iter().find(|half| !half.is_served).and_then(Self::ha_unserved);
        unserved.or_else(|| halves.iter().find_map(|half| self.ha_full(half)))
    }

    /// A half whose clients no server answers now.
    fn ha_unserved(half: &Half<'_>) -> Option<Cause> {
        cause(
            Reason::HaHalf,
            format!("no server serves the clients of {} now (status-get)", half.scope),
            "check the state of the pair with keactrl-status; then send ha-continue, or restart the partner",
        )
    }

    /// A half that is full, or was forgotten, where others have room.
    fn ha_full(&self, half: &Half<'_>) -> Option<Cause> {
        let counts = |pool: usize| &self.usage.pools[pool];
        let pools = || self.layout.pools_of(self.place, self.kind).filter(|pool| counts(*pool).available() > 0);
        let is_open = |pool: usize| self.layout.guard(pool).is_open;
        if half.sum(|pool| counts(pool).available()) > 0 || pools().any(is_open) {
            return None;
        }
        let other = pools().find_map(|pool| self.layout.guard(pool).scope.as_deref())?;
        let of_other = pools().filter(|pool| self.layout.guard(*pool).scope.as_deref() == Some(other));
        let left = of_other.fold(0_u128, |sum, pool| sum.saturating_add(counts(pool).available()));
        let full = half.scope;
        let what = if half.pools.is_empty() {
            format!("no pool is for the clients of {full}")
        } else {
            let used = half.sum(|pool| u128::from(counts(pool).active) + u128::from(counts(pool).declined));
            let reserved = match half.sum(|pool| counts(pool).reserved_free().into()) {
                0 => String::new(),
                reserved => format!(", {reserved} reserved"),
            };
            format!("the pools of {full} are full ({used} of {} used{reserved})", half.sum(|pool| counts(pool).total))
        };
        cause(
            Reason::HaHalf,
            format!("{what}, those of {other} have {left} free"),
            "clients cannot choose their server: make both halves larger, or use pools without HA classes",
        )
    }

    fn class_guard(&self) -> Option<Cause> {
        if self.offer.is_for_known && self.layout.is_whole(self.place) {
            let Offer { most, clients, .. } = self.offer;
            return cause(
                Reason::ClassGuard,
                format!("the {most} that are free are only for clients with a reservation ({clients})"),
                "add a reservation for each client, or a pool that is open to all clients",
            );
        }
        if !matches!(self.offer.clients, Clients::Unclassed | Clients::OfServer(_)) || self.offer.most > 0 {
            return None;
        }
        let guarded = |pool: &usize| {
            let guard = self.layout.guard(*pool);
            !guard.is_open && guard.scope.is_none()
        };
        let pools: Vec<usize> = self.layout.pools_of(self.place, self.kind).filter(guarded).collect();
        let of_pool = |pool: &usize| self.usage.pools[*pool].available();
        let free = match self.counts.basis {
            Basis::Leases => pools.iter().map(of_pool).fold(0, u128::saturating_add),
            _ => self.counts.available(),
        };
        let mut classes: Vec<String> = pools.iter().map(|pool| self.layout.guard(*pool).text()).collect();
        classes.sort_unstable();
        classes.dedup();
        if free == 0 || classes.is_empty() {
            return None;
        }
        cause(
            Reason::ClassGuard,
            format!("the {free} that are free are only for clients of class {}", each_of(&classes)),
            "enlarge the pool that is open to all clients",
        )
    }

    fn reservations(&self) -> Option<Cause> {
        let (reserved, free) = (self.own.reserved_free(), self.own.free());
        if reserved == 0 || u128::from(reserved) < self.own.available() {
            return None;
        }
        cause(
            Reason::Reservations,
            match (reserved, free) {
                (1, 1) => "the only one that is not leased is reserved for an absent host".to_owned(),
                (1, _) => format!("1 of the {free} that are not leased is reserved for an absent host"),
                _ => format!("{reserved} of the {free} that are not leased are reserved for absent hosts"),
            },
            "move reserved addresses out of the pool, or remove the reservations of hosts that are gone",
        )
    }

    fn full(&self) -> Option<Cause> {
        let is_leased = u128::from(self.own.active).saturating_mul(2) >= self.offer.counts.total;
        (self.share() >= 80.0 && is_leased).then(|| fullness(self.layout, self.place, self.kind, self.offer))
    }

    fn declined(&self) -> Option<Cause> {
        let declined = self.counts.declined.saturating_sub(self.counts.declined_over);
        if !self.is_much(declined, 20) {
            return None;
        }
        let them = if declined == 1 { "it" } else { "them" };
        let last = self.evidence.probation;
        let when = match last.map(|last| (last, i64::from(last).saturating_sub(self.usage.at))) {
            Some((NEVER, _)) => ", some of them without end".to_owned(),
            Some((_, left)) if left > 0 => format!(", the last for {} still", span(left)),
            _ => String::new(),
        };
        cause(
            Reason::Declined,
            format!("{} declined, since a client found {them} in use{when}", self.number(declined)),
            "find the devices that use addresses of the pool without a lease; shorten decline-probation-period to free them sooner",
        )
    }

    fn declined_over(&self) -> Option<Cause> {
        if !self.is_much(self.counts.declined_over, 20) {
            return None;
        }
        cause(
            Reason::DeclinedOver,
            format!(
                "{} declined, whose probation period is over: the server offers them again when they are reclaimed, or before",
                self.number(self.counts.declined_over)
            ),
            "in expired-leases-processing, shorten reclaim-timer-wait-time or increase max-reclaim-leases",
        )
    }

    fn left(&self) -> Option<Cause> {
        let unrenewed = self.evidence.unrenewed.into();
        if self.share() < 50.0 || !self.is_much(unrenewed, 10) {
            return None;
        }
        let freed = AGES
            .iter()
            .zip(self.evidence.older)
            .filter(|((age, _), freed)| *freed > 0 && self.evidence.lifetime.is_none_or(|lifetime| *age < lifetime));
        let freed: Vec<String> = freed.map(|((_, name), freed)| format!("{name}: {freed}")).collect();
        let back = if freed.is_empty() {
            String::new()
        } else {
            format!(", free by now with a lifetime of {}", freed.join(", "))
        };
        let windows = match self.layout.family {
            Family::V4 => "; let Windows clients release at shutdown (vendor option 43, see kea-pools(8))",
            Family::V6 => "",
        };
        cause(
            Reason::Left,
            format!("{} not renewed although T1 has passed: their clients left{back}", count(unrenewed, "lease")),
            format!("shorten valid-lifetime{windows}"),
        )
    }

    fn endless(&self) -> Option<Cause> {
        if !self.is_much(self.evidence.endless.into(), 10) {
            return None;
        }
        cause(
            Reason::Endless,
            format!("{} never end", count(self.evidence.endless.into(), "lease")),
            "set a valid-lifetime below 4294967295, and delete the leases of clients that are gone",
        )
    }

    fn randomised(&self) -> Option<Cause> {
        let Evidence { randomised, randomised_unrenewed, .. } = self.evidence;
        if self.share() < 50.0 || u64::from(randomised) * 4 < self.counts.active || randomised == 0 {
            return None;
        }
        let gone = match randomised_unrenewed {
            0 => String::new(),
            some => format!("; {some} of them not renewed although T1 has passed"),
        };
        cause(
            Reason::Randomised,
            format!(
                "{randomised} of {} leases are of clients that chose their own hardware address{gone}",
                self.counts.active
            ),
            "shorten valid-lifetime for this network; on managed clients, turn off random hardware addresses",
        )
    }

    fn one_client(&self) -> Option<Cause> {
        let most = self.usage.most_leases(self.layout, self.place, self.kind)?;
        if most.leases < 4 || !self.is_much(most.leases.into(), 10) {
            return None;
        }
        let (example, remedy) = match self.layout.family {
            Family::V4 => (
                u32::try_from(most.example)
                    .map_or_else(|_| String::new(), |bits| Ipv4Addr::from_bits(bits).to_string()),
                "set \"match-client-id\" to false: a machine with several client ids then gets only one address",
            ),
            Family::V6 => {
                (Ipv6Addr::from_bits(most.example).to_string(), "check the device: its DUID requests several IAs")
            }
        };
        let numbers = format!("at least {} of {} leases", most.leases, self.counts.active);
        cause(
            Reason::OneClient,
            format!("one client has {numbers}, such as that of {example}"),
            format!("{remedy}; kea-list-leases {example} shows the client"),
        )
    }

    fn offers(&self) -> Option<Cause> {
        if !self.is_much(self.evidence.offered.into(), 20) {
            return None;
        }
        cause(
            Reason::Offers,
            format!("{} only offered, and not requested", self.number(self.evidence.offered.into())),
            "shorten offer-lifetime; look for a client that sends DISCOVER with changing hardware addresses",
        )
    }

    fn backlog(&self) -> Option<Cause> {
        if self.counts.basis != Basis::Leases {
            return None;
        }
        let is_queued = self.counts.queued > 0;
        if !is_queued && !self.is_much(self.counts.expired, 4) {
            return None;
        }
        let flq = if is_queued { ", and the allocator flq gives none of them before" } else { "" };
        cause(
            Reason::Backlog,
            format!(
                "{} expired or released and not reclaimed{flq}",
                self.number(self.counts.expired + self.counts.released)
            ),
            "in expired-leases-processing, shorten reclaim-timer-wait-time or increase max-reclaim-leases",
        )
    }

    fn slow_allocation(&self) -> Option<Cause> {
        let is_iterative = |pool: usize| {
            let pool = &self.layout.pools[pool];
            let subnet = &self.layout.subnets[pool.subnet];
            let allocator = if pool.is_of_prefixes() { &subnet.pd_allocator } else { &subnet.allocator };
            **allocator == *"iterative"
        };
        let is_large = self.counts.total >= 4096;
        if !is_large || self.share() < 90.0 || !self.layout.pools_of(self.place, self.kind).any(is_iterative) {
            return None;
        }
        cause(
            Reason::SlowAllocation,
            format!("the iterative allocator tries one address after the other, of {}", self.counts.total),
            "set \"allocator\" to \"flq\" (free lease queue) or \"random\" (Kea 2.4 and later)",
        )
    }
}

/// `a or b`; of what has several words, `a or b; or of c and d`.
fn each_of(classes: &[String]) -> String {
    let is_plain = classes.iter().all(|class| !class.contains(' '));
    classes.join(if is_plain { " or " } else { "; or of " })
}

/// `1 is`, `2 are`.
fn are(number: impl Into<u128>) -> &'static str {
    if number.into() == 1 { "is" } else { "are" }
}

/// `3 h`, `20 min`.
fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
