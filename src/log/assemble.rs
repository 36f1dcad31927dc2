//! From blocks of lines to messages: further lines join the message they belong to.
//!
//! In a file they follow it at once; in the journal each is an entry of its own, with those of other daemons between.
//! A client can have lines written, as a host name with line breaks in it: such a name's length is in the log where
//! the packet is, and what a client writes elsewhere does not know the process.

use std::collections::VecDeque;
use std::ops::Range;

use super::host::Host;
use super::line::{self, Head, Line, Origin, Server};
use super::message::{LogMessageKind, Severity};
use super::record;
use super::stamp::{Clock, Micros, SECOND};

/// How long a message with all its lines may be; what is beyond is left out.
const LONGEST_MESSAGE: usize = 1 << 20;
/// For how long a message waits for further lines while other processes log: they are written at once.
const MOST_WAIT: Micros = SECOND;
/// How many processes have a message that may go on.
const MOST_PENDING: usize = 64;
/// How many names with line breaks are remembered.
const MOST_NAMES: usize = 16;
/// How many processes are remembered.
const MOST_KNOWN: usize = 64;
/// What a client can send as one option, so that lines beyond it are no part of a name.
const LONGEST_NAME: usize = 255;
/// No daemon is silent for longer.
const YEAR: Micros = 366 * 86_400 * SECOND;

/// A message, borrowed from a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) time: Option<Micros>,
    pub(crate) severity: Severity,
    pub(crate) server: Server,
    pub(crate) pid: u32,
    pub(crate) host: Host,
    pub(crate) thread: u64,
    pub(crate) kind: LogMessageKind,
    pub(crate) id: &'a [u8],
    pub(crate) text: &'a [u8],
}

/// A message with places in the bytes of its batch.
#[derive(Debug, Clone)]
struct Entry {
    time: Option<Micros>,
    severity: Severity,
    server: Server,
    pid: u32,
    host: Host,
    thread: u64,
    kind: LogMessageKind,
    id: Range<usize>,
    text: Range<usize>,
}

/// Messages, and the bytes that they are in.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn message(&self, at: usize) -> Message<'_> {
        let entry = &self.entries[at];
        Message {
            time: entry.time,
            severity: entry.severity,
            server: entry.server,
            pid: entry.pid,
            host: entry.host,
            thread: entry.thread,
            kind: entry.kind,
            id: &self.bytes[entry.id.clone()],
            text: &self.bytes[entry.text.clone()],
        }
    }

    /// The same memory, empty.
    pub(crate) fn recycled(mut self) -> Self {
        self.bytes.clear();
        self.entries.clear();
        self
    }

    /// Where whole lines are put before they are parsed.
    pub(crate) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

/// A message that may go on.
#[derive(Debug)]
struct Pending {
    server: Server,
    pid: u32,
    head: Origin,
    kind: LogMessageKind,
    thread: u64,
    id: Vec<u8>,
    text: Vec<u8>,
    /// How many more bytes belong to a name in it, whatever they look like.
    owed: usize,
    /// How many bytes the lines in it have that look like messages.
    forged: usize,
}

impl Pending {
    /// Whether a message shows that no further line of this one follows: it is much later, or another process of the
    /// daemon begins.
    fn is_over(&self, head: &Head) -> bool {
        let is_late = self.head.time.zip(head.origin.time).is_some_and(|(was, now)| now - was > MOST_WAIT);
        let is_other = self.server == head.origin.server && self.pid != head.origin.pid;
        is_late || (is_other && self.head.host == head.origin.host && head.kind == LogMessageKind::Starting)
    }

    /// Whether it holds what a client sent as it is.
    fn is_risky(&self) -> bool {
        is_risky(self.kind, &self.id)
    }

    /// Whether a line without a head of syslog has what the first line of this message has.
    fn is_like(&self, head: &Head) -> bool {
        (self.thread == 0) == (head.thread == 0) && self.head.time.is_some() == head.origin.time.is_some()
    }

    /// Whether a line is of a time that the next line of its process does not have.
    fn is_elsewhen(&self, head: &Head) -> bool {
        let is_same = (self.pid, self.thread) == (head.origin.pid, head.thread);
        let times = self.head.time.zip(head.origin.time);
        times.is_some_and(|(before, now)| (now < before - SECOND && !is_same) || now > before + YEAR)
    }
}

/// Whether a message holds what a client sent as it is; the result of an expression has nothing of it.
fn is_risky(kind: LogMessageKind, id: &[u8]) -> bool {
    matches!(kind, LogMessageKind::ClientName | LogMessageKind::QueryData)
        || (id.starts_with(b"EVAL_") && id != b"EVAL_RESULT")
}

/// What was counted while lines were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) messages: u64,
    /// Lines that look like a message and are part of what a client sent.
    pub(crate) forged: u64,
}

/// Makes messages of the lines of one input.
#[derive(Debug)]
pub(crate) struct Assembler {
    clock: Clock,
    pending: Vec<Pending>,
    /// Beginnings of names with line breaks, and how much follows.
    names: VecDeque<(Vec<u8>, usize)>,
    /// Processes of which there were lines where no client writes.
    known: VecDeque<(Server, u32)>,
    pub(crate) counts: Counts,
    is_export: Option<bool>,
}

