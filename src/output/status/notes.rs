//! What was looked at, and what could not be seen: lines for people, on stderr.

use crate::health::kea::facts::{Control, Host, Instance, Obstacle, Socket};
use crate::time::{self, TimeStyle};

/// What could not be seen, and before it what was if the lines are to be `verbose`.
#[must_use]
pub fn notes(machine: &Host, verbose: bool, now: i64) -> Vec<String> {
    let mut lines = Vec::new();
    if verbose {
        lines.extend(machine.keactrl.iter().map(|file| format!("keactrl.conf: {}", file.path.display())));
        lines.extend(machine.skipped());
        for instance in &machine.instances {
            lines.extend(facts(instance, now).iter().map(|fact| format!("{}: {fact}", machine.label(instance))));
        }
    }
    lines.extend(machine.unseen.iter().map(|what| format!("not seen: {what}")));
    lines.extend(machine.idle());
    for instance in &machine.instances {
        let label = machine.label(instance);
        lines.extend(instance.unseen.iter().map(|what| format!("{label}: not seen: {what}")));
    }
    lines
}

/// What is known of a daemon, each with where it was read.
fn facts(instance: &Instance, now: i64) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(process) = &instance.process {
        let user = process.user.clone().unwrap_or_else(|| process.uid.to_string());
        let started = time::show(process.started, TimeStyle::Local);
        facts.push(format!("process {} of {user} since {started} ({})", process.pid, process.source));
    }
    for file in &instance.pid_files {
        facts.push(format!(
            "pid file {}: {}",
            file.path.display(),
            file.pid.map_or("no number".into(), |it| it.to_string())
        ));
    }
    if let Some(unit) = &instance.unit {
        facts.push(format!("unit {} {} {}", unit.name, unit.active, unit.file_state).trim_end().to_owned());
    }
    if let Some(file) = &instance.configuration {
        facts.push(format!("configuration {}", file.path.display()));
    }
    facts.extend(control(&instance.control, instance, now));
    if let Some(sockets) = &instance.sockets {
        let shown: Vec<String> = sockets.service.iter().map(socket).collect();
        let by = if sockets.by_inode { "by inode" } else { "by port and user" };
        let shown = if shown.is_empty() { "no socket".to_owned() } else { shown.join(", ") };
        facts.push(format!("serves on {shown} ({}, {by})", sockets.source));
    }
    if let Some(leases) = &instance.leases {
        facts.push(format!("lease file {}", leases.path.display()));
    }
    if let Some(log) = &instance.log {
        facts.push(format!("log {}", log.path.display()));
        facts.extend(log.errors.iter().map(|error| format!("{} {}: {}", error.severity, error.id, error.text)));
    }
    facts.extend(instance.cores.iter().map(|core| format!("core file {}", core.path.display())));
    facts
}

fn control(control: &Control, instance: &Instance, now: i64) -> Option<String> {
    Some(match control {
        Control::Answered { address, version, .. } => {
            let version = version.as_ref().map_or_else(String::new, |version| format!(" version {version},"));
            let loaded = instance.last_load(now).map_or_else(String::new, |load| {
                format!(" configuration loaded {}", time::show(load, TimeStyle::Local))
            });
            format!("answers on {address}:{version}{loaded}")
        }
        Control::None => "its configuration names no control channel".to_owned(),
        Control::Unasked => return None,
        Control::Absent { address } => format!("{address}: no such socket"),
        Control::Refused { address } => format!("{address}: no process listens"),
        Control::NoAnswer { address, .. } => format!("{address}: no answer"),
        Control::Denied { text, .. } => text.clone(),
        Control::Garbled { address, text } | Control::Declined { address, text } => format!("{address}: {text}"),
    })
}

fn socket(socket: &Socket) -> String {
    let place = socket.interface.as_deref().unwrap_or(&socket.address);
    let state = match (socket.obstacle, socket.is_up) {
        (Some(Obstacle::NoLink), _) => " (no link)",
        (Some(Obstacle::Tentative), _) => " (address tentative)",
        (Some(Obstacle::Duplicate), _) => " (duplicate address)",
        (Some(Obstacle::Down), _) | (None, Some(false)) => " (down)",
        (None, Some(true)) => "",
        (None, None) => " (link not seen)",
    };
    format!("{} {place}{state}", socket.kind)
}
