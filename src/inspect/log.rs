//! The end of a daemon's log file: failures since its start, and whether DHCP was disabled by command.
//!
//! Lines are taken apart by `log::line`, whatever their pattern. The meaning of an identifier is the same in every
//! release; the texts are not.

use std::path::{Path, PathBuf};

use super::root::Root;
use super::{fault, leases};
use crate::health::kea::facts::{End, FailedStart, Log, LogLine, Refused, SetConfiguration};
use crate::redact;
use crate::time;

mod database;
mod files;
mod line;
#[cfg(test)]
mod tests;
mod unwritten;

use database::Databases;
pub(super) use line::Writer;
use unwritten::Unwritten;

/// How many errors are kept.
const MOST: usize = 5;

/// What a daemon logs when it starts. Much else starts while it runs: a listener, a queue, a maintenance.
const STARTS: [&str; 8] = [
    "DHCP4_STARTING",
    "DHCP4_STARTED",
    "DHCP6_STARTING",
    "DHCP6_STARTED",
    "DCTL_STARTING",
    "DHCP_DDNS_STARTED",
    "CTRL_AGENT_STARTED",
    "NETCONF_STARTED",
];

/// A line without any of these says nothing here, and most lines of a busy server have none.
const TELLING: [&str; 13] = [
    "FATAL",
    "ERROR",
    "_STARTING",
    "_STARTED",
    "_CONFIG_",
    "_RECONFIGURATION",
    "_RELOAD_",
    "_RECONNECT_",
    "_DB opening",
    "_DB Opening",
    "_SHUTDOWN",
    "_ALLOC_FAIL ",
    "COMMAND_RECEIVED",
];

/// What a server logs when a client got something: it answers, and can write leases.
const ANSWERS: [&str; 5] = ["_LEASE_ALLOC ", "_LEASE_REUSE ", "_LEASE_RENEW ", "_LEASE_ADVERT ", "_LEASE_OFFER "];

/// The commands that switch the service, as they are logged.
const SERVICE: [&str; 3] = ["'dhcp-disable'", "'dhcp-enable'", "'ha-sync-complete-notify'"];

/// Parts of [`ANSWERS`], [`SERVICE`] and [`STARTS`]: a text without any of these has none of them.
const HINTS: [&str; 4] = ["_LEASE_", "'dhcp-", "'ha-sync-", "_START"];

/// Those of [`ANSWERS`] for which a lease is written.
const WRITTEN: usize = 3;

/// Time zones differ by multiples of this.
const ZONES: i64 = 15 * 60;

/// Reads the end of the logs `paths`, of which there is at least one; the daemon's own is the first. Where only the log has it
/// whether DHCP is disabled (`is_untold`), they are looked through farther back, rotated files too, unless their end shows that.
pub(super) fn read(root: &Root, paths: &[PathBuf], writer: &Writer, is_untold: bool) -> Log {
    let path = paths.first().cloned().unwrap_or_default();
    let (text, unread) = files::read(root, paths);
    let fault = unread.map(|(path, cause)| fault(root, &path, &cause));
    let offset = root.modified(&path).ok().and_then(|modified| offset(&text, modified)).unwrap_or(0);
    let mut log = summary(&path, &text, writer);
    let has_infos = !log.only_troubles || log.is_empty;
    if is_untold && has_infos && !shows_service(&text, writer) {
        match service_before(root, paths, writer) {
            Some(command) => log.service_command = command,
            None => log.service_unseen = Some(first_line(&text, writer)),
        }
    }
    Log { space: leases::space(root, &path, None), fault, offset, ..log }
}

/// What is logged before the ends of these logs that shows whether DHCP is enabled: the last command that switched it, if
/// no client was answered and the daemon did not start since.
#[expect(clippy::option_option, reason = "the log may show that there is no such command")]
fn service_before(root: &Root, paths: &[PathBuf], writer: &Writer) -> Option<Option<LogLine>> {
    let shown = paths.iter().filter_map(|path| {
        let rotated = files::rotated(root, path).into_iter();
        let rotated = rotated.filter_map(|place| files::rotated_end(root, &place).ok());
        let part = files::before(root, path).chain(rotated).find(|part| shows_service(part, writer))?;
        let (_, line) = last_of(&part, &[&ANSWERS[..], &SERVICE, &STARTS].concat(), writer)?;
        Some((line.time, summary(path, &part, writer).service_command))
    });
    shown.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, command)| command)
}

