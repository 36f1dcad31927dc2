//! What has begun and not ended when the logs are over: kept for the next run, which reads only what is new, as the
//! messages that said it.

use serde::{Deserialize, Serialize};

use super::analysis::{Analysis, Input};
use super::assemble::Message;
use super::client::{Client, Clients};
use super::exchange::{Cause, Scope};
use super::family::Tally;
use super::host::Host;
use super::instance::Instance;
use super::life::Outcome;
use super::line::Server;
use super::message::{LogMessageKind, Severity};
use super::running::{Episode, Ongoing};
use super::side::Transition;
use super::stamp::Micros;
use super::unserved::Unserved;

/// Something that lasts, of one daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Lasting {
    /// The log, without what rotation added to its name.
    pub(crate) log: String,
    server: String,
    host: Option<String>,
    pid: u32,
    release: Option<String>,
    time: Option<Micros>,
    what: What,
    /// The reason of a failure, the state of a server of a pair, or a relay.
    text: Option<String>,
    /// How often it occurred, where, and to which clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    episode: Option<KeptEpisode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clients: Option<KeptClients>,
}

/// What is kept of an episode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct KeptEpisode {
    is_v6: bool,
    subnet_id: Option<u32>,
    subnet: Option<String>,
    network: Option<String>,
    cause: Option<String>,
    tally: KeptTally,
    clients: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct KeptTally {
    count: u64,
    first: Option<Micros>,
    last: Option<Micros>,
}

/// What is kept of how a server serves its clients.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct KeptClients {
    is_paired: bool,
    has_served: bool,
    failed: KeptTally,
    no_answer: u64,
    offered: u64,
    naks: u64,
    unserved: Vec<String>,
    known: Vec<String>,
}

impl KeptTally {
    fn of(tally: &Tally) -> Self {
        Self { count: tally.count, first: tally.first, last: tally.last }
    }

    fn tally(&self) -> Tally {
        Tally { count: self.count, first: self.first, last: self.last }
    }
}

/// So many clients of one kind are kept.
const MOST_CLIENTS: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    FailedStart,
    ShutDown,
    FailedReload,
    Disabled,
    NoDatabase,
    State,
    SocketsFailed,
    NoSockets,
    DatabaseGivenUp,
    PartnerLost,
    Failure,
    UnknownRelay,
    Clients,
}

impl What {
    /// The messages that say so.
    fn messages(self) -> &'static [(LogMessageKind, &'static str)] {
        match self {
            Self::FailedStart => &[(LogMessageKind::Starting, "STARTING"), (LogMessageKind::InitFailed, "INIT_FAIL")],
            Self::ShutDown => &[(LogMessageKind::Shutdown, "SHUTDOWN")],
            Self::FailedReload => &[
                (LogMessageKind::Reloading, "DYNAMIC_RECONFIGURATION"),
                (LogMessageKind::ConfigLoadFailed, "CONFIG_LOAD_FAIL"),
                (LogMessageKind::ReloadFailed, "DYNAMIC_RECONFIGURATION_FAIL"),
            ],
            Self::Disabled => &[(LogMessageKind::CommandReceived, "COMMAND_RECEIVED")],
            Self::NoDatabase => &[(LogMessageKind::DatabaseLost, "DB_RECONNECT_LOST_CONNECTION")],
            Self::State => &[(LogMessageKind::HaTransition, "HA_STATE_TRANSITION")],
            Self::SocketsFailed => &[(LogMessageKind::SocketsFailed, "OPEN_SOCKETS_FAILED")],
            Self::NoSockets => &[(LogMessageKind::NoInterface, "DHCPSRV_NO_SOCKETS_OPEN")],
            Self::DatabaseGivenUp => &[(LogMessageKind::DatabaseGivenUp, "DB_RECONNECT_DISABLED")],
            Self::PartnerLost => &[(LogMessageKind::HaInterrupted, "HA_COMMUNICATION_INTERRUPTED")],
            Self::Failure | Self::UnknownRelay | Self::Clients => &[],
        }
    }
}

