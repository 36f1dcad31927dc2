//! One daemon: what is asked each time, and what is remembered from time to time.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::asked::{Asked, modified};
use super::budget::{BackOff, Budget};
use super::configuration::{Read, apart, document, has_size, redacted};
use super::leases::Counted;
use super::span::{self, ROUNDING, TimeSpan};
use super::{Moment, PollOptions};
use crate::config::model::Backend;
use crate::config::{Daemon, Sieve};
use crate::control::{Answer, Channel, Deadline, Stopwatch};
use crate::family::Family;
use crate::fs::version::FileVersion;
use crate::health::kea::answer::Status;
use crate::stats::names::few;
use crate::stats::reading::{Answers, NO_TIME, Reading, Skipped, Subject};
use crate::stats::snapshot::Statistics;
use crate::usage::{Layout, declined_is_apart};

/// How long a server with 5,000 subnets, or less, takes for each of them to report all statistics.
const OF_A_SUBNET: Duration = Duration::from_micros(400);

/// Clients notice if a server does nothing else for longer than this.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A server whose shortest answer takes longer is far away: not its time, but that on the way decides how long a round takes.
const FAR: Duration = Duration::from_millis(20);

/// A server that is far away is asked for all statistics so many times more often than others, as asking one by one takes longer.
const FACTOR_OF_FAR: u32 = 20;

/// A server with more subnets takes a while to report its configuration.
const MANY_SUBNETS: usize = 500;

/// A daemon that is asked again and again.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(super) struct Watched {
    daemon: Daemon,
    is_forwarded: bool,
    /// Whether it runs on this host.
    is_local: bool,
    /// Its configuration file, if that is known.
    config_file: Option<PathBuf>,
    back_off: BackOff,
    trouble: Option<&'static str>,
    /// The same in a sentence.
    cause: Option<String>,
    /// The shortest time of status-get so far, which is spent on the way.
    on_the_way: Duration,
    /// What is true until it starts again.
    life: Option<Life>,
    /// The commands that it knows; empty if it does not say.
    commands: Arc<BTreeSet<String>>,
    /// Whether it has answered before.
    is_known: bool,
    /// When it last loaded its configuration, and what that says.
    loaded: Option<TimeSpan>,
    layout: Option<Arc<Layout>>,
    /// After this moment it is read once more: when it was read, the server may just have loaded it again.
    again: Option<i64>,
    /// The file that it was read from, if that includes no other.
    read_from: Option<FileVersion>,
    /// The subnets that it counted at the first count after that.
    counted: Vec<u32>,
    backend: Option<Backend>,
    /// The configuration without its secrets, if it is kept.
    kept: Option<Arc<str>>,
    config: Budget,
    no_config: &'static str,
    /// All statistics as they were when that was last asked for.
    older: Arc<Statistics>,
    all: Budget,
    /// The counts that were asked for last.
    latest: Option<Latest>,
    refuses_few: bool,
    refuses_all: bool,
    leases: Counted,
}

/// The time that a daemon has in a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// The time since it was to be asked.
    pub(super) watch: Stopwatch,
    /// When it ends.
    pub(super) deadline: Deadline,
    /// The time of all of them, ...
    pub(super) round: Duration,
    /// ... and an equal part of it.
    pub(super) fair: Duration,
}

impl Turn {
    /// The same in a sentence.
    fn too_short(&self, channel: &Channel, left: Duration) -> String {
        let (place, left, round) = (channel.address().place(), left.as_secs_f64(), self.round.as_secs_f64());
        format!(
            "{place}: the time of this round was used up: {left:.1} of {round:.1} s were left for it, and brought no answer \
             (the way there is slow, or another daemon there is; whether it answers is not known)"
        )
    }
}

/// What is true of a daemon until it starts again.
#[derive(Debug)]
struct Life {
    pid: Option<i64>,
    started: Option<TimeSpan>,
    version: Option<String>,
}

