//! kea-lease-dump: all leases from any backend, as a file that Kea can load.

use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use super::args::anonymize::anonymizer;
use super::args::filter::{self, FilterArgs};
use super::args::source::{SourceArgs, refuse_typed_password};
use super::args::{one_of, time_style};
use super::reporter::Reporter;
use crate::anonymize::Anonymizer;
use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::export::FileDump;
use crate::memfile::version::Target;
use crate::output::lease::LeaseFormat;
use crate::source::Order;

const NAME: &str = "kea-lease-dump";

const EXAMPLES: &str = "Examples:
  kea-lease-dump -4 -o leases4.csv              the leases of this machine's Kea
  kea-lease-dump -4 --for 2.2 -o leases4.csv    as Kea 2.2 writes them
  kea-lease-dump -o /var/backups/kea            each family that has leases, a file each
  kea-lease-dump -4 -t pgsql -h db.example -u kea -n leases -p
  kea-lease-dump kea-leases4.csv -f ndjson      a copy of a lease file

Exit status: 0 all leases were written, 2 an error or bad rows.";

/// Write all leases of a Kea DHCP server to a file that Kea can load
///
/// By default the leases of this machine's Kea are read, from the lease file, MySQL, MariaDB or PostgreSQL database in
/// its configuration, and written to standard output. See kea-lease-dump(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    which: FilterArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Print on stderr what was read and written
    #[arg(short, long, help_heading = "Other")]
    verbose: bool,
    /// Print the usual options; --help all prints every option
    #[arg(long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// Format and destination.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// File to write, or directory for kea-leases4.csv and kea-leases6.csv; - is standard output
    #[arg(short, long, value_name = "FILE|DIR|-", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "memfile", value_parser = one_of(&LeaseFormat::OF_DUMP))]
    format: LeaseFormat,
    /// Format of this release of Kea, such as 2.2 [default: the newest, which every release loads]
    #[arg(long = "for", value_name = "VERSION")]
    target: Option<Target>,
    /// Sort the rows by address
    #[arg(long, value_name = "KEY", value_parser = ["address"], hide_short_help = true)]
    sort: Option<String>,
    /// Stop at the first bad row, without changing a file
    #[arg(long, hide_short_help = true)]
    strict: bool,
    /// Replace names, hardware addresses, client identifiers, DUIDs and the strings of user contexts
    #[arg(long)]
    anonymize: bool,
    /// File with a secret of at least 16 bytes; every run with it makes the same replacements
    #[arg(long, value_name = "FILE", requires = "anonymize", hide_short_help = true)]
    anonymize_key: Option<PathBuf>,
    /// Replace leased addresses and prefixes too, preserving common prefixes
    #[arg(long, requires = "anonymize", hide_short_help = true)]
    anonymize_addresses: bool,
    /// Write a description of the dump, with its SHA-256, as JSON
    #[arg(long, value_name = "FILE", value_parser = file_name, hide_short_help = true)]
    manifest: Option<PathBuf>,
    /// With csv: times in UTC
    #[arg(long, conflicts_with = "epoch", hide_short_help = true)]
    utc: bool,
    /// With csv: times in seconds since 1970
    #[arg(long, hide_short_help = true)]
    epoch: bool,
}

fn file_name(text: &str) -> std::result::Result<PathBuf, String> {
    match text {
        "-" => Err("a file is needed, standard output is for the leases".into()),
        _ => Ok(text.into()),
    }
}

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    refuse_typed_password(&env.args, &command())?;
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    args.source.only_files()?;
    let filter = args.which.filter(env.clock.now(), args.source.lease_types());
    let output = &args.output;
    let dump = FileDump {
        tool: format!("{NAME} {}", env!("CARGO_PKG_VERSION")),
        places: args.source.locate(filter::family(&filter)?, env)?,
        config: args.source.config(),
        filter,
        order: if output.sort.is_some() { Order::Address } else { Order::Stored },
        output: &output.output,
        manifest: output.manifest.as_deref(),
        format: output.format,
        target: output.target.unwrap_or(Target::NEWEST),
        time: time_style(output.utc, output.epoch),
        zone: env.zone(),
        is_strict: output.strict,
        is_verbose: args.verbose,
        anonymizer: output.anonymizer(env)?,
    };
    let mut reporter = Reporter::new(NAME, &mut *env.stderr, env.stderr_is_terminal, env.clock);
    let is_complete = dump.run(&mut *env.stdout, env.var, env.clock, &mut reporter)?;
    Ok(if is_complete { Exit::Done } else { Exit::Unknown })
}

impl OutputArgs {
    fn anonymizer(&self, env: &mut Env<'_>) -> Result<Option<Anonymizer>> {
        if !self.anonymize {
            return Ok(None);
        }
        anonymizer(self.anonymize_key.as_deref(), self.anonymize_addresses, env)
    }
}
