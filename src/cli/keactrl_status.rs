//! keactrl-status: whether Kea's daemons run, and whether they serve.

use std::ffi::OsString;
use std::io::{BufWriter, Write as _};
use std::path::{self, PathBuf};
use std::time::Duration;

use clap::{CommandFactory, Parser};

use super::args::has_color;
use super::args::width::WidthArgs;
use super::args::words::words;
use super::number::number;
use super::{refuse_stdout, unless_closed};
use crate::config::Daemon;
use crate::control::{Credentials, Deadline};
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::health::State;
use crate::health::kea::facts::Host;
use crate::health::kea::{self, Judgement, Memory, Thresholds};
use crate::inspect::{self, Questions, Root, Scope};
use crate::installation::LiveFiles;
use crate::output::status::{self, Findings, StatusFormat, StatusOptions};
use crate::text::OneLine;

const NAME: &str = "keactrl-status";

/// The mode of a file of metrics, which other users read.
const METRICS_MODE: u32 = 0o644;

const EXAMPLES: &str = "Examples:
  keactrl-status                         each daemon of this machine
  keactrl-status -f table                a table with a row for each
  keactrl-status -s dhcp4 -q             only the exit status
  keactrl-status -f nagios -s dhcp4      a check for a monitor

Exit status: 0 all serve that should, 1 one does not, 2 unknown.
With -f nagios 0 to 3.";

/// Report whether each Kea daemon on this machine runs and serves its clients
///
/// Prints for each daemon whether it runs, in the format of "keactrl status", and the problems that keep it from serving.
/// See keactrl-status(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    looked_at: LookedAt,
    #[command(flatten)]
    judged: Judged,
    #[command(flatten)]
    written: Written,
    /// Print on standard error what was found, and where
    #[arg(short, long, help_heading = "Other")]
    verbose: bool,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// The daemons to check.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What to check")]
struct LookedAt {
    /// keactrl.conf to read [default: the first of the usual ones]
    #[arg(short = 'c', long, value_name = "FILE")]
    ctrl_config: Option<PathBuf>,
    #[arg(short, long, value_name = "LIST", value_delimiter = ',', default_value = "all", hide_possible_values = true,
          value_parser = words(Daemon::ALL.map(Daemon::name).into_iter().chain(["all"]), server),
          help = "Daemons: all, or some of dhcp4,dhcp6,dhcp_ddns,ctrl_agent,netconf")]
    server: Vec<Server>,
    /// Seconds after which the result is written, even if daemons have not answered
    #[arg(short, long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Include the running configurations in json, without their secrets
    #[arg(long, hide_short_help = true)]
    with_config: bool,
    /// File with user:password for daemons that are queried over HTTP
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    auth_file: Option<PathBuf>,
    /// Check the machine with this root directory
    #[arg(long, value_name = "DIR", default_value = "/", hide_default_value = true, hide_short_help = true)]
    root: PathBuf,
}

/// Thresholds of the verdict.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Thresholds")]
struct Judged {
    /// Warn about daemons that have run for less than this
    #[arg(long, value_name = "SECONDS", value_parser = number::<i64>("a whole number of seconds", 0..=u32::MAX.into()), hide_short_help = true)]
    warning_uptime: Option<i64>,
    /// Required high-availability mode: load-balancing, hot-standby, passive-backup
    #[arg(long, value_name = "MODE", value_parser = ["load-balancing", "hot-standby", "passive-backup"],
          hide_possible_values = true)]
    expect_ha: Option<String>,
    /// Severity of a partner that is down: ok, warning, critical
    #[arg(long, value_name = "STATE", default_value = "critical", value_parser = ["ok", "warning", "critical"],
          hide_possible_values = true, hide_short_help = true)]
    ha_partner_down: String,
}

/// Format and destination.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct Written {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "classic")]
    format: StatusFormat,
    /// File to write; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Keep the packet counts of servers in FILE, and warn if no client was answered since the last run
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Print nothing; the result is the exit status
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    width: WidthArgs,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"],
          hide_possible_values = true, hide_short_help = true)]
    color: String,
}

/// A word of `-s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    All,
    One(Daemon),
}

