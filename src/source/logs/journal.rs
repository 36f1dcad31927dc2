//! The journal, as journalctl exports it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::process::{Child, Command, Stdio};

use super::How;
use crate::error::{Error, Result};
use crate::log::stamp::SECOND;

/// Whose messages are read.
const DAEMONS: [&str; 5] = ["kea-dhcp4", "kea-dhcp6", "kea-dhcp-ddns", "kea-ctrl-agent", "kea-netconf"];

/// A program that reads the journal, and what it says of errors.
pub(super) struct Journal {
    pub(super) child: Child,
    errors: File,
}

impl Journal {
    /// Begins to read the journal.
    pub(super) fn read(unit: Option<&str>, how: &How) -> Result<Self> {
        let failed = |cause: io::Error| Error::io("run journalctl", &cause);
        let errors = tempfile::tempfile().map_err(failed)?;
        let mut command = Command::new("journalctl");
        command.args(["-q", "--no-pager", "-o", "export"]);
        if let Some(since) = how.since {
            command.arg(format!("--since=@{}", since.div_euclid(SECOND)));
        }
        if let Some(until) = how.until {
            command.arg(format!("--until=@{}", until.div_euclid(SECOND) + 1));
        }
        match unit {
            Some(unit) => command.arg(format!("--unit={unit}")),
            // In a container the process that logs is another one.
            None => command
                .args(DAEMONS.map(|name| format!("_COMM={name}")))
                .arg("+")
                .args(DAEMONS.map(|name| format!("SYSLOG_IDENTIFIER={name}"))),
        };
        let copy = errors.try_clone().map_err(failed)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(copy);
        Ok(Self { child: command.spawn().map_err(failed)?, errors })
    }

    /// Why it failed, if it did.
    pub(super) fn end(mut self) -> Option<String> {
        if self.child.wait().is_ok_and(|status| status.success()) {
            return None;
        }
        let mut said = Vec::new();
        // Without a reason the failure alone is reported.
        let _ = self.errors.rewind().and_then(|()| self.errors.take(4096).read_to_end(&mut said));
        let said = String::from_utf8_lossy(&said);
        let reason = said.lines().next().map_or("it failed", str::trim);
        Some(format!("read the journal with journalctl: {reason} (try it as root or in the group systemd-journal)"))
    }
}
