//! Lines for the system's own tables: `/etc/hosts` and `/etc/ethers`.
//!
//! Both are read by programs that believe them, and clients choose host names: a lease whose name is no host name is
//! left out.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher as _};
use std::io::{self, Write};

use super::cells::write_address;
use super::{Buffer, LeaseWriter, Row, Written};
use crate::lease::{Family, address_text};

use crate::text::count;

/// The name, if it is one that programs may believe: labels of letters, digits, `-` and `_` between dots (RFC 1123,
/// with the underscore that many devices send), not all of it digits and dots, which would be taken for an address.
pub(super) fn host_name(octets: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(octets).ok()?.trim_end_matches('.');
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
            && !label.starts_with('-')
    };
    let is_name = name.len() <= 253 && name.split('.').all(is_label) && !is_taken(name);
    (is_name && name.bytes().any(|octet| octet.is_ascii_alphabetic())).then_some(name)
}

/// Whether programs take a name for this machine itself or for addresses that every machine has (RFC 6761, and what
/// systems write into their own `/etc/hosts`): no client is believed that it is called so.
fn is_taken(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let first = name.split('.').next().unwrap_or_default();
    matches!(first, "localhost" | "localhost4" | "localhost6" | "broadcasthost")
        || name.ends_with(".localhost")
        || name.starts_with("ip6-")
}

/// How often something occurs, by what it is hashed to.
#[derive(Default)]
struct Seen {
    times: HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>,
}

impl Seen {
    fn add(&mut self, what: &[u8]) {
        let mut hasher = DefaultHasher::new();
        hasher.write(what);
        let times = self.times.entry(hasher.finish()).or_default();
        *times = times.saturating_add(1);
    }

    /// How many different things occur more than once, if any.
    fn repeated(&self, one: &str, many: &str) -> Option<String> {
        match self.times.values().filter(|times| **times > 1).count() {
            0 => None,
            1 => Some(format!("1 {one} occurs in more than one line")),
            number => Some(format!("{number} {many} occur in more than one line")),
        }
    }
}

/// Says how many leases were left out, and why, if any were.
fn left_out(reasons: &[(u64, &str)]) -> Option<String> {
    let total: u64 = reasons.iter().map(|(number, _)| number).sum();
    let parts = reasons.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
    (total > 0).then(|| format!("{} left out: {}", count(total, "lease"), parts.collect::<Vec<_>>().join(", ")))
}

/// Writes `192.0.2.10 printer.example.org printer`.
pub(super) struct Hosts<'a> {
    buffer: Buffer<'a>,
    nameless: u64,
    misnamed: u64,
    prefixes: u64,
    names: Seen,
}

impl<'a> Hosts<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { buffer: Buffer::new(out), nameless: 0, misnamed: 0, prefixes: 0, names: Seen::default() }
    }
}

impl LeaseWriter for Hosts<'_> {
    fn begin(&mut self, _family: Family) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        let Some(name) = host_name(row.lease.hostname).filter(|_| !row.lease.is_prefix()) else {
            let reason = match row.lease.hostname {
                _ if row.lease.is_prefix() => &mut self.prefixes,
                [] => &mut self.nameless,
                _ => &mut self.misnamed,
            };
            *reason += 1;
            return Ok(Written::LeftOut);
        };
        self.names.add(name.to_ascii_lowercase().as_bytes());
        write_address(row.lease, &mut self.buffer.text);
        write!(self.buffer.text, "\t{name}")?;
        if let Some((short, _)) = name.split_once('.').filter(|(short, _)| host_name(short.as_bytes()).is_some()) {
            write!(self.buffer.text, " {short}")?;
        }
        self.buffer.text.push(b'\n');
        self.buffer.relieve()?;
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.buffer.finish()
    }

    fn remarks(&self) -> Vec<String> {
        let reasons = [
            (self.nameless, "without a name"),
            (self.misnamed, "with a name that is not a host name or is reserved for the local machine"),
            (self.prefixes, "of prefixes"),
        ];
        left_out(&reasons).into_iter().chain(self.names.repeated("name", "names")).collect()
    }
}

/// Writes `08:00:2b:01:02:03 192.0.2.10`.
pub(super) struct Ethers<'a> {
    buffer: Buffer<'a>,
    unknown: u64,
    unlike: u64,
    prefixes: u64,
    hwaddrs: Seen,
}

impl<'a> Ethers<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { buffer: Buffer::new(out), unknown: 0, unlike: 0, prefixes: 0, hwaddrs: Seen::default() }
    }
}

impl LeaseWriter for Ethers<'_> {
    fn begin(&mut self, _family: Family) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        if row.lease.hwaddr.0.len() != 6 || row.lease.is_prefix() {
            let reason = match row.lease.hwaddr.0 {
                _ if row.lease.is_prefix() => &mut self.prefixes,
                [] => &mut self.unknown,
                _ => &mut self.unlike,
            };
            *reason += 1;
            return Ok(Written::LeftOut);
        }
        self.hwaddrs.add(row.lease.hwaddr.0);
        address_text::colon_hex(row.lease.hwaddr.0, &mut self.buffer.text);
        self.buffer.text.push(b' ');
        write_address(row.lease, &mut self.buffer.text);
        self.buffer.text.push(b'\n');
        self.buffer.relieve()?;
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.buffer.finish()
    }

    fn remarks(&self) -> Vec<String> {
        let reasons = [
            (self.unknown, "without a hardware address"),
            (self.unlike, "with a hardware address that does not have 6 octets"),
            (self.prefixes, "of prefixes"),
        ];
        let repeated = self.hwaddrs.repeated("hardware address", "hardware addresses");
        left_out(&reasons).into_iter().chain(repeated).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_host_names_are_believed() {
        for name in ["printer", "printer.example.org", "a_b-c", "3com"] {
            assert_eq!(host_name(name.as_bytes()), Some(name));
        }
        assert_eq!(host_name(b"printer."), Some("printer"));
        for name in ["", ".", "a..b", "192.0.2.1", "a b", "a\nb", "-x", "z\u{fc}rich", "a/b", &"a".repeat(64)] {
            assert_eq!(host_name(name.as_bytes()), None, "{name}");
        }
        assert_eq!(host_name(b"\xff"), None);
        for name in
            ["localhost", "LocalHost.", "localhost.localdomain", "x.localhost", "ip6-loopback", "localhost6.lan"]
        {
            assert_eq!(host_name(name.as_bytes()), None, "{name}");
        }
        assert_eq!(host_name(b"localhost-2.example.org"), Some("localhost-2.example.org"));
    }
}
