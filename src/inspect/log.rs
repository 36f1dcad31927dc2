//! The end of a daemon's log file: what went wrong since it started, and whether it was told to stop serving.
//!
//! Patterns are free in Kea, so a line is only taken apart as far as a severity and an identifier of capitals show
//! themselves. What the identifiers mean is the same in every release; the texts are not.

use std::path::Path;

use super::fault;
use super::root::Root;
use crate::health::kea::facts::{Log, LogLine};

/// How much of the end is looked at.
const TAIL: u64 = 256 << 10;
/// How many errors are kept.
const MOST: usize = 5;

const SEVERITIES: [&str; 5] = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG"];

/// Reads the end of the log `path`.
pub(super) fn read(root: &Root, path: &Path) -> Log {
    match root.tail(path, TAIL) {
        Ok(text) => summary(path, &String::from_utf8_lossy(&text)),
        Err(cause) => Log { path: path.to_owned(), fault: Some(fault(path, &cause)), ..Log::default() },
    }
}

fn summary(path: &Path, text: &str) -> Log {
    let empty = || Log { path: path.to_owned(), ..Log::default() };
    let mut log = empty();
    // The first error of an attempt to load has the reason, those that follow only say that it failed.
    let mut reason: Option<LogLine> = None;
    // The command before the last one.
    let mut before = None;
    for line in text.lines().filter_map(parse) {
        let is_error = line.severity == "FATAL" || line.severity == "ERROR";
        match line.id.as_str() {
            id if id.ends_with("_STARTED") || id.ends_with("_STARTING") => (log, reason) = (empty(), None),
            id if id.ends_with("_DYNAMIC_RECONFIGURATION") => reason = None,
            id if is_load_failure(id) => {
                log.reload_failed = Some(reason.get_or_insert_with(|| line.clone()).clone());
            }
            id if is_load_success(id) => (log.reload_failed, reason) = (None, None),
            id if is_error && id.ends_with("_PARSER_FAIL") => reason = Some(line.clone()),
            "COMMAND_RECEIVED" => match switched(&line.text) {
                // A partner that fetches our leases switches us off, and says so when it is done.
                Some("ha-sync-complete-notify") => log.service_command = before.take(),
                Some(name) => {
                    let command = LogLine { id: name.to_owned(), ..line.clone() };
                    before = log.service_command.replace(command);
                }
                None => {}
            },
            _ => {}
        }
        if is_error {
            log.errors.push(line);
        }
    }
    let surplus = log.errors.len().saturating_sub(MOST);
    log.errors.drain(..surplus);
    log
}

/// `DHCP4_CONFIG_LOAD_FAIL`, `DHCP6_DYNAMIC_RECONFIGURATION_FAIL`, `DHCP4_CONFIG_UNRECOVERABLE_ERROR` …
fn is_load_failure(id: &str) -> bool {
    ["_CONFIG_LOAD_FAIL", "_DYNAMIC_RECONFIGURATION_FAIL", "_CONFIG_UNRECOVERABLE_ERROR", "_CONFIG_FAIL"]
        .iter()
        .any(|end| id.ends_with(end))
}

/// `DHCP4_CONFIG_COMPLETE`, `DCTL_CONFIG_COMPLETE`, `DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS` …
fn is_load_success(id: &str) -> bool {
    id.ends_with("_CONFIG_COMPLETE") || id.ends_with("_DYNAMIC_RECONFIGURATION_SUCCESS")
}

/// Which command switched the service, if this is one.
fn switched(text: &str) -> Option<&'static str> {
    ["dhcp-disable", "dhcp-enable", "ha-sync-complete-notify"]
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

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn of(text: &str) -> Log {
        summary(Path::new("/l"), text)
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
