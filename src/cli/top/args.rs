//! The arguments of kea-top.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use super::NAME;
use crate::cli::args::duration::time;
use crate::cli::args::servers::ServersArgs;
use crate::cli::args::width::WidthArgs;
use crate::error::{Error, Result};
use crate::fleet::{Leases, PollOptions};
use crate::top::INTERVALS;

const EXAMPLES: &str = "Examples:
  kea-top                          the servers of this host, live
  kea-top --servers servers.toml   the servers in a file
  kea-top --once                   an overview as text, for a ticket
  kea-top --once -f json           the same numbers for a program

Exit status: 0 ended by the user; with --once 0 all servers and pools are
healthy, 1 one is not, 2 unknown; 2 an error.";

/// Live view of one or many Kea servers
///
/// Shows whether servers serve, how full their pools are, what they answer and what changes, updated every two seconds.
/// The key ? lists the keys. See kea-top(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) asked: AskedArgs,
    #[command(flatten)]
    pub(super) shown: ShownArgs,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// What is asked.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which servers")]
pub(super) struct AskedArgs {
    #[command(flatten)]
    pub(super) servers: ServersArgs,
    /// Time between two queries of a server, 200ms to 1h
    #[arg(short, long, value_name = "TIME", default_value = "2s", value_parser = interval)]
    pub(super) interval: Duration,
}

/// What is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(super) struct ShownArgs {
    /// Query the servers once, print an overview and exit
    #[arg(long)]
    pub(super) once: bool,
    /// With --once: the format, text or json
    #[arg(short, long, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    pub(super) format: Option<TopFormat>,
    /// File to write everything that is answered to, for --replay
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub(super) record: Option<PathBuf>,
    /// Show a recording instead of servers
    #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "server", "servers"])]
    pub(super) replay: Option<PathBuf>,
    #[command(flatten)]
    pub(super) width: WidthArgs,
}

/// How one frame is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum TopFormat {
    Text,
    Json,
}

/// Counts of leases are asked for no sooner than this.
const PAUSE: Duration = Duration::from_secs(5);

impl Args {
    /// Fails with what does not go together.
    pub(super) fn check(&self) -> Result<()> {
        if self.shown.format.is_some() && !self.shown.once {
            return Err(Error::new("--format", "it is only for --once").hint("add --once"));
        }
        self.asked.servers.check()
    }

    pub(super) fn wanted(&self) -> PollOptions {
        PollOptions {
            subnets: true,
            leases: Leases::Auto,
            pause: PAUSE,
            longest_wait: self.asked.interval,
            file_pause: PAUSE,
            follow: true,
            keep_configuration: self.shown.record.is_some(),
        }
    }
}

fn interval(text: &str) -> std::result::Result<Duration, String> {
    time(text)
        .ok()
        .filter(|time| INTERVALS.contains(time))
        .ok_or_else(|| "expected a time such as 2s, 0.2s to 1h".to_owned())
}
