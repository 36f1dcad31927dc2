//! Recordings: what was answered, a line of JSON for each answer, so that it can be seen again.
//!
//! What has not changed since the line before is not written again. Configurations are written without their secrets.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::host::{HostLook, Seen};
use super::model::Model;
use crate::config::model::Backend;
use crate::config::{Daemon, Document};
use crate::health::kea::answer::Status;
use crate::lease::{Family, OwnedLease};
use crate::memfile::version::Target;
use crate::memfile::{Header, RowReader, write_header, write_row};
use crate::stats::reading::{Answers, Moment, Reading};
use crate::stats::snapshot::Statistics;
use crate::usage::{Layout, Usage};

/// Moments of recordings, in seconds since 1970.
const TIMES: std::ops::RangeInclusive<i64> = 0..=1 << 40;

/// Times between two questions.
pub const INTERVALS: std::ops::RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(3600);

/// A daemon that answers everything in a shorter time is never late.
const LONG: Duration = Duration::from_millis(200);

/// What the first line says, so that other files are recognised.
const FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Head {
    kea_top: u32,
    interval: f64,
    places: Vec<(String, Option<String>)>,
    /// The places of this host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    local: Vec<usize>,
    /// The partners of the servers at the places, as far as a file of servers names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pairs: Vec<Option<String>>,
}

/// What a place has answered, or what this host has shown.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Line {
    at: i64,
    monotonic: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    readings: Vec<ReadingLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<HostLook>,
}

impl Line {
    fn at(moment: Moment) -> Self {
        Self { at: moment.now, monotonic: moment.monotonic.as_secs_f64(), ..Self::default() }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct ReadingLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    daemon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// How long it took to ask, if that is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    took: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<AnswersLine>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct AnswersLine {
    at: i64,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    counted: f64,
    /// As Kea has them; nothing if they are those of the line before.
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Value>,
    /// The same of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<String>,
    /// The same of what leases add up to; null if they were not counted.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    usage: Option<Counted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<String>,
    /// Rows of a lease file, its header first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    given: Vec<String>,
}

/// What leases add up to; null if they were not counted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Counted(Option<Usage>);

/// A member that is there, even if it is null.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Counted>, D::Error> {
    Counted::deserialize(deserializer).map(Some)
}

/// The place and the daemon.
type Key = (usize, Option<Daemon>);

/// Writes a recording.
#[derive(Debug, Default)]
pub struct Recorder {
    before: HashMap<Key, Answers>,
    seen: Option<Vec<Seen>>,
}

impl Recorder {
    /// The first line; `pairs` are the partners of the servers at the places, `local` the places of this host.
    #[must_use]
    pub fn head(
        places: &[(String, Option<Daemon>)],
        pairs: &[Option<String>],
        interval: Duration,
        local: Vec<usize>,
    ) -> String {
        let pairs = if pairs.iter().all(Option::is_none) { Vec::new() } else { pairs.to_vec() };
        let places = places.iter().map(|(name, daemon)| (name.clone(), daemon.map(|it| it.name().to_owned())));
        let head = Head { kea_top: FORMAT, interval: interval.as_secs_f64(), places: places.collect(), local, pairs };
        line(&head)
    }

    /// The line for what a place has answered.
    pub fn line(&mut self, place: usize, moment: Moment, readings: &[Reading]) -> String {
        let readings = readings.iter().map(|reading| ReadingLine {
            server: reading.server.clone(),
            daemon: reading.daemon.map(|daemon| daemon.name().to_owned()),
            trouble: reading.trouble.map(str::to_owned),
            cause: reading.cause.clone(),
            took: (reading.took >= LONG).then_some(reading.took.as_secs_f64()),
            answers: reading.answers.as_ref().map(|answers| self.answers((place, reading.daemon), answers)),
        });
        let readings = readings.collect();
        line(&Line { place: Some(place), readings, ..Line::at(moment) })
    }

    /// The line for what this host has shown.
    pub fn host_line(&mut self, moment: Moment, look: &HostLook) -> String {
        let daemons = look.daemons.clone().filter(|daemons| self.seen.as_ref() != Some(daemons));
        self.seen.clone_from(&look.daemons);
        line(&Line { host: Some(HostLook { daemons, ..look.clone() }), ..Line::at(moment) })
    }

