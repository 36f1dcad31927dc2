//! One self-contained page with plots: nothing is loaded from anywhere, and no script runs.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::page::Page;
use super::{Moments, rows};
use crate::log::analysis::Analysis;
use crate::log::finding;
use crate::log::histogram::Histogram;
use crate::log::life::Outcome;
use crate::log::stamp::{Micros, SECOND};
use crate::output::html::{escaped, escaped_lines};

/// The size of a plot.
const WIDTH: i64 = 900;
const HEIGHT: i64 = 160;
/// How many bars a plot has at the most.
const BARS: i64 = 180;

const LEGEND: &str = "Triangles above: starts, red where they failed. Triangles below: reloads, green or failed in red. \
Crosses: shutdowns, red where a process ended without one.";

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:960px;margin:2em auto;padding:0 1em;color:#222;\
background:#fff}h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em}pre{background:#f4f4f4;padding:.8em;\
overflow-x:auto;font-size:13px}svg{width:100%;height:auto;background:#fafafa;border:1px solid #ddd}\
li{margin:.4em 0}.critical{border-left:4px solid #b00020;padding-left:.6em}.warning{border-left:4px solid #c77700;\
padding-left:.6em}.notice{border-left:4px solid #888;padding-left:.6em}small{color:#555}\
@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}pre{background:#222}svg{background:#eee}small{color:#aaa}}";

/// Writes the page.
pub(crate) fn write(
    analysis: &Analysis,
    notes: &[String],
    moments: &mut Moments,
    out: &mut dyn Write,
) -> io::Result<()> {
    let period = analysis.first.zip(analysis.last);
    let title = period.map_or("Kea logs".to_owned(), |(first, last)| {
        format!("Kea logs, {} to {}", moments.seconds(first), moments.seconds(last))
    });
    let title = escaped(&title);
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )?;
    writeln!(out, "<style>{STYLE}</style></head><body><h1>{title}</h1>")?;
    findings(analysis, moments, out)?;
    writeln!(out, "<h2>Messages and leases over time</h2>{}", rates(analysis, moments))?;
    for (name, service) in [("DHCPv4", &analysis.v4.service), ("DHCPv6", &analysis.v6.service)] {
        if service.count() > 0 {
            writeln!(out, "<h2>Service time of {name}, from packet to answer</h2>{}", latency(service))?;
        }
    }
    if let Some(period) = period.filter(|_| has_timeline(analysis)) {
        writeln!(out, "<h2>States, starts, ends and reloads</h2>{}", timeline(analysis, period, moments))?;
        writeln!(out, "<p><small>{LEGEND}</small></p>")?;
    }
    let mut text = Vec::new();
    Page { analysis, notes, moments, width: 96 }.write(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    writeln!(out, "<h2>In words</h2><pre>{}</pre></body></html>", escaped_lines(&text))
}

fn findings(analysis: &Analysis, moments: &mut Moments, out: &mut dyn Write) -> io::Result<()> {
    let all = finding::findings(analysis);
    if all.is_empty() {
        return writeln!(out, "<p>{}</p>", escaped(super::page::calm(analysis)));
    }
    writeln!(out, "<h2>What needs attention</h2><ul>")?;
    for finding in all {
        let word = finding.grade.word();
        let when = finding.tally.map_or(String::new(), |tally| moments.when(&tally));
        let (what, advice) = (escaped(&format!("{}{when}", finding.what)), escaped(&finding.advice));
        writeln!(out, "<li class=\"{word}\"><b>{word}</b> {what}<br><small>{advice}</small></li>")?;
    }
    writeln!(out, "</ul>")
}

/// Begins a plot.
fn plot(height: i64, label: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">", escaped(label))
}

fn text(svg: &mut String, x: i64, y: i64, anchor: &str, text: &str) {
    // Writing to a String cannot fail.
    let _ = write!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"12\" text-anchor=\"{anchor}\" fill=\"#333\">{}</text>",
        escaped(text)
    );
}

