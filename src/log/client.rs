//! Clients: each is kept once, whatever the number of its lines.

use std::borrow::Cow;
use std::collections::BTreeSet;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use serde::{Deserialize, Serialize};

use super::hash::hash;
use super::stamp::{Micros, SECOND};

/// A client, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Client(u32);

/// What a client did, in a few bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Record {
    /// Offers at different times since the last acknowledgement, each within an hour of the one before it; NAKs likewise.
    pub(crate) offers: Repeated,
    pub(crate) naks: Repeated,
    pub(crate) acknowledged: u32,
    /// A minute since 1970, how much came in it, and the most that came in any.
    minute: u32,
    in_minute: u32,
    pub(crate) most_in_minute: u32,
}

/// So many offers or NAKs in turn are a loop.
pub(crate) const LOOP: u32 = 3;

/// How often something came in turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Repeated {
    pub(crate) count: u32,
    last: Option<Micros>,
}

impl Repeated {
    /// Two relays may pass on one packet, and a server that is busy gets it twice.
    const ONE: Micros = 2 * SECOND;
    const APART: Micros = 3600 * SECOND;

    fn add(&mut self, time: Option<Micros>) {
        let since = time.zip(self.last).map(|(now, last)| now - last);
        match since {
            Some(since) if (0..Self::ONE).contains(&since) => return,
            Some(since) if since > Self::APART => self.count = 1,
            _ => self.count += 1,
        }
        self.last = time.or(self.last);
    }
}

impl Record {
    pub(crate) fn offered(&mut self, time: Option<Micros>) {
        self.offers.add(time);
    }

    pub(crate) fn refused(&mut self, time: Option<Micros>) {
        self.naks.add(time);
    }

    pub(crate) fn is_served(&mut self) {
        self.acknowledged += 1;
        (self.offers, self.naks) = Default::default();
    }

    /// Whether it gets offers again and again and no lease, or NAKs.
    pub(crate) fn is_in_loop(&self) -> bool {
        self.offers.count >= LOOP || self.naks.count >= LOOP
    }

    /// One more packet.
    pub(crate) fn query(&mut self, time: Option<Micros>) {
        let minute = u32::try_from(time.unwrap_or(0).div_euclid(60 * SECOND)).unwrap_or(0);
        if minute != self.minute {
            self.minute = minute;
            self.in_minute = 0;
        }
        self.in_minute += 1;
        self.most_in_minute = self.most_in_minute.max(self.in_minute);
    }
}

/// All clients.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    /// Their labels, one after another.
    labels: Vec<u8>,
    /// Where each label ends.
    ends: Vec<usize>,
    records: Vec<Record>,
    index: HashTable<u32>,
    /// Hashes of the labels of clients that had a lease when the last run was over.
    pub(crate) served_before: BTreeSet<u64>,
}

impl Clients {
    /// The client with this label.
    pub(crate) fn of(&mut self, label: &[u8]) -> Client {
        let Self { labels, ends, records, index, .. } = self;
        let label = &label[..label.len().min(1024)];
        let of = |at: u32| slice(labels, ends, at);
        match index.entry(hash(label), |at| of(*at) == label, |at| hash(of(*at))) {
            Entry::Occupied(entry) => Client(*entry.get()),
            Entry::Vacant(entry) => {
                let at = u32::try_from(ends.len()).unwrap_or(u32::MAX);
                entry.insert(at);
                labels.extend_from_slice(label);
                ends.push(labels.len());
                records.push(Record::default());
                Client(at)
            }
        }
    }

    /// The wanted time begins.
    pub(crate) fn begin(&mut self) {
        self.records.iter_mut().for_each(|record| (record.in_minute, record.most_in_minute) = (0, 0));
    }

    /// Whether there is a client with this label.
    pub(crate) fn has(&self, label: &[u8]) -> bool {
        let label = &label[..label.len().min(1024)];
        self.index.find(hash(label), |at| slice(&self.labels, &self.ends, *at) == label).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn label(&self, client: Client) -> &[u8] {
        slice(&self.labels, &self.ends, client.0)
    }

    pub(crate) fn record_mut(&mut self, client: Client) -> &mut Record {
        &mut self.records[usize::try_from(client.0).unwrap_or(0)]
    }

    /// Whether a client had a lease, as far as is known.
    pub(crate) fn had_lease(&self, client: Client) -> bool {
        let record = self.records.get(usize::try_from(client.0).unwrap_or(0));
        let is_now = record.is_some_and(|record| record.acknowledged > 0);
        is_now || (!self.served_before.is_empty() && self.served_before.contains(&hash(self.label(client))))
    }

    /// Every client with what it did.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Client, &Record)> {
        self.records.iter().enumerate().map(|(at, record)| (Client(u32::try_from(at).unwrap_or(0)), record))
    }

