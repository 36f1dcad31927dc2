//! Records around lines: the journal's JSON and export forms, and the JSON files of containers.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::host::Host;
use super::line::{Origin, Server};
use super::message::Severity;
use super::stamp::{self, Clock, LATEST, Micros};

/// What a record says: the line in it, and where that comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) origin: Origin,
    pub(crate) line: Vec<u8>,
}

/// The fields of the journal, and those of containers.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(rename = "MESSAGE", borrow)]
    message: Option<&'a RawValue>,
    #[serde(rename = "__REALTIME_TIMESTAMP", borrow)]
    time: Option<&'a RawValue>,
    #[serde(rename = "_PID", borrow)]
    pid: Option<&'a RawValue>,
    #[serde(rename = "SYSLOG_IDENTIFIER", borrow)]
    identifier: Option<&'a RawValue>,
    #[serde(rename = "_HOSTNAME", borrow)]
    host: Option<&'a RawValue>,
    #[serde(rename = "PRIORITY", borrow)]
    priority: Option<&'a RawValue>,
    #[serde(borrow)]
    log: Option<&'a RawValue>,
    #[serde(rename = "time", borrow)]
    container_time: Option<&'a RawValue>,
}

/// A field: text, or an array of octets where it is not UTF-8.
fn octets(value: Option<&RawValue>) -> Option<Vec<u8>> {
    let text = value?.get();
    if let Ok(text) = serde_json::from_str::<String>(text) {
        return Some(text.into_bytes());
    }
    if text.starts_with('[') {
        return serde_json::from_str::<Vec<u8>>(text).ok();
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.as_bytes().to_vec())
}

fn number<T: std::str::FromStr>(octets: &[u8]) -> Option<T> {
    std::str::from_utf8(octets).ok()?.trim().parse().ok()
}

/// A moment of the journal, in microseconds since 1970.
fn moment(octets: &[u8]) -> Option<Micros> {
    number(octets).filter(|moment| (0..=LATEST).contains(moment))
}

/// The record in one line of JSON; `None` if it is none.
pub(crate) fn json(line: &[u8], clock: &mut Clock) -> Option<Record> {
    let fields: Fields<'_> = serde_json::from_slice(line).ok()?;
    if let Some(log) = octets(fields.log).filter(|_| fields.message.is_none()) {
        let time =
            octets(fields.container_time).and_then(|text| stamp::iso(&text)).map(|(stamp, _)| clock.moment(stamp));
        return Some(Record { origin: Origin { time, ..Origin::default() }, line: without_end(log) });
    }
    let entry = Entry {
        identifier: octets(fields.identifier),
        host: octets(fields.host),
        time: octets(fields.time).and_then(|text| moment(&text)),
        pid: octets(fields.pid).and_then(|text| number(&text)),
        priority: octets(fields.priority).and_then(|text| number(&text)),
    };
    Some(entry.record(octets(fields.message)?))
}

fn without_end(mut line: Vec<u8>) -> Vec<u8> {
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    line
}

/// What the journal knows of a message.
#[derive(Default)]
struct Entry {
    identifier: Option<Vec<u8>>,
    host: Option<Vec<u8>>,
    time: Option<Micros>,
    pid: Option<u32>,
    priority: Option<u32>,
}

impl Entry {
    fn record(self, line: Vec<u8>) -> Record {
        // What a service writes to stdout has the same priority whatever it is.
        let severity = self.priority.filter(|priority| *priority != 6).map(Severity::of_priority);
        let server = self.identifier.as_deref().map_or(Server::Unknown, Server::named);
        let is_foreign = self.identifier.as_deref().is_some_and(|name| !name.starts_with(b"kea-"));
        let host = self.host.as_deref().map(Host::new).unwrap_or_default();
        let pid = self.pid.unwrap_or(0);
        let origin = Origin { time: self.time, severity, server, pid, host, is_headed: true, is_foreign };
        Record { origin, line }
    }
}

/// What an entry in the export form begins with.
pub(crate) const EXPORT: &[u8] = b"__CURSOR=";

/// The first entry of the export form in `text`, and its length; `None` if it is not whole.
pub(crate) fn export(text: &[u8]) -> Option<(Option<Record>, usize)> {
    let (mut message, mut entry) = (None, Entry::default());
    let mut at = 0;
    loop {
        let end = at + memchr::memchr(b'\n', text.get(at..)?)?;
        let line = &text[at..end];
        at = end + 1;
        if line.is_empty() {
            return Some((message.map(|line| entry.record(line)), at));
        }
        let (name, value) = if let Some(equals) = memchr::memchr(b'=', line) {
            (&line[..equals], &line[equals + 1..])
        } else {
            let length = u64::from_le_bytes(text.get(at..at + 8)?.try_into().ok()?);
            let length = usize::try_from(length).ok().filter(|length| *length < 1 << 30)?;
            let value = text.get(at + 8..at + 8 + length)?;
            at += 8 + length + 1;
            (line, value)
        };
        match name {
            b"MESSAGE" => message = Some(value.to_vec()),
            b"SYSLOG_IDENTIFIER" => entry.identifier = Some(value.to_vec()),
            b"_HOSTNAME" => entry.host = Some(value.to_vec()),
            b"__REALTIME_TIMESTAMP" => entry.time = moment(value),
            b"_PID" => entry.pid = number(value),
            b"PRIORITY" => entry.priority = number(value),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;

    fn clock() -> Clock {
        Clock::new(Zone::from(chrono_tz::UTC), 0)
    }

    #[test]
    fn the_journal_has_octets_where_a_text_is_not_utf_8() {
        let line = br#"{"MESSAGE":[73,255],"_PID":"7","SYSLOG_IDENTIFIER":"kea-dhcp4","__REALTIME_TIMESTAMP":"5","PRIORITY":"6"}"#;
        let record = json(line, &mut clock()).unwrap();
        assert_eq!(record.line, [73, 255]);
        let expected = Origin { time: Some(5), server: Server::Dhcp4, pid: 7, is_headed: true, ..Origin::default() };
        assert_eq!(record.origin, expected);
    }

    #[test]
    fn a_container_has_its_own_clock() {
        let line = br#"{"log":"INFO  X\n","stream":"stdout","time":"1970-01-01T00:00:01.5Z"}"#;
        let record = json(line, &mut clock()).unwrap();
        assert_eq!((record.line.as_slice(), record.origin.time), (&b"INFO  X"[..], Some(1_500_000)));
    }

    #[test]
    fn an_exported_entry_may_hold_line_breaks() {
        let text = b"__CURSOR=x\n_PID=9\nMESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n\n__CURSOR=y\n";
        let (record, length) = export(text).unwrap();
        assert_eq!((record.unwrap().line.as_slice(), length), (&b"a\nb"[..], text.len() - 11));
        assert_eq!(export(&text[length..]), None);
        assert_eq!(export(&text[..30]), None);
    }

    #[test]
    fn a_time_beyond_all_years_is_none() {
        for time in ["9223372036854775807", "-9223372036854775808", "253402300800000000"] {
            let line = format!("{{\"MESSAGE\":\"INFO  X_Y\",\"__REALTIME_TIMESTAMP\":\"{time}\"}}");
            assert_eq!(json(line.as_bytes(), &mut clock()).unwrap().origin.time, None);
        }
    }

    #[test]
    fn other_json_is_no_record() {
        for line in [&b"{}"[..], b"{\"MESSAGE\":null}", b"{\"log\":7", b"[1]"] {
            assert_eq!(json(line, &mut clock()), None);
        }
    }
}
