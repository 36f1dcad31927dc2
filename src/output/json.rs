//! JSON with the field names of Kea's API (lease4-get-all), as one document or one object a line.
//!
//! Text is UTF-8, where Kea writes each octet of it as `\u00XX`; octets that are no UTF-8 stay in Kea's form. As in
//! Kea, `pool-id` appears only if it is not 0, `client-id` and `user-context` only if there is one, `prefix-len` only
//! for prefixes.

use std::fmt::Display;
use std::io::{self, Write};

use super::{Buffered, LeaseWriter, Written};
use crate::lease::{Fault, Lease4, Lease6, LeaseType, context};

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

    fn write(&mut self, user_context: &[u8], object: impl FnOnce(Object<'_>)) -> io::Result<Written> {
        if !user_context.is_empty()
            && let Err(cause) = context::check(user_context)
        {
            return Ok(Written::Refused(Fault::new("user_context", cause.to_string())));
        }
        if self.is_document {
            self.buffer.text.extend_from_slice(if self.rows == 0 { b"[\n" } else { b",\n" });
        }
        self.rows += 1;
        let text = &mut self.buffer.text;
        text.push(b'{');
        object(Object { text, first: true });
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
        self.write(lease.user_context, |mut object| {
            object.shown("ip-address", lease.address);
            object.value("subnet-id", lease.subnet_id);
            if lease.pool_id != 0 {
                object.value("pool-id", lease.pool_id);
            }
            object.shown("hw-address", lease.hwaddr);
            if !lease.client_id.0.is_empty() {
                object.shown("client-id", lease.client_id);
            }
            object.value("cltt", lease.cltt);
            object.value("valid-lft", lease.valid_lifetime.as_u32());
            object.value("fqdn-fwd", lease.fqdn_fwd);
            object.value("fqdn-rev", lease.fqdn_rev);
            object.octets("hostname", lease.hostname);
            object.value("state", lease.state.number());
            object.user_context(lease.user_context);
        })
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> io::Result<Written> {
        self.write(lease.user_context, |mut object| {
            object.shown("ip-address", lease.address);
            object.shown("type", lease.lease_type.name());
            if lease.lease_type == LeaseType::Pd {
                object.value("prefix-len", lease.prefix_len);
            }
            object.value("iaid", lease.iaid);
            object.shown("duid", lease.duid);
            object.value("subnet-id", lease.subnet_id);
            if lease.pool_id != 0 {
                object.value("pool-id", lease.pool_id);
            }
            object.value("cltt", lease.cltt);
            object.value("preferred-lft", lease.preferred_lifetime.as_u32());
            object.value("valid-lft", lease.valid_lifetime.as_u32());
            object.value("fqdn-fwd", lease.fqdn_fwd);
            object.value("fqdn-rev", lease.fqdn_rev);
            object.octets("hostname", lease.hostname);
            if !lease.hwaddr.0.is_empty() {
                object.shown("hw-address", lease.hwaddr);
            }
            object.value("state", lease.state.number());
            object.user_context(lease.user_context);
        })
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.is_document {
            self.buffer.text.extend_from_slice(if self.rows == 0 { b"[]\n" } else { b"\n]\n" });
        }
        self.buffer.finish()
    }
}

/// An object that is being written; the braces are the caller's.
struct Object<'a> {
    text: &'a mut Vec<u8>,
    first: bool,
}

impl Object<'_> {
    fn name(&mut self, name: &str) {
        if !self.first {
            self.text.extend_from_slice(b", ");
        }
        self.first = false;
        self.text.push(b'"');
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\": ");
    }

    /// A number or boolean.
    fn value(&mut self, name: &str, value: impl Display) {
        self.name(name);
        // Writing to a Vec cannot fail.
        let _ = write!(self.text, "{value}");
    }

    /// A string of harmless characters.
    fn shown(&mut self, name: &str, value: impl Display) {
        self.name(name);
        let _ = write!(self.text, "\"{value}\"");
    }

    /// A string that somebody else chose.
    fn octets(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        context::write_string(value, self.text);
    }

    fn user_context(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.name("user-context");
            // Checked before the object was begun.
            let _ = context::to_json(text, self.text);
        }
    }
}
