//! The end of a daemon's log file: what went wrong since it started, and whether it was told to stop serving.
//!
//! Patterns are free in Kea, so a line is only taken apart as far as a severity and an identifier of capitals show
//! themselves. What the identifiers mean is the same in every release; the texts are not.

use std::path::Path;

use super::root::Root;
use super::{fault, leases};
use crate::health::kea::facts::{End, Log, LogLine};
use crate::redact;
use crate::time;

mod database;
#[cfg(test)]
mod tests;

use database::Databases;

/// How much of the end is looked at.
const TAIL: u64 = 256 << 10;
/// How many errors are kept.
const MOST: usize = 5;

const SEVERITIES: [&str; 5] = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG"];

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
const TELLING: [&str; 12] = [
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
    "COMMAND_RECEIVED",
];

/// What a server logs when a client got something: it answers, and can write leases.
const ANSWERS: [&str; 5] = ["_LEASE_ALLOC ", "_LEASE_REUSE ", "_LEASE_RENEW ", "_LEASE_ADVERT ", "_LEASE_OFFER "];

/// Those of [`ANSWERS`] for which a lease is written.
const WRITTEN: usize = 3;

/// Reads the end of the log `path`.
pub(super) fn read(root: &Root, path: &Path) -> Log {
    match root.tail(path, TAIL) {
        Ok(text) => Log { space: leases::space(root, path, None), ..summary(path, &text) },
        Err(cause) => {
            let space = leases::space(root, path, None);
            Log { path: path.to_owned(), fault: Some(fault(root, path, &cause)), space, ..Log::default() }
        }
    }
}

/// What the end of the log `path` with this text says.
pub(super) fn summary(path: &Path, text: &[u8]) -> Log {
    let mut reader = Reader { log: Log { path: path.to_owned(), ..Log::default() }, ..Reader::default() };
    for (at, line) in telling(text) {
        reader.at = at;
        reader.read(&String::from_utf8_lossy(line));
    }
    let mut log = reader.end(text);
    let surplus = log.errors.len().saturating_sub(MOST);
    log.errors.drain(..surplus);
    without_secrets(&mut log);
    log.only_troubles = memchr::memmem::find(text, b"INFO ").is_none();
    log
}

