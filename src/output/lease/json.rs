//! JSON with the field names of Kea's API (lease4-get-all), as one document or one object a line; in a list with more
//! that Kea leaves to the reader to find out.
//!
//! Text is UTF-8, where Kea writes each byte of it as `\u00XX`; a string that is no UTF-8 stays in Kea's form. A
//! context that is no JSON map, as MySQL cuts one off, is a string. As in Kea, `pool-id` appears only if it is not 0,
//! `client-id` and `user-context` only if there is one, `prefix-len` only for prefixes.

use std::io::{self, Write};

use super::cells::write_shown;
use super::{Buffer, LeaseFormat, LeaseWriter, ListContext, Row, Style, View, Written};
use crate::lease::{Client, Family, Lease, address_text, context};
use crate::time::{TimeFormatter, TimeStyle};

/// Writes JSON.
pub(super) struct Json<'a> {
    buffer: Buffer<'a>,
    /// One array with all leases; else an object a line.
    is_document: bool,
    rows: u64,
    /// What a list adds.
    more: Option<More<'a>>,
}

impl<'a> Json<'a> {
    pub(super) fn new(style: &Style, context: &'a ListContext, out: &'a mut dyn Write) -> Self {
        let more = (style.view == View::Present).then(|| More::new(style, context));
        Self { buffer: Buffer::new(out), is_document: style.format == LeaseFormat::Json, rows: 0, more }
    }
}

impl LeaseWriter for Json<'_> {
    fn begin(&mut self, _family: Family) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        let text = &mut self.buffer.text;
        if self.is_document {
            text.extend_from_slice(if self.rows == 0 { b"[\n" } else { b",\n" });
        }
        self.rows += 1;
        text.push(b'{');
        let mut object = Object { text, first: true };
        object.lease(row.lease);
        if let Some(more) = &mut self.more {
            more.write(row, &mut object);
        }
        text.push(b'}');
        if !self.is_document {
            text.push(b'\n');
        }
        self.buffer.relieve()?;
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.is_document {
            self.buffer.text.extend_from_slice(if self.rows == 0 { b"[]\n" } else { b"\n]\n" });
        }
        self.buffer.finish()
    }
}

/// What a list adds to Kea's members: the facts of the moment, and what is known beyond the leases.
struct More<'a> {
    times: TimeFormatter,
    now: i64,
    context: &'a ListContext,
}

impl<'a> More<'a> {
    fn new(style: &Style, context: &'a ListContext) -> Self {
        Self { times: TimeFormatter::new(style.time, style.zone), now: style.now, context }
    }

    fn write(&mut self, row: &Row<'_>, object: &mut Object<'_>) {
        object.quoted("state-name", |out| write_shown(row.status, out));
        match row.lease.end() {
            Some(end) if self.times.style() == TimeStyle::Epoch => object.number("expires", end),
            Some(end) => object.quoted("expires", |out| self.times.write(end, out)),
            None => object.null("expires"),
        }
        match row.lease.end() {
            Some(end) => object.number("remaining", end.saturating_sub(self.now)),
            None => object.null("remaining"),
        }
        self.write_context(row.lease, object);
    }

    /// What is known only where the system or Kea's configuration says it.
    fn write_context(&self, lease: &Lease<'_>, object: &mut Object<'_>) {
        if let Some(vendor) = self.context.vendors.name(lease.hwaddr.0) {
            object.octets("vendor", vendor.as_bytes());
        }
        let Some(network) = self.context.network(lease.family()) else { return };
        if let Some(subnet) = network.subnet_of(lease) {
            object.octets("subnet", subnet.prefix.as_bytes());
        }
        let Some(origin) = network.origin_of(lease) else { return };
        object.word("origin", origin.name());
        match network.pool_of(lease) {
            Some(pool) => object.octets("pool", pool.text.as_bytes()),
            None => object.null("pool"),
        }
    }
}

/// An object that is being written; the braces are the caller's.
struct Object<'a> {
    text: &'a mut Vec<u8>,
    first: bool,
}

impl Object<'_> {
    /// The members that Kea's API gives a lease, in its order.
    fn lease(&mut self, lease: &Lease<'_>) {
        self.quoted("ip-address", |out| address_text::write(lease.address(), out));
        if let Client::V6 { duid, iaid, lease_type, prefix_len, .. } = lease.client {
            self.word("type", &lease_type.name());
            if lease.is_prefix() {
                self.number("prefix-len", prefix_len);
            }
            self.number("iaid", iaid);
            self.quoted("duid", |out| address_text::colon_hex(duid.0, out));
        }
        self.number("subnet-id", lease.subnet_id);
        if lease.pool_id != 0 {
            self.number("pool-id", lease.pool_id);
        }
        if let Client::V4 { client_id, .. } = lease.client {
            self.quoted("hw-address", |out| address_text::colon_hex(lease.hwaddr.0, out));
            if !client_id.0.is_empty() {
                self.quoted("client-id", |out| address_text::colon_hex(client_id.0, out));
            }
        }
        self.number("cltt", lease.cltt);
        if let Some(preferred) = lease.preferred_lifetime() {
            self.number("preferred-lft", preferred.as_u32());
        }
        self.number("valid-lft", lease.valid_lifetime.as_u32());
        self.flag("fqdn-fwd", lease.fqdn_fwd);
        self.flag("fqdn-rev", lease.fqdn_rev);
        self.octets("hostname", lease.hostname);
        if lease.family() == Family::V6 && !lease.hwaddr.0.is_empty() {
            self.quoted("hw-address", |out| address_text::colon_hex(lease.hwaddr.0, out));
        }
        self.number("state", lease.state.number());
        if !lease.user_context.is_empty() {
            self.name("user-context");
            let start = self.text.len();
            if context::to_json(lease.user_context, self.text).is_err() {
                self.text.truncate(start);
                context::write_string(lease.user_context, self.text);
            }
        }
    }

    fn name(&mut self, name: &str) {
        if !self.first {
            self.text.extend_from_slice(b", ");
        }
        self.first = false;
        self.text.push(b'"');
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\": ");
    }

    fn number(&mut self, name: &str, value: impl itoa::Integer) {
        self.name(name);
        self.text.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.text.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn null(&mut self, name: &str) {
        self.name(name);
        self.text.extend_from_slice(b"null");
    }

    /// A string of harmless characters.
    fn word(&mut self, name: &str, value: &str) {
        self.quoted(name, |out| out.extend_from_slice(value.as_bytes()));
    }

    /// A string of harmless characters, written by `write`.
    fn quoted(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.name(name);
        self.text.push(b'"');
        write(self.text);
        self.text.push(b'"');
    }

    /// A string that a client or an administrator chose.
    fn octets(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        context::write_string(value, self.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::{LeaseStatus, sample};
    use crate::memfile::version::Target;
    use crate::time::Zone;

    #[test]
    fn a_context_that_is_cut_off_is_a_string() {
        let mut out = Vec::new();
        let (context, zone) = (ListContext::default(), Zone::Machine);
        let style = Style::stored(LeaseFormat::Ndjson, Target::NEWEST, TimeStyle::Utc, zone);
        let mut writer = Json::new(&style, &context, &mut out);
        let lease = Lease { user_context: br#"{ "a": [ "x", "#, ..sample::V4 };
        writer.row(&Row::new(&lease, LeaseStatus::Active)).and_then(|_| writer.finish()).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read["user-context"], r#"{ "a": [ "x", "#);
    }
}
