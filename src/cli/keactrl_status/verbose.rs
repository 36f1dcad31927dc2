//! What was looked at and what could not be seen, for people, on stderr.

use std::io::Write;

use super::{Args, NAME};
use crate::health::kea::facts::{Control, Host, Instance, Obstacle, Socket};
use crate::output::status::Format;
use crate::text::OneLine;
use crate::time::{self, TimeStyle};

/// Prints what could not be seen, and with `-v` what was. A failure to write to stderr has no place to be reported.
pub(super) fn write(args: &Args, machine: &Host, now: i64, stderr: &mut dyn Write) {
    let mut line = |text: &str| {
        let _ = writeln!(stderr, "{NAME}: {}", OneLine(text));
    };
    if args.verbose {
        if let Some(file) = &machine.keactrl {
            line(&format!("keactrl.conf: {}", file.path.display()));
        }
        for instance in &machine.instances {
            for fact in facts(instance, now) {
                line(&format!("{}: {fact}", machine.label(instance)));
            }
        }
    }
    // A monitor takes stderr for part of the answer; machines read it in the document.
    let is_for_people = matches!(args.written.format, Format::Classic | Format::Table) && !args.written.quiet;
    if args.verbose || is_for_people {
        for what in &machine.unseen {
            line(&format!("not seen: {what}"));
        }
        for what in machine.idle() {
            line(&what);
        }
        for instance in &machine.instances {
            for what in &instance.unseen {
                line(&format!("{}: not seen: {what}", machine.label(instance)));
            }
        }
    }
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