    fn answers(&mut self, key: Key, answers: &Answers) -> AnswersLine {
        let before = self.before.get(&key);
        let has_same_statistics = before.is_some_and(|it| Arc::ptr_eq(&it.statistics, &answers.statistics));
        let is_same = |one: Option<&Arc<str>>, other: Option<&Arc<str>>| match (one, other) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        let has_same_config = before.is_some_and(|it| is_same(it.config.as_ref(), answers.config.as_ref()));
        let has_same_usage = before.is_some_and(|it| match (&it.usage, &answers.usage) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        });
        let line = AnswersLine {
            at: answers.at,
            status: answers.status.clone(),
            version: answers.version.clone(),
            counted: answers.counted.as_secs_f64(),
            statistics: (!has_same_statistics).then(|| as_kea_has_them(&answers.statistics)),
            config: answers.config.as_ref().filter(|_| !has_same_config).map(ToString::to_string),
            usage: (!has_same_usage).then(|| Counted(answers.usage.as_deref().map(small))),
            backend: answers.backend.map(|backend| backend_name(backend).to_owned()),
            given: rows(&answers.given),
        };
        self.before.insert(key, Answers { given: Vec::new(), ..answers.clone() });
        line
    }
}

/// With more maps of pools than this a line would be long.
const MAPS: usize = 50;

/// What leases add up to, without many maps.
fn small(usage: &Usage) -> Usage {
    let maps = if usage.maps.len() <= MAPS { usage.maps.clone() } else { BTreeMap::new() };
    let mut usage = usage.clone();
    usage.maps = maps;
    usage
}

fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

fn as_kea_has_them(statistics: &Statistics) -> Value {
    let member =
        |(scope, name, value): (crate::stats::scope::Scope<'_>, &str, f64)| (scope.name_of(name), json!([[value, ""]]));
    Value::Object(statistics.iter().map(member).collect::<Map<_, _>>())
}

fn backend_name(backend: Backend) -> &'static str {
    match backend {
        Backend::Memfile => "memfile",
        Backend::Mysql => "mysql",
        Backend::Postgresql => "postgresql",
    }
}

fn backend_of(name: &str) -> Option<Backend> {
    [Backend::Memfile, Backend::Mysql, Backend::Postgresql].into_iter().find(|it| backend_name(*it) == name)
}

/// Leases as rows of a lease file.
fn rows(leases: &[Arc<OwnedLease>]) -> Vec<String> {
    let Some(first) = leases.first() else { return Vec::new() };
    let mut text = Vec::new();
    write_header(first.lease().family(), Target::NEWEST, &mut text);
    for lease in leases {
        write_row(&lease.lease(), Target::NEWEST, &mut text);
    }
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}

fn leases(rows: &[String], family: Option<Family>) -> Vec<Arc<OwnedLease>> {
    let Some((head, rows)) = rows.split_first() else { return Vec::new() };
    let header = family.and_then(|family| Header::parse(head.as_bytes(), family).ok());
    let Some(mut reader) = header.map(RowReader::new) else { return Vec::new() };
    rows.iter().filter_map(|row| reader.lease(row.as_bytes()).ok().map(|lease| Arc::new((&lease).into()))).collect()
}

/// Reads a recording.
#[derive(Debug, Default)]
pub struct Player {
    before: HashMap<Key, Answers>,
    seen: Option<Vec<Seen>>,
}

/// What a line of a recording says.
#[derive(Debug)]
pub struct Played {
    /// When that was.
    pub moment: Moment,
    /// What it is.
    pub news: News,
}

/// What has become known at a moment.
#[derive(Debug)]
pub enum News {
    /// What the daemons at a place have answered.
    Answers {
        /// Which place.
        place: usize,
        /// Their answers.
        readings: Vec<Reading>,
    },
    /// What this host has shown.
    Host(HostLook),
}

