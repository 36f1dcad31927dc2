//! The state kept between two runs.

use serde::{Deserialize, Serialize};

use super::counters::{Counters, Earlier, EarlierGrants, Grants, Traffic};
use super::facts::{Host, Instance};

/// The kept state: the packet counts of each server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Memory {
    /// Identifies the file and its version.
    keactrl_status: u32,
    servers: Vec<Server>,
}

/// A server, known by its process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Server {
    daemon: String,
    pid: i64,
    started: i64,
    #[serde(flatten)]
    before: Earlier,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grants: Option<EarlierGrants>,
}

/// The version of the file.
const VERSION: u32 = 1;

/// The beginning of every state file.
const BEGINNING: &[u8] = b"{\"keactrl-status\":";

/// More servers than a machine has; servers that are gone are removed first.
const MOST: usize = 64;

/// Why a text is not a state file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is another file.
    Foreign,
    /// It is a broken state file, for this reason.
    Broken(String),
}

impl Default for Memory {
    fn default() -> Self {
        Self { keactrl_status: VERSION, servers: Vec::new() }
    }
}

impl Memory {
    /// Parses the text of a state file; an empty text is an empty state.
    ///
    /// # Errors
    /// It is not a state file, or a broken one.
    pub fn parse(text: &[u8]) -> Result<Self, Unreadable> {
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        if !text.starts_with(BEGINNING) {
            return Err(Unreadable::Foreign);
        }
        let memory: Self = serde_json::from_slice(text).map_err(|cause| Unreadable::Broken(cause.to_string()))?;
        match memory.keactrl_status {
            VERSION => Ok(memory),
            other => Err(Unreadable::Broken(format!("it is of another kind, {other}"))),
        }
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self) -> String {
        // Numbers and names always make JSON.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Adds the earlier packet counts to the servers of a machine.
    pub fn recall(&self, machine: &mut Host, now: i64) {
        for instance in &mut machine.instances {
            let known = self.servers.iter().find(|server| server.is(instance, now));
            if let (Some(known), Some(traffic)) = (known, &mut instance.traffic) {
                let grew = |it: &Earlier| it.time <= now && !is_set_back(it.counters, traffic.now);
                let gave = |it: &EarlierGrants| {
                    it.time <= now && traffic.grants.is_some_and(|grants| !are_set_back(it.grants, grants))
                };
                (traffic.before, traffic.grants_before) = (Some(known.before).filter(grew), known.grants.filter(gave));
            }
        }
    }

    /// The state to keep after a run. Servers that were not queried are kept.
    #[must_use]
    pub fn after(self, machine: &Host, now: i64) -> Self {
        let counted = machine.instances.iter().filter_map(|it| Server::from_instance(it, it.traffic?, now));
        let mut servers: Vec<Server> = counted.collect();
        let is_known = |old: &Server| servers.iter().any(|new| new.daemon == old.daemon && new.pid == old.pid);
        let others: Vec<Server> = self.servers.into_iter().filter(|old| !is_known(old)).collect();
        servers.extend(others);
        servers.truncate(MOST);
        Self { servers, ..Self::default() }
    }
}

/// Whether the counters were reset.
fn is_set_back(before: Counters, now: Counters) -> bool {
    now.asked < before.asked || now.answered < before.answered
}

/// The same of what it has answered.
fn are_set_back(before: Grants, now: Grants) -> bool {
    now.offered < before.offered || now.granted < before.granted || now.refused < before.refused
}

impl Server {
    fn from_instance(instance: &Instance, traffic: Traffic, now: i64) -> Option<Self> {
        let (pid, started) = process(instance, now)?;
        let is_unanswered = |before: &Earlier| before.counters.answered == traffic.now.answered;
        let before = traffic.before.filter(is_unanswered);
        let before = before.unwrap_or(Earlier { time: now, counters: traffic.now });
        let is_ungranted =
            |before: &EarlierGrants| traffic.grants.is_some_and(|grants| grants.granted == before.grants.granted);
        let new = || traffic.grants.map(|grants| EarlierGrants { time: now, grants });
        let grants = traffic.grants_before.filter(is_ungranted).or_else(new);
        Some(Self { daemon: instance.daemon.name().to_owned(), pid, started, before, grants })
    }

    /// Whether it is this one. The start of a process is only known to some seconds.
    fn is(&self, instance: &Instance, now: i64) -> bool {
        const ROUNDING: u64 = 2;
        let is_it = |(pid, started): (i64, i64)| pid == self.pid && started.abs_diff(self.started) <= ROUNDING;
        self.daemon == instance.daemon.name() && process(instance, now).is_some_and(is_it)
    }
}

/// The number of a server's process and when it started.
fn process(instance: &Instance, now: i64) -> Option<(i64, i64)> {
    let seen = instance.process.as_ref().map(|process| (i64::from(process.pid), process.started));
    let reported = || {
        let status = instance.status()?;
        Some((status.pid?, now - status.uptime?))
    };
    seen.or_else(reported)
}

#[cfg(test)]
mod tests {
    use super::super::facts::Process;
    use super::*;
    use crate::config::Daemon;

