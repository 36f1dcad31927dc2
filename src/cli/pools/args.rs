//! The arguments of kea-pools, and what follows from them.

use std::path::PathBuf;

use clap::Parser;

use super::NAME;
use crate::cli::args::has_color;
use crate::cli::args::source::SourceArgs;
use crate::cli::args::width::WidthArgs;
use crate::cli::number::number;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::export::SurveyOptions;
use crate::fs::path::is_same_file;
use crate::health::pools::Limits;
use crate::health::threshold::Threshold;
use crate::output::usage::{UsageFormat, UsageTableOptions};
use crate::time::{self, parse_span};
use crate::usage::{Basis, Level, PoolSelector};

const EXAMPLES: &str = "Examples:
  kea-pools                              all networks, the fullest first
  kea-pools --why 10.25.0.0/24           why this subnet is full, and what helps
  kea-pools -f nagios --critical-free 5  a check for a monitor
  kea-pools --at 2026-11-29T08:00:00Z -c kea-dhcp4.conf kea-leases4.csv
                                         copied files, at the time of the copy

Exit status: 0 everything is OK, 1 a warning or critical, or no match for an
argument, 2 an error or unknown. With -f nagios 0 to 3.";

/// Report how full the pools of Kea's DHCP servers are
///
/// Counts the leases in the pools of this machine's Kea, or of copied files, and reports how many addresses are left for new
/// clients, the fullest pools first. See kea-pools(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) source: SourceArgs,
    #[command(flatten)]
    pub(super) judged: Judged,
    #[command(flatten)]
    pub(super) shown: Shown,
    /// Print the usual options; --help all prints every option
    #[arg(long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// What is judged.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Thresholds and forecast")]
pub(super) struct Judged {
    /// Level of the rows: network (shared networks, other subnets), subnet, or pool
    #[arg(long, value_name = "LEVEL", default_value = "network", value_parser = ["network", "subnet", "pool"], hide_possible_values = true)]
    by: String,
    /// Used share in % that is not yet a warning: a number or a range [default: 80]
    #[arg(long, value_name = "RANGE")]
    warning: Option<Threshold>,
    /// Used share in % that is not yet critical: a number or a range [default: 90]
    #[arg(long, value_name = "RANGE")]
    critical: Option<Threshold>,
    /// Warning if fewer than N addresses or prefixes are free
    #[arg(long, value_name = "N", value_parser = number::<u64>("a whole number", 0..=u64::MAX))]
    warning_free: Option<u64>,
    /// Critical if fewer than N addresses or prefixes are free
    #[arg(long, value_name = "N", value_parser = number::<u64>("a whole number", 0..=u64::MAX))]
    critical_free: Option<u64>,
    /// A row with fewer than N addresses or prefixes in total is always OK
    #[arg(long, hide_short_help = true, value_name = "N", default_value = "0", hide_default_value = true, value_parser = number::<u64>("a whole number", 0..=u64::MAX))]
    min_size: u64,
    /// Count from leases (exact), statistics (an estimate), or auto: leases if they can be read
    #[arg(long, hide_short_help = true, value_name = "BASIS", default_value = "auto", value_parser = ["auto", "leases", "statistics"], hide_possible_values = true)]
    basis: String,
    /// Estimate when each subnet or network will be full
    #[arg(long)]
    pub(super) forecast: bool,
    /// File that stores the number of free addresses at each run, for --forecast
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// With --forecast: critical if it will be full within this time, such as 4h
    #[arg(long, hide_short_help = true, value_name = "TIME", value_parser = parse_span, requires = "forecast")]
    critical_time: Option<u32>,
    /// Count as of this time, in RFC 3339 or @SECONDS [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    at: Option<String>,
}

/// How it is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Shown {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: UsageFormat,
    /// File to write; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(super) output: PathBuf,
    /// In the table: why it is full, and what helps
    #[arg(long)]
    pub(super) why: bool,
    #[command(flatten)]
    width: WidthArgs,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"], hide_possible_values = true, hide_short_help = true)]
    color: String,
}

impl Judged {
    pub(super) fn by(&self) -> Level {
        match self.by.as_str() {
            "subnet" => Level::Subnet,
            "pool" => Level::Pool,
            _ => Level::Network,
        }
    }

