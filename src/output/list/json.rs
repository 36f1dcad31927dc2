//! JSON with the field names of Kea's API, and with what Kea leaves to the reader to find out.

use std::io;

use super::{ListStyle, ListWriter, Lore, Row};
use crate::lease::Family;
use crate::output::json::{Json, Object};
use crate::output::{LeaseWriter as _, Written};
use crate::time::{Teller, TimeStyle};

/// Writes objects.
pub(super) struct ListJson<'a> {
    json: Json<'a>,
    teller: Teller,
    now: i64,
    lore: &'a Lore,
}

impl<'a> ListJson<'a> {
    pub(super) fn new(style: &ListStyle, lore: &'a Lore, json: Json<'a>) -> Self {
        Self { json, teller: Teller::new(style.time, style.zone), now: style.now, lore }
    }
}

/// What is known only where the system or Kea's configuration tells.
fn write_lore(lore: &Lore, row: &Row<'_>, object: &mut Object<'_>) {
    if let Some(vendor) = lore.vendors.name(row.lease.hwaddr) {
        object.octets("vendor", vendor.as_bytes());
    }
    let Some(network) = lore.network(row.lease.family()) else { return };
    if let Some(subnet) = network.subnet_of(&row.lease) {
        object.octets("subnet", subnet.prefix.as_bytes());
    }
    let Some(origin) = network.origin_of(&row.lease) else { return };
    object.word("origin", origin.name());
    match network.pool_of(&row.lease) {
        Some(pool) => object.octets("pool", pool.text.as_bytes()),
        None => object.null("pool"),
    }
}

impl ListWriter for ListJson<'_> {
    fn begin(&mut self, _family: Family) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        let Self { json, teller, now, lore } = self;
        json.write(&row.lease, |object| {
            object.quoted("state-name", |out| super::cells::write_shown(row.standing, out));
            match row.lease.end() {
                Some(end) if teller.style() == TimeStyle::Epoch => object.number("expires", end),
                Some(end) => object.quoted("expires", |out| teller.write(end, out)),
                None => object.null("expires"),
            }
            match row.lease.end() {
                Some(end) => object.number("remaining", end.saturating_sub(*now)),
                None => object.null("remaining"),
            }
            write_lore(lore, row, object);
        })
    }

    fn finish(&mut self) -> io::Result<()> {
        self.json.finish()
    }
}
