//! A table for people: one row a daemon, and below it what is wrong.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, ContentArrangement, Table};

use super::{Findings, Look};
use crate::health::State;
use crate::health::kea::facts::{Control, Instance};
use crate::health::kea::{Judgement, duration};
use crate::text::OneLine;

pub(super) fn write(all: &Findings<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_header([
        "DAEMON",
        "STATE",
        "DOES",
        "PID",
        "USER",
        "UP",
        "LOADED",
        "VERSION",
        "SERVES ON",
    ]);
    if let Some(width) = look.width {
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX)).set_content_arrangement(ContentArrangement::Dynamic);
    }
    for (instance, judgement) in all.machine.instances.iter().zip(all.judgements) {
        table.add_row(row(all, instance, judgement));
    }
    for line in table.lines() {
        let line = line.trim_end();
        let line = line.strip_prefix(' ').unwrap_or(line);
        writeln!(out, "{}", if look.color { colored(line) } else { line.to_owned() })?;
    }
    for (instance, judgement) in all.machine.instances.iter().zip(all.judgements) {
        for finding in judgement.findings.iter().filter(|finding| finding.state != State::Ok) {
            let text = format!("{}: {}: {}", all.machine.label(instance), finding.state.word(), finding.text);
            writeln!(out, "{}", OneLine(&text))?;
        }
    }
    Ok(())
}

fn row(all: &Findings<'_>, instance: &Instance, judgement: &Judgement) -> Vec<Cell> {
    let process = instance.process.as_ref();
    let dash = || "-".to_owned();
    let since = |seconds: Option<i64>| seconds.map_or_else(dash, duration);
    let version = match &instance.control {
        Control::Answered { version: Some(version), .. } => version.clone(),
        _ => dash(),
    };
    let plain = |text: String| Cell::new(OneLine(&text));
    let user = process.map_or_else(dash, |it| it.user.clone().unwrap_or_else(|| it.uid.to_string()));
    vec![
        plain(all.machine.label(instance)),
        Cell::new(judgement.state.word()),
        Cell::new(verdict(judgement)),
        plain(process.map_or_else(dash, |process| process.pid.to_string())),
        plain(user),
        plain(since(process.and(instance.uptime(all.now)))),
        plain(since(instance.last_load(all.now).map(|load| all.now - load))),
        plain(version),
        plain(places(instance)),
    ]
}

/// The state's word in its colour; the table's width must not count what colours it.
fn colored(line: &str) -> String {
    for (state, color) in [(State::Ok, 32), (State::Unknown, 35), (State::Warning, 33), (State::Critical, 31)] {
        let word = format!(" {} ", state.word());
        if line.contains(&word) {
            return line.replacen(&word, &format!(" \x1b[{color}m{}\x1b[0m ", state.word()), 1);
        }
    }
    line.to_owned()
}

/// The verdict as one reads it in JSON.
fn verdict(judgement: &Judgement) -> String {
    serde_json::to_value(judgement.verdict).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The interfaces, or else the addresses, that it serves.
fn places(instance: &Instance) -> String {
    let sockets = instance.sockets.as_ref().map_or(&[][..], |sockets| &sockets.service);
    let up = sockets.iter().filter(|socket| socket.is_up);
    let mut names: Vec<&str> = up.map(|socket| socket.interface.as_deref().unwrap_or(&socket.address)).collect();
    names.dedup();
    match (&instance.control, &names[..]) {
        // Who was heard over HTTP listens there.
        (Control::Answered { address, .. }, []) if instance.sockets.is_none() => address.clone(),
        (_, []) => "-".to_owned(),
        (_, names) => names.join(" "),
    }
}
