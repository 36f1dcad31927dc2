//! One address, and the daemons that answer there.

use std::time::Duration;

use super::asked::reason;
use super::daemon::{Turn, Watched};
use super::identify::identify;
use super::login::Login;
use super::{Moment, PollOptions, ServerEndpoint, budget::BackOff};
use crate::config::Daemon;
use crate::control::{Address, Channel, Credentials, Deadline, Limits, Stopwatch};
use crate::error::Result;
use crate::fs::version::FileVersion;
use crate::stats::reading::{NO_AGENT, NO_TIME, Reading};

/// More than any answer: that of a server with some ten thousand subnets has 10 MB.
const LARGEST: u64 = 64 << 20;

/// Why a daemon without a socket does not answer.
const ABSENT: &str = "no_socket";

/// Asks the daemons at one place.
#[derive(Debug)]
pub(super) struct Poller {
    place: ServerEndpoint,
    /// One for each address; none until password and certificates were read.
    channels: Vec<Channel>,
    /// What they were read from.
    secrets: Secrets,
    /// The channel that has answered.
    used: usize,
    /// Empty until the place has answered.
    daemons: Vec<Watched>,
    /// Which of them is asked first: the one for which the last round had no time.
    first: usize,
    back_off: BackOff,
    trouble: Option<&'static str>,
    cause: Option<String>,
}

/// The time of a round.
#[derive(Debug, Clone, Copy)]
struct RoundTime {
    /// What has passed of it.
    watch: Stopwatch,
    /// When it ends.
    deadline: Deadline,
    /// How much it had when the first daemon was asked.
    round: Duration,
}

/// What a server is asked with, as files have it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Secrets {
    credentials: Option<Credentials>,
    /// Those of certificates and keys.
    versions: Vec<Option<FileVersion>>,
}

impl Poller {
    /// Nothing is read and connected yet.
    pub(super) fn new(place: ServerEndpoint) -> Self {
        let is_local = matches!(place.addresses.first(), Some(Address::Unix(_)));
        let daemons = place
            .daemon
            .map(|daemon| Watched::new(daemon, false, is_local, place.config.clone()))
            .into_iter()
            .collect();
        Self {
            place,
            channels: Vec::new(),
            secrets: Secrets::default(),
            used: 0,
            daemons,
            first: 0,
            back_off: BackOff::default(),
            trouble: None,
            cause: None,
        }
    }

    /// Reads password and certificates if they are others than before. What was read before is used as long as they cannot be read.
    fn prepare(&mut self) -> Result<()> {
        match self.place.secrets() {
            Ok(secrets) if !self.channels.is_empty() && secrets == self.secrets => return Ok(()),
            Ok(secrets) => match self.place.channels(secrets.credentials.as_ref()) {
                Ok(channels) => (self.channels, self.secrets) = (channels, secrets),
                Err(error) if self.channels.is_empty() => return Err(error),
                Err(_) => return Ok(()),
            },
            Err(error) if self.channels.is_empty() => return Err(error),
            Err(_) => return Ok(()),
        }
        self.back_off.succeed();
        self.daemons.iter_mut().for_each(Watched::retry);
        Ok(())
    }

    /// What is known of its daemons before they answer; nothing of one that need not run.
    pub(super) fn before(&self) -> Vec<Reading> {
        if self.place.is_optional { Vec::new() } else { self.explained(vec![self.unanswered(Duration::ZERO)]) }
    }

    fn unanswered(&self, took: Duration) -> Reading {
        let server = self.place.server.clone();
        let (trouble, cause) = (self.trouble, self.cause.clone());
        Reading { server, daemon: self.guess(), took, trouble, cause, answers: None }
    }

    /// Asks everything. One that need not run, and does not, has no reading.
    pub(super) fn poll(&mut self, moment: Moment, deadline: Deadline, wanted: PollOptions) -> Vec<Reading> {
        let mut readings = self.ask(moment, deadline, wanted);
        self.place.is_optional &= readings.iter().all(is_absent);
        if self.place.is_optional {
            readings.clear();
        }
        self.explained(readings)
    }

    /// The readings with what is wrong with the configuration: where that hides the socket, it is why there is no answer.
    fn explained(&self, mut readings: Vec<Reading>) -> Vec<Reading> {
        let Some(fault) = &self.place.fault else { return readings };
        for reading in &mut readings {
            if is_absent(reading) || (reading.answers.is_none() && reading.trouble.is_none()) {
                (reading.trouble, reading.cause) = (Some(fault.reason), Some(fault.cause.clone()));
            }
            if let Some(answers) = &mut reading.answers {
                answers.files.config_fault = Some(fault.reason);
            }
        }
        readings
    }

    fn ask(&mut self, moment: Moment, deadline: Deadline, wanted: PollOptions) -> Vec<Reading> {
        let watch = Stopwatch::start();
        if self.place.addresses.is_empty() {
            self.trouble = Some(ABSENT);
            return vec![self.unanswered(Duration::ZERO)];
        }
        if let Err(error) = self.prepare() {
            (self.trouble, self.cause) = (Some("unreadable"), Some(error.to_string()));
            return vec![self.unanswered(Duration::ZERO)];
        }
        self.choose_socket();
        let deadline = self.place.timeout.map_or(deadline, |timeout| deadline.within(timeout));
        let time = RoundTime { watch, deadline, round: deadline.left().unwrap_or_default() };
        if self.daemons.is_empty()
            && let Err(reading) = self.identify(moment, deadline, wanted.longest_wait)
        {
            return vec![reading];
        }
        self.ask_daemons(moment, time, wanted)
    }

