//! The arguments of kea-pools, and what follows from them.

use std::path::PathBuf;

use clap::Parser;

use super::NAME;
use crate::cli::args::source::SourceArgs;
use crate::cli::args::width::WidthArgs;
use crate::cli::number::number;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::health::pools::Limits;
use crate::health::threshold::Threshold;
use crate::output::usage::{Format, Look};
use crate::time;
use crate::usage::{Choice, Level};

const EXAMPLES: &str = "Examples:
  kea-pools                                  how full everything is, the worst first
  kea-pools --why 10.25.0.0/24               why this subnet is full, and what helps
  kea-pools -f nagios --critical-free 5      as a check of a monitor
  kea-pools -c kea-dhcp4.conf --at 2026-11-29T08:00:00Z kea-leases4.csv
                                             copied files, as they were at that moment

Exit status: 0 nothing beyond warning, 1 something beyond it, 2 not found out;
with -f nagios 0 to 3.";

/// Say how full the pools of Kea's DHCP servers are
///
/// Counts leases, reservations and pools of this machine's Kea, or of copied files, and says what a new client would get,
/// the worst first. See kea-pools(8).
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
#[command(next_help_heading = "Verdict")]
pub(super) struct Judged {
    /// Rows: network (with its subnets), subnet, or pool
    #[arg(long, value_name = "LEVEL", default_value = "network", value_parser = ["network", "subnet", "pool"], hide_possible_values = true)]
    by: String,
    /// Range of the used share in % that gives no warning
    #[arg(long, value_name = "RANGE", default_value = "80")]
    warning: Threshold,
    /// Range of the used share in % that is not critical
    #[arg(long, value_name = "RANGE", default_value = "90")]
    critical: Threshold,
    /// Warning below this many free addresses or prefixes
    #[arg(long, value_name = "N", value_parser = number::<u64>("a whole number", 0..=u64::MAX))]
    warning_free: Option<u64>,
    /// Critical below this many free addresses or prefixes
    #[arg(long, value_name = "N", value_parser = number::<u64>("a whole number", 0..=u64::MAX))]
    critical_free: Option<u64>,
    /// Judge nothing smaller than this
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true, value_parser = number::<u64>("a whole number", 0..=u64::MAX))]
    min_size: u64,
    /// Judge as of this moment, in RFC 3339 or @SECONDS [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

/// How it is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Shown {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: Format,
    /// File to write; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(super) output: PathBuf,
    /// Reasons and remedies, for what is named or not OK
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
        if self.warning.is_useless_before(&self.critical) {
            let cause = format!("a warning at {} comes after critical at {}", self.warning, self.critical);
            return Err(Error::new("--warning", cause).hint("the warning comes first"));
        }
        if let (Some(warning), Some(critical)) = (self.warning_free, self.critical_free)
            && warning < critical
        {
            let cause = format!("a warning below {warning} comes after critical below {critical}");
            return Err(Error::new("--warning-free", cause).hint("the warning comes first"));
        }
        Ok(Limits {
            warning: self.warning.clone(),
            critical: self.critical.clone(),
            warning_free: self.warning_free.map(u128::from),
            critical_free: self.critical_free.map(u128::from),
            min_size: self.min_size.into(),
        })
    }

    /// The moment that is judged.
    pub(super) fn at(&self, env: &Env<'_>) -> Result<i64> {
        let Some(text) = &self.at else { return Ok(env.clock.now()) };
        let hint = "2026-11-29T08:00:00Z, or @SECONDS since 1970";
        time::read_moment(text).ok_or_else(|| Error::new(format!("--at \"{text}\""), "this is no moment").hint(hint))
    }
}

impl Shown {
    pub(super) fn look(&self, env: &Env<'_>) -> Look {
        let screen = (env.screen)();
        let no_color = (env.var)("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match self.color.as_str() {
            "always" => true,
            "never" => false,
            _ => screen.is_some() && !no_color,
        };
        Look {
            width: self.width.columns(env).unwrap_or(80).max(40),
            color,
            ascii: !env.has_utf8(),
            why: self.why,
            zone: env.zone(),
        }
    }
}

impl Args {
    /// What was named on the command line.
    pub(super) fn choices(&self) -> Result<Vec<(String, Choice)>> {
        let read = |word: &str| match Choice::read(word) {
            Ok(choice) => Ok((word.to_owned(), choice)),
            Err(cause) => Err(Error::new(format!("\"{word}\""), cause)),
        };
        self.source.words()?.into_iter().map(read).collect()
    }
}
