//! A list of the leases of one or more places.

use std::io::Write;
use std::path::Path;

use super::lister::{ListCounts, Lister, write_failed};
use super::live_files::live_files;
use super::observer::Observer;
use super::open::open_or_ask;
use super::options::ListOptions;
use crate::env::Clock;
use crate::error::{Error, Result};
use crate::installation::is_stdout_a_file;
use crate::lease::Family;
use crate::lease::filter::{Filter, SubnetChoice};
use crate::lease::vendor::Vendors;
use crate::output::lease::{LeaseWriter, ListContext, Style, lease_writer};
use crate::source::{self, LeaseLocation, LeaseSource, Location, Origin, Variables};
use crate::text::count;
use crate::usage::{Layout, LayoutPlace, Usage};

/// What is to be listed, and how.
pub struct LeaseList<'a> {
    pub(super) options: ListOptions,
    pub(super) filter: Filter,
    pub(super) style: Style,
    pub(super) context: ListContext,
    pub(super) places: Vec<LeaseLocation>,
    /// Why there is no place for a family that is meant too.
    pub(super) unplaced: Vec<Error>,
    pub(super) var: &'a Variables<'a>,
}

impl<'a> LeaseList<'a> {
    /// A list of these places' leases. Without any place the first failure is the result.
    pub fn new(
        options: ListOptions,
        filter: Filter,
        style: Style,
        found: Vec<Result<LeaseLocation>>,
        vendors: Vendors,
        var: &'a Variables<'a>,
    ) -> Result<Self> {
        let (mut places, mut unplaced) = (Vec::new(), Vec::new());
        for place in found {
            match place {
                Ok(place) => places.push(place),
                Err(error) => unplaced.push(error),
            }
        }
        if places.is_empty() && !unplaced.is_empty() {
            return Err(unplaced.swap_remove(0));
        }
        let network = |family| places.iter().find(|place| place.family == family).and_then(source::network_of);
        let context = ListContext { vendors, networks: [Family::V4, Family::V6].map(network) };
        Ok(Self { options, filter, style, context, places, unplaced, var })
    }

    /// Refuses standard output that is redirected into a file of Kea; its configuration may be `config`.
    pub fn guard_stdout(&self, config: Option<&Path>) -> Result<()> {
        if !is_stdout_a_file() {
            return Ok(());
        }
        live_files(self.places.iter(), config, false, self.var).refuse_stdout()
    }

    /// What a user should know of the places.
    pub fn remarks(&self) -> impl Iterator<Item = &String> {
        self.places.iter().flat_map(|place| &place.remarks)
    }

    /// Lists all places into `out`.
    pub fn list(&self, out: &mut dyn Write, clock: &dyn Clock, observer: &mut dyn Observer) -> Result<Listed> {
        let mut writer = lease_writer(self.style.clone(), &self.context, out);
        let listed = self.list_into(writer.as_mut(), clock, observer)?;
        if !self.options.is_quiet {
            writer.remarks().iter().for_each(|remark| observer.line(remark));
        }
        Ok(listed)
    }

    /// Lists all places into `writer`. Of two places one that cannot be read, or not to its end, is reported and does
    /// not hide the other: a server that is configured and was never started has no lease file.
    pub(super) fn list_into(
        &self,
        writer: &mut dyn LeaseWriter,
        clock: &dyn Clock,
        observer: &mut dyn Observer,
    ) -> Result<Listed> {
        self.unknown_subnet().iter().filter(|_| !self.options.is_quiet).for_each(|remark| observer.remark(remark));
        let sources: Vec<_> = self.places.iter().map(|place| self.open(place, observer)).collect();
        let (mut counts, mut failures, mut is_begun) = (Vec::new(), self.unplaced.clone(), false);
        let mut nearly = Vec::new();
        for (place, source) in self.places.iter().zip(sources) {
            let mut source = match source {
                Ok(source) => source,
                Err(error) => {
                    failures.push(error);
                    continue;
                }
            };
            writer.begin(place.family).map_err(|cause| write_failed(&cause))?;
            let part = self.list_one(place, source.as_mut(), writer, clock, observer)?;
            is_begun |= part.broken.is_none() || part.counts.shown > 0;
            match part.broken {
                None => {
                    counts.push((place.family, part.counts));
                    nearly.extend(part.nearly_full);
                }
                Some(error) => {
                    writer.break_off();
                    failures.push(error);
                }
            }
        }
        if is_begun {
            writer.finish().map_err(|cause| write_failed(&cause))?;
        }
        let last = if counts.is_empty() { failures.pop() } else { None };
        for error in &failures {
            observer.remark(&error.to_string());
        }
        let families = self.places.len() + self.unplaced.len();
        last.map_or(Ok(Listed { families, counts, nearly_full: nearly }), Err)
    }

    /// That a subnet was asked for by a number that no configuration has.
    fn unknown_subnet(&self) -> Option<String> {
        const MOST: usize = 10;
        let networks = self.places.iter().map(|place| self.context.network(place.family));
        let networks: Vec<_> = networks.collect::<Option<_>>()?;
        // A number of Kea's own choice is not known.
        let known: Vec<u32> =
            networks.iter().flat_map(|network| network.subnets()).map(|it| it.id).collect::<Option<_>>()?;
        let asked = self.filter.subnets.iter().filter_map(|subnet| match subnet {
            SubnetChoice::Id(id) => Some(*id),
            SubnetChoice::Prefix(_) => None,
        });
        let unknown = asked.into_iter().find(|id| !known.contains(id))?;
        let mut listed: Vec<String> = known.iter().take(MOST).map(u32::to_string).collect();
        listed.extend((known.len() > MOST).then(|| "…".to_owned()));
        let listed = if listed.is_empty() { "none is".to_owned() } else { listed.join(", ") };
        Some(format!("subnet {unknown} is not configured (configured: {listed})"))
    }

