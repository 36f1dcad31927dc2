//! JSON with the field names of Kea's API (lease4-get-all), as one document or one object a line.
//!
//! Text is UTF-8, where Kea writes each octet of it as `\u00XX`; a string that is no UTF-8 stays in Kea's form. A
//! context that is no JSON map, as MySQL cuts one off, is a string. As in Kea, `pool-id` appears only if it is not 0, `client-id` and `user-context` only if there is one, `prefix-len` only
//! for prefixes.

use std::io::{self, Write};
use std::net::IpAddr;

use super::{Buffered, LeaseWriter, Written};
use crate::lease::{AnyLease, Family, Lease4, Lease6, context, spelling};

/// Writes JSON.
pub(super) struct Json<'a> {
    buffer: Buffered<'a>,
    is_document: bool,
    rows: u64,
}

impl<'a> Json<'a> {
    /// One array with all leases.
    pub(super) fn document(out: &'a mut dyn Write) -> Self {
        Self { buffer: Buffered::new(out), is_document: true, rows: 0 }
    }

    /// An object a line.
    pub(super) fn lines(out: &'a mut dyn Write) -> Self {
        Self { buffer: Buffered::new(out), is_document: false, rows: 0 }
    }

    /// Writes a lease with whatever `more` adds to it.
    pub(super) fn write(&mut self, lease: &AnyLease<'_>, more: impl FnOnce(&mut Object<'_>)) -> io::Result<Written> {
        if self.is_document {
            self.buffer.text.extend_from_slice(if self.rows == 0 { b"[\n" } else { b",\n" });
        }
        self.rows += 1;
        let text = &mut self.buffer.text;
        text.push(b'{');
        let mut object = Object { text, first: true };
        object.lease(lease);
        more(&mut object);
        text.push(b'}');
        if !self.is_document {
            text.push(b'\n');
        }
        self.buffer.relieve()?;
        Ok(Written::Row)
    }
}

impl LeaseWriter for Json<'_> {
    fn lease4(&mut self, lease: &Lease4<'_>) -> io::Result<Written> {
        self.write(&lease.into(), |_| ())
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> io::Result<Written> {
        self.write(&lease.into(), |_| ())
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.is_document {
            self.buffer.text.extend_from_slice(if self.rows == 0 { b"[]\n" } else { b"\n]\n" });
        }
        self.buffer.finish()
    }
}

/// An object that is being written; the braces are the caller's.
pub(super) struct Object<'a> {
    text: &'a mut Vec<u8>,
    first: bool,
}

impl Object<'_> {
    /// The members that Kea's API gives a lease, in its order.
    fn lease(&mut self, lease: &AnyLease<'_>) {
        self.quoted("ip-address", |out| match lease.address {
            IpAddr::V4(address) => spelling::write4(address, out),
            IpAddr::V6(address) => spelling::write6(address, out),
        });
        if let Some(kind) = lease.lease_type {
            self.word("type", &kind.name());
        }
        if lease.is_prefix() {
            self.number("prefix-len", lease.prefix_len);
        }
        if let Some(iaid) = lease.iaid {
            self.number("iaid", iaid);
            self.quoted("duid", |out| spelling::colon_hex(lease.client, out));
        }
        self.number("subnet-id", lease.subnet_id);
        if lease.pool_id != 0 {
            self.number("pool-id", lease.pool_id);
        }
        if lease.family() == Family::V4 {
            self.quoted("hw-address", |out| spelling::colon_hex(lease.hwaddr, out));
            if !lease.client.is_empty() {
                self.quoted("client-id", |out| spelling::colon_hex(lease.client, out));
            }
        }
        self.number("cltt", lease.cltt);
        if let Some(preferred) = lease.preferred_lifetime {
            self.number("preferred-lft", preferred.as_u32());
        }
        self.number("valid-lft", lease.valid_lifetime.as_u32());
        self.flag("fqdn-fwd", lease.fqdn_fwd);
        self.flag("fqdn-rev", lease.fqdn_rev);
        self.octets("hostname", lease.hostname);
        if lease.family() == Family::V6 && !lease.hwaddr.is_empty() {
            self.quoted("hw-address", |out| spelling::colon_hex(lease.hwaddr, out));
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

    pub(super) fn number(&mut self, name: &str, value: impl itoa::Integer) {
        self.name(name);
        self.text.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.text.extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(super) fn null(&mut self, name: &str) {
        self.name(name);
        self.text.extend_from_slice(b"null");
    }

    /// A string of harmless characters.
    pub(super) fn word(&mut self, name: &str, value: &str) {
        self.quoted(name, |out| out.extend_from_slice(value.as_bytes()));
    }

    /// A string of harmless characters, written by `write`.
    pub(super) fn quoted(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.name(name);
        self.text.push(b'"');
        write(self.text);
        self.text.push(b'"');
    }

    /// A string that somebody else chose.
    pub(super) fn octets(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        context::write_string(value, self.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::{ClientId, HwAddr, LeaseState, Lifetime};

    #[test]
    fn a_context_that_is_cut_off_is_a_string() {
        let mut out = Vec::new();
        let lease = Lease4 {
            address: [192, 0, 2, 1].into(),
            hwaddr: HwAddr(&[2]),
            client_id: ClientId(b""),
            valid_lifetime: Lifetime::Seconds(60),
            cltt: 0,
            subnet_id: 1,
            pool_id: 0,
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: b"",
            state: LeaseState::Assigned,
            user_context: br#"{ "a": [ "x", "#,
        };
        let mut writer = Json::lines(&mut out);
        writer.lease4(&lease).and_then(|_| writer.finish()).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read["user-context"], r#"{ "a": [ "x", "#);
    }
}
