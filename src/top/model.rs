//! All servers, and what has happened to them.

use std::path::PathBuf;
use std::time::Duration;

use super::clients::Clients;
use super::daemon::{DaemonState, Word, is_out};
use super::event::{Event, Events, Severity};
use super::host::{self, HostLook, Seen};
use crate::config::Daemon;
use crate::health::State;
use crate::health::kea::answer::Status;
use crate::health::kea::facts::Host;
use crate::health::kea::{self, Thresholds};
use crate::health::pools::Row;
use crate::stats::reading::{Load, Moment, Reading};

/// What is to be said of a server that is not running and need not be.
pub const IDLE: &str = "no daemon of Kea runs here, and nothing shows that one should: no enabled unit, no keactrl.conf that \
    starts it, no pid file";

/// Servers that are watched.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// The servers, in the order in which they were named.
    pub servers: Vec<Server>,
    /// The server of each place that is asked.
    places: Vec<usize>,
    /// The configuration file of each place, where it is known.
    files: Vec<Option<PathBuf>>,
    /// What has happened.
    pub events: Events,
    /// What clients were given.
    pub clients: Clients,
    /// How busy this host is, if it is one of the servers.
    pub load: Load,
    /// When the first answer or failure was taken, in seconds since 1970: what was so before is no event.
    pub began: Option<i64>,
    /// The time.
    pub moment: Moment,
    /// The time between two questions.
    pub interval: Duration,
    /// Whether names and addresses are hidden.
    pub is_private: bool,
}

/// A server: one or more daemons.
#[derive(Debug, Clone, Default)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Whether it is the host that this program runs on.
    pub is_this_host: bool,
    /// Its partner in high availability, by the name that the file of servers gives it.
    pub pair: Option<String>,
    /// Its daemons, each with the place that is asked.
    daemons: Vec<(usize, DaemonState)>,
}

impl Server {
    /// Its daemons.
    pub fn daemons(&self) -> impl Iterator<Item = &DaemonState> {
        self.daemons.iter().map(|(_, daemon)| daemon)
    }

    /// Its daemons that run or should; of a server where none does, all.
    pub fn used_daemons(&self) -> impl Iterator<Item = &DaemonState> {
        let is_idle = self.is_idle();
        self.daemons().filter(move |daemon| is_idle || !daemon.is_idle())
    }

    /// The daemon of this number.
    #[must_use]
    pub fn daemon(&self, index: usize) -> Option<&DaemonState> {
        self.daemons.get(index).map(|(_, daemon)| daemon)
    }

    /// The worst that is said of one of its daemons or of their pools, and how bad that is.
    #[must_use]
    pub fn word(&self) -> Word {
        if self.is_idle() {
            return ("not running", State::Unknown);
        }
        let words = self.daemons().map(DaemonState::word).chain(self.daemons().filter_map(DaemonState::pools_word));
        // One that serves no client does not serve those of a full pool either.
        let badness = |word: Word| (is_out(word), word.1);
        let worst = words.reduce(|worst, word| {
            let state = worst.1.max(word.1);
            (if badness(word) > badness(worst) { word.0 } else { worst.0 }, state)
        });
        worst.unwrap_or(("no answer yet", State::Unknown))
    }

