//! What logs say: one page, tables, and every format for programs.

use std::net::IpAddr;

use crate::log::client::{Client, Clients, Identity};
use crate::log::stamp::Micros;
use crate::log::text::Lease;
use crate::time::{TimeFormatter, TimeStyle, Zone};

pub(crate) mod html;
pub(crate) mod isc;
pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod rows;
pub(crate) mod tables;

/// Shows moments in one zone.
#[derive(Debug)]
pub(crate) struct Moments(TimeFormatter);

impl Moments {
    pub(crate) fn new(zone: Zone) -> Self {
        Self(TimeFormatter::new(TimeStyle::Local, zone))
    }

    /// `2020-11-18T14:11:17.123+01:00`.
    pub(crate) fn precise(&mut self, moment: Micros) -> String {
        let mut out = Vec::new();
        self.0.write_millis(moment, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// `2020-11-18 14:11:17`.
    pub(crate) fn seconds(&mut self, moment: Micros) -> String {
        self.precise(moment).chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
    }

    /// `14:11:17`.
    pub(crate) fn clock(&mut self, moment: Micros) -> String {
        self.precise(moment).chars().skip(11).take(8).collect()
    }

    /// `14:11:17.123`.
    pub(crate) fn clock_millis(&mut self, moment: Micros) -> String {
        self.precise(moment).chars().skip(11).take(12).collect()
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
    Identity::of(clients.label(client)).name().to_owned()
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