/// The word may be keactrl's name of a daemon, that of its process, or that of its service.
fn server(text: &str) -> Option<Server> {
    let name = text.trim();
    let name = name.strip_suffix(".service").unwrap_or(name);
    let name = name.strip_prefix("isc-").unwrap_or(name);
    let name = name.strip_prefix("kea-").unwrap_or(name);
    let name = name.strip_suffix("-server").unwrap_or(name).replace('-', "_");
    match name.as_str() {
        "all" => Some(Server::All),
        "d2" | "ddns" => Some(Server::One(Daemon::Ddns)),
        "ca" => Some(Server::One(Daemon::CtrlAgent)),
        name => Daemon::from_name(name).map(Server::One),
    }
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=3600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "expected a number of seconds, 0.1 to 3600".to_owned())
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
    let kept = args.recall(env)?;
    let mut machine = args.look(env)?;
    if let Some((memory, said)) = &kept {
        memory.recall(&mut machine, now);
        machine.unseen.extend(said.clone());
    }
    let judgements = kea::evaluate(&machine, &args.judged.thresholds(), now);
    if args.verbose || args.written.is_for_people() {
        for note in status::notes(&machine, args.verbose, now) {
            // A stderr that is gone takes no line.
            let _ = writeln!(env.stderr, "{NAME}: {}", OneLine(&note));
        }
    }
    let findings = Findings { machine: &machine, judgements: &judgements, now };
    if !args.written.quiet {
        let live = || args.looked_at.live_files(env.var);
        args.written.write(&findings, &live, env)?;
    }
    let exit = args.exit(&machine, &judgements, now);
    if let Some((memory, _)) = kept {
        args.keep(&memory.after(&machine, now), env);
    }
    Ok(exit)
}

impl Args {
    /// Checks the machine within the time limit.
    fn look(&self, env: &Env<'_>) -> Result<Host> {
        let timeout = self.looked_at.timeout;
        let deadline = Deadline::after(timeout);
        let details = self.verbose || matches!(self.written.format, StatusFormat::Table | StatusFormat::Json);
        let questions = Questions {
            version: details || self.written.format == StatusFormat::Prometheus,
            configuration: self.looked_at.with_config,
            traffic: self.written.state.is_some(),
            time: timeout,
            credentials: self.looked_at.credentials()?,
            known: Vec::new(),
            now: env.clock.now(),
        };
        self.looked_at.check_root()?;
        let scope = self.looked_at.scope(env, details);
        scope.check_keactrl()?;
        let late = || Error::new("check this machine", format!("not finished within {} s", timeout.as_secs_f32()));
        inspect::examine(scope, questions, deadline).ok_or_else(late)
    }

    /// The state of the last run, and a remark about it.
    fn recall(&self, env: &Env<'_>) -> Result<Option<(Memory, Option<String>)>> {
        let Some(path) = &self.written.state else { return Ok(None) };
        self.looked_at.live_files(env.var).refuse(path)?;
        inspect::recall(path).map(Some)
    }

    /// Writes the state for the next run. If that fails, the daemons are reported nevertheless.
    fn keep(&self, memory: &Memory, env: &mut Env<'_>) {
        let Some(path) = &self.written.state else { return };
        let write = |live: &LiveFiles| {
            let mut file = OutFile::create(path, live)?;
            let failed = |cause| Error::io(format!("write {}", path.display()), &cause);
            file.write_all(memory.text().as_bytes()).map_err(failed)?;
            file.commit()
        };
        if let Err(cause) = write(&self.looked_at.live_files(env.var)) {
            let _ = writeln!(env.stderr, "{NAME}: no state is kept for the next run: {cause}");
        }
    }

    fn exit(&self, machine: &Host, judgements: &[Judgement], now: i64) -> Exit {
        if self.written.format == StatusFormat::Nagios {
            return Exit::Nagios(kea::report(machine, judgements, now).state().nagios_code());
        }
        match kea::all_serve(machine, judgements) {
            Some(true) => Exit::Done,
            Some(false) => Exit::No,
            None => Exit::Unknown,
        }
    }
}

impl LookedAt {
    fn scope(&self, env: &Env<'_>, details: bool) -> Scope {
        let named = self.server.iter().filter_map(|server| match server {
            Server::All => None,
            Server::One(daemon) => Some(*daemon),
        });
        let all = self.server.contains(&Server::All);
        let variable = |name| (env.var)(name).filter(|value| !value.is_empty());
        let root = Root::new(&self.root);
        // On this machine a file is named from where the user is, on another one from its root directory.
        let from_here = |file: &PathBuf| if root.is_own() { path::absolute(file).ok() } else { None };
        let keactrl = self.ctrl_config.as_ref().map(|file| from_here(file).unwrap_or_else(|| file.clone()));
        Scope {
            root,
            named: if all { Vec::new() } else { named.collect() },
            keactrl,
            variables: inspect::VARIABLES.into_iter().filter_map(|name| Some((name, variable(name)?))).collect(),
            patience: self.timeout / 2,
            details,
            parsed: inspect::Parsed::default(),
        }
    }

