//! dhcptest: send any DHCP message with any options, see everything that comes back.

use std::fmt::Write as _;

use clap::CommandFactory as _;

use self::args::Args;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::probe::query::profiles;
use crate::session;

mod args;
mod request;
mod v6_args;

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
    if args.message.profile.as_deref() == Some(args::LIST) {
        return show_profiles(env);
    }
    args.check()?;
    session::run(&request::new(&args, super::args::width::of(None, env))?, env)
}

fn show_profiles(env: &mut Env<'_>) -> Result<Exit> {
    let mut text = String::new();
    for profile in profiles::ALL {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}", profile.describe());
    }
    env.stdout.write_all(text.as_bytes()).map_err(|cause| Error::io("write profiles", &cause))?;
    Ok(Exit::Done)
}
