//! One client in the logs: every message about it, in order, and what each says of the server's decisions.
//!
//! Many messages at DEBUG name no client. They belong to the one whose packet their thread is at.

use std::collections::BTreeSet;
use std::net::IpAddr;

use hashbrown::HashSet;

use super::assemble::Message;
use super::client::Identity;
use super::hash::hash;
use super::line::Server;
use super::message::{LogMessageKind, Severity};
use super::text::{self, Label};

pub(crate) mod step;

/// Who is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// A hardware address, client-id or DUID: octets in hex, with colons.
    Octets(String),
    Address(IpAddr),
    Prefix(IpAddr, u8),
    /// A host name, in lower case.
    Name(String),
}

impl Who {
    /// What a text names.
    pub(crate) fn parse(text: &str) -> Self {
        if let Some(octets) = octets(text).filter(|_| is_octet_by_octet(text)) {
            return Self::Octets(octets);
        }
        if let Ok(address) = text.parse() {
            return Self::Address(address);
        }
        if let Some((address, length)) = text.split_once('/')
            && let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u8>())
            && length <= if address.is_ipv4() { 32 } else { 128 }
        {
            return Self::Prefix(address, length);
        }
        match octets(text) {
            Some(octets) => Self::Octets(octets),
            None => Self::Name(text.trim_end_matches('.').to_ascii_lowercase()),
        }
    }

    fn has_address(&self, address: IpAddr) -> bool {
        match self {
            Self::Address(own) => *own == address,
            Self::Prefix(own, length) => is_in(address, *own, *length),
            _ => false,
        }
    }

    /// Whether it names this client or one of these addresses.
    pub(crate) fn fits(&self, identity: &Identity<'_>, mut addresses: impl Iterator<Item = IpAddr>) -> bool {
        self.is(identity) || addresses.any(|address| self.has_address(address))
    }

    /// Whether these are the client's identifiers.
    fn is(&self, identity: &Identity<'_>) -> bool {
        let Self::Octets(octets) = self else { return false };
        let mut all = [&identity.hw_address, &identity.client_id, &identity.duid].into_iter().flatten();
        all.any(|text| has_octets(text, octets))
    }

    /// Whether this is one of a client's identifiers as a whole, or the hardware address at the end of its DUID.
    fn is_whole(&self, identity: &Identity<'_>) -> bool {
        let Self::Octets(own) = self else { return false };
        let is_same = |text: &str| text == own || octets(text).is_some_and(|octets| octets == *own);
        let mut all = [&identity.hw_address, &identity.client_id, &identity.duid].into_iter().flatten();
        let ends_duid = |duid: &str| own.len() == MAC_LENGTH && duid.ends_with(own.as_str());
        all.any(|text| is_same(text)) || identity.duid.as_deref().is_some_and(ends_duid)
    }

    /// Whether a text names it, apart from a label.
    fn is_in_text(&self, text: &[u8]) -> bool {
        match self {
            Self::Octets(octets) => memchr::memmem::find(text, octets.as_bytes()).is_some(),
            Self::Address(address) => addresses(text).any(|found| found == *address),
            Self::Prefix(..) => addresses(text).any(|found| self.has_address(found)),
            Self::Name(name) => has_name(text, name),
        }
    }
}

/// The length of `02:aa:00:00:01:02`.
const MAC_LENGTH: usize = 17;

/// Whether an identifier has these octets: all of it or a part.
fn has_octets(identifier: &str, wanted: &str) -> bool {
    // A hardware address that is not of Ethernet has its type in front, as in `6:02:aa:00:00:01:02`.
    let has_short_type = identifier.as_bytes().get(1) == Some(&b':');
    memchr::memmem::find(identifier.as_bytes(), wanted.as_bytes()).is_some()
        || (has_short_type && octets(identifier).is_some_and(|text| text.contains(wanted)))
}

/// Whether it is written as eight octets, as no IPv6 address is.
fn is_octet_by_octet(text: &str) -> bool {
    text.split(':').count() == 8 && text.split(':').all(|part| part.len() == 2)
}

fn is_in(address: IpAddr, network: IpAddr, length: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let shift = 32 - u32::from(length);
            u32::from(address).checked_shr(shift).unwrap_or(0) == u32::from(network).checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let shift = 128 - u32::from(length);
            u128::from(address).checked_shr(shift).unwrap_or(0) == u128::from(network).checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}