    /// Checks that the root directory exists.
    fn check_root(&self) -> Result<()> {
        let attempted = || format!("look at the machine in {}", self.root.display());
        let hint = "--root names a directory that holds another machine's files";
        Root::new(&self.root).check().map_err(|cause| Error::io(attempted(), &cause).hint(hint))
    }

    /// The files that must not be written.
    fn live_files(&self, var: &dyn Fn(&str) -> Option<OsString>) -> LiveFiles {
        let mut live = LiveFiles::of_this_host(var);
        let root = Root::new(&self.root);
        if !root.is_own() {
            live.add_machine(&|path| root.at(path));
        }
        if let Some(file) = &self.ctrl_config {
            live.add_keactrl(file, &|path| if root.is_own() { path.to_owned() } else { root.at(path) }, var);
        }
        live
    }

    fn credentials(&self) -> Result<Option<Credentials>> {
        self.auth_file.as_deref().map(inspect::credentials_in).transpose()
    }
}

impl Judged {
    fn thresholds(&self) -> Thresholds {
        Thresholds {
            warning_uptime: self.warning_uptime,
            partner_down: match self.ha_partner_down.as_str() {
                "ok" => State::Ok,
                "warning" => State::Warning,
                _ => State::Critical,
            },
            expect_ha: self.expect_ha.clone(),
            ..Thresholds::default()
        }
    }
}

impl Written {
    fn write(&self, findings: &Findings<'_>, live: &dyn Fn() -> LiveFiles, env: &mut Env<'_>) -> Result<()> {
        let name =
            if self.output.as_os_str() == "-" { "standard output".into() } else { self.output.display().to_string() };
        let failed = |cause: std::io::Error| Error::io(format!("write {name}"), &cause);
        if self.output.as_os_str() == "-" {
            refuse_stdout(live)?;
            let look = self.look(env);
            let mut out = BufWriter::new(&mut *env.stdout);
            let written = status::write(self.format, findings, look, &mut out).and_then(|()| out.flush());
            return unless_closed(written).map_err(failed);
        }
        let mut file = OutFile::create(&self.output, &live())?;
        if self.format == StatusFormat::Prometheus {
            file = file.mode(METRICS_MODE);
        }
        status::write(self.format, findings, StatusOptions::default(), &mut file).map_err(failed)?;
        file.commit()
    }

    /// Whether stderr is read by a person: a monitor takes it for part of the answer, other programs read the document.
    fn is_for_people(&self) -> bool {
        matches!(self.format, StatusFormat::Classic | StatusFormat::Table) && !self.quiet
    }

    fn look(&self, env: &Env<'_>) -> StatusOptions {
        StatusOptions { color: has_color(&self.color, env), width: self.width.columns(env) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daemons_have_the_names_of_keactrl_of_processes_and_of_units() {
        for (text, daemon) in [
            ("dhcp4", Daemon::Dhcp4),
            ("kea-dhcp4", Daemon::Dhcp4),
            (" dhcp6", Daemon::Dhcp6),
            ("kea-dhcp-ddns", Daemon::Ddns),
            ("ctrl-agent", Daemon::CtrlAgent),
            ("d2", Daemon::Ddns),
            ("ddns", Daemon::Ddns),
            ("ca", Daemon::CtrlAgent),
            ("kea-dhcp4-server", Daemon::Dhcp4),
            ("kea-dhcp4-server.service", Daemon::Dhcp4),
            ("kea-dhcp6.service", Daemon::Dhcp6),
            ("kea-dhcp-ddns-server", Daemon::Ddns),
            ("kea-ctrl-agent.service", Daemon::CtrlAgent),
            ("isc-kea-dhcp4-server", Daemon::Dhcp4),
            ("isc-kea-ctrl-agent.service", Daemon::CtrlAgent),
        ] {
            assert_eq!(server(text), Some(Server::One(daemon)), "{text}");
        }
        for other in ["kea", "", "kea-server", "kea-exporter.service"] {
            assert!(server(other).is_none(), "{other}");
        }
        assert_eq!(server("all"), Some(Server::All));
    }
}
