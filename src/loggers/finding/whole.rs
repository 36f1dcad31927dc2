//! What several entries or daemons have together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::as_user;
use super::{Finding, FindingKind, Grade, UNSEEN};
use crate::loggers::entry::Entry;
use crate::loggers::names;
use crate::loggers::site::Site;
use crate::loggers::surroundings::Folder;
use crate::loggers::tree::{Destination, Tree};

const NO_ROOT: FindingKind = FindingKind(Grade::Warning, "no-root-logger");
const DUPLICATE: FindingKind = FindingKind(Grade::Warning, "duplicate");
const SHARED: FindingKind = FindingKind(Grade::Warning, "shared-file");
const LOCKS: FindingKind = FindingKind(Grade::Critical, "lock-directory");

/// A daemon without an entry of its own, and loggers with several.
pub(super) fn findings(site: &Site, entries: &[Entry<'_>]) -> Vec<Finding> {
    let mut all = Vec::new();
    let root = names::root(site.config.daemon);
    if !entries.iter().any(Entry::is_root) {
        let position = site.written.as_ref().map_or(site.config.server.position, |list| list.position);
        let what = format!("no entry is for \"{root}\" itself");
        let effect = "its messages go to standard error, at INFO";
        let remedy = format!("kea-loggers --set '{root}=INFO@/var/log/kea/{root}.log' prints the entry");
        all.push(NO_ROOT.found(site.config.place(position).to_string(), root, what, effect, remedy));
    }
    let mut by_name: BTreeMap<String, Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.written_name().is_empty()) {
        by_name.entry(entry.name()).or_default().push(entry);
    }
    for (name, same) in by_name.into_iter().filter(|(_, same)| same.len() > 1) {
        let takes_first = site.surroundings.rules.first_root_counts() && name == root;
        let counts = if takes_first { 0 } else { same.len() - 1 };
        all.extend((0..same.len()).filter(|at| *at != counts).map(|at| duplicate(same[at], same[counts], takes_first)));
    }
    all
}

fn duplicate(entry: &Entry<'_>, counts: &Entry<'_>, takes_first: bool) -> Finding {
    let which = if takes_first { "first" } else { "last" };
    let release = entry.site.surroundings.rules.release;
    let what = format!("another entry is for \"{}\" too, at {}", entry.name(), counts.place());
    let keeps_outputs = counts.outputs().is_empty() && !entry.site.surroundings.rules.outputs_are_inherited();
    let rest = if keeps_outputs { "and the outputs of an earlier one" } else { "the file of this one stays empty" };
    let effect = format!("Kea {release} takes the {which} one; {rest}");
    DUPLICATE.at(entry, what, effect, "make one entry of them, with several outputs if they are meant")
}

/// Logs that several daemons write.
#[must_use]
pub fn shared_files(sites: &[Site]) -> Vec<Finding> {
    let mut writers: BTreeMap<PathBuf, Vec<(&Site, String)>> = BTreeMap::new();
    for site in sites {
        let tree = Tree::new(site);
        let own = tree.loggers.iter().filter_map(|logger| Some((logger.entry.as_ref()?, &logger.destinations)));
        for (place, destinations) in own {
            for path in destinations.iter().filter_map(file) {
                let known = writers.entry(path).or_default();
                if known.iter().all(|(other, _)| !std::ptr::eq(*other, site)) {
                    known.push((site, place.to_string()));
                }
            }
        }
    }
    let shared = writers.into_iter().filter(|(_, sites)| sites.len() > 1);
    shared.map(|(path, sites)| shared_file(&path, &sites)).collect()
}

fn file(destination: &Destination) -> Option<PathBuf> {
    let path = destination.target.file().filter(|_| !destination.target.is_own_stream())?;
    Some(path.to_owned())
}

fn shared_file(path: &Path, sites: &[(&Site, String)]) -> Finding {
    let names: Vec<_> = sites.iter().map(|(site, _)| names::root(site.config.daemon)).collect();
    let others: Vec<_> = sites.iter().skip(1).map(|(_, place)| place.as_str()).collect();
    let what = format!("{} log into {}, also at {}", names.join(" and "), path.display(), others.join(", "));
    let effect = "each rotates the file while the others write it: lines end up in rotated files or are lost";
    SHARED.found(sites[0].1.clone(), names[0], what, effect, "give each daemon a file of its own")
}

/// The directory of the lock that Kea takes for each line of a log.
pub(super) fn lock_directory(site: &Site) -> Option<Finding> {
    let (path, state) = site.surroundings.lock_directory.as_ref()?;
    let how = match state {
        Folder::Usable => return None,
        Folder::Unseen(why) => {
            let remedy = as_user(site.surroundings.user.as_deref().unwrap_or("root"));
            return Some(unseen_lock_directory(site, path, &format!("cannot be examined: {why}"), remedy));
        }
        Folder::Missing => "does not exist",
        Folder::NoDirectory => "is no directory",
        Folder::Closed => "may not be written by the daemon's user",
        Folder::ReadOnly => "is mounted read-only",
    };
    if site.surroundings.is_environment_hidden {
        let how = format!("{how}, unless the daemon's environment, which this user may not read, names another");
        return Some(unseen_lock_directory(site, path, &how, "run as root".to_owned()));
    }
    let what = format!("{}, the directory of Kea's lock file for logs, {how}", path.display());
    let effect =
        "log files stay empty: each message becomes \"Unable to use interprocess sync lockfile\" on standard error";
    let remedy = "make the directory, or set KEA_LOCKFILE_DIR to another; \"none\" does without the lock";
    let place = site.config.file.display().to_string();
    Some(LOCKS.found(place, names::root(site.config.daemon), what, effect, remedy))
}

fn unseen_lock_directory(site: &Site, path: &Path, how: &str, remedy: String) -> Finding {
    let what = format!("{}, the directory of Kea's lock file for logs, {how}", path.display());
    let effect = "whether the daemon can write its logs is not known";
    let place = site.config.file.display().to_string();
    UNSEEN.found(place, names::root(site.config.daemon), what, effect, remedy)
}
