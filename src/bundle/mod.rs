//! One file for a support ticket: configurations, logs, versions, states and leases of this machine, without its secrets.
//!
//! First everything is gathered, in steps with time limits of their own, and each text loses the secrets that can be
//! recognized in it. What was recognized anywhere is then hidden in all texts, and what is about to be written is searched
//! once more: if a secret is left, no bundle is written. A part that cannot be read is listed as missing; it never ends the
//! work. Where a step that learns secrets is given up, texts that may have them are left out.

mod broken;
mod capture;
mod client_names;
mod commands;
mod config;
mod database;
mod difference;
mod file_name;
mod gathered;
mod gzip;
mod journal;
mod leases;
mod logs;
mod manifest;
mod member;
mod pack;
mod parallel;
mod pools;
mod processes;
mod report;
mod request;
mod running;
mod secret_files;
mod state;
mod step;
mod system;
mod unit_files;
mod unit_names;
mod units;
mod unlearned;
mod variables;
mod withheld;

use std::sync::Arc;

pub use gathered::{Gathered, Missing};
pub use manifest::Manifest;
pub use member::{Content, Member};
pub use pack::{About, Left, Ready, Replace, ready, ready_hidden_by, write};
pub use request::{Leases, Request, Variables};

use crate::config::Daemon;
use crate::env::network::Network;
use crate::inspect::logging::Found;
use step::{Begun, Steps};

/// Gathers everything; `network` is for a capture.
#[must_use]
pub fn gather(request: Request, network: &mut dyn Network) -> Gathered {
    let mut steps = Steps::new(request);
    let found = steps.learn("configurations", |request, gathered, _| Arc::new(config::gather(request, gathered)));
    let found = found.unwrap_or_default();
    let _ = steps.learn("units", |request, gathered, _| units::gather(request, gathered));
    let _ = steps.learn("processes", |request, gathered, _| processes::gather(request, gathered));
    if steps.request().anonymizer.is_some() {
        let daemons = Arc::clone(&found);
        steps.learn_names("names of clients", move |request, gathered, _| {
            client_names::gather(request, &daemons, gathered);
        });
    }
    // It reads the same logs meanwhile.
    let report = steps.request().logs.then(|| {
        let daemons = Arc::clone(&found);
        steps.begin("report of the logs", move |request, gathered, _| report::gather(request, &daemons, gathered))
    });
    // Where time is short, what is worth most is gathered first.
    if steps.request().logs {
        let daemons = Arc::clone(&found);
        steps.run("logs", move |request, gathered, deadline| logs::gather(request, &daemons, gathered, deadline));
    }
    let daemons = Arc::clone(&found);
    let running = steps.take("running daemons", move |request, gathered, deadline| {
        running::gather(request, &daemons, gathered, deadline)
    });
    let running = running.unwrap_or_default();
    let daemons = Arc::clone(&found);
    steps.run("differences", move |request, gathered, _| difference::gather(request, &daemons, &running, gathered));
    let daemons = Arc::clone(&found);
    steps.run("loggers", move |_, gathered, _| state::loggers(&daemons, gathered));
    let at_rest = steps.take("states of daemons", state::status).unwrap_or_default();
    steps.gathered.expect_no_answers(&at_rest);
    steps.run("system", |request, gathered, _| system::gather(request, gathered));
    if steps.request().logs {
        steps.run("journal", journal::gather);
    }
    steps.run("files that are named", logs::include);
    last(&mut steps, &found, at_rest, report);
    steps.here("capture", |request, gathered, deadline| capture::gather(request, network, gathered, deadline));
    steps.finish()
}

/// Gathers what takes long, or is known from other files too.
fn last(steps: &mut Steps, found: &Arc<Found>, at_rest: Vec<Daemon>, report: Option<Begun<()>>) {
    let daemons = Arc::clone(found);
    steps.run("pools", move |request, gathered, deadline| pools::gather(request, &daemons, gathered, deadline));
    if let Some(report) = report {
        let _ = steps.end(report);
    }
    let daemons = Arc::clone(found);
    steps.run("versions", move |request, gathered, deadline| commands::gather(request, &daemons, gathered, deadline));
    let daemons = Arc::clone(found);
    steps.run("databases", move |request, gathered, _| database::gather(request, &daemons, gathered));
    if steps.request().leases != Leases::None {
        let daemons = Arc::clone(found);
        steps.run("leases", move |request, gathered, _| leases::gather(request, &daemons, &at_rest, gathered));
    }
}
