//! DHCPv4 servers that are wrong in one way each.

use super::Scenario;
use super::frame::Frames;
use super::server::Answer;

/// Of the fixed fields, with the magic cookie.
const HEADER: usize = 240;
const SERVER: [u8; 4] = [192, 0, 2, 9];
const DISCOVER: u8 = 1;
const REQUEST: u8 = 3;
const OFFER: u8 = 2;
const ACK: u8 = 5;
const NAK: u8 = 6;

/// An answer, before it is sent.
pub(super) struct Reply {
    /// OFFER or ACK: what a good server would send.
    kind: u8,
    header: Vec<u8>,
    options: Vec<(u8, Vec<u8>)>,
    /// What ends the options.
    end: Vec<u8>,
    /// So long it is at least.
    least: usize,
    /// What is sent instead.
    instead: Option<Vec<u8>>,
    /// A good answer is sent as well, after this one.
    and_a_good_one: bool,
    frames: Option<Frames>,
}

impl Reply {
    /// A good answer to a request.
    fn to(request: &[u8]) -> Option<Self> {
        let kind = match option(request, 53)? {
            [DISCOVER] => OFFER,
            [REQUEST] => ACK,
            _ => return None,
        };
        let mut header = request[..HEADER].to_vec();
        header[0] = 2;
        header[16..20].copy_from_slice(&[192, 0, 2, 90]);
        header[20..24].copy_from_slice(&SERVER);
        header[44..HEADER - 4].fill(0);
        let options = [
            (53, vec![kind]),
            (54, SERVER.to_vec()),
            (51, 3600_u32.to_be_bytes().to_vec()),
            (1, vec![255, 255, 255, 0]),
            (3, vec![192, 0, 2, 254]),
            (6, vec![192, 0, 2, 53]),
        ];
        let (end, options) = (vec![255], options.to_vec());
        Some(Self { kind, header, options, end, least: 300, instead: None, and_a_good_one: false, frames: None })
    }

    fn encode(&self) -> Vec<u8> {
        if let Some(octets) = &self.instead {
            return octets.clone();
        }
        let mut octets = self.header.clone();
        for (code, value) in &self.options {
            octets.extend([*code, u8::try_from(value.len()).unwrap()]);
            octets.extend(value);
        }
        octets.extend(&self.end);
        octets.resize(octets.len().max(self.least), 0);
        octets
    }

    /// Sets an option, in its place if it is there.
    fn set(&mut self, code: u8, value: &[u8]) {
        match self.options.iter_mut().find(|(known, _)| *known == code) {
            Some((_, known)) => *known = value.to_vec(),
            None => self.options.push((code, value.to_vec())),
        }
    }

    fn remove(&mut self, code: u8) {
        self.options.retain(|(known, _)| *known != code);
    }

    fn gives(&mut self, address: [u8; 4]) {
        self.header[16..20].copy_from_slice(&address);
    }

    fn refuses(&mut self) {
        self.gives([0; 4]);
        self.options = vec![(53, vec![NAK]), (54, SERVER.to_vec()), (56, b"no such lease".to_vec())];
    }

    /// Changes an ACK only.
    fn if_ack(&mut self, change: impl Fn(&mut Self)) {
        if self.kind == ACK {
            change(self);
        }
    }

    /// Has its end cut short there, with nothing after it.
    fn ends_with(&mut self, end: &[u8]) {
        (self.end, self.least) = (end.to_vec(), 0);
    }

    fn framed(&mut self, frames: Frames) {
        self.frames = Some(frames);
    }

    /// Puts options into the field `file`.
    fn overload(&mut self, value: &[u8], file: &[u8]) {
        self.set(52, value);
        self.header[108..108 + file.len()].copy_from_slice(file);
    }
}

/// The value of an option of a request.
fn option(request: &[u8], code: u8) -> Option<&[u8]> {
    let mut rest = request.get(HEADER..)?;
    while let [found, length, following @ ..] = rest {
        match found {
            0 => rest = &rest[1..],
            255 => return None,
            _ if *found == code => return following.get(..usize::from(*length)),
            _ => rest = following.get(usize::from(*length)..)?,
        }
    }
    None
}

/// What the server of the scenario in that place answers.
pub(super) fn answers(place: usize, request: &[u8]) -> Vec<Answer> {
    let Some(mut reply) = Reply::to(request) else { return Vec::new() };
    (SCENARIOS[place].change)(&mut reply);
    let good = Reply::to(request).filter(|_| reply.and_a_good_one);
    [Some(reply), good]
        .into_iter()
        .flatten()
        .map(|reply| Answer { payload: reply.encode(), frames: reply.frames, is_for_all: false })
        .collect()
}

const fn plain(name: &'static str, change: fn(&mut Reply)) -> Scenario<Reply> {
    Scenario::new(name, change)
}

