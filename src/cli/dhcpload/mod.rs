//! dhcpload: how much a DHCP server takes, and how long its clients wait.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::CommandFactory as _;

use self::args::{Args, NAME};
use self::capture::Capture;
use self::network::Real;
use self::watched::Watched;
use crate::env::outfile::OutFile;
use crate::env::{Env, files};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::installation::LiveFiles;
use crate::load::{Clients, Exchange, FIRST_HARDWARE, Generator, LoadSpec, Missed, Report, Stop, interval_log};
use crate::output::load::{self as output, Format, Heading, Style};
use crate::wire::Mac;

mod args;
mod capture;
mod network;
mod place;
mod watched;

pub use self::network::{Channel, Network};

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
    run_with(env, &mut Real)
}

/// Runs the program in a network of the caller's.
///
/// # Errors
/// The load is refused, or could not be made.
pub fn run_with(env: &mut Env<'_>, network: &mut dyn Network) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let exchange = args.exchange()?;
    let clients = clients(&args)?;
    check_limits(&args, &clients)?;
    let chosen = place::choose(&args, exchange, &clients, network)?;
    let heading = Heading { exchange: title(&args), clients: clients.count(), target: chosen.words };
    let mut seed = [0; 8];
    (env.random)(&mut seed).map_err(|cause| Error::io("make a random number", &cause))?;
    let steps = args.steps(clients.count());
    let spec = LoadSpec {
        family: args.family(),
        exchange,
        mix: args.load.mix,
        place: chosen.place,
        clients,
        steps,
        timeout: args.load.timeout,
        keeps_leases: args.load.keep_leases,
        is_storm: args.load.storm,
        bears_loss: args.load.find_max.is_some() || args.load.storm,
        options: args.message.options.clone(),
        profile: args.message.profile.clone(),
        asks_for_broadcast: args.message.broadcast,
        seed: u64::from_be_bytes(seed),
    };
    let criteria = args.load.find_max.iter().flat_map(|list| list.0.clone()).collect();
    let generator = Generator::new(spec, criteria)?;
    let files = Files::open(&args, chosen.link.port, env)?;
    let mut channel = network.open(&chosen.link)?;
    let mut capture = files.capture;
    capture.epoch = channel.epoch();
    let is_watched = env.stderr_is_terminal && !args.output.quiet;
    let mut watched = Watched::new(generator, capture, is_watched.then_some(&mut *env.stderr));
    let driven = channel.drive(&mut watched);
    let (mut generator, capture) = watched.finish();
    let report = generator.report(channel.drops(), channel.cpu());
    let missed = missed(&args, &report);
    // The report is written whatever becomes of the files.
    write(&args, &heading, &report, &missed, env)?;
    driven?;
    capture.finish()?;
    write_histograms(files.histograms, &generator, report.length)?;
    conclude(&args, &report, &missed, network, env)
}

/// Files to be written, opened before the link costs the privileges.
struct Files {
    capture: Capture,
    histograms: Option<OutFile>,
}

