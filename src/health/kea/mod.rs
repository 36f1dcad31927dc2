//! The health of Kea's daemons: from facts to a verdict on each. Pure.
//!
//! [`facts`] has the facts. Each rule checks one aspect of a daemon and adds its findings; the rules are ordered from
//! decisive ones (the process is stopped) to mere warnings. The first finding with a verdict decides the daemon's
//! verdict; the worst state of all findings is its state.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub mod answer;
mod counters;
mod database;
mod disk;
mod down;
pub mod facts;
mod fields;
mod file_problem;
mod files;
mod ha;
mod host;
mod life;
mod load;
mod logged;
mod memory;
mod service;
mod storage;
mod supply;
#[cfg(test)]
mod tests;
mod traffic;

use answer::Status;
use facts::{Control, Host, Instance, InstancePlace};
pub use memory::{Memory, Unreadable};
pub use service::{is_newer_than_load, runs_on_its_file};

use super::{Check, Metric, Report, State};
use crate::config::Daemon;

/// What a daemon really does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does its work.
    Serving,
    /// It runs, but serves no client.
    NotServing,
    /// Its last reload failed; it runs on an older configuration than the file's, or on none.
    ReloadFailed,
    /// It takes questions and never answers.
    Hung,
    /// Its process is stopped, or a zombie.
    Stopped,
    /// It does not run, but its pid file exists.
    StalePidFile,
    /// It does not run.
    Down,
    /// It could not be found out.
    Unknown,
}

/// Something that a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// What kind of thing it is; these names stay.
    pub id: Cow<'static, str>,
    /// How bad that is.
    pub state: State,
    /// What was found, in a sentence.
    pub text: String,
    /// What the daemon is, if this says it.
    #[serde(skip)]
    pub verdict: Option<Verdict>,
    /// Whether the daemon serves, if this says it.
    #[serde(skip)]
    pub serves: Option<bool>,
}

impl Finding {
    /// Something that should be looked at, or that could not be found out.
    #[must_use]
    pub fn new(id: &'static str, state: State, text: impl Into<String>) -> Self {
        Self { id: Cow::Borrowed(id), state, text: text.into(), verdict: None, serves: None }
    }

    /// The same, which makes the daemon this.
    #[must_use]
    pub fn verdict(self, verdict: Verdict) -> Self {
        let serves = match verdict {
            Verdict::Serving => Some(true),
            Verdict::Unknown => None,
            _ => Some(false),
        };
        Self { verdict: Some(verdict), serves, ..self }
    }

    /// The same for a daemon that nevertheless serves.
    #[must_use]
    pub fn and_serves(self) -> Self {
        Self { serves: Some(true), ..self }
    }
}

/// The caller's requirements.
#[derive(Debug, Clone)]
pub struct Thresholds {
    /// A daemon that runs for a shorter time than this, in seconds, has been restarted.
    pub warning_uptime: Option<i64>,
    /// How bad it is that a high-availability partner is down.
    pub partner_down: State,
    /// The high-availability mode that there must be.
    pub expect_ha: Option<String>,
    /// How long, in seconds since its start, a server may take to find its partner and fetch its leases.
    pub ha_grace: i64,
    /// How far, in seconds, the partners' clocks may differ. Kea warns from 30 s on and ends the partnership at 60 s.
    pub clock_skew: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { warning_uptime: None, partner_down: State::Critical, expect_ha: None, ha_grace: 300, clock_skew: 30.0 }
    }
}

/// What is to be said about one daemon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Judgement {
    /// What it does.
    pub verdict: Verdict,
    /// Whether it serves; `None` if that could not be found out.
    pub serves: Option<bool>,
    /// How bad the worst finding is.
    pub state: State,
    /// The worst finding, or how well it is.
    pub reason: String,
    /// All findings, the decisive ones first.
    pub findings: Vec<Finding>,
}

