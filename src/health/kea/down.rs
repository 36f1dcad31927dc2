//! Why a daemon is down, according to its log, its unit and its files.

use std::path::Path;

use super::facts::{Control, End, FailedStart, FileProblem, Instance, LeaseFile, Log, LogLine, Meaning, PidFile, Unit};
use super::{disk, logged};

/// What is known about a daemon that is down, the reason first.
pub(super) fn circumstances(instance: &Instance) -> Vec<String> {
    let mut known = Vec::new();
    let failure = instance.log.as_ref().and_then(|log| failure(log.ended.as_ref()));
    let has_reason = failure.is_some();
    known.extend(failure);
    if !has_reason {
        known.extend(obstacles(instance));
        known.extend(instance.log.as_ref().and_then(last_step));
    }
    if let Some(End::StartFailed(start)) = instance.log.as_ref().and_then(|log| log.ended.as_ref()) {
        known.push(failed_start(start));
    }
    known.extend(instance.unit.as_ref().and_then(unit));
    if let Some(End::Stopped(line)) = instance.log.as_ref().and_then(|log| log.ended.as_ref())
        && instance.unit.as_ref().and_then(unit).is_none()
    {
        known.push(format!("it was stopped{}, according to its log ({})", logged::at(line), line.id));
    }
    // A pid file that was left says the same.
    let has_left_pid_file = instance.pid_files.iter().any(|file| file.meaning == Meaning::Stale);
    if let Control::Refused { address } = &instance.control
        && address.starts_with('/')
        && !has_left_pid_file
    {
        known.push(format!("its control socket {address} still exists, so it was killed or crashed"));
    }
    if let Control::Declined { address, text } = &instance.control {
        known.push(format!("{address}: {text}"));
    }
    let is_closed = |file: &&PidFile| matches!(file.meaning, Meaning::Unreadable(_));
    if let Some(file) = instance.pid_files.iter().find(is_closed).filter(|_| known.is_empty()) {
        known.push(format!("this user cannot see why (may not read {}; run as root)", file.path.display()));
    }
    known
}

/// The reason that the daemon itself has logged.
fn failure(end: Option<&End>) -> Option<String> {
    let Some(End::Failed(line)) = end else { return None };
    Some(format!("{}{}: {}", line.id, logged::at(line), plain(line)))
}

/// A start that the daemon itself has logged no failure of.
fn failed_start(start: &FailedStart) -> String {
    let at = if start.started.is_empty() { String::new() } else { format!(" at {}", start.started) };
    let FailedStart { pid, line, .. } = start;
    format!(
        "a start{at} (process {pid}) failed after {}: {}; its error is not in this log but on its standard output, or in \
         the journal",
        line.id,
        line.text.trim_end()
    )
}

/// What would help where nothing says why it is down.
pub(super) fn remedy(instance: &Instance) -> String {
    let file = instance.configuration.as_ref().map(|file| file.path.display());
    let check = file.map(|file| format!("{} -t {file} checks its configuration", instance.daemon.process_name()));
    let start = instance.unit.as_ref().map(|unit| format!("systemctl start {} starts it", unit.name));
    check.into_iter().chain(start).collect::<Vec<_>>().join("; ")
}

/// Kea logs twice that it could not start before it logs the reason.
fn plain(line: &LogLine) -> &str {
    let text = line.text.strip_prefix("failed to initialize Kea server: ").unwrap_or(&line.text);
    text.trim_end()
}

/// The line with which its log ends, if that is an error or a step of a start.
fn last_step(log: &Log) -> Option<String> {
    let line = log.last_step.as_ref().filter(|_| log.ended.is_none())?;
    let said = format!("{}{}: {}", line.id, logged::at(line), line.text.trim_end());
    if line.is_error() {
        return Some(format!("its log ends with an error; {said}"));
    }
    Some(format!("its log ends during a start, and the failure is on its standard output only; {said}"))
}

/// Conditions that would prevent its start.
fn obstacles(instance: &Instance) -> Vec<String> {
    if instance.lacks_program {
        let program = instance.daemon.process_name();
        return vec![format!("its program {program} is in none of the usual directories (install it)")];
    }
    let mut found = Vec::new();
    if let Some(file) = &instance.configuration {
        match &file.fault {
            Some(FileProblem::Invalid(why)) => found.push(format!("its configuration does not parse: {why}")),
            Some(FileProblem::Missing(_)) => {
                found.push(format!("its configuration {} does not exist", file.path.display()));
            }
            _ => {}
        }
        found.extend(file.closed_to.as_ref().map(|user| {
            let path = file.path.display();
            format!("its configuration {path} cannot be read by {user}, to which its files belong")
        }));
        let libraries = file.missing_libraries.iter();
        found.extend(libraries.map(|library| format!("its hook library {} is missing", library.display())));
    }
    if let Some(leases) = &instance.leases {
        found.extend(cleanup(leases));
        found.extend(
            leases
                .header_fault
                .as_ref()
                .map(|why| format!("it cannot start from its lease file {}: {why}", leases.path.display())),
        );
        let folder = leases.path.parent().unwrap_or(Path::new("/")).display();
        let why = leases.space.as_ref().and_then(disk::obstacle);
        found.extend(why.map(|why| format!("the file system of {} {why}", leases.path.display())));
        if leases.space.is_none() && leases.fault.is_none() {
            found.push(format!("the directory of its lease file, {folder}, is missing"));
        }
    }
    let no_pid_file = instance.missing_pid_directory.iter();
    found.extend(no_pid_file.map(|it| format!("the directory of its pid file, {}, is missing", it.display())));
    found.extend(instance.log.as_ref().and_then(no_log_directory));
    found
}

/// A server does not start while a cleanup of its lease file seems to run.
fn cleanup(leases: &LeaseFile) -> Option<String> {
    let (by, pid) = leases.cleanup_blocked_by.as_ref().zip(leases.cleanup_pid)?;
    let path = leases.path.display();
    Some(format!(
        "it cannot start: the pid file of its lease file cleanup, {path}.pid, holds {pid}, which belongs to \"{by}\" now \
         (remove the file)"
    ))
}

/// Kea 2.2 runs without a log; later releases do not start.
fn no_log_directory(log: &Log) -> Option<String> {
    let folder = log.path.parent()?.display();
    let is_missing = matches!(log.fault, Some(FileProblem::Missing(_))) && log.space.is_none();
    is_missing.then(|| format!("the directory of its log, {folder}, is missing"))
}

/// Why systemd has not started a unit.
pub(super) fn skipped(name: &str) -> String {
    format!("systemd skipped {name}: a condition of it is not met (systemctl status {name})")
}

/// How it ended, according to systemd.
fn unit(unit: &Unit) -> Option<String> {
    let name = &unit.name;
    let how = if unit.exit.is_empty() { unit.result.clone() } else { format!("{}, {}", unit.result, unit.exit) };
    match (unit.active.as_str(), unit.sub.as_str()) {
        ("inactive", _) if unit.is_skipped => Some(skipped(name)),
        ("failed", _) => Some(format!("{name} failed ({how})")),
        (_, "auto-restart" | "auto-restart-queued") => {
            let times = unit.restarts.map_or_else(String::new, |count| format!(", {count} times so far"));
            Some(format!("systemd starts {name} again and again{times} ({how})"))
        }
        ("inactive", _) if !unit.exit.is_empty() && unit.result != "success" => Some(format!("{name} ended ({how})")),
        _ => None,
    }
}
