//! The arguments of kea-metrics.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use super::NAME;
use crate::cli::args::duration::time;
use crate::cli::args::servers::ServersArgs;
use crate::error::{Error, Result};
use crate::fleet;
use crate::stats::names;

const EXAMPLES: &str = "Examples:
  kea-metrics                            metrics of this host's servers, once
  kea-metrics -o /var/lib/prometheus/node-exporter/kea.prom
                                         a file for the textfile collector
  kea-metrics --listen                   an HTTP server on 127.0.0.1:9547
  kea-metrics --listen --servers FILE    the same, for the servers in a file

Exit status: 0 all daemons answer, 1 one does not, 2 none does, or an error.";

/// A daemon that does not answer is asked again after this time at the latest.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The lease file is read once in this time.
const FILE_PAUSE: Duration = Duration::from_secs(60);

/// Export the statistics of Kea to Prometheus
///
/// Queries Kea's daemons for their statistics, with little load on them, and writes metrics with the names of Stork's agent
/// and kea-exporter, and further ones. See kea-metrics(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) asked: AskedArgs,
    #[command(flatten)]
    pub(super) written: WrittenArgs,
    #[command(flatten)]
    pub(super) served: ServedArgs,
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
    /// Whether leases are read, to count pools: auto (within limits), always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    leases: When,
    /// Time limit for all answers
    #[arg(long, value_name = "TIME", default_value = "8s", value_parser = time)]
    pub(super) timeout: Duration,
}

/// What is written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which metrics")]
pub(super) struct WrittenArgs {
    /// Names of series: both, kea-exporter, stork, or own (neither of them)
    #[arg(long, value_name = "NAMES", default_value = "both", hide_possible_values = true)]
    names: Names,
    /// Write no series of single subnets
    #[arg(long)]
    pub(super) no_subnets: bool,
    /// Write no series of single pools
    #[arg(long)]
    pub(super) no_pools: bool,
    /// File to write; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(super) output: PathBuf,
}

/// Waiting for Prometheus.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "HTTP server")]
pub(super) struct ServedArgs {
    /// Serve the metrics over HTTP, at 127.0.0.1:9547 unless another address is given, or on systemd's socket
    #[arg(long, value_name = "ADDR:PORT", num_args = 0..=1, default_missing_value = "127.0.0.1:9547", value_parser = address)]
    pub(super) listen: Option<SocketAddr>,
    /// With --listen: query the daemons again only after this time
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time, requires = "listen")]
    pub(super) min_interval: Duration,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Names {
    Both,
    KeaExporter,
    Stork,
    Own,
}

impl Args {
    /// Fails with what does not go together.
    pub(super) fn check(&self) -> Result<()> {
        if self.served.listen.is_some() && self.written.output.as_os_str() != "-" {
            return Err(Error::new("", "--listen cannot be used with --output"));
        }
        if self.asked.timeout.is_zero() {
            return Err(Error::new("--timeout 0", "the time must be more than 0"));
        }
        self.asked.servers.check()
    }

    pub(super) fn wanted(&self) -> fleet::PollOptions {
        let leases = match self.asked.leases {
            When::Never => fleet::Leases::Never,
            _ if self.written.no_pools && self.written.no_subnets => fleet::Leases::Never,
            When::Auto => fleet::Leases::Auto,
            When::Always => fleet::Leases::Always,
        };
        fleet::PollOptions {
            subnets: !(self.written.no_subnets && self.written.no_pools),
            leases,
            pause: Duration::ZERO,
            longest_wait: LONGEST_WAIT,
            file_pause: FILE_PAUSE,
            follow: false,
            keep_configuration: false,
        }
    }

    pub(super) fn names(&self) -> names::NamingScheme {
        match self.written.names {
            Names::Both => names::NamingScheme::Both,
            Names::KeaExporter => names::NamingScheme::Exporter,
            Names::Stork => names::NamingScheme::Stork,
            Names::Own => names::NamingScheme::Own,
        }
    }
}

/// `127.0.0.1:9547`, `[::1]:9547`; `:9547`, `9547` and `localhost:9547` are on the loopback address.
fn address(text: &str) -> std::result::Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost").unwrap_or(text);
    let port = port.strip_prefix(':').or_else(|| (port == text).then_some(text));
    if let Some(port) = port.and_then(|port| port.parse().ok()) {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    text.parse().map_err(|_| "expected an address and a port, such as 127.0.0.1:9547 or [::1]:9547".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_host_is_this_one() {
        for text in [":9547", "9547", "localhost:9547", "127.0.0.1:9547"] {
            assert_eq!(address(text).unwrap(), "127.0.0.1:9547".parse().unwrap(), "{text}");
        }
        assert!(address("[::1]:1").is_ok());
        for text in ["", "localhost", "localhost9547", "kea.example:9547", "::1", "95470"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
