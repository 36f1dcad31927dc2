//! Frames that are wrong in one way.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What is not as the kernel would make it.
#[derive(Clone, Copy, Default)]
pub(super) struct Frames {
    /// The UDP checksum, out of the right one.
    pub(super) udp_checksum: Option<fn(u16) -> u16>,
    /// Changes the IP checksum.
    pub(super) ip_checksum: bool,
    /// How much more the UDP header says.
    pub(super) udp_length: i32,
    /// How much more the IP header says.
    pub(super) ip_length: i32,
    /// How many octets are missing at the end.
    pub(super) cut: usize,
    /// Octets after the packet.
    pub(super) padding: usize,
    /// IP options, or an extension header that says what follows it.
    pub(super) between: &'static [u8],
    /// The virtual network of its tag.
    pub(super) vlan: Option<u16>,
    /// The port it comes from, and the one it goes to, where it is another.
    pub(super) ports: Option<(u16, u16)>,
    /// The IPv4 address it goes to, where that is another than 255.255.255.255.
    pub(super) to: Option<[u8; 4]>,
    /// The IPv4 address it comes from, where that is another than the server's.
    pub(super) from: Option<[u8; 4]>,
    /// The time to live, where it is another than 64.
    pub(super) ttl: Option<u8>,
    /// The hardware address it goes to, where that is another than all of them, or the client's.
    pub(super) to_mac: Option<[u8; 6]>,
    /// So many octets of UDP in each fragment.
    pub(super) fragments: Option<usize>,
}

const SERVER_MAC: [u8; 6] = [2, 0, 0x5e, 0, 0x53, 9];
/// The interface of the clients.
const CLIENT_MAC: [u8; 6] = [2, 0, 0x5e, 0, 0x53, 0x50];
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);
const SERVER6: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 9);
const UDP: u8 = 17;
/// The header of a fragment in IPv6.
const FRAGMENT: u8 = 44;

/// The checksum of the internet (RFC 1071).
fn checksum(parts: &[&[u8]]) -> u16 {
    let octets = parts.concat();
    let words = octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

fn number(number: usize, more: i32) -> [u8; 2] {
    let sum = i32::try_from(number).unwrap() + more;
    u16::try_from(sum).unwrap().to_be_bytes()
}

impl Frames {
    /// To all on the link, over IPv4.
    pub(super) fn of4(&self, payload: &[u8]) -> Vec<Vec<u8>> {
        let (from, to) = (self.from.unwrap_or(SERVER.octets()), self.to.unwrap_or([255; 4]));
        let length = number(8 + payload.len(), 0);
        let udp = self.udp((67, 68), payload, &[&from[..], &to, &[0, UDP], &length].concat());
        let frame = |part: &[u8], offset: u16| {
            let header_length = 20 + self.between.len();
            let version = 0x40 | u8::try_from(header_length / 4).unwrap();
            let total = number(header_length + part.len(), self.ip_length);
            let [o1, o0] = offset.to_be_bytes();
            let mut header = [
                &[version, 0][..],
                &total,
                &[0, 7, o1, o0, self.ttl.unwrap_or(64), UDP, 0, 0],
                &from,
                &to,
                self.between,
            ]
            .concat();
            let sum = checksum(&[&header]) ^ u16::from(self.ip_checksum);
            header[10..12].copy_from_slice(&sum.to_be_bytes());
            self.frame([255; 6], [8, 0], &[&header[..], part].concat())
        };
        let size = self.fragments.unwrap_or(udp.len());
        let parts: Vec<_> = udp.chunks(size).collect();
        let fragment = |(place, part): (usize, &&[u8])| {
            let more = if place + 1 < parts.len() { 0x2000 } else { 0 };
            frame(part, more | u16::try_from(place * size / 8).unwrap())
        };
        parts.iter().enumerate().map(fragment).collect()
    }

    /// To `client`, over IPv6.
    pub(super) fn of6(&self, payload: &[u8], client: Ipv6Addr) -> Vec<Vec<u8>> {
        let (from, to) = (SERVER6.octets(), client.octets());
        let length = number(8 + payload.len(), 0);
        let udp = self.udp((547, 546), payload, &[&from[..], &to, &[0, 0], &length, &[0, 0, 0, UDP]].concat());
        let frame = |next: u8, part: &[u8]| {
            let length = number(part.len(), self.ip_length);
            let header = [&[0x60, 0, 0, 0][..], &length, &[next, 64], &from, &to].concat();
            self.frame(CLIENT_MAC, [0x86, 0xdd], &[&header[..], part].concat())
        };
        let Some(size) = self.fragments else {
            let next = if self.between.is_empty() { UDP } else { 0 };
            return vec![frame(next, &[self.between, &udp].concat())];
        };
        let parts: Vec<_> = udp.chunks(size).collect();
        let fragment = |(place, part): (usize, &&[u8])| {
            let more = u16::from(place + 1 < parts.len());
            let offset = u16::try_from(place * size).unwrap() | more;
            frame(FRAGMENT, &[&[UDP, 0][..], &offset.to_be_bytes(), &[0, 0, 0, 9], part].concat())
        };
        parts.iter().enumerate().map(fragment).collect()
    }

    fn udp(&self, usual: (u16, u16), payload: &[u8], pseudo: &[u8]) -> Vec<u8> {
        let (from, to) = self.ports.unwrap_or(usual);
        let length = number(8 + payload.len(), self.udp_length);
        let head = [from.to_be_bytes(), to.to_be_bytes(), length].concat();
        let right = match checksum(&[pseudo, &head, &[0, 0], payload]) {
            0 => 0xffff,
            sum => sum,
        };
        let sum = self.udp_checksum.map_or(right, |change| change(right));
        [&head[..], &sum.to_be_bytes(), payload].concat()
    }

    fn frame(&self, to: [u8; 6], kind: [u8; 2], packet: &[u8]) -> Vec<u8> {
        let to = self.to_mac.unwrap_or(to);
        let tag = self.vlan.map_or(Vec::new(), |vlan| [[0x81, 0], vlan.to_be_bytes()].concat());
        let mut frame = [&to[..], &SERVER_MAC, &tag, &kind, packet, &vec![0xee; self.padding]].concat();
        frame.truncate(frame.len() - self.cut);
        frame
    }
}