const BROADCAST: &str = "RFC 1122 section 3.2.1.3: no host has it; Linux lets it be used";
const TABLE_3: &str = "RFC 2131 section 4.3.1, table 3: op is BOOTREPLY; other clients than these look at it";
const RFC_6842: &str = "RFC 6842 section 3: a client MUST discard it; these clients are older than that";
const IN_USE: &str = "RFC 2131 section 4.4.1: a client SHOULD look whether the address is in use, and it is";
const HOSTS_TAKE_OPTIONS: &str = "RFC 1122 section 3.2.1.8: hosts take IP options; udhcpc does not";
const CARDS: &str = "a client's card does not take it; the virtual ones of this test take everything";
const MASK: &str =
    "RFC 2132 section 3.3: without a right mask a client takes that of its class; dhclient's script does not";
const LONG: &str = "RFC 2132 section 9.10: longer than udhcpc reads; others read it";

pub(super) const SCENARIOS: &[Scenario<Reply>] = &[
    plain("a good answer", |_| {}),
    // Refusals.
    plain("a NAK to the REQUEST", |r| r.if_ack(Reply::refuses)).after_the_offer(),
    plain("a NAK to everything", Reply::refuses),
    // Addresses.
    plain("0.0.0.0", |r| r.gives([0; 4])),
    plain("255.255.255.255", |r| r.gives([255; 4])),
    plain("127.0.0.1", |r| r.gives([127, 0, 0, 1])),
    plain("224.0.0.1", |r| r.gives([224, 0, 0, 1])),
    plain("the broadcast address of the network", |r| r.gives([192, 0, 2, 255])).ruled(false, BROADCAST),
    plain("the server's own address", |r| r.gives(SERVER)).ruled(false, IN_USE),
    plain("a reserved address", |r| r.gives([240, 1, 2, 3])),
    plain("a link-local address", |r| r.gives([169, 254, 1, 2])),
    plain("an ACK of another address", |r| r.if_ack(|r| r.gives([192, 0, 2, 91]))),
    plain("an ACK of 0.0.0.0", |r| r.if_ack(|r| r.gives([0; 4]))).after_the_offer(),
    plain("an offer of 0.0.0.0 and a good one", |r| {
        if r.kind == OFFER {
            r.gives([0; 4]);
            r.and_a_good_one = true;
        }
    }),
    // Times.
    plain("no lease time", |r| r.remove(51)).after_the_offer(),
    plain("no lease time in the OFFER", |r| {
        if r.kind == OFFER {
            r.remove(51);
        }
    }),
    plain("a lease time of 0", |r| r.set(51, &[0; 4])).after_the_offer(),
    plain("a lease time of three octets", |r| r.set(51, &[0, 14, 16])).after_the_offer(),
    plain("a lease time of eight octets", |r| r.set(51, &[0, 0, 14, 16, 0, 0, 14, 16])),
    plain("T1 after T2", |r| {
        r.set(58, &3000_u32.to_be_bytes());
        r.set(59, &1000_u32.to_be_bytes());
    }),
    // Who and what.
    plain("no message type", |r| r.remove(53)),
    plain("message type 99", |r| r.set(53, &[99])),
    plain("a message type of two octets", |r| r.set(53, &[r.kind, r.kind])),
    plain("two message types, the first a NAK", |r| r.options.insert(0, (53, vec![NAK]))),
    plain("another transaction", |r| r.header[4] ^= 1),
    plain("another hardware address", |r| r.header[33] ^= 1),
    plain("hlen 0", |r| r.header[2] = 0),
    plain("hlen 17", |r| r.header[2] = 17),
    plain("htype 6", |r| r.header[1] = 6),
    plain("op 1", |r| r.header[0] = 1).ruled(false, TABLE_3),
    plain("op 3", |r| r.header[0] = 3).ruled(false, TABLE_3),
    plain("no server identifier", |r| r.remove(54)),
    plain("the server identifier 0.0.0.0", |r| r.set(54, &[0; 4])),
    plain("a multicast address as server identifier", |r| r.set(54, &[224, 0, 0, 1])),
    plain("a server identifier of no octet", |r| r.set(54, &[])),
    plain("an ACK of another server", |r| r.if_ack(|r| r.set(54, &[192, 0, 2, 10]))),
    plain("the identifier of another client", |r| r.set(61, &[1, 2, 0, 0, 0, 0, 9])).ruled(false, RFC_6842),
    plain("a client identifier of no octet", |r| r.set(61, &[])),
    // Options.
    plain("no cookie", |r| r.header[HEADER - 1] ^= 1),
    plain("a header alone", |r| r.instead = Some(r.header[..HEADER - 4].to_vec())),
    plain("100 octets", |r| r.instead = Some(r.header[..100].to_vec())),
    plain("no octet", |r| r.instead = Some(Vec::new())),
    plain("padding alone", |r| r.options.clear()),
    plain("no end", |r| r.ends_with(&[])),
    plain("an option that is cut at the end", |r| r.ends_with(&[12, 40, b'x'])),
    plain("an option without length at the end", |r| r.ends_with(&[12])),
    plain("octets after the end", |r| r.end.extend([0x55; 20])),
    plain("options 6 and 33 of wrong lengths", |r| {
        r.set(6, &[]);
        r.set(33, &[1, 2, 3, 4]);
    }),
    plain("a subnet mask of three octets", |r| r.set(1, &[255, 255, 255])).ruled(true, MASK),
    plain("an option that is cut in the field file", |r| r.overload(&[1], &[12, 240])),
    plain("option overload within overloaded fields", |r| r.overload(&[1], &[52, 1, 3, 255])),
    plain("the lease time in the field file", |r| {
        r.remove(51);
        r.overload(&[1], &[51, 4, 0, 0, 14, 16, 255]);
    }),
    plain("700 octets", |r| r.options.extend([(224, vec![7; 200]), (224, vec![7; 200])])).ruled(true, LONG),
    plain("more than a frame holds", |r| r.options.extend(vec![(224, vec![7; 250]); 6])),
    // Frames.
    plain("a right frame", |r| r.framed(Frames::default())),
    plain("a wrong UDP checksum", |r| r.framed(Frames { udp_checksum: Some(|sum| sum ^ 0x1111), ..Frames::default() })),
    plain("no UDP checksum", |r| r.framed(Frames { udp_checksum: Some(|_| 0), ..Frames::default() })),
    plain("a wrong IP checksum", |r| r.framed(Frames { ip_checksum: true, ..Frames::default() })),
    plain("a UDP length beyond the packet", |r| r.framed(Frames { udp_length: 20, ..Frames::default() })),
    plain("a UDP length of 0", |r| r.framed(Frames { udp_length: -308, ..Frames::default() })),
    plain("an IP length beyond the frame", |r| r.framed(Frames { ip_length: 20, ..Frames::default() })),
    plain("an IP length that cuts the datagram", |r| r.framed(Frames { ip_length: -60, ..Frames::default() })),
    plain("a frame that is cut", |r| r.framed(Frames { cut: 4, ..Frames::default() })),
    plain("a padded frame", |r| r.framed(Frames { padding: 30, ..Frames::default() })),
    plain("IP options", |r| r.framed(Frames { between: &[0x94, 4, 0, 0], ..Frames::default() }))
        .ruled(true, HOSTS_TAKE_OPTIONS),
    plain("a record-route option", |r| r.framed(Frames { between: &[7, 7, 4, 0, 0, 0, 0, 0], ..Frames::default() }))
        .ruled(true, HOSTS_TAKE_OPTIONS),
    plain("a time to live of 0", |r| r.framed(Frames { ttl: Some(0), ..Frames::default() })),
    plain("a time to live of 1", |r| r.framed(Frames { ttl: Some(1), ..Frames::default() })),
    plain("from 0.0.0.0", |r| r.framed(Frames { from: Some([0; 4]), ..Frames::default() })),
    plain("from a multicast address", |r| r.framed(Frames { from: Some([224, 0, 0, 9]), ..Frames::default() })),
    plain("from the loopback address", |r| r.framed(Frames { from: Some([127, 0, 0, 1]), ..Frames::default() })),
    plain("from the broadcast address", |r| r.framed(Frames { from: Some([255; 4]), ..Frames::default() })),
    plain("from a reserved address", |r| r.framed(Frames { from: Some([240, 0, 0, 9]), ..Frames::default() })),
    plain("from another network", |r| r.framed(Frames { from: Some([198, 51, 100, 9]), ..Frames::default() })),
    plain("fragments", |r| r.framed(Frames { fragments: Some(160), ..Frames::default() })),
    plain("another virtual network", |r| r.framed(Frames { vlan: Some(5), ..Frames::default() })),
    plain("a tag with a priority alone", |r| r.framed(Frames { vlan: Some(0x2000), ..Frames::default() })),
    plain("another destination port", |r| r.framed(Frames { ports: Some((67, 69)), ..Frames::default() })),
    plain("a frame to a multicast address", |r| r.framed(Frames { to: Some([224, 0, 0, 1]), ..Frames::default() })),
    plain("a frame to the network's broadcast address", |r| {
        r.framed(Frames { to: Some([192, 0, 2, 255]), ..Frames::default() });
    }),
    plain("a frame to another host's address", |r| r.framed(Frames { to: Some([192, 0, 2, 77]), ..Frames::default() })),
    plain("a frame to another host's hardware address", |r| {
        r.framed(Frames { to_mac: Some([2, 0, 0, 0, 0, 0x99]), ..Frames::default() });
    })
    .ruled(false, CARDS),
    plain("another source port", |r| r.framed(Frames { ports: Some((6767, 68)), ..Frames::default() })),
];