    /// Whether none of its daemons runs, and nothing says that one should.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.daemons().next().is_some() && self.daemons().all(DaemonState::is_idle)
    }

    /// How well it and its pools are.
    #[must_use]
    pub fn state(&self) -> State {
        self.word().1
    }

    /// The pool that is nearest to being full: its daemon's number and its row.
    #[must_use]
    pub fn worst_pool(&self) -> Option<(usize, Row)> {
        let share = |row: &Row| row.offer.used_percent().unwrap_or(-1.0);
        let first = |daemon: &DaemonState| daemon.row(daemon.rows.iter().position(|row| row.state().is_some())?);
        let firsts = self.daemons().enumerate().filter_map(|(index, daemon)| Some((index, first(daemon)?)));
        firsts.reduce(|worst, other| {
            let is_worse = (other.1.state, share(&other.1)) > (worst.1.state, share(&worst.1));
            if is_worse { other } else { worst }
        })
    }

    /// When a daemon has answered last of those that answered longest ago.
    #[must_use]
    pub fn answered(&self) -> Option<Duration> {
        self.daemons().filter_map(|daemon| daemon.answered).min()
    }

    /// For how long one of its daemons that run or should has not answered.
    #[must_use]
    pub fn silent_for(&self, now: Duration, interval: Duration) -> Option<Duration> {
        self.used_daemons().filter_map(|daemon| daemon.silent_for(now, interval)).max()
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
            model.servers[server].daemons.push((place, DaemonState::new(daemon, None)));
            model.places.push(server);
        }
        model
    }

    /// The same, where these are the configuration files of the places, as far as they are known: by them the daemons that the host
    /// shows are recognised.
    #[must_use]
    pub fn with_files(self, files: Vec<Option<PathBuf>>) -> Self {
        let local: Vec<usize> = (0..files.len()).filter(|place| files[*place].is_some()).collect();
        Self { files, ..self }.with_local(&local)
    }

    /// The same, where these are the names of the partners of the servers at the places, as far as a file of servers says.
    #[must_use]
    pub fn with_pairs(mut self, pairs: Vec<Option<String>>) -> Self {
        for (server, pair) in self.places.iter().zip(pairs) {
            self.servers[*server].pair = pair.or(self.servers[*server].pair.take());
        }
        self
    }

    /// The same, where the daemons at these places are on this host, which will show whether they run.
    #[must_use]
    pub fn with_local(mut self, local: &[usize]) -> Self {
        for (place, daemon) in self.servers.iter_mut().flat_map(|server| &mut server.daemons) {
            daemon.await_host(local.contains(place));
        }
        self
    }

    /// This host shows nothing.
    pub fn without_host(&mut self) {
        let daemons = self.servers.iter_mut().flat_map(|server| &mut server.daemons);
        daemons.for_each(|(_, daemon)| daemon.await_host(false));
    }

    /// The time has come so far.
    pub fn tick(&mut self, moment: Moment) {
        self.moment = moment;
    }

    /// What is said of a server in a word at this moment, and how bad that is: an answer may be overdue.
    #[must_use]
    pub fn word(&self, server: &Server) -> Word {
        let word = server.word();
        let is_late = || server.silent_for(self.moment.monotonic, self.interval).is_some();
        let had_answered = server.used_daemons().all(|daemon| daemon.answered.is_some() && daemon.trouble.is_none());
        if !is_out(word) && had_answered && is_late() { ("no answer", State::Critical) } else { word }
    }

    /// Takes what the daemons of a place have answered.
    pub fn take(&mut self, place: usize, moment: Moment, readings: Vec<Reading>) {
        let Some(server) = self.places.get(place).copied() else { return };
        self.began = self.began.or(Some(moment.now));
        let daemons = &mut self.servers[server].daemons;
        let mut old: Vec<DaemonState> = Vec::new();
        let at = daemons.iter().position(|(it, _)| *it == place).unwrap_or(daemons.len());
        while daemons.get(at).is_some_and(|(it, _)| *it == place) {
            old.push(daemons.remove(at).1);
        }
        // A daemon that is found where none answered before is news.
        let asked = old.iter().find_map(DaemonState::asked);
        let mut happened: Vec<(Severity, String)> = Vec::new();
        let round = readings.iter().map(|reading| reading.took).sum();
        let mut answered = moment;
        for (index, mut reading) in readings.into_iter().enumerate() {
            // They are asked one after the other.
            answered.monotonic = answered.monotonic.saturating_add(reading.took);
            if let Some(answers) = &mut reading.answers {
                self.clients.add(server, moment.now, &std::mem::take(&mut answers.given));
            }
            let known = old.iter().position(|daemon| daemon.daemon == reading.daemon);
            let mut daemon = match known {
                Some(known) => old.swap_remove(known),
                None => DaemonState::new(reading.daemon, asked),
            };
            happened.extend(daemon.take(reading, answered, round));
            daemons.insert(at + index, (place, daemon));
        }
        for (severity, text) in happened {
            self.events.add(Event { at: moment.now, severity, server, text });
        }
    }

    /// Takes what this host shows of the daemons with a configuration here, and returns what that says; `files` are the
    /// configuration files of its instances.
    pub fn take_host(&mut self, moment: Moment, host: &Host, files: &[Option<PathBuf>], load: Load) -> HostLook {
        let judgements = kea::evaluate(host, &Thresholds::default(), moment.now);
        let all: Vec<_> = host.instances.iter().zip(&judgements).zip(files).collect();
        let mut daemons = Vec::new();
        for (place, daemon) in self.servers.iter().flat_map(|server| &server.daemons) {
            let Some(file) = self.files.get(*place).and_then(Option::as_ref) else { continue };
            let found = host::find(&all, daemon.daemon, file);
            daemons.push(Seen::new(*place, daemon.daemon, found, moment.now));
        }
        let look = HostLook { load, daemons: Some(daemons) };
        self.take_look(moment, &look);
        look
    }

    /// Takes what a look at this host has shown.
    pub fn take_look(&mut self, moment: Moment, look: &HostLook) {
        self.load = look.load;
        let mut happened = Vec::new();
        for seen in look.daemons.iter().flatten() {
            let Some(server) = self.places.get(seen.place).copied() else { continue };
            let is_it = |(place, it): &&mut (usize, DaemonState)| *place == seen.place && it.daemon == seen.daemon;
            let Some((_, daemon)) = self.servers[server].daemons.iter_mut().find(is_it) else { continue };
            let news = daemon.take_host(seen, moment.monotonic);
            happened.extend(news.into_iter().map(|news| (server, news)));
            self.servers[server].is_this_host = true;
        }
        for (server, (severity, text)) in happened {
            self.events.add(Event { at: moment.now, severity, server, text });
        }
    }

    /// Whether the configuration of a daemon is on this host.
    #[must_use]
    pub fn has_local_daemons(&self) -> bool {
        self.files.iter().any(Option::is_some)
    }

    /// What the daemons with a configuration on this host have answered to the last question.
    #[must_use]
    pub fn statuses(&self) -> Vec<(Daemon, Status)> {
        let is_local = |place: &usize| self.files.get(*place).is_some_and(Option::is_some);
        let daemons = self.servers.iter().flat_map(|server| &server.daemons);
        let local = daemons.filter(|(place, _)| is_local(place)).map(|(_, daemon)| daemon);
        let answered = local.filter(|daemon| daemon.silent_for(self.moment.monotonic, self.interval).is_none());
        answered.filter_map(|it| Some((it.daemon?, it.answers.as_ref()?.status.clone()))).collect()
    }

    /// The last rate of these counters of all daemons of a server together, as far as they answer.
    #[must_use]
    pub fn rate(&self, server: &Server, names: &[&str]) -> Option<f64> {
        let answering = server.daemons().filter(|daemon| self.is_answering(daemon));
        answering.filter_map(|daemon| daemon.meters.rate(names)).reduce(|sum, rate| sum + rate)
    }

    /// Whether the answers of a daemon come in time.
    pub(super) fn is_answering(&self, daemon: &DaemonState) -> bool {
        daemon.silent_for(self.moment.monotonic, self.interval).is_none()
    }

    /// How well all of them are at this moment.
    #[must_use]
    pub fn state(&self) -> State {
        self.servers.iter().map(|server| self.word(server).1).max().unwrap_or(State::Unknown)
    }
}
