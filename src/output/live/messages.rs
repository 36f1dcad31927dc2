//! Messages by type, and what is dropped, over time.

use std::time::Duration;

use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::bars::{columns, sparkline};
use super::cell::Cell;
use super::frame_options::{Colors, bold};
use super::scene::{Scene, nothing_matches, rate};
use super::table::{Column, Table, first_row};
use crate::top::{Counter, Meter};

const COLUMNS: [Column; 6] = [
    Column::left("MESSAGE", 100, 0),
    Column::left("", 99, 0),
    Column::right("NOW/s", 90).staying(),
    Column::right("MEAN/s", 80).staying(),
    Column::right("ALL", 70),
    Column::left("OVER TIME", 60, 0),
];

/// How wide the plot of a row is.
const PLOT: usize = 24;

/// How high the plot of drops is.
const HEIGHT: usize = 5;

/// The table, and below it the plot of what is dropped.
pub(super) fn lines(scene: &Scene<'_>, room: usize) -> Vec<Line<'static>> {
    let all = scene.model().counters(&scene.app.filter);
    let hidden = scene.model().counters("").len();
    if all.is_empty() && hidden > 0 {
        return vec![nothing_matches(scene, hidden)];
    }
    if all.is_empty() {
        return vec![Line::from("no server has counted messages yet")];
    }
    let plot = drops(scene, &all);
    let plot = if room >= plot.len() + 12 { plot } else { Vec::new() };
    let room = room.saturating_sub(plot.len() + 1);
    let cursor = scene.app.cursor();
    let first = first_row(cursor, room);
    let rows = all.iter().skip(first).take(room).map(|counter| row(scene, counter)).collect();
    let mut lines = Table { columns: &COLUMNS, rows, selected: Some(cursor.saturating_sub(first)) }.lines(scene.look);
    lines.extend(plot);
    lines
}

fn row(scene: &Scene<'_>, counter: &Counter<'_>) -> Vec<Cell> {
    let values = over_time(scene, counter, PLOT);
    let mean = mean(scene, counter);
    vec![
        Cell::new(scene.foreign(&counter.title())),
        Cell::new(counter.direction()),
        Cell::new(rate(counter.rate())),
        Cell::new(rate(mean)),
        Cell::new(format!("{:.0}", counter.value())),
        Cell::styled(sparkline(&values, PLOT, scene.look.is_ascii), scene.look.plot()),
    ]
}

/// The rates of a counter within the time range, of all servers together, in so many columns.
fn over_time(scene: &Scene<'_>, counter: &Counter<'_>, width: usize) -> Vec<f64> {
    let (now, range) = (scene.model().moment.monotonic, scene.app.range());
    let mut sums = vec![0.0; width];
    for meter in &counter.meters {
        for (sum, rate) in sums.iter_mut().zip(columns(ago(meter, now, range), range.as_secs_f64(), width)) {
            *sum += rate;
        }
    }
    sums
}

fn ago(meter: &Meter, now: Duration, range: Duration) -> impl Iterator<Item = (f64, f64)> {
    meter.since(now.saturating_sub(range)).map(move |(at, rate)| (now.saturating_sub(at).as_secs_f64(), rate))
}

fn mean(scene: &Scene<'_>, counter: &Counter<'_>) -> Option<f64> {
    let (now, range) = (scene.model().moment.monotonic, scene.app.range());
    let means = counter.meters.iter().filter_map(|meter| {
        let rates: Vec<f64> = ago(meter, now, range).map(|(_, rate)| rate).collect();
        #[expect(clippy::cast_precision_loss, reason = "few samples")]
        let count = rates.len() as f64;
        (count > 0.0).then(|| rates.iter().sum::<f64>() / count)
    });
    means.reduce(|sum, mean| sum + mean)
}

/// What is dropped and refused, by cause: a column for each part of the time range, a letter for each cause.
fn drops(scene: &Scene<'_>, all: &[Counter<'_>]) -> Vec<Line<'static>> {
    let width = usize::from(scene.look.width).saturating_sub(10).min(120);
    let causes: Vec<(&Counter<'_>, Vec<f64>)> = all
        .iter()
        .filter(|counter| counter.is_drop())
        .map(|counter| (counter, over_time(scene, counter, width)))
        .filter(|(_, values)| values.iter().any(|value| *value > 0.0))
        .collect();
    if causes.is_empty() {
        return vec![Line::default(), Line::from(Span::styled("nothing is dropped or refused", scene.look.faint()))];
    }
    let highest = (0..width).map(|x| causes.iter().map(|(_, values)| values[x]).sum::<f64>()).fold(0.0, f64::max);
    let mut lines = vec![Line::default(), Line::from(Span::styled("DROPS AND FAILURES per second", bold()))];
    for y in (0..HEIGHT).rev() {
        lines.push(line(scene, &causes, y, highest, width));
    }
    for (index, (counter, _)) in causes.iter().enumerate() {
        let text = format!("{} {}", letter(index), counter.title());
        lines.push(Line::from(Span::styled(scene.foreign(&text), color(scene, index))));
    }
    lines
}

/// A line of the plot: what reaches its height.
#[expect(clippy::cast_precision_loss, reason = "few lines")]
fn line(scene: &Scene<'_>, causes: &[(&Counter<'_>, Vec<f64>)], y: usize, highest: f64, width: usize) -> Line<'static> {
    let label = match y {
        _ if y == HEIGHT - 1 => rate(Some(highest)),
        0 => "0".to_owned(),
        _ => String::new(),
    };
    let mut spans = vec![Span::styled(format!("{label:>7} "), scene.look.faint())];
    for x in 0..width {
        let mut below = 0.0;
        let height = (y as f64 + 0.5) / HEIGHT as f64 * highest;
        let at = causes.iter().position(|(_, values)| {
            below += values[x];
            below >= height
        });
        spans.push(at.map_or_else(|| Span::raw(" "), |at| Span::styled(letter(at).to_string(), color(scene, at))));
    }
    Line::from(spans)
}

fn letter(index: usize) -> char {
    char::from(b'a' + u8::try_from(index % 26).unwrap_or(0))
}

fn color(scene: &Scene<'_>, index: usize) -> Style {
    const BASIC: [Color; 6] = [Color::Red, Color::Yellow, Color::Cyan, Color::Magenta, Color::Blue, Color::Green];
    if scene.look.colors == Colors::None { Style::new() } else { Style::new().fg(BASIC[index % BASIC.len()]) }
}
