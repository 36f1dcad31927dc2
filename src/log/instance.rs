//! Daemons: which there are, their processes, starts and reloads.

use super::assemble::Message;
use super::line::Server;
use super::message::{Kind, Severity};
use super::stamp::{Micros, SECOND};
use super::text;
use crate::redact;

/// A release of Kea, as it says at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Release {
    /// The last one that stops serving when a reload fails.
    const LAST_WITH_OUTAGE: Self = Self(2, 2, u32::MAX);

    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let text = text::word(text::after(text, b"version ")?);
        let mut parts = text.split(|byte| !byte.is_ascii_digit()).map(|part| super::line::number(part).0);
        Some(Self(parts.next()?, parts.next()?, parts.next()?))
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A start of a daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) instance: usize,
    pub(crate) time: Option<Micros>,
    pub(crate) pid: Option<u32>,
    pub(crate) is_started: bool,
    pub(crate) release: Option<Release>,
    /// Whether the process before it ended without a word, as after a crash or SIGKILL.
    pub(crate) is_after_death: bool,
    /// The error that it ended with.
    pub(crate) reason: Option<String>,
}

/// A reload of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reload {
    pub(crate) instance: usize,
    pub(crate) time: Option<Micros>,
    /// `None` as long as it is not over.
    pub(crate) is_ok: Option<bool>,
    is_unrecoverable: bool,
    is_served_after: bool,
    release: Option<Release>,
    pub(crate) reason: Option<String>,
}

impl Reload {
    pub(crate) fn outcome(&self) -> &'static str {
        let is_old = self.release.is_some_and(|release| release <= Release::LAST_WITH_OUTAGE);
        match self.is_ok {
            None => "unknown",
            Some(true) => "ok",
            Some(false) if !self.is_served_after && (self.is_unrecoverable || is_old) => "failed-outage",
            Some(false) => "failed",
        }
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
    host: u64,
    /// The name that the lines of high availability give.
    pub(crate) ha_name: Option<String>,
    pub(crate) release: Option<Release>,
    /// Whether ids of 2.5.3 or newer occur.
    pub(crate) is_modern: bool,
    pub(crate) pid: u32,
    /// The process before, whose last lines may come late; 0 where it is not known.
    predecessor: u32,
    /// Whether the beginning of this process is in the log, and whether it came up.
    is_begun: bool,
    is_up: bool,
    is_shut_down: bool,
    first: Option<Micros>,
    first_error: Option<String>,
    /// Whether this process logs answers.
    pub(crate) logs_answers: bool,
    pub(crate) logs_sockets: bool,
    pub(crate) libraries: Vec<String>,
    pub(crate) is_reloading_libraries: bool,
    reload: Option<usize>,
    pub(crate) messages: u64,
}

impl Instance {
    pub(crate) fn new(server: Server, group: u32, place: u32, host: u64) -> Self {
        Self { server, place, group, host, ..Self::default() }
    }

    /// Whether a message from this host, 0 where it is not known, may come from here.
    pub(crate) fn is_on(&self, host: u64) -> bool {
        self.host == host || self.host == 0 || host == 0
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.ha_name.as_deref().or_else(|| self.server.name())
    }

    /// Whether a reload is under way, or the process is on its way up.
    pub(crate) fn is_configuring(&self, life: &Life) -> bool {
        let is_reloading = self.reload.is_some_and(|at| life.reloads[at].is_ok.is_none());
        is_reloading || (self.is_begun && !self.is_up)
    }
}

/// Starts and reloads of all daemons.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) starts: Vec<Start>,
    pub(crate) reloads: Vec<Reload>,
    /// How many of either were beyond what is kept.
    pub(crate) omitted: u64,
}

/// More starts or reloads than this are a loop.
const MOST: usize = 10_000;
/// A process says that it is up within this time.
const START_UP: Micros = 300 * SECOND;

impl Life {
    /// What a message says about the process that it comes from. True if that is another one than before.
    pub(crate) fn observe(&mut self, at: usize, instance: &mut Instance, message: &Message<'_>) -> bool {
        let is_new = instance.is_followed_by(message);
        if is_new {
            let died = instance.messages > 0 && (instance.is_up || !instance.is_begun) && !instance.is_shut_down;
            self.end_of_process(at, instance);
            let mut before = std::mem::take(instance);
            // Without a pid only this line shows the process, and its libraries are loaded by then.
            let is_late = message.kind == Kind::Started && message.pid == 0;
            let libraries = if is_late { std::mem::take(&mut before.libraries) } else { Vec::new() };
            *instance = Instance { is_begun: true, is_shut_down: !died, libraries, ..before.without_process() };
            instance.first = message.time;
        }
        if instance.messages == 0 || instance.first.is_none() {
            instance.first = message.time;
        }
        if message.pid != 0 && message.pid != instance.predecessor {
            instance.pid = message.pid;
        }
        instance.messages += 1;
        if message.severity >= Severity::Error && instance.first_error.is_none() && !instance.is_up {
            instance.first_error = Some(one_line(message));
        }
        is_new
    }

