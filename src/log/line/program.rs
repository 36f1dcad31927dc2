//! The head that syslog puts before a line: which program wrote it.

use super::super::stamp::Stamp;
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
    let (_, _, after) = leading_stamp(window).or_else(|| console(window))?;
    let mut found = None;
    let mut at = after;
    while let Some(place) = window.get(at..).and_then(|rest| memchr::memmem::find(rest, b"kea-")) {
        let start = at + place;
        at = start + 4;
        let is_free = start == after || matches!(window[start - 1], b' ' | b'\t' | b']' | b'|');
        if !is_free {
            continue;
        }
        let rest = &window[start..];
        let length =
            rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-')).unwrap_or(rest.len());
        let server = Server::named(&rest[..length]);
        let Some((pid, more)) = process(&rest[length..]) else { continue };
        if server != Server::Unknown {
            return Some(Program { end: start + length + more, start, is_kea: true, pid, server });
        }
        found = Some(Program { end: start + length + more, start, is_kea: true, pid, server });
    }
    found.or_else(|| other_program(window, after))
}

/// A prompt of a virtual machine's console: `router # [    9.628] `.
fn console(window: &[u8]) -> Option<(Stamp, usize, usize)> {
    let at = memchr::memmem::find(window, b"# [")?;
    let end = memchr::memchr(b']', &window[at..])?;
    (at < 80 && end < 24).then_some((Stamp::Local(0), at, at + end + 1))
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
