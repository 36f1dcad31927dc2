//! Runs of the program in memory, and what it knows of servers that answer as recorded ones did.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use kea_tools::cli;
use kea_tools::control::Deadline;
use kea_tools::env::screen::NoKeyboard;
use kea_tools::env::{Clock, Env};
use kea_tools::fleet::{Fleet, Leases, Moment, Place, Wanted};
use kea_tools::top::{App, Model};

use crate::control::fake::Fake;
use crate::metrics::world::{Replay, truth};

struct Fixed(i64, Instant);

impl Clock for Fixed {
    fn now(&self) -> i64 {
        self.0
    }

    fn monotonic(&self) -> Duration {
        self.1.elapsed()
    }
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program at this time.
#[allow(clippy::disallowed_methods, reason = "the program measures what passes in a run")]
pub(crate) fn run_at(now: i64, arguments: &[&str]) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let arguments = arguments.iter().map(OsString::from);
    let mut env = Env {
        args: std::iter::once("kea-top".into()).chain(arguments).collect(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stderr_is_terminal: false,
        screen: &|| None,
        keyboard: &mut NoKeyboard,
        var: &|name| match name {
            "TZ" => Some("UTC".into()),
            "LANG" => Some("C.UTF-8".into()),
            _ => None,
        },
        clock: &Fixed(now, Instant::now()),
        prompt: &mut |_| unreachable!("no password is needed"),
        random: &mut |_| unreachable!("nothing is random"),
    };
    let status = cli::run("kea-top", cli::top::run, &mut env).code();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status, stdout: text(stdout), stderr: text(stderr) }
}

/// When the servers of a release were recorded.
pub(crate) fn recorded_at(release: &str) -> i64 {
    truth(release)["dhcp4"]["now"].as_i64().unwrap()
}

/// Both servers of a release.
pub(crate) fn servers(release: &str) -> [Fake; 2] {
    [4, 6].map(|family| Replay::new(release, family).serve())
}

/// A place with a name.
pub(crate) fn place(name: &str, address: &str) -> Place {
    Place { server: Some(name.to_owned()), ..Place::at(address.parse().unwrap()) }
}

/// What is known after places were asked once.
pub(crate) fn asked(places: Vec<Place>, now: i64) -> App {
    let interval = Duration::from_secs(2);
    let names = places.iter().map(|place| (place.server.clone().unwrap(), place.guess())).collect::<Vec<_>>();
    let mut app = App::new(Model::new(names, interval));
    let wanted = Wanted {
        subnets: true,
        leases: Leases::Auto,
        pause: Duration::ZERO,
        longest_wait: interval,
        file_pause: Duration::ZERO,
        follow: true,
        keep_configuration: false,
    };
    let moment = Moment { now, monotonic: Duration::from_secs(100) };
    let rounds = Fleet::new(places, wanted).unwrap().poll_each(moment, Deadline::after(Duration::from_secs(20)));
    for (place, readings) in rounds.into_iter().enumerate() {
        app.take(place, moment, readings);
    }
    app.tick(moment);
    app
}