    /// A process is over: it failed if it never came up.
    pub(crate) fn end_of_process(&mut self, at: usize, instance: &mut Instance) {
        if instance.is_begun && !instance.is_up {
            self.push(Start {
                instance: at,
                time: instance.first,
                pid: Some(instance.pid).filter(|pid| *pid != 0),
                is_started: false,
                release: instance.release,
                is_after_death: !instance.is_shut_down,
                reason: instance.first_error.take(),
            });
        }
        (instance.is_begun, instance.is_shut_down) = (false, true);
    }

    fn push(&mut self, start: Start) {
        if self.starts.len() < MOST {
            self.starts.push(start);
        } else {
            self.omitted += 1;
        }
    }

    /// The daemon is up.
    pub(crate) fn started(&mut self, at: usize, instance: &mut Instance, message: &Message<'_>) {
        instance.release = Release::of(message.text).or(instance.release);
        let is_soon = |first: &Micros| message.time.is_some_and(|now| now - first < START_UP);
        let first = instance.first.filter(|first| !instance.is_up && is_soon(first));
        self.push(Start {
            instance: at,
            time: first.or(message.time),
            pid: Some(instance.pid).filter(|pid| *pid != 0),
            is_started: true,
            release: instance.release,
            is_after_death: instance.is_begun && !instance.is_shut_down,
            reason: None,
        });
        (instance.is_begun, instance.is_up, instance.is_shut_down) = (true, true, false);
        instance.first_error = None;
    }

    /// The daemon says that it cannot start, or that it ends.
    pub(crate) fn failed_to_start(&mut self, at: usize, instance: &mut Instance, message: &Message<'_>) {
        if !instance.is_up {
            instance.is_begun = true;
            instance.first_error.get_or_insert_with(|| one_line(message));
            self.end_of_process(at, instance);
        }
    }

    pub(crate) fn shut_down(instance: &mut Instance) {
        instance.is_shut_down = true;
    }

    /// A configuration file is read again.
    pub(crate) fn reloading(&mut self, at: usize, instance: &mut Instance, time: Option<Micros>) {
        instance.is_reloading_libraries = true;
        if self.reloads.len() >= MOST {
            self.omitted += 1;
            instance.reload = None;
            return;
        }
        instance.reload = Some(self.reloads.len());
        self.reloads.push(Reload {
            instance: at,
            time,
            is_ok: None,
            is_unrecoverable: false,
            is_served_after: false,
            release: instance.release,
            reason: None,
        });
    }

    fn reload(&mut self, instance: &Instance) -> Option<&mut Reload> {
        self.reloads.get_mut(instance.reload?)
    }

    pub(crate) fn reloaded(&mut self, instance: &Instance, is_ok: bool) {
        if let Some(reload) = self.reload(instance).filter(|reload| reload.is_ok.is_none()) {
            reload.is_ok = Some(is_ok);
        }
    }

    /// Why a configuration was not taken; a test of one by command is no reload.
    pub(crate) fn not_loaded(&mut self, instance: &Instance, message: &Message<'_>) {
        let Some(reload) = self.reload(instance).filter(|reload| reload.is_ok.is_none()) else { return };
        reload.is_unrecoverable |= message.kind == Kind::Unrecoverable;
        if message.kind == Kind::ConfigLoadFailed {
            reload.reason.get_or_insert_with(|| one_line(message));
        }
    }

    /// A client got something.
    pub(crate) fn served(&mut self, instance: &Instance) {
        if let Some(reload) = self.reload(instance) {
            reload.is_served_after = true;
        }
    }
}

impl Instance {
    /// Whether a message comes from another process than those before it.
    fn is_followed_by(&self, message: &Message<'_>) -> bool {
        let is_late = message.pid == self.predecessor;
        let is_other = message.pid != 0 && self.pid != 0 && message.pid != self.pid && !is_late;
        match message.kind {
            // Its first line may already have shown the process.
            Kind::Starting => is_other || self.is_up || !self.is_begun,
            Kind::Started => is_other || self.is_up,
            _ => is_other,
        }
    }

    /// What is the same of the next process.
    fn without_process(self) -> Self {
        Self {
            server: self.server,
            place: self.place,
            group: self.group,
            host: self.host,
            predecessor: self.pid,
            ha_name: self.ha_name,
            messages: self.messages,
            release: self.release,
            is_modern: self.is_modern,
            ..Self::default()
        }
    }
}

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
