//! Lines for people: the old dhcping's for a single probe, ping's for many.

use std::io::{self, Write};

use super::{Passing, ProbeOutput, Style, unwritten};
use crate::error::Result;
use crate::health::{Report, State, dhcp};
use crate::output::packet::{self, Style as PacketStyle};
use crate::probe::tally::{Tally, Times};
use crate::probe::{ProbeAnswer, Record, TargetResult};
use crate::text::{OneLine, count, milliseconds};

/// Text for a person.
pub(super) struct Text<'a> {
    style: Style<'a>,
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
}

impl<'a> Text<'a> {
    pub(super) fn new(style: Style<'a>, stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Self {
        Self { style, stdout, stderr }
    }

    fn line(&mut self, text: &str) -> Result<()> {
        if self.style.quiet {
            return Ok(());
        }
        let written = writeln!(self.stdout, "{}", OneLine(text)).and_then(|()| self.stdout.flush());
        written.map_err(|cause| unwritten(&cause))
    }

    /// A line on stderr that begins with the program's name.
    fn report(&mut self, text: &str) {
        self.say(&format!("{}: {text}", self.style.program));
    }

    /// A line on stderr; where that is closed there is no other place to say it.
    fn say(&mut self, text: &str) {
        if !self.style.quiet {
            let _ = writeln!(self.stderr, "{}", OneLine(text));
        }
    }

    fn single(&mut self, record: &Record) -> Result<()> {
        // The result says what came of it.
        if self.style.expectations.lacks_the_lease(record) && !self.style.is_classic {
            return Ok(());
        }
        let last = record.final_answer().map(|answer| answer.phase);
        let is_last = |answer: &&ProbeAnswer| Some(answer.phase) == last;
        for answer in record.answers.iter().filter(is_last) {
            if let Some(refused) = self.style.expectations.refused(answer, record) {
                self.line(&refused)?;
                continue;
            }
            let remark = match answer.refusal {
                None => String::new(),
                Some(_) => format!(" ({})", dhcp::kind(answer)),
            };
            self.line(&format!("Got answer from: {}{remark}", answer.source.ip()))?;
            if !self.style.is_classic && answer.refusal.is_none() {
                self.given(record, answer)?;
            }
        }
        Ok(())
    }

    /// What an answer gives, and how long it took.
    fn given(&mut self, record: &Record, answer: &ProbeAnswer) -> Result<()> {
        let of = |answer: &ProbeAnswer| format!("{} in {}", answer.kind.word(), milliseconds(answer.rtt));
        let is_offer = |before: &&ProbeAnswer| before.phase < answer.phase && before.identity() == answer.identity();
        let offer = record.answers.iter().find(is_offer).map_or_else(String::new, |offer| format!(", {}", of(offer)));
        self.line(&format!("  {}{offer}, server {}", of(answer), answer.identity()))?;
        let granted = if answer.source.is_ipv4() { packet::granted4 } else { packet::granted6 };
        granted(&answer.octets).iter().try_for_each(|line| self.line(&format!("  {line}")))
    }

    fn numbered(&mut self, number: u64, result: &TargetResult<'_>, record: &Record) -> Result<()> {
        if record.answers.is_empty() && record.unsent.is_none() && !record.interrupted {
            let ignored = record.came_instead().map_or_else(String::new, |instead| format!(" ({instead})"));
            return self.line(&format!("no answer: {} seq={number}{ignored}", result.target.name));
        }
        for answer in &record.answers {
            self.line(&format!("{} seq={number} time={}", described(answer), milliseconds(answer.rtt)))?;
        }
        Ok(())
    }

    fn details(&mut self, record: &Record) {
        for sent in &record.sent {
            self.report(&format!("sent {}, try {}, {} octets", sent.what, sent.try_number, sent.octets));
        }
        for answer in &record.answers {
            let copies = if answer.copies > 1 { format!(", {} times", answer.copies) } else { String::new() };
            self.report(&format!("{} in {}{copies}", described(answer), milliseconds(answer.rtt)));
            for remark in answer.remarks.iter().filter(|remark| remark.is_of_form()) {
                self.report(&format!("{}: {remark}", answer.source.ip()));
            }
        }
        if let Some(unreachable) = &record.unreachable {
            self.report(&unreachable.to_string());
        }
        for (reason, times, first) in record.rejected.each() {
            let what = format!("{}: {}", count(times, "datagram"), record.rejected.words(reason));
            self.report(&format!("ignored {what}, first from {}", first.ip()));
        }
    }

