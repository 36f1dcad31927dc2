//! The table: the worst first, each with its parts below it.

use std::fmt::Write as _;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::number::{counted, free, percent, reserved, short};
use super::{All, Pools, UsageTableOptions, delegated, name};
use crate::health::State;
use crate::health::pools::Row;
use crate::text::{OneLine, count};
use crate::time::{TimeFormatter, TimeStyle};
use crate::usage::{Basis, Clients, Layout, Level, Offer, ResourceKind};

/// How many columns the bar has, and at the least before columns of numbers go.
const BAR: usize = 8;
const LEAST_BAR: usize = 5;
/// How many columns a name has at the least.
const NAME: usize = 12;
/// A name up to this width is not given a line of its own before columns of numbers go.
const USUAL_NAME: usize = 18;
/// The columns of numbers; DECL only where something is declined.
const HEADINGS: [&str; 5] = ["FREE", "ACTIVE", "DECL", "RESERVED", "TOTAL"];
const DECLINED: usize = 2;
/// Those that go where there is no room, the first of them first; the bar goes after the first.
const SPARED: [usize; 4] = [3, 2, 1, 4];
const GAP: &str = "  ";

pub(super) fn write(all: &All<'_>, look: UsageTableOptions, out: &mut dyn Write) -> io::Result<()> {
    for (index, pools) in all.families.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        headline(pools, all.at, look, out)?;
        Table::new(pools, look).write(out)?;
        footer(pools, look, out)?;
    }
    Ok(())
}

