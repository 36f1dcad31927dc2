//! What clients are given, the newest first.

use std::collections::HashSet;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::cell::Cell;
use super::frame_options::bold;
use super::scene::{Scene, nothing_matches, span};
use super::table::{Column, Table, first_row};
use crate::health::State;
use crate::lease::{Lease, Lifetime};
use crate::text::{Octets, hex};
use crate::top::{Deed, Given, HIDDEN};

const COLUMNS: [Column; 8] = [
    Column::left("TIME", 90, 0),
    Column::left("WHAT", 95, 0),
    Column::left("ADDRESS", 100, 0),
    Column::left("CLIENT", 85, 17),
    Column::left("NAME", 70, 8),
    Column::right("SUBNET", 50),
    Column::right("FOR", 60),
    Column::names("SERVER", 65, 8),
];

/// How many there were of each kind, and the table with the lines that fit.
pub(super) fn lines(scene: &Scene<'_>, room: usize) -> Vec<Line<'static>> {
    let model = scene.model();
    let mut lines = vec![summary(scene)];
    let room = room.saturating_sub(2);
    let cursor = scene.app.cursor();
    let first = first_row(cursor, room);
    let shown = model.client_rows(&scene.app.filter).skip(first).take(room);
    let rows: Vec<Vec<Cell>> = shown.map(|given| row(scene, given)).collect();
    if rows.is_empty() && model.client_rows("").next().is_some() {
        lines.push(nothing_matches(scene, model.client_rows("").count()));
        return lines;
    }
    if rows.is_empty() {
        lines.push(Line::from("No lease was given since kea-top began."));
        lines.push(Line::from("Leases of this host are seen at once, those of other servers once in a while."));
        return lines;
    }
    lines.extend(Table { columns: &COLUMNS, rows, selected: Some(cursor - first) }.lines(scene.look));
    lines
}

/// `in 5m: 12 leased, 30 renewed, 2 released; 0.1 leases/s`: in the time range, as far back as leases are known.
fn summary(scene: &Scene<'_>) -> Line<'static> {
    let model = scene.model();
    let range = i64::try_from(scene.app.range().as_secs()).unwrap_or(0);
    let seen = model.clients.since().map_or(0, |since| model.moment.now.saturating_sub(since).max(0));
    let range = range.min(seen);
    let from = model.moment.now - range;
    // Both partners of a pair have the same lease.
    let mut seen = HashSet::new();
    let recent: Vec<Deed> = model
        .client_rows(&scene.app.filter)
        .take_while(|given| given.at() >= from)
        .filter(|given| {
            let lease = given.lease.lease();
            let client = (hex(lease.hwaddr.0), hex(lease.identifier()));
            seen.insert((lease.address(), lease.cltt, client, matches!(given.deed, Deed::Leased | Deed::Renewed)))
        })
        .map(|given| given.deed)
        .collect();
    let mut parts = Vec::new();
    for deed in [Deed::Leased, Deed::Renewed, Deed::Released, Deed::Declined, Deed::Expired, Deed::Registered] {
        let count = recent.iter().filter(|it| **it == deed).count();
        if count > 0 {
            parts.push(format!("{count} {}", deed.word()));
        }
    }
    if parts.is_empty() {
        parts.push("none".to_owned());
    }
    let leased = recent.iter().filter(|deed| matches!(deed, Deed::Leased | Deed::Renewed)).count();
    #[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
    let rate = (range > 0).then(|| leased as f64 / range as f64);
    let text = format!("in {}: {}; {} leases/s", span(Some(range)), parts.join(", "), super::scene::rate(rate));
    Line::from(Span::styled(text, scene.look.faint()))
}

fn row(scene: &Scene<'_>, given: &Given) -> Vec<Cell> {
    let lease = given.lease.lease();
    let style = match given.deed {
        Deed::Declined => scene.look.of_state(State::Warning),
        Deed::Leased => scene.look.of_state(State::Ok),
        _ => Style::new(),
    };
    vec![
        Cell::new(scene.clock(given.at())),
        Cell::styled(given.deed.word(), style),
        Cell::new(hidden(scene, address(&lease))),
        Cell::new(hidden(scene, client(&lease))),
        Cell::new(hidden(scene, Octets(lease.hostname).to_string())),
        Cell::new(lease.subnet_id.to_string()),
        Cell::new(lifetime(&lease)),
        Cell::new(if scene.model().servers.len() == 1 { String::new() } else { scene.server(given.server) }),
    ]
}

fn hidden(scene: &Scene<'_>, text: String) -> String {
    if scene.app.is_private() && !text.is_empty() { HIDDEN.to_owned() } else { text }
}

fn address(lease: &Lease<'_>) -> String {
    if lease.is_prefix() { format!("{}/{}", lease.address(), lease.prefix_len()) } else { lease.address().to_string() }
}

/// The hardware address, else the client identifier or DUID; a dash where the client is not known, as of a declined address.
fn client(lease: &Lease<'_>) -> String {
    match (lease.hwaddr.0.is_empty(), identifier(lease)) {
        (false, _) => lease.hwaddr.to_string(),
        (true, identifier) if identifier.is_empty() => "-".to_owned(),
        (true, identifier) => identifier,
    }
}

/// The client identifier or DUID; nothing if it is only zeros.
fn identifier(lease: &Lease<'_>) -> String {
    let identifier = lease.identifier();
    if identifier.iter().all(|octet| *octet == 0) { String::new() } else { hex(identifier) }
}

fn lifetime(lease: &Lease<'_>) -> String {
    match lease.valid_lifetime {
        Lifetime::Infinite => "ever".to_owned(),
        Lifetime::Seconds(seconds) => span(Some(seconds.into())),
    }
}

/// Everything that is known of the client of the selected row.
pub(super) fn detail(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let model = scene.model();
    let Some(given) = model.client_rows(&scene.app.filter).nth(scene.app.cursor()) else { return Vec::new() };
    let lease = given.lease.lease();
    let mut lines = vec![Line::from(Span::styled(hidden(scene, client(&lease)), bold())), Line::default()];
    let facts = [
        ("address", hidden(scene, address(&lease))),
        ("hardware address", hidden(scene, lease.hwaddr.to_string())),
        ("client identifier", hidden(scene, identifier(&lease))),
        ("name", hidden(scene, Octets(lease.hostname).to_string())),
        ("subnet", lease.subnet_id.to_string()),
        ("given", scene.clock(lease.cltt)),
        ("for", lifetime(&lease)),
        ("state", lease.status(model.moment.now).to_string()),
        ("user context", hidden(scene, Octets(lease.user_context).to_string())),
    ];
    for (what, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        lines.push(Line::from(format!("{what:<18} {value}")));
    }
    lines.push(Line::default());
    let since = model.clients.since().unwrap_or(model.moment.now);
    lines.push(Line::from(Span::styled(format!("what was seen since {}", scene.clock(since)), bold())));
    let is_same = |other: &&Given| {
        let other = other.lease.lease();
        other.hwaddr == lease.hwaddr && other.identifier() == lease.identifier()
    };
    for other in model.client_rows("").filter(is_same) {
        let lease = other.lease.lease();
        let text = format!("{} {:<9} {}", scene.clock(other.at()), other.deed.word(), hidden(scene, address(&lease)));
        lines.push(Line::from(text));
    }
    lines.push(Line::default());
    lines.push(Line::from("kea-log-report has every decision of the server about a client"));
    lines
}
