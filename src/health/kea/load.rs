//! Whether the daemon runs with the configuration in its file.

use super::facts::{FileProblem, Instance};
use super::service::{failed_load, is_newer_than_load};
use super::{Finding, Verdict, duration};
use crate::health::State;

/// Problems of the configuration of a daemon that serves.
pub(super) fn load(instance: &Instance, now: i64) -> Vec<Finding> {
    let Some(file) = &instance.configuration else { return Vec::new() };
    let path = file.path.display();
    let log_says = instance.log.as_ref().is_some_and(|log| log.reload_failed.is_some());
    let is_newer = is_newer_than_load(instance, file, now) == Some(true);
    if log_says {
        let why = failed_load(instance, now).unwrap_or_default();
        let text = format!("it runs with an older configuration because its last reload failed; {why}");
        return vec![Finding::new("reload-failed", State::Warning, text).verdict(Verdict::ReloadFailed).and_serves()];
    }
    let mut findings = Vec::new();
    match &file.fault {
        Some(FileProblem::Invalid(why)) => {
            let text = format!("its configuration does not parse, so it cannot be reloaded or restarted: {why}");
            findings.push(Finding::new("configuration-invalid", State::Warning, text));
        }
        // Its root directory may be another.
        Some(FileProblem::Missing(_)) if instance.is_closed() => {}
        Some(FileProblem::Missing(why)) => {
            let text = format!("its configuration is gone, so it cannot be reloaded or restarted: {why}");
            findings.push(Finding::new("configuration-missing", State::Warning, text));
        }
        Some(FileProblem::Unreadable(why)) => {
            let text = format!("its configuration cannot be read, so it cannot be reloaded or restarted: {why}");
            findings.push(Finding::new("configuration-unreadable", State::Warning, text));
        }
        _ if is_newer => {
            let ago = file.modified.map_or(0, |modified| (now - modified).max(0));
            // Seconds would be wrong a moment later, where this is shown for a while.
            let ago = if ago < 60 { "less than a minute".to_owned() } else { duration(ago) };
            let text = format!("{path} was changed {ago} ago and not loaded since");
            findings.push(Finding::new("configuration-newer", State::Warning, text));
        }
        _ => {}
    }
    findings.extend(file.closed_to.as_ref().map(|user| {
        let text = format!("its user {user} cannot read {path}, so it cannot be reloaded or restarted");
        Finding::new("configuration-unreadable", State::Warning, text)
    }));
    findings
}