fn bar(svg: &mut String, x: i64, width: i64, height: i64, colour: &str, title: &str) {
    let y = HEIGHT - 20 - height;
    let _ = write!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"><title>{}</title></rect>",
        escaped(title)
    );
}

fn rates(analysis: &Analysis, moments: &mut Moments) -> String {
    let own = &analysis.rates;
    let factor = i64::try_from(own.steps.len()).unwrap_or(0) / BARS + 1;
    let rates = own.in_steps(own.step * factor);
    let count = i64::try_from(rates.steps.len()).unwrap_or(0).max(1);
    let most = rates.steps.iter().map(|step| step.packets.max(step.leases)).max().unwrap_or(0).max(1);
    let mut svg = plot(HEIGHT, "packets, leases and failures over time");
    let room = (WIDTH - 20) / count;
    for (at, step) in rates.steps.iter().enumerate() {
        let at = i64::try_from(at).unwrap_or(0);
        let x = 10 + at * (WIDTH - 20) / count;
        let high = |count: u32| i64::from(count) * (HEIGHT - 45) / i64::from(most);
        let when = moments.seconds(rates.begin() + rates.step * at);
        let packets = rows::packets(step, analysis).map_or(String::new(), |packets| format!("{packets} packets, "));
        let title = format!("{when}: {packets}{} leases, {} failures", step.leases, step.failures);
        let width = (room - 1).max(1);
        bar(&mut svg, x, width, high(step.packets), "#9db8d9", &title);
        bar(&mut svg, x, (width / 2).max(1), high(step.leases), "#2a5fa5", &title);
        if step.failures > 0 {
            bar(&mut svg, x, width, high(step.failures).max(3), "#b00020", &title);
        }
    }
    text(
        &mut svg,
        10,
        14,
        "start",
        &format!("most {most} in {} s: packets light, leases dark, failures red", rates.step / SECOND),
    );
    text(&mut svg, 10, HEIGHT - 5, "start", &moments.seconds(rates.begin()));
    let end = rates.begin() + rates.step * count;
    text(&mut svg, WIDTH - 10, HEIGHT - 5, "end", &moments.seconds(end));
    svg + "</svg>"
}

fn latency(service: &Histogram) -> String {
    let mut svg = plot(HEIGHT, "how many answers took how long");
    let all: Vec<_> = service.buckets().collect();
    let most = all.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let count = i64::try_from(all.len()).unwrap_or(0).max(1);
    for (at, (top, number)) in all.iter().enumerate() {
        let x = 10 + i64::try_from(at).unwrap_or(0) * (WIDTH - 20) / count;
        let height = i64::from(*number) * (HEIGHT - 45) / i64::from(most);
        let title = format!("up to {} ms: {number} answers", rows::millis(*top));
        bar(&mut svg, x, ((WIDTH - 20) / count - 1).max(1), height.max(1), "#2a5fa5", &title);
    }
    let ms = |micros| format!("{} ms", rows::millis(micros));
    let (p50, p99) = (service.percentile(50), service.percentile(99));
    text(&mut svg, 10, 14, "start", &format!("p50 {}, p99 {}, max {}", ms(p50), ms(p99), ms(service.most())));
    text(&mut svg, 10, HEIGHT - 5, "start", &all.first().map_or(String::new(), |(top, _)| ms(*top)));
    text(&mut svg, WIDTH - 10, HEIGHT - 5, "end", &ms(service.most()));
    svg + "</svg>"
}

fn has_timeline(analysis: &Analysis) -> bool {
    let life = &analysis.life;
    !(analysis.side.transitions.is_empty()
        && life.starts.is_empty()
        && life.stops.is_empty()
        && life.reloads.is_empty())
}

/// The colour of a state of high availability.
fn colour(state: &str) -> &'static str {
    match state {
        "hot-standby" | "load-balancing" | "passive-backup" => "#5a9e6f",
        "partner-down" | "partner-in-maintenance" => "#d08a2e",
        "terminated" => "#b00020",
        _ => "#bbbbbb",
    }
}

