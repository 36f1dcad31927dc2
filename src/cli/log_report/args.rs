//! The arguments of kea-log-report, and what follows from them.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::cli::args::width::WidthArgs;
use crate::cli::number::number;
use crate::config::Daemon;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::health::log::Limit;
use crate::log::line::Server;
use crate::log::since;
use crate::log::stamp::{Clock, SECOND};
use crate::output::log::LogFormat;
use crate::source::logs::{self, Configured, How, LogSource};
use crate::time::{Zone, parse_span};

use super::NAME;

const EXAMPLES: &str = "Examples:
  kea-log-report                                    what happened, on one page
  kea-log-report --since 06:00 02:aa:00:00:01:02    everything about a client
  kea-log-report --leases -f csv kea-dhcp4.log*     leases, with begin and end
  tail -F kea-dhcp4.log | kea-log-report --isc -    lines as in ISC dhcpd's log

Exit status: 0 done, 1 a named client does not occur, 2 an error. With
-f nagios 0 to 3.";

/// Report what Kea's logs show
///
/// Reads Kea's logs in any format: files and their rotated files, the journal, standard input. Reports one page of
/// findings and counts, or the messages about one client, or each exchange, lease or failure. See kea-log-report(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Log to read (a file or -), or client to follow: an address, prefix, hardware address, client-id, DUID or host name
    #[arg(value_name = "FILE|CLIENT")]
    pub(super) named: Vec<String>,
    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    pub(super) view: ViewArgs,
    #[command(flatten)]
    pub(super) shown: ShownArgs,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// What is read.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Input")]
#[expect(clippy::struct_excessive_bools, reason = "each daemon is a switch of its own")]
#[expect(clippy::option_option, reason = "an option with a value that may be left out")]
pub(super) struct ReadArgs {
    /// Only DHCPv4
    #[arg(short = '4', long = "dhcp4")]
    dhcp4: bool,
    /// Only DHCPv6
    #[arg(short = '6', long = "dhcp6")]
    dhcp6: bool,
    /// Only DNS updates
    #[arg(long, hide_short_help = true)]
    ddns: bool,
    /// Only the control agent
    #[arg(long, hide_short_help = true)]
    agent: bool,
    /// Configuration whose loggers name the logs [default: those in the usual places]
    #[arg(short, long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Read the journal, of one unit or of all of Kea's daemons
    #[arg(long, value_name = "UNIT", num_args = 0..=1, require_equals = true)]
    pub(super) journal: Option<Option<String>>,
    /// Follow this client, even if a file has that name
    #[arg(long, value_name = "CLIENT")]
    pub(super) client: Vec<String>,
    /// Only from this time on: 2026-11-29 08:25, 08:25 (today or yesterday), 2h (before now)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only up to this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Time zone of the logs and of the report [default: this machine's]
    #[arg(long, value_name = "ZONE", hide_short_help = true)]
    tz: Option<String>,
    /// File that stores the positions in the logs; the next run continues there
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(super) state: Option<PathBuf>,
    /// Number of clients to follow; messages of further ones are only counted
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = number::<u32>("a whole number of clients", 1..=u32::MAX.into()), hide_short_help = true)]
    max_clients: u32,
}

/// What is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Views [default: one page]")]
#[expect(clippy::option_option, reason = "an option with a value that may be left out")]
#[expect(clippy::struct_excessive_bools, reason = "each is a view of its own, and clap excludes the others")]
pub(super) struct ViewArgs {
    /// One line for each exchange
    #[arg(long, group = "view")]
    exchanges: bool,
    /// Which client had which address, from when until when, and how the lease ended
    #[arg(long, group = "view")]
    leases: bool,
    /// Clients that got an offer and no acknowledgement
    #[arg(long, group = "view")]
    unanswered_offers: bool,
    /// Failures by kind, cause and place
    #[arg(long, group = "view")]
    failures: bool,
    /// Time in callouts by hook point and library
    #[arg(long, group = "view", hide_short_help = true)]
    hooks: bool,
    /// Messages and leases over time, in steps of this length
    #[arg(long, value_name = "STEP", num_args = 0..=1, require_equals = true, group = "view", hide_short_help = true)]
    rates: Option<Option<String>>,
    /// Lines in the format of ISC dhcpd, as messages arrive
    #[arg(long, group = "view", hide_short_help = true)]
    isc: bool,
}

