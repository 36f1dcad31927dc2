//! Exchanges, leases, offers and callouts, one record each: the same fields as JSON and as CSV.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Moments, shown, shown_lease};
use crate::log::analysis::Analysis;
use crate::log::client::{Client, Clients};
use crate::log::exchange::{Cause, Exchange};
use crate::log::hook::{Callouts, HookPoint};
use crate::log::offer::Attempt;
use crate::log::rates::{Rates, Step};
use crate::log::stamp::{Micros, SECOND};
use crate::log::tenancy::Stay;
use crate::log::text::Lifetime;
use crate::text::{OneLine, defused};

/// A moment, or null.
pub(crate) fn moment(moments: &mut Moments, time: Option<Micros>) -> Value {
    time.map_or(Value::Null, |time| moments.precise(time).into())
}

pub(crate) fn client(clients: &Clients, client: Client) -> Value {
    let identity = clients.identity(client);
    json!({"hw-address": identity.hw_address, "client-id": identity.client_id, "duid": identity.duid})
}

/// Milliseconds with three decimals.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a millennium are exact")]
pub(crate) fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

pub(crate) fn exchange(exchange: &Exchange, analysis: &Analysis, moments: &mut Moments) -> Value {
    let leases: Vec<String> = exchange.leases().map(shown_lease).collect();
    let lifetime = exchange.lifetime.map(|lifetime| match lifetime {
        Lifetime::Seconds(seconds) => seconds,
        Lifetime::Infinite => u32::MAX,
    });
    let given_up: Vec<String> = exchange.given_up.iter().map(shown_lease).collect();
    let duration = exchange.duration.map(|micros| millis(u64::try_from(micros).unwrap_or(0)));
    json!({
        "family": if exchange.is_v6 { 6 } else { 4 },
        "time": moment(moments, exchange.time),
        "client": client(&analysis.clients, exchange.client),
        "xid": format!("0x{:x}", exchange.xid),
        "request": exchange.request,
        "answer": exchange.answer,
        "address": leases.first(),
        "addresses": leases,
        "lease-time": lifetime,
        "relay": exchange.relay().map(|relay| relay.to_string()),
        "duration-ms": duration,
        "cause": exchange.cause.map(Cause::word),
        "init-reboot": exchange.is_init_reboot,
        "given-up": (!given_up.is_empty()).then_some(given_up),
        "server": analysis.name(exchange.instance),
    })
}

pub(crate) fn stay(stay: &Stay, clients: &Clients, moments: &mut Moments) -> Value {
    json!({
        "address": shown(stay.address, stay.length),
        "client": client(clients, stay.client),
        "from": moment(moments, stay.from),
        "until": moment(moments, stay.until),
        "ended-by": stay.state.ended_by(),
        "state-at-end": stay.state.word(),
    })
}

pub(crate) fn offer(who: Client, attempt: &Attempt, clients: &Clients, moments: &mut Moments) -> Value {
    json!({
        "client": client(clients, who),
        "addresses": attempt.leases.iter().map(shown_lease).collect::<Vec<_>>(),
        "first": moment(moments, attempt.first),
        "last": moment(moments, attempt.last),
    })
}

/// Callouts with those that took longest in all first.
pub(crate) fn callouts(analysis: &Analysis) -> Vec<(&HookPoint, &Callouts)> {
    let mut all: Vec<_> = analysis.hooks.places.iter().collect();
    all.sort_by(|one, other| {
        let by_time = other.1.durations.total().cmp(&one.1.durations.total());
        by_time.then_with(|| one.0.cmp(other.0))
    });
    all
}

pub(crate) fn hook(place: &HookPoint, callouts: &Callouts, analysis: &Analysis) -> Value {
    let durations = &callouts.durations;
    json!({
        "hook-point": place.hook,
        "library-index": place.index,
        "library": place.library,
        "count": durations.count(),
        "total-ms": millis(durations.total()),
        "p50-ms": millis(durations.percentile(50)),
        "p99-ms": millis(durations.percentile(99)),
        "max-ms": millis(durations.most()),
        "failures": callouts.failed.count,
        "server": analysis.name(place.instance),
    })
}

pub(crate) fn offers(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = analysis.unanswered_offers();
    all.iter().map(|(client, attempt)| offer(*client, attempt, &analysis.clients, moments)).collect()
}

/// Callouts, where they are logged; those that failed are logged always, and are not all.
pub(crate) fn hooks(analysis: &Analysis) -> Vec<Value> {
    if !(analysis.v4.visible.callouts || analysis.v6.visible.callouts) {
        return Vec::new();
    }
    callouts(analysis).iter().map(|(place, all)| hook(place, all, analysis)).collect()
}

pub(crate) fn failures(analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = super::failures::failures(analysis).into_iter().map(|failure| {
        json!({
            "family": failure.family,
            "what": failure.what,
            "place": Some(failure.place).filter(|place| !place.is_empty()),
            "cause": failure.cause,
            "count": failure.tally.count,
            "first": moment(moments, failure.tally.first),
            "last": moment(moments, failure.tally.last),
            "clients": failure.clients,
        })
    });
    all.collect()
}