/// Kea logs whole configurations and addresses of databases.
fn without_secrets(log: &mut Log) {
    let database = log.database_lost.as_mut().into_iter().flat_map(|lost| [&mut lost.line, &mut lost.last]);
    let ended = log.ended.as_mut().map(|(End::Stopped(line) | End::Failed(line))| line);
    let others = [&mut log.reload_failed, &mut log.write_failed, &mut log.written, &mut log.service_command];
    for line in log.errors.iter_mut().chain(database).chain(ended).chain(others.into_iter().flatten()) {
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

/// The last line with one of these words, and where it is.
fn last_of(text: &[u8], words: &[&str]) -> Option<(usize, LogLine)> {
    let at = words.iter().filter_map(|word| memchr::memmem::rfind(text, word.as_bytes())).max()?;
    let start = line_start(text, at);
    Some((start, parse(&String::from_utf8_lossy(line_at(text, start)))?))
}

/// A log, and what is remembered from line to line.
#[derive(Default)]
struct Reader {
    log: Log,
    /// The place of the line that is read.
    at: usize,
    /// The first error of an attempt to load has the reason, those that follow only say that it failed.
    reason: Option<LogLine>,
    /// The command before the last one that switched the service.
    before: Option<LogLine>,
    /// Where the last command that switched the service is.
    switched: usize,
    /// Databases that are lost.
    databases: Databases,
    /// Where the last lease is that could not be written.
    write_failed: usize,
    /// Why a hook library could not be loaded.
    hook: Option<String>,
    /// That it has given up on a database or its lease file, for this reason.
    gave_up: Option<LogLine>,
}

impl Reader {
    fn read(&mut self, line: &str) {
        let Some(line) = parse(line) else { return };
        let is_error = line.severity == "FATAL" || line.severity == "ERROR";
        match line.id.as_str() {
            id if STARTS.contains(&id) => {
                let log = Log { path: std::mem::take(&mut self.log.path), ..Log::default() };
                *self = Self { log, at: self.at, ..Self::default() };
            }
            id if begins_load(id) => self.reason = None,
            id if is_load_failure(id) => {
                self.log.reload_failed = Some(self.reason.get_or_insert_with(|| line.clone()).clone());
            }
            id if is_load_success(id) => {
                (self.log.reload_failed, self.log.written, self.reason) = (None, None, None);
                // It has opened its databases anew.
                self.databases = Databases::default();
            }
            id if is_error && id.ends_with("_PARSER_FAIL") => self.reason = Some(line.clone()),
            "COMMAND_RECEIVED" => self.command(&line),
            _ => {}
        }
        self.databases.read(&line, self.at);
        self.note_end(&line, is_error);
        if is_error && line.text.contains(UNWRITTEN) {
            (self.log.write_failed, self.write_failed) = (Some(line.clone()), self.at);
        }
        if is_error {
            self.log.errors.push(line);
        }
    }

    /// How it may have ended.
    fn note_end(&mut self, line: &LogLine, is_error: bool) {
        match line.id.as_str() {
            id if is_shutdown(id) => {
                self.log.ended = Some(self.gave_up.take().map_or_else(|| End::Stopped(line.clone()), End::Failed));
            }
            id if database::is_end(id) => {
                let reason = self.databases.reason().or_else(|| self.log.write_failed.clone());
                self.gave_up = Some(reason.unwrap_or_else(|| line.clone()));
            }
            id if is_error && id.starts_with("HOOKS_") => self.hook = Some(line.text.clone()),
            id if is_error && (line.severity == "FATAL" || is_start_failure(id)) => {
                let because = self.hook.as_ref().filter(|_| !line.text.contains("cannot open"));
                let text = because.map_or_else(|| line.text.clone(), |hook| format!("{}: {hook}", line.text));
                self.log.ended = Some(End::Failed(LogLine { text, ..line.clone() }));
            }
            _ => {}
        }
    }

    fn command(&mut self, line: &LogLine) {
        match switched(&line.text) {
            // A partner that fetches our leases switches us off, and says so when it is done.
            Some("ha-sync-complete-notify") => self.log.service_command = self.before.take(),
            Some("config-write") => self.log.written = Some(line.clone()),
            Some(name) => {
                let command = LogLine { id: name.to_owned(), ..line.clone() };
                self.before = self.log.service_command.replace(command);
                self.switched = self.at;
            }
            None => {}
        }
    }

    /// What is left when later answers to clients are taken into account: they show what works.
    fn end(mut self, text: &[u8]) -> Log {
        let answer = last_of(text, &ANSWERS);
        let lease = last_of(text, &ANSWERS[..WRITTEN]);
        if lease.as_ref().is_some_and(|(at, _)| *at > self.write_failed) {
            self.log.write_failed = None;
        }
        let is_on = |line: &LogLine| answer.as_ref().is_some_and(|(at, it)| *at > self.switched && is_later(it, line));
        self.log.service_command = self.log.service_command.take().filter(|line| !is_on(line));
        self.log.database_lost = self.databases.worst(answer.map(|(at, _)| at));
        self.log
    }
}

/// What Kea says of a lease file that it cannot write.
const UNWRITTEN: &str = "failed to write CSV row";

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

/// Which command switched the service or wrote the configuration, if this is one.
fn switched(text: &str) -> Option<&'static str> {
    ["dhcp-disable", "dhcp-enable", "ha-sync-complete-notify", "config-write"]
        .into_iter()
        .find(|name| text.contains(&format!("'{name}'")))
}

fn parse(line: &str) -> Option<LogLine> {
    let (at, severity) = SEVERITIES.iter().filter_map(|severity| Some((word(line, severity)?, *severity))).min()?;
    let rest = line[at + severity.len()..].trim_start();
    // The logger's name, process and thread, where the pattern has them.
    let rest = match rest.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?.1.trim_start(),
        None => rest,
    };
    let (id, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_id = id.len() >= 6
        && id.contains('_')
        && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_id.then(|| LogLine {
        time: line[..at].trim().to_owned(),
        severity: severity.to_owned(),
        id: id.to_owned(),
        text: text.to_owned(),
    })
}

/// Where `word` stands alone in `line`.
fn word(line: &str, word: &str) -> Option<usize> {
    let is_bound = |c: Option<char>| c.is_none_or(|c| c == ' ');
    line.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| is_bound(line[..*at].chars().next_back()) && is_bound(line[at + word.len()..].chars().next()))
}
