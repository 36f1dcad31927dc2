//! Why a daemon is down, according to its log, its unit and its files.

use std::path::Path;

use super::facts::{Control, End, Fault, Instance, LogLine, Meaning, Unit};
use super::{disk, logged};

/// What is known about a daemon that is down, the reason first.
pub(super) fn circumstances(instance: &Instance) -> Vec<String> {
    let mut known = Vec::new();
    let failure = instance.log.as_ref().and_then(|log| failure(log.ended.as_ref()));
    let has_reason = failure.is_some();
    known.extend(failure);
    if !has_reason {
        known.extend(obstacles(instance));
    }
    known.extend(instance.unit.as_ref().and_then(unit));
    if let Some(End::Stopped(line)) = instance.log.as_ref().and_then(|log| log.ended.as_ref())
        && instance.unit.as_ref().and_then(unit).is_none()
    {
        known.push(format!("it was stopped{}, according to its log ({})", logged::at(line), line.id));
    }
    if let Control::Refused { address } = &instance.control
        && address.starts_with('/')
    {
        known.push(format!("its control socket {address} still exists, so it was killed or crashed"));
    }
    if let Control::Declined { address, text } = &instance.control {
        known.push(format!("{address}: {text}"));
    }
    for file in &instance.pid_files {
        if let Meaning::Unreadable(why) = &file.meaning {
            known.push(format!("pid file {}: {why}", file.path.display()));
        }
    }
    known
}

/// The reason that the daemon itself has logged.
fn failure(end: Option<&End>) -> Option<String> {
    let Some(End::Failed(line)) = end else { return None };
    Some(format!("{}{}: {}", line.id, logged::at(line), plain(line)))
}

/// Kea logs twice that it could not start before it logs the reason.
fn plain(line: &LogLine) -> &str {
    let text = line.text.strip_prefix("failed to initialize Kea server: ").unwrap_or(&line.text);
    text.trim_end()
}

/// Conditions that would prevent its start.
fn obstacles(instance: &Instance) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(file) = &instance.configuration {
        match &file.fault {
            Some(Fault::Invalid(why)) => found.push(format!("its configuration does not parse: {why}")),
            Some(Fault::Missing(why)) => found.push(format!("its configuration is missing: {why}")),
            _ => {}
        }
        let libraries = file.missing_libraries.iter();
        found.extend(libraries.map(|library| format!("its hook library {} is missing", library.display())));
    }
    if let Some(leases) = &instance.leases {
        let folder = leases.path.parent().unwrap_or(Path::new("/")).display();
        let why = leases.space.as_ref().and_then(disk::obstacle);
        found.extend(why.map(|why| format!("the file system of {} {why}", leases.path.display())));
        if leases.space.is_none() && leases.fault.is_none() {
            found.push(format!("the directory of its lease file, {folder}, is missing"));
        }
    }
    found
}

/// How it ended, according to systemd.
fn unit(unit: &Unit) -> Option<String> {
    let name = &unit.name;
    let how = if unit.exit.is_empty() { unit.result.clone() } else { format!("{}, {}", unit.result, unit.exit) };
    match (unit.active.as_str(), unit.sub.as_str()) {
        ("failed", _) => Some(format!("{name} failed ({how})")),
        (_, "auto-restart" | "auto-restart-queued") => {
            let times = unit.restarts.map_or_else(String::new, |count| format!(", {count} times so far"));
            Some(format!("systemd starts {name} again and again{times} ({how})"))
        }
        ("inactive", _) if !unit.exit.is_empty() && unit.result != "success" => Some(format!("{name} ended ({how})")),
        _ => None,
    }
}
