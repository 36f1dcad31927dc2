//! What monitors read: a plugin's lines, or metrics.

use std::io::Write;

use super::rounds::Aim;
use super::show::{self, Show, unwritten};
use super::verdict::Judge;
use crate::error::Result;
use crate::exit::Exit;
use crate::health::Check;
use crate::output::nagios;
use crate::output::prometheus::{Exposition, Kind};
use crate::probe::Record;

/// The lines of a monitoring plugin.
pub(super) struct Nagios<'a> {
    judge: &'a Judge<'a>,
    stdout: &'a mut dyn Write,
}

impl<'a> Nagios<'a> {
    pub(super) fn new(judge: &'a Judge<'a>, stdout: &'a mut dyn Write) -> Self {
        Self { judge, stdout }
    }
}

impl Show for Nagios<'_> {
    fn round(&mut self, _number: u64, _aim: &Aim<'_>, _record: &Record) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self, aims: &[Aim<'_>]) -> Result<Exit> {
        let report = self.judge.report(aims);
        if !self.judge.args.output.quiet {
            nagios::write("DHCP", &report, self.stdout).map_err(|cause| unwritten(&cause))?;
        }
        Ok(Exit::Nagios(report.state().nagios_code()))
    }
}

/// Metrics for the textfile collector.
pub(super) struct Prometheus<'a> {
    judge: &'a Judge<'a>,
    stdout: &'a mut dyn Write,
}

impl<'a> Prometheus<'a> {
    pub(super) fn new(judge: &'a Judge<'a>, stdout: &'a mut dyn Write) -> Self {
        Self { judge, stdout }
    }
}

impl Show for Prometheus<'_> {
    fn round(&mut self, _number: u64, _aim: &Aim<'_>, _record: &Record) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self, aims: &[Aim<'_>]) -> Result<Exit> {
        let report = self.judge.report(aims);
        let mut text = Exposition::new();
        for (aim, check) in aims.iter().zip(&report.checks) {
            expose(aim, check, &mut text);
        }
        if !self.judge.args.output.quiet {
            text.write_to(self.stdout).map_err(|cause| unwritten(&cause))?;
        }
        Ok(show::exit(report.state()))
    }
}

fn expose(aim: &Aim<'_>, check: &Check, text: &mut Exposition) {
    let target = [("target", aim.target.name.as_str())];
    let tally = &aim.tally;
    text.family("dhcping_state", Kind::Gauge, "How well it is: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN")
        .sample(&target, check.state.nagios_code());
    text.family("dhcping_probes", Kind::Gauge, "Probes sent").sample(&target, tally.probes);
    text.family("dhcping_answered", Kind::Gauge, "Probes that were answered").sample(&target, tally.answered);
    text.family("dhcping_refusals", Kind::Gauge, "Answers that said no: NAK, or a status such as NoAddrsAvail")
        .sample(&target, tally.refusals);
    for served in &tally.servers {
        let (server, source) = (served.server.to_string(), served.source.ip().to_string());
        let mac = served.mac.map(|mac| mac.to_string()).unwrap_or_default();
        let labels = [target[0], ("server", &server), ("source", &source), ("mac", &mac)];
        text.family("dhcping_server_answers", Kind::Gauge, "Probes that this server answered")
            .sample(&labels, served.answers);
        text.family("dhcping_server_refusals", Kind::Gauge, "Answers of this server that said no")
            .sample(&labels, served.refusals);
        text.family("dhcping_server_duplicates", Kind::Gauge, "Answers of this server that came again")
            .sample(&labels, served.copies);
        let Some((min, mean, max)) = served.times.summary() else { continue };
        for (name, help, time) in [
            ("dhcping_rtt_min_seconds", "Least round-trip time of this server", min),
            ("dhcping_rtt_mean_seconds", "Mean round-trip time of this server", mean),
            ("dhcping_rtt_max_seconds", "Greatest round-trip time of this server", max),
        ] {
            text.family(name, Kind::Gauge, help).sample(&labels, time.as_secs_f64());
        }
    }
    for (reason, count, _) in tally.rejected.each() {
        let labels = [target[0], ("reason", reason.name())];
        text.family("dhcping_ignored_datagrams", Kind::Gauge, "Datagrams that were no answer").sample(&labels, count);
    }
}