/// `DHCPv4 at 2026-11-29T08:10:00Z, leases of kea-leases4.csv, the newest 8 s old`
fn headline(pools: &Pools<'_>, at: i64, look: UsageTableOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut moment = Vec::new();
    TimeFormatter::new(TimeStyle::Local, look.zone).write(at, &mut moment);
    let moment = String::from_utf8_lossy(&moment);
    let line = format!("{} at {moment}: {}", pools.family, origin(pools, at));
    fold(&line, look.width, "  ").iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// `leases of kea-leases4.csv, the newest lease is 8 s old`
pub(super) fn origin(pools: &Pools<'_>, at: i64) -> String {
    let none = if pools.basis() == Basis::Leases { "no leases" } else { "the age of the newest lease is not known" };
    let age = pools.usage.newest.map(|newest| at.saturating_sub(newest)).map_or(none.to_owned(), |age| {
        if age < 0 {
            "the newest lease is later than this time".to_owned()
        } else {
            format!("the newest lease is {} old", span(age))
        }
    });
    format!("{}, {age}", OneLine(&pools.origin))
}

fn footer(pools: &Pools<'_>, look: UsageTableOptions, out: &mut dyn Write) -> io::Result<()> {
    if pools.usage.orphans > 0 && pools.chosen.is_none() {
        let leases = count(pools.usage.orphans, "lease");
        let line = format!("{leases} of subnets that are not configured");
        fold(&line, look.width, "  ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

struct Table<'a> {
    pools: &'a Pools<'a>,
    look: UsageTableOptions,
    lines: Vec<Line<'a>>,
    /// A column of width 0 is not shown.
    widths: [usize; HEADINGS.len()],
    /// How wide the bar is.
    bar: usize,
    name: usize,
}

struct Line<'a> {
    row: &'a Row,
    name: String,
    numbers: [String; HEADINGS.len()],
}

impl<'a> Table<'a> {
    fn new(pools: &'a Pools<'a>, look: UsageTableOptions) -> Self {
        let lines: Vec<Line<'a>> = pools.rows.iter().map(|row| Line::new(pools, row)).collect();
        let mut widths = HEADINGS.map(str::len);
        for line in &lines {
            for (width, number) in widths.iter_mut().zip(&line.numbers) {
                *width = (*width).max(number.width());
            }
        }
        if pools.rows.iter().all(|row| row.counts.declined == 0) {
            widths[DECLINED] = 0;
        }
        let longest = lines.iter().map(|line| line.name.width()).max().unwrap_or(0).max(NAME);
        let bar = spare(&mut widths, longest.min(USUAL_NAME), look.width);
        let others = others(&widths, bar);
        let name = longest.min(look.width.saturating_sub(others).max(NAME));
        Self { pools, look, lines, widths, bar, name }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let numbers = self.aligned(&HEADINGS);
        let used = format!("{:<width$}", "USED", width = "100 %  ".len() + self.bar);
        let used = if self.bar == 0 { used[..6].to_owned() } else { used };
        writeln!(out, "{:<8}{GAP}{:<name$}{GAP}{used}{numbers}", "STATE", self.heading(), name = self.name)?;
        for line in &self.lines {
            self.line(line, out)?;
            if let Some(text) = clients(line.row) {
                self.folded(&text, &" ".repeat(10 + 2 * line.row.depth), out)?;
            }
            if let Some(text) = unknown(line.row) {
                self.folded(text, "          ", out)?;
            }
            if let Some(forecast) = line.row.forecast.filter(|_| line.row.state.is_some() && line.row.counts.total > 0)
            {
                self.folded(&forecast.to_string(), "          ", out)?;
            }
            if self.look.why && line.row.needs_reasons(self.pools.chosen.is_some()) {
                self.causes(line.row, out)?;
            }
        }
        Ok(())
    }

    /// Numbers in their columns.
    fn aligned<T: AsRef<str>>(&self, numbers: &[T]) -> String {
        let shown = numbers.iter().zip(self.widths).filter(|(_, width)| *width > 0);
        shown.fold(String::new(), |mut text, (number, width)| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{GAP}{:>width$}", number.as_ref());
            text
        })
    }

    fn heading(&self) -> &'static str {
        if self.pools.rows.iter().any(|row| row.place.level == Level::Network) { "NETWORK" } else { "SUBNET" }
    }

    fn line(&self, line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
        let width = self.name;
        let word = line.row.state.map_or("", State::word);
        let state = self.colored(line.row.state, &format!("{word:<8}"));
        let numbers = self.aligned(&line.numbers);
        let bar = self.colored(line.row.state, &bar(&line.row.offer, self.bar, self.look.ascii));
        let bar = if self.bar == 0 { String::new() } else { format!(" {bar}") };
        let share = percent(&line.row.offer);
        let rest = format!("{share:>6}{bar}{numbers}");
        let rest = rest.trim_end();
        if line.name.width() > width {
            // A name that is too long has a line of its own.
            writeln!(out, "{state}{GAP}{}", line.name)?;
            return writeln!(out, "{:8}{GAP}{:width$}{GAP}{rest}", "", "");
        }
        let padding = " ".repeat(width - line.name.width());
        writeln!(out, "{state}{GAP}{}{padding}{GAP}{rest}", line.name)
    }

    fn causes(&self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let mark = if self.look.ascii { "->" } else { "→" };
        for cause in &row.causes {
            let text = format!("{}: {}", cause.reason.name(), OneLine(&cause.evidence));
            let remedy = format!("{mark} {}", cause.remedy);
            self.folded(&text, "          ", out)?;
            self.folded(&remedy, "            ", out)?;
        }
        Ok(())
    }

    fn folded(&self, text: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        let room = self.look.width.saturating_sub(indent.len());
        fold(text, room, "  ").iter().try_for_each(|line| writeln!(out, "{indent}{line}"))
    }

    fn colored(&self, state: Option<State>, text: &str) -> String {
        let code = match state {
            Some(State::Critical) => "31",
            Some(State::Warning) => "33",
            Some(State::Unknown) => "35",
            Some(State::Ok) => "32",
            None => return text.to_owned(),
        };
        if self.look.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// How many columns everything but the name takes.
fn others(widths: &[usize], bar: usize) -> usize {
    let numbers = widths.iter().filter(|width| **width > 0).map(|width| width + GAP.len());
    let bar = if bar > 0 { bar + 1 } else { 0 };
    "CRITICAL".len() + "99.9 %".len() + bar + GAP.len() * 2 + numbers.sum::<usize>()
}

/// Leaves out what there is no room for where names are so wide; how wide the bar may be.
fn spare(widths: &mut [usize], name: usize, width: usize) -> usize {
    let fits = |widths: &[usize], bar: usize| others(widths, bar) + name <= width;
    let mut bar = (LEAST_BAR..=BAR).rev().find(|bar| fits(widths, *bar)).unwrap_or(BAR);
    for column in SPARED {
        if fits(widths, bar) {
            break;
        }
        widths[column] = 0;
        if !fits(widths, bar) {
            bar = 0;
        }
    }
    bar
}

impl<'a> Line<'a> {
    fn new(pools: &Pools<'_>, row: &'a Row) -> Self {
        let counts = &row.counts;
        let numbers = [
            free(&row.offer),
            counted(counts, counts.active),
            counted(counts, counts.declined),
            reserved(counts),
            short(counts.total),
        ];
        Self { row, name: label(pools.layout, row), numbers }
    }
}

/// Which clients what is free is for, where these are not all.
pub(super) fn clients(row: &Row) -> Option<String> {
    let offer = &row.offer;
    match offer.clients {
        Clients::Any => None,
        Clients::None => Some(format!("for {}", offer.clients)),
        _ if offer.counts.total == row.counts.total => Some(format!("for {} only", offer.clients)),
        _ => Some(format!("USED and FREE are those of {}: {} in all", offer.clients, short(offer.counts.total))),
    }
}

/// Why the state of a row is not known.
fn unknown(row: &Row) -> Option<&'static str> {
    match (row.state?, row.counts.basis) {
        (State::Unknown, Basis::Configuration) => {
            Some("the statistics of a server are of whole subnets; --basis leases counts the leases of each pool")
        }
        (State::Unknown, _) if !row.counts.is_complete => Some("the reservations are not known, nor what is free"),
        _ => None,
    }
}

/// `  59 10.59.0.0/24 "wlan"`, indented under what it is part of.
pub(in crate::output) fn label(layout: &Layout, row: &Row) -> String {
    let mut text = "  ".repeat(row.depth);
    if row.place.level == Level::Subnet {
        let _ = write!(text, "{} ", layout.subnets[row.place.index].id);
    }
    text.push_str(&OneLine(&name(layout, row)).to_string());
    if row.kind == ResourceKind::Prefixes {
        text.push_str(&delegated(layout, row).map_or(" prefixes".to_owned(), |length| format!(" in /{length}")));
    }
    if row.place.level == Level::Subnet
        && let Some(name) = &layout.subnets[row.place.index].name
    {
        let _ = write!(text, " \"{}\"", OneLine(name));
    }
    text
}

/// The used share as a bar: in eighths of a column, or in ASCII.
pub(in crate::output) fn bar(offer: &Offer, columns: usize, ascii: bool) -> String {
    const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
    let Some(share) = offer.used_percent() else { return " ".repeat(columns) };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share is from 0 to 100"
    )]
    let eighths = ((share / 100.0 * (columns * 8) as f64).ceil() as usize).min(columns * 8);
    let eighths = if share < 100.0 { eighths.min(columns * 8 - 1) } else { eighths };
    let (whole, rest) = (eighths / 8, eighths % 8);
    let mut text = String::new();
    if ascii {
        text.push_str(&"#".repeat(whole));
        text.push_str(if rest >= 4 {
            "="
        } else if rest > 0 {
            "-"
        } else {
            ""
        });
    } else {
        text.push_str(&"█".repeat(whole));
        text.extend(rest.checked_sub(1).map(|index| EIGHTHS[index]));
    }
    text.push_str(&" ".repeat(columns - text.chars().count()));
    text
}

/// A text in lines so wide, broken between words.
pub(in crate::output) fn fold(text: &str, width: usize, indent: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().filter(|line| line.trim().is_empty() || line.width() + 1 + word.width() <= width);
        match last {
            Some(line) if line.trim().is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

/// `8 s`, `20 min`, `3 h`, `5 days`.
pub(in crate::output) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
