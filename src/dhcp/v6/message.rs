//! What we send: messages of a client or a server, and relay agents' envelopes around them (RFC 8415 sections 8 and 9).
//!
//! Nothing is checked here. Options are written as they are given, in that order: a probe may be wrong on purpose.

use std::net::Ipv6Addr;

use super::{MessageType, code};

/// One option to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// Its code.
    pub code: u16,
    /// Its value. What is beyond 65,535 octets has no room in an option and is left out.
    pub octets: Vec<u8>,
}

/// A message of a client or a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What is said.
    pub kind: MessageType,
    /// Transaction id; the lower 24 bits count.
    pub xid: u32,
    /// Options in the order in which they are sent.
    pub options: Vec<Opt>,
}

/// A relay agent's envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// RELAY-FORW towards the server, RELAY-REPL towards the client.
    pub kind: MessageType,
    /// How many relay agents it went through before this one.
    pub hops: u8,
    /// An address of the link the client is on; by it the server chooses the subnet.
    pub link: Ipv6Addr,
    /// Whom the relay agent got the message from.
    pub peer: Ipv6Addr,
    /// Options in the order in which they are sent, but for the message itself (option 9), which comes last.
    pub options: Vec<Opt>,
}

/// An identity association to ask for, or to give back (RFC 8415 section 12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// Addresses (option 3) or prefixes (option 25).
    pub kind: AssociationKind,
    /// The client's number for it.
    pub iaid: u32,
    /// Seconds until renewal; a client says 0.
    pub t1: u32,
    /// Seconds until rebinding; a client says 0.
    pub t2: u32,
    /// What it holds.
    pub items: Vec<Item>,
}

/// What an identity association holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssociationKind {
    /// Addresses: `IA_NA`.
    Addresses,
    /// Prefixes: `IA_PD`.
    Prefixes,
}

/// An address or a prefix in an identity association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Item {
    /// The address, or the prefix's first.
    pub address: Ipv6Addr,
    /// Length of the prefix; 128 and not sent for an address.
    pub prefix_length: u8,
    /// Preferred lifetime in seconds, `u32::MAX` for ever.
    pub preferred: u32,
    /// Valid lifetime in seconds, `u32::MAX` for ever.
    pub valid: u32,
}

impl Opt {
    /// An option.
    #[must_use]
    pub fn new(code: u16, octets: impl Into<Vec<u8>>) -> Self {
        Self { code, octets: octets.into() }
    }

    /// Option 6: the codes of the options that are asked for.
    #[must_use]
    pub fn request(codes: &[u16]) -> Self {
        Self::new(code::ORO, codes.iter().flat_map(|code| code.to_be_bytes()).collect::<Vec<_>>())
    }

    /// Option 8: time since the exchange began, in hundredths of a second.
    #[must_use]
    pub fn elapsed(hundredths: u16) -> Self {
        Self::new(code::ELAPSED_TIME, hundredths.to_be_bytes())
    }
}

impl Message {
    /// A message without options.
    #[must_use]
    pub fn new(kind: MessageType, xid: u32) -> Self {
        Self { kind, xid, options: Vec::new() }
    }

    /// The same with one more option.
    #[must_use]
    pub fn with(mut self, option: Opt) -> Self {
        self.options.push(option);
        self
    }

    /// Its octets.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let [_, x2, x1, x0] = self.xid.to_be_bytes();
        let mut octets = vec![self.kind.0, x2, x1, x0];
        self.options.iter().for_each(|option| write(option.code, &option.octets, &mut octets));
        octets
    }
}

impl Relay {
    /// Its octets, with `message` inside (option 9, RFC 8415 section 21.10).
    #[must_use]
    pub fn encode(&self, message: &[u8]) -> Vec<u8> {
        let mut octets = vec![self.kind.0, self.hops];
        octets.extend(self.link.octets());
        octets.extend(self.peer.octets());
        self.options.iter().for_each(|option| write(option.code, &option.octets, &mut octets));
        write(code::RELAY_MSG, message, &mut octets);
        octets
    }
}