    /// Lists a place. An error is one of writing; one of reading is part of the result.
    fn list_one(
        &self,
        place: &LeaseLocation,
        source: &mut dyn LeaseSource,
        writer: &mut dyn LeaseWriter,
        clock: &dyn Clock,
        observer: &mut dyn Observer,
    ) -> Result<Part> {
        let filter = self.filter.with_network(self.context.network(place.family));
        source.narrow(&filter);
        let begun = clock.monotonic();
        // Rows on the same terminal show by themselves that something happens.
        observer.begin_rows(self.style.width.is_none());
        let layout = self.layout(place);
        let mut lister = Lister::new(&filter, &self.options, writer, observer).filling(layout.as_ref());
        let visited = if self.options.is_history {
            source.visit_history(&mut lister)
        } else {
            source.visit(self.options.source_order().0, &mut lister)
        };
        let (rows, broken) = match visited {
            Ok(visited) => (visited.seen, None),
            Err(error) if lister.is_unwritten() => return Err(error),
            Err(error) => (0, Some(error)),
        };
        let (mut counts, usage) = lister.finish()?;
        let usage = usage.filter(|_| broken.is_none());
        let nearly_full = layout.zip(usage).map(|(layout, usage)| nearly_full(&layout, &usage)).unwrap_or_default();
        if !matches!(place.location, Location::Memfile(_)) {
            counts.forget_total();
        }
        if self.options.is_verbose && broken.is_none() {
            let seconds = clock.monotonic().saturating_sub(begun).as_secs_f64();
            observer.line(&origin_line(place, &source.origin(), rows, seconds));
        }
        Ok(Part { counts, nearly_full, broken })
    }

    /// The pools to watch: those of a configuration that is known without asking for it, where all leases are counted.
    fn layout(&self, place: &LeaseLocation) -> Option<Layout> {
        let is_whole = self.options.is_summarized() && self.filter.is_empty();
        if !is_whole || matches!(place.location, Location::Api(_)) {
            return None;
        }
        let config = source::configuration_of(place).ok()??;
        Some(Layout::new(&config))
    }

    /// Opens a place; a history only a lease file has.
    pub(super) fn open(&self, place: &LeaseLocation, observer: &mut dyn Observer) -> Result<Box<dyn LeaseSource>> {
        if self.options.is_history { place.open() } else { open_or_ask(place, self.var, observer) }
    }
}

/// The pools of which more than 90 % are used, the fullest first, in a line each; not more than a few.
fn nearly_full(layout: &Layout, usage: &Usage) -> Vec<String> {
    const MOST: usize = 3;
    let share = |index: &usize| usage.pools[*index].used_percent().unwrap_or(0.0);
    let mut full: Vec<usize> = (0..layout.pools.len()).filter(|index| share(index) > 90.0).collect();
    full.sort_by(|one, other| share(other).total_cmp(&share(one)));
    let line = |index: &usize| {
        let (pool, free) = (layout.name(LayoutPlace::pool(*index)), usage.pools[*index].available());
        let subnet = &layout.subnets[layout.pools[*index].subnet];
        format!("pool {pool} of subnet {} is {:.0} % used, {free} free", subnet.prefix, share(index).floor())
    };
    let mut lines: Vec<String> = full.iter().take(MOST).map(line).collect();
    if full.len() > MOST {
        lines.push(format!("{} more are above 90 %", count((full.len() - MOST) as u64, "pool")));
    }
    if let Some(last) = lines.last_mut() {
        last.push_str(" (kea-pools --why)");
    }
    lines
}

/// What came of one place.
struct Part {
    counts: ListCounts,
    /// Pools that are nearly full, a line each.
    nearly_full: Vec<String>,
    /// Why it was not read to its end.
    broken: Option<Error>,
}

/// What was listed.
pub struct Listed {
    /// How many families were to be listed.
    families: usize,
    /// What came of those that were read to their end.
    counts: Vec<(Family, ListCounts)>,
    /// Pools that are nearly full, a line each.
    nearly_full: Vec<String>,
}

impl Listed {
    /// `6 active, 2 declined, 1 expired of 9`, for each family; and which pools are nearly full.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let line = |(family, counts): &(Family, ListCounts)| {
            let family = if self.families > 1 { format!("{family}: ") } else { String::new() };
            format!("{family}{}", counts.summary())
        };
        self.counts.iter().map(line).chain(self.nearly_full.iter().cloned()).collect()
    }

    /// Whether everything was read, and every row was a lease.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.counts.len() == self.families && self.counts.iter().all(|(_, counts)| counts.malformed == 0)
    }

    /// Whether no lease was shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|(_, counts)| counts.shown == 0)
    }
}

/// One line on what was read.
fn origin_line(place: &LeaseLocation, origin: &Origin, rows: u64, seconds: f64) -> String {
    let version = origin.version.as_ref().map_or(String::new(), |version| format!(" (version {version})"));
    let config = place.config.as_ref().map_or(String::new(), |file| format!(", as {} says", file.display()));
    let rows = count(rows, "row");
    format!("{} leases from {}{version}{config}: {rows} read, {seconds:.2} s", place.family, origin.location)
}
