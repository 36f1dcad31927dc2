//! The output of a monitoring plugin: for Nagios, Icinga, Naemon and other monitors that run such plugins.
//!
//! The first line has the worst state, the reason and all measured values. Monitors truncate long lines, so the worst
//! state comes first, and reasons are short there. Each check follows on its own line, in full.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::health::{Check, Metric, Report, State};
use crate::text::{OneLine, count};

/// The maximum length of a reason in the first line.
const LONGEST_REASON: usize = 300;

/// How many characters all of them have: monitors read 8 KB, and performance data comes after them.
const LONGEST_HEADLINE: usize = 3000;

/// Writes a report as the plugin of `service` (`KEA`).
pub fn write(service: &str, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut worst: Vec<&Check> = report.checks.iter().collect();
    worst.sort_by_key(|check| std::cmp::Reverse(check.state));
    let state = report.state();
    let metrics: Vec<String> = report.checks.iter().flat_map(|check| &check.metrics).map(performance).collect();
    let data = if metrics.is_empty() { String::new() } else { format!(" | {}", metrics.join(" ")) };
    let headline = harmless(&headline(&worst, state, &report.idle));
    let headline = short(&headline, LONGEST_HEADLINE);
    writeln!(out, "{service} {} - {headline}{data}", state.word())?;
    for check in worst {
        writeln!(out, "{}: {} - {}", harmless(&check.name), check.state.word(), harmless(&check.text))?;
        for detail in &check.details {
            writeln!(out, "  {}", harmless(detail))?;
        }
    }
    for note in &report.notes {
        writeln!(out, "{}", harmless(note))?;
    }
    out.flush()
}

/// Writes the state unknown, for this reason.
pub fn write_unknown(service: &str, why: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{service} UNKNOWN - {}", harmless(why))?;
    out.flush()
}

/// What is worst, by name; how much is well, if all is.
fn headline(worst: &[&Check], state: State, idle: &[String]) -> String {
    match worst {
        [] => "nothing to check".to_owned(),
        [only] => format!("{}: {}", only.name, short(&only.text, LONGEST_REASON)),
        all if state == State::Ok => {
            match &all.iter().filter(|check| !idle.contains(&check.name)).collect::<Vec<_>>()[..] {
                [] => "nothing has to serve".to_owned(),
                [only] => format!("{}: {}", only.name, short(&only.text, LONGEST_REASON)),
                busy => {
                    let names: Vec<&str> = busy.iter().map(|check| check.name.as_str()).collect();
                    format!("{} well: {}", count(names.len() as u64, "check"), names.join(", "))
                }
            }
        }
        all => {
            let bad: Vec<String> = all
                .iter()
                .filter(|check| check.state != State::Ok)
                .map(|check| {
                    let word = if check.state == state { String::new() } else { format!("{} ", check.state.word()) };
                    format!("{word}{}: {}", check.name, short(&check.text, LONGEST_REASON))
                })
                .collect();
            bad.join("; ")
        }
    }
}

/// `'label'=value[unit];warning;critical;min;max`, without semicolons that nothing follows.
pub(super) fn performance(metric: &Metric) -> String {
    // A value that is not known is U, and then has no unit.
    let value = metric.value.map_or_else(|| "U".to_owned(), |value| format!("{value}{}", metric.unit));
    let bound = |bound: Option<f64>| bound.map_or_else(String::new, |bound| bound.to_string());
    measured(&metric.name, &value, [&metric.warning, &metric.critical, &bound(metric.min), &bound(metric.max)])
}

/// The same of a value, and of the bounds of warning and critical, the least and the most, that are text already.
pub(super) fn measured(name: &str, value: &str, bounds: [&str; 4]) -> String {
    let label = harmless(name).replace('\'', "''").replace('=', "_");
    let mut text = format!("'{label}'={value};{}", bounds.join(";"));
    text.truncate(text.trim_end_matches(';').len());
    text
}

/// The beginning of a long text.
pub(super) fn short(text: &str, length: usize) -> Cow<'_, str> {
    match text.char_indices().nth(length) {
        None => text.into(),
        Some((end, _)) => format!("{}...", text[..end].trim_end()).into(),
    }
}

