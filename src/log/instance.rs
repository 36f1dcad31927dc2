//! Daemons: which there are, and what is known of each.

use super::assemble::Message;
use super::host::Host;
use super::line::Server;
use super::message::LogMessageKind;
use super::stamp::{Micros, SECOND};
use super::text;
use super::unserved::Unserved;
use crate::redact;

/// A release of Kea, as it says at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Release {
    /// The last one that stops serving when a reload fails.
    pub(super) const LAST_WITH_OUTAGE: Self = Self(2, 2, u32::MAX);

    pub(crate) fn from_text(text: &[u8]) -> Option<Self> {
        let text = text::after(text, b"version ").or_else(|| text::after(text, b"version: "));
        let text = text::word(text?);
        let mut parts = text.split(|byte| !byte.is_ascii_digit()).map(|part| super::line::number(part).0);
        Some(Self(parts.next()?, parts.next()?, parts.next()?))
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A daemon in one place.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is something its log says or not")]
pub(crate) struct Instance {
    pub(crate) server: Server,
    /// The directory or journal that it logs to.
    pub(crate) place: u32,
    pub(crate) group: u32,
    pub(crate) host: Host,
    /// The name that the lines of high availability give.
    pub(crate) ha_name: Option<String>,
    pub(crate) release: Option<Release>,
    /// Whether ids of 2.5.3 or newer occur.
    pub(crate) is_modern: bool,
    pub(crate) pid: u32,
    /// The process before, whose last lines may come late; 0 where it is not known.
    pub(super) predecessor: u32,
    /// The process, and the one before it, by their numbers.
    pub(super) process: Option<usize>,
    pub(super) before: Option<usize>,
    /// When the process before was replaced.
    pub(super) replaced: Option<Micros>,
    /// Whether packets and answers are logged, as far as the lines so far show.
    pub(super) logs_packets: bool,
    pub(super) logs_answers: bool,
    pub(crate) logs_sockets: bool,
    pub(crate) libraries: Vec<String>,
    pub(crate) is_reloading_libraries: bool,
    pub(super) reload: Option<usize>,
    /// Why a configuration was refused last, and when.
    pub(super) refused: Option<(String, Option<Micros>)>,
    /// Whether a configuration failed beyond recovery before the reload was known.
    pub(super) is_unrecoverable: bool,
    /// How many of its next messages may still have times finer than a second, as one before had.
    pub(super) fractions: u8,
    /// Whether it is one of a pair.
    pub(crate) is_paired: bool,
    /// Its first threads, by hashes of their numbers.
    pub(super) threads: [u64; MOST_THREADS],
    pub(crate) messages: u64,
    pub(crate) unserved: Unserved,
}

impl Instance {
    pub(crate) fn new(server: Server, group: u32, place: u32, host: Host) -> Self {
        Self { server, place, group, host, ..Self::default() }
    }

    /// Whether a message from this host may come from here.
    pub(crate) fn is_on(&self, host: Host) -> bool {
        self.host == host || !self.host.is_known() || !host.is_known()
    }

    /// Takes in the thread of a message.
    pub(super) fn ran(&mut self, thread: u64) {
        let is_slot = |slot: &&mut u64| **slot == thread || **slot == 0;
        if let Some(slot) = self.threads.iter_mut().find(is_slot) {
            *slot = thread;
        }
    }

    /// Whether a message of the same process number in another log is of this process: containers number theirs alike.
    pub(super) fn is_process_of(&self, message: &Message<'_>) -> bool {
        let is_likely = message.pid > MOST_IN_CONTAINER && message.kind != LogMessageKind::Starting;
        message.pid != 0
            && self.pid == message.pid
            && (is_likely || (message.thread != 0 && self.threads.contains(&message.thread)))
    }

    /// Takes in the time of a message: the first lines of a start may have finer ones than all others.
    pub(super) fn timed(&mut self, time: Option<Micros>) {
        let is_fraction = time.is_some_and(|time| time % SECOND != 0);
        self.fractions = if is_fraction { MOST_WHOLE } else { self.fractions.saturating_sub(1) };
    }

    /// The level may be another one from now on.
    pub(super) fn forget_level(&mut self) {
        (self.logs_packets, self.logs_answers) = (false, false);
    }

    /// What its leases are its own in: its host, or nothing less than all for one of a pair.
    pub(super) fn scope(&self) -> Host {
        if self.is_paired { Host::default() } else { self.host }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.ha_name.as_deref().or_else(|| self.server.name())
    }

    /// What is the same of the next process, which replaces this one now.
    pub(super) fn without_process(self, now: Option<Micros>) -> Self {
        Self { predecessor: self.pid, before: self.process, replaced: now, ..self.same() }
    }

    fn same(self) -> Self {
        Self {
            server: self.server,
            place: self.place,
            group: self.group,
            host: self.host,
            ha_name: self.ha_name,
            messages: self.messages,
            release: self.release,
            is_modern: self.is_modern,
            fractions: self.fractions,
            is_paired: self.is_paired,
            unserved: self.unserved,
            ..Self::default()
        }
    }

    /// The same place for another process, which runs at the same time.
    pub(super) fn parted(&self, pid: u32, process: Option<usize>) -> Self {
        Self {
            server: self.server,
            place: self.place,
            group: self.group,
            host: self.host,
            release: self.release,
            is_modern: self.is_modern,
            fractions: self.fractions,
            is_paired: self.is_paired,
            threads: self.threads,
            logs_packets: self.logs_packets,
            logs_answers: self.logs_answers,
            pid,
            process,
            ..Self::default()
        }
    }
}

/// How many threads of a process are remembered.
const MOST_THREADS: usize = 16;

/// Larger numbers of processes are hardly the same in two containers.
const MOST_IN_CONTAINER: u32 = 300;

/// So many messages in turn on whole seconds have no finer times.
const MOST_WHOLE: u8 = 32;

/// How much of a text is kept.
const LONGEST: usize = 400;

/// How much of a text is searched for secrets, which have to go before it is cut.
const MOST_SEARCHED: usize = 40 * LONGEST;

/// The reason in a message, on one line and without secrets: Kea logs whole configurations.
pub(crate) fn one_line(message: &Message<'_>) -> String {
    let text = text::after(message.text, b"reason: ").unwrap_or(message.text);
    let text = &text[..text.len().min(MOST_SEARCHED)];
    let text = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    redact::line(text.trim()).chars().take(LONGEST).collect()
}
