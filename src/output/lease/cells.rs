//! One lease as cells: the same text in a table and in CSV, except where people and programs need different forms.

use super::{Column, ListContext, Row, Style};
use crate::lease::subnets::{Origin, Subnet};
use crate::lease::vendor::is_locally_administered;
use crate::lease::{Client, Lease, LeaseStatus, Lifetime, address_text};
use crate::text::Octets;
use crate::time::{Span, TimeFormatter};

/// In place of a maker where the address was set on the machine.
pub(super) const LOCAL: &str = "(local)";

/// How much of a moment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moments {
    /// Everything.
    Full,
    /// Neither seconds nor offset.
    Short,
    /// No year either.
    Brief,
}

/// Writes cells.
pub(super) struct Cells<'a> {
    context: &'a ListContext,
    times: TimeFormatter,
    now: i64,
    /// Whether lengths of time are for people (`1h30m`) or in seconds.
    pub(super) for_people: bool,
    is_history: bool,
    /// How much of a moment is shown.
    pub(super) moments: Moments,
}

impl<'a> Cells<'a> {
    pub(super) fn new(style: &Style, context: &'a ListContext, for_people: bool) -> Self {
        let times = TimeFormatter::new(style.time, style.zone);
        Self { context, times, now: style.now, for_people, is_history: style.is_history, moments: Moments::Full }
    }

    /// Appends the cell of a column; nothing where there is nothing to say. No character of it acts on a terminal.
    pub(super) fn write(&mut self, column: Column, row: &Row<'_>, out: &mut Vec<u8>) {
        let lease = row.lease;
        match column {
            Column::Address => write_address(lease, out),
            Column::Type => {
                lease.lease_type().into_iter().for_each(|kind| out.extend_from_slice(kind.name().as_bytes()));
            }
            Column::State if self.for_people && !self.is_history && row.status == LeaseStatus::Active => {}
            Column::State => write_shown(row.status, out),
            Column::Hostname => write_foreign(lease.hostname, out),
            Column::HwAddr => address_text::colon_hex(lease.hwaddr.0, out),
            Column::Vendor => write_foreign(self.vendor(lease).as_bytes(), out),
            Column::Client => address_text::colon_hex(lease.identifier(), out),
            Column::Iaid => lease.iaid().into_iter().for_each(|iaid| write_number(iaid, out)),
            Column::Subnet => match self.subnet(lease) {
                Some(subnet) => write_foreign(subnet.prefix.as_bytes(), out),
                None => write_number(lease.subnet_id, out),
            },
            Column::SubnetId => write_number(lease.subnet_id, out),
            Column::SubnetName => {
                let subnet = self.subnet(lease);
                let name = subnet.and_then(|subnet| subnet.name.as_ref().or(subnet.shared_network.as_ref()));
                write_foreign(name.map_or("", String::as_str).as_bytes(), out);
            }
            Column::PoolId => write_number(lease.pool_id, out),
            Column::Origin => self.write_origin(lease, out),
            Column::Pool => {
                let pool = self.context.network(lease.family()).and_then(|network| network.pool_of(lease));
                match pool {
                    Some(pool) if lease.is_prefix() => write_foreign(pool.text.as_bytes(), out),
                    // One word, as most cells are that programs have not chosen.
                    Some(pool) => write_foreign(pool.text.replace(' ', "").as_bytes(), out),
                    None => {}
                }
            }
            Column::Lifetime => self.write_lifetime(lease.valid_lifetime, out),
            Column::Preferred => {
                lease.preferred_lifetime().into_iter().for_each(|lifetime| self.write_lifetime(lifetime, out));
            }
            Column::Started => self.write_moment(lease.cltt, out),
            Column::Expires if lease.valid_lifetime == Lifetime::Infinite => out.extend_from_slice(b"never"),
            Column::Expires => self.write_moment(lease.expire(), out),
            Column::Remaining => {
                lease.end().into_iter().for_each(|end| self.write_remaining(end.saturating_sub(self.now), out));
            }
            Column::UserContext => write_foreign(lease.user_context, out),
            Column::PlainAddress => address_text::write(lease.address(), out),
            Column::StoredState => write_shown(lease.state, out),
            Column::PrefixLength => write_number(lease.prefix_len().into(), out),
            Column::HwType | Column::HwAddrSource => write_hardware_number(column, lease, out),
            Column::FqdnForward => write_shown(lease.fqdn_fwd, out),
            Column::FqdnReverse => write_shown(lease.fqdn_rev, out),
        }
    }

    /// In a table without a column for pools, a reserved address of a pool is marked here.
    fn write_origin(&self, lease: &Lease<'_>, out: &mut Vec<u8>) {
        let Some(network) = self.context.network(lease.family()) else { return };
        let Some(origin) = network.origin_of(lease) else { return };
        out.extend_from_slice(origin.name().as_bytes());
        if self.for_people && origin == Origin::Reserved && network.pool_of(lease).is_some() {
            out.extend_from_slice(b"-in-pool");
        }
    }

    fn vendor(&self, lease: &Lease<'_>) -> &str {
        let known = self.context.vendors.name(lease.hwaddr.0);
        known.unwrap_or(if is_locally_administered(lease.hwaddr.0) { LOCAL } else { "" })
    }

    fn subnet(&self, lease: &Lease<'_>) -> Option<&'a Subnet> {
        self.context.network(lease.family())?.subnet_of(lease)
    }

    fn write_moment(&mut self, epoch: i64, out: &mut Vec<u8>) {
        match self.moments {
            Moments::Full => self.times.write(epoch, out),
            Moments::Short => self.times.write_short(epoch, out),
            Moments::Brief => self.times.write_brief(epoch, out),
        }
    }

    fn write_lifetime(&self, lifetime: Lifetime, out: &mut Vec<u8>) {
        match lifetime {
            Lifetime::Infinite if self.for_people => out.extend_from_slice(b"forever"),
            Lifetime::Seconds(seconds) if self.for_people => write_shown(Span(seconds.into()), out),
            _ => write_number(lifetime.as_u32(), out),
        }
    }

    fn write_remaining(&self, seconds: i64, out: &mut Vec<u8>) {
        if !self.for_people {
            return out.extend_from_slice(itoa::Buffer::new().format(seconds).as_bytes());
        }
        if seconds < 0 {
            out.push(b'-');
        }
        write_shown(Span(seconds.unsigned_abs()), out);
    }
}

/// The address; a prefix with its length.
pub(super) fn write_address(lease: &Lease<'_>, out: &mut Vec<u8>) {
    address_text::write(lease.address(), out);
    if lease.is_prefix() {
        out.push(b'/');
        write_number(lease.prefix_len().into(), out);
    }
}

/// The type or source of the hardware address, where there is one.
fn write_hardware_number(column: Column, lease: &Lease<'_>, out: &mut Vec<u8>) {
    let Client::V6 { hwtype, hwaddr_source, .. } = lease.client else { return };
    let number = if column == Column::HwType { hwtype.map(u32::from) } else { hwaddr_source };
    if let Some(number) = number {
        write_number(number, out);
    }
}

fn write_number(number: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

pub(super) fn write_shown(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = std::io::Write::write_fmt(out, format_args!("{value}"));
}

/// Text that a client or an administrator chose.
pub(super) fn write_foreign(octets: &[u8], out: &mut Vec<u8>) {
    if octets.iter().all(|octet| matches!(octet, b' '..=b'~')) {
        out.extend_from_slice(octets);
    } else {
        write_shown(Octets(octets), out);
    }
}
