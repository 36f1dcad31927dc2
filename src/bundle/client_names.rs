//! Names of clients in leases, which are replaced in logs and other texts, whatever of the leases is in the bundle.

use std::collections::BTreeSet;
use std::fmt;

use super::leases::place;
use super::running::name_of;
use super::{Gathered, Request};
use crate::anonymize;
use crate::config::{Config, lease_files};
use crate::error::{Error, Result};
use crate::inspect::hidden;
use crate::inspect::logging::Found;
use crate::lease::{Lease, RowError};
use crate::source::{Flow, LeaseLocation, Location, Order, Visitor};

/// How many names are kept.
const MOST: usize = 1_000_000;

/// Learns the names of the clients of each DHCP server.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered) {
    for error in &found.unread {
        gathered.unlearned.names("a configuration", error.to_string());
    }
    for (at, site) in found.sites.iter().enumerate() {
        let name = name_of(found, at);
        if let Some(error) = &site.config.syntax_error {
            gathered.unlearned.names(format!("the configuration of {name}"), error.to_string());
        }
        let learned = match place(request, &site.config) {
            Some(place) => place.and_then(|place| learn(&place, &mut gathered.names)),
            None => unseen(request, &site.config),
        };
        if let Err(error) = learned {
            gathered.unlearned.names(format!("leases of {name}"), error.to_string());
        }
    }
}

/// Why a lease file is not seen; one that is not there has no names.
fn unseen(request: &Request, config: &Config) -> Result<()> {
    let is_file = config.family().is_some() && config.keeps_lease_file();
    let files = if is_file { lease_files(config, &request.variable()) } else { Vec::new() };
    let why = files.iter().find_map(|file| hidden(&request.root, file));
    why.map_or(Ok(()), |why| Err(Error::new("read leases", why)))
}

fn learn(place: &LeaseLocation, names: &mut BTreeSet<String>) -> Result<()> {
    let mut source = place.open()?;
    let names = &mut Names(names);
    // In logs there are names that clients had before.
    let is_file = matches!(place.location, Location::Memfile(_));
    let visited = if is_file { source.visit_history(names) } else { source.visit(Order::Stored, names) };
    visited.map(drop)
}

struct Names<'a>(&'a mut BTreeSet<String>);

impl Visitor for Names<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        if self.0.len() >= MOST {
            return Err(Error::new("learn names of clients", format!("there are more than {MOST}")));
        }
        if !lease.hostname.is_empty() {
            self.0.insert(String::from_utf8_lossy(lease.hostname).into_owned());
        }
        self.0.extend(text_of_identifier(lease.identifier()));
        self.0.extend(anonymize::device_of(&lease.hwaddr.to_string()));
        Ok(Flow::Continue)
    }

    /// Its names are in no lease that can be shown.
    fn bad_row(&mut self, _: &dyn fmt::Display, _: &RowError) -> Result<()> {
        Ok(())
    }

    fn remark(&mut self, _: &str) {}

    fn expect_rows(&mut self, _: u64) {}

    fn preparing(&mut self, _: u64, _: u64) {}
}

/// The text of a client identifier or DUID, without the octets that say its type.
fn text_of_identifier(octets: &[u8]) -> Option<String> {
    /// The type of a DUID and the number of an enterprise.
    const ENTERPRISE: usize = 6;
    let text = match octets {
        [0, 2, ..] if octets.len() > ENTERPRISE => &octets[ENTERPRISE..],
        [0 | 1 | 255, text @ ..] | text => text,
    };
    let is_text = text.iter().all(|octet| (b' '..=b'~').contains(octet)) && text.iter().any(u8::is_ascii_alphabetic);
    is_text.then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_that_are_texts_are_names() {
        for (octets, expected) in [
            (&b"\0anna-laptop"[..], Some("anna-laptop")),
            (b"anna-laptop", Some("anna-laptop")),
            (b"\xffanna-laptop", Some("anna-laptop")),
            (b"\0\x02\0\0\x01\x02SN-4711-anna", Some("SN-4711-anna")),
            (b"\x01\x02\0\x5e\0\0\x01", None),
            (b"\0\x01\0\x01\x30\x30\x30\x30\x02\0\x5e\0\0\x01", None),
            (b"\x001234", None),
        ] {
            assert_eq!(text_of_identifier(octets).as_deref(), expected, "{octets:?}");
        }
    }
}
