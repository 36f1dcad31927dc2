//! A log with its newest message first, turned round.
//!
//! A view of single lines has the further lines of a message before its first one; a view of messages has them after it,
//! as in a file. Which it is shows where a line of more lines than one is next to some.

use crate::log::line::{self, Line, Origin};
use crate::log::message::LogMessageKind;
use crate::log::stamp::Clock;

/// How many lines are looked at.
const MOST_LINES: usize = 50_000;

/// The log with its oldest message first.
pub(super) fn oldest_first(all: &[u8], mut clock: Clock) -> Vec<u8> {
    let lines: Vec<&[u8]> = all.strip_suffix(b"\n").unwrap_or(all).split(|byte| *byte == b'\n').collect();
    let mut turned = Vec::with_capacity(all.len() + 1);
    let mut put = |line: &[u8]| {
        turned.extend_from_slice(line);
        turned.push(b'\n');
    };
    if !are_messages_whole(&lines, &mut clock) {
        lines.iter().rev().for_each(|line| put(line));
        return turned;
    }
    let mut end = lines.len();
    for (at, line) in lines.iter().enumerate().rev() {
        if at == 0 || matches!(kind(line, &mut clock), LineKind::Long | LineKind::Message) {
            lines[at..end].iter().for_each(|line| put(line));
            end = at;
        }
    }
    turned
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineKind {
    /// The first line of a message that has more, in every release.
    Long,
    Message,
    More,
    Foreign,
}

fn kind(line: &[u8], clock: &mut Clock) -> LineKind {
    match line::parse(line, &Origin::default(), clock) {
        Line::Message(head) if head.kind.is_one_line() || head.kind == LogMessageKind::Other => LineKind::Message,
        Line::Message(_) => LineKind::Long,
        Line::More { .. } => LineKind::More,
        Line::Foreign => LineKind::Foreign,
    }
}

/// Whether further lines follow their message, although messages are turned round.
fn are_messages_whole(lines: &[&[u8]], clock: &mut Clock) -> bool {
    let mut kinds: Vec<LineKind> = lines.iter().take(MOST_LINES).map(|line| kind(line, clock)).collect();
    kinds.dedup_by(|one, other| *one == LineKind::More && *other == LineKind::More);
    let (mut after, mut before) = (0u32, 0u32);
    for (at, _) in kinds.iter().enumerate().filter(|(_, kind)| **kind == LineKind::More) {
        let is_long = |at: Option<usize>| at.and_then(|at| kinds.get(at)) == Some(&LineKind::Long);
        match (is_long(at.checked_sub(1)), is_long(Some(at + 1))) {
            (true, false) => after += 1,
            (false, true) => before += 1,
            _ => {}
        }
    }
    after > before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;

    #[test]
    fn messages_are_turned_round_with_their_lines_in_order() {
        let first = "2026-11-29 08:25:28.000 INFO  [kea-dhcp-ddns.d2/1.2] DHCP_DDNS_ADD_SUCCEEDED a\nFQDN: x\nno\n";
        let second = "2026-11-29 08:25:29.000 INFO  [kea-dhcp-ddns.d2/1.2] DHCP_DDNS_STARTED b\n";
        let clock = || Clock::new(Zone::from(chrono_tz::UTC), 0);
        let turned = |text: &str| String::from_utf8(oldest_first(text.as_bytes(), clock())).unwrap();
        let in_order = format!("{first}{second}");
        assert_eq!(turned(&format!("{second}{first}")), in_order);
        let lines: Vec<&str> = in_order.lines().rev().collect();
        assert_eq!(turned(&lines.join("\n")), in_order);
    }
}
