//! One JSON document: every probe as it was made, then the sum.

use std::io::Write;
use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{ProbeOutput, unwritten};
use crate::error::Result;
use crate::health::{Check, Report};
use crate::output::packet::{Packet4, Packet6, Passage};
use crate::probe::tally::{Served, Times};
use crate::probe::{ProbeAnswer, Record, Rejected, Remark, TargetResult};
use crate::text::terminal_safe_json;
use crate::wire::Checksum;

/// Writes `{"probes": [` …, and a probe at a time: however many there are, none is kept.
pub(super) struct Json<'a> {
    is_quiet: bool,
    stdout: &'a mut dyn Write,
    probes: u64,
}

impl<'a> Json<'a> {
    pub(super) fn new(is_quiet: bool, stdout: &'a mut dyn Write) -> Self {
        Self { is_quiet, stdout, probes: 0 }
    }

    fn write(&mut self, text: &str) -> Result<()> {
        if self.is_quiet {
            return Ok(());
        }
        let written = self.stdout.write_all(terminal_safe_json(text).as_bytes()).and_then(|()| self.stdout.flush());
        written.map_err(|cause| unwritten(&cause))
    }
}

impl ProbeOutput for Json<'_> {
    fn exchange(&mut self, number: u64, result: &TargetResult<'_>, record: &Record) -> Result<()> {
        let before = if self.probes == 0 { "{\"probes\":[\n" } else { ",\n" };
        self.probes += 1;
        self.write(&format!("{before}{}", probe(number, result, record)))
    }

    fn finish(&mut self, results: &[TargetResult<'_>], report: &Report) -> Result<()> {
        let before = if self.probes == 0 { "{\"probes\":[" } else { "" };
        let targets: Vec<_> = results.iter().zip(&report.checks).map(|(result, check)| target(result, check)).collect();
        let sum = json!({"state": report.state(), "targets": targets});
        let sum = sum.to_string();
        self.write(&format!("{before}\n],{}\n", &sum[1..]))
    }
}

fn probe(number: u64, result: &TargetResult<'_>, record: &Record) -> Value {
    let sent =
        record.sent.iter().map(|sent| json!({"message": sent.what, "try": sent.try_number, "octets": sent.octets}));
    json!({
        "number": number,
        "target": result.target.name,
        "sent": sent.collect::<Vec<_>>(),
        "answers": record.answers.iter().map(answer).collect::<Vec<_>>(),
        "ignored": ignored(&record.rejected),
        "unreachable": record.unreachable.as_ref().map(ToString::to_string),
        "released": record.released.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "error": record.unsent.as_ref().map(ToString::to_string),
    })
}

fn answer(answer: &ProbeAnswer) -> Value {
    let leased = answer.addresses.iter().map(
        |leased| json!({"address": leased.address, "prefix-length": leased.prefix, "valid-lifetime": leased.lifetime}),
    );
    json!({
        "type": answer.kind.word(),
        "server": answer.server.as_ref().map(ToString::to_string),
        "source": answer.source.ip(),
        "source-mac": answer.mac.map(|mac| mac.to_string()),
        "vlan": answer.vlan,
        "relay": answer.relay,
        "rtt": answer.rtt.as_secs_f64(),
        "try": answer.try_number,
        "copies": answer.copies,
        "checksum": checksum(answer.checksum),
        "leased": leased.collect::<Vec<_>>(),
        "refusal": answer.refusal,
        "remarks": answer.remarks.iter().map(remark).collect::<Vec<_>>(),
        "packet": packet(answer),
    })
}

fn remark(remark: &Remark) -> Value {
    json!({"rule": remark.rule.name, "text": remark.to_string()})
}

/// Null where it was not looked at: UDP of the kernel, a checksum that was left to a card, or none.
fn checksum(checksum: Checksum) -> Option<&'static str> {
    match checksum {
        Checksum::Good => Some("good"),
        Checksum::Bad | Checksum::BadLength => Some("bad"),
        Checksum::Unknown => None,
    }
}

/// The answer as it was on the wire, with every option.
fn packet(answer: &ProbeAnswer) -> Value {
    let passage = Passage { direction: "received", ..Passage::default() };
    let value = match answer.source.ip() {
        IpAddr::V4(_) => serde_json::to_value(Packet4 { octets: &answer.octets, passage: &passage }),
        IpAddr::V6(_) => serde_json::to_value(Packet6 { octets: &answer.octets, passage: &passage }),
    };
    value.unwrap_or_default()
}

fn target(result: &TargetResult<'_>, check: &Check) -> Value {
    let tally = &result.tally;
    json!({
        "target": result.target.name,
        "state": check.state,
        "text": check.text,
        "details": check.details,
        "probes": tally.probes,
        "answered": tally.answered,
        "loss": tally.loss(),
        "rtt": times(&tally.times),
        "refusals": tally.refusals,
        "servers": tally.servers.iter().map(server).collect::<Vec<_>>(),
        "ignored": ignored(&tally.rejected),
        "unreachable": tally.unreachable.as_ref().map(ToString::to_string),
    })
}

fn server(served: &Served) -> Value {
    json!({
        "server": served.server.to_string(),
        "source": served.source.ip(),
        "source-mac": served.mac.map(|mac| mac.to_string()),
        "answers": served.answers,
        "refusals": served.refusals,
        "duplicates": served.copies,
        "rtt": times(&served.times),
    })
}

fn times(times: &Times) -> Value {
    let seconds = |time: Duration| time.as_secs_f64();
    times.summary().map_or(
        Value::Null,
        |(min, mean, max)| json!({"min": seconds(min), "mean": seconds(mean), "max": seconds(max)}),
    )
}

fn ignored(rejected: &Rejected) -> Value {
    Value::Object(
        rejected.each().map(|(reason, count, _)| (reason.name().to_owned(), count.into())).collect::<Map<_, _>>(),
    )
}
