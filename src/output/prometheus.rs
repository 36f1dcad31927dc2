//! Metrics for Prometheus: the text exposition format, version 0.0.4, made for the textfile collector.
//!
//! The collector rejects a whole file for one mistake in it: a family described twice, its samples scattered, the same
//! series twice, a quotation mark in a label. This interface makes these mistakes impossible.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};

use crate::text::OneLine;

/// What a family's values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Grows, and begins again at 0; its name ends in `_total`.
    Counter,
    /// Anything else.
    Gauge,
    /// It is not known.
    Untyped,
}

impl MetricKind {
    fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Untyped => "untyped",
        }
    }
}

/// A value of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(String);

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self(match value {
            f64::INFINITY => "+Inf".to_owned(),
            f64::NEG_INFINITY => "-Inf".to_owned(),
            value => value.to_string(),
        })
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self(u8::from(value).to_string())
    }
}

macro_rules! value_from_integer {
    ($($integer:ty),*) => { $(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self(value.to_string())
            }
        }
    )* };
}
value_from_integer!(u8, u16, u32, u64, u128, usize, i32, i64, i128);

/// Metrics on their way to text.
#[derive(Debug, Default)]
pub struct Exposition {
    families: Vec<Family>,
}

/// All samples of one name.
#[derive(Debug)]
pub struct Family {
    name: &'static str,
    kind: MetricKind,
    help: &'static str,
    text: String,
    /// The hashes of the labels so far.
    series: HashSet<u64>,
}

impl Exposition {
    /// No metrics yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The family `name`; what `help` says is one sentence without its full stop. A name used before is continued.
    pub fn family(&mut self, name: &'static str, kind: MetricKind, help: &'static str) -> &mut Family {
        let at = self.families.iter().position(|family| family.name == name).unwrap_or_else(|| {
            self.families.push(Family::new(name, kind, help));
            self.families.len() - 1
        });
        &mut self.families[at]
    }

    /// Writes all families that have samples, in the order of their first use, and flushes.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.families.iter().try_for_each(|family| family.write_to(out))?;
        out.flush()
    }
}

/// Writes families one after the other, so that only one is in memory. Each must be complete when it is written: no name
/// comes twice.
pub struct FamilyWriter<'w> {
    out: &'w mut dyn Write,
}

impl<'w> FamilyWriter<'w> {
    /// Nothing is written yet.
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out }
    }

    /// Writes a family with the samples that `fill` adds, if there are any.
    pub fn family(
        &mut self,
        name: &'static str,
        kind: MetricKind,
        help: &'static str,
        fill: impl FnOnce(&mut Family),
    ) -> io::Result<()> {
        let mut family = Family::new(name, kind, help);
        fill(&mut family);
        family.write_to(self.out)
    }
}

impl Family {
    fn new(name: &'static str, kind: MetricKind, help: &'static str) -> Self {
        Self { name, kind, help, text: String::new(), series: HashSet::new() }
    }

    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { name, help, text, .. } = self;
        if text.is_empty() {
            return Ok(());
        }
        write!(out, "# HELP {name} {help}\n# TYPE {name} {}\n{text}", self.kind.word())
    }

    /// Adds a sample. The names of `labels` are of letters, digits and `_`; their values may be anything. A second
    /// sample with the same labels is left out.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Into<Value>) -> &mut Self {
        let start = self.text.len();
        self.text.push_str(self.name);
        let labels_start = self.text.len();
        for (name, text) in labels {
            self.text.push(if self.text.len() == labels_start { '{' } else { ',' });
            // Writing to a String cannot fail.
            let _ = write!(self.text, "{name}=\"{}\"", escaped(text));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        if self.series.insert(hash(&self.text[labels_start..])) {
            let _ = writeln!(self.text, " {}", value.into().0);
        } else {
            self.text.truncate(start);
        }
        self
    }
}

/// What distinguishes one series from others, in less memory than its labels take.
fn hash(labels: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    labels.hash(&mut hasher);
    hasher.finish()
}

/// A label's value: harmless to a terminal, and escaped as the format wants it.
fn escaped(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|octet| octet.is_ascii_graphic() && !matches!(octet, b'\\' | b'"')) {
        return Cow::Borrowed(text);
    }
    let line = |line| OneLine(line).to_string().replace('\\', "\\\\").replace('"', "\\\"");
    // The format has line feeds in values.
    Cow::Owned(text.split('\n').map(line).collect::<Vec<_>>().join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(exposition: &Exposition) -> String {
        let mut out = Vec::new();
        exposition.write_to(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_samples_of_a_family_stand_together_below_its_help() {
        let mut all = Exposition::new();
        all.family("kea_up", MetricKind::Gauge, "Whether it runs").sample(&[("daemon", "dhcp4")], true);
        all.family("kea_seen_total", MetricKind::Counter, "What was seen").sample(&[], 3_u64);
        all.family("kea_up", MetricKind::Gauge, "Whether it runs").sample(&[("daemon", "dhcp6")], false);
        all.family("kea_none", MetricKind::Gauge, "Nothing");
        let expected = "# HELP kea_up Whether it runs\n# TYPE kea_up gauge\nkea_up{daemon=\"dhcp4\"} 1\n\
            kea_up{daemon=\"dhcp6\"} 0\n# HELP kea_seen_total What was seen\n# TYPE kea_seen_total counter\nkea_seen_total 3\n";
        assert_eq!(text(&all), expected);
    }

    #[test]
    fn no_label_breaks_its_line() {
        let mut all = Exposition::new();
        all.family("x", MetricKind::Gauge, "X").sample(&[("a", "q\"\\\n\u{1b}ü"), ("b", "")], 1.5);
        let sample = text(&all).lines().nth(2).unwrap().to_owned();
        assert_eq!(sample, r#"x{a="q\"\\\n\\u{1b}ü",b=""} 1.5"#);
    }

    #[test]
    fn a_series_is_reported_once() {
        let mut all = Exposition::new();
        all.family("x", MetricKind::Gauge, "X")
            .sample(&[("a", "1")], 1)
            .sample(&[("a", "1")], 2)
            .sample(&[("a", "2")], 3);
        assert_eq!(text(&all).lines().skip(2).collect::<Vec<_>>(), ["x{a=\"1\"} 1", "x{a=\"2\"} 3"]);
    }

    #[test]
    fn odd_numbers_are_written_as_prometheus_reads_them() {
        let shown = |value: f64| Value::from(value).0;
        assert_eq!([f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.25].map(shown), ["+Inf", "-Inf", "NaN", "0.25"]);
    }
}
