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
const LINES: &str = "2000";

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
    let mut journalctl = Command::new("journalctl");
    journalctl.args(["-q", "--no-pager", "-o", "short-unix", "-n", LINES]);
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
    Ok(log::summary(Path::new(NAME), dated(&String::from_utf8_lossy(&text)).as_bytes(), writer))
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