/// Counts of a daemon, which are asked for again after a pause.
#[derive(Debug)]
struct Latest {
    /// When they were asked for.
    at: Duration,
    statistics: Arc<Statistics>,
    skipped: Option<Skipped>,
    /// How long it took to ask for them one by one, if they were.
    took: Duration,
}

impl Watched {
    pub(super) fn new(daemon: Daemon, is_forwarded: bool, is_local: bool, config_file: Option<PathBuf>) -> Self {
        Self {
            daemon,
            is_forwarded,
            is_local,
            config_file,
            back_off: BackOff::default(),
            trouble: None,
            cause: None,
            on_the_way: Duration::MAX,
            life: None,
            commands: Arc::default(),
            is_known: false,
            loaded: None,
            layout: None,
            again: None,
            read_from: None,
            counted: Vec::new(),
            backend: None,
            kept: None,
            config: Budget::new(100, Duration::from_secs(60)),
            no_config: "",
            older: Arc::default(),
            all: Budget::new(100, Duration::ZERO),
            latest: None,
            refuses_few: false,
            refuses_all: false,
            leases: Counted::new(),
        }
    }

    /// Whether it is asked through a Control Agent.
    pub(super) fn is_forwarded(&self) -> bool {
        self.is_forwarded
    }

    /// Asks it again at once, also for what it has refused: the password or a certificate is another now.
    pub(super) fn retry(&mut self) {
        self.back_off.succeed();
        (self.refuses_few, self.refuses_all) = (false, false);
    }

    /// Asks everything that is due.
    pub(super) fn poll(&mut self, channel: &Channel, moment: Moment, turn: Turn, wanted: PollOptions) -> Reading {
        let watch = Stopwatch::start();
        let answers = self.answers(channel, moment, turn, wanted);
        Reading {
            server: None,
            daemon: Some(self.daemon),
            took: watch.time(),
            trouble: self.trouble,
            cause: self.cause.clone(),
            answers: answers.map(Box::new),
        }
    }

    fn answers(&mut self, channel: &Channel, moment: Moment, turn: Turn, wanted: PollOptions) -> Option<Answers> {
        if !self.back_off.allows(moment.monotonic) {
            return None;
        }
        let mut asked = Asked {
            channel,
            daemon: self.daemon,
            is_forwarded: self.is_forwarded,
            moment,
            deadline: turn.deadline,
            commands: Arc::clone(&self.commands),
        };
        let (left, watch) = (turn.deadline.left().unwrap_or_default(), Stopwatch::start());
        let status = match asked.status() {
            Ok(status) => status,
            Err(refusal) if refusal.reason() == "timeout" && left < turn.fair / 2 => {
                self.trouble = Some(NO_TIME);
                self.cause = Some(turn.too_short(channel, left));
                return None;
            }
            Err(refusal) => {
                self.back_off.fail(moment.monotonic, wanted.longest_wait);
                self.trouble = Some(refusal.reason());
                self.cause = Some(refusal.cause());
                return None;
            }
        };
        self.on_the_way = self.on_the_way.min(watch.time());
        self.back_off.succeed();
        (self.trouble, self.cause) = (None, None);
        let answered = moment.now.saturating_add(i64::try_from(turn.watch.time().as_secs()).unwrap_or(0));
        self.follow(&status, answered, &asked);
        asked.commands = Arc::clone(&self.commands);
        let mut answers = Answers { at: answered, status, ..Answers::default() };
        answers.version = self.life.as_ref().and_then(|life| life.version.clone());
        self.count(&asked, wanted, &mut answers);
        self.count_leases(&asked, wanted, &mut answers);
        if let Some(family) = self.daemon.family().filter(|_| wanted.follow) {
            answers.given = self.leases.given(family);
        }
        answers.config.clone_from(&self.kept);
        answers.files = self.leases.files();
        answers.files.config_modified = self.config_file.as_deref().and_then(modified);
        Some(answers)
    }

