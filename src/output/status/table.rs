//! A table for people: one row per daemon, and the findings below it.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use unicode_width::UnicodeWidthStr;

use super::screen::{colored, wrapped};
use super::{Findings, StatusOptions};
use crate::health::State;
use crate::health::kea::Judgement;
use crate::health::kea::facts::{Control, Instance};
use crate::text::OneLine;
use crate::time::Span;

const HEADER: [&str; 9] = ["DAEMON", "STATE", "DOES", "PID", "USER", "UP", "LOADED", "VERSION", "SERVES ON"];

pub(super) fn write(all: &Findings<'_>, look: StatusOptions, out: &mut dyn Write) -> io::Result<()> {
    let pairs = all.machine.instances.iter().zip(all.judgements);
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    rows.extend(pairs.map(|(instance, judgement)| row(all, instance, judgement)));
    if let Some(width) = look.width {
        drop_empty_columns(&mut rows);
        drop_what_does_not_fit(&mut rows, width);
    }
    let mut table = Table::new();
    table.load_preset(NOTHING).set_header(&rows[0]).add_rows(&rows[1..]);
    if let Some(width) = look.width {
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX)).set_content_arrangement(ContentArrangement::Dynamic);
        keep_words(&mut table, &rows);
    }
    for line in table.lines() {
        let line = line.trim_end();
        let line = line.strip_prefix(' ').unwrap_or(line);
        writeln!(out, "{}", with_colors(line, look))?;
    }
    for (instance, judgement) in all.machine.instances.iter().zip(all.judgements) {
        for finding in judgement.findings.iter().filter(|finding| finding.state != State::Ok) {
            let text = format!("{}: {}: {}", all.machine.label(instance), finding.state.word(), finding.text);
            let line = wrapped(&OneLine(&text).to_string(), look);
            writeln!(out, "{}", with_colors(&line, look))?;
        }
    }
    Ok(())
}

/// What no daemon has takes no room on a screen.
fn drop_empty_columns(rows: &mut [Vec<String>]) {
    let is_used = |at: usize| rows[1..].iter().any(|row| row[at] != "-");
    let used: Vec<bool> = (0..HEADER.len()).map(is_used).collect();
    for row in rows {
        let mut column = used.iter();
        row.retain(|_| column.next() == Some(&true));
    }
}

/// Where names are long, these columns go, the first one first.
const EXPENDABLE: [&str; 4] = ["LOADED", "USER", "VERSION", "PID"];

/// The blanks around a column.
const PADDING: usize = 2;

fn drop_what_does_not_fit(rows: &mut [Vec<String>], width: usize) {
    for name in EXPENDABLE {
        // The outermost blanks are not written.
        if (0..rows[0].len()).map(|at| least_width(rows, at)).sum::<usize>() <= width + PADDING {
            return;
        }
        let Some(at) = rows[0].iter().position(|title| title == name) else { continue };
        for row in &mut *rows {
            row.remove(at);
        }
    }
}

/// No column is narrower than its longest word.
fn least_width(rows: &[Vec<String>], at: usize) -> usize {
    let cells = rows.iter().map(|row| row[at].as_str());
    cells.flat_map(|cell| cell.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or(0) + PADDING
}

fn keep_words(table: &mut Table, rows: &[Vec<String>]) {
    for at in 0..rows[0].len() {
        let least = u16::try_from(least_width(rows, at)).unwrap_or(u16::MAX);
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
}

fn row(all: &Findings<'_>, instance: &Instance, judgement: &Judgement) -> Vec<String> {
    let process = instance.process.as_ref();
    let dash = || "-".to_owned();
    let since = |seconds: Option<i64>| {
        seconds.map_or_else(dash, |seconds| Span(u64::try_from(seconds).unwrap_or(0)).to_string())
    };
    let version = match &instance.control {
        Control::Answered { version: Some(version), .. } => version.clone(),
        _ => dash(),
    };
    let plain = |text: String| OneLine(&text).to_string();
    let user = process.map_or_else(dash, |it| it.user.clone().unwrap_or_else(|| it.uid.to_string()));
    vec![
        plain(all.machine.label(instance)),
        judgement.state.word().to_owned(),
        verdict(judgement),
        plain(process.map_or_else(dash, |process| process.pid.to_string())),
        plain(user),
        plain(since(process.and(instance.uptime(all.now)))),
        plain(since(instance.last_load(all.now).map(|load| all.now - load))),
        plain(version),
        plain(places(instance)),
    ]
}

/// The state's word in its colour; the table's width must not count what colours it.
fn with_colors(line: &str, look: StatusOptions) -> String {
    for state in [State::Ok, State::Unknown, State::Warning, State::Critical] {
        for end in [" ", ":"] {
            let word = format!(" {}{end}", state.word());
            if line.contains(&word) {
                return line.replacen(&word, &format!(" {}{end}", colored(state.word(), state, look)), 1);
            }
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
    let up = sockets.iter().filter(|socket| socket.is_up != Some(false));
    let mut names: Vec<&str> = up.map(|socket| socket.interface.as_deref().unwrap_or(&socket.address)).collect();
    names.dedup();
    match (&instance.control, &names[..]) {
        // A daemon that answered over HTTP listens there.
        (Control::Answered { address, .. }, []) if instance.sockets.is_none() => address.clone(),
        (_, []) => "-".to_owned(),
        (_, names) => names.join(" "),
    }
}
