//! Whether the daemons run and serve.

use std::io;

use super::{Page, of_daemon, with};
use crate::output::prometheus::MetricKind;
use crate::stats::reading::{Answers, Subject, as_float};

#[expect(clippy::cast_precision_loss, reason = "no time since 1970 has 2^52 seconds")]
fn seconds(seconds: i64) -> f64 {
    seconds as f64
}

pub(super) fn write(page: &mut Page<'_>) -> io::Result<()> {
    page.each("kea_up", MetricKind::Gauge, "Whether the daemon is up", |family, reading| {
        family.sample(&of_daemon(reading), reading.answers.is_some());
    })?;
    let help = "Duration of the query of the daemon";
    page.each("kea_scrape_duration_seconds", MetricKind::Gauge, help, |family, reading| {
        family.sample(&of_daemon(reading), reading.took.as_secs_f64());
    })?;
    page.each("kea_scrape_error", MetricKind::Gauge, "Why the daemon does not answer", |family, reading| {
        if let Some(reason) = reading.trouble.filter(|_| reading.answers.is_none()) {
            family.sample(&with(of_daemon(reading), [("reason", reason)]), 1);
        }
    })?;
    page.answers("kea_info", MetricKind::Gauge, "The daemon's version", |family, reading, answers| {
        if let Some(version) = &answers.version {
            family.sample(&with(of_daemon(reading), [("version", version.as_str())]), 1);
        }
    })?;
    page.gauge("kea_uptime_seconds", "Time since the daemon started", |answers| answers.status.uptime.map(seconds))?;
    let help = "When the daemon last loaded its configuration, in seconds since 1970";
    page.gauge("kea_config_reload_timestamp_seconds", help, |answers| {
        answers.status.reload.map(|ago| seconds(answers.at.saturating_sub(ago)))
    })?;
    service(page)?;
    files(page)?;
    skipped(page)
}

fn files(page: &mut Page<'_>) -> io::Result<()> {
    let help = "When the configuration was last written, in seconds since 1970";
    page.gauge("kea_config_modified_timestamp_seconds", help, |answers| answers.files.config_modified.map(seconds))?;
    let help = "Why the configuration file cannot be used; the daemon runs with an earlier one";
    page.answers("kea_config_file_error", MetricKind::Gauge, help, |family, reading, answers| {
        if let Some(reason) = answers.files.config_fault {
            family.sample(&with(of_daemon(reading), [("reason", reason)]), 1);
        }
    })?;
    page.gauge("kea_lease_file_bytes", "Size of the lease file", |answers| {
        answers.files.lease_file_size.map(|size| as_float(size.into()))
    })?;
    let help = "When the lease file was last cleaned up, in seconds since 1970";
    page.gauge("kea_lfc_last_run_timestamp_seconds", help, |answers| answers.files.lease_file_cleaned.map(seconds))
}

fn service(page: &mut Page<'_>) -> io::Result<()> {
    let help = "Whether the server may serve DHCP clients (Kea 2.7.1 and later)";
    page.gauge("kea_dhcp_service_enabled", help, |answers| {
        answers.status.dhcp_state.as_ref().map(|state| f64::from(u8::from(!state.globally_disabled)))
    })?;
    let help = "Whether the server's sockets for DHCP are open";
    page.gauge("kea_dhcp_service_sockets", help, |answers| {
        answers.status.sockets.as_deref().map(|state| f64::from(u8::from(state == "ready")))
    })?;
    let help = "Packets that wait for a thread, on average over the last ten";
    page.gauge("kea_packet_queue", help, |answers| answers.status.packet_queue.map(|[recent, ..]| recent))
}

fn skipped(page: &mut Page<'_>) -> io::Result<()> {
    let subjects = [
        ("kea_leases_skipped", "Why leases were not counted", Subject::Leases),
        ("kea_statistics_skipped", "Why not all statistics were requested", Subject::Statistics),
        ("kea_config_skipped", "Why the configuration is not known", Subject::Configuration),
    ];
    let help = "When the leases were counted, in seconds since 1970";
    page.gauge("kea_leases_counted_timestamp_seconds", help, |answers| answers.leases_counted.map(seconds))?;
    for (name, help, subject) in subjects {
        page.answers(name, MetricKind::Gauge, help, |family, reading, answers| {
            for reason in reasons(answers, subject) {
                family.sample(&with(of_daemon(reading), [("reason", reason)]), 1);
            }
        })?;
    }
    Ok(())
}

fn reasons(answers: &Answers, subject: Subject) -> impl Iterator<Item = &'static str> {
    answers.skipped.iter().filter(move |skipped| skipped.what == subject).map(|skipped| skipped.reason)
}
