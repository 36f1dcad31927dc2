//! kea-list-leases: who has which address, at a glance.

use std::io::Write;

use clap::{CommandFactory, Parser};

use self::how::HowArgs;
use self::lister::{Counts, Lister};
use super::filter_args::{self, FilterArgs};
use super::live_files;
use super::source_args::{SourceArgs, refuse_typed_password};
use super::telling::Telling;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::lease::Family;
use crate::lease::filter::{Filter, Wanted};
use crate::output::list::{ListFormat, ListStyle, ListWriter, Lore, list_writer};
use crate::source::{self, LeaseSource, Located, Variables};

mod detail;
mod how;
mod lister;
mod order;
mod watch;

const NAME: &str = "kea-list-leases";

/// List the leases of a Kea DHCP server
///
/// Without any option the active leases of this machine's Kea, DHCPv4 and DHCPv6, wherever its configuration says they
/// are: in a lease file, MySQL, MariaDB or PostgreSQL. With an address, everything known about that. See
/// kea-list-leases(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    which: FilterArgs,
    #[command(flatten)]
    how: HowArgs,
    /// Say what was read
    #[arg(short, long, help_heading = "Other")]
    verbose: bool,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    let usage = format!("{NAME} [OPTIONS] [ADDRESS|PREFIX|TEXT|FILE]...");
    Args::command().override_usage(usage).mut_arg("words", |word| {
        word.value_name("ADDRESS|PREFIX|TEXT|FILE").help(
            "Everything known about an address; leases in a prefix, or with a text such as a name or hardware address in \
             them; of a lease file",
        )
    })
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    refuse_typed_password(&env.args, &command())?;
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let filter = filter(&args, env.clock.now())?;
    let address = filter.address;
    let is_about_one_address = address.is_some() && args.how.format() == ListFormat::Table && !args.how.is_history();
    if let (Some(address), true) = (address, is_about_one_address)
        && !(Filter { address: None, ..filter.clone() }).is_empty()
    {
        // "Has no lease" must not mean "has none that was asked for".
        let cause = "all that is known of an address is told, which leaves no choice";
        return Err(Error::new(address.to_string(), cause).hint("leave the choice out, or list it with -f csv"));
    }
    let (places, unplaced) = parted(args.source.locate_each(filter_args::family(&filter)?, env)?)?;
    if live_files::is_stdout_a_file() {
        live_files::of(&args.source, &places, false, env.var).refuse_stdout()?;
    }
    let networks = [Family::V4, Family::V6]
        .map(|family| places.iter().find(|place| place.family == family).and_then(source::network_of));
    let (vendors, remarks) =
        if args.how.wants_vendors() { source::vendors(args.how.vendors()) } else { <_>::default() };
    let shows_all = args.how.shows_all(&filter);
    let style = args.how.style(filter.now, shows_all, env);
    let lore = Lore { vendors, networks };
    let job = Job { args: &args, filter, shows_all, style, lore, places, unplaced, var: env.var };
    let mut telling = Telling::of(NAME, &mut *env.stderr, env.stderr_is_terminal, env.clock);
    for remark in remarks.iter().filter(|_| args.verbose).chain(job.places.iter().flat_map(|place| &place.remarks)) {
        telling.remark(remark);
    }
    if let Some(seconds) = args.how.watch() {
        let screen = watch::Screen { stdout: env.stdout, size: env.screen, keyboard: env.keyboard };
        return watch::run(job, seconds, screen, env.clock);
    }
    if is_about_one_address {
        return detail::run(&job, &mut *env.stdout, &mut telling);
    }
    let listed = job.list(&mut *env.stdout, &mut telling)?;
    if args.how.is_summarized() {
        for line in listed.summary() {
            telling.fault(&line);
        }
    }
    Ok(listed.exit(args.how.fail_if_empty()))
}

/// Which leases are meant, at this moment.
fn filter(args: &Args, now: i64) -> Result<Filter> {
    let wanted = args.source.wanted()?;
    let filter = args.which.filter(now, args.source.lease_types());
    Ok(match wanted[..] {
        [Wanted::Address(address)] => Filter { address: Some(address), ..filter },
        _ => Filter { wanted, ..filter },
    })
}

/// Places and failures apart; without any place the first failure is all there is to say.
fn parted(found: Vec<Result<Located>>) -> Result<(Vec<Located>, Vec<Error>)> {
    let (mut places, mut failures) = (Vec::new(), Vec::new());
    for place in found {
        match place {
            Ok(place) => places.push(place),
            Err(error) => failures.push(error),
        }
    }
    if places.is_empty() && !failures.is_empty() { Err(failures.swap_remove(0)) } else { Ok((places, failures)) }
}

/// What is to be listed, and how.
struct Job<'a> {
    args: &'a Args,
    filter: Filter,
    /// Whether leases that are not active are shown.
    shows_all: bool,
    style: ListStyle,
    lore: Lore,
    places: Vec<Located>,
    /// Why there is no place for a family that is meant too.
    unplaced: Vec<Error>,
    var: &'a Variables<'a>,
}

