//! Verdicts on pools: is one running full?

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::State;
use super::threshold::Threshold;
use crate::family::Family;
use crate::usage::{
    Basis, Cause, Clients, Counts, Forecast, Layout, LayoutPlace, Level, Offer, ResourceKind, Usage, causes, fullness,
};

/// Beyond which values something is a warning or critical.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The used share of what can be given away, in percent.
    pub warning: Threshold,
    /// The same.
    pub critical: Threshold,
    /// Fewer free addresses than this are a warning.
    pub warning_free: Option<u128>,
    /// Fewer free addresses than this are critical.
    pub critical_free: Option<u128>,
    /// Smaller ones are not judged.
    pub min_size: u128,
    /// What is expected to be full within so many seconds is critical.
    pub critical_time: Option<i64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            warning: Threshold::up_to(80.0),
            critical: Threshold::up_to(90.0),
            warning_free: None,
            critical_free: None,
            min_size: 0,
            critical_time: None,
        }
    }
}

impl Limits {
    /// That not even a full pool is an alarm, if that is so.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let is_alarm = self.warning.is_beyond(100.0) || self.critical.is_beyond(100.0);
        let counts_free = self.warning_free.or(self.critical_free).is_some_and(|least| least > 0);
        let text = "with these thresholds a full pool is OK: no share is above 100 %; --critical-free 1 is an alarm if nothing is free";
        (!is_alarm && !counts_free).then(|| text.to_owned())
    }

    /// What the used share and the number of free ones come to.
    #[must_use]
    pub fn judge(&self, share: f64, free: u128) -> State {
        let is_below = |least: Option<u128>| least.is_some_and(|least| free < least);
        if self.critical.is_beyond(share) || is_below(self.critical_free) {
            State::Critical
        } else if self.warning.is_beyond(share) || is_below(self.warning_free) {
            State::Warning
        } else {
            State::Ok
        }
    }
}

impl Row {
    /// Whether there is anything to give, free or not.
    #[must_use]
    pub fn has_pool(&self) -> bool {
        self.counts.total > 0
    }
}

/// What is judged, and shown: one row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// The family.
    pub family: Family,
    /// What it is.
    pub place: LayoutPlace,
    /// Its addresses or its prefixes.
    pub kind: ResourceKind,
    /// How many there are.
    pub counts: Counts,
    /// What the clients that are judged can get of them.
    pub offer: Offer,
    /// How well it is; `None` of a part that is shown only for what it is part of.
    pub state: Option<State>,
    /// Why it is full, the main reason first.
    pub causes: Vec<Cause>,
    /// When it will be full, if that was asked for.
    pub forecast: Option<Forecast>,
    /// How far it is indented under what it is part of.
    pub depth: usize,
}

/// The rows of a family at this level, or of the places that were chosen; the worst first, each with its parts after it.
#[must_use]
pub fn rows(layout: &Layout, usage: &Usage, by: Level, chosen: Option<&[LayoutPlace]>, limits: &Limits) -> Vec<Row> {
    rows_as(layout, usage, by, chosen, limits, &mut |row| row)
}

/// The same, each row as what `keep` makes of it.
pub fn rows_as<T>(
    layout: &Layout,
    usage: &Usage,
    by: Level,
    chosen: Option<&[LayoutPlace]>,
    limits: &Limits,
    keep: &mut dyn FnMut(Row) -> T,
) -> Vec<T> {
    let rows = Rows { layout, usage, by, limits };
    let places: Vec<LayoutPlace> = if let Some(places) = chosen {
        let distinct: BTreeSet<LayoutPlace> = places.iter().copied().collect();
        distinct.into_iter().collect()
    } else {
        let networks = (0..layout.networks.len()).map(LayoutPlace::network);
        let alone = layout.subnets.iter().enumerate().filter(|(_, subnet)| subnet.network.is_none());
        networks.chain(alone.map(|(index, _)| LayoutPlace::subnet(index))).collect()
    };
    // A row is large, and there may be many thousands: they are sorted where they are.
    let mut sorted = Vec::with_capacity(places.len());
    for group in places.into_iter().flat_map(|place| rows.group(place)) {
        let badness = Reverse(badness(&group));
        for row in group {
            sorted.push((badness, sorted.len(), keep(row)));
        }
    }
    sorted.sort_unstable_by_key(|(badness, index, _)| (*badness, *index));
    sorted.into_iter().map(|(.., row)| row).collect()
}

impl Row {
    /// Whether there is something to give to new clients, and nothing of it is left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.offer.used_percent().is_some() && self.offer.most == 0
    }

    /// Whether its reasons are worth reading: it is not well, or was named.
    #[must_use]
    pub fn needs_reasons(&self, is_named: bool) -> bool {
        self.state.map_or(is_named, |state| is_named || state != State::Ok)
    }

    /// The same with one more cause, which may mean a worse state.
    #[must_use]
    pub fn because(mut self, cause: Cause, limits: &Limits) -> Self {
        if let Some(least) = cause.state_at_least().filter(|_| self.counts.total >= limits.min_size) {
            let before = self.state;
            self.state = before.map(|state| state.max(least.into()));
            if self.state != before {
                self.causes.insert(0, cause);
                return self;
            }
        }
        self.causes.push(cause);
        self
    }

    /// The same with a forecast, which makes it critical only if a time was set for that.
    #[must_use]
    pub fn expecting(mut self, forecast: Forecast, limits: &Limits) -> Self {
        let is_soon = match (forecast, limits.critical_time) {
            (Forecast::Full { likely, .. }, Some(least)) => likely <= least,
            _ => false,
        };
        if is_soon && self.counts.total >= limits.min_size {
            self.state = self.state.map(|_| State::Critical);
        }
        self.forecast = Some(forecast);
        self
    }
}