impl Player {
    /// The servers in the first line; `None` if it is not that of a recording.
    #[must_use]
    pub fn head(text: &str) -> Option<Model> {
        let head: Head = serde_json::from_str(text).ok()?;
        let interval = duration(head.interval).filter(|interval| INTERVALS.contains(interval))?;
        let places =
            head.places.into_iter().map(|(name, daemon)| (name, daemon.as_deref().and_then(Daemon::from_name)));
        let model = || Model::new(places, interval).with_local(&head.local).with_pairs(head.pairs);
        (head.kea_top == FORMAT).then(model)
    }

    /// What another line says; `None` if it is none.
    pub fn line(&mut self, text: &str) -> Option<Played> {
        let line: Line = serde_json::from_str(text).ok().filter(|line: &Line| TIMES.contains(&line.at))?;
        let moment = Moment { now: line.at, monotonic: duration(line.monotonic)? };
        let news = match (line.host, line.place) {
            (Some(look), _) => News::Host(self.host(look)),
            (None, Some(place)) => {
                let readings = line.readings.into_iter().map(|reading| self.reading(place, reading)).collect();
                News::Answers { place, readings }
            }
            (None, None) => return None,
        };
        Some(Played { moment, news })
    }

    fn host(&mut self, look: HostLook) -> HostLook {
        self.seen = look.daemons.or(self.seen.take());
        HostLook { daemons: self.seen.clone(), ..look }
    }

    fn reading(&mut self, place: usize, line: ReadingLine) -> Reading {
        let daemon = line.daemon.as_deref().and_then(Daemon::from_name);
        Reading {
            server: line.server,
            daemon,
            took: line.took.and_then(duration).unwrap_or_default(),
            trouble: line.trouble.as_deref().map(word),
            cause: line.cause,
            answers: line.answers.map(|answers| Box::new(self.answers((place, daemon), answers))),
        }
    }

    fn answers(&mut self, key: Key, line: AnswersLine) -> Answers {
        let before = self.before.remove(&key).unwrap_or_default();
        let daemon = key.1;
        let statistics = line.statistics.map(|all| Arc::new(Statistics::parse(&all.to_string())));
        let layout = line.config.as_deref().zip(daemon).and_then(|(config, daemon)| layout(config, daemon));
        let answers = Answers {
            at: line.at.clamp(*TIMES.start(), *TIMES.end()),
            status: line.status,
            version: line.version,
            counted: duration(line.counted).unwrap_or_default(),
            statistics: statistics.unwrap_or(before.statistics),
            layout: layout.map(Arc::new).or(before.layout),
            usage: line.usage.map_or(before.usage, |Counted(usage)| usage.map(Arc::new)),
            backend: line.backend.as_deref().and_then(backend_of),
            given: leases(&line.given, daemon.and_then(Daemon::family)),
            ..Answers::default()
        };
        // What was counted in another configuration is not of this one.
        let usage =
            answers.usage.clone().filter(|usage| answers.layout.as_ref().is_some_and(|layout| usage.fits(layout)));
        let answers = Answers { usage, ..answers };
        self.before.insert(key, Answers { given: Vec::new(), ..answers.clone() });
        answers
    }
}

/// A time since a moment, if it is not longer than any recording.
fn duration(seconds: f64) -> Option<Duration> {
    let time = Duration::try_from_secs_f64(seconds).ok()?;
    i64::try_from(time.as_secs()).is_ok_and(|seconds| TIMES.contains(&seconds)).then_some(time)
}

fn layout(config: &str, daemon: Daemon) -> Option<Layout> {
    let mut reader = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let document = Document::parse(Path::new("recording"), config.as_bytes().to_vec(), &mut reader);
    document.config(daemon).ok().map(|config| Layout::new(&config))
}

/// The words for why there is no answer.
fn word(text: &str) -> &'static str {
    const WORDS: [&str; 17] = [
        "bad_configuration",
        "timeout",
        "no_time",
        "no_agent",
        "no_socket",
        "connection_refused",
        "permission_denied",
        "unauthorized",
        "forbidden",
        "too_large",
        "tls",
        "not_kea",
        "connection_lost",
        "unreachable",
        "unusable",
        "refused",
        "unreadable",
    ];
    WORDS.into_iter().find(|word| *word == text).unwrap_or("unusable")
}
