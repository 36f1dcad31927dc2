//! A packet as it came: every octet of it is kept, and every option in the order of the wire.

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::ops::Range;

use super::piece::{Area, Joined, Piece};
use super::table::{self, OPTIONS};
use super::walk;
use super::{BOOTREPLY, BOOTREQUEST, HEADER, MAGIC, MessageType, option};
use crate::dhcp::{Anomaly, value};

/// A received DHCPv4 or BOOTP packet.
///
/// There is no octet string that is not a packet: fields that are not there are `None`, what is odd is among
/// [`Packet::anomalies`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    octets: Vec<u8>,
    pieces: Vec<Piece>,
    anomalies: Vec<Anomaly>,
}

impl Packet {
    /// The packet in a UDP payload.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Self {
        let mut packet = Self::without_values(payload);
        let misshapen = packet.misshapen();
        packet.anomalies.extend(misshapen);
        packet
    }

    /// The same without a look at the form of values: a tenth of the time, for a program that receives thousands a second.
    #[must_use]
    pub fn without_values(payload: &[u8]) -> Self {
        let mut packet = Self { octets: payload.to_vec(), pieces: Vec::new(), anomalies: Vec::new() };
        packet.look_at_header();
        if packet.has_magic() {
            (packet.pieces, packet.anomalies) = walk::options(&packet.octets, packet.anomalies);
        }
        packet
    }

    /// Options whose values do not have the form their definition says. A vendor's own (43) may have any.
    fn misshapen(&self) -> Vec<Anomaly> {
        let is_cut = |code: u16| {
            self.anomalies.iter().any(|anomaly| match anomaly {
                Anomaly::TruncatedOption { code: cut, .. } | Anomaly::NoLength { code: cut, .. } => *cut == code,
                _ => false,
            })
        };
        let mut options = self.options();
        options.retain(|option| option.code != option::VENDOR_SPECIFIC && !is_cut(option.code.into()));
        options.retain(|option| {
            let format = OPTIONS.format(option.code.into());
            !table::can_have(option.code, option.octets.len()) || value::decode(&format, &option.octets).is_none()
        });
        let anomaly = |option: &Joined<'_>| Anomaly::BadValue {
            code: option.code.into(),
            offset: option.offset,
            octets: option.octets.len(),
        };
        options.iter().map(anomaly).collect()
    }

    fn look_at_header(&mut self) {
        if self.octets.len() < HEADER {
            let octets = self.octets.len();
            self.anomalies.push(Anomaly::ShortHeader { octets, needed: HEADER });
        }
        if let Some(op) = self.op()
            && op != BOOTREQUEST
            && op != BOOTREPLY
        {
            self.anomalies.push(Anomaly::UnknownOp(op));
        }
        if let Some(hlen) = self.hlen()
            && hlen > 16
        {
            self.anomalies.push(Anomaly::HardwareLength(hlen));
        }
        if self.octets.len() >= HEADER && !self.has_magic() {
            let mut found = [0; 4];
            found.iter_mut().zip(&self.octets[HEADER..]).for_each(|(field, octet)| *field = *octet);
            self.anomalies.push(Anomaly::NoMagic { found });
        }
    }

    /// All octets, as they came.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Whether options follow the header.
    #[must_use]
    pub fn has_magic(&self) -> bool {
        self.octets.get(HEADER..HEADER + 4) == Some(&MAGIC)
    }

    /// What is wrong or remarkable, in the order of the wire within each kind.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// Every option in the order of the wire: those behind the cookie, then those in `file`, then those in `sname`.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The value of a piece.
    #[must_use]
    pub fn value(&self, piece: &Piece) -> &[u8] {
        self.octets.get(piece.value.clone()).unwrap_or_default()
    }

    /// Every option once, put together from its pieces, in the order of their first pieces; without PAD and END.
    #[must_use]
    pub fn options(&self) -> Vec<Joined<'_>> {
        let mut joined: Vec<Joined<'_>> = Vec::new();
        let mut place = [usize::MAX; 256];
        for piece in self.pieces.iter().filter(|piece| piece.code != option::PAD && piece.code != option::END) {
            let place = &mut place[usize::from(piece.code)];
            if let Some(option) = joined.get_mut(*place) {
                option.octets.to_mut().extend_from_slice(self.value(piece));
                option.pieces += 1;
            } else {
                *place = joined.len();
                let octets = Cow::Borrowed(self.value(piece));
                let Piece { code, area, offset, .. } = *piece;
                joined.push(Joined { code, area, offset, octets, pieces: 1 });
            }
        }
        joined
    }

    /// The value of an option, put together from its pieces.
    #[must_use]
    pub fn option(&self, code: u8) -> Option<Cow<'_, [u8]>> {
        let mut values = self.pieces.iter().filter(|piece| piece.code == code).map(|piece| self.value(piece));
        let mut value = Cow::Borrowed(values.next()?);
        values.for_each(|more| value.to_mut().extend_from_slice(more));
        Some(value)
    }

    /// An option that is one address, the first if there are more.
    #[must_use]
    pub fn address(&self, code: u8) -> Option<Ipv4Addr> {
        self.option(code)?.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets))
    }

    /// An option that is a number of four octets; of one that is too long, or there twice, the beginning, as clients do.
    #[must_use]
    pub fn number(&self, code: u8) -> Option<u32> {
        self.option(code)?.first_chunk().copied().map(u32::from_be_bytes)
    }

    /// Option 53; `None` in BOOTP. If it is there more than once, the first.
    #[must_use]
    pub fn message_type(&self) -> Option<MessageType> {
        self.option(option::MESSAGE_TYPE)?.first().copied().map(MessageType)
    }

    /// Option 54.
    #[must_use]
    pub fn server_id(&self) -> Option<Ipv4Addr> {
        self.address(option::SERVER_ID)
    }

    /// 1 for a client's message, 2 for a server's.
    #[must_use]
    pub fn op(&self) -> Option<u8> {
        self.octet(0)
    }

    /// Kind of hardware address.
    #[must_use]
    pub fn htype(&self) -> Option<u8> {
        self.octet(1)
    }

    /// Octets of the hardware address, as the packet says; more than 16 is a anomaly.
    #[must_use]
    pub fn hlen(&self) -> Option<u8> {
        self.octet(2)
    }

    /// Relays passed.
    #[must_use]
    pub fn hops(&self) -> Option<u8> {
        self.octet(3)
    }

    /// Transaction.
    #[must_use]
    pub fn xid(&self) -> Option<u32> {
        self.field(4).map(u32::from_be_bytes)
    }

    /// Seconds since the client began.
    #[must_use]
    pub fn secs(&self) -> Option<u16> {
        self.field(8).map(u16::from_be_bytes)
    }

    /// Flags; [`super::BROADCAST`] is one.
    #[must_use]
    pub fn flags(&self) -> Option<u16> {
        self.field(10).map(u16::from_be_bytes)
    }

    /// The address the client has.
    #[must_use]
    pub fn ciaddr(&self) -> Option<Ipv4Addr> {
        self.field::<4>(12).map(Ipv4Addr::from)
    }

    /// The address the client gets.
    #[must_use]
    pub fn yiaddr(&self) -> Option<Ipv4Addr> {
        self.field::<4>(16).map(Ipv4Addr::from)
    }

    /// The server of the next step of a boot.
    #[must_use]
    pub fn siaddr(&self) -> Option<Ipv4Addr> {
        self.field::<4>(20).map(Ipv4Addr::from)
    }

    /// The first relay.
    #[must_use]
    pub fn giaddr(&self) -> Option<Ipv4Addr> {
        self.field::<4>(24).map(Ipv4Addr::from)
    }

    /// The client's hardware address: `hlen` octets of `chaddr`, at most 16.
    #[must_use]
    pub fn hardware(&self) -> Option<&[u8]> {
        let hlen = usize::from(self.hlen()?.min(16));
        self.octets.get(28..28 + hlen)
    }

    /// The whole field `chaddr`.
    #[must_use]
    pub fn chaddr(&self) -> Option<&[u8]> {
        self.octets.get(28..44)
    }

    /// The field `sname` to the first 0; `None` too if it holds options.
    #[must_use]
    pub fn sname(&self) -> Option<&[u8]> {
        self.text(Area::Sname, walk::SNAME)
    }

    /// The field `file` to the first 0; `None` too if it holds options.
    #[must_use]
    pub fn file(&self) -> Option<&[u8]> {
        self.text(Area::File, walk::FILE)
    }

    fn text(&self, area: Area, field: Range<usize>) -> Option<&[u8]> {
        let octets = self.octets.get(field)?;
        let is_overloaded = self.pieces.iter().any(|piece| piece.area == area);
        (!is_overloaded).then(|| octets.split(|octet| *octet == 0).next().unwrap_or_default())
    }

    fn octet(&self, at: usize) -> Option<u8> {
        self.octets.get(at).copied()
    }

    fn field<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.octets.get(at..at + N)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests;
