//! dhcping: does this DHCP server answer, and how well.

use clap::CommandFactory as _;

use self::args::Args;
use crate::config::Config;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::net;
use crate::probe::plan::{self, PlanContext, subnets};
use crate::session::Rounds;

mod args;
mod request;

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
///
/// # Errors
/// It could not be found out whether servers answer.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    let mut args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    args.output.is_classic = args.is_classic(&env.args);
    args.leave_out_unspecified();
    if !args.server.targets.is_empty() {
        args.place_targets(&env.network.interfaces()?)?;
    }
    if !args.names_a_target() {
        if Args::is_version(&env.args) {
            return super::help::write_version(args::NAME, env).map(|()| Exit::Done);
        }
        // A packet to all servers is nothing to be sent by accident.
        return Err(Error::new("", "no server and no interface is named")
            .hint("give -s SERVER, or -I INTERFACE for all its servers; see dhcping --help"));
    }
    args.check_targets()?;
    let config = args.server.from_config.as_deref().map(|file| net::as_real_user(|| request::read(&args, file)));
    let config = config.transpose()?;
    let family = request::family(&args, config.as_ref().and_then(Config::family))?;
    let options = request::expected_options(&args, family)?;
    let request = request::new(&args, family, &options);
    let plan = {
        let context = PlanContext::gather(&request, &*env.network)?;
        match &config {
            Some(config) => subnets::plan(&context, config)?,
            None => plan::plan(&context)?,
        }
    };
    let expectations = request::expectations(&args, family, &plan, options)?;
    let (count, interval) = (args.wait.count.unwrap_or(1), args.wait.interval);
    let rounds = Rounds { expectations: &expectations, count, interval };
    rounds.run(&plan, request::style(&args, &expectations), env)
}
