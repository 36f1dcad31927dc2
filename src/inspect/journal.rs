//! A daemon's lines in the journal of systemd, where it has no log file: read by `journalctl`, which knows its format.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::root::Root;
use super::{command, log};
use crate::health::kea::facts::Log;

/// How many of the last lines are looked at.
const LINES: &str = "2000";

/// What stands for a path where the lines come from the journal.
pub(super) const NAME: &str = "journal";

/// Whether this machine has a journal that can be asked.
pub(super) fn is_there(root: &Root) -> bool {
    root.is_own() && root.metadata("/run/systemd/journal").is_ok()
}

/// What a process has written into the journal since it started, or why that is not to be seen.
pub(super) fn read(pid: u32, time: Duration) -> Result<Log, String> {
    let mut journalctl = Command::new("journalctl");
    journalctl.args(["-q", "--no-pager", "-o", "cat", "-n", LINES]).arg(format!("_PID={pid}"));
    let text = command::output(journalctl, time)?;
    // Who may not read the journal is told of no lines, and of no reason.
    if text.is_empty() && !rustix::process::geteuid().is_root() {
        return Err(
            "the journal tells nothing of it (join the group systemd-journal or adm, or run as root)".to_owned()
        );
    }
    Ok(log::summary(Path::new(NAME), &text))
}
