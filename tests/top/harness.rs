//! Runs of the program in memory, and what it knows of servers that answer as recorded ones did.

use std::time::Duration;

use kea_tools::cli;
use kea_tools::control::Deadline;
use kea_tools::fleet::{Fleet, Leases, Moment, PollOptions, ServerEndpoint};
use kea_tools::testing::ProgramRun;
pub(crate) use kea_tools::testing::Ran;
use kea_tools::top::{App, Model};

use crate::control::fake::Fake;
use crate::metrics::harness::{Replay, truth};

/// Runs the program at this time.
pub(crate) fn run_at(now: i64, arguments: &[&str]) -> Ran {
    let program = ProgramRun { now, variables: &[("TZ", "UTC"), ("LANG", "C.UTF-8")], ..ProgramRun::default() };
    program.run("kea-top", cli::top::run, arguments)
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
pub(crate) fn place(name: &str, address: &str) -> ServerEndpoint {
    ServerEndpoint { server: Some(name.to_owned()), ..ServerEndpoint::at(address.parse().unwrap()) }
}

/// What is known after places were asked once.
pub(crate) fn asked(places: Vec<ServerEndpoint>, now: i64) -> App {
    let interval = Duration::from_secs(2);
    let names = places.iter().map(|place| (place.server.clone().unwrap(), place.guess())).collect::<Vec<_>>();
    let mut app = App::new(Model::new(names, interval));
    let wanted = PollOptions {
        subnets: true,
        leases: Leases::Auto,
        pause: Duration::ZERO,
        longest_wait: interval,
        file_pause: Duration::ZERO,
        follow: true,
        keep_configuration: false,
    };
    let moment = Moment { now, monotonic: Duration::from_secs(100) };
    let rounds = Fleet::new(places, wanted).poll_each(moment, Deadline::after(Duration::from_secs(20)));
    for (place, readings) in rounds.into_iter().enumerate() {
        app.take(place, moment, readings);
    }
    app.tick(moment);
    app
}