/// `02:aa:00:00:01:02` of that, of `02-aa-…`, `02aa.0000.0102` or `02aa00000102`.
fn octets(text: &str) -> Option<String> {
    let has_separators = text.contains([':', '-', '.']);
    let parts: Vec<&str> = text.split([':', '-', '.']).collect();
    let is_hex = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !parts.iter().all(is_hex) {
        return None;
    }
    let digits: String = if parts.iter().all(|part| part.len() <= 2) {
        parts.iter().flat_map(|part| ["0"; 2].into_iter().skip(part.len()).chain([*part])).collect()
    } else {
        parts.concat()
    };
    let is_long = digits.len() >= 12 || (has_separators && digits.len() >= 6);
    if !is_long || !digits.len().is_multiple_of(2) {
        return None;
    }
    let pairs = digits.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_ascii_lowercase());
    Some(pairs.collect::<Vec<_>>().join(":"))
}

/// Every address in a text.
fn addresses(text: &[u8]) -> impl Iterator<Item = IpAddr> {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    text.split(move |byte| !is_part(byte)).filter(|word| word.len() > 2).filter_map(text::address)
}

/// Whether a text has a host name, as a whole label or with its domain.
fn has_name(text: &[u8], name: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let name = name.as_bytes();
    // Two digits between colons are a part of an address.
    let is_hex = name.len() <= 4 && name.iter().all(u8::is_ascii_hexdigit);
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-' || (is_hex && *byte == b':'))
    };
    memchr::memmem::find_iter(&lower, name).any(|at| {
        let before = at.checked_sub(1).and_then(|before| lower.get(before));
        !is_part(before) && !is_part(lower.get(at + name.len()))
    })
}

/// Follows clients.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    wanted: Vec<Who>,
    occurs: Vec<bool>,
    /// Addresses that DNS updates show for names.
    named: Vec<IpAddr>,
    /// Transactions that have to do with them, and clients whatever the transaction, by a hash of the label.
    related: HashSet<(u64, Option<u32>)>,
    /// How many of these are kept.
    most: usize,
    /// How many messages of further ones there were.
    pub(crate) unfollowed: u64,
    /// The client that a thread is at: process, thread, and whether it is wanted.
    threads: Vec<(u32, u64, Option<usize>)>,
    /// Whether the log shows where a thread takes up a packet.
    shows_packets: bool,
    /// Which steps the log holds, of anyone.
    pub(crate) seen: BTreeSet<step::Step>,
    /// The steps since the last answer, and those that leases are without although the log holds them.
    current: BTreeSet<step::Step>,
    pub(crate) partial: BTreeSet<step::Step>,
    pub(crate) is_v4: bool,
    pub(crate) is_v6: bool,
}

const MOST_THREADS: usize = 512;
const MOST_ADDRESSES: usize = 64;

impl Trace {
    /// Follows these, with so many clients and transactions of an address or a name at most.
    pub(crate) fn new(wanted: Vec<Who>, most: usize) -> Self {
        let occurs = vec![false; wanted.len()];
        Self { wanted, occurs, most, ..Self::default() }
    }

    fn relate(&mut self, client: &[u8], xid: Option<u32>) {
        let key = (hash(client), xid);
        if self.related.len() < self.most || self.related.contains(&key) {
            self.related.insert(key);
        } else {
            self.unfollowed += 1;
        }
    }

    /// Whether there is something to learn before anything is shown: of an address or a name, whose it is.
    pub(crate) fn has_to_learn(&self) -> bool {
        self.wanted.iter().any(|who| !matches!(who, Who::Octets(_)))
    }

    /// Whether addresses of names turned up, so that it is worth learning once more.
    pub(crate) fn knows_addresses(&self) -> bool {
        !self.named.is_empty()
    }

    /// The address of a name, as D2 and the queue to it have both.
    fn learn_address(&mut self, message: &Message<'_>) {
        let address = text::between(message.text, b"IP Address: [", b"]").and_then(text::address);
        let is_wanted = |who: &Who| matches!(who, Who::Name(name) if has_name(message.text, name));
        if let Some(address) = address.filter(|address| !self.named.contains(address))
            && self.named.len() < MOST_ADDRESSES
            && self.wanted.iter().any(is_wanted)
        {
            self.named.push(address);
        }
    }

