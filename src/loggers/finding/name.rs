//! Names that are no logger, or not the one that is meant.

use super::{Finding, FindingKind, Grade};
use crate::config::model::Hook;
use crate::loggers::entry::Entry;
use crate::loggers::names;
use crate::loggers::tree::loaded;

const WILDCARD: FindingKind = FindingKind(Grade::Warning, "wildcard");
const OTHER_DAEMON: FindingKind = FindingKind(Grade::Warning, "other-daemon");
const CASE: FindingKind = FindingKind(Grade::Warning, "case");
const TYPO: FindingKind = FindingKind(Grade::Warning, "typo");
const UNKNOWN: FindingKind = FindingKind(Grade::Warning, "unknown-logger");
const UNKNOWN_HOOK: FindingKind = FindingKind(Grade::Note, "unknown-hook");
const NOT_LOADED: FindingKind = FindingKind(Grade::Warning, "hook-not-loaded");
const NOT_IN_RELEASE: FindingKind = FindingKind(Grade::Warning, "not-in-release");

/// What is wrong with the name of an entry.
pub(super) fn finding(entry: &Entry<'_>) -> Option<Finding> {
    if entry.is_root() {
        return None;
    }
    entry.site.written_of(entry.logger)?.get("name")?;
    let child = entry.child();
    if entry.written_name().contains(['*', '?']) {
        return Some(wildcard(entry));
    }
    if is_known(entry, &child) { unavailable(entry, &child) } else { Some(unknown(entry, &child)) }
}

/// What Kea makes of a name that no logger has.
fn unused(entry: &Entry<'_>) -> String {
    format!("Kea takes it for the logger \"{}\", which nothing uses; its file stays empty", entry.name())
}

fn wildcard(entry: &Entry<'_>) -> Finding {
    let name = entry.written_name();
    let what = format!("\"{name}\" is no pattern: Kea has no wildcards");
    let remedy = format!("kea-loggers --set '{name}=SEVERITY' prints the entries that do what is meant");
    WILDCARD.at(entry, what, unused(entry), remedy)
}

/// Whether it is a logger that the daemon has, or could have.
fn is_known(entry: &Entry<'_>, child: &str) -> bool {
    names::own(entry.site.config.daemon).contains(&child) || names::library_of(child).is_some()
}

/// Why a known logger is not there: the release has none, or its library is not loaded.
fn unavailable(entry: &Entry<'_>, child: &str) -> Option<Finding> {
    let (site, release) = (entry.site, entry.site.surroundings.rules.release);
    if !names::is_in(child, release) {
        let since = names::since(child).map_or_else(String::new, |since| format!(", only from {since} on"));
        let what = format!("Kea {release} has no logger \"{child}\"{since}");
        return Some(NOT_IN_RELEASE.at(entry, what, unused(entry), "remove the entry"));
    }
    let is_there = names::own(site.config.daemon).contains(&child) || loaded(site).contains(&child);
    let library = names::library_of(child).filter(|_| !is_there)?;
    let what = format!("this is a logger of {library}, which the configuration does not load");
    let remedy = format!("remove the entry, or load {library}");
    Some(NOT_LOADED.at(entry, what, "nothing uses the logger; its file stays empty", remedy))
}

/// What a name that the daemon has not may be meant for.
fn unknown(entry: &Entry<'_>, child: &str) -> Finding {
    let (name, daemon) = (entry.written_name(), entry.site.config.daemon);
    let root = names::root(daemon);
    if let Some((other, _)) = names::split(name).filter(|(other, _)| *other != daemon) {
        let what = format!("\"{name}\" is a logger of {}, in the configuration of {root}", names::root(other));
        let remedy = format!("write \"{root}\", or move the entry into the configuration of {}", names::root(other));
        return OTHER_DAEMON.at(entry, what, unused(entry), remedy);
    }
    let candidates = candidates(entry);
    let is_same = |known: &&String| known.eq_ignore_ascii_case(name.trim().trim_end_matches('.'));
    if let Some(meant) = candidates.iter().find(is_same) {
        let what = format!("\"{name}\" is not \"{meant}\": names are taken as they are written");
        return CASE.at(entry, what, unused(entry), format!("write \"{meant}\""));
    }
    if let Some(other) = elsewhere(entry, child) {
        return other;
    }
    if let Some(meant) = nearest(&candidates, name) {
        let what = format!("\"{name}\" is no logger of {root}");
        return TYPO.at(entry, what, unused(entry), format!("\"{meant}\" may be meant"));
    }
    let foreign = entry.site.config.server.hooks.iter().map(Hook::file_name);
    let foreign: Vec<_> = foreign.filter(|library| names::of_library(library).is_none()).collect();
    if let Some(library) = foreign.first().filter(|_| !child.is_empty()) {
        let what = format!("\"{name}\" is not known here; it may be a logger of {library}");
        let effect = "if no library has it, its file stays empty";
        return UNKNOWN_HOOK.at(entry, what, effect, "see the documentation of the library");
    }
    let what = format!("\"{name}\" is no logger of {root}");
    let remedy = format!("write \"{root}\" for all messages, or one of its loggers (kea-loggers lists them)");
    UNKNOWN.at(entry, what, unused(entry), remedy)
}

/// A logger that another daemon has.
fn elsewhere(entry: &Entry<'_>, child: &str) -> Option<Finding> {
    let daemon = entry.site.config.daemon;
    let has_it = |other: &crate::config::Daemon| *other != daemon && names::own(*other).contains(&child);
    let other = crate::config::Daemon::ALL.into_iter().find(has_it)?;
    let other = names::root(other);
    let what = format!("\"{child}\" is a logger of {other}, not of {}", names::root(daemon));
    let remedy = format!("move the entry into the configuration of {other}");
    Some(OTHER_DAEMON.at(entry, what, unused(entry), remedy))
}

/// Every name that an entry may have, in full and without the daemon's.
fn candidates(entry: &Entry<'_>) -> Vec<String> {
    let (daemon, release) = (entry.site.config.daemon, entry.site.surroundings.rules.release);
    let root = names::root(daemon);
    let children: Vec<_> = names::own_of(daemon, release).into_iter().chain(names::of_hooks(daemon, release)).collect();
    let full = children.iter().map(|child| format!("{root}.{child}"));
    let short = children.iter().map(|child| (*child).to_owned());
    std::iter::once(root.to_owned()).chain(full).chain(short).collect()
}

fn nearest<'a>(candidates: &'a [String], name: &str) -> Option<&'a String> {
    let distance = |known: &str| strsim::damerau_levenshtein(known, name);
    let best = candidates.iter().min_by_key(|known| distance(known))?;
    (distance(best) <= (name.chars().count() / 4).clamp(1, 3)).then_some(best)
}
