//! What is the same for all daemons of one examination.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::Duration;

use super::ask::Around;
use super::cores::Kept;
use super::parsed::Parsed;
use super::root::Root;
use super::{Questions, Scope, process};
use crate::control::Deadline;
use crate::health::kea::facts::Host;

/// The questions, and what is known of the machine.
pub(super) struct Task {
    /// The machine.
    pub root: Root,
    /// What to ask.
    pub questions: Questions,
    /// Variables of our own environment.
    pub variables: HashMap<&'static str, OsString>,
    /// The daemons found.
    pub around: Around,
    /// Configurations that were parsed for another look.
    pub parsed: Parsed,
    deadline: Deadline,
    cores: OnceLock<Kept>,
}

impl Task {
    pub(super) fn new(scope: Scope, mut questions: Questions, machine: &Host, deadline: Deadline) -> Self {
        // What comes after the answers takes little; who hangs must not take the time to say so.
        questions.time = deadline.left().unwrap_or_default() * 4 / 5;
        let processes = || machine.instances.iter().filter_map(|it| Some((it.daemon, it.process.as_ref()?)));
        let around = Around {
            pids: processes().map(|(_, process)| process.pid).collect(),
            processes: processes().map(|(daemon, process)| (daemon, process.pid, process.uid)).collect(),
            is_hidden: machine.hidden.is_some() || process::may_be_outside(&scope.root),
            units_are_unknown: machine.units_are_unknown,
        };
        Self {
            root: scope.root,
            questions,
            variables: scope.variables,
            around,
            parsed: scope.parsed,
            deadline,
            cores: OnceLock::new(),
        }
    }

    /// Core files, read once for all daemons.
    pub(super) fn cores(&self) -> &Kept {
        self.cores.get_or_init(|| Kept::list(&self.root))
    }

    /// The time limit of another program now, so that the facts known so far can still be reported.
    pub(super) fn rest(&self) -> Duration {
        self.deadline.left().unwrap_or_default() * 3 / 4
    }
}
