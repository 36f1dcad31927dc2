//! The programs: from arguments to an exit status. clap lives only here.

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::env::{self, Env, signals};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::health::State;
use crate::output::nagios;

pub mod dhcping;
pub mod dhcptest;
mod dump;
mod filter_args;
mod hardware;
pub mod keactrl_status;
pub mod lease_dump;
pub mod list_leases;
mod manifest;
mod monitor;
mod progress;
mod reordered;
mod source_args;
mod telling;

/// A program: what it does in a world.
pub type Program = fn(&mut Env<'_>) -> Result<Exit>;

/// Every program with its command line, for manual pages and completions.
#[must_use]
pub fn commands() -> Vec<clap::Command> {
    vec![
        lease_dump::command(),
        list_leases::command(),
        dhcping::command(),
        dhcptest::command(),
        keactrl_status::command(),
    ]
}

/// Runs the program called `name` in the real world.
pub fn main(name: &str, program: Program) -> ExitCode {
    env::with_real_world(|env| ExitCode::from(run(name, program, env).code()))
}

/// Runs a program that ends by itself when it is interrupted, after it has given back what it took.
pub fn main_of_probe(name: &str, program: Program) -> ExitCode {
    signals::leave();
    env::with_real_world(|env| ExitCode::from(run(name, program, env).code()))
}

/// Runs the program called `name` in `env`; an error becomes one line on stderr and an exit status. To a monitor, which
/// looks at stdout alone, an error is a result: unknown.
pub fn run(name: &str, program: Program, env: &mut Env<'_>) -> Exit {
    match program(env) {
        Ok(exit) => exit,
        Err(error) if error.kind() == Kind::ClosedPipe => Exit::Done,
        Err(error) if monitor::asks(name, &env.args) => {
            // Nobody is left to be told if stdout is gone too.
            let _ = nagios::write_unknown(name, &error.to_string(), env.stdout);
            Exit::Nagios(State::Unknown.nagios_code())
        }
        Err(error) => {
            // Nobody is left to be told if stderr is gone too.
            let _ = writeln!(env.stderr, "{name}: {error}");
            Exit::Unknown
        }
    }
}

/// The arguments after clap, or what there is to do instead: help and version go to stdout, a mistake is an error.
fn parse<T: clap::FromArgMatches>(mut command: clap::Command, env: &mut Env<'_>) -> Result<Result<T, Exit>> {
    let matches = command.try_get_matches_from_mut(&env.args);
    match matches.and_then(|mut matches| T::from_arg_matches_mut(&mut matches)) {
        Ok(args) => {
            // A probe is over in a millisecond, of which taking all these options apart again would be a part.
            std::mem::forget(command);
            Ok(Ok(args))
        }
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            write!(env.stdout, "{error}").map_err(|cause| Error::io("write help", &cause))?;
            Ok(Err(Exit::Done))
        }
        Err(error) => Err(usage_error(&error.to_string(), command.get_name())),
    }
}

/// clap's several lines as one: what is wrong, and the tip if there is one.
fn usage_error(text: &str, name: &str) -> Error {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut what = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let mut tips = Vec::new();
    for line in lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more")) {
        match line.strip_prefix("tip: ") {
            Some(tip) => tips.push(tip.to_owned()),
            None => what = format!("{what} {line}"),
        }
    }
    tips.push(format!("see {name} --help"));
    Error::new("", what).hint(tips.join("; "))
}
