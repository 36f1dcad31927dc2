//! Programs in a real terminal: tmux, with a server of its own.

use std::process::Command;

use tempfile::TempDir;

use crate::program::must;
use crate::wait::wait_for_what;

/// A terminal with a shell in it; it ends when dropped.
pub(crate) struct Terminal {
    folder: TempDir,
}

impl Terminal {
    /// A terminal of this size; `inside` is the command that enters a namespace, or nothing.
    pub(crate) fn new(columns: u16, rows: u16, mut inside: Command) -> Self {
        let folder = tempfile::Builder::new().prefix("kea-terminal.").tempdir().unwrap();
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let shell = "exec env -i PATH=/usr/bin:/bin HOME=/nonexistent LANG=C.UTF-8 TZ=UTC TERM=$TERM PS1='$ ' sh -i";
        inside.arg("-S").arg(folder.path().join("socket")).args(["-f", "/dev/null", "-u", "new-session", "-d"]);
        inside.args(["-s", "it", "-x", &columns, "-y", &rows, shell]);
        must(inside.env("LANG", "C.UTF-8"));
        let terminal = Self { folder };
        terminal.wait_for("$");
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        must(Command::new("tmux").arg("-S").arg(self.folder.path().join("socket")).args(arguments))
    }

    /// What the screen shows.
    pub(crate) fn shown(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-t", "it"])
    }

    /// Types keys, as tmux names them.
    pub(crate) fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys", "-t", "it"], keys].concat());
    }

    /// Types a line.
    pub(crate) fn line(&self, line: &str) {
        self.tmux(&["send-keys", "-t", "it", "-l", line]);
        self.keys(&["Enter"]);
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.tmux(&["resize-window", "-t", "it", "-x", &columns.to_string(), "-y", &rows.to_string()]);
    }

    /// The terminal is closed while programs run in it.
    pub(crate) fn close(&self) {
        self.tmux(&["kill-session", "-t", "it"]);
    }

    /// Waits until the screen shows this; returns what it shows.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |shown| shown.contains(text))
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        wait_for_what(&|| format!("{what:?} in\n{}", self.shown()), || Some(self.shown()).filter(|shown| is_so(shown)))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(self.folder.path().join("socket")).arg("kill-server");
        let _ = command.output();
    }
}
