//! The facts about one daemon of Kea on this machine, without a verdict.
//!
//! The names of the fields are those of the JSON output, and are stable.

use std::path::PathBuf;

use serde::Serialize;

use super::answer::Status;
pub use super::counters::{Counters, Earlier, EarlierGrants, Grants, Traffic};
pub use super::file_problem::FileProblem;
pub use super::host::{Host, Installed, KeactrlFile};
pub use super::logged::{Database, End, FailedStart, Log, LogLine, LostDatabase, Refused, SetConfiguration};
pub use super::storage::{Core, LeaseFile, Space};
use crate::config::Daemon;
use crate::config::databases::Databases;
use crate::config::supply::Supply;

/// A daemon that runs or should run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Instance {
    /// Which daemon.
    pub daemon: Daemon,
    /// The name that distinguishes it from others of its kind: its configuration file's name without extension.
    pub name: String,
    /// Why it should run; `None` if it need not.
    pub expected: Option<Expected>,
    /// Whether it is one of those to check.
    pub place: InstancePlace,
    /// The directory that its pid file goes to, if that is not there, of one that is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_pid_directory: Option<PathBuf>,
    /// Whether it has left a trace of having run: a lease file, a log, a control socket; `None` if that is not known.
    pub has_run: Option<bool>,
    /// Whether another instance of the daemon may run in its place, with another configuration.
    #[serde(skip)]
    pub may_be_replaced: bool,
    /// Whether its program is in none of the directories where Kea's programs usually are.
    #[serde(skip_serializing_if = "super::fields::is_false")]
    pub lacks_program: bool,
    /// The process, if one was found.
    pub process: Option<Process>,
    /// The numbers of other processes of it that have ended and are zombies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zombies: Vec<u32>,
    /// The pid files that name it, or by their own names mean it.
    pub pid_files: Vec<PidFile>,
    /// The unit it belongs to.
    pub unit: Option<Unit>,
    /// Its configuration file.
    pub configuration: Option<Configuration>,
    /// Its control channel and what came over it.
    pub control: Control,
    /// Whether its control socket was removed or replaced while it listens on it.
    #[serde(skip_serializing_if = "super::fields::is_false")]
    pub socket_is_removed: bool,
    /// What it listens on.
    pub sockets: Option<Sockets>,
    /// When it last counted a packet of a client, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_packet: Option<i64>,
    /// What it has counted, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
    /// Its lease file.
    pub leases: Option<LeaseFile>,
    /// Its log.
    pub log: Option<Log>,
    /// Core files it may have left.
    pub cores: Vec<Core>,
    /// What could not be read, each with the reason and what would help.
    pub unseen: Vec<String>,
}

impl Instance {
    /// One without any facts yet.
    #[must_use]
    pub fn new(daemon: Daemon, name: impl Into<String>) -> Self {
        Self {
            daemon,
            name: name.into(),
            expected: None,
            place: InstancePlace::Here,
            missing_pid_directory: None,
            has_run: None,
            may_be_replaced: false,
            lacks_program: false,
            process: None,
            zombies: Vec::new(),
            pid_files: Vec::new(),
            unit: None,
            configuration: None,
            control: Control::Unasked,
            socket_is_removed: false,
            sockets: None,
            last_packet: None,
            traffic: None,
            leases: None,
            log: None,
            cores: Vec::new(),
            unseen: Vec::new(),
        }
    }

    /// Whether it should run. What is only installed, and as far as is known never ran, need not.
    #[must_use]
    pub fn is_expected(&self) -> bool {
        let has_run = self.process.is_some() || self.has_run == Some(true);
        self.expected.is_some_and(|why| why != Expected::Installed || has_run)
    }

    /// Whether this user may not examine its process.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.is_closed)
    }

    /// What it answered to status-get.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        match &self.control {
            Control::Answered { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Seconds since it started, according to its own answer or the process table. It counts by the clock, which may have been
    /// set meanwhile.
    #[must_use]
    pub fn uptime(&self, now: i64) -> Option<i64> {
        let told = self.status().and_then(|status| status.uptime);
        let is_possible = |uptime: &i64| *uptime >= 0 && self.clock_advance(now).is_none();
        told.filter(is_possible).or_else(|| self.age(now)).or(told)
    }

    /// Seconds since its process started, by the process table.
    #[must_use]
    pub fn age(&self, now: i64) -> Option<i64> {
        self.process.as_ref().map(|process| (now - process.started).max(0))
    }

    /// When it last loaded a configuration successfully, if it reports that: by the clock as it was then, or as it is now if it
    /// was set forward since.
    #[must_use]
    pub fn last_load(&self, now: i64) -> Option<i64> {
        let ago = self.status()?.reload?;
        let advance = self.clock_advance(now).filter(|advance| ago >= *advance).unwrap_or(0);
        Some(now.saturating_sub(ago - advance))
    }

    /// By how many seconds the clock was set forward while it ran: it says that it runs for longer than its process exists.
    fn clock_advance(&self, now: i64) -> Option<i64> {
        const ROUNDING: i64 = 5;
        let advance = self.status()?.uptime?.saturating_sub(self.age(now)?);
        (advance > ROUNDING).then_some(advance)
    }
}

