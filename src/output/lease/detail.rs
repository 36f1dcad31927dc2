//! Everything known about one address, a line a fact.

use std::io::{self, Write};
use std::net::IpAddr;

use super::cells::{Cells, write_address};
use super::{Column, ListContext, Row, Style};
use crate::lease::Family;
use crate::lease::subnets::{Reservation, Subnet};
use crate::text::OneLine;

/// The width of the names of facts.
const INDENT: usize = 15;

/// Writes what is known about an address apart from its leases: its subnet, pool and reservation.
pub fn write_place(context: &ListContext, address: IpAddr, out: &mut dyn Write) -> io::Result<()> {
    let family = if address.is_ipv4() { Family::V4 } else { Family::V6 };
    writeln!(out, "{address} has no lease")?;
    let Some(network) = context.network(family) else { return Ok(()) };
    let Some(subnet) = network.subnet_at(address) else { return fact("subnet", "not in the configuration", out) };
    write_subnet(subnet, out)?;
    match subnet.pools.iter().chain(&subnet.prefix_pools).find(|pool| pool.range.contains(address)) {
        Some(pool) => fact("pool", &pool.text, out)?,
        None => fact("pool", "in none", out)?,
    }
    match network.reservation_at(subnet, address) {
        Some(reservation) => write_reservation(reservation, None, out),
        None => Ok(()),
    }
}

/// Writes a lease with all that is known of it.
pub fn write_lease(
    style: &Style,
    context: &ListContext,
    row: &Row<'_>,
    origin: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let lease = row.lease;
    let mut cells = Cells::new(style, context, true);
    let mut cell = Vec::new();
    write_address(lease, &mut cell);
    writeln!(out, "{} is {}", String::from_utf8_lossy(&cell), row.status)?;
    let mut shown = |column: Column| {
        cell.clear();
        cells.write(column, row, &mut cell);
        String::from_utf8_lossy(&cell).into_owned()
    };
    for (name, column) in [("type", Column::Type), ("hostname", Column::Hostname)] {
        optional(name, &shown(column), out)?;
    }
    let vendor = shown(Column::Vendor);
    let maker = if vendor.is_empty() { String::new() } else { format!("  {vendor}") };
    optional("hwaddr", &(shown(Column::HwAddr) + &maker), out)?;
    optional(if lease.family() == Family::V4 { "client-id" } else { "duid" }, &shown(Column::Client), out)?;
    optional("iaid", &shown(Column::Iaid), out)?;
    let lifetime = if lease.end().is_none() { "ever".to_owned() } else { shown(Column::Lifetime) };
    fact("given", &format!("{} for {lifetime}", shown(Column::Started)), out)?;
    optional("preferred", &shown(Column::Preferred), out)?;
    let left = shown(Column::Remaining);
    let distance = match left.strip_prefix('-') {
        _ if left.is_empty() => String::new(),
        Some(past) => format!(", {past} ago"),
        None => format!(", in {left}"),
    };
    fact("expires", &format!("{}{distance}", shown(Column::Expires)), out)?;
    write_network(context, row, out)?;
    if let Some(names) = names_of_dns(lease.fqdn_fwd, lease.fqdn_rev) {
        fact("dns", names, out)?;
    }
    optional("user-context", &shown(Column::UserContext), out)?;
    fact("from", origin, out)
}

fn write_network(context: &ListContext, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
    let lease = row.lease;
    let network = context.network(lease.family());
    let Some((network, subnet)) = network.and_then(|network| Some((network, network.subnet_of(lease)?))) else {
        return fact("subnet", &lease.subnet_id.to_string(), out);
    };
    write_subnet(subnet, out)?;
    match network.pool_of(lease) {
        Some(pool) => fact("pool", &pool.text, out)?,
        None => fact("pool", "in none", out)?,
    }
    match network.reservation_of(lease) {
        Some(reservation) => write_reservation(reservation, reservation.is_for(lease), out),
        None => fact("reserved", "no", out),
    }
}

fn write_subnet(subnet: &Subnet, out: &mut dyn Write) -> io::Result<()> {
    let mut text = subnet.id.map_or(String::new(), |id| format!("{id}: "));
    text.push_str(&subnet.prefix);
    for name in [subnet.name.as_ref(), subnet.shared_network.as_ref()].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(name);
    }
    fact("subnet", &text, out)
}

/// The client with the reservation of an address, and whether it has the lease.
fn write_reservation(reservation: &Reservation, is_holder: Option<bool>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = format!("for {} {}", reservation.identifier_type, reservation.identifier_text());
    match is_holder {
        Some(true) => text.push_str(", this client"),
        Some(false) => text.push_str(", another client"),
        None => {}
    }
    if !reservation.hostname.is_empty() {
        text = format!("{text}, as {}", reservation.hostname);
    }
    fact("reserved", &text, out)
}

fn names_of_dns(forward: bool, reverse: bool) -> Option<&'static str> {
    match (forward, reverse) {
        (true, true) => Some("Kea updates the forward and the reverse name"),
        (true, false) => Some("Kea updates the forward name"),
        (false, true) => Some("Kea updates the reverse name"),
        (false, false) => None,
    }
}

fn optional(name: &str, value: &str, out: &mut dyn Write) -> io::Result<()> {
    if value.is_empty() { Ok(()) } else { fact(name, value, out) }
}

fn fact(name: &str, value: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {name:INDENT$}{}", OneLine(value))
}
