//! Network namespaces.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program::must;

/// A network namespace; it lives as long as its keeper, a process that waits for our end of a pipe to close.
pub(crate) struct Namespace {
    keeper: Child,
    in_user_namespace: bool,
}

impl Namespace {
    /// A namespace of its own; within the user namespace of `sibling`, if there is one.
    pub(crate) fn new(sibling: Option<&Self>) -> Self {
        let in_user_namespace = sibling.map_or_else(|| !is_root(), |sibling| sibling.in_user_namespace);
        let mut command = match sibling {
            Some(sibling) => sibling.command("unshare"),
            None => Command::new("unshare"),
        };
        if in_user_namespace && sibling.is_none() {
            command.args(["--user", "--map-root-user"]);
        }
        Self::keep(command, in_user_namespace)
    }

    /// A namespace within a new user namespace, whose root has no power outside of it.
    pub(crate) fn in_user_namespace() -> Self {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user"]);
        Self::keep(command, true)
    }

    /// The namespace that `command` (unshare) makes.
    fn keep(mut command: Command, in_user_namespace: bool) -> Self {
        command.args(["--net", "sh", "-c", "echo ready && exec cat"]);
        let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "no network namespace is to be had here: {command:?}");
        Self { keeper, in_user_namespace }
    }

    /// A process within it, by which others find it.
    pub(crate) fn process(&self) -> u32 {
        self.keeper.id()
    }

    /// `program` within this namespace.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.keeper.id())).arg("--net");
        if self.in_user_namespace {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg("--").arg(program);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
    }
}

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    must(Command::new("id").arg("-u")).trim() == "0"
}
