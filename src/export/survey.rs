//! The pools of servers, and how full their leases make them.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use super::observer::{BadRows, Noting, Observer};
use super::open::open_or_ask;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::lease::{Lease, RowError};
use crate::source::{self, Flow, LeaseLocation, Location, Order, Origin, Variables, Visitor};
use crate::text;
use crate::time::{self, TimeStyle};
use crate::usage::{Basis, Counter, Journal, Layout, PoolKind, Statistics, Usage, declined_is_apart};

/// What is wanted.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is wanted or not")]
pub struct SurveyOptions {
    /// The moment that leases are counted at, in epoch seconds.
    pub at: i64,
    /// What is counted; leases where they can be read, else statistics, if it is not said.
    pub basis: Option<Basis>,
    /// Whether the journal of a lease file is read too.
    pub journal: bool,
    /// Whether pools get maps.
    pub maps: bool,
    /// Whether the running server is asked how many clients it refused.
    pub refused: bool,
    /// Whether `at` is another moment than now, of which a running server has no statistics.
    pub is_past: bool,
}

/// What was found, and what was not.
#[derive(Debug, Default)]
pub struct Survey {
    /// Each family that was counted.
    pub families: Vec<Surveyed>,
    /// Why others were not.
    pub failures: Vec<Error>,
}

impl Survey {
    /// What could not be read: whole families, and rows.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let rows = self.families.iter().filter_map(|family| family.malformed.clone());
        self.failures.iter().map(ToString::to_string).chain(rows).collect()
    }
}

/// A family's server.
#[derive(Debug)]
pub struct Surveyed {
    /// The family.
    pub family: Family,
    /// What it has to give.
    pub layout: Layout,
    /// How much of it is used.
    pub usage: Usage,
    /// Where its leases are from.
    pub origin: Origin,
    /// What a user should know, one sentence each.
    pub notes: Vec<String>,
    /// That rows are no leases, with the first of them; each was reported.
    pub malformed: Option<String>,
    /// What the journal of the lease file shows, if it was wanted.
    pub journal: Option<Journal>,
    /// How many clients the server refused since its start, if that was wanted and is known.
    pub refused: Option<Refused>,
}

/// How many clients a server refused since its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// On all subnets.
    pub all: u64,
    /// On subnets, by their index: of many subnets only the fullest.
    pub subnets: Vec<(usize, u64)>,
}

/// How many subnets a server is asked for one by one.
const ASKED: usize = 50;

/// Counts the leases of each place as they are at `at`. A place that cannot be counted does not hide another.
pub fn survey(
    found: Vec<Result<LeaseLocation>>,
    wanted: SurveyOptions,
    var: &Variables<'_>,
    observer: &mut dyn Observer,
) -> Survey {
    let mut survey = Survey::default();
    for place in found {
        match place.and_then(|place| one(place, wanted, var, observer)) {
            Ok(surveyed) => survey.families.push(surveyed),
            Err(error) => survey.failures.push(error),
        }
    }
    survey
}

fn one(
    mut place: LeaseLocation,
    wanted: SurveyOptions,
    var: &Variables<'_>,
    observer: &mut dyn Observer,
) -> Result<Surveyed> {
    let mut remarks = place.remarks.clone();
    let observer = &mut Noting { observer, remarks: &mut remarks };
    for remark in &place.remarks {
        observer.remark(remark);
    }
    let Some(config) = source::pool_configuration_of(&place)? else {
        return Err(without_pools(&place, wanted.at, var, observer));
    };
    let mut layout = Layout::new(&config);
    let mut notes = layout.faults.clone();
    notes.extend(difference(&place, &config));
    notes.extend(unread_part(&place, &config));
    if !layout.has_all_reservations {
        match source::reservations(&place, &config, var) {
            Ok(hosts) => {
                for host in &hosts {
                    layout.add_host(host.subnet_id, &host.reservation);
                }
                layout.has_all_reservations = true;
            }
            Err(error) => notes.push(format!("reservations are not known, nor what is free for new clients: {error}")),
        }
    }
    let unknown_scopes = learn_scopes(&place, &mut layout, var);
    let is_answering = unknown_scopes.is_none();
    notes.extend(unknown_scopes);
    drop(config);
    place.forget_configuration();
    let mut surveyed = count(&place, layout, wanted, var, observer)?;
    // A server that did not say what it serves is not waited for again.
    if wanted.refused && is_answering {
        match ask_refused(&place, &surveyed, var) {
            Some(Ok(refused)) => surveyed.refused = Some(refused),
            Some(Err(error)) => notes.push(format!("how many clients the server refused is not known: {error}")),
            None => {}
        }
    }
    notes.extend(surveyed.usage.newest.filter(|_| wanted.is_past).and_then(|newest| earlier(wanted.at, newest)));
    remarks.append(&mut notes);
    Ok(Surveyed { notes: remarks, ..surveyed })
}

