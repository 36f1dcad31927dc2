//! A daemon's lines in the journal of systemd, if it has no log file: read with `journalctl`, which knows its format.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::command;
use super::log::{self, Writer};
use super::root::Root;
use crate::health::kea::facts::Log;
use crate::time::{self, TimeStyle};

/// How many of the last lines are read.
const LINES: usize = 2000;

/// How long an earlier line is searched for: a server that has logged nothing but commands for months has many of them.
const LONGEST_SEARCH: Duration = Duration::from_secs(1);

/// Used instead of a path for lines from the journal.
pub(super) const NAME: &str = "journal";

/// Whether this machine has a readable journal.
pub(super) fn is_there(root: &Root) -> bool {
    root.is_own() && root.metadata("/run/systemd/journal").is_ok()
}

/// The source of the wanted lines.
pub(super) enum Whose<'a> {
    /// A process that runs.
    Process(u32),
    /// All processes of a unit.
    Unit(&'a str),
    /// All processes with this name.
    Name(&'a str),
}

/// A daemon's lines in the journal, or why they are not readable.
pub(super) fn read(whose: &Whose<'_>, writer: &Writer, time: Duration) -> Result<Log, String> {
    Ok(log::summary(Path::new(NAME), &lines(whose, LINES, None, time)?, writer))
}

/// The same of a process that runs. Where only the log has it whether DHCP is disabled (`is_untold`), the line that shows it is
/// searched for farther back, unless the last lines have one.
pub(super) fn read_running(pid: u32, writer: &Writer, is_untold: bool, time: Duration) -> Result<Log, String> {
    let whose = Whose::Process(pid);
    let text = lines(&whose, LINES, None, time)?;
    let mut log = log::summary(Path::new(NAME), &text, writer);
    let has_more = memchr::memchr_iter(b'\n', &text).count() >= LINES;
    if is_untold && !log.only_troubles && !log::shows_service(&text, writer) {
        let time = LONGEST_SEARCH.min(time / 4);
        let last = has_more.then(|| lines(&whose, 1, Some(&log::service_pattern()), time).ok()).flatten();
        let last = last.unwrap_or_default();
        log.service_command = log::summary(Path::new(NAME), &last, writer).service_command;
        log.service_unseen = (!log::shows_service(&last, writer)).then(|| log::first_line(&text, writer));
    }
    Ok(log)
}

/// The last `count` lines, or those of them that match `pattern`, in the format of a log file.
fn lines(whose: &Whose<'_>, count: usize, pattern: Option<&str>, time: Duration) -> Result<Vec<u8>, String> {
    let mut journalctl = Command::new("journalctl");
    journalctl.args(["-q", "--no-pager", "-o", "short-unix", "-n", &count.to_string()]);
    journalctl.args(pattern.map(|pattern| format!("--grep={pattern}")));
    match whose {
        Whose::Process(pid) => journalctl.arg(format!("_PID={pid}")),
        Whose::Unit(name) => journalctl.arg(format!("--unit={name}")),
        Whose::Name(name) => journalctl.arg(format!("_COMM={name}")),
    };
    let text = command::output(journalctl, time)?;
    // Without permission, journalctl prints neither lines nor a reason.
    if text.is_empty() && !rustix::process::geteuid().is_root() {
        return Err(
            "the journal has no readable entries of it (join the group systemd-journal or adm, or run as root)"
                .to_owned(),
        );
    }
    Ok(dated(&String::from_utf8_lossy(&text)).into_bytes())
}

/// The lines in the format of a log file: with date and time in this machine's zone, unless they have their own.
fn dated(text: &str) -> String {
    let line = |line: &str| match parts(line) {
        Some((_, message)) if time::read_local(message).is_some() => message.to_owned(),
        Some((moment, message)) => {
            format!(
                "{} {message}",
                time::show(moment, TimeStyle::Local).replace('T', " ").get(..19).unwrap_or_default()
            )
        }
        None => line.to_owned(),
    };
    text.lines().map(|it| line(it) + "\n").collect()
}

/// `1795960802.123456 dhcp1 kea-dhcp4[814]: INFO  DHCP4_STARTED …`: when, and what.
fn parts(line: &str) -> Option<(i64, &str)> {
    let (moment, rest) = line.split_once(' ')?;
    let moment = moment.split('.').next()?.parse().ok()?;
    Some((moment, rest.split_once("]: ")?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_journal_are_dated_once() {
        let text = "1795960802.123456 dhcp1 kea-dhcp4[814]: INFO  DHCP4_STARTED x\n\
            1795960802.5 dhcp1 kea-dhcp4[814]: 2026-11-29 08:25:28.079 INFO  [kea-dhcp4.dhcp4/1.2] DHCP4_STARTING y\nodd\n";
        let dated = dated(text);
        let lines: Vec<&str> = dated.lines().collect();
        assert!(
            lines[0].ends_with(" INFO  DHCP4_STARTED x") && time::read_local(lines[0]) == Some(1_795_960_802),
            "{dated}"
        );
        assert!(lines[1].starts_with("2026-11-29 08:25:28.079 INFO") && lines[2] == "odd", "{dated}");
    }
}
