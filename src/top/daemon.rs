//! A daemon, what it has answered, and what that means.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::event::Severity;
use super::host::{Seen, is_silent};
use super::looks::Looks;
use super::pool_row::PoolRow;
use super::rate::Meters;
use crate::config::Daemon;
use crate::health::State;
use crate::health::kea::facts::LogLine;
use crate::health::kea::{self, Finding, Judgement, Verdict};
use crate::health::pools::{self, Limits, Row};
use crate::stats::reading::{Answers, BAD_CONFIGURATION, Moment, NO_AGENT, NO_TIME, Reading};
use crate::usage::{Layout, LayoutPlace, Level, ResourceKind, Usage};

/// A daemon that is watched.
#[derive(Debug, Clone, Default)]
pub struct DaemonState {
    /// Which daemon; `None` if it has never answered and its address does not say.
    pub daemon: Option<Daemon>,
    /// Why it does not answer, in one word.
    pub trouble: Option<&'static str>,
    /// The same in a sentence.
    pub cause: Option<String>,
    /// When it was asked first.
    asked: Option<Duration>,
    /// Since when it does not answer.
    failed: Option<Duration>,
    /// How long the last round of questions took that it was asked in.
    round: Duration,
    /// When it has last answered.
    pub answered: Option<Duration>,
    /// Its last answers.
    pub answers: Option<Box<Answers>>,
    /// How full its pools are, the worst first.
    pub rows: Vec<PoolRow>,
    /// The same in a word.
    pools: Option<Word>,
    /// What its answer to status-get says of it.
    judgement: Option<Judgement>,
    /// What its host shows of it.
    seen: Option<Seen>,
    /// When its host was looked at.
    looked: Option<Duration>,
    /// Whether it is still to be seen whether it runs: its host will show that.
    awaits_host: bool,
    /// The errors that its log had, by their ids.
    logged: BTreeSet<Box<str>>,
    /// How fast its counters grow.
    pub meters: Meters,
    /// What was free earlier.
    pub looks: Looks,
}

