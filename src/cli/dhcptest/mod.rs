//! dhcptest: send any DHCP message with any options, see everything that comes back.

use std::fmt::Write as _;

use clap::CommandFactory as _;

use self::args::Args;
use self::world::Real;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;

mod args;
mod console;
mod document;
mod given;
mod job;
mod listen;
mod message;
mod profiles;
mod query;
mod report;
mod screen;
mod tape;
mod told;
mod v6;
mod v6_args;
mod verdict;
mod world;

pub use self::world::World;

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    run_in(env, &mut Real::default())
}

/// Runs the program in a world of the caller's.
pub fn run_in(env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    if args.message.profile.as_deref() == Some("list") {
        return show_profiles(env);
    }
    args.check()?;
    if args.task.listen {
        return listen::run(&args, env, world);
    }
    if args.is_v6() {
        return v6::run(&args, env, world);
    }
    if args.is_query() { query::run(&args, env, world) } else { console::run(&args, env, world) }
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
