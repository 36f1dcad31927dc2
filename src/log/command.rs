//! Commands of the API: who used which.
//!
//! From 2.3 on, signals log commands too: SIGHUP `config-reload` and `config-set`, SIGTERM `shutdown`. What only a
//! command can have caused counts as one; of the rest the log does not show which it was.

use std::collections::{BTreeMap, VecDeque};

use super::instance::{Instance, Release};
use super::line::Server;
use super::stamp::{Micros, SECOND};

/// The word for commands of servers of a pair to each other: those that only they use, and those that users may too.
pub(crate) fn of_partner(command: &str) -> Option<&'static str> {
    match command {
        "ha-heartbeat" | "ha-sync-complete-notify" | "ha-maintenance-notify" => Some("HA partner"),
        "lease4-update" | "lease6-update" | "lease6-bulk-apply" | "lease4-del" | "lease6-del" | "lease4-get-page"
        | "lease6-get-page" | "dhcp-disable" | "dhcp-enable" => Some("partner or API"),
        _ => None,
    }
}

/// What is counted together: the daemon, the command and the user.
pub(crate) type Use = (usize, String, Option<String>);

/// A command that a daemon ran, as long as its user may still turn up.
#[derive(Debug, Clone)]
struct Run {
    instance: usize,
    server: Server,
    command: String,
    user: Option<String>,
    time: Option<Micros>,
    is_sure: bool,
}

/// A command that the agent got.
#[derive(Debug, Clone)]
struct Passed {
    instance: usize,
    command: String,
    user: Option<String>,
    is_forwarded: bool,
}

/// A time in which a command had disabled DHCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Off {
    pub(crate) instance: usize,
    pub(crate) from: Option<Micros>,
    pub(crate) until: Option<Micros>,
    pub(crate) is_over: bool,
}

/// All commands.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    pub(crate) counts: BTreeMap<Use, u64>,
    /// Lines that a signal or a command may have caused.
    pub(crate) unsure: BTreeMap<(usize, String), u64>,
    /// What the agent passed on, by the daemon's name for it.
    pub(crate) forwarded: BTreeMap<(Server, String, Option<String>), u64>,
    pub(crate) refused: u64,
    pub(crate) refused_times: Option<(Option<Micros>, Option<Micros>)>,
    pub(crate) unreadable: u64,
    /// Times without DHCP, in their order.
    pub(crate) disabled: Vec<Off>,
    /// How many commands had names or users beyond what is kept.
    pub(crate) omitted: u64,
    recent: VecDeque<Run>,
    agent: VecDeque<Passed>,
    /// The user who was let in last, by daemon and thread.
    users: Vec<(usize, u64, String)>,
    /// The daemon and thread that just read from its socket.
    socket: Option<(usize, u64)>,
    /// What was passed on before the daemon's own line came.
    early: Vec<(Server, String, Option<String>, Option<Micros>)>,
}

const MOST_RECENT: usize = 256;
/// A passed on command and its daemon's line are this near.
const NEAR: Micros = 60 * SECOND;
/// Different names of commands or users beyond this are an attack.
const MOST_USES: usize = 10_000;

impl Commands {
    /// The user of a request was let in.
    pub(crate) fn authorized(&mut self, instance: usize, thread: u64, text: &[u8]) {
        let user = super::text::between(text, b"authorized for '", b"'");
        let user = user.map(|user| String::from_utf8_lossy(user).into_owned()).unwrap_or_default();
        self.users.retain(|known| (known.0, known.1) != (instance, thread));
        self.users.push((instance, thread, user));
        if self.users.len() > MOST_RECENT {
            self.users.remove(0);
        }
    }

    pub(crate) fn refused(&mut self, time: Option<Micros>) {
        self.refused += 1;
        let (first, _) = self.refused_times.unwrap_or((time, time));
        self.refused_times = Some((first, time));
    }

    pub(crate) fn socket(&mut self, instance: usize, thread: u64) {
        self.socket = Some((instance, thread));
    }

    fn user(&mut self, instance: usize, thread: u64) -> Option<String> {
        let at = self.users.iter().position(|known| (known.0, known.1) == (instance, thread))?;
        Some(self.users.swap_remove(at).2)
    }

