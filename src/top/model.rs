//! All servers, and what has happened to them.

use std::time::Duration;

use super::clients::Clients;
use super::daemon::DaemonState;
use super::event::{Event, Events, Severity};
use crate::config::Daemon;
use crate::health::State;
use crate::health::kea::answer::Status;
use crate::health::kea::facts::{Host, Place};
use crate::health::kea::{self, Thresholds};
use crate::health::pools::Row;
use crate::stats::reading::{Load, Moment, Reading};

/// Servers that are watched.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// The servers, in the order in which they were named.
    pub servers: Vec<Server>,
    /// The server of each place that is asked.
    places: Vec<usize>,
    /// What has happened.
    pub events: Events,
    /// What clients were given.
    pub clients: Clients,
    /// How busy this host is, if it is one of the servers.
    pub load: Load,
    /// The time.
    pub moment: Moment,
    /// The time between two questions.
    pub interval: Duration,
}

/// A server: one or more daemons.
#[derive(Debug, Clone, Default)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Whether it is the host that this program runs on.
    pub is_this_host: bool,
    /// Its daemons, each with the place that is asked.
    daemons: Vec<(usize, DaemonState)>,
}

impl Server {
    /// Its daemons.
    pub fn daemons(&self) -> impl Iterator<Item = &DaemonState> {
        self.daemons.iter().map(|(_, daemon)| daemon)
    }

    /// The daemon of this number.
    #[must_use]
    pub fn daemon(&self, index: usize) -> Option<&DaemonState> {
        self.daemons.get(index).map(|(_, daemon)| daemon)
    }

    /// The worst that is said of one of its daemons, and how bad that is.
    #[must_use]
    pub fn word(&self) -> (&'static str, State) {
        let worst =
            self.daemons().map(DaemonState::word).reduce(|worst, word| if word.1 > worst.1 { word } else { worst });
        worst.unwrap_or(("no answer yet", State::Unknown))
    }

    /// How well it and its pools are.
    #[must_use]
    pub fn state(&self) -> State {
        self.daemons().filter_map(DaemonState::pools_state).fold(self.word().1, State::max)
    }

    /// The pool that is nearest to being full: its daemon's number and its row.
    #[must_use]
    pub fn worst_pool(&self) -> Option<(usize, &Row)> {
        let share = |row: &Row| row.counts.used_percent().unwrap_or(-1.0);
        let firsts = self
            .daemons()
            .enumerate()
            .filter_map(|(index, daemon)| Some((index, daemon.rows.iter().find(|row| row.state.is_some())?)));
        firsts.reduce(|worst, other| {
            let is_worse = (other.1.state, share(other.1)) > (worst.1.state, share(worst.1));
            if is_worse { other } else { worst }
        })
    }

    /// When a daemon has answered last of those that answered longest ago.
    #[must_use]
    pub fn answered(&self) -> Option<Duration> {
        self.daemons().filter_map(|daemon| daemon.answered).min()
    }

    /// For how long one of its daemons has not answered.
    #[must_use]
    pub fn silent_for(&self, now: Duration, interval: Duration) -> Option<Duration> {
        self.daemons().filter_map(|daemon| daemon.silent_for(now, interval)).max()
    }

    /// The last rate of these counters of all daemons together.
    #[must_use]
    pub fn rate(&self, names: &[&str]) -> Option<f64> {
        self.daemons().filter_map(|daemon| daemon.meters.rate(names)).reduce(|sum, rate| sum + rate)
    }
}

impl Model {
    /// Servers that are asked at places of these names and with these daemons; the same name is the same server.
    #[must_use]
    pub fn new(places: impl IntoIterator<Item = (String, Option<Daemon>)>, interval: Duration) -> Self {
        let mut model = Self { interval, ..Self::default() };
        for (place, (name, daemon)) in places.into_iter().enumerate() {
            let known = model.servers.iter().position(|server| server.name == name);
            let server = known.unwrap_or_else(|| {
                model.servers.push(Server { name, ..Server::default() });
                model.servers.len() - 1
            });
            model.servers[server].daemons.push((place, DaemonState::new(daemon, Duration::ZERO)));
            model.places.push(server);
        }
        model
    }

    /// The time has come so far.
    pub fn tick(&mut self, moment: Moment) {
        self.moment = moment;
    }

    /// What is said of a server in a word at this moment, and how bad that is: an answer may be overdue.
    #[must_use]
    pub fn word(&self, server: &Server) -> (&'static str, State) {
        let word = server.word();
        let is_late = || server.silent_for(self.moment.monotonic, self.interval).is_some();
        let had_answered = server.daemons().all(|daemon| daemon.answered.is_some() && daemon.trouble.is_none());
        if word.1 < State::Critical && had_answered && is_late() { ("no answer", State::Critical) } else { word }
    }

    /// Takes what the daemons of a place have answered.
    pub fn take(&mut self, place: usize, moment: Moment, readings: Vec<Reading>) {
        let Some(server) = self.places.get(place).copied() else { return };
        let daemons = &mut self.servers[server].daemons;
        let mut old: Vec<DaemonState> = Vec::new();
        let at = daemons.iter().position(|(it, _)| *it == place).unwrap_or(daemons.len());
        while daemons.get(at).is_some_and(|(it, _)| *it == place) {
            old.push(daemons.remove(at).1);
        }
        let mut happened: Vec<(Severity, String)> = Vec::new();
        for (index, mut reading) in readings.into_iter().enumerate() {
            if let Some(answers) = &mut reading.answers {
                self.clients.add(server, moment.now, &std::mem::take(&mut answers.given));
            }
            let known = old.iter().position(|daemon| daemon.daemon == reading.daemon);
            let mut daemon = match known {
                Some(known) => old.swap_remove(known),
                None => DaemonState::new(reading.daemon, moment.monotonic),
            };
            happened.extend(daemon.take(reading, moment));
            daemons.insert(at + index, (place, daemon));
        }
        for (severity, text) in happened {
            self.events.add(Event { at: moment.now, severity, server, text });
        }
    }

    /// Takes what this host shows of the daemons of a server.
    pub fn take_host(&mut self, server: usize, moment: Moment, host: &Host, load: Load) {
        self.load = load;
        let Some(watched) = self.servers.get_mut(server) else { return };
        watched.is_this_host = true;
        let judgements = kea::evaluate(host, &Thresholds::default(), moment.now);
        let mut happened = Vec::new();
        for (_, daemon) in &mut watched.daemons {
            let seen = host.instances.iter().zip(&judgements);
            // Of several of a kind it is not known which one is meant.
            let mut own = seen.filter(|(it, _)| Some(it.daemon) == daemon.daemon && it.place == Place::Here);
            if let (Some((_, judgement)), None) = (own.next(), own.next()) {
                happened.extend(daemon.take_host(judgement.clone()));
            }
        }
        for (severity, text) in happened {
            self.events.add(Event { at: moment.now, severity, server, text });
        }
    }

    /// What the daemons of a server have answered to the last question.
    #[must_use]
    pub fn statuses(&self, server: usize) -> Vec<(Daemon, Status)> {
        let daemons = self.servers.get(server).into_iter().flat_map(Server::daemons);
        let answered = daemons.filter(|daemon| daemon.silent_for(self.moment.monotonic, self.interval).is_none());
        answered.filter_map(|it| Some((it.daemon?, it.answers.as_ref()?.status.clone()))).collect()
    }

    /// How well all of them are.
    #[must_use]
    pub fn state(&self) -> State {
        self.servers.iter().map(Server::state).max().unwrap_or(State::Unknown)
    }
}
