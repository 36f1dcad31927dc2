//! Reservations: of the configuration, of the databases that it names, and of the running server; and which client has what is
//! reserved.

use std::fmt;
use std::io::Write;
use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};

use super::list::LeaseList;
use super::lister::write_failed;
use super::observer::Observer;
use super::open::open_or_ask;
use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::lease::filter::Filter;
use crate::lease::subnets::{Network, Reservation, Subnet};
use crate::lease::{Duid, Lease, LeaseState, LeaseStatus, OwnedLease, RowError};
use crate::output::lease::{Holder, LeaseFormat, Reserved, Row, lease_writer, write_reserved};
use crate::source::{self, Flow, LeaseLocation, Location, Order, Visitor};

/// What was found of reservations.
#[derive(Debug, Default)]
pub struct Reservations {
    /// Those that were listed.
    pub rows: Vec<Reserved>,
    /// Whether all were found, and what is leased of them.
    pub is_whole: bool,
}

/// The leases of what is reserved, by the first address and whether it is a prefix.
type Held = HashMap<(IpAddr, bool), Option<OwnedLease>>;

/// A reservation and where it is from.
struct Entry {
    /// The subnet's number; `None` where Kea numbers it by itself, 0 of all subnets.
    subnet_id: Option<u32>,
    /// The subnet's prefix, if it is known.
    subnet: Option<String>,
    reservation: Reservation,
    source: &'static str,
}

impl Entry {
    fn as_lease(&self, place: &LeaseLocation, kept: Option<(IpAddr, Option<u8>)>) -> Lease<'_> {
        self.reservation.as_lease(place.family, self.subnet_id.unwrap_or(0), kept)
    }
}

impl LeaseList<'_> {
    /// Lists the reservations that the filter means.
    ///
    /// # Errors
    /// No configuration is known, or the format has no place for reservations.
    pub fn write_reservations(&self, out: &mut dyn Write, observer: &mut dyn Observer) -> Result<Reservations> {
        self.refuse_formats()?;
        let mut found = Reservations { rows: Vec::new(), is_whole: self.unplaced.is_empty() };
        let mut failures = self.unplaced.clone();
        for place in &self.places {
            if let Err(error) = self.gather(place, &mut found, observer) {
                failures.push(error);
            }
        }
        if failures.len() == self.places.len() + self.unplaced.len() && !failures.is_empty() {
            return Err(failures.swap_remove(0));
        }
        found.is_whole &= failures.is_empty();
        for error in &failures {
            observer.remark(&error.to_string());
        }
        // What has no address comes last.
        found.rows.sort_by_key(|row| (row.family.digit(), row.kept.is_none(), row.kept, row.subnet_id));
        if let Some(limit) = self.options.limit {
            found.rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        self.write_rows(&found.rows, out, observer)?;
        Ok(found)
    }

    fn refuse_formats(&self) -> Result<()> {
        if !matches!(self.options.format, LeaseFormat::Classic | LeaseFormat::Prometheus | LeaseFormat::Memfile) {
            return Ok(());
        }
        let name = self.options.format.name();
        Err(Error::new(format!("--format {name}"), "this format has no place for reservations")
            .hint("use table, csv, json, ndjson, hosts, ethers or ansible"))
    }

    fn write_rows(&self, rows: &[Reserved], out: &mut dyn Write, observer: &mut dyn Observer) -> Result<()> {
        if !self.options.format.leaves_leases_out() {
            return write_reserved(rows, &self.style, out).map_err(|cause| write_failed(&cause));
        }
        let mut writer = lease_writer(self.style.clone(), &self.context, out);
        for row in rows {
            let lease = row.reservation.as_lease(row.family, row.subnet_id.unwrap_or(0), row.kept);
            if row.kept.is_some() {
                writer.row(&Row::new(&lease, LeaseStatus::Active)).map_err(|cause| write_failed(&cause))?;
            }
        }
        writer.finish().map_err(|cause| write_failed(&cause))?;
        writer.remarks().iter().for_each(|remark| observer.line(remark));
        Ok(())
    }

    /// The reservations of one server.
    fn gather(&self, place: &LeaseLocation, found: &mut Reservations, observer: &mut dyn Observer) -> Result<()> {
        let attempted = || format!("find the reservations of the {} server", place.family);
        let unknown = || Error::new(attempted(), "no configuration is known").hint("name it with -c FILE");
        let config = source::configuration_of(place)?.ok_or_else(unknown)?;
        let network = config::network(&config);
        let filter = self.filter.with_network(Some(&network));
        let mut entries = of_configuration(&network);
        match self.elsewhere(place, &config, &network) {
            Ok(hosts) => add_new(&mut entries, hosts),
            Err(error) => {
                observer.remark(&format!("only the reservations of the configuration are known: {error}"));
                found.is_whole = false;
            }
        }
        entries.retain(|entry| is_meant(entry, place, &filter));
        let held = self.held(place, &entries, observer);
        let held = held.map_err(|error| {
            observer.remark(&format!("which reserved addresses are leased is not known: {error}"));
            found.is_whole = false;
        });
        for entry in entries {
            let kept = entry.reservation.kept().filter(|kept| filter.accepts(&entry.as_lease(place, *kept)));
            found.rows.extend(kept.map(|kept| row(place, &network, &entry, kept, held.as_ref().ok())));
        }
        Ok(())
    }

    /// Reservations that are not in the configuration. A running server without a database has none, whatever it says.
    fn elsewhere(&self, place: &LeaseLocation, config: &Config, network: &Network) -> Result<Vec<Entry>> {
        let has_database = config.server.hosts_databases().next().is_some();
        let is_server = matches!(place.location, Location::Api(_));
        if !has_database {
            return Ok(Vec::new());
        }
        let hosts = source::reservations(place, config, self.var)?;
        let source = if is_server { "server" } else { "database" };
        let entry = |host: source::Host| Entry {
            subnet_id: Some(host.subnet_id),
            subnet: network.subnet_with(host.subnet_id).map(|subnet| subnet.prefix.clone()),
            reservation: host.reservation,
            source,
        };
        Ok(hosts.into_iter().map(entry).collect())
    }

    /// The leases of all that is reserved.
    fn held(&self, place: &LeaseLocation, entries: &[Entry], observer: &mut dyn Observer) -> Result<Held> {
        let kept = entries.iter().flat_map(|entry| entry.reservation.kept().flatten());
        let held: Held = kept.map(|(first, length)| ((first, length.is_some()), None)).collect();
        if held.is_empty() {
            return Ok(held);
        }
        let mut source = open_or_ask(place, self.var, observer)?;
        let mut looking = Looking { now: self.filter.now, held, observer };
        source.visit(Order::Stored, &mut looking)?;
        Ok(looking.held)
    }
}

