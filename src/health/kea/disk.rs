//! The file systems of the lease file and of the log.
//!
//! A server that cannot write a lease grants none: clients get offers, and then no answer or a refusal. Kea 3.0 exits.

use super::facts::{Instance, LeaseFile, Space};
use super::{Finding, Verdict, logged};
use crate::config::Daemon;
use crate::health::State;

/// On a large file system, less than this is nearly full.
const LITTLE: u64 = 16 << 20;

/// On a small one, less than this fraction.
const SMALL_PART: u64 = 20;

/// Problems of the file systems that a daemon writes to.
pub(super) fn disk(instance: &Instance, now: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    let leases = instance.leases.as_ref();
    let full = leases.and_then(|leases| no_room(instance, leases));
    let is_told = full.is_some();
    findings.extend(full);
    findings.extend(unwritten(instance, now).filter(|_| !is_told));
    if let Some(leases) = leases {
        findings.extend(nearly_full(leases).filter(|_| !is_told));
        findings.extend(replaced(leases, instance.daemon));
        findings.extend(damaged(leases, instance.daemon));
    }
    findings.extend(log(instance));
    findings
}

/// Why nothing can be written to a file system.
pub(super) fn obstacle(space: &Space) -> Option<&'static str> {
    if space.is_read_only {
        Some("is mounted read-only")
    } else {
        (space.available == 0 && space.total > 0).then_some("is full")
    }
}

fn no_room(instance: &Instance, leases: &LeaseFile) -> Option<Finding> {
    let space = leases.space.as_ref()?;
    let why = obstacle(space)?;
    let id = if space.is_read_only { "disk-read-only" } else { "disk-full" };
    let line = instance.log.as_ref().and_then(|log| log.write_failed.as_ref());
    let said = line.map_or_else(String::new, |line| format!("; {}{}: {}", line.id, logged::at(line), line.text));
    let text = format!("it can grant no lease: the file system of {} {why}{said}", leases.path.display());
    Some(Finding::new(id, State::Critical, text).verdict(Verdict::NotServing))
}

/// The log says that a lease could not be written: a quota, a fault of the disk, a disk that was full, or a database that
/// takes no changes.
fn unwritten(instance: &Instance, now: i64) -> Option<Finding> {
    let log = instance.log.as_ref()?;
    let line = log.write_failed.as_ref()?;
    let said = format!("{}{}: {}", line.id, logged::at(line), line.text);
    let is_recent = logged::is_recent(log, line, now);
    if log.fails_for_one {
        let text =
            format!("it could not write the lease of a client, whose host name or other values may be why; {said}");
        return is_recent.then(|| Finding::new("lease-not-written", State::Warning, text));
    }
    if is_recent {
        let text = format!("it can grant no lease: it could not write the last one; {said}");
        return Some(Finding::new("lease-not-written", State::Critical, text).verdict(Verdict::NotServing));
    }
    let text = format!("it could not write the last lease; {said}");
    Some(Finding::new("lease-not-written", State::Warning, text))
}

/// A cleanup needs room for a second copy of the lease file.
fn nearly_full(leases: &LeaseFile) -> Option<Finding> {
    let space = leases.space.as_ref()?;
    let path = leases.path.display();
    if space.available_files == Some(0) {
        let text =
            format!("the file system of {path} takes no more files, so that the next cleanup (LFC) or start fails");
        return Some(Finding::new("disk-nearly-full", State::Warning, text));
    }
    let least = LITTLE.min(space.total / SMALL_PART).max(leases.size.unwrap_or(0));
    (space.total > 0 && space.available < least).then(|| {
        let kib = space.available >> 10;
        let text =
            format!("the file system of {path} is nearly full: {kib} KiB are left, {} KiB are needed", least >> 10);
        Finding::new("disk-nearly-full", State::Warning, text)
    })
}

fn replaced(leases: &LeaseFile, daemon: Daemon) -> Option<Finding> {
    let path = leases.path.display();
    let what = match &leases.written_to {
        Some(other) => format!("it writes into {}, not into {path}", other.display()),
        None if leases.is_covered => {
            format!("a file system was mounted over its lease file {path} while it runs")
        }
        None => format!("it writes into a lease file that was deleted or replaced ({path})"),
    };
    let text = format!("{what}: at its next start the leases are lost ({})", rescue(daemon));
    leases.is_replaced.then(|| Finding::new("lease-file-replaced", State::Warning, text))
}

/// A lease file without its header, which Kea writes at its start; an empty one would be a new one for it.
fn damaged(leases: &LeaseFile, daemon: Daemon) -> Option<Finding> {
    let path = leases.path.display();
    let what = match &leases.header_fault {
        _ if leases.is_replaced => return None,
        Some(why) => format!("it cannot start again from its lease file {path}: {why}"),
        None if leases.size == Some(0) => {
            format!("its lease file {path} was emptied: at its next start the leases are lost")
        }
        None => return None,
    };
    Some(Finding::new("lease-file-damaged", State::Warning, format!("{what} ({})", rescue(daemon))))
}

/// What would help a server that has leases in memory and not in its file.
fn rescue(daemon: Daemon) -> String {
    let digit = if daemon == Daemon::Dhcp6 { 6 } else { 4 };
    format!("the running server still has them: kea-lease-dump -{digit} -t api -o FILE, before it is stopped")
}

/// A server also serves without its log.
fn log(instance: &Instance) -> Option<Finding> {
    let log = instance.log.as_ref()?;
    let why = obstacle(log.space.as_ref()?)?;
    let text = format!("it cannot log: the file system of {} {why}", log.path.display());
    Some(Finding::new("log-disk-full", State::Warning, text))
}
