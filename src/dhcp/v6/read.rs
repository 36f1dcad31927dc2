//! What a packet says, out of its octets: who, with which status, and which addresses and prefixes.

use std::fmt;
use std::net::Ipv6Addr;

use super::{AssociationKind, Item, Packet, StatusCode, WireOption, code};
use crate::text::Octets;

/// A status with what the server says about it (RFC 8415 section 21.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status<'a> {
    /// The code.
    pub code: StatusCode,
    /// UTF-8, if the server keeps to the rules; often empty.
    pub text: &'a [u8],
}

/// An identity association as a server filled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted<'a> {
    /// Addresses or prefixes.
    pub kind: AssociationKind,
    /// The client's number for it.
    pub iaid: u32,
    /// Seconds until renewal; 0 leaves it to the client.
    pub t1: u32,
    /// Seconds until rebinding; 0 leaves it to the client.
    pub t2: u32,
    /// What it holds and no status refuses.
    pub items: Vec<Item>,
    /// Its status: its own, else the first that an address or a prefix in it has.
    pub status: Option<Status<'a>>,
    /// Whether its own status says no: what it holds is not given then.
    pub is_refused: bool,
}

impl<'a> Packet<'a> {
    /// The client's DUID.
    #[must_use]
    pub fn client(&self) -> Option<&'a [u8]> {
        self.option(code::CLIENTID).map(|option| option.octets)
    }

    /// The server's DUID.
    #[must_use]
    pub fn server(&self) -> Option<&'a [u8]> {
        self.option(code::SERVERID).map(|option| option.octets)
    }

    /// The status of the whole message.
    #[must_use]
    pub fn status(&self) -> Option<Status<'a>> {
        status_among(&self.options)
    }

    /// How much the server wants to be chosen (option 7): 0 unless it says more.
    #[must_use]
    pub fn preference(&self) -> u8 {
        self.option(code::PREFERENCE).and_then(|option| option.octets.first().copied()).unwrap_or(0)
    }

    /// The identity associations `IA_NA` and `IA_PD`, in wire order.
    pub fn associations(&self) -> impl Iterator<Item = Granted<'a>> + '_ {
        self.options.iter().filter_map(granted)
    }
}

impl Status<'_> {
    /// Whether it says no.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.code != StatusCode::SUCCESS
    }
}

impl fmt::Display for Status<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.is_empty() { self.code.fmt(f) } else { write!(f, "{}: {}", self.code, Octets(self.text)) }
    }
}

fn status_among<'a>(options: &[WireOption<'a>]) -> Option<Status<'a>> {
    let option = options.iter().find(|option| option.code == code::STATUS_CODE)?;
    let (code, text) = option.octets.split_first_chunk()?;
    Some(Status { code: StatusCode(u16::from_be_bytes(*code)), text })
}

fn granted<'a>(option: &WireOption<'a>) -> Option<Granted<'a>> {
    let kind = match option.code {
        code::IA_NA => AssociationKind::Addresses,
        code::IA_PD => AssociationKind::Prefixes,
        _ => return None,
    };
    let fields = option.octets.first_chunk::<12>()?;
    let number = |at: usize| u32::from_be_bytes([fields[at], fields[at + 1], fields[at + 2], fields[at + 3]]);
    let held = || option.options().iter().filter(|inner| inner.code == kind.item_code());
    let refused = |inner: &WireOption<'a>| status_among(inner.options()).filter(Status::is_failure);
    let items = held().filter(|inner| refused(inner).is_none()).filter_map(|inner| item(kind, inner.octets)).collect();
    let own = status_among(option.options());
    let status = own.or_else(|| held().find_map(refused));
    let is_refused = own.is_some_and(|status| status.is_failure());
    Some(Granted { kind, iaid: number(0), t1: number(4), t2: number(8), items, status, is_refused })
}

fn item(kind: AssociationKind, octets: &[u8]) -> Option<Item> {
    let number = |at: usize| octets.get(at..)?.first_chunk().copied().map(u32::from_be_bytes);
    let address = |at: usize| octets.get(at..)?.first_chunk::<16>().copied().map(Ipv6Addr::from);
    match kind {
        AssociationKind::Addresses => {
            Some(Item { address: address(0)?, prefix_length: 128, preferred: number(16)?, valid: number(20)? })
        }
        AssociationKind::Prefixes => {
            Some(Item { address: address(9)?, prefix_length: octets[8], preferred: number(0)?, valid: number(4)? })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Association, Message, MessageType, Opt};
    use super::*;

    fn prefix() -> Item {
        Item {
            address: "2001:db8:5::".parse().expect("an address"),
            prefix_length: 56,
            preferred: 3000,
            valid: u32::MAX,
        }
    }

    #[test]
    fn what_an_association_was_given_is_read_back() {
        let sent = Association {
            kind: AssociationKind::Prefixes,
            iaid: 9,
            t1: 1000,
            t2: 2000,
            items: vec![prefix(), Item { prefix_length: 64, ..prefix() }],
        };
        let octets = Message::new(MessageType::REPLY, 1).with(sent.to_option()).encode();
        let packet = Packet::parse(&octets);
        let Granted { kind, iaid, t1, t2, items, status, is_refused: _ } =
            packet.associations().next().expect("an association");
        assert_eq!(Association { kind, iaid, t1, t2, items }, sent);
        assert_eq!(status, None);
    }

    #[test]
    fn an_address_with_a_failing_status_is_not_given() {
        let status = [0, 13, 0, 5, 0, 4, b'o', b'f', b'f'];
        let address = [&[0x20; 16][..], &[0; 8], &status].concat();
        let inner = [&[0, 5, 0, u8::try_from(address.len()).expect("short")][..], &address].concat();
        let octets = Message::new(MessageType::REPLY, 1).with(Opt::new(3, [&[0; 12][..], &inner].concat())).encode();
        let packet = Packet::parse(&octets);
        let granted = packet.associations().next().expect("an association");
        assert_eq!(granted.items, []);
        assert_eq!(granted.status.map(|status| status.to_string()).as_deref(), Some("NotOnLink: off"));
    }

    #[test]
    fn short_values_say_nothing() {
        let octets = Message::new(MessageType::REPLY, 1)
            .with(Opt::new(13, [0]))
            .with(Opt::new(7, []))
            .with(Opt::new(3, [0; 11]))
            .with(Opt::new(25, [&[0; 12][..], &[0, 26, 0, 3, 1, 2, 3]].concat()))
            .encode();
        let packet = Packet::parse(&octets);
        assert_eq!((packet.status(), packet.preference()), (None, 0));
        assert_eq!(packet.associations().map(|granted| granted.items.len()).collect::<Vec<_>>(), [0]);
    }
}
