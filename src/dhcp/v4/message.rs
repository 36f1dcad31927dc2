//! A message as it is sent.

use std::net::Ipv4Addr;

use super::{BOOTREQUEST, HEADER, MAGIC, MessageType, option};

/// What BOOTP relays and servers may expect at least: 300 octets (RFC 951 section 3, RFC 1542 section 2.1).
pub const PADDED: usize = 300;

/// The most octets one piece of an option has.
const PIECE: usize = 255;

/// A message to be sent; every field is free, so that it can be wrong on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// [`super::BOOTREQUEST`] or [`super::BOOTREPLY`].
    pub op: u8,
    /// Kind of hardware address, 1 for Ethernet.
    pub htype: u8,
    /// Octets of the hardware address.
    pub hlen: u8,
    /// How many relays it passed.
    pub hops: u8,
    /// Transaction: an answer has the same.
    pub xid: u32,
    /// Seconds since the client began.
    pub secs: u16,
    /// [`super::BROADCAST`] or 0.
    pub flags: u16,
    /// The address the client has.
    pub ciaddr: Ipv4Addr,
    /// The address the client gets.
    pub yiaddr: Ipv4Addr,
    /// The server of the next step of a boot.
    pub siaddr: Ipv4Addr,
    /// The first relay.
    pub giaddr: Ipv4Addr,
    /// The client's hardware address and what follows it.
    pub chaddr: [u8; 16],
    /// Server name, filled up with 0.
    pub sname: [u8; 64],
    /// Boot file name, filled up with 0.
    pub file: [u8; 128],
    /// Options in the order they are sent, of any length; without END. Empty for plain BOOTP.
    pub options: Vec<(u8, Vec<u8>)>,
}

impl Message {
    /// A client's message with this transaction from this hardware address (of which 16 octets fit), all else 0.
    #[must_use]
    pub fn request(xid: u32, hardware: &[u8]) -> Self {
        let mut chaddr = [0; 16];
        chaddr.iter_mut().zip(hardware).for_each(|(field, octet)| *field = *octet);
        Self {
            op: BOOTREQUEST,
            htype: 1,
            hlen: u8::try_from(hardware.len()).unwrap_or(u8::MAX),
            hops: 0,
            xid,
            secs: 0,
            flags: 0,
            ciaddr: Ipv4Addr::UNSPECIFIED,
            yiaddr: Ipv4Addr::UNSPECIFIED,
            siaddr: Ipv4Addr::UNSPECIFIED,
            giaddr: Ipv4Addr::UNSPECIFIED,
            chaddr,
            sname: [0; 64],
            file: [0; 128],
            options: Vec::new(),
        }
    }

    /// A DHCP client's message of this type: as [`Message::request`], with option 53.
    #[must_use]
    pub fn of_type(message_type: MessageType, xid: u32, hardware: &[u8]) -> Self {
        Self::request(xid, hardware).with(option::MESSAGE_TYPE, [message_type.0])
    }

    /// The client's hardware address, as long as the message says.
    #[must_use]
    pub fn hardware(&self) -> &[u8] {
        &self.chaddr[..usize::from(self.hlen).min(16)]
    }

    /// The same with one more option, as the last.
    #[must_use]
    pub fn with(mut self, code: u8, octets: impl Into<Vec<u8>>) -> Self {
        self.options.push((code, octets.into()));
        self
    }

    /// Sets an option: where it was first, or as the last.
    pub fn set(&mut self, code: u8, octets: impl Into<Vec<u8>>) {
        match self.options.iter_mut().find(|(other, _)| *other == code) {
            Some(option) => option.1 = octets.into(),
            None => self.options.push((code, octets.into())),
        }
    }

    /// The value of an option that will be sent, the first of that code.
    #[must_use]
    pub fn get(&self, code: u8) -> Option<&[u8]> {
        self.options.iter().find(|(other, _)| *other == code).map(|(_, octets)| octets.as_slice())
    }

    /// The octets of a UDP payload, at least [`PADDED`] of them.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_padded(PADDED)
    }

    /// The octets of a UDP payload, filled up with 0 to `least`.
    ///
    /// Options longer than 255 octets are split (RFC 3396). PAD (0) and END (255) among the options are single octets;
    /// an END is put behind the last.
    #[must_use]
    pub fn encode_padded(&self, least: usize) -> Vec<u8> {
        let mut octets = Vec::with_capacity(least.max(HEADER + 64));
        octets.extend([self.op, self.htype, self.hlen, self.hops]);
        octets.extend(self.xid.to_be_bytes());
        octets.extend(self.secs.to_be_bytes());
        octets.extend(self.flags.to_be_bytes());
        for address in [self.ciaddr, self.yiaddr, self.siaddr, self.giaddr] {
            octets.extend(address.octets());
        }
        octets.extend(self.chaddr);
        octets.extend(self.sname);
        octets.extend(self.file);
        octets.extend(MAGIC);
        for (code, value) in &self.options {
            encode_option(*code, value, &mut octets);
        }
        octets.push(option::END);
        octets.resize(octets.len().max(least), 0);
        octets
    }
}

fn encode_option(code: u8, value: &[u8], octets: &mut Vec<u8>) {
    if code == option::PAD || code == option::END {
        octets.push(code);
        return;
    }
    let mut rest = value;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        octets.push(code);
        octets.push(u8::try_from(piece.len()).unwrap_or(u8::MAX));
        octets.extend(piece);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v4::BROADCAST;

    #[test]
    fn every_field_has_its_place_on_the_wire() {
        let mut message = Message::of_type(MessageType::DISCOVER, 0x0102_0304, &[2, 0, 0x5e, 0, 0, 1]);
        (message.hops, message.secs, message.flags) = (3, 0x0506, BROADCAST);
        message.ciaddr = Ipv4Addr::new(192, 0, 2, 1);
        message.yiaddr = Ipv4Addr::new(192, 0, 2, 2);
        message.siaddr = Ipv4Addr::new(192, 0, 2, 3);
        message.giaddr = Ipv4Addr::new(192, 0, 2, 4);
        (message.sname[0], message.file[0]) = (b's', b'f');
        let octets = message.encode();
        assert_eq!(octets[..12], [1, 1, 6, 3, 1, 2, 3, 4, 5, 6, 0x80, 0]);
        assert_eq!(octets[12..28], [192, 0, 2, 1, 192, 0, 2, 2, 192, 0, 2, 3, 192, 0, 2, 4]);
        assert_eq!(octets[28..44], [2, 0, 0x5e, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!((octets[44], octets[108]), (b's', b'f'));
        assert_eq!(octets[236..245], [99, 130, 83, 99, 53, 1, 1, 255, 0]);
        assert_eq!(octets.len(), 300);
    }

    #[test]
    fn a_long_option_is_split_and_an_empty_one_is_sent() {
        let message = Message::request(1, &[]).with(43, vec![7; 300]).with(80, []);
        let octets = message.encode_padded(0);
        assert_eq!(octets[240..243], [43, 255, 7]);
        assert_eq!(octets[240 + 257..240 + 260], [43, 45, 7]);
        assert_eq!(octets[240 + 257 + 47..], [80, 0, 255]);
    }

    #[test]
    fn setting_an_option_again_keeps_its_place() {
        let mut message = Message::of_type(MessageType::REQUEST, 1, &[]).with(50, [192, 0, 2, 1]);
        message.set(53, [7]);
        message.set(54, [192, 0, 2, 9]);
        assert_eq!(message.options.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [53, 50, 54]);
        assert_eq!(message.get(53), Some(&[7][..]));
    }
}
