//! Processes of daemons: how each began and ended, and what its reloads came to.
//!
//! Lines are collected first; what they mean is concluded when all are read, as a later line may show that a process
//! was alive. That a process failed or died is said only where the log shows it.

use super::assemble::Message;
use super::instance::{Instance, Release, one_line};
use super::line::Server;
use super::message::{LogMessageKind, Severity};
use super::stamp::{Micros, SECOND};

mod reload;

pub(crate) use reload::{End, Reload};

/// What became of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Started,
    Failed,
    /// It was still under way when the log ends.
    Starting,
    /// There is another process than before, and the log does not say how it began.
    Unknown,
}

impl Outcome {
    /// The stable word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Failed => "failed",
            Self::Starting => "starting",
            Self::Unknown => "unknown",
        }
    }
}

/// A start of a daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) instance: usize,
    pub(crate) time: Option<Micros>,
    pub(crate) pid: Option<u32>,
    pub(crate) outcome: Outcome,
    pub(crate) release: Option<Release>,
    /// Whether the process before it ended without a word, as after a crash or SIGKILL.
    pub(crate) is_after_death: bool,
    /// The error that it ended with.
    pub(crate) reason: Option<String>,
}

/// An end of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) instance: usize,
    /// The shutdown, or the last message of a process that ended without one.
    pub(crate) time: Option<Micros>,
    pub(crate) is_death: bool,
    /// Whether the daemon started again, and when.
    pub(crate) is_followed: bool,
    pub(crate) again: Option<Micros>,
    /// Whether the file is missing that may have its shutdown.
    pub(crate) is_in_gap: bool,
}

/// What the lines of one process say.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is something its log says or not")]
struct Process {
    instance: usize,
    pid: u32,
    first: Option<Micros>,
    last: Option<Micros>,
    /// Whether it began before the wanted time, and whether it ended before it.
    is_before: bool,
    is_over_before: bool,
    /// Whether there is its first line, and the line that it is up.
    is_begun: bool,
    is_started: bool,
    started: Option<Micros>,
    /// Whether it did what only a process that is up does.
    serves: bool,
    has_failed: bool,
    is_shut_down: bool,
    shut_down: Option<Micros>,
    /// The process after it in the same place.
    next: Option<usize>,
    is_replacing: bool,
    release: Option<Release>,
    first_error: Option<String>,
}

impl Process {
    fn is_up(&self) -> bool {
        self.is_started || self.serves
    }

    fn is_over(&self) -> bool {
        self.has_failed || self.is_shut_down
    }

    /// When it began.
    fn time(&self) -> Option<Micros> {
        let is_soon = |first: &Micros| self.started.is_none_or(|up| up - first < START_UP);
        self.first.filter(is_soon).or(self.started)
    }
}

/// Processes and reloads of all daemons.
#[derive(Debug, Default)]
pub(crate) struct Life {
    processes: Vec<Process>,
    pub(crate) reloads: Vec<Reload>,
    /// What was concluded when all was read.
    pub(crate) starts: Vec<Start>,
    pub(crate) stops: Vec<Stop>,
    /// How many processes or reloads were beyond what is kept.
    pub(crate) omitted: u64,
}

/// More starts or reloads than this are a loop.
const MOST: usize = 10_000;
/// A process says that it is up within this time.
const START_UP: Micros = 300 * SECOND;
/// Lines of a process that was replaced come this late at the most.
const LATE: Micros = SECOND;

impl Life {
    /// The process that a message comes from.
    fn of(&mut self, instance: &Instance, message: &Message<'_>) -> Option<&mut Process> {
        let is_late = message.pid != 0 && message.pid == instance.predecessor;
        let at = if is_late { instance.before } else { instance.process };
        self.processes.get_mut(at?)
    }

    fn current(&self, instance: &Instance) -> Option<&Process> {
        self.processes.get(instance.process?)
    }

