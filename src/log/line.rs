//! One line of a log, of whatever shape: what is before the message id, the id, and what follows it.
//!
//! Kea's pattern is free, and syslog, the journal and containers put theirs before it. The id is the only anchor:
//! everything else is optional. Lines are bytes; a client can have any of them written.

use std::ops::Range;

use self::program::{head_end, other_program, program};
use super::hash::hash;
use super::host::Host;
use super::message::{self, LogMessageKind, Severity};
use super::stamp::{self, Clock, Micros, Stamp};

mod program;

/// Where the head of a line ends at the latest.
const LONGEST_HEAD: usize = 512;

/// A daemon of Kea, as far as a line shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Server {
    Dhcp4,
    Dhcp6,
    Ddns,
    Agent,
    Netconf,
    #[default]
    Unknown,
}

impl Server {
    pub(crate) fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Dhcp4 => "kea-dhcp4",
            Self::Dhcp6 => "kea-dhcp6",
            Self::Ddns => "kea-dhcp-ddns",
            Self::Agent => "kea-ctrl-agent",
            Self::Netconf => "kea-netconf",
            Self::Unknown => return None,
        })
    }

    /// The daemon of a process, root logger or unit of this name.
    pub(crate) fn named(name: &[u8]) -> Self {
        match name.strip_suffix(b"-server").unwrap_or(name) {
            b"kea-dhcp4" => Self::Dhcp4,
            b"kea-dhcp6" => Self::Dhcp6,
            b"kea-dhcp-ddns" => Self::Ddns,
            b"kea-ctrl-agent" => Self::Agent,
            b"kea-netconf" => Self::Netconf,
            _ => Self::Unknown,
        }
    }

    /// The daemon that alone has messages of this id.
    pub(crate) fn of_id(id: &[u8]) -> Self {
        match id {
            _ if id.starts_with(b"DHCP4_") || id.starts_with(b"ALLOC_ENGINE_V4") => Self::Dhcp4,
            _ if id.starts_with(b"DHCP6_") || id.starts_with(b"ALLOC_ENGINE_V6") => Self::Dhcp6,
            // The DHCP servers have these too, which send it requests.
            _ if id.starts_with(b"DHCP_DDNS_NCR_") => Self::Unknown,
            _ if id.starts_with(b"DHCP_DDNS_") => Self::Ddns,
            _ if id.starts_with(b"CTRL_AGENT_") => Self::Agent,
            _ => Self::Unknown,
        }
    }
}

/// What precedes a message: given by the journal's fields, or found in the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) time: Option<Micros>,
    pub(crate) severity: Option<Severity>,
    pub(crate) server: Server,
    /// 0 where it is not known.
    pub(crate) pid: u32,
    pub(crate) host: Host,
    /// Whether the line has a syslog or journal head, which its continuation lines have too.
    pub(crate) is_headed: bool,
    /// Whether the head names a program that is not one of Kea's; that may be a container with Kea in it.
    pub(crate) is_foreign: bool,
}

/// The head of a message, with places in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) origin: Origin,
    pub(crate) kind: LogMessageKind,
    /// A hash of the thread's number; 0 where it is not known.
    pub(crate) thread: u64,
    /// Where its severity begins, or the id of a line without one; time and host are before it.
    pub(crate) start: usize,
    pub(crate) id: Range<usize>,
    pub(crate) text: Range<usize>,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// The first line of a message.
    Message(Head),
    /// A further line of a message; its text begins here.
    More { origin: Origin, text: usize },
    /// Another program's line.
    Foreign,
}

/// How syslog writes the line break at the end of a message.
const ESCAPED_BREAK: &[u8] = b"#012";

/// Without what ends a line in one shape or another.
fn trimmed(line: &[u8]) -> usize {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'\t' | b' ' | 0);
    let end = line.iter().rposition(|byte| !is_end(byte)).map_or(0, |last| last + 1);
    line[..end].strip_suffix(ESCAPED_BREAK).map_or(end, trimmed)
}

/// Takes a line apart. `given` is what is known of it from elsewhere.
pub(crate) fn parse(line: &[u8], given: &Origin, clock: &mut Clock) -> Line {
    let end = trimmed(line);
    let line = &line[..end];
    default_pattern(line, given, clock).unwrap_or_else(|| any_pattern(line, given, clock))
}

/// Kea's own pattern at the beginning of the line, which nearly every line of a log file has.
fn default_pattern(line: &[u8], given: &Origin, clock: &mut Clock) -> Option<Line> {
    if line.len() < 32 || line[4] != b'-' || line[10] != b' ' || line[23] != b' ' {
        return None;
    }
    let (severity, length) = Severity::at(&line[24..])?;
    let (stamp, 23) = stamp::iso(line)? else { return None };
    let id = id_after(line, 24 + length)?;
    if let (Some(known), Stamp::Local(local)) = (given.time, stamp) {
        clock.compare(known, local);
    }
    let origin = Origin { time: Some(clock.moment(stamp)), ..given.clone() };
    Some(Line::Message(finish(line, (24, 24 + length, Some(severity), id), origin)))
}

