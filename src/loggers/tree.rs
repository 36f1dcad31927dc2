//! What each logger of a daemon comes to, after inheritance.

use std::collections::BTreeSet;

use super::entry::Entry;
use super::names;
use super::site::Site;
use super::target::Target;
use super::threshold::Threshold;
use crate::config::model::LogOutput;
use crate::config::{Daemon, FilePosition};

/// All loggers of a daemon.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The daemon.
    pub daemon: Daemon,
    /// Its own logger first, then its children in order.
    pub loggers: Vec<Effective>,
}

/// What a logger comes to.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The full name.
    pub name: String,
    /// From which severity on it logs.
    pub threshold: Threshold,
    /// Where it writes.
    pub destinations: Vec<Destination>,
    /// The entry that counts; `None` where it is as the daemon's own logger, or as Kea has it without one.
    pub entry: Option<FilePosition>,
    /// Whether its destinations are those of the daemon's own logger.
    pub inherits_outputs: bool,
}

/// One place that a logger writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Where it leads.
    pub target: Target,
    /// From how many bytes on a file is rotated; `None`: never.
    pub maxsize: Option<u64>,
    /// How many rotated files are kept.
    pub maxver: u64,
    /// The pattern of a line, if one is written.
    pub pattern: Option<String>,
}

/// The smallest size at which Kea rotates.
pub(super) const LEAST_SIZE: u64 = 204_800;
const USUAL_SIZE: u64 = 10_240_000;

impl Tree {
    /// What a daemon makes of its configuration.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        let entries = Entry::all(site);
        let daemon = site.config.daemon;
        let root = root(site, &entries);
        let mut loggers = vec![root];
        for child in children(site, &entries) {
            let own: Vec<_> = entries.iter().filter(|entry| entry.child() == child).collect();
            loggers.push(effective(site, &format!("{}.{child}", names::root(daemon)), &own, &loggers[0]));
        }
        Self { daemon, loggers }
    }

    /// The logger of this full name; of a name that no entry has, what it would come to.
    #[must_use]
    pub fn logger(&self, name: &str) -> Effective {
        let found = self.loggers.iter().find(|logger| logger.name == name);
        let as_root =
            || Effective { name: name.to_owned(), entry: None, inherits_outputs: true, ..self.loggers[0].clone() };
        found.cloned().unwrap_or_else(as_root)
    }
}

/// The daemon's known loggers, those of loaded libraries, and any other that an entry names.
fn children(site: &Site, entries: &[Entry<'_>]) -> BTreeSet<String> {
    let release = site.surroundings.rules.release;
    let mut all: BTreeSet<String> = names::own_of(site.config.daemon, release).into_iter().map(str::to_owned).collect();
    all.extend(loaded(site).into_iter().map(str::to_owned));
    let is_real = |child: &String| !child.is_empty() && !child.contains(['*', '?', '/']);
    all.extend(entries.iter().map(Entry::child).filter(is_real));
    all
}

/// The loggers of the loaded hook libraries, as far as they are known.
pub(super) fn loaded(site: &Site) -> Vec<&'static str> {
    let release = site.surroundings.rules.release;
    let libraries = site.config.server.hooks.iter().map(crate::config::model::Hook::file_name);
    let loggers = libraries.filter_map(|library| names::of_library(&library)).flatten().copied();
    loggers.filter(|logger| names::is_in(logger, release)).collect()
}

fn root(site: &Site, entries: &[Entry<'_>]) -> Effective {
    let rules = site.surroundings.rules;
    let own: Vec<_> = entries.iter().filter(|entry| entry.is_root()).collect();
    let stderr = Destination { target: Target::Stderr, maxsize: None, maxver: 0, pattern: None };
    let name = names::root(site.config.daemon).to_owned();
    let counts = if rules.first_root_counts() { own.first() } else { own.last() };
    let Some(entry) = counts else {
        return Effective {
            name,
            threshold: Threshold::INFO,
            destinations: vec![stderr],
            entry: None,
            inherits_outputs: false,
        };
    };
    let outputs = if rules.first_root_counts() { entry.outputs() } else { last_outputs(&own) };
    let mut destinations = destinations(site, &outputs);
    if destinations.is_empty() && !rules.outputs_are_inherited() {
        destinations.push(stderr);
    }
    Effective { name, threshold: entry.threshold(), destinations, entry: Some(entry.place()), inherits_outputs: false }
}

/// What the entries of one logger come to: the last one counts, and before Kea 2.3 the last outputs.
fn effective(site: &Site, name: &str, own: &[&Entry<'_>], root: &Effective) -> Effective {
    let Some(entry) = own.last() else {
        return Effective { name: name.to_owned(), entry: None, inherits_outputs: true, ..root.clone() };
    };
    let inherits = site.surroundings.rules.outputs_are_inherited();
    let outputs = if inherits { entry.outputs() } else { last_outputs(own) };
    let inherits_outputs = outputs.is_empty() && inherits;
    let destinations = if inherits_outputs { root.destinations.clone() } else { destinations(site, &outputs) };
    let (threshold, entry) = (entry.threshold(), Some(entry.place()));
    Effective { name: name.to_owned(), threshold, destinations, entry, inherits_outputs }
}

fn last_outputs<'a, E: std::borrow::Borrow<Entry<'a>>>(own: &[E]) -> Vec<&'a LogOutput> {
    own.iter().rev().map(|entry| entry.borrow().outputs()).find(|outputs| !outputs.is_empty()).unwrap_or_default()
}

fn destinations(site: &Site, outputs: &[&LogOutput]) -> Vec<Destination> {
    outputs.iter().map(|output| destination(site, output)).collect()
}

fn destination(site: &Site, output: &LogOutput) -> Destination {
    let target = site.target(output);
    let is_file = matches!(target, Target::File(_) | Target::Relative(_));
    Destination {
        target,
        maxsize: Some(output.maxsize.unwrap_or(USUAL_SIZE)).filter(|size| is_file && *size >= LEAST_SIZE),
        maxver: if is_file { output.maxver.unwrap_or(1) } else { 0 },
        pattern: output.pattern.clone(),
    }
}
