//! A running server.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};

use serde_json::Value;

use super::ControlSocket;
use super::leases::Leases;
use crate::program::signal;
use crate::wait::wait_for;

/// Warnings that our configurations give rise to, with any leases.
const ABOUT_THE_CONFIGURATION: [&str; 4] = [
    "_MULTI_THREADING_INFO ",
    "_CONFIGURE_SERVERID ",
    "_MT_DISABLED_QUEUE_CONTROL ",
    "_RESERVATIONS_LOOKUP_FIRST_ENABLED ",
];

/// A running Kea server; it ends when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) control: ControlSocket,
    log: PathBuf,
    console: PathBuf,
}

impl Server {
    /// Starts `command` and waits until it answers on `control`.
    pub(crate) fn start(command: &mut Command, control: ControlSocket, log: PathBuf, console: PathBuf) -> Self {
        let process = command.spawn().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
        let mut server = Self { process, control, log, console };
        wait_for("an answer of the server", || {
            if let Some(status) = server.process.try_wait().unwrap() {
                panic!("the server does not start ({status}): {}", server.everything_said());
            }
            let answer = server.control.try_command("config-get", None).ok()?;
            (answer["result"] == 0).then_some(())
        });
        server
    }

    fn everything_said(&self) -> String {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        read(&self.console) + &read(&self.log)
    }

    /// The log of this run.
    pub(crate) fn log(&self) -> String {
        // It quotes what it cannot read, whatever octets that is made of.
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).into_owned()
    }

    /// The lines of the log that are warnings or worse, but for those about the configuration.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let bad = |line: &&str| [" WARN ", " ERROR ", " FATAL "].iter().any(|level| line.contains(level));
        let known = |line: &&str| ABOUT_THE_CONFIGURATION.iter().any(|name| line.contains(name));
        self.log().lines().filter(bad).filter(|line| !known(line)).map(str::to_owned).collect()
    }

    /// The answer to a command that must succeed.
    #[track_caller]
    pub(crate) fn command(&self, name: &str, arguments: &Value) -> Value {
        self.control.command(name, Some(arguments))
    }

    /// Every lease the server has, as it tells itself.
    pub(crate) fn leases(&self, family: kea_tools::lease::Family) -> Leases {
        Leases::from_answer(&self.control.command(&format!("lease{}-get-all", family.digit()), None))
    }

    /// Ends the server in the ordinary way and waits for its end.
    pub(crate) fn stop(mut self) {
        signal(self.process.id(), "TERM");
        wait_for("the end of the server", || self.process.try_wait().unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
