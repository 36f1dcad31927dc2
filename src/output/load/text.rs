//! A report for people: tables and lines that fit the terminal, what was lost and why, and whether the figures count.

use std::time::Duration;

use super::super::wrap::wrapped;
use super::{Heading, Outcome, plot};
use crate::dhcp::v6::StatusCode;
use crate::load::{Loss, MessageReport, Quantiles, Report, Stop, hints};
use crate::text::{OneLine, count, milliseconds};

mod headline;
mod leases;

/// How a text is to look.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether only ASCII is shown.
    pub ascii: bool,
}

/// The report.
#[must_use]
pub fn write(heading: &Heading, report: &Report, outcome: &Outcome<'_>, style: Style) -> String {
    let mut page = Page { text: String::new(), width: style.width };
    headline::write(heading, report, &mut page);
    steps(report, &mut page);
    table(report, &mut page);
    losses(report, &mut page);
    plots(report, style, &mut page);
    servers(report, &mut page);
    leases::write(report, &mut page);
    own(report, &mut page);
    verdict(report, outcome, &mut page);
    page.text
}

/// A page that is as wide as the terminal.
struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// A line of words, in several lines if it is too long.
    fn line(&mut self, text: &str) {
        let indent = if text.starts_with(' ') { "    " } else { "  " };
        self.row(&wrapped(text, Some(self.width), indent));
    }

    /// A row of a table, or several lines.
    fn row(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Which of five times there is room for after so many columns: the median, the 99th percentile, the longest, all.
    fn times(&self, before: usize) -> &'static [usize] {
        match (self.width.saturating_sub(before)) / 7 {
            0..=2 => &[0, 2],
            3 | 4 => &[0, 2, 4],
            _ => &[0, 1, 2, 3, 4],
        }
    }
}

/// A rate, of which a digit after the point matters where there is one.
fn rate(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.1}/s") } else { format!("{}/s", digits(rate)) }
}

fn digits(rate: f64) -> String {
    let text = format!("{rate:.1}");
    text.trim_end_matches(".0").to_owned()
}

fn steps(report: &Report, page: &mut Page) {
    if report.steps.len() < 2 {
        return;
    }
    page.row("\n    rate/s  completed/s   lost %   p50 ms   p99 ms   max ms");
    for it in &report.steps {
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let (completed, lost) =
            (it.completed as f64 / it.step.length.as_secs_f64(), it.lost as f64 * 100.0 / it.sent.max(1) as f64);
        let lost = if it.sent == 0 { "-".to_owned() } else { format!("{lost:.2}") };
        let [p50, p99, max] =
            [it.latency.p50, it.latency.p99, it.latency.max].map(|time| known(it.latency.count > 0, time));
        let mark = match (it.is_valid, it.holds) {
            (false, _) => "  not valid",
            (true, false) => "  does not hold",
            (true, true) => "",
        };
        let rate = digits(it.step.rate);
        page.row(&format!("{rate:>10} {completed:>12.0} {lost:>8} {p50:>8} {p99:>8} {max:>8}{mark}"));
    }
}

/// The columns of a table before its times.
const BEFORE_TIMES: usize = 44;

fn table(report: &Report, page: &mut Page) {
    let shown = page.times(BEFORE_TIMES);
    let names = ["p50 ms", "p90", "p99", "p99.9", "max"];
    let headings = columns(shown, names.map(str::to_owned));
    page.row(&format!("\n{:<19} {:>8} {:>8} {:>6}{headings}", "message", "sent", "answered", "lost"));
    for one in &report.messages {
        let (name, sent, lost) = (one.message.name(), one.sent, one.lost.total());
        if !one.is_answered {
            page.row(&format!("{name:<19} {sent:>8} {:>8} {lost:>6}", "-"));
            continue;
        }
        page.row(&format!("{name:<19} {sent:>8} {:>8} {lost:>6}{}", one.answered, times(&one.from_intended, shown)));
        if one.from_sending != one.from_intended && one.answered > 0 {
            page.row(&format!("{:<BEFORE_TIMES$}{}", "  since sending", times(&one.from_sending, shown)));
        }
    }
    if report.completed > 0 && report.exchange_latency.count > 0 && report.messages.len() > 1 {
        let times = times(&report.exchange_latency, shown);
        page.row(&format!("{:<19} {:>8} {:>8} {:>6}{times}", "exchange", report.started, report.completed, ""));
    }
}

fn times(it: &Quantiles, shown: &[usize]) -> String {
    let all = [it.p50, it.p90, it.p99, it.p999, it.max];
    columns(shown, all.map(|time| known(it.count > 0, time)))
}

/// Those of five columns that are shown.
fn columns(shown: &[usize], all: [String; 5]) -> String {
    let all = all.map(|text| format!(" {text:>6}"));
    shown.iter().map(|at| all[*at].as_str()).collect()
}

/// A time, if it is known.
fn known(is_known: bool, time: Duration) -> String {
    if is_known { short(time) } else { "-".to_owned() }
}

/// Milliseconds with three or four digits.
fn short(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    match ms {
        ms if ms < 10.0 => format!("{ms:.3}"),
        ms if ms < 100.0 => format!("{ms:.2}"),
        ms if ms < 1000.0 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    }
}

