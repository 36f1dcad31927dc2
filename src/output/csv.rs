//! CSV after RFC 4180 for people and spreadsheets: times, state names, `true` and `false`.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula. Host names and contexts are chosen
//! by strangers, so such a cell gets an apostrophe in front, which spreadsheets take as "this is text".

use std::borrow::Cow;
use std::io::{self, Write};

use super::{LeaseWriter, Written};
use crate::lease::{Family, Lease4, Lease6, Lifetime};
use crate::text::Octets;
use crate::time::{self, TimeStyle};

const HEAD4: [&str; 13] = [
    "address",
    "hwaddr",
    "client_id",
    "valid_lifetime",
    "cltt",
    "expire",
    "subnet_id",
    "pool_id",
    "fqdn_fwd",
    "fqdn_rev",
    "hostname",
    "state",
    "user_context",
];

const HEAD6: [&str; 19] = [
    "address",
    "prefix_len",
    "lease_type",
    "duid",
    "iaid",
    "hwaddr",
    "hwtype",
    "hwaddr_source",
    "valid_lifetime",
    "pref_lifetime",
    "cltt",
    "expire",
    "subnet_id",
    "pool_id",
    "fqdn_fwd",
    "fqdn_rev",
    "hostname",
    "state",
    "user_context",
];

/// Writes RFC 4180.
pub(super) struct Csv<'a> {
    writer: csv::Writer<&'a mut dyn Write>,
    time: TimeStyle,
    head: Option<&'static [&'static str]>,
}

impl<'a> Csv<'a> {
    pub(super) fn new(family: Family, time: TimeStyle, out: &'a mut dyn Write) -> Self {
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(super::Buffered::FULL)
            .from_writer(out);
        let head: &[&str] = match family {
            Family::V4 => &HEAD4,
            Family::V6 => &HEAD6,
        };
        Self { writer, time, head: Some(head) }
    }

    fn head(&mut self) -> io::Result<()> {
        match self.head.take() {
            Some(head) => Ok(self.writer.write_record(head)?),
            None => Ok(()),
        }
    }

    fn expire(&self, lifetime: Lifetime, expire: i64) -> String {
        match lifetime {
            Lifetime::Infinite => "never".into(),
            Lifetime::Seconds(_) => time::show(expire, self.time),
        }
    }
}

impl LeaseWriter for Csv<'_> {
    fn lease4(&mut self, lease: &Lease4<'_>) -> io::Result<Written> {
        self.head()?;
        self.writer.write_record([
            &lease.address.to_string(),
            &lease.hwaddr.to_string(),
            &lease.client_id.to_string(),
            &lease.valid_lifetime.as_u32().to_string(),
            &time::show(lease.cltt, self.time),
            &self.expire(lease.valid_lifetime, lease.expire()),
            &lease.subnet_id.to_string(),
            &lease.pool_id.to_string(),
            &lease.fqdn_fwd.to_string(),
            &lease.fqdn_rev.to_string(),
            harmless(lease.hostname).as_ref(),
            &lease.state.to_string(),
            harmless(lease.user_context).as_ref(),
        ])?;
        Ok(Written::Row)
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> io::Result<Written> {
        self.head()?;
        self.writer.write_record([
            &lease.address.to_string(),
            &lease.prefix_len.to_string(),
            lease.lease_type.name().as_ref(),
            &lease.duid.to_string(),
            &lease.iaid.to_string(),
            &lease.hwaddr.to_string(),
            &lease.hwtype.map_or(String::new(), |number| number.to_string()),
            &lease.hwaddr_source.map_or(String::new(), |number| number.to_string()),
            &lease.valid_lifetime.as_u32().to_string(),
            &lease.preferred_lifetime.as_u32().to_string(),
            &time::show(lease.cltt, self.time),
            &self.expire(lease.valid_lifetime, lease.expire()),
            &lease.subnet_id.to_string(),
            &lease.pool_id.to_string(),
            &lease.fqdn_fwd.to_string(),
            &lease.fqdn_rev.to_string(),
            harmless(lease.hostname).as_ref(),
            &lease.state.to_string(),
            harmless(lease.user_context).as_ref(),
        ])?;
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.head()?;
        self.writer.flush()
    }
}

/// The text of a cell with an apostrophe before whatever a spreadsheet would take for the beginning of a formula, also
/// where it splits the cell: many read a semicolon, some a bar or tab as the end of one.
pub(super) fn defused(text: &str) -> Cow<'_, str> {
    const BEGINNINGS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if !text.contains(BEGINNINGS) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 1);
    let mut is_beginning = true;
    for c in text.chars() {
        if is_beginning && BEGINNINGS.contains(&c) {
            safe.push('\'');
        }
        is_beginning = matches!(c, ';' | '|' | '\t') || is_beginning && c.is_whitespace();
        safe.push(c);
    }
    Cow::Owned(safe)
}

/// A cell of foreign text: no formula, and no character that would act on a terminal.
fn harmless(octets: &[u8]) -> Cow<'_, str> {
    if octets.is_empty() {
        return Cow::Borrowed("");
    }
    Cow::Owned(defused(&Octets(octets).to_string()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_however_it_is_split() {
        for (text, safe) in [
            ("=cmd", "'=cmd"),
            ("  @x", "  '@x"),
            ("a;=1+1", "a;'=1+1"),
            ("a;b| -1", "a;b| '-1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("b-c, d=e", "b-c, d=e"),
            ("zürich", "zürich"),
        ] {
            assert_eq!(defused(text), safe);
        }
    }
}