    fn begin(&mut self, at: usize, message: &Message<'_>, is_before: bool) -> Option<usize> {
        if self.processes.len() >= MOST {
            return None;
        }
        let (pid, first) = (message.pid, message.time);
        self.processes.push(Process { instance: at, pid, first, is_before, ..Process::default() });
        Some(self.processes.len() - 1)
    }

    /// Takes in a message. True if it comes from another process than those before it; `is_before` of one that is
    /// before the wanted time.
    pub(crate) fn observe(
        &mut self,
        at: usize,
        instance: &mut Instance,
        message: &Message<'_>,
        is_before: bool,
    ) -> bool {
        let is_new = self.is_followed(instance, message);
        if is_new {
            self.replace(at, instance, message, is_before);
        } else if instance.process.is_none() {
            let is_other = instance.pid != message.pid || message.kind == LogMessageKind::Starting;
            instance.process = self.begin(at, message, is_before);
            self.omitted += u64::from(is_other && instance.process.is_none());
        }
        if message.pid != 0 && message.pid != instance.predecessor {
            instance.pid = message.pid;
        }
        instance.ran(message.thread);
        if let Some(process) = self.of(instance, message) {
            process.last = message.time.or(process.last);
            if process.pid == 0 {
                process.pid = message.pid;
            }
            if message.severity >= Severity::Error && process.first_error.is_none() && !process.is_up() {
                process.first_error = Some(one_line(message));
            }
        }
        is_new
    }

    /// Whether a message comes from another process than those before it.
    fn is_followed(&self, instance: &Instance, message: &Message<'_>) -> bool {
        let Some(process) = self.current(instance) else { return false };
        let is_late = message.pid != 0 && message.pid == instance.predecessor;
        let is_other = message.pid != 0 && instance.pid != 0 && message.pid != instance.pid && !is_late;
        let has_no_pid = message.pid == 0 || instance.pid == 0;
        is_other
            || match message.kind {
                // Its first line may already have shown the process.
                LogMessageKind::Starting => process.is_up() || process.is_over() || (has_no_pid && !process.is_begun),
                LogMessageKind::Started => process.is_started || (process.serves && !process.is_begun),
                _ => false,
            }
    }

    fn replace(&mut self, at: usize, instance: &mut Instance, message: &Message<'_>, is_before: bool) {
        let new = self.begin(at, message, is_before);
        self.omitted += u64::from(new.is_none());
        let mut before = std::mem::take(instance);
        if let Some(process) = before.process.and_then(|old| self.processes.get_mut(old)) {
            process.next = new;
            process.is_over_before = is_before;
        }
        if let Some(process) = new.and_then(|new| self.processes.get_mut(new)) {
            process.is_replacing = true;
        }
        // Without a pid only this line shows the process, and its libraries are loaded by then.
        let is_late = message.kind == LogMessageKind::Started && message.pid == 0;
        let libraries = if is_late { std::mem::take(&mut before.libraries) } else { Vec::new() };
        *instance = Instance { libraries, process: new, ..before.without_process(message.time) };
        // In a container the next process has the same number, so that none of its lines is late.
        if instance.predecessor == message.pid {
            instance.predecessor = 0;
        }
    }

    /// Whether a process that seemed to be replaced goes on, so that both run at once.
    pub(crate) fn is_alive(&self, instance: &Instance, message: &Message<'_>) -> bool {
        let is_predecessor = message.pid != 0 && message.pid == instance.predecessor;
        let is_later = || message.time.zip(instance.replaced).is_some_and(|(now, then)| now > then + LATE);
        let process = || instance.before.and_then(|before| self.processes.get(before));
        is_predecessor && is_later() && process().is_some_and(|process| !process.is_over())
    }

    /// Gives a process that goes on a place of its own.
    pub(crate) fn part(&mut self, instance: &mut Instance, at: usize) -> Instance {
        let before = instance.before.take();
        let pid = std::mem::take(&mut instance.predecessor);
        if let Some(process) = before.and_then(|before| self.processes.get_mut(before)) {
            (process.next, process.instance) = (None, at);
        }
        if let Some(process) = instance.process.and_then(|own| self.processes.get_mut(own)) {
            process.is_replacing = false;
        }
        instance.parted(pid, before)
    }

