//! kea-metrics: every statistic of Kea for Prometheus.

use std::io::{self, BufWriter, Write};

use clap::CommandFactory as _;

use crate::control::Deadline;
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fleet::{self, Fleet, Moment, Place, ServersFile};
use crate::installation::LiveFiles;
use crate::output::metrics::{self, Options};
use crate::stats::reading::Reading;
use crate::text::OneLine;

mod args;
mod listen;

use args::Args;

const NAME: &str = "kea-metrics";

/// The mode of a file of metrics, which other users read.
const METRICS_MODE: u32 = 0o644;

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
    args.check()?;
    let fleet = Fleet::new(places(&args, env)?, args.wanted())?;
    match args.served.listen {
        Some(address) => listen::run(address, &args, &fleet, env),
        None => once(&args, &fleet, env),
    }
}

/// The servers to ask.
fn places(args: &Args, env: &mut Env<'_>) -> Result<Vec<Place>> {
    let asked = &args.asked;
    let file = asked.servers.as_deref().map(|path| ServersFile::read(path, env.var)).transpose()?;
    for remark in file.iter().flat_map(|file| &file.remarks) {
        // A stream that is gone leaves the exit status.
        let _ = writeln!(env.stderr, "{NAME}: {}", OneLine(remark));
    }
    if !asked.server.is_empty() {
        let places = asked.server.iter().map(|text| server(text, file.as_ref()));
        return Ok(fleet::named(places.collect::<Result<_>>()?));
    }
    if let Some(file) = file {
        return Ok(fleet::named(file.places));
    }
    let mut places = Vec::new();
    for file in &asked.config {
        places.extend(fleet::configured(file, env.var)?);
    }
    if asked.config.is_empty() {
        let (found, errors) = fleet::of_this_host(env.var);
        if let (true, Some(error)) = (found.is_empty(), errors.first()) {
            return Err(error.clone());
        }
        for error in errors {
            // A stream that is gone leaves the exit status.
            let _ = writeln!(env.stderr, "{NAME}: {error}");
        }
        places = found;
    }
    if places.is_empty() {
        return Err(Error::new("find Kea's servers", "this host has no configuration of Kea in a usual place")
            .hint("-c names one, --server a control socket or URL"));
    }
    Ok(fleet::named_if_alike(places))
}

/// A server as it is typed: a name in the file, a path or a URL.
fn server(text: &str, file: Option<&ServersFile>) -> Result<Place> {
    if let Some(place) = file.and_then(|file| file.named(text)) {
        return Ok(place.clone());
    }
    let attempted = || format!("--server {text}");
    if !text.contains('/') && !text.contains(':') {
        let cause = if file.is_some() { "no server of the file has this name" } else { "no path and no URL" };
        return Err(Error::new(attempted(), cause).hint("--servers names the file of servers; ./NAME is a socket"));
    }
    text.parse().map(Place::at).map_err(|cause: String| Error::new(attempted(), cause))
}

/// Asks once, and writes what was answered.
fn once(args: &Args, fleet: &Fleet, env: &mut Env<'_>) -> Result<Exit> {
    let moment = Moment { now: env.clock.now(), monotonic: env.clock.monotonic() };
    let readings = fleet.poll(moment, Deadline::after(args.asked.timeout));
    let is_file = args.written.output.as_os_str() != "-";
    let options = options(args, is_file.then_some(moment.now));
    if is_file {
        let mut file = OutFile::create(&args.written.output, &LiveFiles::of_this_host(env.var))?.mode(METRICS_MODE);
        let failed = |cause: io::Error| Error::io(format!("write {}", args.written.output.display()), &cause);
        metrics::write(&readings, &options, &mut file).map_err(failed)?;
        file.commit()?;
    } else {
        let mut out = BufWriter::with_capacity(1 << 16, &mut *env.stdout);
        let written = metrics::write(&readings, &options, &mut out).and_then(|()| out.flush());
        written.map_err(|cause| Error::io("write standard output", &cause))?;
    }
    Ok(exit(&readings))
}

fn options(args: &Args, last_run: Option<i64>) -> Options {
    Options { names: args.names(), subnets: !args.written.no_subnets, pools: !args.written.no_pools, last_run }
}

/// Whether all daemons answered, some or none.
fn exit(readings: &[Reading]) -> Exit {
    let up = readings.iter().filter(|reading| reading.answers.is_some()).count();
    match up {
        0 => Exit::Unknown,
        _ if up < readings.len() => Exit::No,
        _ => Exit::Done,
    }
}
