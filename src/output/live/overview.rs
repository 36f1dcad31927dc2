//! A row for each server.

use std::time::Duration;

use ratatui::text::Line;

use super::bars::{columns, sparkline};
use super::cell::Cell;
use super::facts::{backend_of, estimated, layout, likely};
use super::scene::{Scene, nothing_matches, rate, span};
use super::table::{Column, Table, first_row};
use crate::output::usage::number::{free, percent};
use crate::top::{GRANTED, Server};

const COLUMNS: [Column; 17] = [
    Column::names("SERVER", 100, 12),
    Column::left("STATE", 99, 0),
    Column::left("DAEMONS", 60, 0),
    Column::left("VERSION", 65, 0),
    Column::right("UP", 70),
    Column::left("HA", 90, 0),
    Column::right("DISC/s", 80).staying(),
    Column::right("ACK/s", 85).staying(),
    Column::right("NAK/s", 75),
    Column::left("ANSWERS", 50, 0),
    Column::left("WORST POOL", 95, 22),
    Column::right("FREE", 94),
    Column::left("BACKEND", 40, 0),
    Column::right("AGE", 55),
    Column::right("LOAD", 35),
    Column::right("MEM", 34),
    Column::left("LAST EVENT", 45, 16),
];

/// How wide the plot of answers is.
const PLOT: usize = 20;

/// Words with the time since the last answer.
const SILENT: [&str; 3] = ["no answer", "hung", "stopped"];

/// Counters of what clients ask for first.
const ASKED: [&str; 2] = ["pkt4-discover-received", "pkt6-solicit-received"];
const REFUSED: [&str; 1] = ["pkt4-nak-sent"];