    /// How good a place is for a new process: that of one that is over, else that which was silent for longest.
    pub(crate) fn silence(&self, instance: &Instance) -> (bool, Option<Micros>) {
        self.current(instance).map_or((false, None), |process| (!process.is_over(), process.last))
    }

    /// A line that begins a process.
    pub(crate) fn starting(&mut self, instance: &mut Instance, message: &Message<'_>) {
        instance.release = Release::from_text(message.text).or(instance.release);
        if let Some(process) = self.of(instance, message) {
            process.is_begun = true;
        }
    }

    /// The daemon is up.
    pub(crate) fn started(&mut self, instance: &mut Instance, message: &Message<'_>) {
        instance.release = Release::from_text(message.text).or(instance.release);
        let release = instance.release;
        if let Some(process) = self.of(instance, message) {
            (process.is_started, process.started) = (true, message.time);
            process.release = release;
            process.is_shut_down = false;
        }
    }

    /// The daemon says that it cannot start.
    pub(crate) fn failed_to_start(&mut self, instance: &Instance, message: &Message<'_>) {
        if let Some(process) = self.of(instance, message).filter(|process| !process.is_up()) {
            process.has_failed = true;
            process.first_error.get_or_insert_with(|| one_line(message));
        }
    }

    pub(crate) fn shut_down(&mut self, instance: &Instance, message: &Message<'_>) {
        if let Some(process) = self.of(instance, message) {
            (process.is_shut_down, process.shut_down) = (true, message.time);
        }
    }

    /// Whether the process has ended, as far as the log shows.
    pub(crate) fn is_down(&self, instance: &Instance) -> bool {
        self.current(instance).is_some_and(Process::is_over)
    }

    /// Whether the process is up, as far as the log shows.
    pub(super) fn is_up(&self, instance: &Instance) -> bool {
        self.current(instance).is_some_and(|process| process.is_up() && !process.is_over())
    }

    /// Whether a reload is under way, or the process is on its way up.
    pub(crate) fn is_configuring(&self, instance: &Instance) -> bool {
        let is_reloading = instance.reload.is_some_and(|at| self.reloads[at].is_ok.is_none());
        is_reloading || self.current(instance).is_some_and(|process| process.is_begun && !process.is_up())
    }

    /// A client got something.
    pub(crate) fn served(&mut self, instance: &Instance) {
        if let Some(process) = instance.process.and_then(|at| self.processes.get_mut(at)) {
            process.serves = true;
        }
        if let Some(reload) = self.reload(instance).filter(|reload| reload.end.is_none()) {
            reload.is_served_after = true;
        }
    }

    /// Concludes what became of every process; `last` is the time of the last message.
    pub(crate) fn finish(&mut self, instances: &[Instance], last: Option<Micros>, gaps: &[(u32, Micros)]) {
        for at in 0..self.processes.len() {
            let process = &self.processes[at];
            let outcome = self.outcome(process, instances, last);
            let stop = self.stop(process, instances[process.instance].group, gaps);
            let is_seen = process.is_begun || process.is_started || process.has_failed || process.is_replacing;
            let is_down = outcome == Outcome::Failed && process.next.is_none();
            if is_seen && (!process.is_before || is_down) {
                self.starts.push(Start {
                    instance: process.instance,
                    time: process.time(),
                    pid: Some(process.pid).filter(|pid| *pid != 0),
                    outcome,
                    release: process.release.or(instances[process.instance].release),
                    is_after_death: false,
                    reason: process.first_error.clone().filter(|_| outcome == Outcome::Failed),
                });
            }
            self.stops.extend(stop);
        }
        let is_seen = |process: &&Process| {
            let group = instances[process.instance].group;
            self.is_death(process) && !self.is_in_gap(process, group, gaps)
        };
        let deaths: Vec<_> = self.processes.iter().filter(is_seen).map(|it| it.next).collect();
        for next in deaths.into_iter().flatten() {
            let next = &self.processes[next];
            let (instance, time) = (next.instance, next.time());
            let mut starts = self.starts.iter_mut();
            if let Some(start) = starts.find(|start| start.instance == instance && start.time == time) {
                start.is_after_death = true;
            }
        }
        self.starts.sort_by_key(|start| start.time);
        self.stops.sort_by_key(|stop| stop.time);
        for reload in &mut self.reloads {
            let next = reload.process.and_then(|at| self.processes.get(self.processes.get(at)?.next?));
            if let Some(next) = next {
                reload.end(End::Start, next.started.or(next.first), next.is_before);
            }
        }
        self.reloads.retain(Reload::is_wanted);
    }

