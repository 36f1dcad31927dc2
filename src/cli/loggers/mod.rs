//! kea-loggers: what is logged, at which level, to where.

use std::io::{self, BufWriter, Write};

use clap::CommandFactory as _;

use super::unless_closed;
use crate::config::Daemon;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::health::loggers::{self as verdict, Judged};
use crate::inspect::Root;
use crate::inspect::logging::{self, Found, Scope};
use crate::installation::LiveFiles;
use crate::loggers::{Subject, routes};
use crate::output::loggers::{self as text, LoggersFormat};
use crate::output::nagios;
use crate::text::OneLine;

mod args;
mod set;

use args::Args;

const NAME: &str = "kea-loggers";

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => Args::sorted(args)?,
        Err(exit) => return Ok(exit),
    };
    let scope = Scope { root: Root::new("/"), files: args.config.clone(), release: args.release, variable: env.var };
    super::refuse_stdout(|| {
        let mut live = LiveFiles::of_this_host(env.var);
        args.config.iter().for_each(|file| live.add_configuration(file, env.var));
        live
    })?;
    let found = logging::examine(&scope);
    if !args.set.is_empty() {
        return set::run(&args, &scope, found, env.stdout, env.stderr);
    }
    if found.sites.is_empty() {
        return Err(nothing_read(found));
    }
    if args.format != LoggersFormat::Nagios {
        report(&found, env.stderr);
    }
    let width = super::args::width::of(args.width, env);
    let mut out = BufWriter::new(&mut *env.stdout);
    let written = match &args.which {
        Some(subject) => route(&args, subject, &found, &mut out)?,
        None => tree(&args, found, Some(width.unwrap_or(80)), &mut out),
    };
    written.and_then(|exit| unless_closed(out.flush()).map(|()| exit)).map_err(|cause| failed(&cause))
}

fn failed(cause: &io::Error) -> Error {
    Error::io("write standard output", cause)
}

/// Why there is no configuration.
fn nothing_read(found: Found) -> Error {
    let none = || Error::new("find Kea's configuration", "there is none in a usual place").hint("name one with -c");
    found.unread.into_iter().next().unwrap_or_else(none)
}

/// Reports what could not be read.
fn report(found: &Found, stderr: &mut dyn Write) {
    for error in &found.unread {
        // A stream that is gone leaves the exit status.
        let _ = writeln!(stderr, "{NAME}: {error}");
    }
}

/// Every logger, and what is wrong.
fn tree(args: &Args, found: Found, width: Option<usize>, out: &mut dyn Write) -> io::Result<Exit> {
    let unread: Vec<String> = found.unread.iter().map(ToString::to_string).collect();
    let judged: Vec<Judged> = verdict::judge(found.sites);
    match args.format {
        LoggersFormat::Table => unless_closed(text::write(&judged, width, out))?,
        LoggersFormat::Json => unless_closed(text::tree_json(&judged, &unread, out))?,
        LoggersFormat::Nagios => {
            let report = verdict::report(&judged, &unread);
            unless_closed(nagios::write("KEA LOGGERS", &report, out))?;
            return Ok(Exit::Nagios(report.state().nagios_code()));
        }
    }
    let is_wrong = verdict::is_any_wrong(&judged) || !unread.is_empty();
    Ok(if is_wrong { Exit::No } else { Exit::Done })
}

/// Where a message goes; an error if no daemon has it.
fn route(args: &Args, subject: &Subject, found: &Found, out: &mut dyn Write) -> Result<io::Result<Exit>> {
    let routes = routes(&found.sites, subject);
    if routes.is_empty() {
        let daemons: Vec<_> = found.sites.iter().map(|site| site.config.daemon.process_name()).collect();
        let release = found.sites.first().map_or(String::new(), |site| site.surroundings.rules.release.to_string());
        let cause = format!("Kea {release} has no such message or logger in {}", daemons.join(", "));
        return Err(Error::new(format!("look up {}", subject.text), cause)
            .hint("choose another configuration or release with -c or --for"));
    }
    let written = match args.format {
        LoggersFormat::Table => text::routes(subject, &routes, out),
        LoggersFormat::Json => text::routes_json(subject, &routes, out),
        LoggersFormat::Nagios => return Err(no_monitor("--which")),
    };
    let exit = if routes.iter().all(|route| route.is_logged) { Exit::Done } else { Exit::No };
    Ok(unless_closed(written).map(|()| exit))
}

fn no_monitor(option: &str) -> Error {
    Error::new("--format nagios", format!("not with {option}")).hint("use table or json")
}

/// The daemons that are meant where there is no configuration.
const USUAL: [Daemon; 4] = [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns, Daemon::CtrlAgent];

/// A line on standard error.
fn remark(text: &str, stderr: &mut dyn Write) {
    // A stream that is gone leaves the exit status.
    let _ = writeln!(stderr, "{NAME}: {}", OneLine(text));
}