fn losses(report: &Report, page: &mut Page) {
    let mut lines = Vec::new();
    for one in &report.messages {
        let parts = causes(one);
        if !parts.is_empty() {
            lines.push(format!("  {}: {}", one.message.name(), parts.join(", ")));
        }
        let more: Vec<_> = [
            (one.again, "message sent again"),
            (one.duplicates, "duplicate answer"),
            (one.others, "answer of another server"),
        ]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| plural(number, what))
        .collect();
        if !more.is_empty() {
            lines.push(format!("  {}: also {}", one.message.name(), more.join(", ")));
        }
    }
    let own = &report.own;
    for (number, what) in [
        (own.unknown, "answer of an unknown transaction"),
        (own.stale, "answer to an earlier exchange"),
        (own.damaged, "damaged datagram"),
    ] {
        if number > 0 {
            lines.push(format!("  {}", plural(number, what)));
        }
    }
    if let Some(because) = &own.unreachable_because {
        let because = OneLine(because);
        lines.push(format!("  {} did not arrive: {because}", count(own.unreachable, "message")));
    }
    if let Some(drops) = report.server_drops.filter(|drops| *drops > 0) {
        lines.push(format!("  the server's own socket dropped {}", count(drops, "datagram")));
    }
    if !lines.is_empty() {
        page.row("\nlost or unexpected");
        for it in &lines {
            page.line(it);
        }
    }
}

/// `3 answers of another server`.
fn plural(number: u64, what: &str) -> String {
    match (number, what.split_once(' ')) {
        (1, _) => format!("1 {what}"),
        (_, Some((first @ ("answer" | "message"), rest))) => format!("{number} {first}s {rest}"),
        _ => format!("{number} {what}s"),
    }
}

fn causes(one: &MessageReport) -> Vec<String> {
    let mut parts = Vec::new();
    for loss in Loss::ALL {
        let number = one.lost.of(loss);
        match loss {
            _ if number == 0 => {}
            Loss::Late => {
                let late = &one.late;
                parts.push(format!("{number} late (p50 {} ms, max {} ms)", short(late.p50), short(late.max)));
            }
            Loss::Nak => parts.push(format!("{number} NAK")),
            other => parts.push(format!("{number} {}", other.name())),
        }
    }
    parts.extend(one.lost.unusable().map(|(why, number)| format!("{number} unusable ({})", why.words())));
    parts.extend(one.lost.refused().map(|(code, number)| format!("{number} {}", StatusCode(code))));
    parts
}

/// Shorter runs are no more than their table.
const LEAST_SECONDS: usize = 3;

fn plots(report: &Report, style: Style, page: &mut Page) {
    let seconds = &report.seconds;
    if seconds.len() < LEAST_SECONDS {
        return;
    }
    let width = style.width.saturating_sub(34).clamp(10, 120);
    let completed: Vec<f64> = seconds.iter().map(|second| second.completed.into()).collect();
    let p99: Vec<f64> = seconds.iter().map(|second| second.p99.as_secs_f64() * 1000.0).collect();
    let lost: Vec<f64> = seconds.iter().map(|second| second.lost.into()).collect();
    page.row("");
    for (name, values, unit) in [("completed/s", completed, ""), ("p99", p99, " ms"), ("lost/s", lost, "")] {
        let most = values.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            let shown = if unit.is_empty() { format!("{most:.0}") } else { format!("{most:.1}{unit}") };
            page.row(&format!("{name:<11} {}  at most {shown}", plot::bars(&values, width, style.ascii)));
        }
    }
}

fn servers(report: &Report, page: &mut Page) {
    page.row("");
    if report.servers.is_empty() {
        page.line(&unheard(report));
    }
    for it in &report.servers {
        let refusals = if it.refusals > 0 { format!(", {}", count(it.refusals, "refusal")) } else { String::new() };
        let times = match it.latency.count {
            0 => String::new(),
            _ => format!(", p50 {} ms, p99 {} ms", short(it.latency.p50), short(it.latency.p99)),
        };
        page.line(&format!("server {}: {}{refusals}{times}", it.identity, count(it.answers, "answer")));
    }
}

/// Which servers did not answer; that another did is no answer of these.
fn unheard(report: &Report) -> String {
    match &report.stop {
        Some(Stop::UnlistedServer { identity, .. }) => {
            let meant: Vec<_> = report.meant.iter().map(ToString::to_string).collect();
            format!("{} did not answer; {identity} did", meant.join(", "))
        }
        _ => "no server answered".to_owned(),
    }
}

fn own(report: &Report, page: &mut Page) {
    let own = &report.own;
    let latest = if own.sent == 0 { "-".to_owned() } else { milliseconds(own.latest) };
    let cpu = own.cpu * 100.0;
    page.line(&format!(
        "sent late: {} of {}, at most {latest}; own drops: {}; processor: {cpu:.0} %",
        own.late_sent, own.sent, own.drops
    ));
}

fn verdict(report: &Report, outcome: &Outcome<'_>, page: &mut Page) {
    for hint in hints(report) {
        page.line(&format!("hint: {hint}"));
    }
    match &report.stop {
        Some(Stop::Loss) => page.line("stopped: more than half of the messages were lost for 5 s"),
        Some(Stop::Silence) => page.line("stopped: nothing was answered any more"),
        Some(Stop::Interrupted) => page.line("stopped: interrupted"),
        Some(Stop::LinkFailed) => page.line("stopped: the interface failed"),
        Some(Stop::UnlistedServer { identity, source }) => {
            page.line(&format!("stopped: {identity} ({}) answered, which -s does not name", source.ip()));
        }
        None => {}
    }
    for it in outcome.missed {
        page.line(&it.to_string());
    }
    let status = format!("exit status {}: {}", outcome.status, outcome.because.join(", "));
    if report.invalid.is_empty() {
        page.line(&format!("valid; {status}"));
    } else {
        page.line(&format!("NOT VALID: {}", OneLine(&report.invalid.join("; "))));
        page.line(&status);
    }
}