impl Files {
    fn open(args: &Args, port: u16, env: &Env<'_>) -> Result<Self> {
        let output = &args.output;
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

/// What is expected and does not hold.
fn missed(args: &Args, report: &Report) -> Vec<Missed> {
    let expected = args.output.expect.iter().flat_map(|list| &list.0);
    expected.filter_map(|it| it.missed(report)).collect()
}

fn write(args: &Args, heading: &Heading, report: &Report, missed: &[Missed], env: &mut Env<'_>) -> Result<()> {
    let style = Style { width: super::args::width::of(None, env).unwrap_or(80), ascii: !env.has_utf8() };
    let text = match args.output.format {
        Format::Text => output::text(heading, report, missed, style),
        Format::Json => output::json(heading, report, missed),
        Format::Csv => output::csv(report),
    };
    let written = env.stdout.write_all(text.as_bytes()).and_then(|()| env.stdout.flush());
    written.map_err(|cause| Error::io("write the report", &cause))
}

/// The exit status, and on stderr what a script must know that reads only that.
fn conclude(args: &Args, report: &Report, missed: &[Missed], network: &dyn Network, env: &mut Env<'_>) -> Result<Exit> {
    let leaves = report.leases.left > 0 && !report.leases.are_kept;
    if leaves {
        // A stream that is gone leaves the exit status.
        let _ = writeln!(
            env.stderr,
            "{NAME}: {} of clients may be left at the server",
            crate::text::count(report.leases.left, "lease")
        );
    }
    if let Some(Stop::UnlistedServer { identity, source }) = &report.stop {
        return Err(Error::new("load", format!("stopped: {identity} ({}) answered, which is not listed", source.ip()))
            .hint(format!("-s {identity} lists it, -s all means whichever answers")));
    }
    if !report.invalid.is_empty() {
        let _ = writeln!(env.stderr, "{NAME}: the figures do not count: {}", report.invalid.join("; "));
    }
    let is_search = args.load.find_max.is_some();
    // A search goes on until there is loss.
    let bears_loss = is_search || args.output.expect.is_some();
    let is_bad =
        leaves || !missed.is_empty() || (!bears_loss && report.has_loss()) || (is_search && report.found.is_none());
    Ok(match &report.stop {
        Some(Stop::Interrupted) => Exit::Signal(network.signal()),
        _ if !report.invalid.is_empty() => Exit::Unknown,
        Some(Stop::Loss) => Exit::No,
        _ if is_bad => Exit::No,
        _ => Exit::Done,
    })
}

/// Who the clients are.
fn clients(args: &Args) -> Result<Clients> {
    let mac = |octets: &[u8], what: &str| {
        let mac = octets.try_into().map(Mac).ok().filter(|mac| !mac.is_group());
        mac.ok_or_else(|| Error::new(what, "this is no hardware address of one Ethernet interface"))
    };
    if let Some(path) = &args.message.mac_file {
        let attempted = format!("read {}", path.display());
        let mut text = String::new();
        let read = files::open(path).and_then(|file| file.take(MOST_FILE).read_to_string(&mut text));
        read.map_err(|cause| Error::io(attempted.clone(), &cause))?;
        return listed(&text).map(Clients::Listed).map_err(|cause| Error::new(attempted, cause));
    }
    let first = match &args.message.mac_base {
        Some(typed) => mac(&typed.0, "--mac-base")?,
        None => FIRST_HARDWARE,
    };
    Ok(Clients::From { first, count: args.load.clients })
}

/// More than a million addresses are not read.
const MOST_FILE: u64 = 32 << 20;

/// The hardware addresses of a file; empty lines and comments do not count.
fn listed(text: &str) -> Result<Vec<Mac>, String> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default().trim()));
    let read = |(number, line): (usize, &str)| {
        let mac = line.parse::<Mac>().ok().filter(|mac| !mac.is_group());
        mac.ok_or_else(|| format!("line {number} is no hardware address of one Ethernet interface"))
    };
    let all = lines.filter(|(_, line)| !line.is_empty()).map(read).collect::<Result<Vec<_>, _>>()?;
    if all.is_empty() { Err("there is no hardware address in it".into()) } else { Ok(all) }
}

fn check_limits(args: &Args, clients: &Clients) -> Result<()> {
    let load = &args.load;
    let rate = args.steps(clients.count()).rate().unwrap_or_default();
    // A storm is limited by the number of clients.
    if !load.storm && rate > load.limit_rate {
        return Err(Error::new(
            format!("{rate} exchanges per second"),
            format!("more than {} are refused", load.limit_rate),
        )
        .hint(format!("if the server and the network bear it: --limit-rate {rate}")));
    }
    let count = clients.count();
    if count > load.limit_clients {
        let cause = format!("more than {} are refused: each takes an address", load.limit_clients);
        return Err(Error::new(format!("{count} clients"), cause).hint(format!("--limit-clients {count}")));
    }
    Ok(())
}

/// The exchanges in words.
fn title(args: &Args) -> String {
    let exchange = args.exchange().map(Exchange::name).unwrap_or_default();
    match args.load.mix {
        None => exchange.to_owned(),
        Some(mix) => {
            let shares = [("renew", mix.renew), ("rebind", mix.rebind), ("release", mix.release)];
            let shares = shares.iter().filter(|(_, share)| *share > 0).map(|(name, share)| format!("{name} {share}"));
            std::iter::once(format!("{exchange} {}", mix.new)).chain(shares).collect::<Vec<_>>().join(" : ")
        }
    }
}