/// The message id after `at`, with nothing but a logger between.
fn id_after(line: &[u8], at: usize) -> Option<Range<usize>> {
    let mut start = at;
    while line.get(start) == Some(&b' ') {
        start += 1;
    }
    if line.get(start) == Some(&b'[') {
        let window = &line[start..line.len().min(start + LONGEST_HEAD)];
        start += memchr::memchr(b']', window)? + 1;
        while line.get(start) == Some(&b' ') {
            start += 1;
        }
    }
    if let Some(id) = id_at(line, start) {
        return Some(id);
    }
    // A pattern of the user's own: fields without spaces.
    let window = &line[..line.len().min(at + LONGEST_HEAD)];
    let mut spaces = 0;
    for place in at..window.len() {
        match window[place] {
            b' ' if place > at && window[place - 1] == b' ' => {}
            b' ' => spaces += 1,
            b'A'..=b'Z' if is_start(window, place) => {
                if let Some(id) = id_at(line, place) {
                    return Some(id);
                }
            }
            _ => {}
        }
        if spaces > 4 {
            return None;
        }
    }
    None
}

/// Whether a word can begin here.
fn is_start(line: &[u8], at: usize) -> bool {
    at == 0 || !(line[at - 1].is_ascii_alphanumeric() || matches!(line[at - 1], b'_' | b'-' | b'.' | b'='))
}

/// The id that begins here: words of capitals and digits, joined by `_`.
fn id_at(line: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = line.get(start..)?;
    if !rest.first()?.is_ascii_uppercase() {
        return None;
    }
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
    let ends = rest.get(length).is_none_or(|next| matches!(next, b' ' | b'"' | b'\t' | b'|' | b'\\' | b'#'));
    (ends && length >= 6 && rest[..length].contains(&b'_')).then_some(start..start + length)
}

/// The head of a message, whose time `origin` has.
fn finish(line: &[u8], (start, after, severity, id): Anchor, mut origin: Origin) -> Head {
    let (kind, usual) = message::known(&line[id.clone()]).unwrap_or((LogMessageKind::Other, Severity::Info));
    let logger = logger(&line[after.min(id.start)..id.start]);
    if logger.server != Server::Unknown {
        origin.server = logger.server;
    }
    if origin.server == Server::Unknown {
        origin.server = Server::of_id(&line[id.clone()]);
    }
    if logger.pid != 0 {
        origin.pid = logger.pid;
    }
    origin.severity = severity.or(origin.severity).or(Some(usual));
    let text = line[id.end..].iter().position(|byte| *byte != b' ').map_or(line.len(), |skipped| id.end + skipped);
    Head { origin, kind, thread: logger.thread, start, id, text: text..line.len() }
}

#[derive(Default)]
struct Logger {
    server: Server,
    pid: u32,
    thread: u64,
}

/// The logger between a severity and an id: `[kea-dhcp4.leases/15427.140477854787264]`, with parts missing.
fn logger(text: &[u8]) -> Logger {
    let Some(start) = text.windows(4).position(|window| window == b"kea-") else { return Logger::default() };
    let text = &text[start..];
    let end = text.iter().position(|byte| matches!(byte, b']' | b' ')).unwrap_or(text.len());
    let text = &text[..end];
    let root = text.iter().position(|byte| matches!(byte, b'.' | b'/' | b'|' | b',' | b'"')).unwrap_or(text.len());
    let mut found = Logger { server: Server::named(&text[..root]), ..Logger::default() };
    if let Some(slash) = memchr::memchr(b'/', text) {
        let (pid, length) = number(&text[slash + 1..]);
        found.pid = pid;
        found.thread = hash(&text[slash + 1 + length..]);
    } else if let Some(last) = text.iter().rposition(|byte| matches!(byte, b'.' | b'|')) {
        let word = &text[last + 1..];
        if word.len() > 5 && (word.starts_with(b"0x") || word.iter().all(u8::is_ascii_digit)) {
            found.thread = hash(word);
        }
    }
    found
}

/// The number that a text begins with, 0 if there is none, and its length.
pub(crate) fn number(text: &[u8]) -> (u32, usize) {
    let mut number = 0u32;
    let mut length = 0;
    while let Some(digit) = text.get(length).filter(|digit| digit.is_ascii_digit()) {
        number = number.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
        length += 1;
    }
    (number, length)
}

