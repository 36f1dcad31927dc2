//! Exchanges, leases, offers, failures, callouts and rates as text.

use std::io::{self, Write};

use super::failures::failures;
use super::{Moments, client_name, rows, shown, shown_lease};
use crate::log::analysis::Analysis;
use crate::log::exchange::Exchange;
use crate::log::hook;
use crate::log::rates::Rates;
use crate::log::stamp::{Micros, SECOND};
use crate::log::tenancy::Stay;
use crate::log::text::Lifetime;
use crate::output::wrap::wrapped;
use crate::text::OneLine;
use crate::time::Span;

/// A blank at which no line is broken.
const FIXED: char = '\u{a0}';

/// One line for an exchange.
pub(crate) fn exchange(
    exchange: &Exchange,
    analysis: &Analysis,
    moments: &mut Moments,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let time = moments.line(exchange.time, out)?;
    let who = client_name(&analysis.clients, exchange.client);
    let xid = format!("0x{:x}", exchange.xid);
    let request = exchange.request.unwrap_or("?");
    let answer = exchange.answer.unwrap_or(if exchange.is_answer_known { "-" } else { "?" });
    let mut rest: Vec<String> = exchange.leases().map(shown_lease).collect();
    rest.extend(exchange.given_up.iter().map(|lease| format!("gave up {}", shown_lease(lease))));
    rest.extend(exchange.lifetime.map(|lifetime| match lifetime {
        Lifetime::Seconds(seconds) if seconds < u32::MAX => Span(seconds.into()).to_string(),
        _ => "without end".to_owned(),
    }));
    rest.extend(
        exchange.duration.map(|micros| format!("{}{FIXED}ms", rows::millis(u64::try_from(micros).unwrap_or(0)))),
    );
    rest.extend(exchange.relay().map(|relay| format!("via {relay}")));
    rest.extend(exchange.is_init_reboot.then(|| "init-reboot".to_owned()));
    rest.extend(exchange.cause.map(|cause| cause.word().to_owned()));
    let line = format!("{time}  {who}  {xid:10}  {request:8} -> {answer:9} {}", rest.join("  "));
    written(&line, width, out)
}

/// One line for a lease.
pub(crate) fn stay(
    stay: &Stay,
    analysis: &Analysis,
    moments: &mut Moments,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    // The year does not fit a narrow screen.
    let (begin, room) = if is_narrow(width) { (5, 14) } else { (0, 19) };
    // Where a clock was set back between both, times of day alone are in the wrong order.
    let has_offsets =
        stay.from.zip(stay.until).is_some_and(|(from, until)| moments.offset(from) != moments.offset(until));
    let mut time = |time: Option<Micros>, none: &str| {
        let mut shown = |time| moments.seconds(time) + &if has_offsets { moments.offset(time) } else { String::new() };
        time.map_or(none.to_owned(), |time| shown(time).chars().skip(begin).collect())
    };
    let (from, until) = (time(stay.from, "-"), time(stay.until, if stay.is_endless { "no end" } else { "unknown" }));
    let who = client_name(&analysis.clients, stay.client);
    let address = shown(stay.address, stay.length);
    let line = format!("{address:15}  {from:room$}  {until:room$}  {:8}  {who}", stay.state.word());
    written(&line, width, out)
}

/// Whether a lease of an IPv4 address would need two lines.
fn is_narrow(width: Option<usize>) -> bool {
    width.is_some_and(|width| width < 86)
}

/// The heading of leases.
pub(crate) fn stays_head(width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let room = if is_narrow(width) { 14 } else { 19 };
    written(&format!("{:15}  {:room$}  {:room$}  {:8}  CLIENT", "ADDRESS", "FROM", "UNTIL", "STATE"), width, out)
}

/// Clients that were offered addresses in vain.
pub(crate) fn offers(
    analysis: &Analysis,
    moments: &mut Moments,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = analysis.unanswered_offers();
    if all.is_empty() {
        return Ok(());
    }
    let mut rows = vec![["FIRST", "LAST", "TIMES", "CLIENT", "ADDRESSES"].map(str::to_owned)];
    for (client, attempt) in all {
        let mut clock = |time: Option<Micros>| time.map_or("-".to_owned(), |time| moments.clock_millis(time));
        let (first, last) = (clock(attempt.first), clock(attempt.last));
        let addresses: Vec<_> = attempt.leases.iter().map(shown_lease).collect();
        let who = client_name(&analysis.clients, client);
        rows.push([first, last, attempt.count.to_string(), who, addresses.join(" ")]);
    }
    aligned(&rows, |column| column == 2).iter().try_for_each(|line| written(line, width, out))
}