    fn summary(&mut self, result: &TargetResult<'_>) -> Result<()> {
        let Tally { probes, answered, times, servers, .. } = &result.tally;
        self.line("")?;
        self.line(&format!("--- {} ---", result.target.name))?;
        let loss = result.tally.loss().map_or_else(String::new, |loss| format!(", {loss:.0}% loss"));
        self.line(&format!("{} sent, {answered} answered{loss}", count(*probes, "probe")))?;
        self.times("min/avg/max", times)?;
        for served in servers {
            let copies = if served.copies > 0 { format!(", {} duplicate", served.copies) } else { String::new() };
            let mac = served.mac.map_or_else(String::new, |mac| format!(", {mac}"));
            let answers = count(served.answers, "answer");
            self.line(&format!("{} (from {}{mac}): {answers}{copies}", served.server, served.source.ip()))?;
            self.times("  min/avg/max", &served.times)?;
        }
        Ok(())
    }

    fn times(&mut self, what: &str, times: &Times) -> Result<()> {
        let Some((min, mean, max)) = times.summary() else { return Ok(()) };
        let [min, mean, max] = [min, mean, max].map(|time| time.as_secs_f64() * 1000.0);
        self.line(&format!("{what} = {min:.3}/{mean:.3}/{max:.3} ms"))
    }
}

/// Whether all that is wrong is that servers say no.
fn is_refused_only(result: &TargetResult<'_>) -> bool {
    let is_refusal = |fault: &String| fault.starts_with("refused: ");
    !result.faults.is_empty() && result.faults.iter().all(is_refusal) && dhcp::missing(result).is_empty()
}

/// `OFFER from 192.0.2.1: 192.0.2.100`.
fn described(answer: &ProbeAnswer) -> String {
    let (identity, source) = (answer.identity().to_string(), answer.source.ip().to_string());
    let identity = if identity == source { String::new() } else { format!(" (server {identity})") };
    let text = format!("{} from {source}{identity}", answer.kind.word());
    let addresses: Vec<_> = answer.addresses.iter().map(ToString::to_string).collect();
    let said = match (&answer.refusal, &addresses[..]) {
        (Some(words), _) => words.clone(),
        (None, addresses) => addresses.join(", "),
    };
    if said.is_empty() { text + ":" } else { format!("{text}: {said}") }
}

impl ProbeOutput for Text<'_> {
    fn remark(&mut self, remark: &str) {
        if self.style.verbose {
            self.report(remark);
        }
    }

    fn notice(&mut self, notice: &str) {
        self.report(notice);
    }

    fn packet(&mut self, packet: Passing<'_>) {
        if self.style.packets && !self.style.quiet {
            // If stdout is gone, the next line to it says so.
            let _ = write_packet(packet, self.style.is_classic, self.stdout);
        }
    }

    fn exchange(&mut self, number: u64, result: &TargetResult<'_>, record: &Record) -> Result<()> {
        if self.style.verbose {
            self.details(record);
        }
        match (self.style.has_line_per_target, self.style.is_series) {
            (true, _) => Ok(()),
            (false, true) => self.numbered(number, result, record),
            (false, false) => self.single(record),
        }
    }

    fn finish(&mut self, results: &[TargetResult<'_>], report: &Report) -> Result<()> {
        if self.style.has_line_per_target {
            return report.checks.iter().try_for_each(|check| self.line(&format!("{}: {}", check.name, check.text)));
        }
        if self.style.is_series {
            results.iter().try_for_each(|result| self.summary(result))?;
        }
        for (check, result) in report.checks.iter().zip(results) {
            result.remarks.iter().for_each(|remark| self.report(remark));
            match check.state {
                State::Ok => {}
                // It is printed instead of the answer.
                _ if !self.style.is_series && is_refused_only(result) => {}
                // As dhcping 1.2 says it.
                State::Critical if result.tally.servers.is_empty() && results.len() == 1 && !self.style.is_series => {
                    self.say(&format!("no answer{}", dhcp::came_instead(result)));
                }
                _ if results.len() == 1 => self.report(&check.text),
                _ => self.report(&format!("{}: {}", check.name, check.text)),
            }
            check.details.iter().for_each(|detail| self.report(detail));
        }
        Ok(())
    }
}

/// A packet: which way, its octets, what they mean.
fn write_packet(packet: Passing<'_>, is_classic: bool, out: &mut dyn Write) -> io::Result<()> {
    let Passing { is_sent, address, octets } = packet;
    let way = if is_sent { "sent to" } else { "received from" };
    writeln!(out, "packet {} bytes, {way} {address}", octets.len())?;
    if is_classic && address.is_ipv4() {
        packet::classic4(octets, out)?;
        return out.flush();
    }
    packet::hexdump(octets, out)?;
    if address.is_ipv4() {
        packet::text4(octets, PacketStyle::Verbose, out)?;
    } else {
        packet::text6(octets, PacketStyle::Verbose, out)?;
    }
    out.flush()
}
