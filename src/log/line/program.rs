//! The head that syslog puts before a line: which program wrote it.

use super::{Server, leading_stamp, number};

/// The program that a syslog head names.
pub(super) struct Program {
    /// Where its name and pid end.
    pub(super) end: usize,
    pub(super) start: usize,
    pub(super) is_kea: bool,
    pub(super) pid: u32,
    pub(super) server: Server,
}

/// The program in a syslog head, `kea-dhcp4[15427]:`, `kea-dhcp4 24905` or a column of its own.
pub(super) fn program(window: &[u8]) -> Option<Program> {
    let after = head_end(window)?;
    let mut found = None;
    let mut at = after;
    while let Some(place) = window.get(at..).and_then(|rest| memchr::memmem::find(rest, b"kea-")) {
        let name = at + place;
        at = name + 4;
        // The units of Kea's own packages.
        let start = if window[after..name].ends_with(b"isc-") { name - 4 } else { name };
        let is_free = start == after || matches!(window[start - 1], b' ' | b'\t' | b']' | b'|');
        if !is_free {
            continue;
        }
        let rest = &window[name..];
        let length =
            rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-')).unwrap_or(rest.len());
        let server = Server::named(&rest[..length]);
        let unit = if rest[length..].starts_with(b".service[") { b".service".len() } else { 0 };
        let Some((pid, more)) = process(&rest[length + unit..]) else { continue };
        let program = Program { end: name + length + unit + more, start, is_kea: true, pid, server };
        if server != Server::Unknown {
            return Some(program);
        }
        found = Some(program);
    }
    found.or_else(|| other_program(window, after))
}

/// Where what precedes the host and the program ends: a time, or what is there instead of it.
pub(super) fn head_end(window: &[u8]) -> Option<usize> {
    monotonic(window).or_else(|| leading_stamp(window).map(|(.., end)| end)).or_else(|| console(window))
}

/// The journal's time since the machine's start: `[40726.628000] `, with the time since the line before,
/// `[40726.628000 <    0.100000 >] `.
fn monotonic(window: &[u8]) -> Option<usize> {
    let text = window.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', &text[..text.len().min(48)])?;
    let time = text[..end].trim_ascii_start();
    let (_, whole) = number(time);
    let fraction = time[whole..].strip_prefix(b".")?;
    let (_, digits) = number(fraction);
    let rest = fraction[digits..].trim_ascii();
    let is_difference = rest.is_empty() || (rest.starts_with(b"<") && rest.ends_with(b">"));
    (whole > 0 && digits == 6 && is_difference && text.get(end + 1) == Some(&b' ')).then_some(end + 2)
}

/// A prompt of a virtual machine's console: `router # [    9.628] `.
fn console(window: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find(window, b"# [")?;
    let end = memchr::memchr(b']', &window[at..])?;
    (at < 80 && end < 24).then_some(at + end + 1)
}

/// What follows the name of a program: its pid, and how long that is.
fn process(text: &[u8]) -> Option<(u32, usize)> {
    match text.first()? {
        b':' | b'\t' => Some((0, 1)),
        b'[' => {
            let (pid, length) = number(&text[1..]);
            text[1 + length..].starts_with(b"]").then(|| {
                let colon = usize::from(text.get(2 + length) == Some(&b':'));
                (pid, 2 + length + colon)
            })
        }
        // RFC 5424 without a pid.
        b' ' if text.starts_with(b" - ") => Some((0, 2 + structured(&text[2..]))),
        b' ' => {
            let (pid, length) = number(&text[1..]);
            let ends = text.get(1 + length).is_some_and(|next| *next == b' ');
            (length > 0 && ends).then_some((pid, 1 + length + structured(&text[1 + length..])))
        }
        _ => None,
    }
}

/// The message id and structured data of RFC 5424 after a pid, ` - [meta sequenceId="1"]`: their length.
fn structured(text: &[u8]) -> usize {
    if !text.starts_with(b" -") {
        return 0;
    }
    match text.get(3) {
        Some(b'[') => memchr::memchr(b']', text).map_or(0, |end| end + 1),
        Some(b'-') => 4,
        _ => 2,
    }
}

/// Another program that syslog has a line of.
pub(super) fn other_program(window: &[u8], after: usize) -> Option<Program> {
    let rest = &window[after..];
    let colon = memchr::memmem::find(rest, b": ")?;
    let words = rest[..colon].trim_ascii();
    let name = words.rsplit(|byte| *byte == b' ').next()?;
    let ends = name.iter().position(|byte| *byte == b'[').unwrap_or(name.len());
    let is_name = ends > 0
        && name[..ends].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        && memchr::memchr_iter(b' ', words).count() <= 1;
    is_name.then_some(Program { end: after + colon, start: after, is_kea: false, pid: 0, server: Server::Unknown })
}