/// All that lasts; `log` is the name of the log of an instance.
pub(crate) fn all(analysis: &Analysis, log: impl Fn(&Instance) -> Option<String>) -> Vec<Lasting> {
    let mut found = Vec::new();
    let one = |at: usize, time, what, text: Option<String>| -> Option<Lasting> {
        let instance = analysis.instances.get(at)?;
        let (server, log) = instance.server.name().zip(log(instance))?;
        Some(Lasting {
            log,
            server: server.to_owned(),
            host: instance.host.name(),
            pid: instance.pid,
            release: instance.release.map(|release| release.to_string()),
            time,
            what,
            text,
            episode: None,
            clients: None,
        })
    };
    let life = &analysis.life;
    for stop in life.stops.iter().filter(|stop| !stop.is_death && !stop.is_followed) {
        found.extend(one(stop.instance, stop.time, What::ShutDown, None));
    }
    for start in life.starts.iter().filter(|start| start.outcome == Outcome::Failed) {
        let is_last = !life.starts.iter().any(|other| other.instance == start.instance && other.time > start.time);
        if is_last {
            found.extend(one(start.instance, start.time, What::FailedStart, start.reason.clone()));
        }
    }
    for reload in life.reloads.iter().filter(|reload| reload.is_lasting()) {
        found.extend(one(reload.instance, reload.time, What::FailedReload, reload.reason.clone()));
    }
    for off in analysis.commands.disabled.iter().filter(|off| !off.is_over) {
        found.extend(one(off.instance, off.from, What::Disabled, None));
    }
    for loss in analysis.side.losses.iter().filter(|loss| !loss.is_over) {
        found.extend(one(loss.instance, loss.lost, What::NoDatabase, None));
    }
    for Transition { instance, time, to, .. } in analysis.side.last_transitions().filter(|change| change.is_alone()) {
        found.extend(one(*instance, *time, What::State, Some(to.clone())));
    }
    for (at, what, episode) in analysis.running.iter() {
        let (word, text, kept) = kept_episode(what, episode, &analysis.clients);
        found.extend(one(at, episode.tally.last, word, text).map(|lasting| Lasting { episode: kept, ..lasting }));
    }
    for (at, instance) in analysis.instances.iter().enumerate() {
        if let Some(clients) = kept_clients(instance, &analysis.clients) {
            // It has no time, so that it comes before all others.
            let lasting = one(at, None, What::Clients, None);
            found.extend(lasting.map(|lasting| Lasting { clients: Some(clients), ..lasting }));
        }
    }
    found.sort_by_key(|lasting| lasting.time);
    found
}

fn labels<'a>(some: impl IntoIterator<Item = &'a Client>, clients: &Clients) -> Vec<String> {
    let some = some.into_iter().take(MOST_CLIENTS);
    some.map(|client| String::from_utf8_lossy(clients.label(*client)).into_owned()).collect()
}

fn kept_episode(what: &Ongoing, episode: &Episode, clients: &Clients) -> (What, Option<String>, Option<KeptEpisode>) {
    let tally = KeptTally::of(&episode.tally);
    let mut kept = KeptEpisode { tally, clients: labels(&episode.clients, clients), ..KeptEpisode::default() };
    match what {
        Ongoing::SocketsFailed => (What::SocketsFailed, None, None),
        Ongoing::NoSockets => (What::NoSockets, None, None),
        Ongoing::DatabaseGivenUp => (What::DatabaseGivenUp, None, None),
        Ongoing::PartnerLost => (What::PartnerLost, None, None),
        Ongoing::UnknownRelay(relay) => (What::UnknownRelay, Some(relay.to_string()), Some(kept)),
        Ongoing::Failure(is_v6, scope, cause) => {
            (kept.is_v6, kept.cause) = (*is_v6, Some(cause.word().to_owned()));
            (kept.subnet_id, kept.subnet, kept.network) =
                (scope.subnet_id, scope.subnet.clone(), scope.network.clone());
            (What::Failure, None, Some(kept))
        }
    }
}

impl KeptEpisode {
    fn ongoing(&self, relay: Option<&String>) -> Option<Ongoing> {
        let Some(word) = &self.cause else { return Some(Ongoing::UnknownRelay(relay?.parse().ok()?)) };
        let cause = Cause::OF_ALLOCATION.into_iter().find(|cause| cause.word() == word)?;
        let scope = Scope { subnet_id: self.subnet_id, subnet: self.subnet.clone(), network: self.network.clone() };
        Some(Ongoing::Failure(self.is_v6, scope, cause))
    }
}

