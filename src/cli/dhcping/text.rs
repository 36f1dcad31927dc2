//! Lines for people: the old dhcping's for a single probe, ping's for many.

use std::io::{self, Write};
use std::time::Duration;

use super::args::NAME;
use super::rounds::Aim;
use super::show::{self, Show, unwritten};
use super::verdict::{self, Judge};
use crate::error::Result;
use crate::exit::Exit;
use crate::health::State;
use crate::net::Seen;
use crate::output::packet::{self, Style};
use crate::probe::tally::{Tally, Times};
use crate::probe::{Answer, Record};
use crate::text::{OneLine, count};

/// `0.412 ms`.
pub(super) fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}

/// Text for a person.
pub(super) struct Text<'a> {
    judge: &'a Judge<'a>,
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
}

impl<'a> Text<'a> {
    pub(super) fn new(judge: &'a Judge<'a>, stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Self {
        Self { judge, stdout, stderr }
    }

    fn line(&mut self, text: &str) -> Result<()> {
        if self.judge.args.output.quiet {
            return Ok(());
        }
        let written = writeln!(self.stdout, "{}", OneLine(text)).and_then(|()| self.stdout.flush());
        written.map_err(|cause| unwritten(&cause))
    }

    /// Something on stderr; nobody is left to be told if that is gone.
    fn tell(&mut self, text: &str) {
        if !self.judge.args.output.quiet {
            let _ = writeln!(self.stderr, "{}", OneLine(text));
        }
    }

    /// Whether each target is a subnet with a line of its own.
    fn has_a_line_for_each(&self) -> bool {
        self.judge.args.whom.from_config.is_some() && !self.is_series()
    }

    fn is_series(&self) -> bool {
        self.judge.args.wait.count.is_some()
    }

    fn single(&mut self, record: &Record) -> Result<()> {
        let last = record.final_answer().map(|answer| answer.phase);
        let is_last = |answer: &&Answer| Some(answer.phase) == last;
        for answer in record.answers.iter().filter(is_last) {
            if let Some(refused) = self.judge.refused(answer) {
                self.line(&refused)?;
                continue;
            }
            let remark = match answer.refusal {
                None => String::new(),
                Some(_) => format!(" ({})", verdict::kind(answer)),
            };
            self.line(&format!("Got answer from: {}{remark}", answer.source.ip()))?;
            if !self.judge.args.output.is_classic && answer.refusal.is_none() {
                self.given(record, answer)?;
            }
        }
        Ok(())
    }

    /// What an answer gives, and how long it took.
    fn given(&mut self, record: &Record, answer: &Answer) -> Result<()> {
        let of = |answer: &Answer| format!("{} in {}", answer.kind.word(), milliseconds(answer.rtt));
        let is_offer = |before: &&Answer| before.phase < answer.phase && before.identity() == answer.identity();
        let offer = record.answers.iter().find(is_offer).map_or_else(String::new, |offer| format!(", {}", of(offer)));
        self.line(&format!("  {}{offer}, server {}", of(answer), answer.identity()))?;
        let granted = if answer.source.is_ipv4() { packet::granted4 } else { packet::granted6 };
        granted(&answer.octets).iter().try_for_each(|line| self.line(&format!("  {line}")))
    }

    fn numbered(&mut self, number: u64, aim: &Aim<'_>, record: &Record) -> Result<()> {
        if record.answers.is_empty() && record.unsent.is_none() && !record.interrupted {
            let ignored = record.came_instead().map_or_else(String::new, |instead| format!(" ({instead})"));
            return self.line(&format!("no answer: {} seq={number}{ignored}", aim.target.name));
        }
        for answer in &record.answers {
            self.line(&format!("{} seq={number} time={}", described(answer), milliseconds(answer.rtt)))?;
        }
        Ok(())
    }

    fn details(&mut self, record: &Record) {
        for sent in &record.sent {
            self.tell(&format!("{NAME}: sent {}, try {}, {} octets", sent.what, sent.try_number, sent.octets));
        }
        for answer in &record.answers {
            let copies = if answer.copies > 1 { format!(", {} times", answer.copies) } else { String::new() };
            self.tell(&format!("{NAME}: {} in {}{copies}", described(answer), milliseconds(answer.rtt)));
            for remark in answer.remarks.iter().filter(|remark| remark.is_of_form()) {
                self.tell(&format!("{NAME}: {}: {remark}", answer.source.ip()));
            }
        }
        if let Some(unreachable) = &record.unreachable {
            self.tell(&format!("{NAME}: {unreachable}"));
        }
        for (reason, times, first) in record.rejected.each() {
            let what = format!("{}: {}", count(times, "datagram"), record.rejected.words(reason));
            self.tell(&format!("{NAME}: ignored {what}, first from {}", first.ip()));
        }
    }

    fn summary(&mut self, aim: &Aim<'_>) -> Result<()> {
        let Tally { probes, answered, times, servers, .. } = &aim.tally;
        self.line("")?;
        self.line(&format!("--- {} ---", aim.target.name))?;
        let loss = aim.tally.loss().map_or_else(String::new, |loss| format!(", {loss:.0}% loss"));
        self.line(&format!("{} sent, {answered} answered{loss}", count(*probes, "probe")))?;
        self.times("min/avg/max", times)?;
        for served in servers {
            let copies = if served.copies > 0 { format!(", {} duplicate", served.copies) } else { String::new() };
            let mac = served.mac.map_or_else(String::new, |mac| format!(", {mac}"));
            let who = format!(
                "{} (from {}{mac}): {}{copies}",
                served.server,
                served.source.ip(),
                count(served.answers, "answer")
            );
            self.times(&format!("{who}, min/avg/max"), &served.times)?;
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
fn is_refused_only(aim: &Aim<'_>) -> bool {
    let is_refusal = |complaint: &verdict::Complaint| complaint.text.starts_with("refused: ");
    !aim.complaints.is_empty() && aim.complaints.iter().all(is_refusal) && verdict::missing(aim).is_empty()
}

/// `OFFER from 192.0.2.1: 192.0.2.100`.
fn described(answer: &Answer) -> String {
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

impl Show for Text<'_> {
    fn remark(&mut self, remark: &str) {
        if self.judge.args.output.verbose {
            self.tell(&format!("{NAME}: {remark}"));
        }
    }

    fn notice(&mut self, notice: &str) {
        self.tell(&format!("{NAME}: {notice}"));
    }

    fn packet(&mut self, seen: &Seen<'_>) {
        if self.judge.args.output.packets && !self.judge.args.output.quiet {
            // If stdout is gone, the next line to it says so.
            let _ = write_packet(seen, self.judge.args.output.is_classic, self.stdout);
        }
    }

    fn round(&mut self, number: u64, aim: &Aim<'_>, record: &Record) -> Result<()> {
        if self.judge.args.output.verbose {
            self.details(record);
        }
        match (self.has_a_line_for_each(), self.is_series()) {
            (true, _) => Ok(()),
            (false, true) => self.numbered(number, aim, record),
            (false, false) => self.single(record),
        }
    }

    fn finish(&mut self, aims: &[Aim<'_>]) -> Result<Exit> {
        if self.has_a_line_for_each() {
            let report = self.judge.report(aims);
            report.checks.iter().try_for_each(|check| self.line(&format!("{}: {}", check.name, check.text)))?;
            return Ok(show::exit(report.state()));
        }
        if self.is_series() {
            aims.iter().try_for_each(|aim| self.summary(aim))?;
        }
        let report = self.judge.report(aims);
        for (check, aim) in report.checks.iter().zip(aims) {
            aim.remarks.iter().for_each(|remark| self.tell(&format!("{NAME}: {remark}")));
            match check.state {
                State::Ok => {}
                // It has been said instead of the answer.
                _ if !self.is_series() && is_refused_only(aim) => {}
                // The old dhcping's own words.
                State::Critical if aim.tally.servers.is_empty() && aims.len() == 1 && !self.is_series() => {
                    self.tell(&format!("no answer{}", verdict::ignored(aim)));
                }
                _ if aims.len() == 1 => self.tell(&format!("{NAME}: {}", check.text)),
                _ => self.tell(&format!("{NAME}: {}: {}", check.name, check.text)),
            }
            check.details.iter().for_each(|detail| self.tell(&format!("{NAME}: {detail}")));
        }
        Ok(show::exit(report.state()))
    }
}

/// A packet: which way, its octets, what they mean.
fn write_packet(seen: &Seen<'_>, is_classic: bool, out: &mut dyn Write) -> io::Result<()> {
    let (way, address, octets) = match seen {
        Seen::Sent { transmit, .. } => ("sent to", transmit.destination, &transmit.payload[..]),
        Seen::Received(datagram) => ("received from", datagram.source, datagram.payload),
    };
    writeln!(out, "packet {} bytes, {way} {address}", octets.len())?;
    if is_classic && address.is_ipv4() {
        packet::classic4(octets, out)?;
        return out.flush();
    }
    packet::hexdump(octets, out)?;
    if address.is_ipv4() {
        packet::text4(octets, Style::Verbose, out)?;
    } else {
        packet::text6(octets, Style::Verbose, out)?;
    }
    out.flush()
}
