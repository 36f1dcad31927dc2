//! A server that is down where another one of its kind runs with another configuration: does that run in its place?
//!
//! It does if both have the same files, or if the one that is down has left nothing: its configuration came with a package.
//! What has a pid file, a socket, leases or a log of its own has run for itself, and is missed.

use crate::health::kea::facts::{Control, Host, Instance, Meaning};

/// The machine without the servers that others replace.
pub(super) fn without(mut machine: Host) -> Host {
    let others: Vec<Instance> = machine.instances.iter().filter(|it| it.process.is_some()).cloned().collect();
    machine.instances.retain(|instance| {
        !instance.may_be_replaced || {
            let same = others.iter().filter(|other| other.daemon == instance.daemon);
            has_left(instance, &same.collect::<Vec<_>>())
        }
    });
    machine
}

/// Whether it has left something that is none of the others'.
fn has_left(instance: &Instance, others: &[&Instance]) -> bool {
    let has_pid_file = instance.pid_files.iter().any(|file| !matches!(file.meaning, Meaning::Current));
    let has_socket = matches!(&instance.control, Control::Refused { address } if address.starts_with('/'));
    let is_own_lease_file = instance.leases.as_ref().filter(|leases| leases.size.is_some()).is_some_and(|leases| {
        others.iter().all(|other| other.leases.as_ref().is_some_and(|theirs| theirs.path != leases.path))
    });
    let is_own_log =
        instance.log.as_ref().filter(|log| log.fault.is_none() && !log.is_empty).is_some_and(|log| {
            others.iter().all(|other| other.log.as_ref().is_some_and(|theirs| theirs.path != log.path))
        });
    // What answers at its socket is one of the others.
    let is_answered = instance.status().is_some();
    has_pid_file || !is_answered && (has_socket || is_own_lease_file || is_own_log)
}
