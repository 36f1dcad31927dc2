//! keactrl-status: not only whether Kea runs, but whether it serves.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory, Parser};

use crate::config::Daemon;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::health::kea::{self, Thresholds};
use crate::inspect::{self, Questions, Root, Scope};
use crate::output::status::{self, Findings, Format};

const NAME: &str = "keactrl-status";

/// Tell what each Kea daemon on this machine really does
///
/// Says of each daemon whether it runs, in the words of "keactrl status", and what keeps it from serving. The exit
/// status is 0 if every expected daemon serves, 1 if one does not, 2 if that could not be found out. See
/// keactrl-status(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
struct Args {
    /// keactrl.conf to read [default: the usual ones]
    #[arg(short = 'c', long, value_name = "FILE", help_heading = "What is looked at")]
    ctrl_config: Option<PathBuf>,
    /// Daemons to look at: all, or some of `dhcp4`, `dhcp6`, `dhcp_ddns`, `ctrl_agent`, `netconf`
    #[arg(short, long, value_name = "LIST", value_delimiter = ',', default_value = "all", value_parser = server,
          help = "Daemons to look at: all, or some of dhcp4,dhcp6,dhcp_ddns,ctrl_agent,netconf", help_heading = "What is looked at")]
    server: Vec<Server>,
    /// Look at the machine whose root directory is here
    #[arg(
        long,
        value_name = "DIR",
        default_value = "/",
        hide_default_value = true,
        help_heading = "What is looked at"
    )]
    root: PathBuf,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "classic", help_heading = "What is written")]
    format: Format,
    /// Seconds after which the result is written, whoever has not answered
    #[arg(short, long, value_name = "SECONDS", default_value = "10", value_parser = seconds, help_heading = "Other")]
    timeout: Duration,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// A word of `-s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    All,
    One(Daemon),
}

fn server(text: &str) -> std::result::Result<Server, String> {
    let known = || Daemon::ALL.map(Daemon::name).join(", ");
    match text {
        "all" => Ok(Server::All),
        text => Daemon::from_name(text).map(Server::One).ok_or_else(|| format!("expected all or some of {}", known())),
    }
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=3600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "expected 0.1 to 3600".to_owned())
}

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let now = env.clock.now();
    let begun = env.clock.monotonic();
    let scope = args.scope(env);
    let late = || Error::new("look at this machine", format!("it took more than {} s", args.timeout.as_secs_f32()));
    let surveyed = inspect::within(args.timeout, {
        let scope = scope.clone();
        move || inspect::survey(&scope)
    });
    let mut machine = surveyed.ok_or_else(late)?;
    let left = || args.timeout.saturating_sub(env.clock.monotonic().saturating_sub(begun));
    inspect::look(&scope, &mut machine, &Args::questions(left()), &left);
    let judgements = kea::evaluate(&machine, &Thresholds::default(), now);
    let findings = Findings { machine: &machine, judgements: &judgements, now };
    write(&args, &findings, env.stdout).map_err(|cause| Error::io("write the result", &cause))?;
    Ok(match kea::all_serve(&machine, &judgements) {
        Some(true) => Exit::Done,
        Some(false) => Exit::No,
        None => Exit::Unknown,
    })
}

fn write(args: &Args, findings: &Findings<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    status::write(args.format, findings, out)?;
    out.flush()
}

impl Args {
    /// What the daemons are asked, with `left` for everything.
    fn questions(left: Duration) -> Questions {
        // What comes after the answers takes little; who hangs must not take the time to say so.
        Questions { version: false, configuration: false, time: left * 4 / 5, credentials: None }
    }

    fn scope(&self, env: &Env<'_>) -> Scope {
        let named = self.server.iter().filter_map(|server| match server {
            Server::All => None,
            Server::One(daemon) => Some(*daemon),
        });
        let all = self.server.contains(&Server::All);
        Scope {
            root: Root::new(&self.root),
            named: if all { Vec::new() } else { named.collect() },
            keactrl: self.ctrl_config.clone(),
            variables: inspect::VARIABLES.into_iter().filter_map(|name| Some((name, (env.var)(name)?))).collect(),
            patience: self.timeout / 2,
        }
    }
}