/// Judges every instance, in their order. `now` is in seconds since 1970.
#[must_use]
pub fn evaluate(machine: &Host, thresholds: &Thresholds, now: i64) -> Vec<Judgement> {
    machine.instances.iter().map(|instance| judge(machine, instance, thresholds, now)).collect()
}

/// Judges a daemon of which nothing is known but its answer to status-get.
#[must_use]
pub fn evaluate_answer(daemon: Daemon, status: &Status, now: i64) -> Judgement {
    let control = Control::Answered {
        address: String::new(),
        status: Box::new(status.clone()),
        version: None,
        configuration: None,
    };
    let instance = Instance { control, ..Instance::new(daemon, daemon.name()) };
    // Its process cannot be seen.
    let machine = Host { hidden: Some(String::new()), ..Host::default() };
    judge(&machine, &instance, &Thresholds::default(), now)
}

fn judge(machine: &Host, instance: &Instance, thresholds: &Thresholds, now: i64) -> Judgement {
    let mut findings = life::life(instance, machine.hidden.as_deref());
    let is_over = findings.iter().any(|finding| finding.verdict.is_some());
    let is_there = life::is_there(instance, machine.hidden.is_some());
    if !is_over && is_there {
        findings.extend(service::service(instance, now));
        findings.extend(disk::disk(instance, now));
        findings.extend(supply::supply(instance, now));
        let is_out = findings.iter().any(|finding| finding.serves == Some(false));
        findings.extend(ha::ha(instance, thresholds, now, is_out));
        findings.extend(life::reach(instance, now));
        if findings.iter().all(|finding| finding.verdict.is_none()) {
            findings.extend(traffic::traffic(instance, now));
        }
        let is_told = findings.iter().any(|finding| finding.id == "reload-failed");
        findings.extend(load::load(instance, now).into_iter().filter(|_| !is_told));
    }
    if is_there {
        findings.extend(files::files(instance, thresholds, now));
        findings.extend(life::zombies(instance));
    } else if instance.expected.is_some() {
        findings.extend(files::crashed(instance, now));
    }
    conclude(instance, findings, now)
}

fn conclude(instance: &Instance, findings: Vec<Finding>, now: i64) -> Judgement {
    let decisive = findings.iter().find(|finding| finding.verdict.is_some());
    let verdict = decisive.and_then(|finding| finding.verdict).unwrap_or(Verdict::Serving);
    let serves = decisive.map_or(Some(true), |finding| finding.serves);
    let state = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok);
    let is_worst = |finding: &&Finding| finding.state == state && state != State::Ok;
    // Of what is equally bad, that it serves no client says most.
    let is_out = decisive.filter(|finding| is_worst(finding) && finding.serves == Some(false));
    let worst = is_out.or_else(|| findings.iter().find(is_worst));
    let reason = worst.or(decisive).map_or_else(|| well(instance, now), |finding| finding.text.clone());
    Judgement { verdict, serves, state, reason, findings }
}

/// How well a daemon is that nothing is wrong with.
fn well(instance: &Instance, now: i64) -> String {
    let uptime = instance.uptime(now).map_or_else(String::new, |uptime| format!(" for {}", duration(uptime)));
    format!("serving{uptime}")
}

/// Whether a daemon runs; `None` if that is not known.
#[must_use]
pub fn runs(machine: &Host, instance: &Instance) -> Option<bool> {
    let is_hidden = machine.hidden.is_some();
    match &instance.process {
        Some(process) => Some(!process.has_ended()),
        None if life::is_there(instance, is_hidden) => Some(true),
        None => (!is_hidden).then_some(false),
    }
}

