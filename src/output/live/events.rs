//! What has happened, the newest first.

use ratatui::text::Line;

use super::cell::Cell;
use super::scene::{Scene, nothing_matches};
use super::table::{Column, Table, first_row};
use crate::health::State;
use crate::top::{Event, Severity};

const COLUMNS: [Column; 4] = [
    Column::left("TIME", 90, 0),
    Column::left("LEVEL", 80, 0),
    Column::names("SERVER", 101, 8),
    Column::left("EVENT", 100, 20),
];

/// The table, with the lines that fit.
pub(super) fn lines(scene: &Scene<'_>, room: usize) -> Vec<Line<'static>> {
    let cursor = scene.app.cursor();
    let first = first_row(cursor, room.saturating_sub(1));
    let events = scene.model().event_rows(&scene.app.filter).skip(first).take(room.saturating_sub(1));
    let rows: Vec<Vec<Cell>> = events.map(|event| row(scene, event)).collect();
    if rows.is_empty() && scene.model().events.newest().next().is_some() {
        return vec![nothing_matches(scene, scene.model().events.newest().count())];
    }
    if rows.is_empty() {
        return vec![Line::from(nothing(scene))];
    }
    Table { columns: &COLUMNS, rows, selected: Some(cursor.saturating_sub(first)) }.lines(scene.look)
}

fn nothing(scene: &Scene<'_>) -> String {
    let began = scene.model().began;
    began.map_or_else(
        || "no server has answered yet".to_owned(),
        |at| format!("nothing has changed since {}", scene.clock(at)),
    )
}

fn row(scene: &Scene<'_>, event: &Event) -> Vec<Cell> {
    let state = match event.severity {
        Severity::Info => State::Ok,
        Severity::Warning => State::Warning,
        Severity::Error => State::Critical,
    };
    vec![
        Cell::new(scene.clock(event.at)),
        Cell::styled(event.severity.word(), scene.look.of_state(state)),
        Cell::new(if scene.model().servers.len() == 1 { String::new() } else { scene.server(event.server) }),
        Cell::new(scene.foreign(&event.text)),
    ]
}