    fn outcome(&self, process: &Process, instances: &[Instance], last: Option<Micros>) -> Outcome {
        let server = instances[process.instance].server;
        let is_server = |other: &Process| instances[other.instance].server == server;
        // The first lines of a start may be in the journal and all others in a file.
        let is_same = |other: &&Process| other.pid != 0 && other.pid == process.pid && is_server(other);
        let is_up_elsewhere = || self.processes.iter().filter(is_same).any(Process::is_up);
        let is_late = last.zip(process.first).is_some_and(|(last, first)| last - first > START_UP);
        let shows_starts = || self.processes.iter().any(|other| other.is_started && is_server(other));
        let is_clear = || process.first_error.is_some() || shows_starts();
        match () {
            () if process.is_up() => Outcome::Started,
            () if process.has_failed => Outcome::Failed,
            () if !process.is_begun || process.is_shut_down || is_up_elsewhere() => Outcome::Unknown,
            () if process.next.is_some() || is_late => {
                if is_clear() {
                    Outcome::Failed
                } else {
                    Outcome::Unknown
                }
            }
            () => Outcome::Starting,
        }
    }

    /// Whether a process ended without a word. Only one whose log has the line that it is up would have the other one.
    fn is_death(&self, process: &Process) -> bool {
        let next = process.next.and_then(|next| self.processes.get(next));
        let is_shown = |next: &Process| process.is_started || (next.is_started && next.is_begun && !process.is_begun);
        next.is_some_and(is_shown) && !process.is_over()
    }

    /// Whether a file is missing between the end of a process and the next one.
    fn is_in_gap(&self, process: &Process, group: u32, gaps: &[(u32, Micros)]) -> bool {
        let next = process.next.and_then(|next| self.processes[next].time());
        let is_it = |(log, time): &(u32, Micros)| {
            *log == group && process.last.is_none_or(|last| last <= *time) && next.is_none_or(|next| next >= *time)
        };
        gaps.iter().any(is_it)
    }

    fn stop(&self, process: &Process, group: u32, gaps: &[(u32, Micros)]) -> Option<Stop> {
        let is_death = self.is_death(process);
        let is_relevant = is_death || (process.is_shut_down && !process.has_failed);
        if !is_relevant || (process.is_over_before && process.next.is_some()) {
            return None;
        }
        let next = process.next.and_then(|next| self.processes.get(next));
        Some(Stop {
            instance: process.instance,
            time: if is_death { process.last } else { process.shut_down },
            is_death,
            is_followed: next.is_some(),
            again: next.and_then(Process::time),
            is_in_gap: is_death && self.is_in_gap(process, group, gaps),
        })
    }
}

/// The daemon that a line of the frame of D2 and the agent names, as its id does not.
pub(crate) fn framed(message: &Message<'_>) -> Server {
    let names = |name: &[u8]| memchr::memmem::find(message.text, name).is_some();
    match () {
        () if !message.id.starts_with(b"DCTL_") => Server::Unknown,
        () if names(b"DhcpDdns") || names(b"kea-dhcp-ddns") => Server::Ddns,
        () if names(b"Control-agent") || names(b"CtrlAgent") || names(b"kea-ctrl-agent") => Server::Agent,
        () => Server::Unknown,
    }
}