/// That leases were given after the moment that is judged: of an address only the last lease is known.
fn earlier(at: i64, newest: i64) -> Option<String> {
    (newest > at).then(|| {
        let newest = time::show(newest, TimeStyle::Utc);
        format!(
            "leases are known as they were at {newest}, and not at the earlier time of --at: an address that was given since \
             then counts as active, and its lease of before is not known"
        )
    })
}

/// Counts leases; where these cannot be read and it was not said what is counted, statistics.
fn count(
    place: &LeaseLocation,
    layout: Layout,
    wanted: SurveyOptions,
    var: &Variables<'_>,
    observer: &mut dyn Observer,
) -> Result<Surveyed> {
    let family = place.family;
    let plain = |layout, usage, origin| Surveyed {
        family,
        layout,
        usage,
        origin,
        notes: Vec::new(),
        malformed: None,
        journal: None,
        refused: None,
    };
    if wanted.basis == Some(Basis::Statistics) {
        let (usage, origin) = by_statistics(place, &layout, wanted, var)?;
        return Ok(plain(layout, usage, origin));
    }
    match by_leases(place, &layout, wanted, var, observer) {
        Ok(counted) => {
            let Counted { usage, journal, origin, malformed } = counted;
            Ok(Surveyed { malformed, journal, ..plain(layout, usage, origin) })
        }
        Err(error) if wanted.basis.is_none() && !wanted.is_past => {
            let Ok((usage, origin)) = by_statistics(place, &layout, wanted, var) else { return Err(error) };
            observer.remark(&format!("{error}; estimated from the statistics of the running server instead"));
            Ok(plain(layout, usage, origin))
        }
        Err(error) => Err(error),
    }
}

/// Asks a server that shares its pools with a partner which clients are served now; why that is not known.
fn learn_scopes(place: &LeaseLocation, layout: &mut Layout, var: &Variables<'_>) -> Option<String> {
    (0..layout.pools.len()).find(|pool| layout.guard(*pool).scope.is_some())?;
    match place.scopes(var)? {
        Ok(scopes) => {
            layout.pairing.serve(scopes);
            None
        }
        Err(error) => Some(format!("which clients each server of the pair serves now is not known: {error}")),
    }
}

/// Asks how many clients were refused on all subnets, and on the fullest of them.
fn ask_refused(place: &LeaseLocation, surveyed: &Surveyed, var: &Variables<'_>) -> Option<Result<Refused>> {
    let share = |subnet: &usize| surveyed.usage.subnets[*subnet].addresses.used_percent().unwrap_or(0.0);
    let mut fullest: Vec<usize> = (0..surveyed.layout.subnets.len()).collect();
    fullest.sort_by(|one, other| share(other).total_cmp(&share(one)));
    fullest.truncate(ASKED);
    let ids: Vec<u32> = fullest.iter().map(|subnet| surveyed.layout.subnets[*subnet].id).collect();
    let refused = |(all, each): (u64, Vec<u64>)| Refused { all, subnets: fullest.into_iter().zip(each).collect() };
    Some(place.refused(&ids, var)?.map(refused))
}

/// What leases came to.
struct Counted {
    usage: Usage,
    journal: Option<Journal>,
    origin: Origin,
    malformed: Option<String>,
}

fn by_leases(
    place: &LeaseLocation,
    layout: &Layout,
    wanted: SurveyOptions,
    var: &Variables<'_>,
    observer: &mut dyn Observer,
) -> Result<Counted> {
    let mut source = open_or_ask(place, var, observer)?;
    source.keep_released();
    source.omit_details();
    let mut journal = None;
    if wanted.journal && matches!(place.location, Location::Memfile(_)) {
        let mut reading = Reading { journal: Journal::default(), layout };
        source.visit_history(&mut reading)?;
        journal = Some(reading.journal.until(layout, wanted.at));
    }
    observer.begin_rows(true);
    let counter = Counter::new(layout, wanted.at);
    let counter = if wanted.maps { counter.with_maps() } else { counter };
    let mut counting = Counting { counter, observer, bad_rows: BadRows::default() };
    let visited = source.visit(Order::Stored, &mut counting);
    let Counting { counter, observer, bad_rows } = counting;
    observer.end_rows();
    bad_rows.finish(observer);
    visited?;
    let origin = source.origin();
    if let (Location::Memfile(file), "memfile", None) = (&place.location, origin.backend, &origin.version) {
        return Err(source::memfile::emptied(file, place.family));
    }
    let malformed = bad_rows.first.map(|first| {
        let rows = text::count(bad_rows.count, "row");
        format!("{rows} of {} cannot be read, and what is free is not known: {first}", origin.location)
    });
    Ok(Counted { usage: counter.finish(), journal, origin, malformed })
}