pub(crate) fn failure_lines(
    analysis: &Analysis,
    moments: &mut Moments,
    width: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = failures(analysis);
    if all.is_empty() {
        return Ok(());
    }
    let mut details = vec![String::new()];
    let mut rows = vec![["COUNT", "", "WHAT", "FIRST", "LAST", "CAUSE"].map(str::to_owned)];
    for failure in all {
        let mut clock = |time: Option<Micros>| time.map_or(String::new(), |time| moments.clock(time));
        let (first, last) = (clock(failure.tally.first), clock(failure.tally.last));
        let family = failure.family.map_or(String::new(), |family| format!("v{family}"));
        let cause = failure.cause.unwrap_or_default();
        rows.push([failure.tally.count.to_string(), family, failure.what.to_owned(), first, last, cause]);
        let detail = [failure.place, some(&failure.clients)].into_iter().filter(|text| !text.is_empty());
        details.push(detail.collect::<Vec<_>>().join(": "));
    }
    for (line, detail) in aligned(&rows, |column| column == 0).iter().zip(details) {
        written(line, width, out)?;
        if !detail.is_empty() {
            written(&format!("       {detail}"), width, out)?;
        }
    }
    Ok(())
}

/// How many clients of a failure are listed.
const MOST_CLIENTS: usize = 10;

fn some(clients: &[String]) -> String {
    let shown = clients.iter().take(MOST_CLIENTS).map(String::as_str).collect::<Vec<_>>().join(" ");
    match clients.len().saturating_sub(MOST_CLIENTS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Rows as lines with aligned columns, some of them to the right.
fn aligned<const N: usize>(rows: &[[String; N]], is_right: impl Fn(usize) -> bool) -> Vec<String> {
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let cell = |(column, text): (usize, &String)| {
        let width = widths[column];
        if is_right(column) { format!("{text:>width$}") } else { format!("{text:width$}") }
    };
    rows.iter().map(|row| row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ")).collect()
}

/// Writes a line, in further ones that are indented where it is wider than the screen.
fn written(line: &str, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let lines = wrapped(&OneLine(line.trim_end()).to_string(), width, "    ");
    writeln!(out, "{}", lines.replace(FIXED, " "))
}

/// Callouts of packets, with their share of the packets' time, then those of commands.
pub(crate) fn hooks(analysis: &Analysis, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    if !(analysis.v4.visible.callouts || analysis.v6.visible.callouts) {
        return writeln!(out, "No callouts in these logs: kea-dhcp4.callouts at DEBUG 55 shows them.");
    }
    let packets = analysis.v4.service.total() + analysis.v6.service.total();
    let all = rows::callouts(analysis);
    let (commands, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|(place, _)| hook::is_command(&place.hook));
    let mut table =
        vec![["HOOK POINT", "LIBRARY", "COUNT", "TOTAL", "MEAN", "P50", "P99", "MAX", "SHARE"].map(str::to_owned)];
    table.extend(own.iter().map(|(place, callouts)| {
        let share = (callouts.durations.total() * 100).checked_div(packets);
        callout(place, &callouts.durations, share.map_or("-".to_owned(), |share| format!("{share}%")))
    }));
    table.extend(commands.iter().map(|(place, callouts)| callout(place, &callouts.durations, String::new())));
    for (at, line) in aligned(&table, |column| column > 1).iter().enumerate() {
        if at == own.len() + 1 {
            writeln!(out, "\nCommands")?;
        }
        written(line, width, out)?;
    }
    if own.iter().any(|(place, _)| hook::may_park(&place.hook)) {
        let text = "A packet that is parked at leases4_committed or lease4_offer waits outside the callout: its wait is \
                    in the service time and not in these numbers.";
        writeln!(out, "\n{}", wrapped(text, width, ""))?;
    }
    Ok(())
}

fn callout(place: &hook::HookPoint, times: &crate::log::histogram::Histogram, share: String) -> [String; 9] {
    let library = place.library.as_deref().map_or_else(|| format!("library {}", place.index), short);
    let mean = times.total() / times.count().max(1);
    let ms = |micros| format!("{:.2}", rows::millis(micros));
    let (p50, p99, most) = (times.percentile(50), times.percentile(99), times.most());
    let count = times.count().to_string();
    [place.hook.clone(), library, count, ms(times.total()), ms(mean), ms(p50), ms(p99), ms(most), share]
}

/// The name of a library as Kea's manual has it: `lease_cmds` of `/usr/lib/kea/hooks/libdhcp_lease_cmds.so`.
pub(super) fn short(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".so").unwrap_or(name);
    name.strip_prefix("libdhcp_").unwrap_or(name).to_owned()
}

/// Bars of messages and leases over time.
pub(crate) fn rates(
    rates: &Rates,
    analysis: &Analysis,
    moments: &mut Moments,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let most = rates.steps.iter().map(|step| step.packets.max(step.leases)).max().unwrap_or(0).max(1);
    let seconds = rates.step / SECOND;
    writeln!(
        out,
        "TIME                 PACKETS   LEASES FAILURES  steps of {}",
        Span(u64::try_from(seconds).unwrap_or(0))
    )?;
    let room = u32::try_from(width.saturating_sub(50)).unwrap_or(10).max(10);
    for (at, step) in rates.steps.iter().enumerate() {
        let time = rates.begin() + rates.step * i64::try_from(at).unwrap_or(0);
        let bar = u64::from(step.packets.max(step.leases)) * u64::from(room) / u64::from(most);
        let bar = "#".repeat(usize::try_from(bar).unwrap_or(0));
        let packets = rows::packets(step, analysis).map_or("?".to_owned(), |packets| packets.to_string());
        let line = format!("{}  {packets:>7}  {:>7}  {:>7}  {bar}", moments.seconds(time), step.leases, step.failures);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