/// A time span in words, roughly: `2 d 3 h`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// The judgements as a report for monitors.
#[must_use]
pub fn report(machine: &Host, judgements: &[Judgement], now: i64) -> Report {
    let least = least_state(machine);
    let (asked, apart): (Vec<_>, Vec<_>) =
        machine.instances.iter().zip(judgements).partition(|(instance, _)| instance.place != InstancePlace::Apart);
    let is_idle = |it: &Judgement| it.state == State::Ok && it.serves != Some(true);
    let idle = asked.iter().filter(|(_, judgement)| is_idle(judgement)).map(|(it, _)| machine.label(it)).collect();
    let checks = asked.into_iter().map(|(instance, judgement)| {
        let name = machine.label(instance);
        let others = judgement.findings.iter().filter(|finding| finding.text != judgement.reason);
        let others = others.map(|finding| format!("{}: {}", finding.state.word(), finding.text));
        let unseen = instance.unseen.iter().map(|what| format!("not seen: {what}"));
        Check {
            metrics: metrics(&name.replace(' ', "_"), instance, now),
            details: others.chain(unseen).collect(),
            state: judgement.state.max(least),
            text: judgement.reason.clone(),
            name,
        }
    });
    let apart = apart.into_iter().map(|(instance, judgement)| {
        let (name, word) = (machine.label(instance), judgement.state.word());
        format!("not asked about: {name}: {word} - {}", judgement.reason)
    });
    let notes = machine.notes().into_iter().chain(apart).collect();
    Report { checks: checks.collect(), idle, notes }
}

#[expect(clippy::cast_precision_loss, reason = "seconds and counts are far from 2^52")]
fn metrics(label: &str, instance: &Instance, now: i64) -> Vec<Metric> {
    let status = instance.status();
    let since_reload = instance.last_load(now).map(|load| (now - load).max(0));
    let seconds = |name: &str, value: Option<i64>| {
        Metric::new(format!("{label}_{name}"), value.map(|value| value as f64)).unit("s").min(0.0)
    };
    let mut metrics = vec![seconds("uptime", instance.uptime(now)), seconds("since_reload", since_reload)];
    if let Some(queue) = status.and_then(|status| status.packet_queue) {
        metrics.push(Metric::new(format!("{label}_packet_queue"), queue[0]).min(0.0));
    }
    if let Some(traffic) = &instance.traffic {
        let counter = |name: &str, value: u64| Metric::new(format!("{label}_{name}"), value as f64).unit("c").min(0.0);
        metrics.push(counter("asked", traffic.now.asked));
        metrics.push(counter("answered", traffic.now.answered));
    }
    let partners = status.iter().flat_map(|status| &status.high_availability).filter_map(|it| it.partner.as_ref());
    let unacked: Vec<i64> = partners.filter_map(|partner| partner.unacked_clients).collect();
    if !unacked.is_empty() {
        metrics.push(Metric::new(format!("{label}_unacked_clients"), unacked.iter().sum::<i64>() as f64).min(0.0));
    }
    metrics
}

/// The worst state of those asked about; of none it is not known.
#[must_use]
pub fn state(machine: &Host, judgements: &[Judgement]) -> State {
    let asked = machine.instances.iter().zip(judgements).filter(|(instance, _)| instance.place != InstancePlace::Apart);
    asked.map(|(_, judgement)| judgement.state).max().unwrap_or(State::Unknown).max(least_state(machine))
}

/// If no daemon runs or should run, no client is served, and it is not known whether any should be.
fn least_state(machine: &Host) -> State {
    if machine.idle().is_empty() { State::Ok } else { State::Unknown }
}

/// Whether the daemons that are expected serve: `Some(true)` all do, `Some(false)` one does not, `None` not known.
#[must_use]
pub fn all_serve(machine: &Host, judgements: &[Judgement]) -> Option<bool> {
    let expected = machine.instances.iter().zip(judgements).filter(|(instance, _)| instance.is_expected());
    let serving: Vec<Option<bool>> = expected.map(|(_, judgement)| judgement.serves).collect();
    match serving {
        serving if serving.contains(&Some(false)) => Some(false),
        serving if serving.is_empty() || serving.contains(&None) => None,
        _ => Some(true),
    }
}