/// How it is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct ShownArgs {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: LogFormat,
    /// With a client: every message, unchanged
    #[arg(short, long)]
    pub(super) verbose: bool,
    #[command(flatten)]
    pub(super) width: WidthArgs,
    /// File to write; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(super) output: PathBuf,
    /// For nagios: numbers of failures, offers and errors that are a warning [default: failures=1,errors=1]
    #[arg(long, value_name = "KIND=N,...", value_delimiter = ',', hide_short_help = true)]
    pub(super) warning: Vec<Limit>,
    /// For nagios: numbers that are critical [default: failures=10]
    #[arg(long, value_name = "KIND=N,...", value_delimiter = ',', hide_short_help = true)]
    pub(super) critical: Vec<Limit>,
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Page,
    Exchanges,
    Leases,
    Offers,
    Failures,
    Hooks,
    /// In steps of so many seconds.
    Rates(Option<u32>),
    Isc,
}

impl View {
    /// The option that asks for it.
    pub(super) fn option(self) -> Option<&'static str> {
        Some(match self {
            Self::Page => return None,
            Self::Exchanges => "--exchanges",
            Self::Leases => "--leases",
            Self::Offers => "--unanswered-offers",
            Self::Failures => "--failures",
            Self::Hooks => "--hooks",
            Self::Rates(_) => "--rates",
            Self::Isc => "--isc",
        })
    }
}

impl ViewArgs {
    pub(super) fn view(&self) -> Result<View> {
        Ok(match self {
            Self { exchanges: true, .. } => View::Exchanges,
            Self { leases: true, .. } => View::Leases,
            Self { unanswered_offers: true, .. } => View::Offers,
            Self { failures: true, .. } => View::Failures,
            Self { hooks: true, .. } => View::Hooks,
            Self { isc: true, .. } => View::Isc,
            Self { rates: Some(None), .. } => View::Rates(None),
            Self { rates: Some(Some(step)), .. } => {
                let step = parse_span(step).map_err(|cause| Error::new("--rates", cause))?;
                View::Rates(Some(step.max(1)))
            }
            _ => View::Page,
        })
    }
}

impl ReadArgs {
    /// The zone of the logs and of what is shown.
    pub(super) fn zone(&self, env: &Env<'_>) -> Result<Zone> {
        let Some(name) = &self.tz else {
            let variable = (env.var)("TZ");
            return Ok(Zone::from_variable(variable.as_deref().and_then(|value| value.to_str())));
        };
        let unknown =
            || Error::new(format!("--tz {name}"), "no such time zone").hint("give a name such as Europe/Berlin or UTC");
        name.parse::<chrono_tz::Tz>().map(Zone::from).map_err(|_| unknown())
    }

