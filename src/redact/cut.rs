//! Values that a line cuts off: syslog and journald break a long message, each part of which is a line.

use std::ops::Range;

/// How far the beginning of a message is looked for.
const FARTHEST: usize = 200;

/// Where in a line the rest of a value is that the line before it began: up to the first quotes. None if a message begins
/// in it.
pub(super) fn rest_in(line: &str) -> Option<Range<usize>> {
    let text = line.trim_end_matches(['\r', '\n']);
    let start = if has_time(text.as_bytes()) { of_keas_line(text)? } else { 0 };
    let rest = &text[start..];
    let end = start + rest.find('"').unwrap_or(rest.len());
    (!begins_message(rest) && end > start).then_some(start..end)
}

/// Where the text of a line of syslog begins that a daemon of Kea has written.
fn of_keas_line(line: &str) -> Option<usize> {
    let head = line.get(..FARTHEST).unwrap_or(line);
    let name = head.find(" kea-")?;
    head[name..].find("]: ").map(|end| name + end + "]: ".len())
}

/// Whether a text begins with a time or a severity.
fn begins_message(text: &str) -> bool {
    const SEVERITIES: [&str; 5] = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    has_time(text.as_bytes()) || SEVERITIES.iter().any(|severity| text.starts_with(severity))
}

/// Whether a line begins with a date, a time, or the priority of syslog, which a time follows.
fn has_time(line: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let is_digit = |octet: &u8| octet.is_ascii_digit();
    match line {
        [b'<', first, ..] => is_digit(first),
        [a, b, b':', c, d, ..] | [a, b, c, d, b'-' | b'/', ..] => [a, b, c, d].into_iter().all(is_digit),
        [_, _, _, b' ', ..] => MONTHS.iter().any(|month| line.starts_with(month)),
        _ => false,
    }
}
