//! DHCPv6 servers that are wrong in one way each. Those whose names begin with "prefix" are asked for a prefix.

use std::net::Ipv6Addr;

use super::Scenario;
use super::frame::Frames;
use super::server::Answer;

const SOLICIT: u8 = 1;
const ADVERTISE: u8 = 2;
const REQUEST: u8 = 3;
const REPLY: u8 = 7;
const SERVER_DUID: [u8; 10] = [0, 3, 0, 1, 0x02, 0, 0x5e, 0, 0x53, 0x09];
const OTHER_DUID: [u8; 6] = [0, 2, 0, 0, 0, 7];
const NO_ADDRS_AVAIL: u16 = 2;
const NOT_ON_LINK: u16 = 4;
const USE_MULTICAST: u16 = 5;
const NO_PREFIX_AVAIL: u16 = 6;

/// An answer, before it is sent.
#[expect(clippy::struct_excessive_bools, reason = "each is a fault of its own")]
pub(super) struct Reply {
    kind: u8,
    xid: Vec<u8>,
    client: Option<Vec<u8>>,
    server: Option<Vec<u8>>,
    /// The numbers of the associations that were asked for, and whether they are for prefixes.
    asked: Vec<(bool, Vec<u8>)>,
    times: (u32, u32),
    lifetimes: (u32, u32),
    address: Ipv6Addr,
    prefix: (Ipv6Addr, u8),
    /// Whether associations, and addresses or prefixes in them, are there at all.
    has_associations: bool,
    has_leases: bool,
    /// So many octets of each association, and of each address, are there.
    association_octets: usize,
    address_octets: usize,
    /// What else is in each address or prefix, in each association, in the message.
    in_lease: Vec<u8>,
    in_association: Vec<u8>,
    more: Vec<u8>,
    frames: Option<Frames>,
    /// Whether it goes to all hosts of the link.
    is_for_all: bool,
    /// Whether it refuses addresses, and gives prefixes.
    has_no_addresses: bool,
    /// The preference, where another server advertises before, without one, and does not answer the Request.
    preferred: Option<u8>,
}