/// Something that is said of a daemon or server in a word, and how bad that is.
pub type Word = (&'static str, State);

/// Whether a word says that clients are not served, whatever else may be said.
pub(super) fn is_out((word, state): Word) -> bool {
    let serves =
        ["serving", "pool full", "pools low", "pools unknown", "no pool", "warning", "critical", "reload failed"];
    state >= State::Warning && !serves.contains(&word)
}

impl DaemonState {
    /// A daemon that was asked first at this moment; `None` if it was not asked yet.
    pub(super) fn new(daemon: Option<Daemon>, asked: Option<Duration>) -> Self {
        Self { daemon, asked, ..Self::default() }
    }

    /// Which daemon it is, by its name.
    #[must_use]
    pub fn daemon_name(&self) -> Option<&'static str> {
        self.daemon.map(Daemon::name)
    }

    /// Since when it is asked.
    pub(super) fn asked(&self) -> Option<Duration> {
        self.asked
    }

    /// Takes what it has answered by this moment, in a round of questions that took so long, and returns what has happened since the
    /// last time: nothing the first time, when everything may have been so before.
    pub(super) fn take(&mut self, reading: Reading, moment: Moment, round: Duration) -> Vec<(Severity, String)> {
        self.round = round;
        if reading.trouble == Some(NO_TIME) && self.answered.is_some() {
            // Its turn comes in the next round.
            return Vec::new();
        }
        let before = self.word();
        let is_first = self.asked.is_none();
        let asked = *self.asked.get_or_insert(moment.monotonic);
        self.awaits_host &= moment.monotonic.saturating_sub(asked) < LONGEST_LOOK;
        (self.trouble, self.cause) = (reading.trouble, reading.cause);
        self.failed = self.trouble.and(self.failed.or(Some(moment.monotonic)));
        self.daemon = reading.daemon.or(self.daemon);
        let mut happened = Vec::new();
        if let Some(answers) = reading.answers {
            happened.extend(self.changes(&answers));
            happened.extend(self.answer(answers, moment));
        }
        if let Some(change) = self.change_of_word(before).filter(|_| !is_first) {
            happened.insert(0, change);
        }
        happened
    }

    /// Takes what its host shows of it, and returns what has happened since the last time.
    pub(super) fn take_host(&mut self, seen: &Seen, looked: Duration) -> Vec<(Severity, String)> {
        let (before, is_first) = (self.word(), self.looked.is_none());
        (self.looked, self.awaits_host) = (Some(looked), false);
        let mut happened: Vec<_> = seen.errors.iter().filter_map(|line| self.new_error(line)).collect();
        self.seen = Some(Seen { errors: Vec::new(), ..seen.clone() });
        let change = self.change_of_word(before);
        if !is_first {
            happened.extend(change);
            return happened;
        }
        // What its host shows first may have been so before, unless it has answered since this program started.
        let has_ended = || self.by_host().is_some_and(is_silent);
        change.filter(|_| self.answered.is_some() && has_ended()).into_iter().collect()
    }

    /// Its host will show whether it runs, or will not.
    pub(super) fn await_host(&mut self, is_awaited: bool) {
        self.awaits_host = is_awaited;
    }

    /// What its host shows of it, as far as that is not outdated by its answers.
    fn by_host(&self) -> Option<&Judgement> {
        let loaded = self.answers.as_ref().and_then(|it| Some(it.at.saturating_sub(it.status.reload?)));
        self.seen.as_ref()?.unless_outdated(loaded, self.answered > self.looked)
    }

    /// Why it does not answer, in one word, unless its host will show that it need not.
    fn trouble_so_far(&self) -> Option<&'static str> {
        self.trouble.filter(|trouble| !(self.awaits_host && self.answered.is_none() && is_absence(trouble)))
    }

    /// A kind of error that its log did not have before.
    fn new_error(&mut self, line: &LogLine) -> Option<(Severity, String)> {
        let is_new = self.logged.len() < KINDS && self.logged.insert(line.id.as_str().into());
        let name = self.daemon.map_or("server", Daemon::name);
        let text = || format!("{name}: new in its log: {} {} {}", line.severity, line.id, line.text.trim_end());
        is_new.then(|| (Severity::Error, text()))
    }

    /// What is said of it: what its host shows where that is worse, or where it does not answer.
    #[must_use]
    pub fn verdict(&self) -> Option<&Judgement> {
        let by_host = self.by_host();
        if let Some(trouble) = self.trouble {
            // One that does not answer is well only if nothing says that it should.
            let is_unused = self.is_unused(trouble);
            let is_known = |it: &&Judgement| !matches!(it.verdict, Verdict::Serving | Verdict::Unknown);
            // Of one that may not be asked, what may be so says no more.
            let least = if word_of_trouble(trouble).1 == State::Unknown { State::Warning } else { State::Unknown };
            // Nothing listens any more where one ran at the look.
            let has_ended = self.failed > self.looked && is_absence(trouble);
            let is_outdated = |it: &&Judgement| has_ended && !is_silent(it);
            // It is asked where its file says, which it may not have loaded.
            let is_elsewhere =
                |it: &&Judgement| is_absence(trouble) && it.verdict == Verdict::Serving && it.state == State::Warning;
            return by_host
                .filter(|it| is_known(it) || is_elsewhere(it))
                .filter(|it| !is_outdated(it) && (is_unused || it.state >= least));
        }
        let is_worse = |it: &&Judgement| {
            it.state > State::Unknown && self.judgement.as_ref().is_none_or(|own| badness(it) > badness(own))
        };
        by_host.filter(is_worse).or(self.judgement.as_ref())
    }

    /// Whether it is only installed: it has never answered, nothing listens for it, and nothing says that it should run.
    fn is_unused(&self, trouble: &str) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.is_unused) && self.answered.is_none() && is_absence(trouble)
    }

    /// Whether it does not run and need not.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.trouble.is_some_and(|trouble| self.is_unused(trouble))
    }

    fn answer(&mut self, answers: Box<Answers>, moment: Moment) -> Vec<(Severity, String)> {
        self.answered = Some(moment.monotonic);
        let Some(daemon) = self.daemon else { return Vec::new() };
        self.judgement = Some(kea::evaluate_answer(daemon, &answers.status, moment.now));
        self.meters.take(answers.counted, &answers.statistics);
        let happened = self.fill(daemon, &answers);
        self.answers = Some(answers);
        happened
    }

    /// How full its pools are, if that has changed; returns those that have come to another state.
    fn fill(&mut self, daemon: Daemon, answers: &Answers) -> Vec<(Severity, String)> {
        let (Some(family), Some(layout)) = (daemon.family(), &answers.layout) else { return Vec::new() };
        let old = self.answers.as_ref();
        // A configuration that is read again is another layout, mostly with the same subnets.
        let old_layout = old.and_then(|old| old.layout.clone());
        let has_same_layout = old_layout.as_ref().is_some_and(|old| Arc::ptr_eq(old, layout));
        let usages = (old.and_then(|old| old.usage.as_ref()), &answers.usage);
        let is_known = matches!(usages, (Some(old), Some(new)) if Arc::ptr_eq(old, new));
        let has_same_counts = match usages {
            (Some(old), Some(new)) => is_known || are_alike(old, new),
            (None, None) => old.is_some_and(|old| old.statistics.has_same_subnets(&answers.statistics)),
            _ => false,
        };
        if !has_same_layout {
            self.looks.clear();
        }
        if has_same_layout && has_same_counts {
            if !is_known {
                self.looks.add(answers.at, &self.rows);
            }
            return Vec::new();
        }
        let Some(usage) = answers.filled(family) else {
            (self.rows, self.pools) = (Vec::new(), None);
            return Vec::new();
        };
        let mut is_full = false;
        let rows = pools::rows_as(layout, &usage, Level::Network, None, &Limits::default(), &mut |row| {
            is_full |= row.state == Some(State::Critical) && row.offer.most == 0;
            PoolRow::new(&row)
        });
        self.pools = word_of_pools(&rows, is_full);
        let before = std::mem::replace(&mut self.rows, rows);
        self.looks.add(answers.at, &self.rows);
        old_layout.map_or_else(Vec::new, |old| thresholds((&old, &before), (layout, &self.rows)))
    }

    /// What has changed between two answers.
    fn changes(&self, new: &Answers) -> Vec<(Severity, String)> {
        let Some(old) = &self.answers else { return Vec::new() };
        let mut changes = Vec::new();
        let has_started = match (old.status.pid, new.status.pid) {
            (Some(old), Some(new)) if old != new => true,
            _ => old.status.uptime > new.status.uptime && new.status.uptime.is_some(),
        };
        let name = self.daemon.map_or("server", Daemon::name);
        if has_started {
            changes.push((Severity::Warning, format!("{name} has started")));
        } else if old.status.reload > new.status.reload && new.status.reload.is_some() {
            changes.push((Severity::Info, format!("{name} has loaded its configuration")));
        }
        if let (Some(old), Some(new)) = (&old.version, &new.version)
            && old != new
        {
            changes.push((Severity::Info, format!("{name} is now version {new}, before it was {old}")));
        }
        for (old, new) in old.status.high_availability.iter().zip(&new.status.high_availability) {
            changes.extend(change_of_ha(&format!("{name}: HA state"), &old.state, &new.state));
            if let (Some(old), Some(new)) = (&old.partner, &new.partner) {
                let what = format!("{name}: the HA partner's state is");
                changes.extend(change_of_ha(&what, &old.last_state, &new.last_state));
            }
        }
        changes
    }

    /// The change of what is said of it in a word.
    fn change_of_word(&self, before: Word) -> Option<(Severity, String)> {
        let now = self.word();
        if now.0 == before.0 {
            return None;
        }
        let name = self.daemon.map_or("server", Daemon::name);
        let text = match self.why() {
            // `down: it was stopped`
            Some(why) if why.starts_with(now.0) => why.to_owned(),
            Some(why) => format!("{}: {why}", now.0),
            None => now.0.to_owned(),
        };
        Some((now.1.into(), format!("{name}: {text}")))
    }

    /// Why it is not well, if it is not.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        let verdict = self.verdict();
        if self.trouble.is_some() && verdict.is_none() {
            return self.trouble_so_far().and(self.cause.as_deref());
        }
        verdict.filter(|it| it.state != State::Ok).map(|it| it.reason.as_str())
    }

    /// What is wrong with it.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.verdict().map_or(&[], |judgement| &judgement.findings)
    }

    /// How it is, in a word, and how bad that is.
    #[must_use]
    pub fn word(&self) -> Word {
        let verdict = self.verdict();
        if let Some(trouble) = self.trouble_so_far().filter(|_| verdict.is_none()) {
            return word_of_trouble(trouble);
        }
        let Some(judgement) = verdict else { return ("no answer yet", State::Unknown) };
        match judgement.verdict {
            Verdict::Serving => match judgement.state {
                State::Ok => ("serving", State::Ok),
                State::Unknown => ("unknown", State::Unknown),
                State::Warning => ("warning", State::Warning),
                State::Critical => ("critical", State::Critical),
            },
            Verdict::NotServing => ("not serving", judgement.state),
            Verdict::ReloadFailed => ("reload failed", judgement.state),
            Verdict::Hung => ("hung", judgement.state),
            Verdict::Stopped => ("stopped", judgement.state),
            Verdict::StalePidFile | Verdict::Down => ("down", judgement.state),
            Verdict::Unknown => ("unknown", judgement.state),
        }
    }

    /// For how long it has not answered; `None` while its answers come in time.
    #[must_use]
    pub fn silent_for(&self, now: Duration, interval: Duration) -> Option<Duration> {
        let silence = now.saturating_sub(self.answered.or(self.asked)?);
        // The next answer is due after the pause, and a round that takes as long as the last one, or a bit longer.
        let is_late = silence > (interval * 2).max(Duration::from_secs(3)) + self.round * 2;
        (self.trouble.is_some() || is_late).then_some(silence)
    }

    /// A row, as far as a table shows it.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row> {
        Some(self.rows.get(index)?.row(self.daemon?.family()?))
    }

    /// The same, with everything that is known of it.
    #[must_use]
    pub fn whole_row(&self, index: usize, usage: &Usage) -> Option<Row> {
        let (row, layout) = (self.rows.get(index)?, self.answers.as_ref()?.layout.as_ref()?);
        let network = || layout.subnets.get(row.place().index)?.network.filter(|_| row.place().level == Level::Subnet);
        let place = network().map_or(row.place(), LayoutPlace::network);
        let rows = pools::rows(layout, usage, Level::Network, Some(&[place]), &Limits::default());
        rows.into_iter().find(|whole| (whole.place, whole.kind) == (row.place(), row.kind()))
    }

    /// How full its pools are, if that is known.
    #[must_use]
    pub fn usage(&self) -> Option<Arc<Usage>> {
        self.answers.as_ref()?.filled(self.daemon?.family()?)
    }

    /// How its pools are in a word, and how bad that is; `None` if there are none or it is not known.
    #[must_use]
    pub fn pools_word(&self) -> Option<Word> {
        self.pools
    }
}

