//! What keys do.

use ratatui::text::{Line, Span};

use super::frame_options::bold;
use super::scene::Scene;
use crate::output::usage::table::fold;

const KEYS: [(&str, &str); 15] = [
    ("1 to 6, Tab", "another view: Overview, Pools, Clients, HA, Events, Messages"),
    ("arrows, PgUp, PgDn", "another row, or more of a long text"),
    ("Home, End", "the first or the last"),
    ("Enter", "everything about the selected row; Esc goes back"),
    ("/, F3", "only rows with this text; Enter keeps it, Esc ends it"),
    ("s, F6", "sort by another column"),
    ("space", "freeze the display, or go on; answers are still taken"),
    ("+ -", "a longer or shorter time range of plots and growth"),
    ("p", "hide addresses and names, or show them"),
    ("?, h, F1", "this page"),
    ("q, F10, Ctrl-C", "quit"),
    ("", ""),
    ("~ before a number", "an estimate: the leases were not read"),
    ("grey", "old: the server does not answer"),
    ("", "The manual page kea-top(8) explains every column."),
];

/// How wide the names of keys are.
const KEY: usize = 20;

pub(super) fn lines(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let width = usize::from(scene.look.width).saturating_sub(KEY).max(10);
    let lines = |(key, what): (&'static str, &'static str)| {
        let parts = fold(what, width, "");
        parts.into_iter().enumerate().map(move |(index, part)| {
            let key = if index == 0 { key } else { "" };
            Line::from(vec![Span::styled(format!("{key:<KEY$}"), bold()), Span::raw(part)])
        })
    };
    KEYS.into_iter().flat_map(lines).collect()
}
