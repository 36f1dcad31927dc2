//! Processes that have ended and still have a number, since their parent process does not wait for them: under a simple
//! entrypoint of a container, one more after each restart of Kea.

use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{PidFile, Process};

/// A process that has ended beside another of the same daemon that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zombie {
    /// Its number.
    pub pid: u32,
    /// The process that runs.
    pub successor: u32,
}

/// Takes out of `running` what has ended where the same daemon runs. Of which configuration it was is not known any more, but
/// what a pid file names was not ended in order, and nothing has replaced it.
pub(super) fn set_apart(
    root: &Root,
    running: &mut Vec<(Daemon, Process)>,
    pid_files: &[(Daemon, PidFile)],
) -> Vec<Zombie> {
    let is_named = |process: &Process| pid_files.iter().any(|(_, file)| file.pid == Some(process.pid.into()));
    let successor = |daemon: Daemon, process: &Process| {
        let is_it = |(other, it): &&(Daemon, Process)| {
            *other == daemon && !it.has_ended() && it.may_be_kea() && is_in_same_namespace(root, it, process)
        };
        running.iter().find(is_it).map(|(_, it)| it.pid)
    };
    let ended = running.iter().filter(|(_, process)| process.has_ended() && !is_named(process));
    let zombies: Vec<Zombie> = ended
        .filter_map(|(daemon, process)| Some(Zombie { pid: process.pid, successor: successor(*daemon, process)? }))
        .collect();
    running.retain(|(_, process)| zombies.iter().all(|zombie| zombie.pid != process.pid));
    zombies
}

/// Whether two processes are in the same pid namespace, as far as is known.
fn is_in_same_namespace(root: &Root, one: &Process, other: &Process) -> bool {
    let namespace = |process: &Process| root.link(format!("/proc/{}/ns/pid", process.pid)).ok();
    match (namespace(one), namespace(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.inner_pid.is_some() == other.inner_pid.is_some(),
    }
}