/// What serves no client is worse than whatever else may be wrong.
fn badness(judgement: &Judgement) -> (bool, State) {
    (judgement.serves == Some(false), judgement.state)
}

/// Whether both have counted the same, at whatever moments.
fn are_alike(one: &Usage, other: &Usage) -> bool {
    one.pools == other.pools
        && one.subnets == other.subnets
        && one.evidence == other.evidence
        && one.outside == other.outside
}

fn word_of_pools(rows: &[PoolRow], is_full: bool) -> Option<Word> {
    let state = rows.iter().filter_map(PoolRow::state).max()?;
    Some(match state {
        State::Ok => ("serving", state),
        State::Unknown => ("pools unknown", state),
        State::Critical if is_full => ("pool full", state),
        State::Warning if rows.iter().filter(|row| row.state() == Some(state)).all(|row| !row.has_pool()) => {
            ("no pool", state)
        }
        State::Warning | State::Critical => ("pools low", state),
    })
}

/// More kinds of errors than this are not noticed.
const KINDS: usize = 200;

/// A look at the host takes no longer than this.
const LONGEST_LOOK: Duration = Duration::from_secs(6);

/// Whether nothing listens where a daemon is asked.
fn is_absence(trouble: &str) -> bool {
    matches!(trouble, "no_socket" | "connection_refused" | BAD_CONFIGURATION)
}