impl Assembler {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            pending: Vec::new(),
            names: VecDeque::new(),
            known: VecDeque::new(),
            counts: Counts::default(),
            is_export: None,
        }
    }

    /// Its clock, as it was set.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Takes apart the bytes of a batch; how many at their end are not yet whole. At the end of the input nothing is
    /// left.
    pub(crate) fn assemble(&mut self, batch: &mut Batch, is_end: bool) -> usize {
        let whole = batch.bytes.len();
        let first = &batch.bytes[..whole.min(record::EXPORT.len())];
        let is_open =
            self.is_export.is_none() && first.len() < record::EXPORT.len() && record::EXPORT.starts_with(first);
        if is_open && !is_end {
            return whole;
        }
        let is_export = *self.is_export.get_or_insert(first == record::EXPORT);
        let done = if is_export { self.entries(batch, whole) } else { self.lines(batch, whole, is_end) };
        if is_end {
            while !self.pending.is_empty() {
                self.flush(0, batch);
            }
            return 0;
        }
        whole - done
    }

    fn lines(&mut self, batch: &mut Batch, whole: usize, is_end: bool) -> usize {
        let mut at = 0;
        while at < whole {
            let Some(length) = memchr::memchr(b'\n', &batch.bytes[at..whole]) else {
                if is_end {
                    self.line(at..whole, batch);
                    return whole;
                }
                return at;
            };
            self.line(at..at + length, batch);
            at += length + 1;
        }
        whole
    }

    /// Entries of the journal's export form.
    fn entries(&mut self, batch: &mut Batch, whole: usize) -> usize {
        let mut at = 0;
        while let Some((found, length)) = record::export(&batch.bytes[at..whole]) {
            at += length;
            if let Some(record) = found {
                self.record(&record, batch);
            }
        }
        at
    }

    fn line(&mut self, place: Range<usize>, batch: &mut Batch) {
        // A file that was emptied while it was written begins with a hole.
        let hole = batch.bytes[place.clone()].iter().take_while(|byte| **byte == 0).count();
        let place = place.start + hole..place.end;
        if batch.bytes.get(place.start) == Some(&b'{')
            && let Some(record) = record::json(&batch.bytes[place.clone()], &mut self.clock)
        {
            self.record(&record, batch);
            return;
        }
        self.parsed(place, &Origin::default(), batch);
    }

    /// A record's text, which is put after what is read, line by line.
    fn record(&mut self, record: &record::Record, batch: &mut Batch) {
        let mut start = batch.bytes.len();
        batch.bytes.extend_from_slice(&record.line);
        let end = batch.bytes.len();
        while start <= end {
            let length = memchr::memchr(b'\n', &batch.bytes[start..end]).unwrap_or(end - start);
            self.parsed(start..start + length, &record.origin, batch);
            start += length + 1;
        }
    }

    fn parsed(&mut self, place: Range<usize>, given: &Origin, batch: &mut Batch) {
        match line::parse(&batch.bytes[place.clone()], given, &mut self.clock) {
            Line::Message(head) if self.is_forged(&head) => {
                self.counts.forged += 1;
                if let Some(pending) = self.pending.last_mut() {
                    pending.forged += head.text.end;
                }
                self.more(&Origin { is_headed: given.is_headed, ..head.origin }, place, batch);
            }
            Line::Message(head) => {
                self.know(&head, &batch.bytes[place.clone()]);
                self.message(&head, place.start, batch);
            }
            Line::More { origin, text } => {
                let text = (place.start + text).min(place.end);
                self.more(&origin, text..place.end, batch);
            }
            Line::Foreign => {}
        }
    }

    /// Whether a line that looks like a message is the rest of a name that a client sent.
    fn is_forged(&self, head: &Head) -> bool {
        let Some(before) = self.pending.last().filter(|pending| pending.is_risky()) else { return false };
        if before.owed > 0 && (before.pid == head.origin.pid || !head.origin.is_headed) {
            return true;
        }
        if before.forged + head.text.end > LONGEST_NAME {
            return false;
        }
        if head.origin.is_headed {
            // In a log without heads of syslog only a client writes one.
            return !before.head.is_headed;
        }
        let is_new = head.kind == LogMessageKind::Starting && before.is_like(head);
        if before.kind == LogMessageKind::QueryData || is_new || self.knows(head) {
            return false;
        }
        before.pid != head.origin.pid || !before.is_like(head) || before.is_elsewhen(head)
    }

    /// Whether a line comes from a process that the log has shown, whose number no client knows.
    fn knows(&self, head: &Head) -> bool {
        head.origin.pid != 0 && self.known.contains(&(head.origin.server, head.origin.pid))
    }

    /// Remembers the process of a message, unless a client may have written it.
    fn know(&mut self, head: &Head, line: &[u8]) {
        let process = (head.origin.server, head.origin.pid);
        if process.1 == 0 || self.known.back() == Some(&process) || is_risky(head.kind, &line[head.id.clone()]) {
            return;
        }
        let is_after_name = self.pending.last().is_some_and(Pending::is_risky);
        if !is_after_name && !self.known.contains(&process) {
            self.known.push_back(process);
            if self.known.len() > MOST_KNOWN {
                self.known.pop_front();
            }
        }
    }

    fn message(&mut self, head: &Head, base: usize, batch: &mut Batch) {
        while let Some(at) = self.pending.iter().position(|pending| pending.is_over(head)) {
            self.flush(at, batch);
        }
        while let Some(at) = self.place(&head.origin) {
            self.flush(at, batch);
        }
        let place = |range: &Range<usize>| base + range.start..base + range.end;
        let (id, text) = (place(&head.id), place(&head.text));
        if !head.kind.is_one_line() {
            self.hold(head, &id, &text, batch);
            return;
        }
        self.counts.messages += 1;
        batch.entries.push(Entry {
            time: head.origin.time,
            severity: head.origin.severity.unwrap_or(Severity::Info),
            server: head.origin.server,
            pid: head.origin.pid,
            host: head.origin.host,
            thread: head.thread,
            kind: head.kind,
            id,
            text,
        });
    }

    /// Keeps a message until it is sure that it is whole.
    fn hold(&mut self, head: &Head, id: &Range<usize>, text: &Range<usize>, batch: &mut Batch) {
        if self.pending.len() >= MOST_PENDING {
            self.flush(0, batch);
        }
        let text = batch.bytes[text.clone()].to_vec();
        let owed = if head.kind == LogMessageKind::ClientName { self.owed_after(&text) } else { 0 };
        self.pending.push(Pending {
            server: head.origin.server,
            pid: head.origin.pid,
            head: head.origin.clone(),
            kind: head.kind,
            thread: head.thread,
            id: batch.bytes[id.clone()].to_vec(),
            text,
            owed,
            forged: 0,
        });
    }

    /// How much of a name with line breaks is still to come after this line of it.
    fn owed_after(&self, text: &[u8]) -> usize {
        let found = self.names.iter().rev().find(|(begin, _)| text.ends_with(begin) && !begin.is_empty());
        found.map_or(0, |(_, rest)| *rest)
    }

    /// The message that a further line belongs to. Without a head it is the last one.
    fn place(&self, origin: &Origin) -> Option<usize> {
        if !origin.is_headed {
            return self.pending.len().checked_sub(1);
        }
        // Syslog without a pid before text whose first line had one.
        let is_process = |pending: &Pending| pending.pid == origin.pid || origin.pid == 0;
        let is_place = |pending: &Pending| pending.server == origin.server && pending.head.host == origin.host;
        let same = |pending: &Pending| pending.head.is_headed && is_process(pending) && is_place(pending);
        self.pending.iter().rposition(same)
    }

    fn more(&mut self, origin: &Origin, text: Range<usize>, batch: &Batch) {
        let text = &batch.bytes[text];
        let Some(at) = self.place(origin) else {
            return;
        };
        let pending = &mut self.pending[at];
        if pending.owed > 0 {
            pending.owed = pending.owed.saturating_sub(text.len() + 1);
        } else if pending.kind == LogMessageKind::QueryData {
            pending.owed = owed_by(text);
            if pending.owed > 0 {
                let begin = text[text.iter().position(|byte| *byte == b'"').map_or(0, |quote| quote + 1)..].to_vec();
                self.names.push_back((begin, pending.owed));
                if self.names.len() > MOST_NAMES {
                    self.names.pop_front();
                }
            }
        }
        if pending.text.len() + text.len() < LONGEST_MESSAGE {
            pending.text.push(b'\n');
            pending.text.extend_from_slice(text);
        }
    }

    fn flush(&mut self, at: usize, batch: &mut Batch) {
        let pending = self.pending.remove(at);
        self.counts.messages += 1;
        let id = batch.bytes.len();
        batch.bytes.extend_from_slice(&pending.id);
        let text = batch.bytes.len();
        batch.bytes.extend_from_slice(&pending.text);
        batch.entries.push(Entry {
            time: pending.head.time,
            severity: pending.head.severity.unwrap_or(Severity::Info),
            server: pending.server,
            pid: pending.pid,
            host: pending.head.host,
            thread: pending.thread,
            kind: pending.kind,
            id: id..text,
            text: text..batch.bytes.len(),
        });
    }
}

/// How many bytes of a text option are not on its first line, `  type=012, len=005: "good1" (string)`.
fn owed_by(line: &[u8]) -> usize {
    let Some(at) = memchr::memmem::find(line, b"len=") else { return 0 };
    let (length, digits) = line::number(&line[at + 4..]);
    let Some(text) = line.get(at + 4 + digits..).and_then(|rest| rest.strip_prefix(b": \"")) else { return 0 };
    let length = usize::try_from(length).unwrap_or(0).min(LONGEST_MESSAGE);
    // The line break itself is one of them.
    if text.len() > length { 0 } else { (length + 1).saturating_sub(text.len() + 1) }
}

#[cfg(test)]
mod tests;
