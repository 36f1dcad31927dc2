//! What our own programs say of the daemons: the loggers, and whether each serves.

use super::running::FAIR;
use super::step::NO_TIME;
use super::{Gathered, Request};
use crate::config::Daemon;
use crate::control::Deadline;
use crate::health::State;
use crate::health::kea::facts::{Control, Instance};
use crate::health::kea::{self, Judgement, Thresholds};
use crate::health::loggers::judge;
use crate::inspect::logging::Found;
use crate::inspect::{self, Questions, Scope};
use crate::output::loggers;
use crate::output::status::{self, Findings, StatusFormat, StatusOptions};

/// Columns of tables.
const WIDTH: usize = 100;

/// The loggers of all daemons, and what is wrong with them.
pub(super) fn loggers(found: &Found, gathered: &mut Gathered) {
    if found.sites.is_empty() {
        return;
    }
    let judged = judge(found.sites.clone());
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = loggers::write(&judged, Some(WIDTH), &mut text);
    gathered.own("loggers.txt", "kea-loggers", &text);
}

/// Whether each daemon serves; those that do not run and need not.
pub(super) fn status(request: &Request, gathered: &mut Gathered, deadline: Deadline) -> Vec<Daemon> {
    let patience = deadline.left().unwrap_or_default() * 9 / 10;
    let variable = |name: &'static str| Some((name, (request.variable())(name)?));
    let scope = Scope {
        root: request.root.clone(),
        named: Vec::new(),
        keactrl: None,
        variables: inspect::VARIABLES.into_iter().filter_map(variable).collect(),
        patience: patience / 2,
        details: true,
        parsed: inspect::Parsed::default(),
    };
    let questions = Questions {
        version: true,
        configuration: true,
        traffic: false,
        time: patience,
        credentials: None,
        known: Vec::new(),
        now: request.now,
    };
    let Some(mut machine) = inspect::examine(scope, questions, Deadline::after(patience)) else {
        gathered.missing("status.json", "the daemons were not examined in time");
        return Vec::new();
    };
    excuse(&mut machine.instances, gathered);
    let judgements = kea::evaluate(&machine, &Thresholds::default(), request.now);
    for instance in &mut machine.instances {
        if let Control::Answered { configuration, .. } = &mut instance.control {
            // It is a file of its own.
            *configuration = None;
        }
    }
    let at_rest = at_rest(&machine.instances, &judgements);
    let findings = Findings { machine: &machine, judgements: &judgements, now: request.now };
    for (path, format) in [("status.json", StatusFormat::Json), ("status.txt", StatusFormat::Table)] {
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = status::write(format, &findings, StatusOptions { color: false, width: Some(WIDTH) }, &mut text);
        if text.is_empty() {
            text.extend_from_slice(b"No daemon of Kea is enabled or runs here.\n");
        }
        gathered.own(path, "keactrl-status", &text);
    }
    at_rest
}

/// Daemons of which no instance runs or needs to run, as far as can be seen.
fn at_rest(instances: &[Instance], judgements: &[Judgement]) -> Vec<Daemon> {
    let rests =
        |(it, judged): (&Instance, &Judgement)| it.process.is_none() && !it.is_expected() && judged.state == State::Ok;
    let of = |daemon: Daemon| instances.iter().zip(judgements).filter(move |(it, _)| it.daemon == daemon);
    Daemon::ALL.into_iter().filter(|daemon| of(*daemon).count() > 0 && of(*daemon).all(rests)).collect()
}

/// A daemon that was given less time than a healthy one may take counts as one that was not asked.
fn excuse(instances: &mut [Instance], gathered: &mut Gathered) {
    for instance in instances {
        if matches!(instance.control, Control::NoAnswer { waited, .. } if waited < FAIR.as_secs_f64()) {
            gathered.missing(format!("status of {}", instance.daemon.process_name()), NO_TIME);
            instance.control = Control::Unasked;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::kea::facts::{Expected, Host};

    #[test]
    fn a_server_that_need_not_run_leaves_no_gap() {
        let instance = |daemon, expected| Instance { expected, ..Instance::new(daemon, "one") };
        let enabled = instance(Daemon::Dhcp4, Some(Expected::Unit));
        let installed = instance(Daemon::Dhcp6, Some(Expected::Installed));
        let machine = Host { instances: vec![enabled, installed, instance(Daemon::Ddns, None)], ..Host::default() };
        let judgements = kea::evaluate(&machine, &Thresholds::default(), 0);
        let at_rest = at_rest(&machine.instances, &judgements);
        assert!(!at_rest.contains(&Daemon::Dhcp4) && at_rest.contains(&Daemon::Ddns), "{at_rest:?}");
        let mut gathered = Gathered::default();
        for name in ["kea-dhcp4", "kea-dhcp-ddns"] {
            gathered.missing(super::super::gathered::answers_of(name), "not running");
        }
        gathered.expect_no_answers(&at_rest);
        assert_eq!(gathered.missing.iter().map(|it| it.is_meant).collect::<Vec<_>>(), [false, true]);
    }
}