impl Job<'_> {
    /// Lists all places into `out`.
    fn list(&self, out: &mut dyn Write, telling: &mut Telling<'_>) -> Result<Listed> {
        let mut writer = list_writer(self.style.clone(), &self.lore, out);
        let listed = self.list_into(writer.as_mut(), telling)?;
        if !self.args.how.is_quiet() {
            writer.remarks().iter().for_each(|remark| telling.line(remark));
        }
        Ok(listed)
    }

    /// Lists all places into `writer`. Of two places one that cannot be read, or not to its end, is told and does not
    /// hide the other: a server that is configured and was never started has no lease file.
    fn list_into(&self, writer: &mut dyn ListWriter, telling: &mut Telling<'_>) -> Result<Listed> {
        let sources: Vec<_> = self.places.iter().map(|place| self.open(place, telling)).collect();
        let (mut counts, mut failures, mut is_begun) = (Vec::new(), self.unplaced.clone(), false);
        for (place, source) in self.places.iter().zip(sources) {
            let mut source = match source {
                Ok(source) => source,
                Err(error) => {
                    failures.push(error);
                    continue;
                }
            };
            writer.begin(place.family).map_err(|cause| write_failed(&cause))?;
            let part = self.list_one(place, source.as_mut(), writer, telling)?;
            is_begun |= part.broken.is_none() || part.counts.shown > 0;
            match part.broken {
                None => counts.push((place.family, part.counts)),
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
            telling.remark(&error.to_string());
        }
        let families = self.places.len() + self.unplaced.len();
        last.map_or(Ok(Listed { families, counts }), Err)
    }

    /// Lists a place. An error is one of writing; one of reading is part of the result.
    fn list_one(
        &self,
        place: &Located,
        source: &mut dyn LeaseSource,
        writer: &mut dyn ListWriter,
        telling: &mut Telling<'_>,
    ) -> Result<Part> {
        let filter = self.filter.with_network(self.lore.network(place.family));
        source.narrow(&filter);
        let begun = telling.clock.monotonic();
        let mut lister = Lister::new(&filter, self.shows_all, &self.args.how, self.style.width, writer, telling);
        let visited = if self.args.how.is_history() {
            source.visit_history(&mut lister)
        } else {
            source.visit(self.args.how.source_order(), &mut lister)
        };
        let (rows, broken) = match visited {
            Ok(visited) => (visited.seen, None),
            Err(error) if lister.is_unwritten() => return Err(error),
            Err(error) => (0, Some(error)),
        };
        let counts = lister.finish()?;
        if self.args.verbose && broken.is_none() {
            let seconds = telling.clock.monotonic().saturating_sub(begun).as_secs_f64();
            telling.line(&origin(place, &source.origin(), rows, seconds));
        }
        Ok(Part { counts, broken })
    }

    /// Opens a place; where a lease file of this machine's Kea cannot be read, the running server is asked instead.
    fn open(&self, place: &Located, telling: &mut Telling<'_>) -> Result<Box<dyn LeaseSource>> {
        place.open().or_else(|error| {
            let Some(running) = place.over_api(self.var).filter(|_| !self.args.how.is_history()) else {
                return Err(error);
            };
            let Ok(source) = running.open() else { return Err(error) };
            telling.remark(&format!("{error}; asked the running server at {} instead", source.origin().location));
            Ok(source)
        })
    }
}

/// The error of a list that could not be written.
fn write_failed(cause: &std::io::Error) -> Error {
    Error::io("write standard output", cause)
}

/// What came of one place.
struct Part {
    counts: Counts,
    /// Why it was not read to its end.
    broken: Option<Error>,
}

/// What was listed.
struct Listed {
    /// How many families were to be listed.
    families: usize,
    /// What came of those that were read to their end.
    counts: Vec<(Family, Counts)>,
}

impl Listed {
    /// `6 active, 2 declined, 1 expired of 9`, for each family.
    fn summary(&self) -> Vec<String> {
        let line = |(family, counts): &(Family, Counts)| {
            let family = if self.families > 1 { format!("{family}: ") } else { String::new() };
            format!("{family}{}", counts.summary())
        };
        self.counts.iter().map(line).collect()
    }

    fn exit(&self, fail_if_empty: bool) -> Exit {
        let is_whole =
            self.counts.len() == self.families && self.counts.iter().all(|(_, counts)| counts.malformed == 0);
        let is_empty = self.counts.iter().all(|(_, counts)| counts.shown == 0);
        match (is_whole, is_empty && fail_if_empty) {
            (false, _) => Exit::Unknown,
            (true, true) => Exit::No,
            (true, false) => Exit::Done,
        }
    }
}

/// One line on what was read.
fn origin(place: &Located, origin: &source::Origin, rows: u64, seconds: f64) -> String {
    let version = origin.version.as_ref().map_or(String::new(), |version| format!(" (version {version})"));
    let config = place.config.as_ref().map_or(String::new(), |file| format!(", as {} says", file.display()));
    let rows = crate::text::count(rows, "row");
    format!("{} leases from {}{version}{config}: {rows} read, {seconds:.2} s", place.family, origin.location)
}