/// The first line of the writer with a time; an empty one if there is none.
pub(super) fn first_line(text: &[u8], writer: &Writer) -> LogLine {
    let mut lines = text.split(|octet| *octet == b'\n').filter_map(|line| writer.line(line));
    lines.find(|line| !line.time.is_empty()).unwrap_or_default()
}

/// Whether a text shows if DHCP is enabled: by a command, an answer to a client or a start.
pub(super) fn shows_service(text: &[u8], writer: &Writer) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let is_said = |word: &str| has(word) && last_of(text, &[word], writer).is_some();
    HINTS.into_iter().any(has) && ANSWERS.iter().chain(&SERVICE).chain(&STARTS).any(|word| is_said(word))
}

/// A regular expression for the lines that [`shows_service`] looks for.
pub(super) fn service_pattern() -> String {
    let words: Vec<&str> = ANSWERS.into_iter().chain(SERVICE).chain(STARTS).collect();
    words.join("|")
}

/// By how much the times of a log, which was last written at `modified`, are before this machine's: by the difference of
/// two zones, else nothing is known.
fn offset(text: &[u8], modified: i64) -> Option<i64> {
    const ROUNDING: u64 = 30;
    const FARTHEST: i64 = 26 * 3600;
    let last = text.split(|octet| *octet == b'\n').rev().find_map(line::moment)?;
    let differs = modified - time::read_local(&String::from_utf8_lossy(last))?;
    let zones = (differs + ZONES / 2).div_euclid(ZONES) * ZONES;
    (differs.abs_diff(zones) <= ROUNDING && zones.abs() <= FARTHEST).then_some(zones)
}

/// What the end of the log `path` with this text says of its writer.
pub(super) fn summary(path: &Path, text: &[u8], writer: &Writer) -> Log {
    let mut reader = Reader { log: Log { path: path.to_owned(), ..Log::default() }, ..Reader::default() };
    for (at, line) in telling(text) {
        let Some(line) = writer.line(line) else { continue };
        reader.at = at;
        reader.read(line);
    }
    let mut log = reader.end(text, writer);
    let surplus = log.errors.len().saturating_sub(MOST);
    log.errors.drain(..surplus);
    let is_telling = |line: &LogLine| is_step(&line.id, &line.text) || line.is_error();
    log.last_step = last_line(text, writer).filter(is_telling);
    without_secrets(&mut log);
    log.only_troubles = !has_infos(text, writer);
    log.is_empty = text.iter().all(u8::is_ascii_whitespace);
    log
}

/// Whether the writer has lines of severity INFO. The names of messages may end in that word, too.
fn has_infos(text: &[u8], writer: &Writer) -> bool {
    let is_of_line = |at: usize| writer.line(line_at(text, line_start(text, at)));
    memchr::memmem::find_iter(text, b"INFO ").filter_map(is_of_line).any(|line| line.severity == "INFO")
}

/// Kea logs whole configurations and addresses of databases.
fn without_secrets(log: &mut Log) {
    let database = log.database_lost.as_mut().into_iter().flat_map(|lost| [&mut lost.line, &mut lost.last]);
    let ended = log.ended.as_mut().map(|end| match end {
        End::Stopped(line) | End::Failed(line) => line,
        End::StartFailed(start) => &mut start.line,
    });
    let set = log.configuration_set.as_mut().map(|set| &mut set.line);
    let refused = log.refused.as_mut().map(|refused| &mut refused.line);
    let others =
        [&mut log.reload_failed, &mut log.write_failed, &mut log.written, &mut log.service_command, &mut log.last_step];
    let others = others.into_iter().flatten().chain(set).chain(refused);
    for line in log.errors.iter_mut().chain(database).chain(ended).chain(others) {
        line.text = redact::line(&line.text).into_owned();
    }
}

/// The lines that may say something, in their order, with their places.
fn telling(text: &[u8]) -> Vec<(usize, &[u8])> {
    let places = TELLING.iter().flat_map(|word| memchr::memmem::find_iter(text, word));
    let mut starts: Vec<usize> = places.map(|at| line_start(text, at)).collect();
    starts.sort_unstable();
    starts.dedup();
    starts.into_iter().map(|start| (start, line_at(text, start))).collect()
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1)
}