    /// Asks its daemons one after the other.
    fn ask_daemons(&mut self, moment: Moment, time: RoundTime, wanted: PollOptions) -> Vec<Reading> {
        let RoundTime { watch, deadline, round } = time;
        let channel = &self.channels[self.used];
        let count = self.daemons.len();
        let mut readings = Vec::with_capacity(count);
        for turn in 0..count {
            let index = (self.first + turn) % count;
            let fair = round / u32::try_from(count).unwrap_or(u32::MAX);
            let turn = Turn { watch, deadline: deadline.share(count - turn), round, fair };
            let reading = self.daemons[index].poll(channel, moment, turn, wanted);
            readings.push((index, Reading { server: self.place.server.clone(), ..reading }));
        }
        let has_waited = |(_, reading): &&(usize, Reading)| reading.trouble == Some(NO_TIME);
        self.first = readings.iter().find(has_waited).map_or(0, |(index, _)| *index);
        readings.sort_by_key(|(index, _)| *index);
        let readings = readings.into_iter().map(|(_, reading)| reading).collect();
        if self.daemons.iter().any(Watched::is_forwarded) { behind_agent(readings) } else { readings }
    }

    /// A unix socket may be in one of several directories.
    fn choose_socket(&mut self) {
        let exists = |address: &Address| matches!(address, Address::Unix(path) if path.exists());
        if let Some(present) = self.place.addresses.iter().position(exists) {
            self.used = present;
        }
    }

    /// Finds out which daemons there are, or returns that none answers.
    fn identify(
        &mut self,
        moment: Moment,
        deadline: Deadline,
        longest_wait: Duration,
    ) -> std::result::Result<(), Reading> {
        let watch = Stopwatch::start();
        if self.back_off.allows(moment.monotonic) {
            match identify(&self.channels[self.used], &self.place.services, self.place.guess(), deadline) {
                Ok(found) => {
                    let is_local = matches!(self.place.addresses[self.used], Address::Unix(_));
                    let watched = |(daemon, is_forwarded)| Watched::new(daemon, is_forwarded, is_local, None);
                    self.daemons = found.into_iter().map(watched).collect();
                    return Ok(());
                }
                Err(failure) => {
                    self.back_off.fail(moment.monotonic, longest_wait);
                    self.trouble = Some(reason(&failure.trouble));
                    self.cause = Some(failure.to_string());
                }
            }
        }
        Err(self.unanswered(watch.time()))
    }

    /// Which daemon it may be.
    fn guess(&self) -> Option<Daemon> {
        let is_web = matches!(self.place.addresses.first(), Some(Address::Web(_)));
        self.place.guess().or(is_web.then_some(Daemon::CtrlAgent))
    }
}

impl ServerEndpoint {
    /// What it is asked with now.
    fn secrets(&self) -> Result<Secrets> {
        let credentials = self.login.as_ref().map(Login::read).transpose()?;
        let webs = self.addresses.iter().filter_map(|address| match address {
            Address::Web(web) => web.tls.as_ref(),
            Address::Unix(_) => None,
        });
        let files = webs.flat_map(|tls| [&tls.trust_anchor, &tls.cert_file, &tls.key_file].into_iter().flatten());
        Ok(Secrets { credentials, versions: files.map(|file| FileVersion::of(file)).collect() })
    }

    /// A client for each of its addresses. Certificates are read; nothing is connected yet.
    fn channels(&self, credentials: Option<&Credentials>) -> Result<Vec<Channel>> {
        let limits = Limits { octets: LARGEST, ..Limits::default() };
        let channel = |address: &Address| {
            let mut address = address.clone();
            if let (Address::Web(web), Some(credentials)) = (&mut address, credentials) {
                web.credentials = Some(credentials.clone());
            }
            Channel::new(address, limits)
        };
        self.addresses.iter().map(channel).collect()
    }
}

/// Why a Control Agent does not answer, so that nothing is known of the daemons that are asked through it.
const SILENT: [&str; 4] = ["timeout", "connection_refused", "connection_lost", "unreachable"];

/// The daemons of a Control Agent. If it does not answer either, that is why they do not.
fn behind_agent(mut readings: Vec<Reading>) -> Vec<Reading> {
    let is_agent = |reading: &&Reading| reading.daemon == Some(Daemon::CtrlAgent);
    let is_silent = |it: &Reading| it.answers.is_none() && it.trouble.is_some_and(|trouble| SILENT.contains(&trouble));
    let agent = readings.iter().find(is_agent);
    if !agent.is_some_and(is_silent) {
        return readings;
    }
    let is_behind = |reading: &&mut Reading| reading.daemon != Some(Daemon::CtrlAgent) && is_silent(reading);
    for reading in readings.iter_mut().filter(is_behind) {
        reading.trouble = Some(NO_AGENT);
    }
    readings
}

/// Whether nothing listens there.
fn is_absent(reading: &Reading) -> bool {
    reading.answers.is_none() && matches!(reading.trouble, Some(ABSENT | "connection_refused"))
}