    /// Takes in which transactions have to do with an address or a name.
    pub(crate) fn learn(&mut self, message: &Message<'_>) {
        self.learn_address(message);
        let Some(label) = text::label(message.text) else { return };
        let has_lease = matches!(
            message.kind,
            LogMessageKind::Offered
                | LogMessageKind::Allocated
                | LogMessageKind::Reused
                | LogMessageKind::Renewed
                | LogMessageKind::Released
                | LogMessageKind::Declined
                | LogMessageKind::InitReboot
        );
        if has_lease && let Some(lease) = text::lease(message.text) {
            let is_wanted = self.wanted.iter().any(|who| who.has_address(lease.address));
            if is_wanted || self.named.contains(&lease.address) {
                self.relate(label.client, Some(label.xid));
            }
            return;
        }
        let is_name = has_name_in(message.id);
        let names = |who: &Who| matches!(who, Who::Name(name) if has_name(message.text, name));
        if is_name && self.wanted.iter().any(names) {
            self.relate(label.client, None);
        }
    }

    /// Whether a message is about a client that is followed.
    pub(crate) fn is_about(&mut self, message: &Message<'_>) -> bool {
        // Failures show these of their own client alone.
        let is_rare = matches!(message.kind, LogMessageKind::FailedClasses | LogMessageKind::InitReboot);
        self.seen.extend(step::of(message).filter(|_| !is_rare));
        self.shows_packets |= message.kind == LogMessageKind::Query || message.id.ends_with(b"_BUFFER_RECEIVED");
        let found = if let Some(label) = text::label(message.text) {
            let found = self.of_label(&label, message);
            self.remember(message, found);
            found
        } else {
            if begins_something_else(message) {
                self.remember(message, None);
            }
            self.of_text(message).or_else(|| self.of_thread(message))
        };
        let Some(at) = found else { return false };
        self.occurs[at] = true;
        match message.server {
            Server::Dhcp4 => self.is_v4 = true,
            Server::Dhcp6 => self.is_v6 = true,
            _ => {}
        }
        self.seen.extend(step::of(message));
        self.compare(message);
        true
    }

    /// Whether a lease comes without the steps before it, as at another level. Of several clients it is not known.
    fn compare(&mut self, message: &Message<'_>) {
        self.current.extend(step::of(message));
        if matches!(message.kind, LogMessageKind::Offered | LogMessageKind::Allocated | LogMessageKind::Renewed)
            && !self.has_several()
        {
            let missing = [step::Step::Received, step::Step::Subnet].into_iter();
            self.partial.extend(missing.filter(|step| !self.current.contains(step)));
        }
        if message.kind == LogMessageKind::Sent {
            self.current.clear();
        }
    }

    fn of_label(&self, label: &Label<'_>, message: &Message<'_>) -> Option<usize> {
        let identity = Identity::from_label(label.client);
        let by_identity = self.wanted.iter().position(|who| who.is(&identity));
        let is_related = || {
            let client = hash(label.client);
            self.related.contains(&(client, None)) || self.related.contains(&(client, Some(label.xid)))
        };
        by_identity.or_else(|| self.of_text(message)).or_else(|| {
            let is_other = |who: &Who| !matches!(who, Who::Octets(_));
            is_related().then(|| self.wanted.iter().position(is_other)).flatten()
        })
    }

    fn of_text(&self, message: &Message<'_>) -> Option<usize> {
        self.wanted.iter().position(|who| who.is_in_text(message.text))
    }

    fn of_thread(&self, message: &Message<'_>) -> Option<usize> {
        if !self.shows_packets {
            return None;
        }
        let is_it = |slot: &&(u32, u64, Option<usize>)| {
            message.thread != 0 && (slot.0, slot.1) == (message.pid, message.thread)
        };
        self.threads.iter().find(is_it)?.2
    }

    fn remember(&mut self, message: &Message<'_>, found: Option<usize>) {
        if message.thread == 0 {
            return;
        }
        if let Some(slot) = self.threads.iter_mut().find(|slot| (slot.0, slot.1) == (message.pid, message.thread)) {
            slot.2 = found;
            return;
        }
        if self.threads.len() >= MOST_THREADS {
            self.threads.remove(0);
        }
        self.threads.push((message.pid, message.thread, found));
    }

    /// Whether each message has to say whose it is, as more than one client may be followed.
    pub(crate) fn has_several(&self) -> bool {
        self.wanted.len() > 1 || self.has_to_learn()
    }