impl Reply {
    /// A good answer to a request.
    fn to(request: &[u8]) -> Option<Self> {
        let kind = match *request.first()? {
            SOLICIT => ADVERTISE,
            REQUEST => REPLY,
            _ => return None,
        };
        let options = options(request.get(4..)?);
        let of = |wanted: u16| options.iter().filter(move |(code, _)| *code == wanted).map(|(_, value)| value.to_vec());
        let iaid = |is_prefix: bool| move |value: Vec<u8>| (is_prefix, value[..4].to_vec());
        Some(Self {
            kind,
            xid: request[1..4].to_vec(),
            client: of(1).next(),
            server: Some(SERVER_DUID.to_vec()),
            asked: of(3).map(iaid(false)).chain(of(25).map(iaid(true))).collect(),
            times: (0, 0),
            lifetimes: (1800, 3600),
            address: "2001:db8::9:1".parse().unwrap(),
            prefix: ("2001:db8:9::".parse().unwrap(), 56),
            has_associations: true,
            has_leases: true,
            association_octets: usize::MAX,
            address_octets: usize::MAX,
            in_lease: Vec::new(),
            in_association: Vec::new(),
            more: Vec::new(),
            frames: None,
            is_for_all: false,
            has_no_addresses: false,
            preferred: None,
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut octets = [&[self.kind], &self.xid[..]].concat();
        octets.extend(self.client.iter().flat_map(|client| option(1, client)));
        octets.extend(self.server.iter().flat_map(|server| option(2, server)));
        for (is_prefix, iaid) in self.asked.iter().filter(|_| self.has_associations) {
            if self.has_no_addresses && !is_prefix {
                octets.extend(option(3, &[&iaid[..], &[0; 8], &status(NO_ADDRS_AVAIL)].concat()));
                continue;
            }
            let lease = if self.has_leases { self.lease(*is_prefix) } else { Vec::new() };
            let times = [self.times.0.to_be_bytes(), self.times.1.to_be_bytes()].concat();
            let mut value = [&iaid[..], &times, &lease, &self.in_association].concat();
            value.truncate(self.association_octets);
            octets.extend(option(if *is_prefix { 25 } else { 3 }, &value));
        }
        octets.extend(&self.more);
        octets
    }

    fn lease(&self, is_prefix: bool) -> Vec<u8> {
        let times = [self.lifetimes.0.to_be_bytes(), self.lifetimes.1.to_be_bytes()].concat();
        if is_prefix {
            let (prefix, length) = self.prefix;
            return option(26, &[&times[..], &[length], &prefix.octets(), &self.in_lease].concat());
        }
        let mut value = [&self.address.octets()[..], &times, &self.in_lease].concat();
        value.truncate(self.address_octets);
        option(5, &value)
    }

    /// Changes a Reply only.
    fn if_reply(&mut self, change: impl Fn(&mut Self)) {
        if self.kind == REPLY {
            change(self);
        }
    }

    fn gives(&mut self, address: &str) {
        self.address = address.parse().unwrap();
    }

    fn framed(&mut self, frames: Frames) {
        self.frames = Some(frames);
    }
}

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
}

fn status(code: u16) -> Vec<u8> {
    option(13, &[&code.to_be_bytes()[..], b"no"].concat())
}

/// The options of a request.
fn options(mut rest: &[u8]) -> Vec<(u16, &[u8])> {
    let mut found = Vec::new();
    while let [c1, c0, l1, l0, following @ ..] = rest {
        let Some((value, after)) = following.split_at_checked(u16::from_be_bytes([*l1, *l0]).into()) else { break };
        found.push((u16::from_be_bytes([*c1, *c0]), value));
        rest = after;
    }
    found
}

/// What the server of the scenario in that place answers.
pub(super) fn answers(place: usize, request: &[u8]) -> Vec<Answer> {
    let Some(mut reply) = Reply::to(request) else { return Vec::new() };
    (SCENARIOS[place].change)(&mut reply);
    let answer = |reply: &Reply| Answer { payload: reply.encode(), frames: reply.frames, is_for_all: reply.is_for_all };
    let Some(preference) = reply.preferred else { return vec![answer(&reply)] };
    let asked = options(&request[4..]).into_iter().find(|(code, _)| *code == 2);
    if asked.is_some_and(|(_, server)| server == OTHER_DUID) {
        return Vec::new();
    }
    let own = reply.server.replace(OTHER_DUID.to_vec());
    let other = (reply.kind == ADVERTISE).then(|| answer(&reply));
    (reply.server, reply.more) = (own, option(7, &[preference]));
    other.into_iter().chain([answer(&reply)]).collect()
}

const fn plain(name: &'static str, change: fn(&mut Reply)) -> Scenario<Reply> {
    Scenario::new(name, change)
}

const LINK_LOCAL: &str = "RFC 4291 section 2.5.6: an address of one link, which a host gives to itself; Linux takes it";
const BY_NUMBER: &str = "RFC 8415 section 12: an association is known by its number alone; dhclient does not look";
const NO_PREFIX: &str = "RFC 4291 section 2: no addresses for hosts; Linux takes a route to nowhere for it";

pub(super) const SCENARIOS: &[Scenario<Reply>] = &[
    plain("a good answer", |_| {}),
    // Times.
    plain("T1 after T2", |r| r.times = (3000, 1000)),
    plain("T1 without T2", |r| r.times = (3000, 0)),
    plain("T1 as T2", |r| r.times = (1000, 1000)),
    plain("T1 beyond the lifetimes", |r| r.times = (5000, 6000)),
    plain("a preferred lifetime above the valid one", |r| r.lifetimes = (7200, 3600)),
    plain("a preferred lifetime of 0", |r| r.lifetimes = (0, 3600)),
    plain("lifetimes of 0", |r| r.lifetimes = (0, 0)),
    plain("lifetimes without end", |r| r.lifetimes = (u32::MAX, u32::MAX)),
    // Addresses.
    plain("::", |r| r.gives("::")),
    plain("a multicast address", |r| r.gives("ff02::1")),
    plain("the loopback address", |r| r.gives("::1")),
    plain("a link-local address", |r| r.gives("fe80::1234")).ruled(false, LINK_LOCAL),
    plain("a site-local address", |r| r.gives("fec0::1")),
    // Statuses.
    plain("NoAddrsAvail", |r| (r.has_leases, r.more) = (false, status(NO_ADDRS_AVAIL))),
    plain("NoAddrsAvail with an address", |r| r.more = status(NO_ADDRS_AVAIL)),
    plain("NoAddrsAvail in the association", |r| (r.has_leases, r.in_association) = (false, status(NO_ADDRS_AVAIL))),
    plain("NotOnLink in the association with an address", |r| r.in_association = status(NOT_ON_LINK)),
    plain("NotOnLink in the address", |r| r.in_lease = status(NOT_ON_LINK)),
    plain("NoPrefixAvail with an address", |r| r.more = status(NO_PREFIX_AVAIL)),
    plain("UnspecFail with an address", |r| r.more = status(1)),
    plain("an unknown status", |r| r.more = status(99)),
    plain("Success everywhere", |r| (r.more, r.in_association, r.in_lease) = (status(0), status(0), status(0))),
    plain("a status of one octet", |r| r.more = option(13, &[0])),
    plain("a status of no octet", |r| r.more = option(13, &[])),
    plain("a status of one octet in the association", |r| r.in_association = option(13, &[0])),
    plain("a status of no octet in the association", |r| r.in_association = option(13, &[])),
    plain("a status of one octet in the address", |r| r.in_lease = option(13, &[0])),
    plain("a status of no octet in the address", |r| r.in_lease = option(13, &[])),
    plain("a status with text that is no text", |r| r.more = option(13, b"\0\0\xff\xfe\x1b[2J")),
    plain("UseMulticast to the Request", |r| r.if_reply(|r| r.more = status(USE_MULTICAST))).after_the_offer(),
    plain("NoAddrsAvail to the Request", |r| {
        r.if_reply(|r| (r.has_leases, r.in_association) = (false, status(NO_ADDRS_AVAIL)));
    })
    .after_the_offer(),
    // Associations.
    plain("no association", |r| r.has_associations = false),
    plain("no address", |r| r.has_leases = false),
    plain("no address in the Reply", |r| r.if_reply(|r| r.has_leases = false)).after_the_offer(),
    plain("another association", |r| r.asked[0].1[0] ^= 1).ruled(false, BY_NUMBER),
    plain("an association of six octets", |r| r.association_octets = 6),
    plain("an address of four octets less", |r| r.address_octets = 20),
    // Who and what.
    plain("another client", |r| r.client = Some(vec![0, 3, 0, 1, 9, 9, 9, 9, 9, 9])),
    plain("no client identifier", |r| r.client = None),
    plain("no server identifier", |r| r.server = None),
    plain("a Reply of another server", |r| r.if_reply(|r| r.server = Some(vec![0, 2, 0, 0, 0, 7]))),
    plain("another transaction", |r| r.xid[0] ^= 1),
    plain("a Request as answer", |r| r.kind = REQUEST),
    plain("a Reply to the Solicit", |r| r.kind = REPLY),
    // Options.
    plain("preference 255", |r| r.more = option(7, &[255])),
    plain("a preference of no octet", |r| r.more = option(7, &[])),
    plain("an octet left over at the end", |r| r.more = vec![0]),
    plain("two octets left over at the end", |r| r.more = vec![0, 23]),
    plain("three octets left over at the end", |r| r.more = vec![0, 23, 0]),
    plain("zeros left over at the end", |r| r.more = vec![0, 0, 0]),
    plain("a cut option 0 at the end", |r| r.more = vec![0, 0, 0, 200]),
    plain("an octet left over in the association", |r| r.in_association = vec![0]),
    plain("two octets left over in the association", |r| r.in_association = vec![0, 23]),
    plain("zeros left over in the association", |r| r.in_association = vec![0, 0]),
    plain("an octet left over in the address", |r| r.in_lease = vec![1]),
    plain("two octets left over in the address", |r| r.in_lease = vec![1, 2]),
    plain("zeros left over in the address", |r| r.in_lease = vec![0, 0, 0]),
    plain("an option that is cut", |r| r.more = vec![0, 24, 0, 200, b'x']),
    plain("a cut option in the association", |r| r.in_association = vec![0, 13, 0, 40, 0]),
    plain("DNS servers of 15 octets", |r| r.more = option(23, &[1; 15])),
    plain("a preference of 10 after another server's Advertise", |r| r.preferred = Some(10)),
    plain("a preference of 255 after another server's Advertise", |r| r.preferred = Some(255)),
    // Frames.
    plain("an answer to all hosts of the link", |r| r.is_for_all = true),
    plain("an Advertise to the client, a Reply to all hosts", |r| r.if_reply(|r| r.is_for_all = true))
        .after_the_offer(),
    plain("a right frame", |r| r.framed(Frames::default())),
    plain("a wrong UDP checksum", |r| r.framed(Frames { udp_checksum: Some(|sum| sum ^ 0x1111), ..Frames::default() })),
    plain("no UDP checksum", |r| r.framed(Frames { udp_checksum: Some(|_| 0), ..Frames::default() })),
    plain("a UDP length beyond the packet", |r| r.framed(Frames { udp_length: 20, ..Frames::default() })),
    plain("a frame that is cut", |r| r.framed(Frames { cut: 4, ..Frames::default() })),
    plain("a hop-by-hop header", |r| r.framed(Frames { between: &[17, 0, 1, 4, 0, 0, 0, 0], ..Frames::default() })),
    plain("a hop-by-hop header that is cut", |r| {
        r.framed(Frames { between: &[17, 40, 1, 4, 0, 0, 0, 0], ..Frames::default() });
    }),
    plain("fragments", |r| r.framed(Frames { fragments: Some(64), ..Frames::default() })),
    plain("another virtual network", |r| r.framed(Frames { vlan: Some(5), ..Frames::default() })),
    // Prefixes.
    plain("prefix", |_| {}),
    plain("prefix alone", |r| r.has_no_addresses = true),
    plain("prefix of length 0", |r| r.prefix.1 = 0),
    plain("prefix of length 129", |r| r.prefix.1 = 129),
    plain("prefix of length 128", |r| r.prefix.1 = 128),
    plain("prefix with bits beyond its length", |r| r.prefix.0 = "2001:db8:9::1".parse().unwrap()),
    plain("prefix fe80::", |r| r.prefix.0 = "fe80::".parse().unwrap()).ruled(false, NO_PREFIX),
    plain("prefix ff00::", |r| r.prefix.0 = "ff00::".parse().unwrap()).ruled(false, NO_PREFIX),
    plain("prefix with an octet left over", |r| r.in_lease = vec![1]),
    plain("prefix with a status of one octet", |r| r.in_lease = option(13, &[0])),
    plain("prefix with a status of no octet", |r| r.in_lease = option(13, &[])),
    plain("prefix with NoAddrsAvail", |r| r.more = status(NO_ADDRS_AVAIL)),
    plain("prefix with NoAddrsAvail in the Reply", |r| r.if_reply(|r| r.more = status(NO_ADDRS_AVAIL))),
    plain("prefix with UnspecFail", |r| r.more = status(1)),
    plain("prefix with NoPrefixAvail", |r| r.more = status(NO_PREFIX_AVAIL)),
    plain("prefix with NotOnLink", |r| r.in_lease = status(NOT_ON_LINK)),
    plain("prefix with a status of no octet in the association", |r| r.in_association = option(13, &[])),
    plain("prefix with two octets left over", |r| r.in_lease = vec![1, 2]),
    plain("prefix with two octets left over in the association", |r| r.in_association = vec![0, 23]),
    plain("prefix missing", |r| r.has_leases = false),
    plain("prefix refused", |r| (r.has_leases, r.in_association) = (false, status(NO_PREFIX_AVAIL))),
];
