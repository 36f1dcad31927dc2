//! The end of a daemon's log file: what went wrong since it started, and whether it was told to stop serving.
//!
//! Patterns are free in Kea, so a line is only taken apart as far as a severity and an identifier of capitals show
//! themselves. What the identifiers mean is the same in every release; the texts are not.

use std::path::Path;

use super::fault;
use super::root::Root;
use crate::health::kea::facts::{Log, LogLine};
use crate::redact;

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
const TELLING: [&str; 9] = [
    "FATAL",
    "ERROR",
    "_STARTING",
    "_STARTED",
    "_CONFIG_",
    "_RECONFIGURATION",
    "_RELOAD_",
    "_RECONNECT_",
    "COMMAND_RECEIVED",
];

/// Reads the end of the log `path`.
pub(super) fn read(root: &Root, path: &Path) -> Log {
    match root.tail(path, TAIL) {
        Ok(text) => summary(path, &text),
        Err(cause) => Log { path: path.to_owned(), fault: Some(fault(root, path, &cause)), ..Log::default() },
    }
}

/// What the end of the log `path` with this text says.
pub(super) fn summary(path: &Path, text: &[u8]) -> Log {
    let mut reader = Reader { log: Log { path: path.to_owned(), ..Log::default() }, reason: None, before: None };
    for line in telling(text) {
        reader.read(&String::from_utf8_lossy(line));
    }
    let surplus = reader.log.errors.len().saturating_sub(MOST);
    reader.log.errors.drain(..surplus);
    reader.log
}

/// The lines that may say something, in their order.
fn telling(text: &[u8]) -> Vec<&[u8]> {
    let places = TELLING.iter().flat_map(|word| memchr::memmem::find_iter(text, word));
    let mut starts: Vec<usize> =
        places.map(|at| memchr::memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1)).collect();
    starts.sort_unstable();
    starts.dedup();
    let line = |start: usize| {
        let rest = &text[start..];
        &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
    };
    starts.into_iter().map(line).collect()
}

/// A log, and what is remembered from line to line.
struct Reader {
    log: Log,
    /// The first error of an attempt to load has the reason, those that follow only say that it failed.
    reason: Option<LogLine>,
    /// The command before the last one that switched the service.
    before: Option<LogLine>,
}

impl Reader {
    fn read(&mut self, line: &str) {
        let Some(line) = parse(line) else { return };
        let is_error = line.severity == "FATAL" || line.severity == "ERROR";
        match line.id.as_str() {
            id if STARTS.contains(&id) => {
                self.log = Log { path: std::mem::take(&mut self.log.path), ..Log::default() };
                self.reason = None;
            }
            id if begins_load(id) => self.reason = None,
            id if is_load_failure(id) => {
                self.log.reload_failed = Some(self.reason.get_or_insert_with(|| line.clone()).clone());
            }
            id if is_load_success(id) => {
                (self.log.reload_failed, self.log.written, self.reason) = (None, None, None);
            }
            id if is_error && id.ends_with("_PARSER_FAIL") => self.reason = Some(line.clone()),
            id if id.ends_with("_DB_RECONNECT_SUCCEEDED") => self.log.database_lost = None,
            id if id.ends_with("_DB_RECONNECT_LOST_CONNECTION") || id.ends_with("_DB_RECONNECT_FAILED") => {
                self.log.database_lost.get_or_insert_with(|| line.clone());
            }
            "COMMAND_RECEIVED" => self.command(&line),
            _ => {}
        }
        if is_error {
            self.log.errors.push(line);
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
            }
            None => {}
        }
    }
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
        // Kea logs whole configurations and addresses of databases.
        text: redact::line(text).into_owned(),
    })
}

