//! A report for people: tables that fit 80 columns, what was lost and why, and whether the figures count.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Heading, plot};
use crate::dhcp::v6::StatusCode;
use crate::load::{Loss, MessageReport, Missed, Quantiles, Report, Stop};
use crate::text::{OneLine, count, milliseconds};

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
pub fn write(heading: &Heading, report: &Report, missed: &[Missed], style: Style) -> String {
    let mut text = String::new();
    summary(heading, report, &mut text);
    steps(report, &mut text);
    table(report, &mut text);
    losses(report, &mut text);
    plots(report, style, &mut text);
    servers(report, &mut text);
    leases(report, &mut text);
    own(report, &mut text);
    verdict(report, missed, &mut text);
    text
}

/// Writing to a String cannot fail.
macro_rules! line {
    ($text:expr, $($format:tt)*) => {{ let _ = writeln!($text, $($format)*); }};
}

fn summary(heading: &Heading, report: &Report, text: &mut String) {
    let Heading { exchange, clients, target } = heading;
    line!(text, "{exchange}, {}, {}", count((*clients).into(), "client"), OneLine(target));
    let seconds = report.length.as_secs_f64();
    line!(
        text,
        "{} begun, {} completed in {seconds:.1} s: {}, {} completed",
        count(report.started, "exchange"),
        report.completed,
        if report.rate_asked > 0.0 { format!("{} asked", rate(report.rate_asked)) } else { "all at once".to_owned() },
        rate(report.rate_achieved)
    );
    match report.found {
        Some(found) => line!(text, "highest rate that holds: {}, confirmed three times", rate(found)),
        None if report.is_search => line!(text, "no rate was found that holds"),
        None => {}
    }
}

fn rate(rate: f64) -> String {
    if rate >= 100.0 { format!("{rate:.0}/s") } else { format!("{rate:.1}/s") }
}

fn steps(report: &Report, text: &mut String) {
    if report.steps.len() < 2 {
        return;
    }
    line!(text, "\n    rate/s  completed/s   lost %   p50 ms   p99 ms   max ms");
    for it in &report.steps {
        #[allow(clippy::cast_precision_loss, reason = "figures for people")]
        let (completed, lost) =
            (it.completed as f64 / it.step.length.as_secs_f64(), it.lost as f64 * 100.0 / it.sent.max(1) as f64);
        let [p50, p99, max] = [it.latency.p50, it.latency.p99, it.latency.max].map(short);
        let mark = match (it.is_valid, it.holds) {
            (false, _) => "  not valid",
            (true, false) => "  does not hold",
            (true, true) => "",
        };
        line!(text, "{:>10.0} {completed:>12.0} {lost:>8.2} {p50:>8} {p99:>8} {max:>8}{mark}", it.step.rate);
    }
}

fn table(report: &Report, text: &mut String) {
    line!(text, "\nmessage                 sent answered   lost p50 ms    p90    p99  p99.9    max");
    for one in &report.messages {
        let (name, sent, lost) = (one.message.name(), one.sent, one.lost.total());
        if !one.is_answered {
            line!(text, "{name:<19} {sent:>8}        - {lost:>6}");
            continue;
        }
        line!(text, "{name:<19} {sent:>8} {:>8} {lost:>6} {}", one.answered, times(&one.from_intended));
        if one.from_sending != one.from_intended && one.answered > 0 {
            line!(text, "  since sending                            {}", times(&one.from_sending));
        }
    }
    if report.completed > 0 && report.exchange_latency.count > 0 && report.messages.len() > 1 {
        line!(
            text,
            "{:<19} {:>8} {:>8} {:>6} {}",
            "exchange",
            report.started,
            report.completed,
            "",
            times(&report.exchange_latency)
        );
    }
}

fn times(it: &Quantiles) -> String {
    let all = [it.p50, it.p90, it.p99, it.p999, it.max];
    if it.count == 0 {
        return all.map(|_| format!("{:>6}", "-")).join(" ");
    }
    all.map(|time| format!("{:>6}", short(time))).join(" ")
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

fn losses(report: &Report, text: &mut String) {
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
            lines.push(format!("  {}: besides, {}", one.message.name(), more.join(", ")));
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
    if !lines.is_empty() {
        line!(text, "\nlost, or odd");
        for it in &lines {
            line!(text, "{it}");
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
    parts.extend(one.lost.refused().map(|(code, number)| format!("{number} {}", StatusCode(code))));
    parts
}

/// Shorter runs are no more than their table.
const LEAST_SECONDS: usize = 3;

fn plots(report: &Report, style: Style, text: &mut String) {
    let seconds = &report.seconds;
    if seconds.len() < LEAST_SECONDS {
        return;
    }
    let width = style.width.saturating_sub(34).clamp(10, 120);
    let completed: Vec<f64> = seconds.iter().map(|second| second.completed.into()).collect();
    let p99: Vec<f64> = seconds.iter().map(|second| second.p99.as_secs_f64() * 1000.0).collect();
    let lost: Vec<f64> = seconds.iter().map(|second| second.lost.into()).collect();
    line!(text, "");
    for (name, values, unit) in [("completed/s", completed, ""), ("p99", p99, " ms"), ("lost/s", lost, "")] {
        let most = values.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            let shown = if unit.is_empty() { format!("{most:.0}") } else { format!("{most:.1}{unit}") };
            line!(text, "{name:<11} {}  at most {shown}", plot::bars(&values, width, style.ascii));
        }
    }
}

fn servers(report: &Report, text: &mut String) {
    line!(text, "");
    if report.servers.is_empty() {
        line!(text, "no server answered");
    }
    for it in &report.servers {
        let refusals = if it.refusals > 0 { format!(", {}", count(it.refusals, "refusal")) } else { String::new() };
        let times = format!("p50 {} ms, p99 {} ms", short(it.latency.p50), short(it.latency.p99));
        line!(text, "server {}: {}{refusals}, {times}", it.identity, count(it.answers, "answer"));
    }
}

fn leases(report: &Report, text: &mut String) {
    let leases = &report.leases;
    if leases.given == 0 && leases.left == 0 && leases.released == 0 {
        return;
    }
    let left = if leases.are_kept { format!("{} kept", leases.left) } else { format!("{} may be left", leases.left) };
    line!(text, "leases: {} given, {} released, {left}", leases.given, leases.released);
    let seconds = report.length.as_secs();
    if let Some(shortest) = leases.shortest.filter(|shortest| u64::from(*shortest) <= seconds) {
        line!(text, "lease times: as short as {shortest} s, less than the run: leases may have ended in it");
    }
}

fn own(report: &Report, text: &mut String) {
    let own = &report.own;
    line!(
        text,
        "sent late: {} of {}, at most {}; own drops: {}; processor: {:.0} %",
        own.late_sent,
        own.sent,
        milliseconds(own.latest),
        own.drops,
        own.cpu * 100.0
    );
}

fn verdict(report: &Report, missed: &[Missed], text: &mut String) {
    match &report.stop {
        Some(Stop::Loss) => line!(text, "stopped: more than half of the messages were lost for 5 s"),
        Some(Stop::Interrupted) => line!(text, "stopped: interrupted"),
        Some(Stop::UnlistedServer { identity, source }) => {
            line!(text, "stopped: {identity} ({}) answered, which is not listed with -s", source.ip());
        }
        None => {}
    }
    for it in missed {
        line!(text, "{it}");
    }
    if report.invalid.is_empty() {
        line!(text, "valid");
    } else {
        line!(text, "NOT VALID: {}", OneLine(&report.invalid.join("; ")));
    }
}
