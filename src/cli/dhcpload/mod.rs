//! dhcpload: how many clients a DHCP server can serve, and how long they wait.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::CommandFactory as _;

use self::args::Args;
use self::capture::Capture;
use self::conclusion::Conclusion;
use self::place::Chosen;
use self::watched::Watched;
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fs::path::is_same_file;
use crate::installation::LiveFiles;
use crate::load::{Clients, Exchange, Generator, LoadSpec, Surroundings, interval_log};
use crate::output::load::Heading;

mod args;
mod capture;
mod clients;
mod conclusion;
mod place;
mod watched;

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
///
/// # Errors
/// The load is refused, or could not be made.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let exchange = args.exchange()?;
    args.check_expectations(exchange)?;
    let clients = clients::clients(&args)?;
    clients::check_limits(&args, &clients)?;
    let chosen = place::choose(&args, exchange, &clients, env.network)?;
    if let Err(refused) = place::check_network(&args, &chosen.interface, env.network) {
        // A user who may not open the link is not helped by another option.
        env.network.open_channel(&chosen.link)?;
        return Err(refused);
    }
    let heading = Heading { exchange: clients::title(&args), target: chosen.words.clone() };
    let generator = generator(&args, exchange, clients, &chosen, env)?;
    let files = Files::open(&args, chosen.link.port, env)?;
    let server = env.network.server_sockets(args.target.server_netns.as_deref(), args.family())?;
    let if_silent = place::if_silent(&args, &chosen, server.is_some());
    let mut channel = env.network.open_channel(&chosen.link)?;
    let mut capture = files.capture;
    capture.epoch = channel.epoch();
    let is_watched = env.stderr_is_terminal && !args.output.quiet;
    let mut watched = Watched::new(generator, capture, is_watched.then_some(&mut *env.stderr));
    let driven = channel.drive(&mut watched);
    let (mut generator, capture) = watched.finish();
    let link =
        driven.as_ref().err().map(ToString::to_string).or_else(|| place::fault(&chosen.interface.name, env.network));
    let server_drops = server.and_then(|server| server.drops());
    let (drops, cpu) = (channel.drops(), channel.cpu());
    let report = generator.report(Surroundings { drops, cpu, link, server_drops, if_silent });
    let conclusion = Conclusion::new(&args, &report, env.network);
    // The report is written whatever becomes of the files.
    conclusion.write(&args, &heading, &report, env)?;
    driven?;
    capture.finish()?;
    write_histograms(files.histograms, &generator, report.length)?;
    conclusion.exit(&report, env)
}

/// The load that the arguments describe.
fn generator(
    args: &Args,
    exchange: Exchange,
    clients: Clients,
    chosen: &Chosen,
    env: &mut Env<'_>,
) -> Result<Generator> {
    let spec = LoadSpec {
        family: args.family(),
        exchange,
        mix: args.load.mix,
        place: chosen.place.clone(),
        steps: args.steps(clients.count()),
        first_clients: clients::first(args, &clients),
        clients,
        timeout: args.load.timeout,
        keeps_leases: args.load.keep_leases,
        is_storm: args.load.storm,
        bears_loss: args.load.find_max.is_some() || args.load.storm,
        options: args.message.options.clone(),
        profile: args.message.profile.clone(),
        asks_for_broadcast: args.message.broadcast,
        seed: env.random_number()?,
    };
    Generator::new(spec, args.criteria())
}

/// Files to be written, opened before the link costs the privileges.
struct Files {
    capture: Capture,
    histograms: Option<OutFile>,
}

impl Files {
    fn open(args: &Args, port: u16, env: &Env<'_>) -> Result<Self> {
        let output = &args.output;
        let named = [&output.pcap, &output.hlog, &args.message.mac_file];
        let named: Vec<_> = named.into_iter().flatten().collect();
        for (at, path) in named.iter().enumerate() {
            if named[..at].iter().any(|other| other == path || is_same_file(other, path)) {
                let cause = "another option names the same file";
                return Err(Error::new(format!("write {}", path.display()), cause).hint("name another file"));
            }
        }
        let create = |path: &PathBuf| OutFile::create_with_privileges(path, &LiveFiles::of_this_host(env.var));
        let histograms = output.hlog.as_ref().map(create).transpose()?;
        Ok(Self { capture: Capture::open(output.pcap.as_deref(), port, env.var)?, histograms })
    }
}

fn write_histograms(file: Option<OutFile>, generator: &Generator, length: Duration) -> Result<()> {
    let Some(mut file) = file else { return Ok(()) };
    let log = interval_log(generator.histograms(), length)?;
    file.write_all(&log).map_err(|cause| Error::io("write the histograms", &cause))?;
    file.commit()
}
