//! The servers that are asked, looked for again while the program waits.

use std::time::Duration;

use super::NAME;
use super::args::Args;
use crate::control::Deadline;
use crate::env::Env;
use crate::error::Result;
use crate::fleet::{self, Board, ServerEndpoint};
use crate::inspect::{self, Questions, Scope};

/// The servers of this host are looked for at most once in this time.
const PAUSE: Duration = Duration::from_secs(30);

/// What this host shows is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the servers are that the arguments mean.
pub(super) fn first(args: &Args, env: &mut Env<'_>) -> Result<Vec<ServerEndpoint>> {
    let places = args.asked.servers.places(NAME, env)?;
    Ok(mark(named(places), args, env))
}

/// When they were last looked for.
#[derive(Debug, Default)]
pub(super) struct Lookout(Duration);

impl Lookout {
    /// Looks for them again, if they may be elsewhere by now.
    pub(super) fn look(&mut self, args: &Args, board: &mut Board, env: &Env<'_>) {
        let now = env.clock.monotonic();
        if now < self.0 + PAUSE || !args.asked.servers.are_here() || !board.may_have_moved() {
            return;
        }
        self.0 = now;
        // Where none is found, those of before stay.
        let Ok((places, _)) = args.asked.servers.find(env) else { return };
        let mut places = named(places);
        let are_known = board.recall(&mut places);
        // A place that cannot be asked is looked for again.
        drop(board.replace(if are_known { places } else { mark(places, args, env) }));
    }
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
