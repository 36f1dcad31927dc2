//! Metrics for Prometheus: the text exposition format, version 0.0.4, made for the textfile collector.
//!
//! The collector rejects a whole file for one mistake in it: a family described twice, its samples scattered, the same
//! series twice, a quotation mark in a label. This interface makes these mistakes impossible.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher};
use std::io::{self, Write};
use std::sync::LazyLock;

use hashbrown::DefaultHashBuilder;

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// With a fraction, or without.
    Float(f64),
    /// Without a sign.
    Unsigned(u128),
    /// With a sign.
    Signed(i64),
}

impl Value {
    fn write_to(self, out: &mut String) {
        /// Integers below are exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let mut buffer = itoa::Buffer::new();
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "it is a small integer")]
            Self::Float(value)
                if value.fract() == 0.0 && value.abs() < EXACT && (value != 0.0 || value.is_sign_positive()) =>
            {
                out.push_str(buffer.format(value as i64));
            }
            Self::Float(f64::INFINITY) => out.push_str("+Inf"),
            Self::Float(f64::NEG_INFINITY) => out.push_str("-Inf"),
            // Writing to a String cannot fail.
            Self::Float(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Unsigned(value) => out.push_str(buffer.format(value)),
            Self::Signed(value) => out.push_str(buffer.format(value)),
        }
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Unsigned(value.into())
    }
}

macro_rules! value_from_integer {
    ($($integer:ty => $kind:ident),*) => { $(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self::$kind(value.into())
            }
        }
    )* };
}
value_from_integer!(u8 => Unsigned, u16 => Unsigned, u32 => Unsigned, u64 => Unsigned, u128 => Unsigned, i32 => Signed, i64 => Signed);

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Unsigned(value as u128)
    }
}

/// Metrics on their way to text.
#[derive(Debug, Default)]
pub struct Exposition {
    families: Vec<MetricFamily>,
}

/// All samples of one name.
#[derive(Debug)]
pub struct MetricFamily {
    name: &'static str,
    kind: MetricKind,
    help: &'static str,
    text: String,
    /// The hashes of the labels so far.
    series: Series,
}

/// One for all families.
static HASHER: LazyLock<DefaultHashBuilder> = LazyLock::new(DefaultHashBuilder::default);

type Series = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Hashes are hashed already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Exposition {
    /// No metrics yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The family `name`; what `help` says is one sentence without its full stop. A name used before is continued.
    pub fn family(&mut self, name: &'static str, kind: MetricKind, help: &'static str) -> &mut MetricFamily {
        let at = self.families.iter().position(|family| family.name == name).unwrap_or_else(|| {
            self.families.push(MetricFamily::new(name, kind, help));
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
    /// Memory of the family before.
    spare: (String, Series),
}

impl<'w> FamilyWriter<'w> {
    /// Nothing is written yet.
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out, spare: Default::default() }
    }

    /// Writes a family with the samples that `fill` adds, if there are any.
    pub fn family(
        &mut self,
        name: &'static str,
        kind: MetricKind,
        help: &'static str,
        fill: impl FnOnce(&mut MetricFamily),
    ) -> io::Result<()> {
        let (text, series) = std::mem::take(&mut self.spare);
        let mut family = MetricFamily { name, kind, help, text, series };
        fill(&mut family);
        let written = family.write_to(self.out);
        family.text.clear();
        family.series.clear();
        self.spare = (family.text, family.series);
        written
    }
}

impl MetricFamily {
    fn new(name: &'static str, kind: MetricKind, help: &'static str) -> Self {
        Self { name, kind, help, text: String::new(), series: Series::default() }
    }

    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { name, help, text, .. } = self;
        if text.is_empty() {
            return Ok(());
        }
        write!(out, "# HELP {name} {help}\n# TYPE {name} {}\n{text}", self.kind.word())
    }

    /// Adds a sample with labels that were written before, and one more if need be.
    pub fn sample_of(&mut self, labels: &LabelText, more: Option<(&str, &str)>, value: impl Into<Value>) {
        let start = self.text.len();
        self.text.push_str(self.name);
        let labels_start = self.text.len();
        self.text.push_str(&labels.text);
        let mut hash = labels.hash;
        if more.is_some() {
            if !labels.text.is_empty() {
                // Without its bracket.
                self.text.pop();
            }
            push_labels(&mut self.text, more.as_slice(), !labels.text.is_empty());
            hash = hash_of(&self.text[labels_start..]);
        }
        self.finish(start, hash, value.into());
    }

    /// Adds a sample. The names of `labels` are of letters, digits and `_`; their values may be anything. A second
    /// sample with the same labels is left out.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Into<Value>) -> &mut Self {
        let start = self.text.len();
        self.text.push_str(self.name);
        let labels_start = self.text.len();
        push_labels(&mut self.text, labels, false);
        let hash = hash_of(&self.text[labels_start..]);
        self.finish(start, hash, value.into());
        self
    }

    /// Adds the value after the labels, unless there is such a sample.
    fn finish(&mut self, start: usize, hash: u64, value: Value) {
        if self.series.insert(hash) {
            self.text.push(' ');
            value.write_to(&mut self.text);
            self.text.push('\n');
        } else {
            self.text.truncate(start);
        }
    }
}

/// The labels of a series as they are written, for samples in many families.
#[derive(Debug)]
pub struct LabelText {
    text: Box<str>,
    hash: u64,
}

impl LabelText {
    /// Of these labels.
    #[must_use]
    pub fn new(labels: &[(&str, &str)]) -> Self {
        let mut text = String::with_capacity(128);
        push_labels(&mut text, labels, false);
        Self { hash: hash_of(&text), text: text.into() }
    }
}

/// Writes labels; `is_begun` if others precede them.
fn push_labels(out: &mut String, labels: &[(&str, &str)], mut is_begun: bool) {
    for (name, text) in labels {
        out.push(if std::mem::replace(&mut is_begun, true) { ',' } else { '{' });
        out.push_str(name);
        out.push_str("=\"");
        out.push_str(&escaped(text));
        out.push('"');
    }
    if !labels.is_empty() {
        out.push('}');
    }
}

/// What distinguishes one series from others, in less memory than its labels take.
fn hash_of(labels: &str) -> u64 {
    HASHER.hash_one(labels)
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
        let shown = |value: f64| {
            let mut text = String::new();
            Value::from(value).write_to(&mut text);
            text
        };
        assert_eq!([f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.25].map(shown), ["+Inf", "-Inf", "NaN", "0.25"]);
        for value in [0.0, -0.0, -7.0, 9e15, 1e16, 1e300, 0.1, f64::MIN_POSITIVE] {
            assert_eq!(shown(value), value.to_string());
        }
    }
}