    /// A machine with a server of this process that has counted so much.
    fn machine(daemon: Daemon, pid: u32, started: i64, asked: u64, answered: u64) -> Host {
        let process = Process { pid, started, ..Process::default() };
        let traffic = Traffic { now: Counters { asked, answered }, ..Traffic::default() };
        let instance = Instance { process: Some(process), traffic: Some(traffic), ..Instance::new(daemon, "x") };
        Host { instances: vec![instance], ..Host::default() }
    }

    /// A look: what it recalls of before, and what is kept of it.
    fn look(memory: &Memory, mut machine: Host, now: i64) -> (Option<(i64, u64)>, Memory) {
        let memory = Memory::parse(memory.text().as_bytes()).unwrap();
        memory.recall(&mut machine, now);
        let before = machine.instances[0].traffic.unwrap().before;
        (before.map(|it| (it.time, it.counters.asked)), memory.after(&machine, now))
    }

    #[test]
    fn looks_add_up_until_a_client_is_answered() {
        let at = |asked, answered| machine(Daemon::Dhcp4, 7, 100, asked, answered);
        let (none, memory) = look(&Memory::default(), at(10, 3), 1000);
        let (first, memory) = look(&memory, at(15, 3), 1060);
        let (again, memory) = look(&memory, at(40, 3), 1120);
        let (answered, memory) = look(&memory, at(50, 4), 1180);
        let (anew, _) = look(&memory, at(60, 4), 1240);
        assert_eq!((none, first, again), (None, Some((1000, 10)), Some((1000, 10))));
        assert_eq!((answered, anew), (Some((1000, 10)), Some((1180, 50))));
    }

    #[test]
    fn another_process_or_counters_set_back_begin_anew() {
        let (_, memory) = look(&Memory::default(), machine(Daemon::Dhcp4, 7, 100, 10, 3), 1000);
        let recalled = |other: Host, now: i64| look(&memory, other, now).0;
        assert!(recalled(machine(Daemon::Dhcp4, 7, 101, 20, 3), 1060).is_some());
        for other in [
            machine(Daemon::Dhcp4, 8, 100, 20, 3),
            machine(Daemon::Dhcp4, 7, 900, 20, 3),
            machine(Daemon::Dhcp6, 7, 100, 20, 3),
            machine(Daemon::Dhcp4, 7, 100, 5, 3),
            machine(Daemon::Dhcp4, 7, 100, 20, 0),
        ] {
            assert_eq!(recalled(other, 1060), None);
        }
        // The clock was set back.
        assert_eq!(recalled(machine(Daemon::Dhcp4, 7, 100, 20, 3), 999), None);
    }

    #[test]
    fn servers_that_were_not_asked_are_kept() {
        let (_, memory) = look(&Memory::default(), machine(Daemon::Dhcp4, 7, 100, 10, 3), 1000);
        let (_, memory) = look(&memory, machine(Daemon::Dhcp6, 9, 100, 1, 0), 1010);
        assert_eq!(look(&memory, machine(Daemon::Dhcp4, 7, 100, 10, 3), 1060).0, Some((1000, 10)));
    }

    #[test]
    fn refusals_add_up_until_a_lease_is_granted() {
        let at = |offered, granted, refused| {
            let mut machine = machine(Daemon::Dhcp4, 7, 100, 10, 3);
            machine.instances[0].traffic.as_mut().unwrap().grants = Some(Grants { offered, granted, refused });
            machine
        };
        let look = |memory: &Memory, mut machine: Host, now: i64| {
            let memory = Memory::parse(memory.text().as_bytes()).unwrap();
            memory.recall(&mut machine, now);
            let before = machine.instances[0].traffic.unwrap().grants_before;
            (before.map(|it| (it.time, it.grants.refused)), memory.after(&machine, now))
        };
        // A state that was kept without these counts.
        let (_, old) = super::tests::look(&Memory::default(), machine(Daemon::Dhcp4, 7, 100, 10, 3), 900);
        let (none, memory) = look(&old, at(10, 3, 0), 1000);
        let (first, memory) = look(&memory, at(15, 3, 5), 1060);
        let (again, memory) = look(&memory, at(40, 3, 30), 1120);
        let (_, memory) = look(&memory, at(41, 4, 30), 1180);
        assert_eq!((none, first, again), (None, Some((1000, 0)), Some((1000, 0))));
        assert_eq!(look(&memory, at(50, 4, 35), 1240).0, Some((1180, 30)));
        assert_eq!(look(&memory, at(50, 4, 3), 1240).0, None);
    }

    #[test]
    fn other_files_and_broken_ones_are_distinguished() {
        assert_eq!(Memory::parse(b"\n").unwrap(), Memory::default());
        assert_eq!(Memory::parse(b"root:x:0:0"), Err(Unreadable::Foreign));
        for text in ["{\"keactrl-status\":1,\"serv", "{\"keactrl-status\":2,\"servers\":[]}", "{\"keactrl-status\":1}"]
        {
            assert!(matches!(Memory::parse(text.as_bytes()), Err(Unreadable::Broken(_))), "{text}");
        }
    }
}
