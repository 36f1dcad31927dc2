//! One line of a log: its time, severity, identifier, text and process.

use crate::config::Daemon;
use crate::health::kea::facts::LogLine;
use crate::log::line::{self as log_line, Line, Origin, Server};
use crate::log::message::Severity;
use crate::log::stamp::{self, Clock};
use crate::time::Zone;

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
    pub(super) fn line(&self, text: &[u8]) -> Option<LogLine> {
        let (line, origin) = take_apart(text)?;
        self.wrote(&origin).then_some(line)
    }

    /// The same, with the number of the process, of a pattern that has it.
    pub(super) fn line_of_process(&self, text: &[u8]) -> Option<(LogLine, i64)> {
        let (line, origin) = take_apart(text)?;
        (origin.pid != 0 && self.wrote(&origin)).then_some((line, origin.pid.into()))
    }

    /// Whether a line that comes from there is its own.
    fn wrote(&self, origin: &Origin) -> bool {
        let is_daemon = origin.server == Server::Unknown || origin.server.name() == Some(self.daemon.process_name());
        is_daemon && (origin.pid == 0 || self.pids.is_empty() || self.pids.contains(&origin.pid.into()))
    }
}

/// A line, and where it comes from.
fn take_apart(text: &[u8]) -> Option<(LogLine, Origin)> {
    // Times stay as they are written.
    let mut clock = Clock::new(Zone::Utc, 0);
    let Line::Message(head) = log_line::parse(text, &Origin::default(), &mut clock) else { return None };
    let shown = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let line = LogLine {
        time: shown(&text[..head.start]).trim_matches(|c: char| c == ' ' || c.is_ascii_punctuation()).to_owned(),
        severity: head.origin.severity.map_or("", Severity::name).to_owned(),
        id: shown(&text[head.id]),
        text: shown(&text[head.text]),
    };
    Some((line, head.origin))
}

/// The date and time that a line begins with, to be compared with those of other lines.
pub(super) fn moment(line: &[u8]) -> Option<&[u8]> {
    let (_, length) = stamp::iso(line)?;
    Some(&line[..length])
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
        let line = of(&[]).line(text.as_bytes()).unwrap();
        assert_eq!((line.time.as_str(), line.severity.as_str()), ("2026-11-20 10:03:14.351", "ERROR"));
        assert_eq!((line.id.as_str(), line.text.as_str()), ("DHCP4_CONFIG_LOAD_FAIL", "because"));
        assert_eq!(of(&[]).line(b"INFO  DHCP4_LEASE_ALLOC x").unwrap().time, "");
        for other in ["  type=053, len=001: 1 (uint8)", "ERROR", "ERROR [x", "an ERRORS line", ""] {
            assert_eq!(of(&[]).line(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn lines_of_other_processes_and_daemons_do_not_count() {
        let counts =
            |pids: &[i64], logger: &str| of(pids).line(format!("ERROR [{logger}] SOME_ERROR x").as_bytes()).is_some();
        assert!(counts(&[7], "kea-dhcp4.dhcp4/7.1") && !counts(&[7], "kea-dhcp4.dhcp4/8.1"));
        assert!(counts(&[700, 7], "kea-dhcp4.dhcp4/7") && counts(&[], "kea-dhcp4.dhcp4/8.1"));
        assert!(!counts(&[], "kea-dhcp6.dhcp6/7.1") && !counts(&[7], "kea-dhcp6.dhcp6"));
        let syslog = b"Nov 20 10:03:14 gw kea-dhcp4[8]: ERROR SOME_ERROR x";
        assert!(of(&[7]).line(syslog).is_none() && of(&[8]).line(syslog).is_some());
        // What does not say who wrote it.
        assert!(counts(&[7], "kea-dhcp4.dhcp4") && counts(&[7], "my/logger") && counts(&[7], ""));
        assert!(of(&[7]).line(b"ERROR SOME_ERROR x").is_some());
        assert!(of(&[7]).line(b"ERROR DHCP6_CONFIG_LOAD_FAIL x").is_none());
    }

    #[test]
    fn the_time_of_a_line_is_what_it_begins_with() {
        let of = |line: &str| moment(line.as_bytes()).map(|it| String::from_utf8_lossy(it).into_owned());
        assert_eq!(of("2026-11-20 10:03:14.351 ERROR x").unwrap(), "2026-11-20 10:03:14.351");
        assert_eq!(of("2026-11-20 10:03:14").unwrap(), "2026-11-20 10:03:14");
        assert_eq!((of("ERROR x"), of("2026-11-20")), (None, None));
    }
}