    /// Whether a message is of a client of which only a part is named, as others may have it too.
    pub(crate) fn is_by_part(&self, message: &Message<'_>) -> bool {
        let is_named = |label: &Label<'_>| {
            let identity = Identity::from_label(label.client);
            self.wanted.iter().any(|who| who.is_whole(&identity))
        };
        text::label(message.text).is_some_and(|label| !is_named(&label))
    }

    /// Whether one of those that are followed is a host name.
    pub(crate) fn is_name(&self, at: usize) -> bool {
        matches!(self.wanted.get(at), Some(Who::Name(_)))
    }

    /// Those that do not occur, by their place.
    pub(crate) fn missing(&self) -> impl Iterator<Item = usize> {
        self.occurs.iter().enumerate().filter(|(_, occurs)| !**occurs).map(|(at, _)| at)
    }
}

fn has_name_in(id: &[u8]) -> bool {
    memchr::memmem::find(id, b"HOSTNAME").is_some() || memchr::memmem::find(id, b"FQDN").is_some()
}

/// Whether a thread turns to something else: another packet, a command, a timer.
fn begins_something_else(message: &Message<'_>) -> bool {
    let id = message.id;
    id.ends_with(b"_BUFFER_RECEIVED")
        || message.kind == LogMessageKind::CommandReceived
        || message.kind == LogMessageKind::SocketOpened
        || id.starts_with(b"DHCPSRV_TIMERMGR_")
        || id.starts_with(b"HTTP_")
        || id.starts_with(b"HA_")
        || is_of_server(message)
        || (message.kind == LogMessageKind::CalloutsBegin && memchr::memmem::find(message.text, b"buffer").is_some())
}

/// Whether a message without a client is the server's own: of what is said of packets at INFO, only these have none.
fn is_of_server(message: &Message<'_>) -> bool {
    let is_of_packet = message.id.starts_with(b"EVAL_") || message.id.starts_with(b"HOOKS_CALLOUT");
    message.severity == Severity::Info && !is_of_packet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::host::Host;

    #[test]
    fn what_is_followed_is_understood_as_it_is_written() {
        let mac = Who::Octets("02:aa:00:00:01:02".to_owned());
        for text in ["02:AA:00:00:01:02", "02-aa-00-00-01-02", "02aa.0000.0102", "02aa00000102", "2:aa:0:0:1:2"] {
            assert_eq!(Who::parse(text), mac, "{text}");
        }
        assert_eq!(Who::parse("10.0.0.1"), Who::Address("10.0.0.1".parse().unwrap()));
        assert_eq!(Who::parse("fd00::/64"), Who::Prefix("fd00::".parse().unwrap(), 64));
        for name in ["printer", "Printer.", "cafe"] {
            assert!(matches!(Who::parse(name), Who::Name(_)), "{name}");
        }
    }

    #[test]
    fn an_address_of_many_clients_takes_bounded_memory() {
        let mut trace = Trace::new(vec![Who::parse("10.0.0.0/8")], 10);
        for client in 0..100 {
            let text =
                format!("[hwtype=1 02:aa:00:00:00:{client:02x}], cid=[no info], tid=0x1: lease 10.0.0.1 will be");
            let id = b"DHCP4_LEASE_ADVERT";
            let message = Message {
                time: None,
                severity: crate::log::message::Severity::Info,
                server: Server::Dhcp4,
                pid: 0,
                host: Host::default(),
                thread: 0,
                kind: LogMessageKind::Offered,
                id,
                text: text.as_bytes(),
            };
            trace.learn(&message);
        }
        assert_eq!((trace.related.len(), trace.unfollowed), (10, 90));
    }

    #[test]
    fn an_address_is_found_as_a_whole() {
        let who = Who::parse("10.0.0.1");
        assert!(who.is_in_text(b"lease 10.0.0.1 has") && !who.is_in_text(b"lease 10.0.0.10 has"));
        let prefix = Who::parse("10.0.0.0/30");
        assert!(prefix.is_in_text(b"lease 10.0.0.3 has") && !prefix.is_in_text(b"lease 10.0.0.4 has"));
        let name = Who::parse("pc-1");
        assert!(name.is_in_text(b"FQDN: [PC-1.example.org.]") && !name.is_in_text(b"FQDN: [pc-11.example.org.]"));
    }
}
