//! What came: every octet of a payload accounted for, however broken it is.
//!
//! Options keep their wire order and offset; those that hold options or a relayed message are opened, to a depth of
//! [`MAX_DEPTH`]. Nothing fails and nothing is dropped: what is wrong is a [`Anomaly`], and its octets are still there.
//! Memory stays within a few times the payload: an option costs its sender four octets, at whatever depth.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;

use super::nesting::Holds;
use super::{MessageType, SpaceId, table};
use crate::dhcp::Anomaly;

/// How deep options and relayed messages are opened. RFC 8415 allows 8 relay agents, and an identity association
/// takes three levels.
pub const MAX_DEPTH: usize = 24;

/// A payload taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet<'a> {
    /// All of it.
    pub octets: &'a [u8],
    /// The fixed fields before the options.
    pub header: Header,
    /// Options in wire order.
    pub options: Vec<WireOption<'a>>,
    /// What is wrong or remarkable, at whatever depth; offsets count from the outermost payload's beginning.
    pub anomalies: Vec<Anomaly>,
}

/// The fixed fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// Of a client's or a server's message (RFC 8415 section 8).
    Message {
        /// What is said.
        kind: MessageType,
        /// Transaction id, 24 bits.
        xid: u32,
    },
    /// Of a relay agent's (RFC 8415 section 9).
    Relay {
        /// In which direction.
        kind: MessageType,
        /// Relay agents before this one.
        hops: u8,
        /// An address of the client's link.
        link: Ipv6Addr,
        /// Where the message came from or goes to.
        peer: Ipv6Addr,
    },
    /// The payload ends within the fixed fields; there may be a type.
    Short(Option<MessageType>),
}

/// An option as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireOption<'a> {
    /// Whose number the code is.
    pub space: SpaceId,
    /// Its code.
    pub code: u16,
    /// Where its code is, in octets from the beginning of the outermost payload.
    pub offset: usize,
    /// Its value, as far as it is there.
    pub octets: &'a [u8],
    /// What its value holds beyond fixed fields.
    pub inside: Inside<'a>,
}

/// What an option's value holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside<'a> {
    /// Nothing that was opened.
    Nothing,
    /// Options after the fixed fields, in wire order.
    Options(Vec<WireOption<'a>>),
    /// A relayed message. Its own anomalies are with the outermost packet.
    Message(Box<Packet<'a>>),
}

impl<'a> Packet<'a> {
    /// Takes a payload apart. Any octets will do.
    #[must_use]
    pub fn parse(octets: &'a [u8]) -> Self {
        let mut anomalies = Vec::new();
        let packet = Walk { anomalies: &mut anomalies }.packet(octets, 0, 0);
        anomalies.sort_by_key(Anomaly::offset);
        Self { anomalies, ..packet }
    }

    /// What is said, where there is an octet that says it.
    #[must_use]
    pub fn kind(&self) -> Option<MessageType> {
        match self.header {
            Header::Message { kind, .. } | Header::Relay { kind, .. } => Some(kind),
            Header::Short(kind) => kind,
        }
    }

    /// The transaction id, which relay agents' messages have none of.
    #[must_use]
    pub fn xid(&self) -> Option<u32> {
        match self.header {
            Header::Message { xid, .. } => Some(xid),
            _ => None,
        }
    }

    /// The first option of that code among the outermost.
    #[must_use]
    pub fn option(&self, code: u16) -> Option<&WireOption<'a>> {
        find(&self.options, code)
    }

    /// The message of the client or server, out of every relay agent's envelope.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        let mut packet = self;
        while let Some(message) = packet.inside() {
            packet = message;
        }
        packet
    }

    /// The message in a relay agent's envelope: that of the client or server, or another envelope.
    #[must_use]
    pub fn inside(&self) -> Option<&Self> {
        let is_relay = matches!(self.header, Header::Relay { .. });
        match is_relay.then(|| self.option(super::code::RELAY_MSG))?? {
            WireOption { inside: Inside::Message(message), .. } => Some(message),
            _ => None,
        }
    }
}

impl<'a> WireOption<'a> {
    /// Its value before the options or the message that it holds; all of it, if it holds none.
    #[must_use]
    pub fn fixed(&self) -> &'a [u8] {
        match Holds::for_option(self.space, self.code, self.octets) {
            Holds::Options(from, _) | Holds::Message(from) if self.inside != Inside::Nothing => &self.octets[..from],
            _ => self.octets,
        }
    }

    /// The options it holds.
    #[must_use]
    pub fn options(&self) -> &[WireOption<'a>] {
        match &self.inside {
            Inside::Options(options) => options,
            _ => &[],
        }
    }

    /// The first option of that code among those it holds.
    #[must_use]
    pub fn option(&self, code: u16) -> Option<&WireOption<'a>> {
        find(self.options(), code)
    }
}

