//! The octets of a fake server's answers.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::Fake;

const MAGIC: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
/// Of the fixed fields of DHCPv4 with the magic cookie.
const HEADER: usize = 240;
/// DUID-LL of the fake server's interface.
const SERVER_DUID: [u8; 10] = [0, 3, 0, 1, 0x02, 0, 0x5e, 0, 0x53, 0x09];

/// Where a server sends its answer to a DHCPv4 request.
pub(super) fn destination4(request: &[u8]) -> SocketAddr {
    let at =
        |offset: usize| Ipv4Addr::from(request.get(offset..offset + 4).map_or([0; 4], |ip| ip.try_into().unwrap()));
    let (ciaddr, giaddr) = (at(12), at(24));
    match (giaddr.is_unspecified(), ciaddr.is_unspecified()) {
        (false, _) => SocketAddrV4::new(giaddr, 67).into(),
        (true, false) => SocketAddrV4::new(ciaddr, 68).into(),
        (true, true) => SocketAddrV4::new(Ipv4Addr::BROADCAST, 68).into(),
    }
}

/// A DISCOVER of nobody.
pub(super) fn any_request() -> Vec<u8> {
    let mut request = vec![1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef];
    request.resize(HEADER - 4, 0);
    request.extend(MAGIC);
    request.extend([53, 1, 1, 255]);
    request
}

/// What `fake` answers to a DHCPv4 request.
pub(super) fn v4(fake: Fake, request: &[u8]) -> Vec<Vec<u8>> {
    if request.len() < HEADER {
        return Vec::new();
    }
    let good = good4(request, &[]);
    let mut answer = good.clone();
    match fake {
        Fake::Silent | Fake::FloodOnly => return Vec::new(),
        Fake::OnlyOffers if !is_discover(request) => return Vec::new(),
        Fake::Offer | Fake::Late | Fake::OnlyOffers | Fake::Flood | Fake::Vlan(_) => {}
        Fake::Twice => return vec![good.clone(), good],
        Fake::Nak => answer = refusal4(request, b"no such lease"),
        Fake::NakText => answer = refusal4(request, b"\x1b[2J\x1b]0;owned\x07no\r\n\xe2\x80\xaelease"),
        Fake::Empty => answer.clear(),
        Fake::FourOctets => answer.truncate(4),
        Fake::Truncated => answer.truncate(100),
        Fake::CutOption => {
            answer.pop();
            answer.extend([12, 40, b'x']);
        }
        Fake::Hlen17 => answer[2] = 17,
        Fake::Op1 => answer[0] = 1,
        Fake::WrongXid => answer[4] ^= 0xff,
        Fake::WrongChaddr => answer[28 + 5] ^= 0xff,
        Fake::NoMagic => answer[HEADER - 1] ^= 0xff,
        Fake::LoopingSearch => answer = good4(request, &[119, 6, 1, b'a', 0xc0, 4, 0xc0, 0]),
        Fake::ManyOptions => answer = good4(request, &many4()),
        Fake::NestedIa => answer = good4(request, &nested4()),
        Fake::WrongServer => {
            let at = answer.windows(2).position(|option| option == [54, 4]).unwrap();
            answer[at + 2..at + 6].copy_from_slice(&[192, 0, 2, 222]);
        }
        Fake::Fragmented => answer = good4(request, &filler(3700)),
    }
    vec![answer]
}

/// A good OFFER to a DISCOVER, a good ACK to everything else.
fn good4(request: &[u8], more: &[u8]) -> Vec<u8> {
    let mut answer = header4(request, [192, 0, 2, 90]);
    answer.extend([53, 1, if is_discover(request) { 2 } else { 5 }, 54, 4, 192, 0, 2, 9]);
    answer.extend([51, 4, 0, 0, 0x0e, 0x10, 1, 4, 255, 255, 255, 0, 3, 4, 192, 0, 2, 254, 6, 4, 192, 0, 2, 53]);
    answer.extend(more);
    answer.push(255);
    answer
}

fn is_discover(request: &[u8]) -> bool {
    request[HEADER..].windows(3).any(|option| option == [53, 1, 1])
}

fn refusal4(request: &[u8], text: &[u8]) -> Vec<u8> {
    let mut answer = header4(request, [0; 4]);
    answer.extend([53, 1, 6, 54, 4, 192, 0, 2, 9, 56, u8::try_from(text.len()).unwrap()]);
    answer.extend(text);
    answer.push(255);
    answer
}

fn header4(request: &[u8], yiaddr: [u8; 4]) -> Vec<u8> {
    let mut answer = request[..HEADER].to_vec();
    answer[0] = 2;
    answer[3] = 0;
    answer[16..20].copy_from_slice(&yiaddr);
    answer[20..24].copy_from_slice(&[192, 0, 2, 9]);
    answer[44..HEADER - 4].fill(0);
    answer
}

/// Options of 64 KiB: everything from one octet to 255, known and unknown.
fn many4() -> Vec<u8> {
    let mut options = Vec::new();
    for code in (1..=250).filter(|code| ![1, 3, 6, 51, 52, 53, 54].contains(code)) {
        options.extend([code, 255]);
        options.resize(options.len() + 255, code);
    }
    options.extend([0; 1000]);
    options
}