/// The worst state of rows; `None` if there is nothing to judge.
#[must_use]
pub fn state(rows: &[Row]) -> Option<State> {
    rows.iter().filter_map(|row| row.state).max()
}

/// The worst state and the highest share, in a thousandth of a percent.
fn badness(group: &[Row]) -> (Option<State>, u32) {
    let share = |row: &Row| row.offer.used_percent().unwrap_or(0.0);
    let judged = group.iter().filter(|row| row.state.is_some());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 100")]
    let share = judged.map(|row| (share(row) * 1000.0) as u32).max().unwrap_or(0);
    (state(group), share)
}

struct Rows<'a> {
    layout: &'a Layout,
    usage: &'a Usage,
    by: Level,
    limits: &'a Limits,
}

impl Rows<'_> {
    /// Addresses and prefixes of a place, each with its parts.
    fn group(&self, place: LayoutPlace) -> Vec<Vec<Row>> {
        let kinds = match place.level {
            Level::Pool if self.layout.pools[place.index].is_of_prefixes() => vec![ResourceKind::Prefixes],
            Level::Pool => vec![ResourceKind::Addresses],
            _ => self.kinds(place),
        };
        kinds.into_iter().map(|kind| self.with_parts(place, kind, 0)).collect()
    }

    /// What a subnet or shared network gives: prefixes only where it has a pool of them, and addresses where it has a pool
    /// of them or gives nothing else.
    fn kinds(&self, place: LayoutPlace) -> Vec<ResourceKind> {
        let has = |kind| self.layout.pools_of(place, kind).next().is_some();
        match (has(ResourceKind::Addresses), has(ResourceKind::Prefixes)) {
            (true, true) => vec![ResourceKind::Addresses, ResourceKind::Prefixes],
            (_, false) => vec![ResourceKind::Addresses],
            (false, true) => vec![ResourceKind::Prefixes],
        }
    }

    fn with_parts(&self, place: LayoutPlace, kind: ResourceKind, depth: usize) -> Vec<Row> {
        let is_judged =
            if depth == 0 { place.level >= self.by || self.by == Level::Network } else { place.level == self.by };
        let is_judged = is_judged || (self.parts(place, kind).is_empty() && depth == 0);
        let mut rows = vec![self.row(place, kind, depth, is_judged)];
        for part in self.parts(place, kind) {
            rows.extend(self.with_parts(part, kind, depth + 1));
        }
        rows
    }

    fn parts(&self, place: LayoutPlace, kind: ResourceKind) -> Vec<LayoutPlace> {
        match place.level {
            Level::Network => {
                let subnets =
                    self.layout.networks[place.index].subnets.iter().map(|subnet| LayoutPlace::subnet(*subnet));
                subnets.filter(|subnet| self.kinds(*subnet).contains(&kind)).collect()
            }
            Level::Subnet if self.by == Level::Pool => {
                self.layout.pools_of(place, kind).map(LayoutPlace::pool).collect()
            }
            Level::Subnet | Level::Pool => Vec::new(),
        }
    }

    fn row(&self, place: LayoutPlace, kind: ResourceKind, depth: usize, is_judged: bool) -> Row {
        let counts = self.usage.counts(place, kind);
        let offer = self.usage.offer(self.layout, place, kind);
        let mut causes = causes(self.layout, self.usage, place, kind, &offer);
        let state = is_judged.then(|| self.judge(place, kind, &counts, &offer, &mut causes));
        Row { family: self.layout.family, place, kind, counts, offer, state, causes, forecast: None, depth }
    }

    /// The state, whose reason is then the first.
    fn judge(
        &self,
        place: LayoutPlace,
        kind: ResourceKind,
        counts: &Counts,
        offer: &Offer,
        causes: &mut Vec<Cause>,
    ) -> State {
        if counts.total < self.limits.min_size || (offer.clients == Clients::None && counts.total > 0) {
            return State::Ok;
        }
        let by_numbers = self.by_numbers(place, kind, counts, offer);
        let weight = |cause: &Cause| cause.state_at_least().map_or(State::Ok, State::from);
        let state = causes.iter().map(weight).fold(by_numbers, State::max);
        if state > by_numbers {
            causes.sort_by_key(|cause| weight(cause) < state);
        } else if state > State::Unknown && causes.is_empty() {
            causes.push(fullness(self.layout, place, kind, offer));
        }
        state
    }

    fn by_numbers(&self, place: LayoutPlace, kind: ResourceKind, counts: &Counts, offer: &Offer) -> State {
        if counts.basis == Basis::Configuration {
            return State::Unknown;
        }
        let (Some(share), Some(most)) = (offer.used_percent(), offer.used_percent_most()) else {
            let is_for_hosts = counts.reserved > 0 || (kind == ResourceKind::Addresses && self.has_hosts(place));
            return if is_for_hosts { State::Ok } else { State::Warning };
        };
        let state = self.limits.judge(share, offer.most);
        let state = if counts.is_complete { state } else { state.max(State::Unknown) };
        // What may be so full is worth a look.
        if self.limits.judge(most, offer.least) == State::Ok { state } else { state.max(State::Warning) }
    }

    /// Whether some host has a reservation here.
    fn has_hosts(&self, place: LayoutPlace) -> bool {
        match place.level {
            Level::Network => {
                self.layout.networks[place.index].subnets.iter().any(|subnet| self.layout.has_hosts(*subnet))
            }
            Level::Subnet => self.layout.has_hosts(place.index),
            Level::Pool => false,
        }
    }
}

impl From<crate::usage::Severity> for State {
    fn from(severity: crate::usage::Severity) -> Self {
        match severity {
            crate::usage::Severity::Warning => Self::Warning,
            crate::usage::Severity::Critical => Self::Critical,
        }
    }
}
