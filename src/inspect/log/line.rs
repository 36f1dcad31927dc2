//! One line of a log: its time, severity, identifier, text and process.

use crate::config::Daemon;
use crate::health::kea::facts::LogLine;

const SEVERITIES: [&str; 5] = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG"];

/// The daemon whose lines count. Several daemons may write into one file.
#[derive(Debug, Clone)]
pub(in crate::inspect) struct Writer {
    /// Which daemon.
    pub daemon: Daemon,
    /// The numbers of its process, here and in its own pid namespace; empty where every line of the daemon counts.
    pub pids: Vec<i64>,
}

impl Writer {
    /// The line, if this daemon has written it. A pattern without logger or process leaves that open; then it counts.
    pub(super) fn line(&self, text: &str) -> Option<LogLine> {
        let (line, logger) = take_apart(text)?;
        (self.wrote(logger) && !self.is_of_the_other_family(&line.id)).then_some(line)
    }

    /// Whether only the DHCP server of the other family writes such lines.
    fn is_of_the_other_family(&self, id: &str) -> bool {
        match self.daemon {
            Daemon::Dhcp4 => id.starts_with("DHCP6_"),
            Daemon::Dhcp6 => id.starts_with("DHCP4_"),
            _ => false,
        }
    }

    /// The same, with the number of the process, of a pattern that has it.
    pub(super) fn line_of_process(&self, text: &str) -> Option<(LogLine, i64)> {
        let (line, logger) = take_apart(text)?;
        let pid = process(logger)?;
        self.wrote(logger).then_some((line, pid))
    }

    /// Whether a line of this logger is its own: `kea-dhcp4.leases/814.140580984345088`.
    fn wrote(&self, logger: &str) -> bool {
        let name = logger.split('/').next().unwrap_or(logger);
        let root = name.split('.').next().unwrap_or_default();
        if Daemon::from_process_name(root).is_some_and(|daemon| daemon != self.daemon) {
            return false;
        }
        process(logger).is_none_or(|pid| self.pids.is_empty() || self.pids.contains(&pid))
    }
}

/// The number of the process in `kea-dhcp4.leases/814.140580984345088`.
fn process(logger: &str) -> Option<i64> {
    logger.split_once('/')?.1.split('.').next()?.parse().ok()
}

/// A line and the logger that has written it, which may be empty.
fn take_apart(line: &str) -> Option<(LogLine, &str)> {
    let (at, severity) = SEVERITIES.iter().filter_map(|severity| Some((word(line, severity)?, *severity))).min()?;
    let rest = line[at + severity.len()..].trim_start();
    // The logger's name, process and thread, where the pattern has them.
    let (logger, rest) = match rest.strip_prefix('[') {
        Some(inner) => inner.split_once(']').map(|(logger, rest)| (logger, rest.trim_start()))?,
        None => ("", rest),
    };
    let (id, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_id = id.len() >= 6
        && id.contains('_')
        && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let found = LogLine {
        time: line[..at].trim().to_owned(),
        severity: severity.to_owned(),
        id: id.to_owned(),
        text: text.to_owned(),
    };
    is_id.then_some((found, logger))
}

/// Where `word` is a word of its own in `line`.
fn word(line: &str, word: &str) -> Option<usize> {
    let is_bound = |c: Option<char>| c.is_none_or(|c| c == ' ');
    line.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| is_bound(line[..*at].chars().next_back()) && is_bound(line[at + word.len()..].chars().next()))
}

/// The date and time that a line begins with, to be compared with those of other lines.
pub(super) fn moment(line: &[u8]) -> Option<&[u8]> {
    const PATTERN: &[u8] = b"0000-00-00 00:00:00";
    let is_like = |(c, pattern): (&u8, &u8)| if *pattern == b'0' { c.is_ascii_digit() } else { c == pattern };
    let is_moment = line.len() >= PATTERN.len() && line.iter().zip(PATTERN).all(is_like);
    let end = line.iter().skip(PATTERN.len()).position(|c| !c.is_ascii_digit() && *c != b'.');
    is_moment.then(|| &line[..PATTERN.len() + end.unwrap_or(line.len() - PATTERN.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pids: &[i64]) -> Writer {
        Writer { daemon: Daemon::Dhcp4, pids: pids.to_vec() }
    }

    #[test]
    fn lines_of_every_pattern_are_taken_apart() {
        let logger = "[kea-dhcp4.dhcp4/10246.140580984345088]";
        let text = format!("2026-11-20 10:03:14.351 ERROR {logger} DHCP4_CONFIG_LOAD_FAIL because");
        let line = of(&[]).line(&text).unwrap();
        assert_eq!((line.time.as_str(), line.severity.as_str()), ("2026-11-20 10:03:14.351", "ERROR"));
        assert_eq!((line.id.as_str(), line.text.as_str()), ("DHCP4_CONFIG_LOAD_FAIL", "because"));
        assert_eq!(of(&[]).line("INFO  DHCP4_LEASE_ALLOC x").unwrap().time, "");
        for other in ["  type=053, len=001: 1 (uint8)", "ERROR", "ERROR [x", "an ERRORS line", ""] {
            assert_eq!(of(&[]).line(other), None, "{other}");
        }
    }

    #[test]
    fn lines_of_other_processes_and_daemons_do_not_count() {
        let counts = |pids: &[i64], logger: &str| of(pids).line(&format!("ERROR [{logger}] SOME_ERROR x")).is_some();
        assert!(counts(&[7], "kea-dhcp4.dhcp4/7.1") && !counts(&[7], "kea-dhcp4.dhcp4/8.1"));
        assert!(counts(&[700, 7], "kea-dhcp4.dhcp4/7") && counts(&[], "kea-dhcp4.dhcp4/8.1"));
        assert!(!counts(&[], "kea-dhcp6.dhcp6/7.1") && !counts(&[7], "kea-dhcp6.dhcp6"));
        // What does not say who wrote it.
        assert!(counts(&[7], "kea-dhcp4.dhcp4") && counts(&[7], "my/logger") && counts(&[7], ""));
        assert!(of(&[7]).line("ERROR SOME_ERROR x").is_some());
        assert!(of(&[7]).line("ERROR DHCP6_CONFIG_LOAD_FAIL x").is_none());
    }

    #[test]
    fn the_time_of_a_line_is_what_it_begins_with() {
        let of = |line: &str| moment(line.as_bytes()).map(|it| String::from_utf8_lossy(it).into_owned());
        assert_eq!(of("2026-11-20 10:03:14.351 ERROR x").unwrap(), "2026-11-20 10:03:14.351");
        assert_eq!(of("2026-11-20 10:03:14").unwrap(), "2026-11-20 10:03:14");
        assert_eq!((of("ERROR x"), of("2026-11-20")), (None, None));
    }
}