    /// How the logs are read.
    pub(super) fn how(&self, env: &Env<'_>) -> Result<How> {
        let zone = self.zone(env)?;
        let now = env.clock.now();
        let mut clock = Clock::new(zone, now.saturating_mul(SECOND));
        let mut moment = |option: &str, text: &Option<String>| match text {
            Some(text) => since::moment(text, now.saturating_mul(SECOND), &mut clock)
                .map(Some)
                .map_err(|cause| Error::new(format!("{option} {text}"), cause)),
            None => Ok(None),
        };
        let (since, until) = (moment("--since", &self.since)?, moment("--until", &self.until)?);
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            let hint = "give the date too: a time of day that is later than now is that of yesterday";
            return Err(Error::new("--since", "it is after --until").hint(hint));
        }
        Ok(How { zone, now, since, until, most: None })
    }

    /// How many clients are followed.
    pub(super) fn most_clients(&self) -> usize {
        usize::try_from(self.max_clients).unwrap_or(usize::MAX)
    }

    fn daemons(&self) -> Vec<Daemon> {
        let chosen = [
            (self.dhcp4, Daemon::Dhcp4),
            (self.dhcp6, Daemon::Dhcp6),
            (self.ddns, Daemon::Ddns),
            (self.agent, Daemon::CtrlAgent),
        ];
        let some: Vec<_> = chosen.into_iter().filter(|(is_chosen, _)| *is_chosen).map(|(_, daemon)| daemon).collect();
        if some.is_empty() { Daemon::ALL.to_vec() } else { some }
    }

    /// The daemon's name in logs.
    pub(super) fn server(daemon: Daemon) -> Server {
        Server::named(daemon.process_name().as_bytes())
    }

    /// Whether messages of a daemon are wanted.
    pub(super) fn takes(&self, server: Server) -> bool {
        if !(self.dhcp4 || self.dhcp6 || self.ddns || self.agent) {
            return true;
        }
        match server {
            Server::Dhcp4 => self.dhcp4,
            Server::Dhcp6 => self.dhcp6,
            Server::Ddns => self.ddns,
            Server::Agent => self.agent,
            _ => false,
        }
    }

    /// What the configurations say of logs.
    pub(super) fn configured(&self, env: &Env<'_>) -> Result<Configured> {
        logs::configured(&self.daemons(), self.config.as_deref(), env.var).map_err(|cause| {
            let path = self.config.as_deref().unwrap_or(Path::new("")).display().to_string();
            Error::io(format!("read configuration {path}"), &cause)
        })
    }

    /// The logs to read, where some are named or not.
    pub(super) fn inputs(&self, named: &[String], clients: &[String], found: &Configured) -> Result<Vec<LogSource>> {
        let mut wanted: Vec<LogSource> = Vec::new();
        for name in named {
            wanted.push(if name == "-" { LogSource::Stdin } else { LogSource::File(PathBuf::from(name)) });
        }
        if let Some(unit) = &self.journal {
            wanted.push(LogSource::Journal(unit.clone()));
        }
        if !wanted.is_empty() {
            return Ok(wanted);
        }
        wanted.extend(found.logs.iter().flat_map(|log| logs::siblings(log)).map(LogSource::File));
        if wanted.is_empty() && Path::new("/run/systemd/journal").exists() {
            wanted.push(LogSource::Journal(None));
        }
        if wanted.is_empty() {
            if let Some(error) = found.unread.first() {
                return Err(error.clone());
            }
            let cause = "no configuration names an existing log";
            let hint = "name the logs, or the configuration with -c, or read the journal with --journal";
            let attempted = match clients.first() {
                Some(client) => format!("find Kea's logs, to follow {client} in them"),
                None => "find Kea's logs".to_owned(),
            };
            return Err(Error::new(attempted, cause).hint(hint));
        }
        Ok(wanted)
    }

    /// Whether the logs are those of the daemons that the configurations are for.
    pub(super) fn fits(&self, named: &[String], found: &Configured) -> bool {
        self.config.is_some() || named.iter().all(|name| found.has(Path::new(name)))
    }

    /// Refuses what has no position to go on from.
    pub(super) fn check_state(&self, wanted: &[LogSource]) -> Result<()> {
        if self.state.is_none() || wanted.iter().all(|one| matches!(one, LogSource::File(_))) {
            return Ok(());
        }
        let hint = "name files; for the journal, use --since 5m instead";
        Err(Error::new("--state", "standard input and the journal have no position to continue from").hint(hint))
    }
}

/// Whether an argument names a log rather than a client.
pub(super) fn is_log(text: &str) -> bool {
    if text == "-" || Path::new(text).exists() {
        return true;
    }
    let is_prefix = text
        .split_once('/')
        .is_some_and(|(address, length)| address.parse::<std::net::IpAddr>().is_ok() && length.parse::<u8>().is_ok());
    let name = logs::base(Path::new(text)).display().to_string();
    let ends_as_file = [".log", ".gz", ".xz", ".zst", ".txt", ".json"].iter().any(|end| name.ends_with(end));
    (text.contains('/') && !is_prefix) || ends_as_file || text.contains(".log.")
}