    /// Asks for what is counted, and for the configuration if it is not known.
    fn count(&mut self, asked: &Asked<'_>, wanted: PollOptions, answers: &mut Answers) {
        let now = asked.moment.monotonic;
        let waits = self.waits_for_all(now);
        let is_fresh = |latest: &Latest| waits || now < latest.at + wanted.pause.max(latest.took * 2);
        let has_subnets = self.daemon.family().is_some() && wanted.subnets;
        let is_unknown = has_subnets && self.layout.is_none() && self.config.allows(now);
        // Statistics of before say nothing of a configuration that is read now.
        let counts =
            (is_unknown || !self.latest.as_ref().is_some_and(is_fresh)).then(|| self.lease_counts(asked, wanted));
        if has_subnets {
            self.configure(asked, counts.as_ref(), wanted, answers);
        }
        if let Some(counts) = counts {
            self.latest = Some(self.statistics(asked, &counts));
        }
        let Some(latest) = &self.latest else { return };
        answers.counted = latest.at;
        answers.statistics = Arc::clone(&latest.statistics);
        answers.skipped.extend(latest.skipped);
        answers.backend = self.backend;
    }

    fn count_leases(&mut self, asked: &Asked<'_>, wanted: PollOptions, answers: &mut Answers) {
        let (Some(family), Some(layout)) = (self.daemon.family(), &self.layout) else { return };
        let known = answers.statistics.total_assigned(family);
        match self.leases.count(asked, family, layout, known, wanted) {
            Ok(usage) => (answers.usage, answers.leases_counted) = (Some(usage), self.leases.counted()),
            Err(reason) => answers.skipped.push(Skipped { what: Subject::Leases, reason }),
        }
    }

    /// Forgets what is no longer true. The status was answered at this time, in seconds since 1970.
    fn follow(&mut self, status: &Status, answered: i64, asked: &Asked<'_>) {
        let since = |ago: Option<i64>| ago.map(|ago| TimeSpan::ago(ago, asked.moment.now, answered));
        let (started, loaded) = (since(status.uptime), since(status.reload));
        let is_same = |life: &Life| life.pid == status.pid && span::is_same(life.started, started);
        if let Some(life) = self.life.as_mut().filter(|life| is_same(life)) {
            life.started = span::known(life.started, started);
        } else {
            self.older = Arc::default();
            self.latest = None;
            self.is_known = false;
            (self.refuses_few, self.refuses_all) = (false, false);
            self.all.reset();
            self.commands = asked.commands();
            self.life = Some(Life { pid: status.pid, started, version: asked.version() });
        }
        if self.is_known && span::is_same(self.loaded, loaded) {
            self.loaded = span::known(self.loaded, loaded);
            return;
        }
        (self.is_known, self.loaded) = (true, loaded);
        self.layout = None;
        self.latest = None;
        self.leases.clear();
        self.config.reset();
    }

    /// Reads the configuration if it is not known. `counts` are the leases of subnets, if they were counted now.
    fn configure(
        &mut self,
        asked: &Asked<'_>,
        counts: Option<&Statistics>,
        wanted: PollOptions,
        answers: &mut Answers,
    ) {
        let subnets = self.counted_subnets(asked, counts);
        if self.is_outdated(asked.moment, &subnets) {
            let watch = Stopwatch::start();
            // A configuration that is kept is the running one.
            let own = counts.filter(|_| !wanted.keep_configuration).and_then(|counts| self.own_file(counts));
            let (own, version) = own.unzip();
            match own.map_or_else(|| self.running_configuration(asked, wanted), |config| Ok((config, None))) {
                Ok((Read { config, layout }, kept)) => {
                    self.kept = kept;
                    self.read_from = version.flatten();
                    let settled = self.loaded.map(|loaded| loaded.latest.saturating_add(ROUNDING));
                    self.again = settled.filter(|settled| asked.moment.now <= *settled);
                    self.counted = counts.map(Statistics::subnets).unwrap_or_default();
                    self.backend = Some(config.server.lease_database.backend);
                    self.leases.configure(&config, self.is_local);
                    self.layout = Some(Arc::new(layout));
                }
                Err(reason) => self.no_config = reason,
            }
            self.config.spend(asked.moment.monotonic, watch.time());
        }
        answers.layout.clone_from(&self.layout);
        if self.layout.is_none() {
            answers.skipped.push(Skipped { what: Subject::Configuration, reason: self.no_config });
        }
    }