/// The place of an instance relative to the daemons to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstancePlace {
    /// It is a daemon of this machine.
    #[default]
    Here,
    /// It is in another network or pid namespace: a container's, which does not replace a daemon of this machine.
    Elsewhere,
    /// It is not to be checked: keactrl.conf was given, and names another configuration file.
    Apart,
}

/// Why a daemon is expected to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// The user named it.
    Named,
    /// keactrl.conf says that it is to be started.
    Keactrl,
    /// Its unit is enabled.
    Unit,
    /// There is no other sign, but it is installed with a configuration and has run before.
    Installed,
    /// It runs.
    Runs,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Process {
    /// Its number here.
    pub pid: u32,
    /// Its number in its own pid namespace, where that is another one: a container.
    pub inner_pid: Option<u32>,
    /// `R`, `S`, `D`, `T`, `t`, `Z`, as in proc(5).
    pub state: char,
    /// When it started, seconds since 1970.
    pub started: i64,
    /// Its effective user's number.
    pub uid: u32,
    /// The user's name, where there is one.
    pub user: Option<String>,
    /// The file given with `-c`, as it was given.
    #[serde(serialize_with = "super::fields::optional_path")]
    pub config: Option<PathBuf>,
    /// The systemd unit it runs in, after its control group.
    pub unit: Option<String>,
    /// Whether it may not be Kea's: it runs as a user that is not used for Kea, with a configuration that this user may
    /// have written.
    #[serde(rename = "is-untrusted")]
    pub is_untrusted: bool,
    /// Whether that is not known, since the owner of its configuration is hidden.
    pub is_unproven: bool,
    /// Whether this user may not examine it: its root directory and environment are not known.
    pub is_closed: bool,
    /// Where all this was read.
    pub source: String,
    /// The directory it runs in, where its configuration file is relative to that.
    #[serde(skip)]
    pub directory: Option<PathBuf>,
    /// The port given with `-p`.
    #[serde(skip)]
    pub port: Option<u16>,
}

impl Process {
    /// [`Process::inner_pid`], to be compared with what is written somewhere.
    #[must_use]
    pub fn inner(&self) -> Option<i64> {
        self.inner_pid.map(i64::from)
    }

    /// Whether it is Kea's, as far as is known.
    #[must_use]
    pub fn may_be_kea(&self) -> bool {
        !self.is_untrusted || self.is_unproven
    }

    /// Whether it is stopped or has ended, so that it answers nothing.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        matches!(self.state, 'T' | 't') || self.has_ended()
    }

    /// Whether it is a zombie.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// A pid file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PidFile {
    /// Where it is.
    #[serde(serialize_with = "super::fields::path")]
    pub path: PathBuf,
    /// When it was written, seconds since 1970.
    pub modified: Option<i64>,
    /// The number it holds, as Kea reads it.
    pub pid: Option<i64>,
    /// The meaning of that number.
    #[serde(flatten)]
    pub meaning: Meaning,
}

/// The meaning of a pid file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "meaning", content = "because")]
pub enum Meaning {
    /// It names the running daemon.
    Current,
    /// No process has that number, or none that the daemon's user may signal. Kea overwrites the file.
    Stale,
    /// The number belongs to another process now, with this name. Kea does not start while that runs.
    Reused(String),
    /// Kea cannot read it, for this reason, and does not start.
    Bad(String),
    /// It could not be read, for this reason.
    Unreadable(String),
}

/// A unit of systemd.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// `active`, `failed` …
    pub active: String,
    /// `running`, `auto-restart` …
    pub sub: String,
    /// How the last run ended: `success`, `exit-code`, `core-dump` …
    pub result: String,
    /// Whether it is started at boot: `enabled`, `disabled`, `static` …
    pub file_state: String,
    /// How its main process ended: `status 1`, `SIGSEGV`; empty if that is not known.
    pub exit: String,
    /// How often systemd has restarted it by itself.
    pub restarts: Option<u64>,
    /// Its main process.
    pub main_pid: Option<u32>,
    /// The configuration file that it starts the daemon with.
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Whether systemd did not start it because a condition of it is not met.
    #[serde(skip_serializing_if = "super::fields::is_false")]
    pub is_skipped: bool,
}

