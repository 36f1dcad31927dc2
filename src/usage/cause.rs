//! Why a pool is full, and what helps.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::count::Usage;
use super::counts::{Basis, Counts};
use super::evidence::{AGES, Evidence, NEVER};
use super::halves::{Half, halves};
use super::layout::Layout;
use super::place::{Kind, Level, Place};
use crate::family::Family;
use crate::text::count;

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

/// That the server refused new clients since an earlier look.
#[must_use]
pub fn refusals(refused: u64, seconds: i64) -> Option<Cause> {
    let cause = || Cause {
        reason: Reason::Failures,
        evidence: format!(
            "the server refused {refused} times to give a client something new since {} ago",
            span(seconds)
        ),
        remedy: "kea-log-report names these clients; what is full or closed to them is above".to_owned(),
    };
    (refused > 0).then(cause)
}

/// Why a place is full, or may soon be; the main reason first.
#[must_use]
pub fn causes(layout: &Layout, usage: &Usage, place: Place, kind: Kind) -> Vec<Cause> {
    let counts = usage.counts(place, kind);
    let evidence = usage.evidence(layout, place, kind);
    let context = Context { layout, usage, place, kind, counts, evidence };
    let all = [
        context.no_pool(),
        context.ha_half(),
        context.class_guard(),
        context.reservations(),
        context.full(),
        context.declined(),
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
    place: Place,
    kind: Kind,
    counts: Counts,
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
            (Kind::Prefixes, 1) => "1 prefix".to_owned(),
            (Kind::Prefixes, _) => format!("{number} prefixes"),
            (Kind::Addresses, 1) => "1 address".to_owned(),
            (Kind::Addresses, _) => format!("{number} addresses"),
        }
    }

    fn share(&self) -> f64 {
        self.counts.used_percent().unwrap_or(0.0)
    }

    /// Whether `part` is at least one in `divisor` of what there is.
    fn is_much(&self, part: u64, divisor: u128) -> bool {
        part > 0 && u128::from(part).saturating_mul(divisor) >= self.counts.total
    }

    fn no_pool(&self) -> Option<Cause> {
        let is_there = self.layout.pools_of(self.place, self.kind).next().is_some();
        if is_there || self.place.level == Level::Pool {
            return None;
        }
        cause(
            Reason::NoPool,
            format!("no pool of {} is configured", self.kind.plural()),
            "add a pool, unless only reserved hosts are meant",
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
            "keactrl-status shows the state of the pair; ha-continue, or a restart of the partner",
        )
    }

    /// A half that is full, or was forgotten, where others have room.
    fn ha_full(&self, half: &Half<'_>) -> Option<Cause> {
        let counts = |pool: usize| &self.usage.pools[pool];
        let pools = || self.layout.pools_of(self.place, self.kind).filter(|pool| counts(*pool).available() > 0);
        let is_open = |pool: usize| self.layout.pools[pool].is_open;
        if half.sum(|pool| counts(pool).available()) > 0 || pools().any(is_open) {
            return None;
        }
        let other = pools().find_map(|pool| self.layout.pools[pool].scope.as_deref())?;
        let of_other = pools().filter(|pool| self.layout.pools[*pool].scope.as_deref() == Some(other));
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
        let pools = || self.layout.pools_of(self.place, self.kind).map(|pool| &self.layout.pools[pool]);
        let is_mixed = pools().any(|pool| pool.is_open) && pools().any(|pool| !pool.is_open && pool.scope.is_none());
        let free = self.counts.available();
        if !is_mixed || self.counts.unclassed > 0 || free == 0 {
            return None;
        }
        let mut classes: Vec<&str> = Vec::new();
        for pool in pools().filter(|pool| !pool.is_open && pool.scope.is_none()) {
            let of_subnet = &self.layout.subnets[pool.subnet].classes;
            classes.extend(pool.classes.iter().chain(of_subnet).map(String::as_str));
        }
        classes.sort_unstable();
        classes.dedup();
        cause(
            Reason::ClassGuard,
            format!("the {free} that are free are only for clients of class {}", classes.join(" or ")),
            "enlarge the pool that is open to all clients",
        )
    }

    fn reservations(&self) -> Option<Cause> {
        let (reserved, free) = (self.counts.reserved_free(), self.counts.free());
        if reserved == 0 || u128::from(reserved) < self.counts.available() {
            return None;
        }
        cause(
            Reason::Reservations,
            format!("{reserved} of the {free} that are not leased are reserved for absent hosts"),
            "move reserved addresses out of the pool, or remove the reservations of hosts that are gone",
        )
    }

    fn full(&self) -> Option<Cause> {
        if self.share() < 80.0 || !self.is_much(self.counts.active, 2) {
            return None;
        }
        cause(
            Reason::Full,
            format!("{} of {} are leased", self.counts.active, self.counts.total),
            "enlarge the pool, or add a subnet to the shared network",
        )
    }

    fn declined(&self) -> Option<Cause> {
        if !self.is_much(self.counts.declined, 20) {
            return None;
        }
        let last = self.evidence.probation.map(|(_, last)| last);
        let when = match last.map(|last| (last, last.saturating_sub(self.usage.at))) {
            Some((NEVER, _)) => ", some of them without end".to_owned(),
            Some((_, left)) if left > 0 => format!(", the last for {} still", span(left)),
            _ => String::new(),
        };
        cause(
            Reason::Declined,
            format!("{} declined, since a client found them in use{when}", self.number(self.counts.declined)),
            "find the devices that use addresses of the pool without a lease; a shorter decline-probation-period frees them sooner",
        )
    }

    fn left(&self) -> Option<Cause> {
        let unrenewed = self.evidence.unrenewed;
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
            format!("a shorter valid-lifetime{windows}"),
        )
    }

    fn endless(&self) -> Option<Cause> {
        if !self.is_much(self.evidence.endless, 10) {
            return None;
        }
        cause(
            Reason::Endless,
            format!("{} never end", count(self.evidence.endless, "lease")),
            "set a valid-lifetime below 4294967295, and delete the leases of clients that are gone",
        )
    }

    fn randomised(&self) -> Option<Cause> {
        let Evidence { randomised, randomised_unrenewed, .. } = self.evidence;
        if self.share() < 50.0 || randomised * 4 < self.counts.active || randomised == 0 {
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
            "a shorter valid-lifetime for this network; on managed clients, no random hardware addresses",
        )
    }

    fn one_client(&self) -> Option<Cause> {
        let most = self.evidence.holders.first()?;
        if most.leases < 4 || !self.is_much(most.leases.into(), 10) {
            return None;
        }
        let (example, remedy) = match self.layout.family {
            Family::V4 => (
                u32::try_from(most.example)
                    .map_or_else(|_| String::new(), |bits| Ipv4Addr::from_bits(bits).to_string()),
                "one machine with several client ids gets one address with \"match-client-id\": false",
            ),
            Family::V6 => {
                (Ipv6Addr::from_bits(most.example).to_string(), "one DUID asks for several IAs: look at the device")
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
        if !self.is_much(self.evidence.offered, 20) {
            return None;
        }
        cause(
            Reason::Offers,
            format!("{} only offered, and not requested", self.number(self.evidence.offered)),
            "a shorter offer-lifetime; look for a client that sends DISCOVER with changing hardware addresses",
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
            "expired-leases-processing: a shorter reclaim-timer-wait-time, a larger max-reclaim-leases",
        )
    }

    fn misnumbered(&self) -> Option<Cause> {
        if !self.is_much(self.evidence.misnumbered, 20) {
            return None;
        }
        cause(
            Reason::Misnumbered,
            format!("{} held by leases with the id of another subnet", self.number(self.evidence.misnumbered)),
            "the subnet was renumbered: give it back its id, or delete those leases (lease4-wipe, lease6-wipe)",
        )
    }

    fn slow_allocation(&self) -> Option<Cause> {
        let is_iterative = |pool: usize| {
            let pool = &self.layout.pools[pool];
            let subnet = &self.layout.subnets[pool.subnet];
            let allocator = if pool.is_of_prefixes() { &subnet.pd_allocator } else { &subnet.allocator };
            allocator == "iterative"
        };
        let is_large = self.counts.total >= 4096;
        if !is_large || self.share() < 90.0 || !self.layout.pools_of(self.place, self.kind).any(is_iterative) {
            return None;
        }
        cause(
            Reason::SlowAllocation,
            format!("the iterative allocator tries one address after the other, of {}", self.counts.total),
            "\"allocator\": \"flq\" (free lease queue), or \"random\" (Kea 2.4 on)",
        )
    }
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