    /// The subnets that the server counts, of one kind of answer: others may have more, such as those that were removed. None if
    /// this was not asked since the configuration was read.
    fn counted_subnets(&self, asked: &Asked<'_>, leases: Option<&Statistics>) -> Vec<u32> {
        let has_leases = self.daemon.family().is_some_and(|family| asked.has(&lease_counts_of(family)));
        match leases {
            Some(counts) if has_leases => counts.subnets(),
            _ if !has_leases && self.all.is_as_late_as(&self.config) => self.older.subnets(),
            _ => Vec::new(),
        }
    }

    /// Whether the configuration is to be read: it is not known, was read when it may just have been loaded again, or since then
    /// subnets were added or removed.
    fn is_outdated(&mut self, moment: Moment, counted: &[u32]) -> bool {
        if self.layout.is_none() {
            return self.config.allows(moment.monotonic);
        }
        if self.again.is_some_and(|settled| moment.now > settled) && self.is_as_it_was_read() {
            self.again = None;
        }
        let was_early = self.again.is_some_and(|settled| moment.now > settled);
        if self.counted.is_empty() {
            self.counted = counted.to_vec();
        }
        let has_others = !counted.is_empty() && counted != self.counted;
        // Subnets may be added one after the other.
        let is_due = || self.config.at_least(Duration::ZERO).with_factor(20).allows(moment.monotonic);
        was_early || (has_others && is_due())
    }

    /// Whether the file that the configuration was read from is still the same.
    fn is_as_it_was_read(&self) -> bool {
        self.read_from.is_some() && self.read_from == self.config_file.as_deref().and_then(FileVersion::of)
    }

