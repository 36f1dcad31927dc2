//! The programs: from arguments to an exit status. clap lives only here.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::env::{self, Env, signals};
use crate::error::{Error, FailureKind, Result};
use crate::exit::Exit;
use crate::health::State;
use crate::installation::{LiveFiles, is_stdout_a_file};
use crate::output::nagios;
use crate::panics;

mod args;
pub mod dhcping;
pub mod dhcpload;
pub mod dhcptest;
mod hardware;
mod help;
pub mod keactrl_status;
pub mod lease_dump;
pub mod list_leases;
pub mod log_report;
pub mod loggers;
pub mod metrics;
mod monitor;
mod number;
pub mod pools;
mod progress;
mod reporter;
pub mod support_bundle;
pub mod top;
mod usage;

pub use self::help::help;

/// A program: a function of the outside world.
pub type Program = fn(&mut Env<'_>) -> Result<Exit>;

/// Every program with its command line, for manual pages and completions.
#[must_use]
pub fn commands() -> Vec<clap::Command> {
    vec![
        lease_dump::command(),
        list_leases::command(),
        dhcping::command(),
        dhcptest::command(),
        dhcpload::command(),
        keactrl_status::command(),
        log_report::command(),
        pools::command(),
        loggers::command(),
        support_bundle::command(),
        metrics::command(),
        top::command(),
    ]
}

/// Runs the program called `name` in the real world.
pub fn main(name: &'static str, program: Program) -> ExitCode {
    env::with_real_world(|env| {
        end_with_a_line(name, env);
        let exit = match guard_stdout(env) {
            Ok(()) => run(name, program, env),
            Err(error) => {
                // A stream that is gone leaves the exit status.
                let _ = writeln!(env.stderr, "{name}: {error}");
                Exit::Unknown
            }
        };
        ExitCode::from(exit.code())
    })
}

/// Refuses standard output that the shell has led into a file of Kea, before a program writes anything into it.
fn guard_stdout(env: &Env<'_>) -> Result<()> {
    refuse_stdout(|| LiveFiles::of_this_host(env.var))
}

/// Runs a program that handles interrupts itself, and releases its leases before it ends.
pub fn main_of_probe(name: &'static str, program: Program) -> ExitCode {
    signals::leave();
    main(name, program)
}

/// The variable with which a panic is reported as Rust does it, for developers.
const REPORT: &str = "KEA_TOOLS_BACKTRACE";

/// From now on a panic in another thread than that of [`run`] ends the process as an error does.
fn end_with_a_line(name: &'static str, env: &Env<'_>) {
    let args = env.args.clone();
    panics::install((env.var)(REPORT).is_some(), move |place| {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = report(name, &args, &internal_error(name, place), &mut stdout, &mut stderr);
        env::end(&stdout, &stderr, exit)
    });
}

/// Runs the program called `name` in `env`; an error becomes one line on stderr and an exit status.
pub fn run(name: &str, program: Program, env: &mut Env<'_>) -> Exit {
    let done = panics::catch(|| program(env)).unwrap_or_else(|place| {
        env.keyboard.close();
        Err(internal_error(name, &place))
    });
    match done {
        Ok(exit) => exit,
        Err(error) if error.kind() == FailureKind::ClosedPipe => Exit::Done,
        Err(error) => report(name, &env.args, &error, env.stdout, env.stderr),
    }
}

/// Writes the line of an error. For a monitor, which reads only stdout, an error is the result unknown.
fn report(name: &str, args: &[OsString], error: &Error, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Exit {
    let is_for_monitor = monitor::asks(name, args);
    // If the stream is closed, only the exit status remains.
    let _ = match error.kind() {
        FailureKind::Failed | FailureKind::ClosedPipe if is_for_monitor => {
            nagios::write_unknown(name, &error.to_string(), stdout)
        }
        _ => writeln!(stderr, "{name}: {error}"),
    };
    if is_for_monitor { Exit::Nagios(State::Unknown.nagios_code()) } else { Exit::Unknown }
}

/// Refuses standard output that the shell has led into one of these files.
fn refuse_stdout(live: impl FnOnce() -> LiveFiles) -> Result<()> {
    if is_stdout_a_file() { live().refuse_stdout() } else { Ok(()) }
}

/// A reader that wants no more of a verdict leaves it as it is.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|cause| if cause.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(cause) })
}

/// The error of a panic at `place`.
fn internal_error(name: &str, place: &str) -> Error {
    let place = if place.is_empty() { "at an unknown place" } else { place };
    Error::new("internal error", place)
        .hint(format!("please report it with the command, {name} --version and what {REPORT}=1 adds"))
}

/// Whether an argument without an option is an empty text.
fn has_an_empty_argument(command: &clap::Command, matches: &clap::ArgMatches) -> bool {
    let mut values = command.get_positionals().filter_map(|arg| matches.get_raw(arg.get_id().as_str())).flatten();
    values.any(std::ffi::OsStr::is_empty)
}

/// The parsed arguments, or the alternative: help and version are printed to stdout, a mistake is an error.
fn parse<T: clap::FromArgMatches>(mut command: clap::Command, env: &mut Env<'_>) -> Result<Result<T, Exit>> {
    let name = command.get_name().to_owned();
    let matches = command.try_get_matches_from_mut(&env.args);
    let matches = match matches {
        Ok(matches) if has_an_empty_argument(&command, &matches) => {
            return Err(
                Error::new("", "an argument is empty").hint("in a script, check whether a variable has no value")
            );
        }
        matches => matches,
    };
    match matches.and_then(|mut matches| T::from_arg_matches_mut(&mut matches)) {
        Ok(args) => Ok(Ok(args)),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => help::write(command, env).map(|()| Err(Exit::Done)),
        Err(error) if error.kind() == ErrorKind::DisplayVersion => {
            help::write_version(&name, env).map(|()| Err(Exit::Done))
        }
        Err(error) => Err(usage::error(&error, &mut command, &env.args)),
    }
}
