//! What Kea refuses, or does not understand.

use super::{Finding, FindingKind, Grade, UNSEEN_BY_T};
use crate::config::json::{Data, Map, Value};
use crate::loggers::entry::Entry;
use crate::loggers::site::Site;

const SYNTAX: FindingKind = FindingKind(Grade::Critical, "syntax");
const REFUSED: FindingKind = FindingKind(Grade::Critical, "refused");
const NO_NAME: FindingKind = FindingKind(Grade::Critical, "no-name");
const VERSIONS: FindingKind = FindingKind(Grade::Warning, "bad-maxver");
const SPELLING: FindingKind = FindingKind(Grade::Critical, "spelling");
const OLD_SPELLING: FindingKind = FindingKind(Grade::Note, "old-spelling");
const OLD_MAP: FindingKind = FindingKind(Grade::Critical, "logging-map");

/// What is wrong with the list itself and with what could not be read.
pub(super) fn findings(site: &Site) -> Vec<Finding> {
    let mut all = Vec::new();
    let does_not_start = "the daemon does not start, and a running one refuses to load it";
    if let Some(error) = &site.config.syntax_error {
        let text = error.to_string();
        let (place, what) = split(&text);
        all.push(SYNTAX.found(place, "", what, does_not_start, "correct it; the daemon's -t names the place too"));
    }
    let faults = site.config.faults.iter().filter(|fault| matches!(&*fault.part, "loggers" | "Logging"));
    for fault in faults {
        let place = site.config.place(fault.position).to_string();
        // What is a number is good enough for its syntax.
        let is_number = fault.cause.contains("expected 0 to");
        if is_number && fault.cause.starts_with("\"maxver\"") {
            let effect = "the daemon starts with it, but how many rotated files it keeps is not as it is written";
            all.push(VERSIONS.found(place, "", fault.cause.clone(), effect, "write how many are to be kept"));
            continue;
        }
        let effect = if is_number { UNSEEN_BY_T } else { does_not_start };
        all.push(REFUSED.found(place, "", fault.cause.clone(), effect, "correct it"));
    }
    if let Some(list) =
        site.written.as_ref().filter(|written| matches!(&written.data, Data::List(items) if items.is_empty()))
    {
        let place = site.config.place(list.position).to_string();
        let what = "the list of loggers is empty".to_owned();
        all.push(REFUSED.found(place, "", what, does_not_start, "remove \"loggers\", or give it an entry"));
    }
    if site.has_logging_map && site.surroundings.rules.refuses_logging_map() {
        let position = site.written.as_ref().map_or(site.config.server.position, |list| list.position);
        let what = "\"Logging\" is a map of Kea before 1.6".to_owned();
        let remedy = format!("move its loggers into \"loggers\" of \"{}\"", site.config.daemon.config_key());
        all.push(OLD_MAP.found(site.config.place(position).to_string(), "", what, does_not_start, remedy));
    }
    all
}

/// `file:line:column` and what follows it.
fn split(text: &str) -> (String, String) {
    match text.split_once(": ") {
        Some((place, what)) => (place.to_owned(), what.to_owned()),
        None => (String::new(), text.to_owned()),
    }
}

/// What is wrong with the members of an entry.
pub(super) fn of_entry(entry: &Entry<'_>) -> Vec<Finding> {
    let mut all = Vec::new();
    let Some(written) = entry.site.written_of(entry.logger) else { return all };
    if written.get("name").is_none() {
        all.push(NO_NAME.at(entry, "the entry has no \"name\"".to_owned(), UNSEEN_BY_T, "give it one"));
    }
    all.extend(unknown(entry, &entry.logger.rest));
    for output in entry.outputs() {
        all.extend(unknown(entry, &output.rest));
    }
    all.extend(spelling(entry, written));
    all.extend(empty_outputs(entry, written));
    all
}

/// Members that no release knows.
fn unknown<'a>(entry: &'a Entry<'_>, rest: &'a Map) -> impl Iterator<Item = Finding> {
    let is_free = |name: &[u8]| name == b"user-context" || name == b"comment";
    rest.iter().filter(move |(name, _)| !is_free(name)).map(|(name, value)| {
        let what = format!("\"{}\" is no member that Kea knows here", String::from_utf8_lossy(name));
        let place = entry.site.config.place(value.position).to_string();
        let effect = "the daemon does not start, and -t says so";
        REFUSED.found(place, entry.written_name(), what, effect, "remove it, or write it as Kea does")
    })
}

fn spelling(entry: &Entry<'_>, written: &Value) -> Option<Finding> {
    let rules = entry.site.surroundings.rules;
    let (old, new) = (written.get("output_options"), written.get("output-options"));
    let release = rules.release;
    match (old, new) {
        (Some(_), Some(_)) => {
            let what = "the outputs are written twice, as \"output_options\" and as \"output-options\"".to_owned();
            Some(SPELLING.at(entry, what, "the daemon does not start, and -t says so", "keep one of them"))
        }
        (None, Some(_)) if !rules.knows_hyphens() => {
            let what = format!("\"output-options\" is not known to Kea {release}, only from 2.5.1 on");
            let effect = "the daemon does not start, and -t says so";
            Some(SPELLING.at(entry, what, effect, "write \"output_options\""))
        }
        (Some(_), None) if rules.deprecates_underscores() => {
            let what = "\"output_options\" is the old spelling".to_owned();
            let effect = format!("Kea {release} reads it; a later release will not");
            Some(OLD_SPELLING.at(entry, what, effect, "write \"output-options\" (Kea 2.5.1 on)"))
        }
        _ => None,
    }
}

fn empty_outputs(entry: &Entry<'_>, written: &Value) -> Option<Finding> {
    let list = ["output_options", "output-options"].into_iter().find_map(|key| written.get(key))?;
    matches!(&list.data, Data::List(items) if items.is_empty()).then(|| {
        let what = "the list of outputs is empty".to_owned();
        REFUSED.at(entry, what, "the daemon does not start, and -t says so", "remove the list, or give it an output")
    })
}
