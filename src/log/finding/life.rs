//! What needs a person of the processes of daemons: starts, ends and reloads.

use std::collections::BTreeMap;

use super::super::family::Tally;
use super::super::life::{End, Outcome};
use super::super::stamp::Micros;
use super::{Findings, Grade, because, often};

/// How often something happened, from the first time to the end of the last.
#[derive(Default)]
struct Times(Tally);

impl Times {
    fn add(&mut self, from: Option<Micros>, until: Option<Micros>) {
        self.0.add(from);
        self.0.last = self.0.last.max(until);
    }
}

/// What failed reloads have in common that are one finding.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Failed {
    instance: usize,
    is_outage: bool,
    /// Whether the log does not show enough to know.
    may_be_outage: bool,
    /// What ended the outage.
    end: Option<End>,
}

impl Failed {
    fn verdict(&self) -> (Grade, &'static str) {
        match self {
            Self { is_outage: true, end: Some(End::Configuration), .. } => (
                Grade::Critical,
                "It served no client until it got a correct configuration. Check a file with -t before a reload.",
            ),
            Self { is_outage: true, end: Some(End::Start), .. } => (
                Grade::Critical,
                "It served no client until it was started again. Check a file with -t before a reload.",
            ),
            Self { is_outage: true, .. } => {
                (Grade::Critical, "It served no client after that. Correct the file, check it with -t, and restart.")
            }
            Self { may_be_outage: true, .. } => (
                Grade::Critical,
                "Up to release 2.2 it serves no client after that; a newer one continues with the old configuration. \
                 Correct the file, check it with -t, and see keactrl-status.",
            ),
            _ => (
                Grade::Warning,
                "It continues with the old configuration, although it logs FATAL. Correct the file; check it with -t.",
            ),
        }
    }
}

impl Findings<'_> {
    pub(super) fn life(&mut self) {
        self.failed_starts();
        self.ends();
        self.sockets();
    }

    fn failed_starts(&mut self) {
        let starts = &self.analysis.life.starts;
        let ups = starts.iter().enumerate().filter(|(_, start)| start.outcome == Outcome::Started);
        let last_up: BTreeMap<usize, usize> = ups.map(|(at, start)| (start.instance, at)).collect();
        let mut failed: BTreeMap<(usize, Option<&str>, bool), Tally> = BTreeMap::new();
        for (at, start) in starts.iter().enumerate().filter(|(_, start)| start.outcome == Outcome::Failed) {
            let is_up_later = last_up.get(&start.instance).is_some_and(|up| *up > at);
            failed.entry((start.instance, start.reason.as_deref(), is_up_later)).or_default().add(start.time);
        }
        for ((instance, reason, is_up_later), tally) in failed {
            let what = format!("{} did not start{}{}", self.name(instance), often(tally.count), because(reason));
            let (grade, until) = if is_up_later {
                (Grade::Warning, "Until it started nothing was served. ")
            } else {
                (Grade::Critical, "Until a later start succeeds nothing is served. ")
            };
            self.add(grade, what, until.to_owned() + remedy(reason), Some(tally));
        }
    }

    fn ends(&mut self) {
        let stops = &self.analysis.life.stops;
        let mut dead: BTreeMap<usize, Times> = BTreeMap::new();
        let mut lost: BTreeMap<usize, Times> = BTreeMap::new();
        for stop in stops.iter().filter(|stop| stop.is_death) {
            let all = if stop.is_in_gap { &mut lost } else { &mut dead };
            all.entry(stop.instance).or_default().add(stop.time, stop.again);
        }
        for (instance, Times(tally)) in lost {
            let what = format!("the end of a process of {} is not in these logs", self.name(instance));
            let advice = "A file of the log is missing that may have its shutdown message: see the note above, and give that file too.";
            self.add(Grade::Notice, what, advice, Some(tally));
        }
        for (instance, Times(tally)) in dead {
            let name = self.name(instance);
            let what = format!("{name} ended without a shutdown message{} and was started again", often(tally.count));
            let advice = "It crashed or was killed. Look for a core, the OOM killer, and systemd's log of the unit.";
            self.add(Grade::Warning, what, advice, Some(tally));
        }
        for stop in stops.iter().filter(|stop| !stop.is_death && !stop.is_followed) {
            let what = format!("{} was shut down and did not start again", self.name(stop.instance));
            let advice = "Nothing is served until it is started, unless another server has taken over.";
            let mut tally = Tally::default();
            tally.add(stop.time);
            self.add(Grade::Critical, what, advice, Some(tally));
        }
    }

    pub(super) fn reloads(&mut self) {
        let mut failed: BTreeMap<Failed, (Times, Option<&str>)> = BTreeMap::new();
        for reload in self.analysis.life.reloads.iter().filter(|reload| reload.is_ok == Some(false)) {
            let kind = Failed {
                instance: reload.instance,
                is_outage: reload.outcome() == "failed-outage",
                may_be_outage: reload.may_be_outage(),
                end: reload.end,
            };
            let until = reload.ended();
            let (times, reason) = failed.entry(kind).or_default();
            times.add(reload.time, until);
            *reason = reload.reason.as_deref().or(*reason);
        }
        for (kind, (Times(tally), reason)) in failed {
            let name = self.name(kind.instance);
            let what = format!("{name} could not reload its configuration{}{}", often(tally.count), because(reason));
            let (grade, advice) = kind.verdict();
            self.add(grade, what, advice, Some(tally));
        }
        self.refused();
    }

    /// Configurations that were refused without a reload.
    fn refused(&mut self) {
        for (at, instance) in self.analysis.instances.iter().enumerate() {
            if let Some((reason, time)) = instance.refused.as_ref().filter(|_| self.analysis.life.is_up(instance)) {
                let what = format!("{} refused a configuration{}", self.name(at), because(Some(reason)));
                let advice =
                    "A command tested it or set it; the server keeps its previous configuration. See config-get.";
                let mut tally = Tally::default();
                tally.add(*time);
                self.add(Grade::Notice, what, advice, Some(tally));
            }
        }
    }

    /// Times without DHCP by command.
    pub(super) fn disabled(&mut self) {
        for off in &self.analysis.commands.disabled {
            let name = self.name(off.instance);
            let mut times = Times::default();
            times.add(off.from, off.until);
            if off.is_over {
                let what = format!("DHCP service of {name} was disabled by command");
                self.add(Grade::Notice, what, "No client was served meanwhile.", Some(times.0));
            } else {
                let what = format!("DHCP service of {name} is disabled by command at the end of the log");
                let advice = "No client is served until dhcp-enable, or until the command's max-period is over.";
                self.add(Grade::Critical, what, advice, Some(times.0));
            }
        }
    }
}

/// What helps against a failed start.
fn remedy(reason: Option<&str>) -> &'static str {
    let has = |words: &[&str]| reason.is_some_and(|reason| words.iter().any(|word| reason.contains(word)));
    match () {
        () if has(&["database", "connect", "PostgreSQL", "MySQL", "SQL"]) => {
            "Check that the database runs and takes the server's connection, then start it."
        }
        () if has(&["already running", "ALREADY_RUNNING", "PID file"]) => "Another process of it runs.",
        () if reason.is_none() => "The log has no reason: check the database, and the file with the daemon's -t.",
        () => "Check the file with the daemon's -t.",
    }
}