impl Association {
    /// One of that kind and number, with nothing in it.
    #[must_use]
    pub fn new(kind: AssociationKind, iaid: u32) -> Self {
        Self { kind, iaid, t1: 0, t2: 0, items: Vec::new() }
    }

    /// Option 3 or 25.
    #[must_use]
    pub fn to_option(&self) -> Opt {
        let mut octets = Vec::new();
        for number in [self.iaid, self.t1, self.t2] {
            octets.extend(number.to_be_bytes());
        }
        for item in &self.items {
            let option = item.to_option(self.kind);
            write(option.code, &option.octets, &mut octets);
        }
        Opt::new(self.kind.code(), octets)
    }
}

impl AssociationKind {
    /// Its option: 3 or 25.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Addresses => code::IA_NA,
            Self::Prefixes => code::IA_PD,
        }
    }

    /// The option of what it holds: 5 or 26.
    #[must_use]
    pub fn item_code(self) -> u16 {
        match self {
            Self::Addresses => code::IAADDR,
            Self::Prefixes => code::IAPREFIX,
        }
    }
}

impl Item {
    /// Option 5 or 26 (RFC 8415 sections 21.6 and 21.22).
    #[must_use]
    pub fn to_option(&self, kind: AssociationKind) -> Opt {
        let lifetimes = [self.preferred.to_be_bytes(), self.valid.to_be_bytes()].concat();
        let address = &self.address.octets()[..];
        match kind {
            AssociationKind::Addresses => Opt::new(kind.item_code(), [address, &lifetimes].concat()),
            AssociationKind::Prefixes => {
                Opt::new(kind.item_code(), [&lifetimes, &[self.prefix_length][..], address].concat())
            }
        }
    }
}

fn write(code: u16, value: &[u8], octets: &mut Vec<u8>) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    octets.extend(code.to_be_bytes());
    octets.extend(length.to_be_bytes());
    octets.extend(&value[..usize::from(length)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hex;

    #[test]
    fn a_solicit_is_written_as_the_rfc_draws_it() {
        let mut prefixes = Association::new(AssociationKind::Prefixes, 2);
        prefixes.items.push(Item {
            address: "2001:db8::".parse().expect("an address"),
            prefix_length: 56,
            preferred: 0,
            valid: 1,
        });
        let solicit = Message::new(MessageType::SOLICIT, 0xff01_0203)
            .with(Opt::new(1, [0, 4, 9]))
            .with(Opt::elapsed(258))
            .with(Opt::request(&[23, 24]))
            .with(Association::new(AssociationKind::Addresses, 1).to_option())
            .with(prefixes.to_option());
        let expected = [
            "01010203",                         // SOLICIT, transaction id
            "00010003000409",                   // client identifier
            "000800020102",                     // elapsed time
            "0006000400170018",                 // option request
            "0003000c000000010000000000000000", // IA_NA
            "00190029000000020000000000000000", // IA_PD
            "001a0019000000000000000138",       // IAPREFIX
            "20010db8000000000000000000000000",
        ];
        assert_eq!(hex(&solicit.encode()), expected.concat());
    }

    #[test]
    fn a_relay_agent_puts_the_message_last() {
        let relay = Relay {
            kind: MessageType::RELAY_FORW,
            hops: 3,
            link: "2001:db8::1".parse().expect("an address"),
            peer: "fe80::2".parse().expect("an address"),
            options: vec![Opt::new(18, *b"eth0")],
        };
        let expected =
            "0c0320010db8000000000000000000000001fe80000000000000000000000000000200120004657468300009000401000001";
        assert_eq!(hex(&relay.encode(&[1, 0, 0, 1])), expected);
    }

    #[test]
    fn a_value_too_long_for_an_option_does_not_run_into_the_next() {
        let message =
            Message::new(MessageType::SOLICIT, 1).with(Opt::new(7, vec![0; 70_000])).with(Opt::new(8, [1, 2]));
        let octets = message.encode();
        assert_eq!(octets.len(), 4 + 4 + 65_535 + 4 + 2);
        assert!(octets.ends_with(&[0, 8, 0, 2, 1, 2]));
    }
}
