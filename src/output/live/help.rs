//! What keys do.

use ratatui::text::{Line, Span};

use super::look::bold;
use super::scene::Scene;

const KEYS: [(&str, &str); 14] = [
    ("1 to 6, Tab", "another view: Overview, Pools, Clients, HA, Events, Messages"),
    ("arrows, PgUp, PgDn", "another row"),
    ("Enter", "everything about the selected row; Esc goes back"),
    ("/", "only rows with this text; Enter keeps it, Esc ends it"),
    ("s", "sort by another column"),
    ("space", "freeze the display, or go on; answers are still taken"),
    ("+ -", "a longer or shorter time range of plots and growth"),
    ("p", "hide addresses and names, or show them"),
    ("?", "this page"),
    ("q, Ctrl-C", "quit"),
    ("", ""),
    ("~ before a number", "an estimate: the leases were not read"),
    ("grey", "old: the server does not answer"),
    ("", "The manual page kea-top(8) explains every column."),
];

pub(super) fn lines(_scene: &Scene<'_>) -> Vec<Line<'static>> {
    let line = |(key, what): (&'static str, &'static str)| {
        Line::from(vec![Span::styled(format!("{key:<20}"), bold()), Span::raw(what)])
    };
    KEYS.into_iter().map(line).collect()
}
