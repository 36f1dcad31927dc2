//! kea-list-leases: who has which address, at a glance.

use clap::{CommandFactory, Parser};

use self::lister::{Counts, Lister};
use super::filter_args::{self, FilterArgs};
use super::source_args::{SourceArgs, refuse_typed_password};
use super::telling::Telling;
use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::lease::Family;
use crate::output::list::{Column, ListFormat, ListStyle, Lore, list_writer};
use crate::source::{Located, Order};
use crate::time::{TimeStyle, Zone};

mod lister;

const NAME: &str = "kea-list-leases";

/// List the leases of a Kea DHCP server
///
/// Without any option the active leases of this machine's Kea, DHCPv4 and DHCPv6, wherever its configuration says they
/// are: in a lease file, MySQL, MariaDB or PostgreSQL. See kea-list-leases(8).
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

/// How they are shown.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How they are shown")]
struct HowArgs {
    /// Every lease, not only active ones
    #[arg(long, conflicts_with = "state")]
    all: bool,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    format: ListFormat,
    /// Columns, by name and in this order
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    columns: Option<Vec<Column>>,
    /// No heading above the columns
    #[arg(long)]
    no_header: bool,
    /// No summary on stderr
    #[arg(short, long)]
    quiet: bool,
    /// Status 1 if nothing is listed
    #[arg(long)]
    fail_if_empty: bool,
    /// Times in UTC
    #[arg(long, conflicts_with = "epoch")]
    utc: bool,
    /// Times in seconds since 1970
    #[arg(long)]
    epoch: bool,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"], hide_possible_values = true)]
    color: String,
}

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    refuse_typed_password(&env.args)?;
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let filter = args.which.filter(env.clock.now());
    let places = args.source.locate(filter_args::family(&filter)?, env)?;
    let lore = Lore::default();
    let shows_all = args.how.all || !filter.standings.is_empty();
    let style = args.how.style(filter.now, shows_all, env);
    let mut telling = Telling::of(NAME, &mut *env.stderr, env.stderr_is_terminal, env.clock);
    for remark in places.iter().flat_map(|place| &place.remarks) {
        telling.remark(remark);
    }
    let mut sources = places.iter().map(Located::open).collect::<Result<Vec<_>>>()?;
    let mut writer = list_writer(style, &lore, &mut *env.stdout);
    let mut all = Vec::new();
    for (place, source) in places.iter().zip(&mut sources) {
        writer.begin(place.family).map_err(|cause| lister::write_failed(&cause))?;
        let mut lister = Lister::new(&filter, shows_all, writer.as_mut(), &mut telling);
        source.visit(Order::Address, &mut lister)?;
        all.push((place.family, lister.finish()));
    }
    writer.finish().map_err(|cause| lister::write_failed(&cause))?;
    drop(writer);
    if !args.how.quiet {
        summarize(&all, &mut telling);
    }
    Ok(exit_of(&all, args.how.fail_if_empty))
}

/// `6 active, 2 declined, 1 expired of 9`, for each family.
fn summarize(all: &[(Family, Counts)], telling: &mut Telling<'_>) {
    for (family, counts) in all {
        let family = if all.len() > 1 { format!("{family}: ") } else { String::new() };
        telling.fault(&format!("{family}{}", counts.summary()));
    }
}

fn exit_of(all: &[(Family, Counts)], fail_if_empty: bool) -> Exit {
    let is_empty = all.iter().all(|(_, counts)| counts.shown == 0);
    if all.iter().any(|(_, counts)| counts.malformed > 0) {
        Exit::Unknown
    } else if is_empty && fail_if_empty {
        Exit::No
    } else {
        Exit::Done
    }
}

impl HowArgs {
    fn style(&self, now: i64, shows_state: bool, env: &Env<'_>) -> ListStyle {
        let time = match (self.utc, self.epoch) {
            (true, _) => TimeStyle::Utc,
            (_, true) => TimeStyle::Epoch,
            _ => TimeStyle::Local,
        };
        let screen = (env.screen)();
        let no_color = (env.var)("NO_COLOR").is_some_and(|value| !value.is_empty());
        let zone = (env.var)("TZ");
        ListStyle {
            format: self.format,
            columns: self.columns.clone(),
            header: !self.no_header,
            shows_state,
            width: screen.map(|screen| screen.columns),
            color: match self.color.as_str() {
                "always" => true,
                "never" => false,
                _ => screen.is_some() && !no_color,
            },
            time,
            zone: Zone::from_variable(zone.as_ref().and_then(|zone| zone.to_str())),
            now,
        }
    }
}
