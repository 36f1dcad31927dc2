//! What monitors read: a plugin's lines, or metrics.

use std::io::Write;

use super::{ProbeOutput, unwritten};
use crate::error::Result;
use crate::health::{Check, Report};
use crate::output::nagios;
use crate::output::prometheus::{Exposition, MetricKind};
use crate::probe::{Record, TargetResult};

/// The lines of a monitoring plugin.
pub(super) struct Nagios<'a> {
    is_quiet: bool,
    stdout: &'a mut dyn Write,
}

impl<'a> Nagios<'a> {
    pub(super) fn new(is_quiet: bool, stdout: &'a mut dyn Write) -> Self {
        Self { is_quiet, stdout }
    }
}

impl ProbeOutput for Nagios<'_> {
    fn exchange(&mut self, _number: u64, _result: &TargetResult<'_>, _record: &Record) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self, _results: &[TargetResult<'_>], report: &Report) -> Result<()> {
        if self.is_quiet {
            return Ok(());
        }
        nagios::write("DHCP", report, self.stdout).map_err(|cause| unwritten(&cause))
    }
}

/// Metrics for the textfile collector.
pub(super) struct Prometheus<'a> {
    is_quiet: bool,
    stdout: &'a mut dyn Write,
}

impl<'a> Prometheus<'a> {
    pub(super) fn new(is_quiet: bool, stdout: &'a mut dyn Write) -> Self {
        Self { is_quiet, stdout }
    }
}

impl ProbeOutput for Prometheus<'_> {
    fn exchange(&mut self, _number: u64, _result: &TargetResult<'_>, _record: &Record) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self, results: &[TargetResult<'_>], report: &Report) -> Result<()> {
        let mut text = Exposition::new();
        for (result, check) in results.iter().zip(&report.checks) {
            expose(result, check, &mut text);
        }
        if !self.is_quiet {
            text.write_to(self.stdout).map_err(|cause| unwritten(&cause))?;
        }
        Ok(())
    }
}

fn expose(result: &TargetResult<'_>, check: &Check, text: &mut Exposition) {
    let target = [("target", result.target.name.as_str())];
    let tally = &result.tally;
    text.family("dhcping_state", MetricKind::Gauge, "The state: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN")
        .sample(&target, check.state.nagios_code());
    text.family("dhcping_probes", MetricKind::Gauge, "Probes sent").sample(&target, tally.probes);
    text.family("dhcping_answered", MetricKind::Gauge, "Probes that were answered").sample(&target, tally.answered);
    text.family("dhcping_refusals", MetricKind::Gauge, "Refusals: NAK, or a status such as NoAddrsAvail")
        .sample(&target, tally.refusals);
    for served in &tally.servers {
        let (server, source) = (served.server.to_string(), served.source.ip().to_string());
        let mac = served.mac.map(|mac| mac.to_string()).unwrap_or_default();
        let labels = [target[0], ("server", &server), ("source", &source), ("mac", &mac)];
        text.family("dhcping_server_answers", MetricKind::Gauge, "Probes that this server answered")
            .sample(&labels, served.answers);
        text.family("dhcping_server_refusals", MetricKind::Gauge, "Refusals of this server")
            .sample(&labels, served.refusals);
        text.family("dhcping_server_duplicates", MetricKind::Gauge, "Duplicate answers of this server")
            .sample(&labels, served.copies);
        let Some((min, mean, max)) = served.times.summary() else { continue };
        for (name, help, time) in [
            ("dhcping_rtt_min_seconds", "Minimum round-trip time of this server", min),
            ("dhcping_rtt_mean_seconds", "Mean round-trip time of this server", mean),
            ("dhcping_rtt_max_seconds", "Maximum round-trip time of this server", max),
        ] {
            text.family(name, MetricKind::Gauge, help).sample(&labels, time.as_secs_f64());
        }
    }
    for (reason, count, _) in tally.rejected.each() {
        let labels = [target[0], ("reason", reason.name())];
        text.family("dhcping_ignored_datagrams", MetricKind::Gauge, "Datagrams that were ignored")
            .sample(&labels, count);
    }
}
