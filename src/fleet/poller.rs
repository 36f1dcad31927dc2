//! One address, and the daemons that answer there.

use std::time::Duration;

use super::asked::reason;
use super::daemon::Watched;
use super::identify::identify;
use super::login::Login;
use super::{Moment, ServerEndpoint, Wanted, budget::BackOff};
use crate::config::Daemon;
use crate::control::{Address, Channel, Credentials, Deadline, Limits, Stopwatch};
use crate::error::Result;
use crate::fs::version::FileVersion;
use crate::stats::reading::Reading;

/// More than any answer: that of a server with some ten thousand subnets has 10 MB.
const LARGEST: u64 = 64 << 20;

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
    back_off: BackOff,
    trouble: Option<&'static str>,
    cause: Option<String>,
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
        if self.place.is_optional { Vec::new() } else { vec![self.unanswered(Duration::ZERO)] }
    }

    fn unanswered(&self, took: Duration) -> Reading {
        let server = self.place.server.clone();
        let (trouble, cause) = (self.trouble, self.cause.clone());
        Reading { server, daemon: self.guess(), took, trouble, cause, answers: None }
    }

    /// Asks everything. One that need not run, and does not, has no reading.
    pub(super) fn poll(&mut self, moment: Moment, deadline: Deadline, wanted: Wanted) -> Vec<Reading> {
        let mut readings = self.ask(moment, deadline, wanted);
        self.place.is_optional &= readings.iter().all(is_absent);
        if self.place.is_optional {
            readings.clear();
        }
        readings
    }

    fn ask(&mut self, moment: Moment, deadline: Deadline, wanted: Wanted) -> Vec<Reading> {
        if let Err(error) = self.prepare() {
            (self.trouble, self.cause) = (Some("unreadable"), Some(error.to_string()));
            return vec![self.unanswered(Duration::ZERO)];
        }
        self.choose_socket();
        let deadline = self.place.timeout.map_or(deadline, |timeout| deadline.within(timeout));
        if self.daemons.is_empty()
            && let Err(reading) = self.identify(moment, deadline, wanted.longest_wait)
        {
            return vec![reading];
        }
        let channel = &self.channels[self.used];
        let count = self.daemons.len();
        let readings = self.daemons.iter_mut().enumerate().map(|(index, daemon)| {
            let share = deadline.share(count - index);
            Reading { server: self.place.server.clone(), ..daemon.poll(channel, moment, share, wanted) }
        });
        readings.collect()
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

/// Whether nothing listens there.
fn is_absent(reading: &Reading) -> bool {
    reading.answers.is_none() && matches!(reading.trouble, Some("no_socket" | "connection_refused"))
}