/// The table, with the lines that fit.
pub(super) fn lines(scene: &Scene<'_>, room: usize) -> Vec<Line<'static>> {
    let all = scene.model().server_rows(&scene.app.filter, scene.app.sort());
    let cursor = scene.app.cursor();
    let first = first_row(cursor, room.saturating_sub(1));
    if all.is_empty() && !scene.app.filter.is_empty() {
        return vec![nothing_matches(scene, scene.model().servers.len())];
    }
    let shown: Vec<usize> = all.into_iter().skip(first).take(room.saturating_sub(1)).collect();
    let rows = shown.iter().map(|index| row(scene, *index)).collect();
    Table { columns: &COLUMNS, rows, selected: Some(cursor.saturating_sub(first)) }.lines(scene.look)
}

/// All rows, none selected.
pub(super) fn all(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let all = scene.model().server_rows("", scene.app.sort());
    let rows = all.into_iter().map(|index| row(scene, index)).collect();
    Table { columns: &COLUMNS, rows, selected: None }.lines(scene.look)
}

fn row(scene: &Scene<'_>, index: usize) -> Vec<Cell> {
    let model = scene.model();
    let server = &model.servers[index];
    let now = model.moment.monotonic;
    let silence = server.silent_for(now, model.interval);
    let age = server.answered().map(|at| now.saturating_sub(at).as_secs());
    let event = model.events.last_of(index).map_or_else(String::new, |event| scene.foreign(&event.text));
    let (worst, left) = worst(scene, server);
    let mut cells = vec![
        Cell::new(scene.server(index)),
        state(scene, server),
        Cell::new(daemons(server)),
        Cell::new(version(server)),
        Cell::new(span(uptime(server))),
        Cell::new(ha(scene, server)),
        Cell::new(rate(model.rate(server, &ASKED))),
        Cell::new(rate(model.rate(server, &GRANTED))),
        Cell::new(rate(model.rate(server, &REFUSED))),
        Cell::styled(plot(scene, server), scene.look.plot()),
        worst,
        left,
        Cell::new(backend(server)),
        Cell::new(span(age.and_then(|age| i64::try_from(age).ok()))),
        Cell::new(load(scene, server)),
        Cell::new(memory(scene, server)),
        Cell::new(event),
    ];
    if silence.is_some() {
        // What is known is old.
        for cell in cells.iter_mut().skip(2) {
            cell.style = scene.look.faint();
        }
    }
    cells
}

/// `serving`, `no answer for 12s`, `hung for 12s`
fn state(scene: &Scene<'_>, server: &Server) -> Cell {
    let model = scene.model();
    let (word, state) = model.word(server);
    let style = scene.look.of_state(state);
    match silence(scene, server, word) {
        Some(silence) if SILENT.contains(&word) && silence.as_secs() > 0 => {
            Cell::styled(format!("{word} for {}", span(i64::try_from(silence.as_secs()).ok())), style)
        }
        _ => Cell::styled(word, style),
    }
}

/// For how long the daemons have not answered of which the word is; an answer that is late has no word of its own.
fn silence(scene: &Scene<'_>, server: &Server, word: &str) -> Option<Duration> {
    let (now, interval) = (scene.model().moment.monotonic, scene.model().interval);
    let of_word = server.used_daemons().filter(|daemon| daemon.word().0 == word);
    let longest = of_word.filter_map(|daemon| daemon.silent_for(now, interval)).max();
    longest.or_else(|| server.silent_for(now, interval))
}

/// The daemons that run or should; of a server where none does, all.
fn daemons(server: &Server) -> String {
    let names = server.used_daemons().filter_map(|daemon| Some(daemon.daemon?.service()));
    names.collect::<Vec<_>>().join(" ")
}

/// The versions of its daemons, each once.
fn version(server: &Server) -> String {
    let versions = server.daemons().filter_map(|daemon| daemon.answers.as_ref()?.version.as_deref());
    let mut distinct: Vec<&str> =
        versions.map(|version| version.split([' ', '\n']).next().unwrap_or(version)).collect();
    distinct.dedup();
    crate::text::OneLine(&distinct.join(" ")).to_string()
}

/// The time since the last of them started.
fn uptime(server: &Server) -> Option<i64> {
    server.daemons().filter_map(|daemon| daemon.answers.as_ref()?.status.uptime).min()
}

/// The load of this host; that of others is not known.
fn load(scene: &Scene<'_>, server: &Server) -> String {
    let load = scene.model().load.one_minute.filter(|_| server.is_this_host);
    load.map_or_else(String::new, |load| format!("{load:.2}"))
}

/// The used share of its memory.
fn memory(scene: &Scene<'_>, server: &Server) -> String {
    let memory = scene.model().load.memory.filter(|(_, all)| server.is_this_host && *all > 0);
    memory.map_or_else(String::new, |(used, all)| format!("{} %", used.saturating_mul(100) / all))
}

/// The states of its relationships; those of a daemon that does not answer may be others by now.
fn ha(scene: &Scene<'_>, server: &Server) -> String {
    let model = scene.model();
    let mut states: Vec<String> = Vec::new();
    for daemon in server.daemons() {
        let is_silent = daemon.silent_for(model.moment.monotonic, model.interval).is_some();
        let was = if is_silent { "was " } else { "" };
        let relationships = daemon.answers.iter().flat_map(|answers| &answers.status.high_availability);
        states.extend(relationships.map(|it| format!("{was}{}", it.state)));
    }
    states.dedup();
    crate::text::OneLine(&states.join(" ")).to_string()
}

fn plot(scene: &Scene<'_>, server: &Server) -> String {
    let model = scene.model();
    let (now, range) = (model.moment.monotonic, scene.app.range());
    let from = now.saturating_sub(range);
    let mut sums = vec![0.0; PLOT];
    let meters = server.daemons().flat_map(|daemon| GRANTED.iter().filter_map(|name| daemon.meters.get(name)));
    for meter in meters {
        let rates = meter.since(from).map(|(at, rate)| (now.saturating_sub(at).as_secs_f64(), rate));
        for (sum, rate) in sums.iter_mut().zip(columns(rates, range.as_secs_f64(), PLOT)) {
            *sum += rate;
        }
    }
    sparkline(&sums, PLOT, scene.look.is_ascii)
}

/// The pool that is nearest to being full, and what is free there.
fn worst(scene: &Scene<'_>, server: &Server) -> (Cell, Cell) {
    let Some((daemon, row)) = server.worst_pool() else { return Default::default() };
    let Some(layout) = server.daemon(daemon).and_then(layout) else { return Default::default() };
    let style = row.state.map(|state| scene.look.of_state(state)).unwrap_or_default();
    let name = super::pools::short_name(scene, layout, &row);
    if !row.has_pool() {
        return (Cell::styled(format!("no pool {name}"), style), Cell::default());
    }
    let free = Cell::styled(estimated(row.counts.basis, free(&row.offer)), style);
    (Cell::styled(format!("{} {}", percent(&likely(&row)), name), style), free)
}

/// Where its leases are, and whether that is lost.
fn backend(server: &Server) -> String {
    let mut names: Vec<&str> = server.daemons().filter_map(backend_of).collect();
    names.dedup();
    names.join(" ")
}