/// On one line, and without the character that begins performance data.
pub(super) fn harmless(text: &str) -> String {
    OneLine(text).to_string().replace('|', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, state: State, text: &str, metrics: Vec<Metric>) -> Check {
        Check { name: name.into(), state, text: text.into(), details: vec![format!("about {name}")], metrics }
    }

    fn shown(checks: Vec<Check>) -> String {
        let mut out = Vec::new();
        write("KEA", &Report { checks, ..Report::default() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_worst_comes_first_with_its_reason() {
        let metric = Metric::new("dhcp4_uptime", 12.0).unit("s").warning("60:").min(0.0);
        let text = shown(vec![
            check("dhcp4", State::Warning, "restarted", vec![metric]),
            check("dhcp6", State::Ok, "serving", vec![Metric::new("q", None)]),
            check("ddns", State::Critical, "down", vec![]),
        ]);
        let expected = "KEA CRITICAL - ddns: down; WARNING dhcp4: restarted | 'dhcp4_uptime'=12s;60:;;0 'q'=U\n\
            ddns: CRITICAL - down\n  about ddns\ndhcp4: WARNING - restarted\n  about dhcp4\ndhcp6: OK - serving\n  about dhcp6\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn when_all_is_well_the_line_is_short() {
        let checks = ["dhcp4", "dhcp6"].map(|name| check(name, State::Ok, "serving", vec![])).into();
        assert!(shown(checks).starts_with("KEA OK - 2 checks well: dhcp4, dhcp6\n"));
    }

    #[test]
    fn the_line_names_only_what_has_to_be_well() {
        let shown = |names: &[&str]| {
            let checks = names.iter().map(|name| check(name, State::Ok, "serving", vec![])).collect();
            let idle = vec!["dhcp6".to_owned(), "ctrl_agent".to_owned()];
            let mut out = Vec::new();
            write("KEA", &Report { checks, idle, ..Report::default() }, &mut out).unwrap();
            String::from_utf8(out).unwrap().lines().next().unwrap().to_owned()
        };
        assert_eq!(shown(&["dhcp4", "dhcp6", "ctrl_agent"]), "KEA OK - dhcp4: serving");
        assert_eq!(shown(&["dhcp4", "dhcp6", "dhcp_ddns"]), "KEA OK - 2 checks well: dhcp4, dhcp_ddns");
        assert_eq!(shown(&["dhcp6", "ctrl_agent"]), "KEA OK - nothing has to serve");
    }

    #[test]
    fn nagios_first_line_cuts_the_reason_and_keeps_perfdata() {
        let reason = "ä".repeat(5000);
        let one = || check("dhcp4", State::Critical, &reason, vec![Metric::new("m", 1.0)]);
        let text = shown(vec![one(), check("dhcp6", State::Ok, "serving", vec![])]);
        let first = text.lines().next().unwrap();
        assert_eq!(first, format!("KEA CRITICAL - dhcp4: {}... | 'm'=1", "ä".repeat(300)));
        assert!(text.contains(&reason));
        let many = shown((0..100).map(|_| one()).collect());
        let first = many.lines().next().unwrap();
        assert!(first.chars().count() < 4000 && first.ends_with(" 'm'=1"), "{first}");
    }

    #[test]
    fn notes_come_last() {
        let checks = vec![check("dhcp4", State::Ok, "serving", vec![])];
        let mut out = Vec::new();
        write("KEA", &Report { checks, notes: vec!["not seen: a|b".into()], ..Report::default() }, &mut out).unwrap();
        assert!(out.ends_with(b"  about dhcp4\nnot seen: a/b\n"));
    }

    #[test]
    fn nothing_in_a_text_begins_performance_data_or_a_line() {
        let text = shown(vec![check("a|b", State::Ok, "x|y\nz\u{1b}[2J", vec![Metric::new("it's = 1", 1.0)])]);
        assert_eq!(text.lines().next().unwrap(), "KEA OK - a/b: x/y\\nz\\u{1b}[2J | 'it''s _ 1'=1");
        assert_eq!(text.lines().count(), 3);
    }
}