    /// The running configuration, and its text without secrets, if that is kept.
    fn running_configuration(
        &self,
        asked: &Asked<'_>,
        wanted: PollOptions,
    ) -> Result<(Read, Option<Arc<str>>), &'static str> {
        let get = |sieve| asked.configuration(sieve).map(Answer::into_raw).map_err(|refusal| refusal.reason());
        let (slim, text) = if wanted.keep_configuration {
            let whole = get(Sieve::of_secrets())?;
            (Sieve::for_pools().whole(&whole), redacted(whole))
        } else {
            (get(Sieve::for_pools_without_secrets())?, None)
        };
        let daemon = self.daemon;
        let read = apart(move || {
            // What was parsed is dropped before the layout is made.
            let config = document(slim).config(daemon).ok()?;
            Some(Read::new(config))
        });
        Ok((read.ok_or("unreadable")?, text))
    }

    /// The configuration file of a server on this host with many subnets, which would take a second to report them: if the server has
    /// loaded it since it was written, and counts the same subnets with the same sizes.
    fn own_file(&self, counts: &Statistics) -> Option<(Read, Option<FileVersion>)> {
        let ids = counts.subnets();
        let path = self.config_file.as_deref().filter(|_| ids.len() > MANY_SUBNETS)?;
        modified(path).zip(self.loaded).filter(|(modified, loaded)| *modified < loaded.earliest)?;
        let (daemon, version) = (self.daemon, FileVersion::of(path));
        let mut files = 0;
        let read = apart(|| {
            let (configs, count) = super::local::read_files(path).ok()?;
            files = count;
            configs.into_iter().find(|config| config.daemon == daemon).map(Read::new)
        })?;
        let layout = &read.layout;
        let mut configured: Vec<u32> = layout.subnets.iter().map(|subnet| subnet.id).collect();
        configured.sort_unstable();
        let is_it = configured == ids && layout.subnets.iter().all(|subnet| has_size(counts, layout, subnet));
        is_it.then_some((read, version.filter(|_| files == 1)))
    }

    /// Whether a server is so far away that asking for few statistics one by one takes longer than to wait until all may be asked for.
    fn waits_for_all(&self, now: Duration) -> bool {
        let is_quick = self.all.took().is_some_and(|took| took <= LONGEST_PAUSE);
        self.is_far() && is_quick && !self.refuses_all && !self.pace().allows(now)
    }

    fn is_far(&self) -> bool {
        self.on_the_way > FAR
    }

    /// How often it is asked for all statistics.
    fn pace(&self) -> Budget {
        if self.is_far() { self.all.with_factor(FACTOR_OF_FAR) } else { self.all }
    }

    /// The statistics, as fresh as they may be, and whether not all were asked for. `leases` are those of subnets.
    fn statistics(&mut self, asked: &Asked<'_>, leases: &Statistics) -> Latest {
        let subnets = self.layout.as_ref().map_or(0, |layout| layout.subnets.len()).max(leases.subnets().len());
        let expected = self.all.took().unwrap_or(OF_A_SUBNET * u32::try_from(subnets).unwrap_or(u32::MAX));
        let is_slow = expected > LONGEST_PAUSE;
        let at = asked.moment.monotonic;
        let is_due = !is_slow && self.pace().allows(at) && !self.refuses_all;
        if is_due && asked.has("statistic-get-all") && self.ask_all(asked) {
            return Latest { at, statistics: Arc::new(leases.over(&self.older)), skipped: None, took: Duration::ZERO };
        }
        let skipped = (is_slow || self.refuses_all)
            .then_some(Skipped { what: Subject::Statistics, reason: if is_slow { "slow" } else { "refused" } });
        let watch = Stopwatch::start();
        let few = if self.refuses_few { Statistics::default() } else { self.ask_few(asked) };
        Latest { at, statistics: Arc::new(few.over(leases).over(&self.older)), skipped, took: watch.time() }
    }

    /// Asks for all statistics; whether there is an answer.
    fn ask_all(&mut self, asked: &Asked<'_>) -> bool {
        let watch = Stopwatch::start();
        let answer = asked.send("statistic-get-all", None);
        // What the answer takes on the way keeps no client waiting.
        self.all.spend(asked.moment.monotonic, watch.time().saturating_sub(self.on_the_way));
        match answer {
            Ok(answer) => {
                let all = Statistics::parse(answer.raw());
                // Each server has some: of a damaged answer nothing is taken.
                let is_whole = !all.is_empty();
                if is_whole {
                    self.older = Arc::new(all);
                }
                is_whole
            }
            Err(refusal) => {
                self.refuses_all |= refusal.is_final();
                false
            }
        }
    }

    /// Asks for the statistics that change most, one by one.
    fn ask_few(&mut self, asked: &Asked<'_>) -> Statistics {
        let mut found = Statistics::default();
        for name in few(self.daemon) {
            match asked.send("statistic-get", Some(json!({ "name": name }))) {
                Ok(answer) => found = found.over(&Statistics::parse(answer.raw())),
                Err(refusal) => {
                    self.refuses_few |= refusal.is_final();
                    break;
                }
            }
        }
        found
    }

    /// How many leases each subnet has.
    fn lease_counts(&self, asked: &Asked<'_>, wanted: PollOptions) -> Statistics {
        let Some(family) = self.daemon.family().filter(|_| wanted.subnets) else { return Statistics::default() };
        let command = lease_counts_of(family);
        if !asked.has(&command) {
            return Statistics::default();
        }
        let Ok(answer) = asked.send(&command, None) else { return Statistics::default() };
        let version = self.life.as_ref().and_then(|life| life.version.as_deref()).unwrap_or_default();
        Statistics::parse_leases(answer.raw(), family, declined_is_apart(version))
    }
}

/// The command for the number of leases in each subnet.
fn lease_counts_of(family: Family) -> String {
    format!("stat-lease{}-get", family.digit())
}