fn by_statistics(
    place: &LeaseLocation,
    layout: &Layout,
    wanted: SurveyOptions,
    var: &Variables<'_>,
) -> Result<(Usage, Origin)> {
    let unknown = || {
        let error = |cause, hint: &str| Error::new("ask the running server for statistics", cause).hint(hint);
        if place.is_named_file() {
            error("a lease file is named, which may be of another server", "leave it out")
        } else {
            error("no control socket is known", "--socket PATH names its control socket")
        }
    };
    let counted = place.statistics(wanted.basis.is_some(), var).ok_or_else(unknown)??;
    let is_apart = declined_is_apart(&counted.version);
    let rows: Vec<Statistics> = counted.rows.iter().map(|row| statistics(row, is_apart)).collect();
    let location = "statistics of the running server, an estimate".to_owned();
    Ok((Usage::of_statistics(layout, &rows, wanted.at), Origin { backend: "api", location, version: None }))
}

fn statistics(row: &source::SubnetCounts, is_apart: bool) -> Statistics {
    Statistics {
        subnet_id: row.subnet_id,
        assigned: if is_apart { row.assigned } else { row.assigned.saturating_sub(row.declined) },
        declined: row.declined,
        assigned_prefixes: row.assigned_prefixes,
    }
}

/// What can be said where no configuration is known: how many leases there are.
fn without_pools(place: &LeaseLocation, at: i64, var: &Variables<'_>, observer: &mut dyn Observer) -> Error {
    let attempted = format!("find the pools of the {} server", place.family);
    let leases = open_or_ask(place, var, observer).and_then(|mut source| {
        let mut active = Active { at, count: 0 };
        source.visit(Order::Stored, &mut active)?;
        Ok((active.count, source.origin().location))
    });
    match leases {
        Ok((count, location)) => {
            let leases = text::count(count, "active lease");
            Error::new(attempted, format!("no configuration is known, only {leases} in {location}"))
                .hint("name the configuration with -c FILE")
        }
        Err(error) => Error::new(attempted, format!("no configuration is known, and {error}")),
    }
}

/// Whether a running server has other pools than its file.
fn difference(place: &LeaseLocation, running: &Config) -> Option<String> {
    let Location::Api(_) = place.location else { return None };
    let file = place.file_configuration()?;
    (shape(running) != shape(file)).then(|| {
        let file = file.file.display();
        format!("the running server has other subnets or pools than {file}; those of the server are shown")
    })
}

/// Whether a file is not all of the configuration.
fn unread_part(place: &LeaseLocation, config: &Config) -> Option<String> {
    let is_file = !matches!(place.location, Location::Api(_));
    (is_file && !config.server.config_control.config_databases.is_empty()).then(|| {
        let file = config.file.display();
        format!("{file}: more subnets may be in a database (\"config-control\"), which is not read; -t api shows them")
    })
}

/// Every subnet and pool with its addresses.
fn shape(config: &Config) -> BTreeSet<(u32, IpAddr, IpAddr, Option<PoolKind>)> {
    let layout = Layout::new(config);
    let subnets = layout.subnets.iter().map(|subnet| (subnet.id, subnet.range.first(), subnet.range.last(), None));
    let pools = layout
        .pools
        .iter()
        .map(|pool| (layout.subnets[pool.subnet].id, pool.range.first(), pool.range.last(), Some(pool.kind)));
    subnets.chain(pools).collect()
}

/// Counts leases.
struct Counting<'a> {
    counter: Counter<'a>,
    observer: &'a mut dyn Observer,
    bad_rows: BadRows,
}

impl Visitor for Counting<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        self.observer.row();
        self.counter.add(lease);
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, place: &dyn fmt::Display, error: &RowError) -> Result<()> {
        self.bad_rows.add(place, error, self.observer);
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.observer.remark(text);
    }

    fn expect_rows(&mut self, rows: u64) {
        self.observer.expect_rows(rows);
    }

    fn preparing(&mut self, rows: u64, percent: u64) {
        self.observer.preparing(rows, percent);
    }
}

/// Reads a journal.
struct Reading<'a> {
    journal: Journal,
    layout: &'a Layout,
}

impl Visitor for Reading<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        self.journal.add(self.layout, lease);
        Ok(Flow::Continue)
    }

    // What is wrong with a row is reported where leases are counted.
    fn bad_row(&mut self, _place: &dyn fmt::Display, _error: &RowError) -> Result<()> {
        Ok(())
    }

    fn remark(&mut self, _text: &str) {}
}

/// Counts active leases.
struct Active {
    at: i64,
    count: u64,
}

impl Visitor for Active {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        self.count += u64::from(lease.status(self.at) == crate::lease::LeaseStatus::Active);
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, _place: &dyn fmt::Display, _error: &RowError) -> Result<()> {
        Ok(())
    }

    fn remark(&mut self, _text: &str) {}
}