/// Pools that have come to another state.
fn thresholds(before: (&Layout, &[PoolRow]), after: (&Layout, &[PoolRow])) -> Vec<(Severity, String)> {
    let (layout, rows) = after;
    let states: HashMap<(&str, ResourceKind), State> =
        before.1.iter().filter_map(|row| Some(((before.0.name(row.place()), row.kind()), row.state()?))).collect();
    let change = |row: &PoolRow| {
        let name = layout.name(row.place());
        let (old, new) = (*states.get(&(name, row.kind()))?, row.state()?);
        let kind = if row.kind() == ResourceKind::Prefixes { " (prefixes)" } else { "" };
        let free = row.most();
        let how = match row.used_percent() {
            Some(used) => format!("at {used:.0} %, {free} free"),
            None => "without a pool".to_owned(),
        };
        (old != new).then(|| (new.into(), format!("{name}{kind}: {} {how}, before {}", new.word(), old.word())))
    };
    rows.iter().filter_map(change).collect()
}

/// A change of state; one that has just started has no state at first, and knows none of its partner.
fn change_of_ha(what: &str, old: &str, new: &str) -> Option<(Severity, String)> {
    let before = if old.is_empty() { String::new() } else { format!(", before {old}") };
    (new != old && !new.is_empty()).then(|| (severity_of_ha(new), format!("{what} {new}{before}")))
}

