//! The servers that are asked, looked for again while the program waits.

use std::path::Path;
use std::time::Duration;

use super::NAME;
use super::args::Args;
use crate::cli::args::servers::Traces;
use crate::control::Deadline;
use crate::env::Env;
use crate::error::Result;
use crate::fleet::{self, Board, ServerEndpoint};
use crate::fs::version::FileVersion;
use crate::inspect::{self, Questions, Scope};
use crate::text::OneLine;

/// The servers of this host are looked for at most once in this time.
const PAUSE: Duration = Duration::from_secs(30);

/// What this host shows is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the servers are that the arguments mean.
pub(super) fn first(args: &Args, env: &mut Env<'_>) -> Result<Vec<ServerEndpoint>> {
    let places = args.asked.servers.places(NAME, env)?;
    Ok(mark(named(places), args, env))
}

/// What is known of where they are.
#[derive(Debug, Default)]
pub(super) struct Lookout {
    /// When those of this host were last looked for.
    at: Duration,
    /// What decided then where they are: the configurations are read again when that is different.
    traces: Option<Traces>,
    /// Whether configurations cannot be used then: what is missing is not known.
    has_faults: bool,
    /// The file of servers as it was last read.
    file: Option<FileVersion>,
}

impl Lookout {
    /// Looks for them again, if they may be elsewhere by now.
    pub(super) fn look(&mut self, args: &Args, board: &mut Board, env: &mut Env<'_>) {
        match args.asked.servers.file() {
            Some(file) => self.reread(file, args, board, env),
            None => self.search(args, board, env),
        }
    }

    /// Reads a file of servers that was changed. Where it is wrong, the servers of before stay.
    fn reread(&mut self, file: &Path, args: &Args, board: &mut Board, env: &mut Env<'_>) {
        let now = FileVersion::of(file);
        if now == self.file {
            return;
        }
        let is_first = self.file.is_none();
        self.file = now;
        match args.asked.servers.find(env) {
            Ok((places, remarks)) => {
                // They were printed at the start.
                remarks.iter().filter(|_| !is_first).for_each(|remark| say(remark, env));
                board.replace(named(places)).unwrap_or_else(|error| say(&error.to_string(), env));
            }
            Err(error) => say(&error.to_string(), env),
        }
    }

    fn search(&mut self, args: &Args, board: &mut Board, env: &Env<'_>) {
        let now = env.clock.monotonic();
        if now < self.at + PAUSE || !args.asked.servers.are_here() || !board.may_have_moved() {
            return;
        }
        self.at = now;
        let traces = args.asked.servers.traces();
        if self.traces.as_ref() == Some(&traces) && !self.has_faults {
            return;
        }
        self.traces = Some(traces);
        // Where none is found, those of before stay.
        let Ok((mut places, _)) = args.asked.servers.find(env) else { return };
        board.keep(&mut places);
        self.has_faults = places.iter().any(|place| place.fault.is_some());
        let mut places = named(places);
        if !board.recall(&mut places) {
            places = mark(places, args, env);
            board.expect(&mut places);
        }
        // A place that cannot be asked is looked for again.
        drop(board.replace(places));
    }
}

/// A line for the log of the service.
fn say(text: &str, env: &mut Env<'_>) {
    // A stream that is gone takes no line.
    let _ = writeln!(env.stderr, "{NAME}: {}", OneLine(text));
}

/// A single server needs no label.
fn named(mut places: Vec<ServerEndpoint>) -> Vec<ServerEndpoint> {
    if let [only] = &mut places[..] {
        only.server = None;
    }
    places
}

/// Marks the daemons of this host that need not run.
fn mark(mut places: Vec<ServerEndpoint>, args: &Args, env: &Env<'_>) -> Vec<ServerEndpoint> {
    if args.asked.servers.is_this_host()
        && let Some(host) =
            inspect::examine(Scope::of_this_host(env.var, PATIENCE / 4), questions(env), Deadline::after(PATIENCE))
    {
        fleet::mark_optional(&mut places, &host);
    }
    places
}

fn questions(env: &Env<'_>) -> Questions {
    Questions {
        version: false,
        configuration: false,
        traffic: false,
        time: PATIENCE / 4,
        credentials: None,
        known: Vec::new(),
        now: env.clock.now(),
    }
}