fn find<'b, 'a>(options: &'b [WireOption<'a>], code: u16) -> Option<&'b WireOption<'a>> {
    options.iter().find(|option| option.code == code)
}

struct Walk<'f> {
    anomalies: &'f mut Vec<Anomaly>,
}

impl Walk<'_> {
    fn packet<'a>(&mut self, octets: &'a [u8], offset: usize, depth: usize) -> Packet<'a> {
        let (header, length) = header(octets);
        if let Header::Short(kind) = header {
            let needed = if kind.is_some_and(MessageType::is_relay) { 34 } else { 4 };
            self.anomalies.push(Anomaly::ShortHeader { octets: octets.len(), needed });
        }
        let options = self.options(SpaceId::Dhcp6, &octets[length..], offset + length, depth);
        Packet { octets, header, options, anomalies: Vec::new() }
    }

    fn options<'a>(&mut self, space: SpaceId, octets: &'a [u8], offset: usize, depth: usize) -> Vec<WireOption<'a>> {
        let mut options = Vec::new();
        let mut at = 0;
        while at < octets.len() {
            let here = offset + at;
            let Some((code, said)) = octets[at..].split_first_chunk::<4>().map(|(head, _)| code_and_length(*head))
            else {
                self.anomalies.push(Anomaly::Stray { offset: here, octets: octets.len() - at });
                break;
            };
            at += 4;
            let there = said.min(octets.len() - at);
            if there < said {
                self.anomalies.push(Anomaly::TruncatedOption { code, offset: here, said, there });
            }
            let value = &octets[at..at + there];
            let mut option = WireOption { space, code, offset: here, octets: value, inside: Inside::Nothing };
            option.inside = self.inside(&option, there == said, depth);
            options.push(option);
            at += there;
        }
        self.note_duplicates(&options);
        options
    }

    /// What an option's value holds.
    fn inside<'a>(&mut self, option: &WireOption<'a>, is_whole: bool, depth: usize) -> Inside<'a> {
        let WireOption { space, code, offset, octets, .. } = *option;
        let bad_value = Anomaly::BadValue { code, offset, octets: octets.len() };
        match Holds::for_option(space, code, octets) {
            Holds::Options(..) | Holds::Message(_) if depth == MAX_DEPTH => {
                self.anomalies.push(Anomaly::TooDeep { code, offset });
                Inside::Nothing
            }
            Holds::Options(from, space) => {
                Inside::Options(self.options(space, &octets[from..], offset + 4 + from, depth + 1))
            }
            Holds::Message(from) => {
                Inside::Message(Box::new(self.packet(&octets[from..], offset + 4 + from, depth + 1)))
            }
            holds => {
                let can_be = space != SpaceId::Dhcp6 || table::can_have(code, octets.len());
                let has_form = holds != Holds::Short && can_be && table::value(space, code, octets).is_some();
                if is_whole && !has_form {
                    self.anomalies.push(bad_value);
                }
                Inside::Nothing
            }
        }
    }

    fn note_duplicates(&mut self, options: &[WireOption<'_>]) {
        let mut seen = BTreeMap::<u16, (usize, usize)>::new();
        for option in options.iter().filter(|option| option.space == SpaceId::Dhcp6) {
            let (times, second) = seen.entry(option.code).or_insert((0, 0));
            *times += 1;
            if *times == 2 {
                *second = option.offset;
            }
        }
        let several = seen.into_iter().filter(|(code, (times, _))| *times > 1 && table::is_singleton(*code));
        self.anomalies.extend(several.map(|(code, (times, offset))| Anomaly::Duplicate { code, offset, times }));
    }
}

fn code_and_length([c1, c0, l1, l0]: [u8; 4]) -> (u16, usize) {
    (u16::from_be_bytes([c1, c0]), usize::from(u16::from_be_bytes([l1, l0])))
}

/// The fixed fields and how many octets they take.
fn header(octets: &[u8]) -> (Header, usize) {
    let Some(kind) = octets.first().copied().map(MessageType) else { return (Header::Short(None), 0) };
    let whole = if kind.is_relay() { relay_header(kind, octets) } else { message_header(kind, octets) };
    whole.unwrap_or((Header::Short(Some(kind)), octets.len()))
}

fn message_header(kind: MessageType, octets: &[u8]) -> Option<(Header, usize)> {
    let [_, x2, x1, x0] = *octets.first_chunk()?;
    Some((Header::Message { kind, xid: u32::from_be_bytes([0, x2, x1, x0]) }, 4))
}

fn relay_header(kind: MessageType, octets: &[u8]) -> Option<(Header, usize)> {
    let address = |from: usize| octets.get(from..)?.first_chunk::<16>().copied().map(Ipv6Addr::from);
    Some((Header::Relay { kind, hops: *octets.get(1)?, link: address(2)?, peer: address(18)? }, 34))
}

#[cfg(test)]
mod tests;
