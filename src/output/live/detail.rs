//! Everything about the selected row.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::facts::{backend_of, layout, likely};
use super::frame_options::bold;
use super::pools::short_name;
use super::scene::{Scene, span};
use crate::config::Daemon;
use crate::health::State;
use crate::output::usage::number::percent;
use crate::output::usage::table::fold;
use crate::text::OneLine;
use crate::top::{DaemonState, IDLE, View};

/// The lines; more than fit are scrolled.
pub(super) fn lines(scene: &Scene<'_>) -> Vec<Line<'static>> {
    match scene.app.view {
        View::Overview => server(scene),
        View::Pools => pool(scene),
        View::Events => event(scene),
        View::Clients => super::clients::detail(scene),
        View::Ha | View::Messages => Vec::new(),
    }
}

/// Text in lines as wide as the screen.
fn folded(scene: &Scene<'_>, text: &str, style: Style, indent: &str) -> Vec<Line<'static>> {
    let width = usize::from(scene.look.width).saturating_sub(indent.len());
    let lines = fold(text, width, "  ");
    lines.into_iter().map(|line| Line::from(Span::styled(format!("{indent}{line}"), style))).collect()
}

fn server(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let model = scene.model();
    let rows = model.server_rows(&scene.app.filter, scene.app.sort());
    let Some(index) = rows.get(scene.app.cursor()) else { return Vec::new() };
    let mut lines = vec![Line::from(Span::styled(scene.server(*index), bold()))];
    if model.servers[*index].is_idle() {
        lines.extend(folded(scene, IDLE, Style::new(), ""));
    }
    for daemon in model.servers[*index].daemons() {
        lines.push(Line::default());
        lines.extend(self::daemon(scene, daemon));
    }
    lines.push(Line::default());
    let events = model.events.newest().filter(|event| event.server == *index).take(10);
    for event in events {
        lines.extend(folded(
            scene,
            &format!("{} {}", scene.clock(event.at), scene.foreign(&event.text)),
            Style::new(),
            "",
        ));
    }
    lines
}

fn daemon(scene: &Scene<'_>, daemon: &DaemonState) -> Vec<Line<'static>> {
    let (word, state) = daemon.word();
    let name = daemon.daemon.map_or("daemon", Daemon::name);
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{name}: "), bold()),
        Span::styled(word, scene.look.of_state(state)),
    ])];
    if let Some(cause) = daemon.cause.as_ref().filter(|_| daemon.trouble.is_some()) {
        lines.extend(folded(scene, &scene.foreign(cause), Style::new(), "  "));
    }
    for finding in daemon.findings() {
        let text = format!("{}: {}", finding.state.word(), scene.foreign(&finding.text));
        lines.extend(folded(scene, &text, scene.look.of_state(finding.state), "  "));
    }
    lines.extend(bad_pools(scene, daemon));
    let Some(answers) = &daemon.answers else { return lines };
    let model = scene.model();
    let silence = daemon.silent_for(model.moment.monotonic, model.interval);
    let style = if silence.is_some() { scene.look.faint() } else { Style::new() };
    if let Some(silence) = silence.and_then(|silence| i64::try_from(silence.as_secs()).ok()) {
        lines.push(Line::from(format!("  {} ago, when it last answered:", span(Some(silence)))));
    }
    let mut facts = vec![
        ("version", answers.version.clone().unwrap_or_default()),
        ("up", span(answers.status.uptime)),
        (
            "configuration loaded",
            answers.status.reload.map_or_else(String::new, |it| format!("{} ago", span(Some(it)))),
        ),
        ("leases in", backend_of(daemon).unwrap_or_default().to_owned()),
        ("sockets", answers.status.sockets.clone().unwrap_or_default()),
        ("threads", answers.status.threads.map_or_else(String::new, |threads| threads.to_string())),
    ];
    if let Some(layout) = layout(daemon) {
        facts.push(("subnets", layout.subnets.len().to_string()));
    }
    for skipped in &answers.skipped {
        facts.push(("not asked for", format!("{:?}: {}", skipped.what, skipped.reason).to_lowercase()));
    }
    for (what, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        // A version is no address.
        let value = if what == "version" { OneLine(&value).to_string() } else { scene.foreign(&value) };
        lines.push(Line::from(Span::styled(format!("  {what}: {value}"), style)));
    }
    lines
}

/// The worst pools that are not well.
fn bad_pools(scene: &Scene<'_>, daemon: &DaemonState) -> Vec<Line<'static>> {
    const MOST: usize = 5;
    let Some(layout) = layout(daemon) else { return Vec::new() };
    let rows = (0..daemon.rows.len()).filter_map(|index| daemon.row(index));
    let bad = rows.filter_map(|row| Some((row.state.filter(|state| *state != State::Ok)?, row)));
    let lines = bad.take(MOST).flat_map(|(state, row)| {
        let name = short_name(scene, layout, &row);
        let what =
            if row.has_pool() { format!("{} {name}", percent(&likely(&row))) } else { format!("{name} has no pool") };
        let text = format!("{}: {what}", state.word());
        folded(scene, &text, scene.look.of_state(state), "  ")
    });
    lines.collect()
}

fn pool(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let model = scene.model();
    let places = model.pool_rows(&scene.app.filter, scene.app.sort());
    let Some(place) = places.get(scene.app.cursor()) else { return Vec::new() };
    let server = &model.servers[place.server];
    let Some(daemon) = server.daemon(place.daemon) else { return Vec::new() };
    super::pools::detail(scene, &scene.server(place.server), daemon, place.row)
}

fn event(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let Some(event) = scene.model().event_rows(&scene.app.filter).nth(scene.app.cursor()) else { return Vec::new() };
    let head = format!("{} {} {}", scene.clock(event.at), event.severity.word(), scene.server(event.server));
    let mut lines = vec![Line::from(Span::styled(head, bold())), Line::default()];
    lines.extend(folded(scene, &scene.foreign(&event.text), Style::new(), ""));
    lines
}
