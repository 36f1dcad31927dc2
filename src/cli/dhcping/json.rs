//! One JSON document: every probe as it was made, then the sum.

use std::io::Write;
use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::rounds::Aim;
use super::show::{self, Show, unwritten};
use super::verdict::Judge;
use crate::error::Result;
use crate::exit::Exit;
use crate::health::Check;
use crate::output::packet::{Packet4, Packet6, Passage};
use crate::packet::Checksum;
use crate::probe::tally::{Served, Times};
use crate::probe::{Answer, Record, Rejected, Remark};
use crate::text::seemly_json;

/// Writes `{"probes": [` …, and a probe at a time: however many there are, none is kept.
pub(super) struct Json<'a> {
    judge: &'a Judge<'a>,
    stdout: &'a mut dyn Write,
    probes: u64,
}

impl<'a> Json<'a> {
    pub(super) fn new(judge: &'a Judge<'a>, stdout: &'a mut dyn Write) -> Self {
        Self { judge, stdout, probes: 0 }
    }

    fn write(&mut self, text: &str) -> Result<()> {
        if self.judge.args.output.quiet {
            return Ok(());
        }
        let written = self.stdout.write_all(seemly_json(text).as_bytes()).and_then(|()| self.stdout.flush());
        written.map_err(|cause| unwritten(&cause))
    }
}

impl Show for Json<'_> {
    fn round(&mut self, number: u64, aim: &Aim<'_>, record: &Record) -> Result<()> {
        let before = if self.probes == 0 { "{\"probes\":[\n" } else { ",\n" };
        self.probes += 1;
        self.write(&format!("{before}{}", probe(number, aim, record)))
    }

    fn finish(&mut self, aims: &[Aim<'_>]) -> Result<Exit> {
        let report = self.judge.report(aims);
        let before = if self.probes == 0 { "{\"probes\":[" } else { "" };
        let targets: Vec<_> = aims.iter().zip(&report.checks).map(|(aim, check)| target(aim, check)).collect();
        let sum = json!({"state": report.state(), "targets": targets});
        let sum = sum.to_string();
        self.write(&format!("{before}\n],{}\n", &sum[1..]))?;
        Ok(show::exit(report.state()))
    }
}

fn probe(number: u64, aim: &Aim<'_>, record: &Record) -> Value {
    let sent =
        record.sent.iter().map(|sent| json!({"message": sent.what, "try": sent.try_number, "octets": sent.octets}));
    json!({
        "number": number,
        "target": aim.target.name,
        "sent": sent.collect::<Vec<_>>(),
        "answers": record.answers.iter().map(answer).collect::<Vec<_>>(),
        "ignored": ignored(&record.rejected),
        "unreachable": record.unreachable.as_ref().map(ToString::to_string),
        "released": record.released.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "error": record.unsent.as_ref().map(ToString::to_string),
    })
}

fn answer(answer: &Answer) -> Value {
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

/// Null where nobody has looked: UDP of the kernel, a checksum that was left to a card, or none.
fn checksum(checksum: Checksum) -> Option<&'static str> {
    match checksum {
        Checksum::Good => Some("good"),
        Checksum::Bad | Checksum::BadLength => Some("bad"),
        Checksum::Unknown => None,
    }
}

/// The answer as it was on the wire, with every option.
fn packet(answer: &Answer) -> Value {
    let passage = Passage { direction: "received", ..Passage::default() };
    let value = match answer.source.ip() {
        IpAddr::V4(_) => serde_json::to_value(Packet4 { octets: &answer.octets, passage: &passage }),
        IpAddr::V6(_) => serde_json::to_value(Packet6 { octets: &answer.octets, passage: &passage }),
    };
    value.unwrap_or_default()
}

fn target(aim: &Aim<'_>, check: &Check) -> Value {
    let tally = &aim.tally;
    json!({
        "target": aim.target.name,
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
