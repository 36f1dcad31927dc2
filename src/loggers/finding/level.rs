//! Severities and debug levels.

use super::{Finding, FindingKind, Grade, UNSEEN_BY_T};
use crate::loggers::entry::Entry;
use crate::loggers::threshold::{HIGHEST_LEVEL, Threshold};

const NO_SEVERITY: FindingKind = FindingKind(Grade::Critical, "no-severity");
const BAD_SEVERITY: FindingKind = FindingKind(Grade::Warning, "bad-severity");
const SILENT: FindingKind = FindingKind(Grade::Critical, "severity-none");
const NO_LEVEL: FindingKind = FindingKind(Grade::Warning, "debug-without-level");
const BAD_LEVEL: FindingKind = FindingKind(Grade::Critical, "bad-level");

/// What is wrong with the severity and the level of an entry.
pub(super) fn findings(entry: &Entry<'_>) -> Vec<Finding> {
    severity(entry).into_iter().chain(level(entry)).collect()
}

fn severity(entry: &Entry<'_>) -> Option<Finding> {
    let written = entry.site.written_of(entry.logger).and_then(|written| written.get("severity"));
    if written.is_none() {
        let what = "the entry has no \"severity\"".to_owned();
        return Some(NO_SEVERITY.at(entry, what, UNSEEN_BY_T, "write \"severity\": \"INFO\""));
    }
    let severity = entry.logger.severity.as_deref().unwrap_or_default();
    match Threshold::read(severity, 0) {
        None => {
            let what = format!("\"{severity}\" is no severity");
            let meant =
                if severity.eq_ignore_ascii_case("warning") { "WARN" } else { "DEBUG, INFO, WARN, ERROR or FATAL" };
            let effect = "Kea logs at INFO, and LOG_BAD_SEVERITY once, which goes to standard output; -t finds nothing";
            Some(BAD_SEVERITY.at(entry, what, effect, format!("write {meant}")))
        }
        Some(threshold) if threshold.is_silent() => {
            let what = "the severity is NONE".to_owned();
            let effect = "none of its messages is logged, not even FATAL ones";
            Some(SILENT.at(entry, what, effect, "write ERROR or FATAL for a quiet log"))
        }
        Some(_) => None,
    }
}

fn level(entry: &Entry<'_>) -> Option<Finding> {
    let level = entry.logger.debuglevel;
    if level.is_some_and(|level| !(0..=i64::from(HIGHEST_LEVEL)).contains(&level)) {
        let what = format!("\"debuglevel\" is {}, and must be from 0 to {HIGHEST_LEVEL}", level.unwrap_or_default());
        return Some(BAD_LEVEL.at(entry, what, UNSEEN_BY_T, "55 shows all but a few messages"));
    }
    let written = entry.site.written_of(entry.logger).and_then(|written| written.get("debuglevel"));
    let is_unread = written.is_some() && level.is_none();
    (entry.threshold().is_debug() && level.unwrap_or(0) == 0 && !is_unread).then(|| {
        let written = if level.is_some() { "\"debuglevel\" 0" } else { "no \"debuglevel\"" };
        let what = format!("DEBUG with {written}");
        let effect = "the level is 0, at which next to no debug messages are logged";
        NO_LEVEL.at(entry, what, effect, "write \"debuglevel\": 55 (40 for less), or the severity INFO")
    })
}
