//! What has begun and not ended when the logs are over: kept for the next run, which reads only what is new, as the
//! messages that said it.

use serde::{Deserialize, Serialize};

use super::analysis::{Analysis, Input};
use super::assemble::Message;
use super::host::Host;
use super::instance::Instance;
use super::life::Outcome;
use super::line::Server;
use super::message::{LogMessageKind, Severity};
use super::side::Transition;
use super::stamp::Micros;

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
    /// The reason of a failure, or the state of a server of a pair.
    text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    FailedStart,
    ShutDown,
    FailedReload,
    Disabled,
    NoDatabase,
    State,
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
        }
    }
}

/// All that lasts; `log` is the name of the log of an instance.
pub(crate) fn all(analysis: &Analysis, log: impl Fn(&Instance) -> Option<String>) -> Vec<Lasting> {
    let mut found = Vec::new();
    let mut add = |at: usize, time, what, text: Option<String>| {
        let Some(instance) = analysis.instances.get(at) else { return };
        let Some((server, log)) = instance.server.name().zip(log(instance)) else { return };
        found.push(Lasting {
            log,
            server: server.to_owned(),
            host: instance.host.name(),
            pid: instance.pid,
            release: instance.release.map(|release| release.to_string()),
            time,
            what,
            text,
        });
    };
    let life = &analysis.life;
    for stop in life.stops.iter().filter(|stop| !stop.is_death && !stop.is_followed) {
        add(stop.instance, stop.time, What::ShutDown, None);
    }
    for start in life.starts.iter().filter(|start| start.outcome == Outcome::Failed) {
        let is_last = !life.starts.iter().any(|other| other.instance == start.instance && other.time > start.time);
        if is_last {
            add(start.instance, start.time, What::FailedStart, start.reason.clone());
        }
    }
    for reload in life.reloads.iter().filter(|reload| reload.is_lasting()) {
        add(reload.instance, reload.time, What::FailedReload, reload.reason.clone());
    }
    for off in analysis.commands.disabled.iter().filter(|off| !off.is_over) {
        add(off.instance, off.from, What::Disabled, None);
    }
    for loss in analysis.side.losses.iter().filter(|loss| !loss.is_over) {
        add(loss.instance, loss.lost, What::NoDatabase, None);
    }
    for Transition { instance, time, to, .. } in analysis.side.last_transitions().filter(|change| change.is_alone()) {
        add(*instance, *time, What::State, Some(to.clone()));
    }
    found.sort_by_key(|lasting| lasting.time);
    found
}

impl Lasting {
    /// The daemon.
    pub(crate) fn server(&self) -> Server {
        Server::named(self.server.as_bytes())
    }

    /// Has an analysis take it in as what was logged before; `input` is where its log is read.
    pub(crate) fn replay(&self, analysis: &mut Analysis, input: Input) {
        let server = self.server();
        let begin = self
            .release
            .as_ref()
            .map(|release| (LogMessageKind::Started, "STARTED", format!("version {release} started")));
        let text = match (self.what, &self.text) {
            (What::Disabled, _) => "Received command 'dhcp-disable'".to_owned(),
            (What::State, Some(state)) => format!("server transitions from ? to {state} state"),
            (_, Some(reason)) => reason.clone(),
            _ => String::new(),
        };
        let begin = begin.filter(|_| self.what != What::FailedStart);
        let messages = self.what.messages().iter().map(|(kind, id)| (*kind, *id, text.clone()));
        for (kind, id, text) in begin.into_iter().chain(messages) {
            // A reload without a known reason has none.
            if kind == LogMessageKind::ConfigLoadFailed && text.is_empty() {
                continue;
            }
            let id = if server == Server::Dhcp6 { format!("DHCP6_{id}") } else { format!("DHCP4_{id}") };
            let message = Message {
                time: self.time,
                severity: Severity::Info,
                server,
                pid: self.pid,
                host: self.host.as_ref().map_or(Host::default(), |name| Host::known_as(name)),
                thread: 0,
                kind,
                id: id.as_bytes(),
                text: text.as_bytes(),
            };
            analysis.prepare(&message, input);
        }
    }
}