/// Where `word` stands alone in `line`.
fn word(line: &str, word: &str) -> Option<usize> {
    let is_bound = |c: Option<char>| c.is_none_or(|c| c == ' ');
    line.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| is_bound(line[..*at].chars().next_back()) && is_bound(line[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn of(text: &str) -> Log {
        summary(Path::new("/l"), text.as_bytes())
    }

    const LOGGER: &str = "[kea-dhcp4.dhcp4/10246.140580984345088]";

    #[test]
    fn lines_of_every_pattern_are_taken_apart() {
        let line = parse(&format!("2026-11-20 10:03:14.351 ERROR {LOGGER} DHCP4_CONFIG_LOAD_FAIL because")).unwrap();
        assert_eq!((line.time.as_str(), line.severity.as_str()), ("2026-11-20 10:03:14.351", "ERROR"));
        assert_eq!((line.id.as_str(), line.text.as_str()), ("DHCP4_CONFIG_LOAD_FAIL", "because"));
        assert_eq!(parse("INFO  DHCP4_LEASE_ALLOC x").unwrap().time, "");
        for other in ["  type=053, len=001: 1 (uint8)", "ERROR", "ERROR [x", "an ERRORS line", ""] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn only_errors_since_the_last_start_count_and_the_last_ones_are_kept() {
        let mut text = "ERROR OLD_ONE x\nINFO DHCP4_STARTED y\n".to_owned();
        for number in 0..9 {
            writeln!(text, "ERROR NEW_ONE_{number} x").unwrap();
        }
        let ids: Vec<_> = of(&text).errors.into_iter().map(|line| line.id).collect();
        assert_eq!(ids, ["NEW_ONE_4", "NEW_ONE_5", "NEW_ONE_6", "NEW_ONE_7", "NEW_ONE_8"]);
    }

    #[test]
    fn the_last_attempt_to_load_decides() {
        let fail = "INFO DHCP4_DYNAMIC_RECONFIGURATION w\nERROR DHCP4_CONFIG_LOAD_FAIL x\n\
            FATAL DHCP4_DYNAMIC_RECONFIGURATION_FAIL y\n";
        let failed = of(fail).reload_failed.unwrap();
        assert_eq!((failed.id.as_str(), failed.text.as_str()), ("DHCP4_CONFIG_LOAD_FAIL", "x"));
        assert_eq!(of(&(fail.to_owned() + &fail.replace('x', "new"))).reload_failed.unwrap().text, "new");
        assert_eq!(of(&format!("{fail}INFO DHCP4_CONFIG_COMPLETE z\n")).reload_failed, None);
    }

    #[test]
    fn only_the_daemons_own_start_begins_anew() {
        let error = "ERROR NEW_ERROR x\n";
        for id in [
            "DHCP4_STARTING",
            "DHCP4_STARTED",
            "DHCP6_STARTING",
            "DHCP6_STARTED",
            "DCTL_STARTING",
            "DHCP_DDNS_STARTED",
            "CTRL_AGENT_STARTED",
            "NETCONF_STARTED",
        ] {
            assert_eq!(of(&format!("{error}INFO {id} y\n")).errors, [], "{id}");
        }
        for id in [
            "HA_MAINTENANCE_STARTED",
            "HA_SERVICE_STARTED",
            "COMMAND_HTTP_LISTENER_STARTED",
            "HTTP_CLIENT_MT_STARTED",
            "DHCPSRV_DHCP_DDNS_SENDER_STARTED",
            "DHCP6_DB_BACKEND_STARTED",
            "DHCP_DDNS_QUEUE_MGR_STARTED",
            "CTRL_AGENT_HTTP_SERVICE_STARTED",
            "CTRL_AGENT_HTTPS_SERVICE_STARTED",
        ] {
            assert_eq!(of(&format!("{error}INFO {id} y\n")).errors.len(), 1, "{id}");
        }
    }

    #[test]
    fn a_failed_reload_of_the_ddns_server_and_the_agent_is_seen_too() {
        for fail in ["DCTL_CONFIG_FILE_LOAD_FAIL", "DCTL_CFG_FILE_RELOAD_ERROR", "CTRL_AGENT_CONFIG_FAIL"] {
            let text = format!("INFO DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD r\nERROR {fail} why\n");
            assert_eq!(of(&text).reload_failed.unwrap().id, fail);
            assert_eq!(of(&format!("{text}INFO DCTL_CONFIG_COMPLETE z\n")).reload_failed, None);
        }
    }

    #[test]
    fn a_database_is_lost_until_it_is_found_again() {
        let lost = "ERROR DHCP4_DB_RECONNECT_LOST_CONNECTION database connection lost.\n";
        assert!(of(lost).database_lost.is_some());
        let given_up = format!("{lost}ERROR DHCP4_DB_RECONNECT_FAILED maximum\n");
        assert_eq!(of(&given_up).database_lost.unwrap().id, "DHCP4_DB_RECONNECT_LOST_CONNECTION");
        assert_eq!(of(&format!("{lost}INFO DHCP4_DB_RECONNECT_SUCCEEDED x\n")).database_lost, None);
        assert_eq!(of(&format!("{lost}INFO DHCP4_STARTED x\n")).database_lost, None);
    }

    #[test]
    fn a_configuration_that_the_server_wrote_itself_is_known_until_the_next_load() {
        let write = "2026-11-20 10:03:14.351 INFO COMMAND_RECEIVED Received command 'config-write'\n";
        assert_eq!(of(write).written.unwrap().time, "2026-11-20 10:03:14.351");
        assert_eq!(of(&format!("{write}INFO DHCP4_CONFIG_COMPLETE z\n")).written, None);
    }

    #[test]
    fn lines_that_say_nothing_are_passed_over_wherever_they_stand() {
        let idle = "INFO DHCP4_LEASE_ALLOC x\n".repeat(3);
        let text = format!("{idle}ERROR FIRST_ONE ERROR\n{idle}\u{fffd}\nFATAL LAST_ONE");
        let ids: Vec<_> = of(&text).errors.into_iter().map(|line| line.id).collect();
        assert_eq!(ids, ["FIRST_ONE", "LAST_ONE"]);
    }

    #[test]
    fn the_last_command_that_switched_the_service_is_kept() {
        let command = |name: &str| format!("INFO COMMAND_RECEIVED Received command '{name}'\n");
        let log = of(&(command("dhcp-enable") + &command("dhcp-disable") + &command("status-get")));
        assert_eq!(log.service_command.unwrap().id, "dhcp-disable");
    }
    #[test]
    fn a_partner_that_fetches_leases_switches_off_what_was_on_and_leaves_off_what_was_off() {
        let command = |name: &str| format!("INFO COMMAND_RECEIVED Received command '{name}'\n");
        let [disable, enable, done] = ["dhcp-disable", "dhcp-enable", "ha-sync-complete-notify"].map(command);
        assert_eq!(of(&format!("{disable}{done}")).service_command, None);
        assert_eq!(of(&format!("{enable}{disable}{done}")).service_command.unwrap().id, "dhcp-enable");
        assert_eq!(of(&format!("{disable}{disable}{done}")).service_command.unwrap().id, "dhcp-disable");
    }
}