/// The packets of a step, where the log shows them.
pub(crate) fn packets(step: &Step, analysis: &Analysis) -> Option<u32> {
    let families = [&analysis.v4, &analysis.v6];
    let is_shown = families.iter().any(|family| family.visible.packets);
    let is_partial = families.iter().any(|family| family.visible.is_seen && family.inferred > 0);
    (is_shown && (step.packets > 0 || !is_partial)).then_some(step.packets)
}

pub(crate) fn rates(rates: &Rates, analysis: &Analysis, moments: &mut Moments) -> Vec<Value> {
    let all = rates.steps.iter().enumerate().map(|(at, step)| {
        let time = rates.begin() + rates.step * i64::try_from(at).unwrap_or(0);
        json!({
            "time": moments.precise(time),
            "seconds": rates.step / SECOND,
            "packets": packets(step, analysis),
            "leases": step.leases,
            "failures": step.failures,
        })
    });
    all.collect()
}

/// The columns of records as CSV.
pub(crate) const EXCHANGE: &[&str] = &[
    "family",
    "time",
    "hw-address",
    "client-id",
    "duid",
    "xid",
    "request",
    "answer",
    "address",
    "addresses",
    "lease-time",
    "relay",
    "duration-ms",
    "cause",
    "init-reboot",
    "given-up",
    "server",
];
pub(crate) const STAY: &[&str] =
    &["address", "hw-address", "client-id", "duid", "from", "until", "ended-by", "state-at-end"];
pub(crate) const OFFER: &[&str] = &["hw-address", "client-id", "duid", "addresses", "first", "last"];
pub(crate) const HOOK: &[&str] = &[
    "server",
    "hook-point",
    "library-index",
    "library",
    "count",
    "total-ms",
    "p50-ms",
    "p99-ms",
    "max-ms",
    "failures",
];
pub(crate) const FAILURE: &[&str] = &["family", "what", "place", "cause", "count", "first", "last", "clients"];
pub(crate) const RATE: &[&str] = &["time", "seconds", "packets", "leases", "failures"];

/// How records are written one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Ndjson,
    Csv,
}

/// Writes records of one kind.
#[derive(Debug)]
pub(crate) struct Records {
    form: Form,
    columns: &'static [&'static str],
    count: u64,
}

impl Records {
    pub(crate) fn new(form: Form, columns: &'static [&'static str]) -> Self {
        Self { form, columns, count: 0 }
    }

    pub(crate) fn write(&mut self, record: &Value, out: &mut dyn Write) -> io::Result<()> {
        let is_first = self.count == 0;
        self.count += 1;
        match self.form {
            Form::Ndjson => writeln!(out, "{}", crate::text::terminal_safe_json(&record.to_string())),
            Form::Json => {
                let start = if is_first { "[\n" } else { ",\n" };
                write!(out, "{start}{}", crate::text::terminal_safe_json(&record.to_string()))
            }
            Form::Csv => {
                let fields = flat(record);
                if is_first {
                    writeln!(out, "{}", self.columns.join(","))?;
                }
                let mut row = csv::Writer::from_writer(Vec::new());
                row.write_record(self.columns.iter().map(|name| fields.get(*name).map(cell).unwrap_or_default()))?;
                row.flush()?;
                out.write_all(row.get_ref())
            }
        }
    }

    pub(crate) fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match (self.form, self.count) {
            (Form::Json, 0) => writeln!(out, "[]"),
            (Form::Json, _) => writeln!(out, "\n]"),
            (Form::Csv, 0) => writeln!(out, "{}", self.columns.join(",")),
            _ => Ok(()),
        }
    }
}

/// A record without records in it: the client's identifiers are columns of their own.
fn flat(record: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in record.as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) => fields.extend(inner.iter().map(|(name, value)| (name.clone(), value.clone()))),
            Value::Array(all) => {
                let words: Vec<_> = all.iter().filter_map(Value::as_str).collect();
                fields.insert(name.clone(), words.join(" ").into());
            }
            other => {
                fields.insert(name.clone(), other.clone());
            }
        }
    }
    fields
}

/// A field of CSV: no formula for a spreadsheet, and without effect on a terminal.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => OneLine(&defused(text)).to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_written_in_each_form() {
        let record = json!({"a": {"x": "=1;+2"}, "b": ["p", "q,"], "c": null, "d": 2});
        let written = |form| {
            let mut out = Vec::new();
            let mut records = Records::new(form, &["x", "b", "c", "d"]);
            records.write(&record, &mut out).unwrap();
            records.end(&mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(Form::Csv), "x,b,c,d\n'=1;'+2,\"p q,\",,2\n");
        assert_eq!(written(Form::Ndjson), format!("{record}\n"));
        assert_eq!(written(Form::Json), format!("[\n{record}\n]\n"));
    }
}