    /// A daemon runs a command, or says so.
    pub(crate) fn received(
        &mut self,
        at: usize,
        instance: &Instance,
        is_configuring: bool,
        thread: u64,
        text: &[u8],
        time: Option<Micros>,
    ) {
        let Some(command) = super::text::between(text, b"'", b"'") else { return };
        let command = String::from_utf8_lossy(command).into_owned();
        let user = self.user(at, thread);
        let is_read = self.socket.take() == Some((at, thread));
        if instance.server == Server::Agent {
            self.agent.push_back(Passed { instance: at, command, user, is_forwarded: false });
            if self.agent.len() > MOST_RECENT {
                self.settle_agent();
            }
            return;
        }
        let is_old = !instance.is_modern && instance.release.is_none_or(|release| release < Release(2, 3, 0));
        let is_sure = is_old || user.is_some() || is_read;
        match command.as_str() {
            "config-set" if is_configuring && !is_read && user.is_none() => return,
            "config-reload" | "shutdown" if !is_sure && instance.logs_sockets => return,
            _ => {}
        }
        let is_sure = is_sure || !matches!(command.as_str(), "config-reload" | "shutdown");
        let mut run = Run { instance: at, server: instance.server, command, user, time, is_sure };
        if let Some(at) = self.early.iter().position(|early| early.0 == run.server && early.1 == run.command) {
            let (_, _, user, passed) = self.early.swap_remove(at);
            if passed.zip(time).is_none_or(|(passed, now)| (now - passed).abs() < SECOND / 10) {
                (run.user, run.is_sure) = (run.user.or(user), true);
            }
        }
        self.recent.push_back(run);
        if self.recent.len() > MOST_RECENT {
            self.settle_one();
        }
    }

    /// The agent passed a command on to a daemon.
    pub(crate) fn forwarded(&mut self, at: usize, text: &[u8], time: Option<Micros>) -> Option<()> {
        let command = super::text::word(super::text::after(text, b"command ")?);
        let command = String::from_utf8_lossy(command).into_owned();
        let service = super::text::word(super::text::after(text, b"service ")?);
        let server = match service {
            b"dhcp4" => Server::Dhcp4,
            b"dhcp6" => Server::Dhcp6,
            b"d2" => Server::Ddns,
            _ => Server::Unknown,
        };
        let user = self.passed_on(at, &command).and_then(|passed| passed.user.clone());
        if self.forwarded.len() < MOST_USES {
            *self.forwarded.entry((server, command.clone(), user.clone())).or_default() += 1;
        } else {
            self.omitted += 1;
        }
        let is_near = |run: &Run| run.time.zip(time).is_none_or(|(ran, now)| (now - ran).abs() < NEAR);
        let mut runs = self.recent.iter_mut();
        let fits =
            |run: &&mut Run| run.server == server && run.command == command && run.user.is_none() && is_near(run);
        match runs.rfind(fits) {
            Some(run) => (run.user, run.is_sure) = (user, true),
            None if self.early.len() < MOST_RECENT => self.early.push((server, command, user, time)),
            None => {}
        }
        Some(())
    }

    /// The command that the agent passes on: one for several daemons comes once.
    fn passed_on(&mut self, at: usize, command: &str) -> Option<&mut Passed> {
        let is_it = |passed: &Passed| passed.instance == at && passed.command == command;
        let is_new = |passed: &Passed| is_it(passed) && !passed.is_forwarded;
        let found = self.agent.iter().rposition(is_new).or_else(|| self.agent.iter().rposition(is_it))?;
        let passed = self.agent.get_mut(found)?;
        passed.is_forwarded = true;
        Some(passed)
    }

    /// DHCP was disabled or enabled by this command; without one it is enabled, as clients are served, or the process is
    /// over.
    pub(crate) fn switched(&mut self, instance: usize, command: &[u8], time: Option<Micros>) {
        let has_room = self.disabled.len() < MOST_USES;
        let open = self.disabled.iter_mut().rfind(|off| off.instance == instance && !off.is_over);
        match (command, open) {
            (b"dhcp-disable", None) if has_room => {
                self.disabled.push(Off { instance, from: time, until: None, is_over: false });
            }
            (b"dhcp-enable" | b"ha-sync-complete-notify" | b"", Some(off)) => (off.until, off.is_over) = (time, true),
            _ => {}
        }
    }

    fn settle_one(&mut self) {
        let Some(run) = self.recent.pop_front() else { return };
        if run.is_sure {
            self.count((run.instance, run.command, run.user));
        } else {
            *self.unsure.entry((run.instance, run.command)).or_default() += 1;
        }
    }

    fn settle_agent(&mut self) {
        let Some(passed) = self.agent.pop_front().filter(|passed| !passed.is_forwarded) else { return };
        self.count((passed.instance, passed.command, passed.user));
    }

    fn count(&mut self, used: Use) {
        if self.counts.len() < MOST_USES || self.counts.contains_key(&used) {
            *self.counts.entry(used).or_default() += 1;
        } else {
            self.omitted += 1;
        }
    }

    /// The log is over: no user turns up any more.
    pub(crate) fn finish(&mut self) {
        while !self.recent.is_empty() {
            self.settle_one();
        }
        while !self.agent.is_empty() {
            self.settle_agent();
        }
    }
}