fn severity_of_ha(state: &str) -> Severity {
    match state {
        "load-balancing" | "hot-standby" | "passive-backup" | "backup" | "ready" | "syncing" => Severity::Info,
        "partner-down" | "terminated" => Severity::Error,
        _ => Severity::Warning,
    }
}

/// Why there is no answer, in a word for people, and how bad that is: a server that may be well is not known to be ill.
fn word_of_trouble(trouble: &str) -> Word {
    match trouble {
        "timeout" => ("no answer", State::Critical),
        NO_TIME => ("no time", State::Unknown),
        NO_AGENT => ("no agent", State::Unknown),
        "no_socket" => ("no socket", State::Critical),
        "connection_refused" => ("refused", State::Critical),
        "connection_lost" => ("lost", State::Critical),
        "unreachable" => ("unreachable", State::Critical),
        BAD_CONFIGURATION => ("bad config", State::Critical),
        "permission_denied" => ("no access", State::Unknown),
        "unauthorized" => ("no login", State::Unknown),
        "forbidden" => ("forbidden", State::Unknown),
        "tls" => ("no TLS", State::Unknown),
        "unreadable" => ("unreadable", State::Unknown),
        "not_kea" => ("not Kea", State::Unknown),
        _ => ("unusable", State::Unknown),
    }
}
