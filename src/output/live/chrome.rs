//! The lines above and below every view.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::cell::shortened;
use super::frame_options::{bold, selected};
use super::scene::{Scene, span};
use crate::health::State;
use crate::top::{Replay, Sort, View};

/// How many lines they are.
pub(super) const HEIGHT: usize = 3;

/// Tabs, and how all servers are.
pub(super) fn head(scene: &Scene<'_>) -> Vec<Line<'static>> {
    vec![tabs(scene), summary(scene)]
}

fn tabs(scene: &Scene<'_>) -> Line<'static> {
    let width = usize::from(scene.look.width);
    let mut spans = Vec::new();
    let mut used = 0;
    for (index, view) in View::ALL.into_iter().enumerate() {
        let is_shown = view == scene.app.view;
        // Where there is little room, the other views are only numbers.
        let text = if width >= 62 || is_shown {
            format!(" {} {} ", index + 1, view.title())
        } else {
            format!(" {} ", index + 1)
        };
        used += text.len();
        spans.push(if is_shown { Span::styled(text, selected()) } else { Span::raw(text) });
    }
    let (forms, style) = moment(scene);
    if let Some(right) = forms.into_iter().find(|form| used + form.len() < width) {
        spans.push(Span::raw(" ".repeat(width - used - right.len())));
        spans.push(Span::styled(right, style));
    }
    Line::from(spans)
}

/// The moment that is shown, the longest form first; in bold if that is not now.
fn moment(scene: &Scene<'_>) -> (Vec<String>, Style) {
    let now = scene.model().moment.now;
    let (date, clock) = (scene.date(now), scene.clock(now));
    // The day without the year, the time without seconds.
    let short = format!("{} {}", &date[date.len().saturating_sub(5)..], &clock[..clock.len().min(5)]);
    let is_frozen = scene.app.is_frozen();
    let forms = match scene.app.replay {
        Some(_) if is_frozen => {
            vec![format!("frozen REPLAY {date} {clock}"), format!("frozen {short}"), "frozen".to_owned()]
        }
        Some(Replay::Running) => {
            vec![format!("REPLAY of {date} {clock}"), format!("REPLAY {short}"), "REPLAY".to_owned()]
        }
        Some(Replay::Ended) => {
            vec![format!("REPLAY ended {date} {clock}"), format!("REPLAY end {clock}"), "REPLAY".to_owned()]
        }
        None if is_frozen => vec![format!("frozen {clock}"), "frozen".to_owned()],
        None => vec![clock],
    };
    let is_now = scene.app.replay.is_none() && !scene.app.is_frozen();
    (forms, if is_now { scene.look.faint() } else { bold() })
}

/// `10 servers: 8 serving, 1 no answer, 1 refused`
fn summary(scene: &Scene<'_>) -> Line<'static> {
    let servers = &scene.model().servers;
    let mut words: Vec<(&str, State, usize)> = Vec::new();
    for server in servers {
        let (word, state) = scene.model().word(server);
        match words.iter_mut().find(|(known, ..)| *known == word) {
            Some((.., count)) => *count += 1,
            None => words.push((word, state, 1)),
        }
    }
    words.sort_by_key(|(_, state, _)| std::cmp::Reverse(*state));
    let mut spans = vec![Span::raw(crate::text::count(servers.len() as u64, "server") + ": ")];
    for (index, (word, state, count)) in words.into_iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        let text = if servers.len() == 1 { word.to_owned() } else { format!("{count} {word}") };
        spans.push(Span::raw(comma));
        spans.push(Span::styled(text, scene.look.of_state(state)));
    }
    if !scene.app.filter.is_empty() && !scene.app.is_typing {
        spans.push(Span::raw(format!(
            "; only \"{}\" (/ changes, Esc ends it)",
            crate::text::OneLine(&scene.app.filter)
        )));
    }
    Line::from(cut(spans, usize::from(scene.look.width), scene.look.is_ascii))
}

/// As much of a line as there is room for; `…` replaces the rest.
fn cut(spans: Vec<Span<'static>>, width: usize, is_ascii: bool) -> Vec<Span<'static>> {
    if spans.iter().map(Span::width).sum::<usize>() <= width {
        return spans;
    }
    let (mut kept, mut room) = (Vec::new(), width);
    for span in spans {
        if span.width() >= room {
            kept.push(Span::styled(shortened(&span.content, room, is_ascii), span.style));
            break;
        }
        room -= span.width();
        kept.push(span);
    }
    kept
}

/// What keys do here.
pub(super) fn foot(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let app = scene.app;
    if app.is_typing {
        let text = format!("Filter: {}_  (Enter keeps it, Esc ends it)", crate::text::OneLine(&app.filter));
        return vec![Line::from(text)];
    }
    let range = span(i64::try_from(app.range().as_secs()).ok());
    let sort = match (app.sort(), app.view) {
        (Sort::Worst, _) => "worst",
        (Sort::Name, _) => "name",
        (Sort::Amount, View::Overview) => "rate",
        (Sort::Amount, _) => "free",
    };
    let mut keys = vec![("q", "quit".to_owned()), ("?", "help".to_owned())];
    if app.is_detailed || app.is_help {
        keys.push(("Esc", "back".to_owned()));
    } else {
        let has_rows = matches!(app.view, View::Overview | View::Pools | View::Clients | View::Events);
        keys.extend(has_rows.then(|| ("Enter", "details".to_owned())));
        keys.extend((app.view != View::Ha).then(|| ("/", "filter".to_owned())));
        keys.extend(matches!(app.view, View::Overview | View::Pools).then(|| ("s", format!("sort: {sort}"))));
    }
    keys.push(("space", if app.is_frozen() { "go on".to_owned() } else { "freeze".to_owned() }));
    keys.push(("+-", range));
    keys.push(("p", if app.is_private() { "show names".to_owned() } else { "hide names".to_owned() }));
    let (mut spans, mut used) = (Vec::new(), 0);
    for (key, text) in keys {
        let long = key.len() + text.len() + 3;
        if used + long > usize::from(scene.look.width) + 2 {
            break;
        }
        used += long;
        spans.push(Span::styled(key, bold()));
        spans.push(Span::styled(format!(" {text}  "), scene.look.faint()));
    }
    vec![Line::from(spans)]
}
