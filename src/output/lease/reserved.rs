//! Reservations: what is kept for which client, and which client has it.

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::IpAddr;

use serde::Serialize;

use super::table::{cut, width_of};
use super::{LeaseFormat, Style};
use crate::lease::Family;
use crate::lease::subnets::Reservation;
use crate::output::csv_cause;
use crate::text::{OneLine, count, defused, terminal_safe_json};

/// Something that is kept for a client.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// The family.
    pub family: Family,
    /// The subnet's number, if it has one; 0 holds in every subnet.
    pub subnet_id: Option<u32>,
    /// The subnet's prefix, if it is known.
    pub subnet: Option<String>,
    /// The address, or the prefix with its length; a name may be kept alone.
    pub kept: Option<(IpAddr, Option<u8>)>,
    /// The client, and all that is kept for it.
    pub reservation: Reservation,
    /// The pool that has the address.
    pub pool: Option<String>,
    /// Which client has it.
    pub holder: Holder,
    /// Where the reservation is: `configuration`, `database` or `server`.
    pub source: &'static str,
}

/// Which client has a reserved address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// The leases could not be read.
    Unknown,
    /// None.
    None,
    /// The one it is reserved for.
    Owner,
    /// Another one, known by this.
    Other(String),
    /// One known by this; the lease does not show whether it is the one it is reserved for.
    Some(String),
    /// None, since a client found it in use.
    Declined,
}

impl Holder {
    /// One word for it.
    fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "no",
            Self::Owner => "owner",
            Self::Other(_) => "other",
            Self::Some(_) => "yes",
            Self::Declined => "declined",
        }
    }

    fn client(&self) -> Option<&str> {
        match self {
            Self::Other(client) | Self::Some(client) => Some(client),
            _ => None,
        }
    }

    /// For people: the other client itself.
    fn cell(&self) -> &str {
        match self {
            Self::Unknown => "?",
            Self::None => "",
            other => other.client().unwrap_or(other.word()),
        }
    }
}

impl Reserved {
    /// `192.0.2.5`, `2001:db8:9::/48`; nothing where only a name is kept.
    fn address(&self) -> String {
        match self.kept {
            None => String::new(),
            Some((address, None)) => address.to_string(),
            Some((address, Some(length))) => format!("{address}/{length}"),
        }
    }

    fn owner(&self) -> String {
        let text = self.reservation.identifier_text();
        match self.reservation.identifier_type.as_str() {
            "hw-address" => text,
            other => format!("{other} {text}"),
        }
    }
}

/// `12 reservations: 5 leased to their owners, 1 leased to other clients, 6 not leased`
#[must_use]
pub fn summary(all: &[Reserved]) -> String {
    let number = |which: &dyn Fn(&Holder) -> bool| all.iter().filter(|one| which(&one.holder)).count();
    let place = |one: &Reserved| (one.family, one.subnet_id, one.kept);
    let owned: HashSet<_> = all.iter().filter(|one| one.holder == Holder::Owner).map(place).collect();
    let others = all.iter().filter(|one| matches!(one.holder, Holder::Other(_)));
    let (with_own, others): (Vec<_>, Vec<_>) = others.partition(|one| owned.contains(&place(one)));
    let parts = [
        (number(&|holder| *holder == Holder::Owner), "leased to their owners"),
        (with_own.len(), "leased to the client of another reservation of the address"),
        (others.len(), "leased to other clients"),
        (number(&|holder| matches!(holder, Holder::Some(_))), "leased (perhaps to their owners)"),
        (number(&|holder| *holder == Holder::Declined), "declined"),
        (all.iter().filter(|one| one.holder == Holder::None && one.kept.is_some()).count(), "not leased"),
        (all.iter().filter(|one| one.kept.is_none()).count(), "without an address"),
    ];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let separator = if parts.is_empty() { "" } else { ": " };
    format!("{}{separator}{}", count(all.len() as u64, "reservation"), parts.join(", "))
}

/// Writes reservations as a table, CSV, JSON or NDJSON.
pub fn write_reserved(all: &[Reserved], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match style.format {
        LeaseFormat::Csv => csv(all, style.header, out)?,
        LeaseFormat::Json => {
            let objects: Vec<Object<'_>> = all.iter().map(Object::new).collect();
            writeln!(out, "{}", terminal_safe_json(&serde_json::to_string_pretty(&objects)?))?;
        }
        LeaseFormat::Ndjson => {
            for one in all {
                writeln!(out, "{}", terminal_safe_json(&serde_json::to_string(&Object::new(one))?))?;
            }
        }
        _ => table(all, style, out)?,
    }
    out.flush()
}

/// The columns of a table; whether a cell may be cut, and to which width.
const HEADINGS: [(&str, Option<usize>); 6] = [
    ("ADDRESS", None),
    ("RESERVED FOR", Some(17)),
    ("HOSTNAME", Some(8)),
    ("SUBNET", None),
    ("POOL", None),
    ("LEASED BY", Some(17)),
];
/// The column that goes where there is no room.
const SUBNET: usize = 3;
const GAP: usize = 2;

