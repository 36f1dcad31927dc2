//! kea-metrics: every statistic of Kea for Prometheus.

use std::io::{self, BufWriter, Write};
use std::time::Duration;

use clap::CommandFactory as _;

use crate::control::Deadline;
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fleet::{Board, Moment};
use crate::net;
use crate::output::metrics::{self, Options};
use crate::stats::reading::Reading;

mod args;
mod listen;
mod places;

use args::Args;

const NAME: &str = "kea-metrics";

/// The mode of a file of metrics, which other users read.
const METRICS_MODE: u32 = 0o644;

/// So long after their time daemons are waited for, as they may have answered just before.
const GRACE: Duration = Duration::from_millis(250);

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
    net::share_heap();
    let places = places::first(&args, env)?;
    let mut board = Board::new(places, args.wanted())?;
    match args.served.listen {
        Some(address) => listen::run(address, &args, &mut board, env),
        None => once(&args, &board, env),
    }
}

/// Asks once, and writes what was answered.
fn once(args: &Args, board: &Board, env: &mut Env<'_>) -> Result<Exit> {
    let output = &args.written.output;
    let is_file = output.as_os_str() != "-";
    if is_file {
        args.asked.servers.spare(output, env)?;
    } else {
        super::refuse_stdout(|| args.asked.servers.live_files(env))?;
    }
    let moment = Moment { now: env.clock.now(), monotonic: env.clock.monotonic() };
    let expected = board.ask(moment, Deadline::after(args.asked.timeout), Duration::ZERO);
    let readings = expected.wait(Deadline::after(args.asked.timeout + GRACE));
    let options = options(args, is_file.then_some(moment.now));
    if is_file {
        let mut file = OutFile::create(output, &args.asked.servers.live_files(env))?.mode(METRICS_MODE);
        let failed = |cause: io::Error| Error::io(format!("write {}", output.display()), &cause);
        metrics::write(&readings, &options, &mut file).map_err(failed)?;
        file.commit()?;
    } else {
        let mut out = BufWriter::with_capacity(1 << 16, &mut *env.stdout);
        let written = metrics::write(&readings, &options, &mut out).and_then(|()| out.flush());
        super::unless_closed(written).map_err(|cause| Error::io("write standard output", &cause))?;
    }
    if readings.is_empty() {
        return Err(Error::new("query the daemons of this host", "none of them runs, and none is expected to run")
            .hint("see keactrl-status; or name a socket or URL with --server"));
    }
    match exit(&readings) {
        Exit::Unknown => Err(Error::new("", no_answer(&readings))),
        exit => Ok(exit),
    }
}

/// Why there is nothing but `kea_up 0`.
fn no_answer(readings: &[Reading]) -> String {
    const SHOWN: usize = 3;
    let causes: Vec<_> = readings.iter().filter_map(|reading| reading.cause.as_deref()).take(SHOWN).collect();
    let more = if readings.len() > SHOWN { "; and others" } else { "" };
    format!("no daemon answered: {}{more}", causes.join("; "))
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