fn timeline(analysis: &Analysis, (first, last): (Micros, Micros), moments: &mut Moments) -> String {
    let span = (last - first).max(1);
    let place = |time: Option<Micros>| {
        let ahead = i128::from(time.unwrap_or(first) - first) * i128::from(WIDTH - 150) / i128::from(span);
        140 + i64::try_from(ahead).unwrap_or(0).clamp(0, WIDTH - 150)
    };
    let rows_of: Vec<_> =
        analysis.instances.iter().enumerate().filter(|(_, instance)| instance.name().is_some()).collect();
    let height = 40 + 34 * i64::try_from(rows_of.len()).unwrap_or(1);
    let mut svg = plot(height, "states of high availability, starts and reloads");
    for (row, (at, _)) in rows_of.iter().enumerate() {
        let y = 10 + 34 * i64::try_from(row).unwrap_or(0);
        text(&mut svg, 132, y + 16, "end", &analysis.name_on_host(*at).unwrap_or_default());
        states(&mut svg, analysis, *at, y, &place);
        for start in analysis.life.starts.iter().filter(|start| start.instance == *at) {
            let colour = if start.outcome == Outcome::Failed { "#b00020" } else { "#222" };
            mark(&mut svg, place(start.time), y, colour, &format!("start: {}", start.outcome.word()));
        }
        for stop in analysis.life.stops.iter().filter(|stop| stop.instance == *at) {
            let (colour, what) = match stop {
                _ if stop.is_in_gap => ("#888", "last message before a missing file"),
                _ if stop.is_death => ("#b00020", "last message of a process without a shutdown"),
                _ => ("#888", "shutdown"),
            };
            cross(&mut svg, place(stop.time), y, colour, what);
        }
        for reload in analysis.life.reloads.iter().filter(|reload| reload.instance == *at) {
            mark(
                &mut svg,
                place(reload.time),
                y + 8,
                if reload.is_ok == Some(true) { "#5a9e6f" } else { "#b00020" },
                &format!("reload {}", reload.outcome()),
            );
        }
    }
    text(&mut svg, 140, height - 8, "start", &moments.seconds(first));
    text(&mut svg, WIDTH - 10, height - 8, "end", &moments.seconds(last));
    svg + "</svg>"
}

fn states(svg: &mut String, analysis: &Analysis, at: usize, y: i64, place: &dyn Fn(Option<Micros>) -> i64) {
    let changes: Vec<_> = analysis.side.transitions.iter().filter(|change| change.instance == at).collect();
    for (number, change) in changes.iter().enumerate() {
        let next = changes.get(number + 1).map(|next| next.time);
        // A process that died was in no state until it was there again.
        let starts = analysis.life.starts.iter().filter(|start| start.instance == at && start.time > change.time);
        let end = next.into_iter().chain(starts.map(|start| start.time)).min();
        let (from, to) = (place(change.time), end.map_or(WIDTH - 10, place));
        let _ = write!(
            svg,
            "<rect x=\"{from}\" y=\"{y}\" width=\"{}\" height=\"22\" fill=\"{}\"><title>{}</title></rect>",
            (to - from).max(1),
            colour(&change.to),
            escaped(&change.to)
        );
        if to - from > 8 * i64::try_from(change.to.len()).unwrap_or(0) {
            text(svg, from + 4, y + 15, "start", &change.to);
        }
    }
}

fn cross(svg: &mut String, x: i64, y: i64, colour: &str, title: &str) {
    let _ = write!(
        svg,
        "<path d=\"M{} {y}l8 8m0 -8l-8 8\" stroke=\"{colour}\" stroke-width=\"2\"><title>{}</title></path>",
        x - 4,
        escaped(title)
    );
}

fn mark(svg: &mut String, x: i64, y: i64, colour: &str, title: &str) {
    let _ = write!(svg, "<path d=\"M{x} {y}l5 8h-10z\" fill=\"{colour}\"><title>{}</title></path>", escaped(title));
}