/// A line whose message is anywhere.
fn any_pattern(line: &[u8], given: &Origin, clock: &mut Clock) -> Line {
    let window = &line[..line.len().min(LONGEST_HEAD)];
    let Some(anchor) = anchor(line, window) else { return rest(line, window, given, clock) };
    let prefix = &line[..anchor.0];
    if is_of_another_program(line, window, given, &anchor) {
        return Line::Foreign;
    }
    let (mut origin, stamp) = origin(prefix, given, clock);
    let between = &line[anchor.1.min(anchor.3.start)..anchor.3.start];
    let is_sure = anchor.2.is_some() && (logger(between).server != Server::Unknown || is_container(prefix));
    if !prefix_is_plausible(prefix, &origin, stamp.is_some()) && (!is_sure || is_detail(prefix)) {
        return rest(line, window, given, clock);
    }
    // A pattern may have the time after the severity.
    let late = || leading_stamp(between).map(|(stamp, ..)| stamp).filter(|_| origin.time.is_none());
    origin.time = stamp.or_else(late).map(|stamp| clock.moment(stamp)).or(origin.time);
    Line::Message(finish(line, anchor, origin))
}

/// Whether another program wrote about a message of Kea: in its text comes more than Kea's own head before the id.
fn is_of_another_program(line: &[u8], window: &[u8], given: &Origin, anchor: &Anchor) -> bool {
    let (start, after, severity, id) = anchor;
    let end = match other_head(window) {
        Some(end) if end <= *start => end,
        _ if given.is_foreign => 0,
        _ => return false,
    };
    let before = line[end..*start].trim_ascii();
    let is_stamp = stamp::iso(before).is_some_and(|(_, length)| length == before.len());
    let is_head = severity.is_some() && logger(&line[(*after).min(id.start)..id.start]).server != Server::Unknown;
    !(is_head && (before.is_empty() || is_stamp))
}

/// Where the head of syslog ends that names a program other than Kea's.
fn other_head(window: &[u8]) -> Option<usize> {
    let (_, _, after) = leading_stamp(window)?;
    let other = other_program(window, after)?;
    let name = window[..other.end].rsplit(|byte| *byte == b' ').next()?;
    // The colon and the space after it.
    (!name.starts_with(b"kea-")).then_some(other.end + 2)
}

/// Where a severity begins and ends, the severity, and the id after it; without a severity the place of the id.
type Anchor = (usize, usize, Option<Severity>, Range<usize>);

/// The first severity with an id, the first known id or the id after the program, whichever comes first: what follows
/// may be a client's.
fn anchor(line: &[u8], window: &[u8]) -> Option<Anchor> {
    let by_id = after_program(line, window).or_else(|| by_id(line, window));
    let before = by_id.as_ref().map_or(window, |(at, ..)| &window[..*at]);
    by_severity(line, before).or(by_id)
}

/// An id, known or not, at once after the program in a syslog head.
fn after_program(line: &[u8], window: &[u8]) -> Option<Anchor> {
    let program = program(window).filter(|program| program.is_kea)?;
    let start = program.end + window.get(program.end..)?.iter().take_while(|byte| **byte == b' ').count();
    Some((start, start, None, id_at(line, start)?))
}

/// A severity that an id follows: where it begins and ends, and the id.
fn by_severity(line: &[u8], window: &[u8]) -> Option<Anchor> {
    let is_first = |byte: &u8| matches!(byte, b'D' | b'E' | b'F' | b'I' | b'W');
    let starts = (0..window.len()).filter(|at| is_first(&window[*at]) && is_start(window, *at));
    for at in starts {
        if let Some((severity, length)) = Severity::at(&window[at..])
            && let Some(id) = id_after(line, at + length)
        {
            return Some((at, at + length, Some(severity), id));
        }
    }
    None
}

/// A known id without a severity before it.
fn by_id(line: &[u8], window: &[u8]) -> Option<Anchor> {
    let starts = (0..window.len()).filter(|at| window[*at].is_ascii_uppercase() && is_start(window, *at));
    for at in starts {
        if let Some(id) = id_at(line, at).filter(|id| message::known(&line[id.clone()]).is_some()) {
            return Some((at, at, None, id));
        }
    }
    None
}

/// Whether what is before a message can be the head of a log line rather than a part of another message.
fn prefix_is_plausible(prefix: &[u8], origin: &Origin, has_stamp: bool) -> bool {
    let prefix = prefix.trim_ascii();
    prefix.is_empty() || has_stamp || origin.is_headed || prefix.iter().all(u8::is_ascii_punctuation)
}

/// Whether it is the name that a program for containers puts before a line, `kea-dhcp4-1  | `.
fn is_container(prefix: &[u8]) -> bool {
    let name = prefix.trim_ascii_end().strip_suffix(b"|").map(<[u8]>::trim_ascii_end);
    name.is_some_and(|name| !name.is_empty() && !name.contains(&b' '))
}

