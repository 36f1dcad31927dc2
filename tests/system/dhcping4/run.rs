//! A run of dhcping that a test steps into.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::program::signal;
use crate::wait::wait_for;

/// A run that is in the middle of something.
pub(super) struct Run {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Run {
    /// Starts `command` and waits until it prints a line that begins with `words`.
    pub(super) fn until(command: &mut Command, words: &str) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut run = Self { child, stdout };
        run.goes_on_until(words);
        run
    }

    /// Waits for another line that begins with `words`.
    pub(super) fn goes_on_until(&mut self, words: &str) {
        let mut line = String::new();
        while !line.starts_with(words) {
            line.clear();
            assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "it ended before \"{words}\"");
        }
    }

    /// Sends a signal; gives the status and what was printed afterwards.
    pub(super) fn end(self, name: &str) -> (Option<i32>, String, String) {
        signal(self.child.id(), name);
        self.ends()
    }

    /// Waits for its end; gives the status and what was printed meanwhile.
    pub(super) fn ends(mut self) -> (Option<i32>, String, String) {
        let status = wait_for("dhcping to end", || self.child.try_wait().unwrap());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (status.code(), stdout, stderr)
    }
}
