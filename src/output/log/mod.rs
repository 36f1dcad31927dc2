//! What logs say: one page, tables, and every format for programs.

use std::io::{self, Write};
use std::net::IpAddr;

use crate::log::analysis::{Analysis, AnalysisOptions, Input};
use crate::log::assemble::{Assembler, Batch};
use crate::log::client::{Client, Clients, Identity};
use crate::log::family::Tally;
use crate::log::stamp::{Clock, Micros, SECOND};
use crate::log::text::Lease;
use crate::time::{TimeFormatter, TimeStyle, Zone};

mod failures;
pub(crate) mod html;
pub(crate) mod isc;
pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod rows;
pub(crate) mod tables;

/// What a log of these bytes says, as one document in JSON, if it is read so many bytes at a time.
#[must_use]
pub fn document_of(log: &[u8], piece: usize) -> String {
    let zone = Zone::from(chrono_tz::UTC);
    let mut assembler = Assembler::new(Clock::new(zone, NOW));
    let mut analysis = Analysis::new(AnalysisOptions { exchanges: false, stays: false, clients: 10_000 });
    let mut batch = Batch::default();
    let mut pieces = log.chunks(piece.max(1)).peekable();
    while let Some(piece) = pieces.next() {
        let mut bytes = std::mem::take(batch.bytes_mut());
        bytes.extend_from_slice(piece);
        let whole = bytes.len();
        batch = Batch::default();
        batch.bytes_mut().extend_from_slice(&bytes);
        let left = assembler.assemble(&mut batch, pieces.peek().is_none());
        (0..batch.len()).for_each(|at| analysis.observe(&batch.message(at), Input::default()));
        batch = Batch::default();
        batch.bytes_mut().extend_from_slice(&bytes[whole - left..]);
    }
    analysis.finish();
    json::document(&analysis, &[], &mut Moments::new(zone)).to_string()
}

/// The moment that lines without a year are read at.
const NOW: Micros = 1_795_960_000_000_000;

/// Shows moments in one zone.
#[derive(Debug)]
pub(crate) struct Moments {
    formatter: TimeFormatter,
    /// Whether the logs are of more than one day, so that a time of day is not enough.
    has_days: bool,
    /// The day of the last line, where each day has a heading.
    day: String,
}

impl Moments {
    pub(crate) fn new(zone: Zone) -> Self {
        Self { formatter: TimeFormatter::new(TimeStyle::Local, zone), has_days: false, day: String::new() }
    }

    /// `2020-11-18T14:11:17.123+01:00`.
    pub(crate) fn precise(&mut self, moment: Micros) -> String {
        let mut out = Vec::new();
        self.formatter.write_millis(moment, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// `2020-11-18 14:11:17`.
    pub(crate) fn seconds(&mut self, moment: Micros) -> String {
        self.precise(moment).chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
    }

    /// `+01:00`, or `Z`.
    pub(crate) fn offset(&mut self, moment: Micros) -> String {
        self.precise(moment).chars().skip(23).collect()
    }

    /// The logs are of this period: with more than one day, times are shown with theirs.
    pub(crate) fn spanning(&mut self, first: Option<Micros>, last: Option<Micros>) {
        let day = |moments: &mut Self, time: Option<Micros>| time.map(|time| moments.day_of(time));
        self.has_days = day(self, first) != day(self, last);
    }

    /// `14:11:17`, or `11-18 14:11:17` in logs of more than one day.
    pub(crate) fn clock(&mut self, moment: Micros) -> String {
        self.of_day(moment, 8)
    }

    /// `14:11:17.123`, or `11-18 14:11:17.123` in logs of more than one day.
    pub(crate) fn clock_millis(&mut self, moment: Micros) -> String {
        self.of_day(moment, 12)
    }

    fn of_day(&mut self, moment: Micros, length: usize) -> String {
        let text = self.precise(moment);
        let day: String = text.chars().skip(5).take(5).chain([' ']).filter(|_| self.has_days).collect();
        day + &text.chars().skip(11).take(length).collect::<String>()
    }

    /// ` [14:11:17]` or ` [14:11:17 to 14:12:01]` of something that happened; nothing where no time is known.
    pub(crate) fn when(&mut self, tally: &Tally) -> String {
        match (tally.first, tally.last) {
            (Some(first), Some(last)) if last - first >= SECOND => {
                format!(" [{} to {}]", self.clock(first), self.clock(last))
            }
            (Some(first), _) => format!(" [{}]", self.clock(first)),
            _ => String::new(),
        }
    }

    /// `2020-11-18`.
    fn day_of(&mut self, moment: Micros) -> String {
        self.precise(moment).chars().take(10).collect()
    }

    /// `14:11:17.123` of a line, after a heading for its day where that is another one than that of the line before.
    pub(crate) fn line(&mut self, time: Option<Micros>, out: &mut dyn Write) -> io::Result<String> {
        let Some(time) = time else { return Ok("-".to_owned()) };
        let day = self.day_of(time);
        if day != self.day {
            writeln!(out, "{day}")?;
            self.day = day;
        }
        Ok(self.precise(time).chars().skip(11).take(12).collect())
    }
}

/// An address, or a prefix with its length.
pub(crate) fn shown(address: IpAddr, length: u8) -> String {
    match address {
        IpAddr::V6(_) if length < 128 => format!("{address}/{length}"),
        _ => address.to_string(),
    }
}

pub(crate) fn shown_lease(lease: &Lease) -> String {
    shown(lease.address, lease.length)
}

/// The identity of a client, as a person reads it.
pub(crate) fn client_name(clients: &Clients, client: Client) -> String {
    Identity::from_label(clients.label(client)).name().to_owned()
}

/// A format of kea-log-report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One document, or an array of records
    Json,
    /// One record a line
    Ndjson,
    /// Records as a table
    Csv,
    /// A page with plots
    Html,
    /// For a monitor
    Nagios,
}

impl LogFormat {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Nagios => "nagios",
        }
    }
}