fn table(all: &[Reserved], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let rows: Vec<[String; HEADINGS.len()]> = all.iter().map(cells).collect();
    let natural = |column: usize| {
        let widest = rows.iter().map(|row| width_of(row[column].as_bytes())).max().unwrap_or(0);
        widest.max(HEADINGS[column].0.len())
    };
    let mut widths: Vec<usize> = (0..HEADINGS.len()).map(natural).collect();
    if let Some(width) = style.width {
        shrink(&mut widths, width);
    }
    if style.header {
        let headings = HEADINGS.map(|(heading, _)| heading.to_owned());
        let (bold, plain) = if style.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        writeln!(out, "{bold}{}{plain}", line(headings, &widths))?;
    }
    rows.into_iter().try_for_each(|row| writeln!(out, "{}", line(row, &widths)))
}

fn cells(one: &Reserved) -> [String; HEADINGS.len()] {
    let pool = match (&one.pool, one.kept) {
        (_, None) => "",
        (Some(_), _) => "in",
        (None, _) => "out",
    };
    let subnet = match (&one.subnet, one.subnet_id) {
        (_, Some(0)) => "all".to_owned(),
        (Some(prefix), _) => prefix.clone(),
        (None, id) => id.map(|id| id.to_string()).unwrap_or_default(),
    };
    let cells = [
        one.address(),
        one.owner(),
        one.reservation.hostname.clone(),
        subnet,
        pool.to_owned(),
        one.holder.cell().to_owned(),
    ];
    cells.map(|cell| if cell.is_empty() { "-".to_owned() } else { OneLine(&cell).to_string() })
}

/// Narrower columns: names first, then identifiers, then no subnet.
fn shrink(widths: &mut [usize], width: usize) {
    let needed = |widths: &[usize]| {
        let shown = widths.iter().filter(|width| **width > 0);
        shown.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
    };
    if needed(widths) > width && needed(widths) - widths[SUBNET] - GAP <= width {
        widths[SUBNET] = 0;
    }
    for column in [2, 1, 5] {
        let surplus = needed(widths).saturating_sub(width);
        let least = HEADINGS[column].1.unwrap_or(0).min(widths[column]);
        widths[column] = widths[column].saturating_sub(surplus).max(least);
    }
    if needed(widths) > width {
        widths[SUBNET] = 0;
    }
}

fn line(cells: [String; HEADINGS.len()], widths: &[usize]) -> String {
    let mut text = String::new();
    for ((cell, width), (_, least)) in cells.into_iter().zip(widths).zip(HEADINGS).filter(|((_, width), _)| **width > 0)
    {
        let mut cell = cell.into_bytes();
        if width_of(&cell) > *width && least.is_some() {
            cut(&mut cell, *width);
        }
        let blanks = width.saturating_sub(width_of(&cell)) + GAP;
        text.push_str(&String::from_utf8_lossy(&cell));
        text.push_str(&" ".repeat(blanks));
    }
    text.truncate(text.trim_end().len());
    text
}

const COLUMNS: [&str; 12] = [
    "family",
    "address",
    "prefix-len",
    "identifier-type",
    "identifier",
    "hostname",
    "subnet-id",
    "subnet",
    "pool",
    "leased",
    "holder",
    "source",
];

fn csv(all: &[Reserved], header: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    if header {
        writer.write_record(COLUMNS).map_err(csv_cause)?;
    }
    for one in all {
        let identifier = one.reservation.identifier_text();
        writer
            .write_record([
                one.family.digit().to_string(),
                one.kept.map(|(address, _)| address.to_string()).unwrap_or_default(),
                one.kept.and_then(|(_, length)| length).map(|length| length.to_string()).unwrap_or_default(),
                one.reservation.identifier_type.clone(),
                defused(&OneLine(&identifier).to_string()).into_owned(),
                defused(&OneLine(&one.reservation.hostname).to_string()).into_owned(),
                one.subnet_id.map(|id| id.to_string()).unwrap_or_default(),
                one.subnet.clone().unwrap_or_default(),
                defused(&OneLine(one.pool.as_deref().unwrap_or_default()).to_string()).into_owned(),
                one.holder.word().to_owned(),
                one.holder.client().unwrap_or_default().to_owned(),
                one.source.to_owned(),
            ])
            .map_err(csv_cause)?;
    }
    writer.flush()
}

/// A reservation with the member names of Kea's API, and what it says nothing about.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Object<'a> {
    family: u8,
    ip_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix_len: Option<u8>,
    identifier_type: &'a str,
    identifier: String,
    hostname: &'a str,
    subnet_id: Option<u32>,
    subnet: Option<&'a str>,
    pool: Option<&'a str>,
    leased: &'static str,
    holder: Option<&'a str>,
    source: &'static str,
}

impl<'a> Object<'a> {
    fn new(one: &'a Reserved) -> Self {
        Self {
            family: if one.family == Family::V4 { 4 } else { 6 },
            ip_address: one.kept.map(|(address, _)| address),
            prefix_len: one.kept.and_then(|(_, length)| length),
            identifier_type: &one.reservation.identifier_type,
            identifier: one.reservation.identifier_text(),
            hostname: &one.reservation.hostname,
            subnet_id: one.subnet_id,
            subnet: one.subnet.as_deref(),
            pool: one.pool.as_deref(),
            leased: one.holder.word(),
            holder: one.holder.client(),
            source: one.source,
        }
    }
}