/// A relay agent's information (82) whose sub-options hold sub-options.
fn nested4() -> Vec<u8> {
    let mut inner = Vec::new();
    for depth in (0..120_u8).rev() {
        let length = u8::try_from(inner.len()).unwrap();
        inner = [&[1 + depth % 2, length][..], &inner].concat();
    }
    [&[82, u8::try_from(inner.len()).unwrap()][..], &inner].concat()
}

/// So many octets of options for vendors.
fn filler(octets: usize) -> Vec<u8> {
    let mut options = Vec::new();
    while options.len() < octets {
        options.extend([224, 200]);
        options.resize(options.len() + 200, b'x');
    }
    options
}

/// What `fake` answers to a DHCPv6 request.
pub(super) fn v6(fake: Fake, request: &[u8]) -> Vec<Vec<u8>> {
    if request.len() < 4 {
        return Vec::new();
    }
    let good = good6(request, &[], true);
    let mut answer = good.clone();
    match fake {
        Fake::Silent | Fake::Flood | Fake::FloodOnly => return Vec::new(),
        Fake::OnlyOffers if request[0] != 1 => return Vec::new(),
        Fake::Offer | Fake::Late | Fake::OnlyOffers | Fake::Vlan(_) | Fake::Hlen17 | Fake::WrongServer => {}
        Fake::Twice => return vec![good.clone(), good],
        Fake::Nak => answer = good6(request, &option6(13, b"\0\x02no addresses left"), false),
        Fake::NakText => answer = good6(request, &option6(13, b"\0\x02\x1b[2J\x07no\r\n\xe2\x80\xae"), false),
        Fake::Empty => answer.clear(),
        Fake::FourOctets => answer.truncate(4),
        Fake::Truncated => answer.truncate(3),
        Fake::CutOption => answer.extend([0, 24, 0, 200, b'x']),
        Fake::Op1 => answer[0] = 99,
        Fake::WrongXid => answer[3] ^= 0xff,
        Fake::WrongChaddr => {
            let at = 4 + option_length(&answer[4..]) - 1;
            answer[at] ^= 0xff;
        }
        Fake::NoMagic => answer = without_server(request),
        Fake::LoopingSearch => answer = good6(request, &option6(24, &[1, b'a', 0xc0, 0, 0xc0, 2]), true),
        Fake::ManyOptions => {
            answer = good6(request, &(200..4000).flat_map(|code| option6(code, &[0; 12])).collect::<Vec<_>>(), true);
        }
        Fake::NestedIa => answer = good6(request, &nested6(), true),
        Fake::Fragmented => {
            // Vendors' options, of 20 enterprises.
            let vendors = (0..20).flat_map(|id| option6(17, &[&[0, 0, 1, id][..], &option6(1, &[7; 170])].concat()));
            answer = good6(request, &vendors.collect::<Vec<_>>(), true);
        }
    }
    vec![answer]
}

/// A good Advertise to a Solicit, a good Reply to everything else.
fn good6(request: &[u8], more: &[u8], with_address: bool) -> Vec<u8> {
    let mut answer = without_server(request);
    answer.extend(option6(2, &SERVER_DUID));
    if let Some(association) = option_of(request, 3).filter(|_| with_address) {
        let address = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1];
        let times = [0, 0, 0x07, 0x08, 0, 0, 0x0e, 0x10];
        let inner = option6(5, &[&address[..], &times].concat());
        answer.extend(option6(3, &[&association[..4], &[0; 8], &inner].concat()));
    }
    answer.extend(more);
    answer
}

/// Only the transaction and the client's own identifier.
fn without_server(request: &[u8]) -> Vec<u8> {
    let kind = if request[0] == 1 { 2 } else { 7 };
    let mut answer = vec![kind, request[1], request[2], request[3]];
    answer.extend(option6(1, option_of(request, 1).unwrap_or_default()));
    answer
}

fn option6(code: u16, data: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), &u16::try_from(data.len()).unwrap().to_be_bytes(), data].concat()
}

/// The data of the first option `code` of a message.
fn option_of(message: &[u8], code: u16) -> Option<&[u8]> {
    let mut rest = message.get(4..)?;
    while rest.len() >= 4 {
        let length = option_length(rest);
        let data = rest.get(4..length)?;
        if rest[..2] == code.to_be_bytes() {
            return Some(data);
        }
        rest = &rest[length..];
    }
    None
}

/// Of the option that `octets` begin with, its own four octets included.
fn option_length(octets: &[u8]) -> usize {
    4 + usize::from(u16::from_be_bytes([octets[2], octets[3]]))
}

/// Associations within associations: 56 KB of them.
fn nested6() -> Vec<u8> {
    const DEPTH: usize = 56_000 / 16;
    let mut octets = Vec::new();
    for depth in 0..DEPTH {
        let rest = u16::try_from((DEPTH - depth) * 16 - 4).unwrap();
        octets.extend([0, 3]);
        octets.extend(rest.to_be_bytes());
        octets.extend([0; 12]);
    }
    octets
}
