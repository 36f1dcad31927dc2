//! A daemon's files: lease file and its cleanup, log, core files; and how often it was restarted.

use super::facts::{Instance, LeaseFile};
use super::service::runs_on_its_file;
use super::{Finding, Thresholds, duration};
use crate::health::State;

/// A crash that young is worth a warning, in seconds.
const RECENT: i64 = 86_400;
/// How long a cleanup may take, in seconds; that of millions of leases takes minutes.
const CLEANUP: i64 = 600;

/// Problems that do not keep it from serving.
pub(super) fn files(instance: &Instance, thresholds: &Thresholds, now: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(leases) = &instance.leases {
        // The interval begins anew with every configuration that is loaded.
        let since = instance.last_load(now).map(|load| now - load).or_else(|| instance.uptime(now));
        let interval = if runs_on_its_file(instance, now) { leases.lfc_interval } else { 0 };
        findings.extend(since.and_then(|since| cleanup(leases, interval, since, now)));
    }
    findings.extend(restarted(instance, thresholds, now));
    findings.extend(crashed(instance, now));
    findings
}

/// Whether the lease file is cleaned up as configured. If it is not, the file grows without limit, and Kea does not
/// report it.
fn cleanup(leases: &LeaseFile, interval: u64, since: i64, now: i64) -> Option<Finding> {
    let interval = i64::try_from(interval).unwrap_or(i64::MAX);
    let warned = |text: String| Some(Finding::new("lfc", State::Warning, format!("lease file cleanup: {text}")));
    let path = leases.path.display();
    if let (Some(by), Some(pid)) = (&leases.cleanup_blocked_by, leases.cleanup_pid) {
        return warned(format!("it cannot start: {path}.pid holds {pid}, which belongs to \"{by}\" now"));
    }
    if interval == 0 || leases.cleanup_runs || leases.size.is_none() {
        return None;
    }
    if let Some(age) = leases.previous.map(|previous| now - previous).filter(|age| *age > CLEANUP) {
        return warned(format!("{path}.1 is left from {} ago: the cleanup then did not finish", duration(age)));
    }
    let overdue = interval.saturating_mul(2).saturating_add(CLEANUP);
    match leases.cleaned.map(|cleaned| now - cleaned) {
        _ if since <= overdue => None,
        Some(age) if age <= overdue => None,
        Some(age) => warned(format!("the last one was {} ago, though one is due every {interval} s", duration(age))),
        None => warned(format!("there was none, though one is due every {interval} s")),
    }
}

fn restarted(instance: &Instance, thresholds: &Thresholds, now: i64) -> Option<Finding> {
    // After the clock was set back it reports less than that.
    let (uptime, least) = (instance.uptime(now).max(instance.age(now))?, thresholds.warning_uptime?);
    if uptime >= least {
        return None;
    }
    let restarts = instance.unit.as_ref().and_then(|unit| unit.restarts).filter(|count| *count > 0);
    let by_systemd = restarts.map_or_else(String::new, |count| format!("; systemd has restarted it {count} times"));
    let text = format!("it has run for {} only{by_systemd}", duration(uptime));
    Some(Finding::new("restarted", State::Warning, text))
}

/// Whether there is a recent core file.
pub(super) fn crashed(instance: &Instance, now: i64) -> Option<Finding> {
    let core = instance.cores.first().filter(|core| now - core.modified < RECENT)?;
    let text = format!("it crashed {} ago and left {}", duration((now - core.modified).max(0)), core.path.display());
    Some(Finding::new("core-file", State::Warning, text))
}
