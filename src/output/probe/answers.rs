//! All answers together: which servers sent them, where they differ, whether they are as expected.

use serde::Serialize;

use crate::dhcp::v4::Packet;
use crate::output::packet;
use crate::probe::{AnswerKind, ProbeAnswer};
use crate::text::{OneLine, count};

/// A line for each answer: which server, from where, what, after what time, how often.
#[must_use]
pub fn offers(answers: &[&ProbeAnswer]) -> String {
    let head = ["SERVER", "FROM", "MAC", "TYPE", "ADDRESS", "TIME", ""].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    for answer in answers {
        let addresses: Vec<_> = answer.addresses.iter().map(ToString::to_string).collect();
        let copies = u64::from(answer.copies.saturating_sub(1));
        rows.push(vec![
            answer.server.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string),
            answer.source.to_string(),
            answer.mac.map_or_else(|| "-".to_owned(), |mac| mac.to_string()),
            kind(answer),
            if addresses.is_empty() { "-".to_owned() } else { addresses.join(",") },
            format!("{:.1} ms", answer.rtt.as_secs_f64() * 1000.0),
            if copies == 0 { String::new() } else { count(copies, "duplicate") },
        ]);
    }
    format!("{}:\n{}", count(answers.len() as u64, "answer"), columns(&rows))
}

fn kind(answer: &ProbeAnswer) -> String {
    match answer.kind {
        AnswerKind::Other(number) => format!("type {number}"),
        kind => kind.word().to_owned(),
    }
}

/// Fields and options side by side, a column for each answer; what differs first.
#[must_use]
pub fn comparison(answers: &[&ProbeAnswer]) -> String {
    if answers.is_empty() {
        return "nothing to compare: there is no answer\n".to_owned();
    }
    let columns_of: Vec<_> = answers.iter().map(|answer| facts(answer)).collect();
    let mut labels: Vec<&str> = Vec::new();
    for (label, _) in columns_of.iter().flatten() {
        if !labels.contains(&label.as_str()) {
            labels.push(label);
        }
    }
    let value = |column: &[(String, String)], label: &str| {
        let found = column.iter().find(|(known, _)| known == label);
        found.map_or_else(|| "-".to_owned(), |(_, value)| OneLine(value).to_string())
    };
    let (mut differing, mut equal) = (Vec::new(), Vec::new());
    for label in labels {
        let values: Vec<_> = columns_of.iter().map(|column| value(column, label)).collect();
        let same = values.windows(2).all(|pair| pair[0] == pair[1]);
        let row = [&[label.to_owned()][..], &values[..]].concat();
        let rows = if same { &mut equal } else { &mut differing };
        rows.push(row);
    }
    let mut head = vec![String::new()];
    head.extend(answers.iter().map(|answer| answer.identity().to_string()));
    let table = |rows: Vec<Vec<String>>| columns(&[&[head.clone()][..], &rows[..]].concat());
    let differences = if differing.is_empty() { "nothing differs\n".to_owned() } else { table(differing) };
    format!("what differs:\n{differences}what is the same:\n{}", table(equal))
}

/// The fields and options of an answer by name, without what differs by its nature.
fn facts(answer: &ProbeAnswer) -> Vec<(String, String)> {
    if answer.source.is_ipv6() {
        return packet::facts6(&answer.octets);
    }
    let packet = Packet::parse(&answer.octets);
    packet::facts4(&packet)
}

/// Rows with their columns one below the other.
fn columns(rows: &[Vec<String>]) -> String {
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..most).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str("  ");
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// What follows the packets in the one document of JSON.
#[must_use]
pub fn json(is_yes: bool, expressions: &[String], verdicts: &[std::result::Result<(), String>]) -> String {
    #[derive(Serialize)]
    struct Expected<'a> {
        expression: &'a str,
        holds: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
    }
    let expected: Vec<_> = expressions
        .iter()
        .zip(verdicts)
        .map(|(expression, verdict)| {
            let text = verdict.as_ref().err().map(String::as_str);
            Expected { expression, holds: verdict.is_ok(), text }
        })
        .collect();
    // Strings and booleans are always JSON.
    let expected = serde_json::to_string(&expected).unwrap_or_default();
    let expected = crate::text::terminal_safe_json(&expected);
    format!("\"expectations\": {expected},\n\"success\": {is_yes}")
}
