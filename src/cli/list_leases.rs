//! kea-list-leases: which client has which address.

use clap::{CommandFactory, Parser};

use super::args::display::DisplayArgs;
use super::args::filter::{self, FilterArgs};
use super::args::source::{SourceArgs, refuse_typed_password};
use super::reporter::Reporter;
use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::export::{LeaseList, Observer as _, Screen};
use crate::lease::filter::{Filter, LeaseSelector};
use crate::output::lease::summary as reservation_summary;
use crate::source;

const NAME: &str = "kea-list-leases";

const EXAMPLES: &str = "Examples:
  kea-list-leases                        active leases of this machine's Kea
  kea-list-leases 192.0.2.10             everything known about an address
  kea-list-leases anna                   leases with this text in a field
  kea-list-leases kea-leases4.csv --all  a copy of a lease file, every lease
  kea-list-leases --subnet 192.0.2.0/24 --expiring 1h -f csv

Exit status: 0 listed, 1 none with --fail-if-empty, 2 an error or bad rows.";

/// List the leases of a Kea DHCP server
///
/// By default the active leases of this machine's Kea are listed, from the lease file, MySQL, MariaDB or PostgreSQL
/// database in its configuration. With an address, everything known about it is printed. See kea-list-leases(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    which: FilterArgs,
    #[command(flatten)]
    display: DisplayArgs,
    /// List reservations, for which client they are, and which client has the lease
    #[arg(long, help_heading = "Display", conflicts_with_all = ["history", "watch", "state", "all", "columns", "sort", "reverse", "expiring", "new"])]
    reservations: bool,
    /// Print on stderr what was read
    #[arg(short, long, help_heading = "Other", hide_short_help = true)]
    verbose: bool,
    /// Print the usual options; --help all prints every option
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
        word.value_name("WHAT").help(
            "An address: everything known about it; a prefix: the leases in it; a text, such as a name: the leases that \
             contain it; a lease file to read",
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
    let options = args.display.options(args.verbose);
    let is_about_one_address = options.address_asked_for(&filter)?.is_some();
    let found = args.source.locate_each(filter::family(&filter)?, env)?;
    let (vendors, remarks) =
        if options.wants_vendors() { source::vendors(args.display.vendors()) } else { <_>::default() };
    let width = args.display.width(env);
    let style = options.style(&filter, width, args.display.has_color(env), env.zone());
    let is_summarized = options.is_summarized();
    let list = LeaseList::new(options, filter, style, found, vendors, env.var)?;
    list.guard_stdout(args.source.config())?;
    let mut reporter = Reporter::new(NAME, &mut *env.stderr, env.stderr_is_terminal, env.clock);
    for remark in remarks.iter().filter(|_| args.verbose).chain(list.remarks()) {
        reporter.remark(remark);
    }
    if let Some(seconds) = args.display.watch() {
        let screen = Screen { stdout: env.stdout, size: env.screen, keyboard: env.keyboard };
        return list.watch(NAME, seconds, screen, env.clock).map(|()| Exit::Done);
    }
    if args.reservations {
        let found = list.write_reservations(&mut *env.stdout, &mut reporter)?;
        if is_summarized {
            reporter.plain_line(&reservation_summary(&found.rows));
        }
        return Ok(exit(found.is_whole, found.rows.is_empty() && args.display.fail_if_empty()));
    }
    if is_about_one_address {
        let found = list.write_address(&mut *env.stdout, &mut reporter)?;
        return Ok(exit(found.malformed == 0, found.leases == 0 && args.display.fail_if_empty()));
    }
    let listed = list.list(&mut *env.stdout, env.clock, &mut reporter)?;
    if is_summarized {
        listed.summary().iter().for_each(|line| reporter.plain_line(line));
    }
    Ok(exit(listed.is_whole(), listed.is_empty() && args.display.fail_if_empty()))
}

/// The exit status; `is_failure` if an empty list is a failure.
fn exit(is_whole: bool, is_failure: bool) -> Exit {
    match (is_whole, is_failure) {
        (false, _) => Exit::Unknown,
        (true, true) => Exit::No,
        (true, false) => Exit::Done,
    }
}

/// The filter, at the current time.
fn filter(args: &Args, now: i64) -> Result<Filter> {
    let wanted = args.source.wanted()?;
    let filter = args.which.filter(now, args.source.lease_types());
    Ok(match wanted[..] {
        [LeaseSelector::Address(address)] => Filter { address: Some(address), ..filter },
        _ => Filter { wanted, ..filter },
    })
}