fn of_configuration(network: &Network) -> Vec<Entry> {
    let entry = |(subnet, reservation): (Option<&Subnet>, &Reservation)| Entry {
        subnet_id: subnet.map_or(Some(0), |subnet| subnet.id),
        subnet: subnet.map(|subnet| subnet.prefix.clone()),
        reservation: reservation.clone(),
        source: "configuration",
    };
    network.reservations().map(entry).collect()
}

/// Adds what is not there yet: a server's answer has the reservations of its configuration too.
fn add_new(entries: &mut Vec<Entry>, more: Vec<Entry>) {
    let key = |entry: &Entry| (entry.subnet_id, entry.reservation.clone());
    let known: HashSet<(Option<u32>, Reservation)> = entries.iter().map(key).collect();
    entries.extend(more.into_iter().filter(|entry| !known.contains(&key(entry))));
}

/// Whether the filter means something of a reservation.
fn is_meant(entry: &Entry, place: &LeaseLocation, filter: &Filter) -> bool {
    entry.reservation.kept().any(|kept| filter.accepts(&entry.as_lease(place, kept)))
}

fn row(
    place: &LeaseLocation,
    network: &Network,
    entry: &Entry,
    kept: Option<(IpAddr, Option<u8>)>,
    held: Option<&Held>,
) -> Reserved {
    let own = network.subnets().iter().find(|subnet| Some(&subnet.prefix) == entry.subnet.as_ref());
    let subnet = own.or_else(|| kept.and_then(|(address, _)| network.subnet_at(address)));
    let pool = subnet.zip(kept).and_then(|(subnet, (address, length))| subnet.pool_at(address, length.is_some()));
    Reserved {
        family: place.family,
        subnet_id: entry.subnet_id,
        subnet: entry.subnet.clone(),
        kept,
        reservation: entry.reservation.clone(),
        pool: pool.map(|pool| pool.text.clone()),
        holder: held.map_or(Holder::Unknown, |held| holder(&entry.reservation, kept, held)),
        source: entry.source,
    }
}

/// Which client has what is kept.
fn holder(reservation: &Reservation, kept: Option<(IpAddr, Option<u8>)>, held: &Held) -> Holder {
    let Some(lease) = kept.and_then(|(first, length)| held.get(&(first, length.is_some()))?.as_ref()) else {
        return Holder::None;
    };
    let lease = lease.lease();
    if lease.state == LeaseState::Declined {
        return Holder::Declined;
    }
    let is_unknown = lease.hwaddr.0.is_empty();
    let client = if is_unknown { Duid(lease.identifier()).to_string() } else { lease.hwaddr.to_string() };
    match reservation.is_for(&lease) {
        Some(true) => Holder::Owner,
        Some(false) => Holder::Other(client),
        None => Holder::Some(client),
    }
}

/// Keeps the leases of what is reserved.
struct Looking<'a> {
    now: i64,
    held: Held,
    observer: &'a mut dyn Observer,
}

impl Visitor for Looking<'_> {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        let is_held = matches!(lease.status(self.now), LeaseStatus::Active | LeaseStatus::Declined);
        if let Some(place) = self.held.get_mut(&(lease.address(), lease.is_prefix())).filter(|_| is_held) {
            *place = Some(lease.into());
        }
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, place: &dyn fmt::Display, error: &RowError) -> Result<()> {
        self.observer.plain_line(&format!("{place}: {error}"));
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.observer.remark(text);
    }
}