fn line_at(text: &[u8], start: usize) -> &[u8] {
    let rest = &text[start..];
    &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
}

/// The last line of the writer with one of these words, and where it is.
fn last_of(text: &[u8], words: &[&str], writer: &Writer) -> Option<(usize, LogLine)> {
    let line = |at: usize| {
        let start = line_start(text, at);
        Some((start, writer.line(line_at(text, start))?))
    };
    let last = |word: &&str| memchr::memmem::rfind_iter(text, word.as_bytes()).find_map(line);
    words.iter().filter_map(last).max_by_key(|(at, _)| *at)
}

/// Where a configuration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Source {
    /// The daemon starts, or nothing is said.
    #[default]
    Start,
    /// From the file, which is read again.
    File,
    /// From a command.
    Command,
}

/// A log, and what is remembered from line to line.
#[derive(Default)]
struct Reader {
    log: Log,
    /// The place of the line that is read.
    at: usize,
    /// The first error of an attempt to load has the reason, those that follow only say that it failed.
    reason: Option<LogLine>,
    /// The failure of the attempt to load before the last one.
    earlier_failure: Option<LogLine>,
    /// Where the configuration that is loaded next comes from.
    source: Source,
    /// The command before the last one that switched the service.
    before: Option<LogLine>,
    /// Where the last command that switched the service is.
    switched: usize,
    /// Databases that are lost.
    databases: Databases,
    /// Where packets were refused, and the last of these lines.
    refused: (Vec<usize>, Option<LogLine>),
    /// Leases that could not be written.
    unwritten: Unwritten,
    /// Where it has started, or was stopped.
    turned: Option<usize>,
    /// Why a hook library could not be loaded.
    hook: Option<String>,
    /// That it has given up on a database or its lease file, for this reason.
    gave_up: Option<LogLine>,
    /// Where it has failed.
    failed: usize,
}

impl Reader {
    fn read(&mut self, line: LogLine) {
        let is_error = line.severity == "FATAL" || line.severity == "ERROR";
        // A server goes on after a reload that has failed, unless that is fatal.
        let is_survived = line.severity != "FATAL" && (self.source == Source::File || is_of_reload(&line.id));
        match line.id.as_str() {
            id if STARTS.contains(&id) => {
                let log = Log { path: std::mem::take(&mut self.log.path), ..Log::default() };
                *self = Self { log, at: self.at, turned: Some(self.at), ..Self::default() };
            }
            id if begins_load(id) => (self.reason, self.source) = (None, Source::File),
            id if is_load_failure(id) => {
                self.source = Source::Start;
                let failed = self.reason.get_or_insert_with(|| line.clone()).clone();
                self.earlier_failure = self.log.reload_failed.replace(failed);
            }
            // A server that runs has not failed to start: that was another one, with the same log.
            id if id.ends_with("_INIT_FAIL") && self.reason.take().is_some() => {
                self.log.reload_failed = self.earlier_failure.take();
            }
            id if is_load_success(id) => self.loaded(&line),
            id if is_error && id.ends_with("_PARSER_FAIL") => self.reason = Some(line.clone()),
            "COMMAND_RECEIVED" => self.command(&line),
            _ => {}
        }
        self.databases.read(&line, self.at);
        self.note_end(&line, is_error && !is_survived);
        if is_refusal(&line.id) {
            self.refused.0.push(self.at);
            self.refused.1 = Some(line.clone());
        }
        self.unwritten.read(&line, self.at);
        if is_error {
            self.log.errors.push(line);
        }
    }

    /// A configuration was loaded: the file's, or one that came with a command.
    fn loaded(&mut self, line: &LogLine) {
        (self.log.reload_failed, self.log.written, self.reason) = (None, None, None);
        self.log.ended.take_if(|end| matches!(end, End::Failed(_)));
        // It has opened its databases anew.
        self.databases = Databases::default();
        let is_set = std::mem::take(&mut self.source) == Source::Command;
        self.log.loaded = (!is_set).then(|| line.clone());
        self.log.configuration_set =
            is_set.then(|| SetConfiguration { has_no_subnet: line.text.contains(NO_SUBNET), line: line.clone() });
    }

