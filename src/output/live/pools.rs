//! A row for each shared network and subnet, the worst first.

use std::time::Duration;

use ratatui::text::{Line, Span};

use super::cell::Cell;
use super::facts::{estimated, layout, likely};
use super::frame_options::bold;
use super::map;
use super::scene::{Scene, nothing_matches};
use super::table::{Column, Table, first_row};
use crate::health::State;
use crate::health::pools::Row;
use crate::output::usage::number::{free, percent, short};
use crate::output::usage::table::{bar, fold, label};
use crate::top::{DaemonState, PoolRef, anonymous_name};
use crate::usage::{Basis, Forecast, Layout, LayoutPlace, ResourceKind, Usage};

const COLUMNS: [Column; 10] = [
    Column::left("STATE", 97, 0),
    Column::left("SUBNET", 100, 20),
    Column::names("SERVER", 99, 8),
    Column::right("USED", 96),
    Column::left("", 50, 0),
    Column::right("FREE", 98),
    Column::right("ACTIVE", 80),
    Column::right("RESERVED", 40),
    Column::right("TOTAL", 85),
    Column::left("GROWTH", 70, 0),
];

/// The column of reserved addresses, which takes no room where there are none.
const RESERVED: usize = 7;

/// How wide bars are.
const BAR: usize = 12;

