//! Waiting for Prometheus.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::args::Args;
use super::places::Lookout;
use super::{GRACE, NAME, options};
use crate::control::Deadline;
use crate::env::{Env, signals};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fleet::{Board, Moment};
use crate::output::metrics;
use crate::serve::{Listener, Serving, Site};

const FRONT: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>kea-metrics</title></head>\n\
    <body><h1>kea-metrics</h1><p>Statistics of Kea for Prometheus: <a href=\"/metrics\">/metrics</a></p></body></html>\n";

/// Serves until a signal ends the program.
pub(super) fn run(address: SocketAddr, args: &Args, board: &mut Board, env: &mut Env<'_>) -> Result<Exit> {
    let site = Site {
        path: "/metrics",
        media_type: "text/plain; version=0.0.4; charset=utf-8",
        front: FRONT.to_owned(),
        patience: args.asked.timeout,
    };
    let listener = Listener::open(address)?;
    signals::ignore_hangup();
    // A stream that is gone takes no line.
    let _ = writeln!(env.stderr, "{NAME}: serving http://{}/metrics", listener.address());
    let serving = Serving::start(listener, site)?;
    let options = Arc::new(options(args, None));
    let mut lookout = Lookout::default();
    while let Some(request) = serving.next() {
        lookout.look(args, board, env);
        let moment = Moment { now: env.clock.now(), monotonic: env.clock.monotonic() };
        let time = time(args.asked.timeout, request.patience);
        let asked_for = Deadline::after(time.max(LEAST_ASKED).min(args.asked.timeout));
        let expected = board.ask(moment, asked_for, args.served.min_interval);
        let (waited_for, options) = (Deadline::after(time + GRACE.min(time / 4)), Arc::clone(&options));
        let answer = move || {
            let readings = expected.wait(waited_for);
            request.reply(Arc::new(move |out| metrics::write(&readings, &options, out)));
        };
        // Each client waits on its own; where there are too many threads, it gets no answer.
        drop(thread::Builder::new().name("scrape".into()).spawn(answer));
    }
    Err(Error::new("serve over HTTP", "the server has ended"))
}

/// Daemons have at least so long, also for a client that is less patient: others get these answers too.
const LEAST_ASKED: Duration = Duration::from_secs(2);

/// A client waits at least so long, whatever it says.
const LEAST: Duration = Duration::from_millis(250);

/// The time for all answers: less than the client waits.
fn time(own: Duration, patience: Option<Duration>) -> Duration {
    let reserve = Duration::from_millis(500);
    let of_client = patience.map(|patience| patience.saturating_sub(reserve).max(patience / 2).max(LEAST));
    own.min(of_client.unwrap_or(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_before_the_client_gives_up() {
        let seconds = Duration::from_secs_f64;
        assert_eq!(time(seconds(8.0), None), seconds(8.0));
        assert_eq!(time(seconds(8.0), Some(seconds(10.0))), seconds(8.0));
        assert_eq!(time(seconds(8.0), Some(seconds(5.0))), seconds(4.5));
        assert_eq!(time(seconds(8.0), Some(seconds(0.6))), seconds(0.3));
        assert_eq!(time(seconds(8.0), Some(seconds(0.0))), seconds(0.25));
        assert_eq!(time(seconds(0.1), Some(seconds(0.0))), seconds(0.1));
    }
}
