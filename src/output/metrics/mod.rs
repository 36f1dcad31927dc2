//! What daemons have answered, as metrics for Prometheus.
//!
//! Families are written one after the other, so that memory does not grow with the number of subnets.

mod capacity;
mod daemon;
mod ha;
mod other;
mod peers;
mod stork_server;

use std::io::{self, Write};
use std::ops::Deref;

use super::prometheus::{FamilyWriter, MetricFamily, MetricKind};
use crate::config::Daemon;
use crate::stats::names::NamingScheme;
use crate::stats::reading::{Answers, Reading};

/// What is written.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The names of other programs.
    pub names: NamingScheme,
    /// Whether subnets have series.
    pub subnets: bool,
    /// Whether pools have series.
    pub pools: bool,
    /// When this run was, for a file that is read later.
    pub last_run: Option<i64>,
}

/// Writes everything.
pub fn write(readings: &[Reading], options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { writer: FamilyWriter::new(out), readings };
    daemon::write(&mut page)?;
    ha::write(&mut page)?;
    capacity::write(&mut page, options)?;
    peers::write(&mut page, options)?;
    stork_server::write(&mut page, options)?;
    other::write(&mut page, options)?;
    if let Some(moment) = options.last_run {
        let help = "When these metrics were collected, in seconds since 1970";
        page.writer.family("kea_last_run_timestamp_seconds", MetricKind::Gauge, help, |family| {
            family.sample(&[], moment);
        })?;
    }
    out.flush()
}

/// The page that is being written.
struct Page<'a> {
    writer: FamilyWriter<'a>,
    readings: &'a [Reading],
}

impl<'a> Page<'a> {
    /// Writes a family with what `each` adds for each daemon.
    fn each(
        &mut self,
        name: &'static str,
        kind: MetricKind,
        help: &'static str,
        mut each: impl FnMut(&mut MetricFamily, &'a Reading),
    ) -> io::Result<()> {
        let readings = self.readings;
        self.writer.family(name, kind, help, |family| readings.iter().for_each(|reading| each(family, reading)))
    }

    /// Writes a family with what `each` adds for each daemon that has answered.
    fn answers(
        &mut self,
        name: &'static str,
        kind: MetricKind,
        help: &'static str,
        mut each: impl FnMut(&mut MetricFamily, &'a Reading, &'a Answers),
    ) -> io::Result<()> {
        self.each(name, kind, help, |family, reading| {
            if let Some(answers) = &reading.answers {
                each(family, reading, answers);
            }
        })
    }

    /// Writes a gauge that each daemon has at most once.
    fn gauge(
        &mut self,
        name: &'static str,
        help: &'static str,
        value: impl Fn(&Answers) -> Option<f64>,
    ) -> io::Result<()> {
        self.answers(name, MetricKind::Gauge, help, |family, reading, answers| {
            if let Some(value) = value(answers) {
                family.sample(&of_daemon(reading), value);
            }
        })
    }
}

/// The labels of a series, each with its value. There are always few, and many series: they take no memory of their own.
#[derive(Clone, Default)]
struct Labels<'a> {
    all: [(&'a str, &'a str); MOST_LABELS],
    count: usize,
}

/// More labels no series has.
const MOST_LABELS: usize = 10;

impl<'a> Deref for Labels<'a> {
    type Target = [(&'a str, &'a str)];

    fn deref(&self) -> &Self::Target {
        &self.all[..self.count]
    }
}

/// The labels that all series of a server have.
fn of_server(reading: &Reading) -> Labels<'_> {
    with(Labels::default(), reading.server.as_deref().map(|server| ("server", server)))
}

/// The labels of a daemon.
fn of_daemon(reading: &Reading) -> Labels<'_> {
    with(of_server(reading), [("daemon", reading.daemon.map_or("unknown", Daemon::name))])
}

/// The same labels and more.
fn with<'a>(mut labels: Labels<'a>, more: impl IntoIterator<Item = (&'a str, &'a str)>) -> Labels<'a> {
    for label in more {
        if let Some(next) = labels.all.get_mut(labels.count) {
            *next = label;
            labels.count += 1;
        }
    }
    labels
}