fn kept_clients(instance: &Instance, clients: &Clients) -> Option<KeptClients> {
    let unserved = &instance.unserved;
    let is_of_clients = matches!(instance.server, Server::Dhcp4 | Server::Dhcp6);
    is_of_clients.then(|| KeptClients {
        is_paired: instance.is_paired,
        has_served: unserved.has_served,
        failed: KeptTally::of(&unserved.tally),
        no_answer: unserved.no_answer,
        offered: unserved.offered,
        naks: unserved.naks,
        unserved: labels(&unserved.clients, clients),
        known: labels(&unserved.known, clients),
    })
}

impl KeptClients {
    fn restore(&self, analysis: &mut Analysis, at: usize) {
        let mut all = |labels: &[String]| labels.iter().map(|label| analysis.clients.of(label.as_bytes())).collect();
        let (clients, known) = (all(&self.unserved), all(&self.known));
        let Some(instance) = analysis.instances.get_mut(at) else { return };
        instance.is_paired |= self.is_paired;
        instance.unserved = Unserved {
            has_served: self.has_served,
            tally: self.failed.tally(),
            clients,
            known,
            no_answer: self.no_answer,
            offered: self.offered,
            naks: self.naks,
        };
    }
}

impl Lasting {
    /// The daemon.
    pub(crate) fn server(&self) -> Server {
        Server::named(self.server.as_bytes())
    }

    /// Has an analysis take it in as what was logged before; `input` is where its log is read.
    pub(crate) fn replay(&self, analysis: &mut Analysis, input: Input) {
        let server = self.server();
        let text = match (self.what, &self.text) {
            (What::Disabled, _) => "Received command 'dhcp-disable'".to_owned(),
            (What::State, Some(state)) => format!("server transitions from ? to {state} state"),
            (_, Some(reason)) => reason.clone(),
            _ => String::new(),
        };
        self.begin(analysis, input);
        for (kind, id) in self.what.messages() {
            // A reload without a known reason has none.
            if *kind != LogMessageKind::ConfigLoadFailed || !text.is_empty() {
                let is_whole = ["HA_", "COMMAND_", "DHCPSRV_"].iter().any(|begin| id.starts_with(begin));
                let family = if server == Server::Dhcp6 { "DHCP6_" } else { "DHCP4_" };
                let id = if is_whole { (*id).to_owned() } else { format!("{family}{id}") };
                analysis.prepare(&self.message(*kind, &id, &text), input);
            }
        }
        self.restore(analysis, input);
    }

    /// The process that it is of.
    fn begin(&self, analysis: &mut Analysis, input: Input) {
        let Some(release) = self.release.as_ref().filter(|_| self.what != What::FailedStart) else { return };
        let is_same = |known: &Instance| {
            known.server == self.server()
                && known.group == input.group
                && known.pid == self.pid
                && known.release.is_some()
        };
        if !analysis.instances.iter().any(is_same) {
            let text = format!("version {release} started");
            let family = if self.server() == Server::Dhcp6 { "DHCP6_STARTED" } else { "DHCP4_STARTED" };
            analysis.prepare(&self.message(LogMessageKind::Started, family, &text), input);
        }
    }

    /// What no message says.
    fn restore(&self, analysis: &mut Analysis, input: Input) {
        if self.episode.is_none() && self.clients.is_none() {
            return;
        }
        let at = analysis.instance(&self.message(LogMessageKind::Other, "", ""), input);
        if let Some(episode) = &self.episode
            && let Some(ongoing) = episode.ongoing(self.text.as_ref())
        {
            analysis.running.add(at, ongoing.clone(), None, &episode.tally.tally());
            for label in &episode.clients {
                let client = analysis.clients.of(label.as_bytes());
                analysis.running.add(at, ongoing.clone(), Some(client), &Tally::default());
            }
        }
        if let Some(clients) = &self.clients {
            clients.restore(analysis, at);
        }
    }

    fn message<'a>(&self, kind: LogMessageKind, id: &'a str, text: &'a str) -> Message<'a> {
        Message {
            time: self.time,
            severity: Severity::Info,
            server: self.server(),
            pid: self.pid,
            host: self.host.as_ref().map_or(Host::default(), |name| Host::known_as(name)),
            thread: 0,
            kind,
            id: id.as_bytes(),
            text: text.as_bytes(),
        }
    }
}
