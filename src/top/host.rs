//! What this host shows of the daemons that are watched.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use crate::config::Daemon;
use crate::health::State;
use crate::health::kea::facts::{Control, Instance, InstancePlace, LogLine};
use crate::health::kea::{Judgement, Verdict};
use crate::stats::reading::Load;

/// One look at this host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostLook {
    /// How busy it is.
    pub load: Load,
    /// Its daemons; `None` in a recording where they are as at the look before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daemons: Option<Vec<Seen>>,
}

/// What the host shows of a daemon.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The place where it is asked.
    pub(super) place: usize,
    /// Which daemon it is, if that is known.
    #[serde(deserialize_with = "daemon")]
    pub(super) daemon: Option<Daemon>,
    /// What is said of it; `None` if the host does not show it.
    pub(super) judgement: Option<Judgement>,
    /// Whether it does not run, and nothing says that it should.
    pub(super) is_unused: bool,
    /// When it had last loaded its configuration, by its answer at that time.
    pub(super) loaded: Option<i64>,
    /// The errors in its log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<LogLine>,
}

/// The name of a daemon.
fn daemon<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Daemon>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    Ok(name.as_deref().and_then(Daemon::from_name))
}

/// Times that follow from whole seconds differ by so many seconds.
const ROUNDING: i64 = 2;

impl Seen {
    /// What is said of the daemon at a place, if it is found on the host.
    pub(super) fn new(place: usize, daemon: Option<Daemon>, found: Option<Found<'_>>, now: i64) -> Self {
        let instance = found.map(|(instance, _)| instance);
        Self {
            place,
            daemon,
            judgement: found.map(|(_, judgement)| judgement.clone()),
            is_unused: found.is_some_and(|(instance, judgement)| is_unused(instance, judgement)),
            loaded: instance.and_then(|instance| instance.last_load(now)),
            errors: instance.and_then(|instance| instance.log.as_ref()).map_or_else(Vec::new, |log| log.errors.clone()),
        }
    }

    /// What is said of it, unless an answer shows that it is otherwise by now: that it loaded its configuration at this time, or
    /// that it answered after the look.
    pub(super) fn unless_outdated(&self, loaded: Option<i64>, has_answered: bool) -> Option<&Judgement> {
        let has_loaded = loaded.zip(self.loaded).is_some_and(|(now, then)| now > then.saturating_add(ROUNDING));
        self.judgement.as_ref().filter(|it| !(has_loaded || has_answered && is_silent(it)))
    }
}

/// Whether it is said of a daemon that it answers nothing.
pub(super) fn is_silent(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::Stopped | Verdict::Hung | Verdict::Down | Verdict::StalePidFile)
}

/// Whether a daemon does not run, has not left a socket as one that was killed does, and nothing says that it should run.
fn is_unused(instance: &Instance, judgement: &Judgement) -> bool {
    let has_left_socket = matches!(&instance.control, Control::Refused { address } if address.starts_with('/'));
    instance.process.is_none() && !instance.is_expected() && !has_left_socket && judgement.state == State::Ok
}

/// A daemon on the host, and what is to be said of it.
pub(super) type Found<'a> = (&'a Instance, &'a Judgement);

/// The same of the daemon with this configuration file; `files` are those of all.
pub(super) fn find<'a>(
    all: &[(Found<'a>, &'a Option<PathBuf>)],
    daemon: Option<Daemon>,
    file: &Path,
) -> Option<Found<'a>> {
    let is_it = |((instance, _), its): &&(Found<'a>, &'a Option<PathBuf>)| {
        Some(instance.daemon) == daemon && its.as_deref() == Some(file)
    };
    let own = all.iter().filter(is_it).map(|(found, _)| *found);
    // One in a container may have a file of the same name.
    own.max_by_key(|(instance, _)| (instance.place == InstancePlace::Here, instance.process.is_some()))
}
