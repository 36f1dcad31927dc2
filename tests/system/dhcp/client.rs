//! Who asks.

use std::process::{Command, Stdio};
use std::sync::Arc;

use super::Capture;
use super::fake::Holder;
use super::lan::Station;
use crate::program::must;

/// A client's place at the switch.
pub(crate) struct Client {
    pub(super) station: Arc<Station>,
}

impl Client {
    pub(crate) fn new(station: Station) -> Self {
        Self { station: Arc::new(station) }
    }

    /// `program` at this place, with nothing of the tester's own environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.station.namespace.command(program);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/nonexistent")
            .env("LC_ALL", "C.UTF-8");
        command.stdin(Stdio::null());
        command
    }

    /// Changes something of its network.
    pub(crate) fn ip(&self, arguments: &[&str]) {
        must(self.command("ip").args(arguments));
    }

    /// Sets a variable of its kernel's network (`net.ipv4.…=1`).
    pub(crate) fn sysctl(&self, assignment: &str) {
        let (name, value) = assignment.split_once('=').unwrap();
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        must(self.command("sh").args(["-c", "echo \"$1\" >\"$2\"", "sh", value, &path]));
    }

    /// The hardware address of its interface.
    pub(crate) fn mac(&self) -> String {
        format!("02:00:5e:00:53:{:02}", self.station.host)
    }

    /// A program that has UDP `port` here and shares it with nobody, as long as the value lives.
    pub(crate) fn hold_port(&self, port: u16) -> Holder {
        Holder::start(&self.station.namespace, port)
    }

    /// tcpdump at its interface, listening when it returns.
    pub(crate) fn capture(&self) -> Capture {
        Capture::start(self.command("tcpdump"), self.command("bash"))
    }
}