    pub(super) fn limits(&self) -> Result<Limits> {
        let Limits { warning, critical, .. } = Limits::default();
        let (warning, critical) = match (self.warning.clone(), self.critical.clone()) {
            (None, None) => (warning, critical),
            (None, Some(critical)) => (warning.narrowed_before(&critical), critical),
            (Some(warning), None) => (warning.clone(), critical.widened_after(&warning)),
            (Some(warning), Some(critical)) => (warning, critical),
        };
        if warning.is_useless_before(&critical) {
            let cause = format!("critical at {critical} is reached before the warning at {warning}");
            return Err(Error::new("--warning", cause).hint("give a warning that is reached before critical"));
        }
        if let (Some(warning), Some(critical)) = (self.warning_free, self.critical_free)
            && warning < critical
        {
            let cause = format!("critical below {critical} is reached before the warning below {warning}");
            return Err(Error::new("--warning-free", cause).hint("give a warning that is reached before critical"));
        }
        Ok(Limits {
            warning,
            critical,
            warning_free: self.warning_free.map(u128::from),
            critical_free: self.critical_free.map(u128::from),
            min_size: self.min_size.into(),
            critical_time: self.critical_time.map(i64::from),
        })
    }

    /// Whether a share was given as a threshold.
    pub(super) fn has_thresholds(&self) -> bool {
        self.warning.is_some() || self.critical.is_some()
    }

    /// What is counted, if that was said.
    fn basis(&self) -> Option<Basis> {
        match self.basis.as_str() {
            "leases" => Some(Basis::Leases),
            "statistics" => Some(Basis::Statistics),
            _ => None,
        }
    }

    /// Whether it is not the present that is judged.
    pub(super) fn is_past(&self) -> bool {
        self.at.is_some()
    }

    /// The moment that is judged.
    pub(super) fn at(&self, env: &Env<'_>) -> Result<i64> {
        let Some(text) = &self.at else { return Ok(env.clock.now()) };
        let hint = "give a time such as 2026-11-29T08:00:00Z, or @SECONDS since 1970";
        time::read_moment(text).ok_or_else(|| Error::new(format!("--at \"{text}\""), "this is not a time").hint(hint))
    }
}

impl Shown {
    pub(super) fn look(&self, env: &Env<'_>) -> UsageTableOptions {
        UsageTableOptions {
            width: self.width.columns(env).unwrap_or(80).max(40),
            color: has_color(&self.color, env),
            ascii: !env.has_utf8(),
            why: self.why,
            zone: env.zone(),
        }
    }
}

impl Args {
    /// Fails with what does not go together.
    pub(super) fn check(&self) -> Result<()> {
        let output = &self.shown.output;
        if self.judged.state.as_ref().is_some_and(|state| state == output || is_same_file(state, output)) {
            let cause = "--state names the same file";
            return Err(Error::new(format!("write {}", output.display()), cause).hint("name another file for --output"));
        }
        if self.judged.basis() == Some(Basis::Statistics) {
            let cause = match (self.shown.format, self.judged.by()) {
                (UsageFormat::DhcpdPools, _) => "dhcpd-pools has each pool, and statistics do not count pools",
                (_, Level::Pool) => "statistics do not count pools",
                _ => return Ok(()),
            };
            return Err(Error::new("--basis statistics", cause).hint("count them with --basis leases"));
        }
        Ok(())
    }

    /// What is counted.
    pub(super) fn wanted(&self, at: i64) -> SurveyOptions {
        let judged = &self.judged;
        // Pools without their leases would be written as empty ones.
        let of_format = (self.shown.format == UsageFormat::DhcpdPools).then_some(Basis::Leases);
        SurveyOptions {
            at,
            basis: judged.basis().or(of_format),
            journal: judged.forecast && judged.state.is_none(),
            maps: self.shown.format == UsageFormat::Html,
            refused: judged.state.is_some() && !judged.is_past(),
            is_past: judged.is_past(),
        }
    }

    /// What was named on the command line.
    pub(super) fn choices(&self) -> Result<Vec<(String, PoolSelector)>> {
        let read = |word: &str| match PoolSelector::read(word) {
            Ok(choice) => Ok((word.to_owned(), choice)),
            Err(cause) => Err(Error::new(format!("\"{word}\""), cause)),
        };
        self.source.words()?.into_iter().map(read).collect()
    }
}
