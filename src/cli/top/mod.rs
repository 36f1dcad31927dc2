//! kea-top: live view of one or many servers.

use std::io::{BufWriter, Write as _};
use std::time::Duration;

use clap::CommandFactory as _;

use crate::config::Daemon;
use crate::control::Deadline;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fleet::{Fleet, HostWorker, Moment, ServerEndpoint};
use crate::health::State;
use crate::inspect::Scope;
use crate::net;
use crate::output::live::{Colors, FrameOptions, write_json, write_text};
use crate::top::{App, Model, Recorder, Replay};

mod args;
mod live;
mod source;

use args::{Args, TopFormat};
use source::{Record, Recording, Servers, Source};

const NAME: &str = "kea-top";

/// The time for all answers of a place.
const PATIENCE: Duration = Duration::from_secs(5);

/// The name of the server that is this host.
const THIS_HOST: &str = "this host";

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
    // Servers report their configurations with all passwords.
    env::forbid_cores();
    if !args.shown.once && (env.screen)().is_none() {
        return Err(
            Error::new("show servers live", "standard output is no terminal").hint("print an overview with --once")
        );
    }
    if let Some(path) = &args.shown.replay {
        let (mut recording, model) = Recording::open(path)?;
        let mut app = App::new(model);
        app.replay = Some(Replay::Running);
        if args.shown.once {
            let last = recording.finish(&mut app)?;
            app.without_host();
            app.tick(last.unwrap_or_default());
            return print(&args, &app, env);
        }
        return show(&args, app, Source::Recording(recording), env);
    }
    let places = args.asked.servers.places(NAME, env)?;
    let names: Vec<(String, Option<Daemon>)> = places.iter().map(name).collect();
    let record = args.shown.record.as_deref();
    let live = record.map(|_| args.asked.servers.live_files(env)).unwrap_or_default();
    let files: Vec<_> = places.iter().map(ServerEndpoint::file).collect();
    let local = || (0..files.len()).filter(|place| files[*place].is_some()).collect();
    let pairs: Vec<_> = places.iter().map(|place| place.pair.clone()).collect();
    let head = |names: &[_]| Recorder::head(names, &pairs, args.asked.interval, local());
    let record = record.map(|path| Record::create(path, &head(&names), &live)).transpose()?;
    let app = App::new(Model::new(names, args.asked.interval).with_files(files).with_pairs(pairs));
    let fleet = Fleet::new(places, args.wanted());
    if args.shown.once {
        return once(&args, &fleet, app, record, env);
    }
    // The first worker takes over the memory in which the configuration was read.
    let workers = fleet.start(PATIENCE)?;
    let servers = Servers {
        workers,
        host: host(&app, env)?,
        record,
        interval: args.asked.interval,
        next: Duration::ZERO,
        awaited: 0,
        is_host_due: false,
    };
    show(&args, app, Source::Servers(servers), env)
}

/// The name of the server at a place, and its daemon, if that is known.
fn name(place: &ServerEndpoint) -> (String, Option<Daemon>) {
    let name = match &place.server {
        Some(name) => name.clone(),
        None if place.config.is_some() => THIS_HOST.to_owned(),
        None => place.label(),
    };
    (name, place.guess())
}

fn show(args: &Args, app: App, source: Source, env: &mut Env<'_>) -> Result<Exit> {
    let look = |env: &Env<'_>| look(args, env);
    live::Live { app, source, look: &look }.run(env)
}

/// The worker that looks at this host, if servers with a configuration here are shown.
fn host(app: &App, env: &Env<'_>) -> Result<Option<HostWorker>> {
    app.model()
        .has_local_daemons()
        .then(|| HostWorker::start(Scope::of_this_host(env.var, PATIENCE / 4), PATIENCE))
        .transpose()
}

/// Asks once, and prints a frame.
fn once(args: &Args, fleet: &Fleet, mut app: App, mut record: Option<Record>, env: &mut Env<'_>) -> Result<Exit> {
    let moment = now(env);
    let rounds = fleet.poll_each(moment, Deadline::after(PATIENCE));
    for (place, readings) in rounds.into_iter().enumerate() {
        if let Some(record) = &mut record {
            record.write(place, moment, &readings)?;
        }
        app.take(place, moment, readings);
    }
    app.tick(moment);
    if let Some(host) = host(&app, env)?
        && let Some(facts) = host.ring_and_wait(moment, app.statuses(), PATIENCE / 2)
    {
        let look = app.take_host(moment, &facts.host, &facts.files, facts.load);
        if let Some(record) = &mut record {
            record.write_host(moment, &look)?;
        }
    }
    app.without_host();
    print(args, &app, env)
}

fn print(args: &Args, app: &App, env: &mut Env<'_>) -> Result<Exit> {
    let look = look(args, env);
    let mut out = BufWriter::with_capacity(1 << 16, &mut *env.stdout);
    let written = match args.shown.format {
        Some(TopFormat::Json) => write_json(app, &mut out),
        _ => write_text(app, look, &mut out),
    };
    super::unless_closed(written.and_then(|()| out.flush()))
        .map_err(|cause| Error::io("write standard output", &cause))?;
    Ok(match app.model().state() {
        State::Ok => Exit::Done,
        State::Warning | State::Critical => Exit::No,
        State::Unknown => Exit::Unknown,
    })
}

fn now(env: &Env<'_>) -> Moment {
    Moment { now: env.clock.now(), monotonic: env.clock.monotonic() }
}

/// How frames look on this terminal.
fn look(args: &Args, env: &Env<'_>) -> FrameOptions {
    let variable = |name: &str| (env.var)(name).filter(|value| !value.is_empty());
    let term = variable("TERM").map(|term| term.to_string_lossy().into_owned()).unwrap_or_default();
    let colors = match () {
        () if variable("NO_COLOR").is_some() || matches!(term.as_str(), "" | "dumb" | "vt100" | "vt220") => {
            Colors::None
        }
        () if term.contains("256color") || variable("COLORTERM").is_some() => Colors::Many,
        () => Colors::Sixteen,
    };
    let width = args.shown.width.columns(env).unwrap_or(80).clamp(1, 1000);
    let height = (env.screen)().map_or(24, |screen| screen.rows).clamp(1, 1000);
    FrameOptions {
        width: u16::try_from(width).unwrap_or(80),
        height: u16::try_from(height).unwrap_or(24),
        colors,
        is_ascii: !env.has_utf8(),
        zone: env.zone(),
    }
}