    pub(crate) fn identity(&self, client: Client) -> Identity<'_> {
        Identity::from_label(self.label(client))
    }
}

fn slice<'a>(labels: &'a [u8], ends: &[usize], at: u32) -> &'a [u8] {
    let at = usize::try_from(at).unwrap_or(0);
    let start = if at == 0 { 0 } else { ends[at - 1] };
    &labels[start..ends[at]]
}

/// How hardware addresses of `dhcping` and `dhcpload` begin.
const PROBES: [&str; 2] = ["02:6b:65:", "02:00:5e:a0:"];

/// What identifies a client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Identity<'a> {
    pub(crate) hw_address: Option<Cow<'a, str>>,
    pub(crate) client_id: Option<Cow<'a, str>>,
    pub(crate) duid: Option<Cow<'a, str>>,
}

impl<'a> Identity<'a> {
    /// The identifiers in a label.
    pub(crate) fn from_label(label: &'a [u8]) -> Self {
        let field = |begin: &[u8]| {
            let at = memchr::memmem::find(label, begin)? + begin.len();
            let end = memchr::memchr(b']', &label[at..])?;
            let text = &label[at..at + end];
            (!text.is_empty() && text != b"no info").then(|| String::from_utf8_lossy(text))
        };
        let hw_address = field(b"[hwtype=").and_then(|text| {
            let (kind, address) = text.split_once(' ')?;
            // Ethernet is not worth a word.
            let shown = if kind == "1" { address.to_owned() } else { format!("{kind}:{address}") };
            (!address.is_empty()).then_some(Cow::Owned(shown))
        });
        Self { hw_address, client_id: field(b"cid=["), duid: field(b"duid=[") }
    }

    /// Whether it is a probe of `dhcping` or a client of `dhcpload`, which are to get no lease, or give it back.
    pub(crate) fn is_probe(&self) -> bool {
        let is_ours = |text: &str| PROBES.iter().any(|prefix| text.contains(prefix));
        self.hw_address.as_deref().or(self.duid.as_deref()).is_some_and(is_ours)
    }

    /// The one name of a client for a person.
    pub(crate) fn name(&self) -> &str {
        self.hw_address.as_deref().or(self.duid.as_deref()).or(self.client_id.as_deref()).unwrap_or("(no identifier)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_known_by_its_hardware_address() {
        for (label, is_probe) in [
            (&b"[hwtype=1 02:6b:65:b3:02:6b], cid=[no info]"[..], true),
            (b"duid=[00:03:00:01:02:6b:65:b3:02:6b]", true),
            (b"[hwtype=1 02:00:5e:a0:00:07], cid=[no info]", true),
            (b"[hwtype=1 02:6b:66:b3:02:6b], cid=[01:02:6b:65:b3:02:6b]", false),
        ] {
            assert_eq!(Identity::from_label(label).is_probe(), is_probe, "{label:?}");
        }
    }

    #[test]
    fn a_client_is_kept_once() {
        let mut clients = Clients::default();
        let one = clients.of(b"[hwtype=1 02:aa], cid=[no info]");
        let other = clients.of(b"duid=[00:03]");
        assert_eq!(clients.of(b"[hwtype=1 02:aa], cid=[no info]"), one);
        assert_eq!((clients.len(), clients.label(other)), (2, &b"duid=[00:03]"[..]));
    }

    #[test]
    fn what_identifies_a_client_is_in_its_label() {
        let identity = Identity::from_label(b"[hwtype=1 02:aa], cid=[01:02:aa]");
        assert_eq!((identity.name(), identity.client_id.as_deref()), ("02:aa", Some("01:02:aa")));
        assert_eq!(Identity::from_label(b"[hwtype=6 02:aa], cid=[no info]").name(), "6:02:aa");
        assert_eq!(Identity::from_label(b"duid=[00:03]").name(), "00:03");
    }
}