/// Whether it is the beginning of a further line, in which comes what a client sent.
fn is_detail(prefix: &[u8]) -> bool {
    let is_quoted = prefix.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'='));
    is_quoted || prefix.starts_with(b" ") || memchr::memmem::find(prefix, b": ").is_some()
}

/// A line without a message: a further one of a message, or another program's.
fn rest(line: &[u8], window: &[u8], given: &Origin, clock: &mut Clock) -> Line {
    let Some(program) = program(window) else {
        let stamp = leading_stamp(window);
        return if stamp.is_some() && !given.is_headed {
            Line::Foreign
        } else {
            Line::More { origin: given.clone(), text: 0 }
        };
    };
    let (origin, _) = origin(&line[..program.end], given, clock);
    if !program.is_kea {
        return Line::Foreign;
    }
    let text = line[program.end..].iter().position(|byte| *byte != b' ').map_or(line.len(), |more| program.end + more);
    Line::More { origin, text }
}

/// The time at the beginning of a line, after a priority or the prompt of a console.
fn leading_stamp(prefix: &[u8]) -> Option<(Stamp, usize, usize)> {
    if let Some((stamp, length)) = stamp::epoch(prefix) {
        return Some((stamp, 0, length));
    }
    let mut at = 0;
    for _ in 0..8 {
        let text = prefix.get(at..)?;
        let open = usize::from(matches!(text.first(), Some(b'[' | b'(')));
        if let Some((stamp, length)) = stamp::iso(&text[open..]).or_else(|| stamp::syslog(&text[open..])) {
            return Some((stamp, at, at + open + length));
        }
        at += memchr::memchr3(b' ', b'>', b'|', text)? + 1;
    }
    None
}

/// What a head says of where its message comes from, and the stamp that counts.
fn origin(prefix: &[u8], given: &Origin, clock: &mut Clock) -> (Origin, Option<Stamp>) {
    let mut origin = given.clone();
    if let Some((priority, length)) = prefix.strip_prefix(b"<").map(number)
        && length > 0
        && prefix.get(1 + length) == Some(&b'>')
    {
        origin.severity = Some(Severity::of_priority(priority));
    }
    let first = leading_stamp(prefix);
    let head = head_end(prefix);
    let mut end = head.unwrap_or(0);
    if let Some(program) = program(prefix).filter(|program| program.is_kea) {
        origin.is_headed = true;
        origin.host = head.and_then(|_| host(&prefix[end.min(program.start)..program.start])).unwrap_or(origin.host);
        origin.pid = if program.pid == 0 { origin.pid } else { program.pid };
        origin.server = if program.server == Server::Unknown { origin.server } else { program.server };
        end = end.max(program.start);
    }
    let inner = inner_stamp(prefix, end);
    let sure = |stamp: Stamp| match stamp {
        Stamp::Utc(micros) => Some(micros),
        _ => None,
    };
    let outer = given.time.or_else(|| first.and_then(|(stamp, ..)| sure(stamp)));
    let stamp = inner.or_else(|| first.map(|(stamp, ..)| stamp).filter(|_| given.time.is_none()));
    if let (Some(Stamp::Local(local)), Some(known)) = (inner, outer) {
        clock.compare(known, local);
    }
    (origin, stamp)
}

/// The host in what is between the time and the program of a syslog head, where a zone and a priority may be too;
/// another form has other columns there.
fn host(text: &[u8]) -> Option<Host> {
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b'-' | b'.' | b':' | b'_');
    let is_name = |word: &&[u8]| {
        let is_number = word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        !is_number && word.iter().all(is_part) && !is_priority(word)
    };
    let name = text.split(|byte| *byte == b' ').rfind(is_name).filter(|_| !text.contains(&b'\t'))?;
    Some(Host::new(name))
}

/// Whether a word is a priority as small systems write it, `daemon.info`.
fn is_priority(word: &[u8]) -> bool {
    const LEVELS: [&[u8]; 9] = [b"emerg", b"alert", b"crit", b"err", b"warn", b"warning", b"notice", b"info", b"debug"];
    let is_facility = |name: &[u8]| matches!(name, b"daemon" | b"user" | b"syslog") || name.starts_with(b"local");
    memchr::memchr(b'.', word).is_some_and(|dot| is_facility(&word[..dot]) && LEVELS.contains(&&word[dot + 1..]))
}

/// Kea's own time directly before the severity, after the head of syslog.
fn inner_stamp(prefix: &[u8], after: usize) -> Option<Stamp> {
    let prefix = prefix.trim_ascii_end();
    let prefix = prefix.strip_suffix(b"]").unwrap_or(prefix);
    let start = prefix.len().checked_sub(23).filter(|start| *start >= after)?;
    let (stamp, length) = stamp::iso(&prefix[start..])?;
    (length == 23).then_some(stamp)
}

#[cfg(test)]
mod tests;