/// A configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Configuration {
    /// Where it is.
    #[serde(serialize_with = "super::fields::path")]
    pub path: PathBuf,
    /// When it, or a file it includes, was last changed; seconds since 1970.
    pub modified: Option<i64>,
    /// Why it could not be read, or what is wrong with it.
    pub fault: Option<FileProblem>,
    /// The interfaces it wants to be served, as it says them; `None` for daemons that serve none.
    pub interfaces: Option<Vec<String>>,
    /// The port of a DHCP-DDNS server or Control Agent.
    pub port: Option<u16>,
    /// Which databases the server works with.
    #[serde(skip)]
    pub databases: Databases,
    /// What it has to give, of a DHCP server.
    #[serde(skip)]
    pub supply: Option<Supply>,
    /// Whether interfaces, databases and supply here are those of the running configuration, as the daemon reports it, and
    /// not the file's.
    #[serde(skip)]
    pub is_running: bool,
    /// The daemon's user, if that user may not read the file; of a daemon that is down, its files show the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_to: Option<String>,
    /// Hook libraries that it names and that are not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_libraries: Vec<PathBuf>,
}

/// The query of the daemon's control channel, and its outcome.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Control {
    /// It was not queried: there is no process.
    Unasked,
    /// Its configuration names no control channel.
    #[serde(rename_all = "kebab-case")]
    None,
    /// It answered to status-get.
    #[serde(rename_all = "kebab-case")]
    Answered {
        /// Where.
        address: String,
        /// What.
        status: Box<Status>,
        /// Its version.
        version: Option<String>,
        /// Its running configuration, without secrets, if that was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        configuration: Option<serde_json::Value>,
    },
    /// It answered with a refusal.
    #[serde(rename_all = "kebab-case")]
    Declined {
        /// Where.
        address: String,
        /// Its message.
        text: String,
    },
    /// The socket does not exist.
    #[serde(rename_all = "kebab-case")]
    Absent {
        /// Where.
        address: String,
    },
    /// The socket exists, but no process listens on it.
    #[serde(rename_all = "kebab-case")]
    Refused {
        /// Where.
        address: String,
    },
    /// This user may not use the socket.
    #[serde(rename_all = "kebab-case")]
    Denied {
        /// Where.
        address: String,
        /// Why, and what would help.
        text: String,
    },
    /// It accepted the command but did not answer in time.
    #[serde(rename_all = "kebab-case")]
    NoAnswer {
        /// Where.
        address: String,
        /// The time waited, in seconds.
        waited: f64,
    },
    /// It sent an invalid answer.
    #[serde(rename_all = "kebab-case")]
    Garbled {
        /// Where.
        address: String,
        /// What is wrong with it.
        text: String,
    },
}

/// What a daemon listens on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sockets {
    /// The sockets that its service comes from.
    pub service: Vec<Socket>,
    /// What became of the interfaces that its configuration names, as far as that is known.
    pub named: Vec<NamedInterface>,
    /// Whether they are known to be its own by their inodes; else by port and user.
    pub by_inode: bool,
    /// Where this was read.
    pub source: String,
}

/// An interface that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NamedInterface {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub link: Link,
    /// Whether it has no link-local address, which a DHCPv6 server without a socket needs.
    #[serde(skip_serializing_if = "super::fields::is_false")]
    pub lacks_link_local: bool,
}

/// How an interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// It is up and has its link.
    Up,
    /// It is up, but nothing is connected to it.
    NoLink,
    /// An administrator has set it down, or never up.
    Down,
    /// There is none of this name.
    Gone,
}

/// An open socket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Socket {
    /// `packet`, `udp`, `udp6`, `tcp`, `tcp6`.
    pub kind: &'static str,
    /// The address and port bound to; empty for `packet`.
    pub address: String,
    /// The interface, by name or number, where it is bound to one that is there.
    pub interface: Option<String>,
    /// Whether packets can come: its interface is up, its address there; `None` if that is not known.
    pub is_up: Option<bool>,
    /// What prevents that, or may do so for a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
}

/// What prevents an open socket from receiving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// Its interface is down.
    Down,
    /// Its interface has no link.
    NoLink,
    /// Its address is being checked for duplicates.
    Tentative,
    /// Another host on the link has its address.
    Duplicate,
}