    /// How it may have ended.
    fn note_end(&mut self, line: &LogLine, is_error: bool) {
        match line.id.as_str() {
            id if is_shutdown(id) => {
                (self.turned, self.failed) = (Some(self.at), self.at);
                self.log.ended = Some(self.gave_up.take().map_or_else(|| End::Stopped(line.clone()), End::Failed));
            }
            id if database::is_end(id) => {
                let reason = self.databases.reason().or_else(|| self.last_of_database());
                let reason = reason.or_else(|| self.unwritten.last().cloned());
                self.gave_up = Some(reason.unwrap_or_else(|| line.clone()));
            }
            id if is_error && id.starts_with("HOOKS_") => self.hook = Some(line.text.clone()),
            id if is_error && (line.severity == "FATAL" || is_start_failure(id)) => {
                let because = self.hook.as_ref().filter(|_| !line.text.contains("cannot open"));
                let text = because.map_or_else(|| line.text.clone(), |hook| format!("{}: {hook}", line.text));
                self.log.ended = Some(End::Failed(LogLine { text, ..line.clone() }));
                self.failed = self.at;
            }
            _ => {}
        }
    }

    /// What a database last said that broke its connection.
    fn last_of_database(&self) -> Option<LogLine> {
        self.log.errors.iter().rfind(|line| line.id.starts_with("DATABASE_")).cloned()
    }

    fn command(&mut self, line: &LogLine) {
        match switched(&line.text) {
            // A partner that fetches our leases switches us off, and says so when it is done.
            Some("ha-sync-complete-notify") => self.log.service_command = self.before.take(),
            Some("config-write") => self.log.written = Some(line.clone()),
            // Kea 2.6 and later give the configuration of a file to themselves by this command.
            Some("config-set") if self.source == Source::File => {}
            Some("config-set") => self.source = Source::Command,
            Some(name) => {
                let command = LogLine { id: name.to_owned(), ..line.clone() };
                self.before = self.log.service_command.replace(command);
                self.switched = self.at;
            }
            None => {}
        }
    }

    /// What is left when later answers to clients are taken into account: they show what works.
    fn end(mut self, text: &[u8], writer: &Writer) -> Log {
        let answer = last_of(text, &ANSWERS, writer);
        let written = last_of(text, &ANSWERS[..WRITTEN], writer).map(|(at, _)| at);
        let unwritten = std::mem::take(&mut self.unwritten).since(written, has_infos(text, writer));
        (self.log.write_failed, self.log.fails_for_one) =
            unwritten.map_or((None, false), |(line, is_of_one)| (Some(line), is_of_one));
        let is_on = |line: &LogLine| answer.as_ref().is_some_and(|(at, it)| *at > self.switched && is_later(it, line));
        self.log.service_command = self.log.service_command.take().filter(|line| !is_on(line));
        let answered = answer.map(|(at, _)| at);
        let is_over = |end: &mut End| matches!(end, End::Failed(_)) && answered.is_some_and(|at| at > self.failed);
        self.log.ended.take_if(is_over);
        let count = self.refused.0.iter().filter(|at| answered.is_none_or(|answered| **at > answered)).count() as u64;
        self.log.refused = self.refused.1.take().filter(|_| count > 0).map(|line| Refused { count, line });
        self.log.database_lost = self.databases.worst(answered);
        if !matches!(self.log.ended, Some(End::Failed(_))) {
            let failed = self.turned.and_then(|at| failed_start(&text[at..], writer));
            self.log.ended = failed.map(End::StartFailed).or(self.log.ended);
        }
        self.log
    }
}

/// The last start in a text that begins with a line of the process that ran before, or was stopped.
fn failed_start(text: &[u8], writer: &Writer) -> Option<FailedStart> {
    let lines = text.split(|octet| *octet == b'\n');
    let mut own = lines.filter_map(|line| writer.line_of_process(line));
    let (_, before) = own.next()?;
    let mut last: Option<FailedStart> = None;
    for (line, pid) in own.filter(|(_, pid)| *pid != before) {
        let started = last.filter(|start| start.pid == pid).map_or_else(|| line.time.clone(), |start| start.started);
        last = Some(FailedStart { pid, started, line });
    }
    last
}