/// The table, with the lines that fit.
pub(super) fn lines(scene: &Scene<'_>, room: usize) -> Vec<Line<'static>> {
    let all = scene.model().pool_rows(&scene.app.filter, scene.app.sort());
    if all.is_empty() {
        let hidden = scene.model().pool_rows("", scene.app.sort()).len();
        return vec![if hidden > 0 { nothing_matches(scene, hidden) } else { Line::from(nothing(scene)) }];
    }
    let cursor = scene.app.cursor();
    let first = first_row(cursor, room.saturating_sub(1));
    let shown = &all[first.min(all.len())..(first + room.saturating_sub(1)).min(all.len())];
    table(scene, shown, Some(cursor.saturating_sub(first)))
}

/// The first so many rows.
pub(super) fn first(scene: &Scene<'_>, count: usize) -> (Vec<Line<'static>>, usize) {
    let all = scene.model().pool_rows("", scene.app.sort());
    let shown = &all[..all.len().min(count)];
    if shown.is_empty() { (Vec::new(), 0) } else { (table(scene, shown, None), all.len() - shown.len()) }
}

fn table(scene: &Scene<'_>, shown: &[PoolRef], selected: Option<usize>) -> Vec<Line<'static>> {
    let mut rows: Vec<Vec<Cell>> = shown.iter().filter_map(|place| row(scene, *place)).collect();
    if rows.iter().all(|row| row[RESERVED].text == "0") {
        for row in &mut rows {
            row[RESERVED] = Cell::default();
        }
    }
    Table { columns: &COLUMNS, rows, selected }.lines(scene.look)
}

/// Why there are no rows.
fn nothing(scene: &Scene<'_>) -> &'static str {
    let model = scene.model();
    let daemons = || model.servers.iter().flat_map(crate::top::Server::daemons);
    match () {
        () if daemons().all(|daemon| daemon.answers.is_none()) => "no server has answered yet",
        () if daemons().any(|daemon| layout(daemon).is_some()) => {
            "the servers do not count leases (the hook library libdhcp_stat_cmds.so does)"
        }
        () => "no configuration of a DHCP server is known",
    }
}

fn row(scene: &Scene<'_>, place: PoolRef) -> Option<Vec<Cell>> {
    let model = scene.model();
    let server = &model.servers[place.server];
    let daemon = server.daemon(place.daemon)?;
    let (layout, row) = (layout(daemon)?, &daemon.row(place.row)?);
    let is_old = daemon.silent_for(model.moment.monotonic, model.interval).is_some();
    let style = match row.state {
        _ if is_old => scene.look.faint(),
        Some(state) => scene.look.of_state(state),
        None => ratatui::style::Style::new(),
    };
    let word = match row.state.map_or("", State::word) {
        word if is_old => format!("{word} old").trim_start().to_owned(),
        word => word.to_owned(),
    };
    let growth = growth(daemon, row, scene.app.range());
    let reserved = if row.counts.is_complete { short(row.counts.reserved_free().into()) } else { "?".to_owned() };
    let is_one = model.servers.len() == 1;
    let mut cells = vec![
        Cell::styled(word, style),
        Cell::new(name(scene, layout, row)),
        Cell::new(if is_one { String::new() } else { scene.server(place.server) }),
        Cell::styled(percent(&likely(row)), style),
        Cell::styled(bar(&likely(row), BAR, scene.look.is_ascii), style),
        Cell::styled(estimated(row.counts.basis, free(&row.offer)), style),
        Cell::new(row.counts.active.to_string()),
        Cell::new(reserved),
        Cell::new(short(row.counts.total)),
        Cell::new(growth),
    ];
    if is_old {
        for cell in &mut cells {
            cell.style = scene.look.faint();
        }
    }
    Some(cells)
}

/// `+12/h, full in 3h`; what is full grows no more, and will not be full.
fn growth(daemon: &DaemonState, row: &Row, range: Duration) -> String {
    if row.is_full() {
        return "full".to_owned();
    }
    let growth = daemon.looks.growth(row, range).filter(|growth| growth.abs() >= 0.5);
    let Some(growth) = growth else { return String::new() };
    match daemon.looks.forecast(row) {
        // Within the range it may have begun to grow.
        Forecast::Full { likely, .. } if likely > 0 => {
            format!("{:+.0}/h, full in {}", pace(row.offer.most, likely), super::scene::span(Some(likely)))
        }
        _ => format!("{growth:+.0}/h"),
    }
}

/// How many addresses are used in an hour if so many are in so many seconds.
#[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
fn pace(free: u128, seconds: i64) -> f64 {
    free as f64 / seconds as f64 * 3600.0
}

/// The name of a place without its number; its number where names and addresses are hidden.
pub(super) fn short_name(scene: &Scene<'_>, layout: &Layout, row: &Row) -> String {
    if scene.app.is_private() {
        return name(scene, layout, row).trim().to_owned();
    }
    let kind = if row.kind == ResourceKind::Prefixes { " prefixes" } else { "" };
    format!("{}{kind}", crate::text::OneLine(layout.name(row.place)))
}

/// The name of a place, indented under what it is part of; its number where names and addresses are hidden.
pub(super) fn name(scene: &Scene<'_>, layout: &Layout, row: &Row) -> String {
    if !scene.app.is_private() {
        return label(layout, row);
    }
    let indent = "  ".repeat(row.depth);
    let kind = if row.kind == ResourceKind::Prefixes { " prefixes" } else { "" };
    format!("{indent}{}{kind}", anonymous_name(layout, row.place))
}

/// Everything about a row: its numbers, why it is full, its pools.
pub(super) fn detail(scene: &Scene<'_>, server: &str, daemon: &DaemonState, index: usize) -> Vec<Line<'static>> {
    let (Some(layout), Some(usage)) = (layout(daemon), daemon.usage()) else { return Vec::new() };
    let Some(row) = &daemon.whole_row(index, &usage) else { return Vec::new() };
    let counts = &row.counts;
    let head = format!("{} on {server}", name(scene, layout, row).trim());
    let mut lines = vec![Line::from(Span::styled(head, bold())), Line::default()];
    let style = row.state.map(|state| scene.look.of_state(state)).unwrap_or_default();
    let bar = bar(&likely(row), 40, scene.look.is_ascii);
    lines.push(Line::from(Span::styled(format!("{} {bar}", percent(&likely(row))), style)));
    let free = estimated(counts.basis, free(&row.offer));
    let (clients, total) = (scene.foreign(&row.offer.clients.to_string()), short(row.offer.counts.total));
    lines.push(Line::from(format!("free for new {clients}: {free} of {total}")));
    let mut parts = vec![("active", counts.active.to_string()), ("declined", counts.declined.to_string())];
    if counts.basis == Basis::Leases {
        parts.push(("expired", counts.expired.to_string()));
        parts.push(("released", counts.released.to_string()));
    }
    if counts.is_complete {
        parts.push(("reserved and free", counts.reserved_free().to_string()));
    }
    let parts: Vec<String> = parts.into_iter().map(|(what, number)| format!("{what} {number}")).collect();
    lines.push(Line::from(parts.join(", ")));
    let forecast = if row.is_full() { "full now".to_owned() } else { daemon.looks.forecast(row).to_string() };
    lines.push(Line::from(forecast));
    for cause in &row.causes {
        lines.push(Line::default());
        let text = format!("{}: {}", cause.reason.name(), scene.foreign(&cause.evidence));
        for (text, indent) in [(text, ""), (scene.foreign(&cause.remedy), "  ")] {
            let width = usize::from(scene.look.width).saturating_sub(indent.len());
            lines.extend(fold(&text, width, "  ").into_iter().map(|line| Line::from(format!("{indent}{line}"))));
        }
    }
    lines.push(Line::default());
    let pools: Vec<usize> = layout.pools_of(row.place, row.kind).collect();
    if counts.basis == Basis::Leases {
        let part = |pool: &usize| {
            let place = LayoutPlace::pool(*pool);
            let offer = usage.offer(layout, place, row.kind);
            Row { place, counts: usage.pools[*pool], offer, depth: 0, ..row.clone() }
        };
        let rows = pools.iter().map(part).map(|row| part_of(scene, layout, &row)).collect();
        lines.extend(Table { columns: &PARTS, rows, selected: None }.lines(scene.look));
        lines.extend(map::ages(scene, &usage.evidence(layout, row.place, row.kind)));
        lines.extend(maps(scene, layout, &usage, row, &pools));
    } else {
        lines.extend(
            pools
                .iter()
                .map(|pool| Line::from(name(scene, layout, &Row { place: LayoutPlace::pool(*pool), ..row.clone() }))),
        );
    }
    lines
}

/// Maps of the pools that have one.
fn maps(scene: &Scene<'_>, layout: &Layout, usage: &Usage, row: &Row, pools: &[usize]) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for pool in pools {
        let Some(map) = usage.maps.get(pool) else { continue };
        let title = name(scene, layout, &Row { place: LayoutPlace::pool(*pool), ..row.clone() });
        lines.extend(map::lines(scene, &title, map, row.kind));
    }
    match (lines.is_empty(), usage.maps.len()) {
        (false, _) => lines.extend(map::legend(scene)),
        (true, 0) => {}
        (true, count) => lines.push(Line::from(format!("no map: only the {count} fullest pools have one"))),
    }
    lines
}

const PARTS: [Column; 6] = [
    Column::left("POOL", 100, 16),
    Column::right("USED", 90),
    Column::left("", 50, 0),
    Column::right("FREE", 95),
    Column::right("ACTIVE", 80),
    Column::right("TOTAL", 85),
];

fn part_of(scene: &Scene<'_>, layout: &Layout, row: &Row) -> Vec<Cell> {
    vec![
        Cell::new(name(scene, layout, row)),
        Cell::new(percent(&row.offer)),
        Cell::new(bar(&row.offer, BAR, scene.look.is_ascii)),
        Cell::new(free(&row.offer)),
        Cell::new(row.counts.active.to_string()),
        Cell::new(short(row.counts.total)),
    ]
}
