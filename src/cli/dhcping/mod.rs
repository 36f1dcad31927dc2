//! dhcping: is this DHCP server answering, and how well.

use clap::CommandFactory as _;

use self::args::Args;
use self::job::Facts;
use self::verdict::Judge;
use self::world::Real;
use crate::config::Config;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::lease::Family;
use crate::net;

mod args;
mod job;
mod job4;
mod job6;
mod json;
mod monitor;
mod rounds;
mod show;
mod silence;
mod subnets;
mod text;
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

/// Runs the program in a network of the caller's.
pub fn run_in(env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    let mut args: Args =
        match Args::classic(&env.args).map_or_else(|| super::parse(command(), env), |args| Ok(Ok(args)))? {
            Ok(args) => args,
            Err(exit) => return Ok(exit),
        };
    args.leave_out_unspecified();
    args.output.is_classic = args::old_letters(&env.args).is_some();
    if !args.whom.targets.is_empty() {
        args.place_targets(&world.interfaces()?)?;
    }
    if !args.names_a_target() {
        if matches!(args::old_letters(&env.args).as_deref(), Some([('V', None)])) {
            return show_version(env);
        }
        // A packet to everybody is nothing to be sent by accident.
        return Err(Error::new("", "whom to ask?").hint("-s SERVER, or -I INTERFACE for everybody; see dhcping --help"));
    }
    args.check_targets()?;
    let configured =
        args.whom.from_config.as_deref().map(|file| net::as_real_user(|| subnets::read(&args, file))).transpose()?;
    let family = job::check_family(&args, configured.as_ref().and_then(Config::family))?;
    let job = {
        let facts = Facts::gather(&args, family, world)?;
        let mut job = match (&configured, family) {
            (Some(config), _) => subnets::plan(&facts, config)?,
            (None, Family::V4) => job4::plan(&facts)?,
            (None, Family::V6) => job6::plan(&facts)?,
        };
        for (name, error) in &facts.unresolved {
            job.attempt(name, Err(error.clone()));
        }
        job.keep_apart();
        job.unless_all_failed()?
    };
    rounds::run(&Judge::new(&args, family, &job)?, &job, env, world)
}

fn show_version(env: &mut Env<'_>) -> Result<Exit> {
    let version = command().render_version();
    env.stdout.write_all(version.as_bytes()).map_err(|cause| Error::io("write the version", &cause))?;
    Ok(Exit::Done)
}