/// What Kea says of a configuration that it has loaded without a subnet: `no IPv4 subnets!`, `no IPv6 subnets!`.
const NO_SUBNET: &str = " subnets!";

/// The last line of the writer.
fn last_line(text: &[u8], writer: &Writer) -> Option<LogLine> {
    let lines = text.rsplit(|octet| *octet == b'\n');
    lines.filter(|line| !line.is_empty()).find_map(|line| writer.line(line))
}

/// What is logged before a database is opened or leases are read.
fn is_step(id: &str, text: &str) -> bool {
    id.ends_with("_DB") && text.to_ascii_lowercase().starts_with("opening ") || id.ends_with("_LEASE_FILE_LOAD")
}

/// What is logged of a packet that came from where no subnet is for, or that there is no address for.
fn is_refusal(id: &str) -> bool {
    matches!(id, "DHCP4_PACKET_NAK_0001" | "ALLOC_ENGINE_V4_ALLOC_FAIL" | "ALLOC_ENGINE_V6_ALLOC_FAIL")
}

/// Whether a line is some seconds younger than another: packets that were on their way are answered yet.
fn is_later(line: &LogLine, than: &LogLine) -> bool {
    const ON_THE_WAY: i64 = 2;
    let moment = |line: &LogLine| time::read_local(&line.time);
    moment(line).zip(moment(than)).is_some_and(|(line, than)| line > than + ON_THE_WAY)
}

/// `DHCP4_SHUTDOWN`, `DCTL_SHUTDOWN`.
fn is_shutdown(id: &str) -> bool {
    matches!(id, "DHCP4_SHUTDOWN" | "DHCP6_SHUTDOWN" | "DCTL_SHUTDOWN" | "DHCP_DDNS_SHUTDOWN")
}

/// What a daemon logs that cannot start; the last of these says most.
fn is_start_failure(id: &str) -> bool {
    const ENDS: [&str; 6] =
        ["_INIT_FAIL", "_PARSER_FAIL", "_PARSER_COMMIT_FAIL", "_FAILED_TO_OPEN", "_PID_FILE_ERROR", "_SERVER_FAILED"];
    is_load_failure(id) || ENDS.iter().any(|end| id.ends_with(end))
}

/// What is logged of a reload only, not of a start.
fn is_of_reload(id: &str) -> bool {
    id.ends_with("_DYNAMIC_RECONFIGURATION_FAIL") || id.ends_with("_CFG_FILE_RELOAD_ERROR")
}

/// A new attempt to load: of a DHCP server, and of the others.
fn begins_load(id: &str) -> bool {
    id.ends_with("_DYNAMIC_RECONFIGURATION") || id == "DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD"
}

/// `DHCP4_CONFIG_LOAD_FAIL`, `DHCP6_DYNAMIC_RECONFIGURATION_FAIL`, `DHCP4_CONFIG_UNRECOVERABLE_ERROR`,
/// `DCTL_CONFIG_FILE_LOAD_FAIL`, `DCTL_CFG_FILE_RELOAD_ERROR` …
fn is_load_failure(id: &str) -> bool {
    const ENDS: [&str; 6] = [
        "_CONFIG_LOAD_FAIL",
        "_CONFIG_FILE_LOAD_FAIL",
        "_CFG_FILE_RELOAD_ERROR",
        "_DYNAMIC_RECONFIGURATION_FAIL",
        "_CONFIG_UNRECOVERABLE_ERROR",
        "_CONFIG_FAIL",
    ];
    ENDS.iter().any(|end| id.ends_with(end))
}

/// `DHCP4_CONFIG_COMPLETE`, `DCTL_CONFIG_COMPLETE`, `DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS` …
fn is_load_success(id: &str) -> bool {
    id.ends_with("_CONFIG_COMPLETE") || id.ends_with("_DYNAMIC_RECONFIGURATION_SUCCESS")
}

/// The commands that switch the service, or set or write the configuration.
const COMMANDS: [&str; 5] = ["dhcp-disable", "dhcp-enable", "ha-sync-complete-notify", "config-write", "config-set"];

/// Which of [`COMMANDS`] was received, if any.
fn switched(text: &str) -> Option<&'static str> {
    COMMANDS.into_iter().find(|name| text.contains(&format!("'{name}'")))
}
