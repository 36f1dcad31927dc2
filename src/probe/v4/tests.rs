mod other_servers;
mod relayed;
mod usable_answers;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use super::{Client, ProbeModeV4, ProbePlanV4};
use crate::dhcp::v4::{BOOTREPLY, Message, MessageType, Packet, option};
use crate::error::Error;
use crate::probe::{AnswerKind, Exchange as _, Identity, Machine as _, Record, Rejection, Schedule, Until};
use crate::wire::{Checksum, Datagram, Mac, Transmit};

const HARDWARE: [u8; 6] = [2, 0, 0x5e, 0, 0x53, 1];
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 66);
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 100);
const XID: u32 = 0x0102_0304;

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn plan() -> ProbePlanV4 {
    ProbePlanV4::new(Message::request(0, &HARDWARE), XID, Schedule::tries(1, at(5.0)))
}

fn reply(message_type: MessageType, server: Ipv4Addr) -> Message {
    let mut reply = Message::of_type(message_type, XID, &HARDWARE).with(option::SERVER_ID, server.octets());
    reply.op = BOOTREPLY;
    reply.yiaddr = ADDRESS;
    reply.with(option::LEASE_TIME, 3600u32.to_be_bytes())
}

fn datagram(payload: &[u8], from: Ipv4Addr, when: f64) -> Datagram<'_> {
    Datagram {
        link: 0,
        at: at(when),
        source: SocketAddr::V4(SocketAddrV4::new(from, 67)),
        destination: None,
        mac: None,
        vlan: None,
        interface: 1,
        checksum: Checksum::Good,
        in_fragments: false,
        is_for_other_host: false,
        is_in_other_vlan: false,
        frame: None,
        payload,
    }
}

/// A client at a test's clock, with what it has sent.
struct Bench {
    client: Client,
    sent: Vec<(f64, Transmit)>,
}

impl Bench {
    fn new(plan: ProbePlanV4, mode: ProbeModeV4) -> Self {
        let mut bench = Self { client: Client::new(plan, mode), sent: Vec::new() };
        bench.flush(0.0);
        bench
    }

    fn flush(&mut self, when: f64) {
        while let Some(transmit) = self.client.poll_transmit(at(when)) {
            self.client.handle_sent(at(when));
            self.sent.push((when, transmit));
        }
    }

    fn hear(&mut self, when: f64, from: Ipv4Addr, message: &Message) {
        self.client.handle_datagram(&datagram(&message.encode(), from, when));
        self.flush(when);
    }

    /// Lets time pass until nothing more happens.
    fn wait(&mut self) -> f64 {
        let mut now = Duration::ZERO;
        while let Some(moment) = self.client.poll_timeout() {
            now = moment;
            self.client.handle_timeout(now);
            self.flush(now.as_secs_f64());
        }
        now.as_secs_f64()
    }

    fn record(&self) -> &Record {
        self.client.record()
    }

    /// The types of what was sent, with the last packet.
    fn types(&self) -> Vec<&'static str> {
        let packets = self.sent.iter().map(|(_, transmit)| Packet::parse(&transmit.payload));
        packets.map(|packet| packet.message_type().and_then(MessageType::name).unwrap_or("bootp")).collect()
    }

    fn last(&self) -> (SocketAddr, Packet) {
        let (_, transmit) = self.sent.last().unwrap();
        (transmit.destination, Packet::parse(&transmit.payload))
    }

    /// The servers that were sent a RELEASE.
    fn released(&self) -> Vec<Ipv4Addr> {
        let packets = self.sent.iter().map(|(_, transmit)| Packet::parse(&transmit.payload));
        packets
            .filter(|packet| packet.message_type() == Some(MessageType::RELEASE))
            .filter_map(|packet| packet.server_id())
            .collect()
    }

    #[track_caller]
    fn expect_release(&self, server: Ipv4Addr) {
        let (to, packet) = self.last();
        assert_eq!(packet.message_type(), Some(MessageType::RELEASE));
        assert_eq!((packet.server_id(), packet.ciaddr()), (Some(server), Some(ADDRESS)));
        assert_eq!(to, SocketAddr::V4(SocketAddrV4::new(server, 67)));
        assert_eq!(self.record().released, [Identity::Address(server.into())]);
        assert!(self.client.is_done());
    }
}

#[test]
fn discover_ends_at_the_first_offer_with_round_trip_time() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Discover);
    bench.hear(0.25, SERVER, &reply(MessageType::OFFER, SERVER));
    assert!(bench.client.is_done());
    let [answer] = &bench.record().answers[..] else { panic!("{:?}", bench.record()) };
    assert_eq!((answer.kind, answer.rtt, answer.try_number), (AnswerKind::Offer, at(0.25), 1));
    assert_eq!(answer.server, Some(Identity::Address(SERVER.into())));
    assert_eq!(answer.addresses[0].to_string(), "192.0.2.100");
    assert_eq!(answer.addresses[0].lifetime, Some(3600));
    assert_eq!(bench.types(), ["discover"]);
}

#[test]
fn retries_keep_xid_and_update_secs_with_doubled_waits() {
    let schedule = Schedule { spread: crate::probe::Spread::None, ..Schedule::rfc2131(4) };
    let mut bench = Bench::new(ProbePlanV4 { schedule, secs: 3, ..plan() }, ProbeModeV4::Discover);
    assert!((bench.wait() - 60.0).abs() < 1e-6);
    let seen: Vec<_> =
        bench.sent.iter().map(|(when, transmit)| (when.round(), Packet::parse(&transmit.payload))).collect();
    let times: Vec<_> = seen.iter().map(|(when, packet)| (*when, packet.secs().unwrap())).collect();
    assert_eq!(times, [(0.0, 3), (4.0, 7), (12.0, 15), (28.0, 31)]);
    assert!(seen.iter().all(|(_, packet)| packet.xid() == Some(XID)));
    assert!(bench.record().answers.is_empty() && bench.client.is_done());
}

#[test]
fn an_answer_to_a_later_try_is_timed_from_that_try() {
    let schedule = Schedule { spread: crate::probe::Spread::None, ..Schedule::tries(3, at(1.0)) };
    let mut bench = Bench::new(ProbePlanV4 { schedule, ..plan() }, ProbeModeV4::Discover);
    bench.client.handle_timeout(at(1.0));
    bench.flush(1.0);
    bench.hear(1.5, SERVER, &reply(MessageType::OFFER, SERVER));
    let answer = bench.record().first_answer().unwrap();
    assert_eq!((answer.rtt, answer.try_number), (at(0.5), 2));
}

#[test]
fn mismatched_packet_is_rejected_and_counted_by_reason() {
    let good = reply(MessageType::OFFER, SERVER);
    let changed = |change: &dyn Fn(&mut Message)| {
        let mut message = good.clone();
        change(&mut message);
        message.encode()
    };
    // Option 52 says that `file` holds options, whose first is longer than the field.
    let cut = |message: &Message| {
        let mut octets = message.clone().with(option::OVERLOAD, [1]).encode();
        octets[108..110].copy_from_slice(&[12, 240]);
        octets
    };
    let no_magic = |mut octets: Vec<u8>| {
        octets[236] = 0;
        octets
    };
    let cases: Vec<(Vec<u8>, Rejection)> = vec![
        (vec![], Rejection::Empty),
        (vec![2, 1, 6, 0], Rejection::Truncated),
        (good.encode()[..200].to_vec(), Rejection::Truncated),
        (cut(&good), Rejection::Truncated),
        (no_magic(good.encode()), Rejection::NotDhcp),
        (changed(&|message| message.op = 1), Rejection::NotAnAnswer),
        (changed(&|message| message.xid = 9), Rejection::OtherTransaction),
        (changed(&|message| message.hlen = 17), Rejection::OtherClient),
        (changed(&|message| message.chaddr[5] = 9), Rejection::OtherClient),
        (changed(&|message| message.set(option::MESSAGE_TYPE, [6])), Rejection::OtherType),
        (changed(&|message| message.set(option::MESSAGE_TYPE, [99])), Rejection::OtherType),
        (changed(&|message| message.options.clear()), Rejection::NoType),
        (changed(&|message| message.set(option::MESSAGE_TYPE, [])), Rejection::NoType),
        (changed(&|message| message.set(option::CLIENT_ID, *b"other")), Rejection::OtherClientId),
        (changed(&|message| message.yiaddr = Ipv4Addr::UNSPECIFIED), Rejection::Address),
        (changed(&|message| message.set(option::SERVER_ID, OTHER.octets())), Rejection::OtherServer),
    ];
    let mut bench = Bench::new(ProbePlanV4 { server: Some(SERVER), ..plan() }, ProbeModeV4::Discover);
    for (octets, reason) in &cases {
        let before = bench.record().rejected.clone();
        bench.client.handle_datagram(&datagram(octets, OTHER, 1.0));
        let rejected = &bench.record().rejected;
        assert_eq!(rejected.total(), before.total() + 1, "{octets:?}");
        let found = rejected.each().find(|entry| !before.each().any(|old| old.0 == entry.0 && old.1 == entry.1));
        assert_eq!(found.unwrap().0, *reason);
    }
    assert!(bench.record().answers.is_empty());
    assert!((bench.wait() - 5.0).abs() < 1e-9, "foreign traffic does not make it wait longer");
    assert_eq!(bench.record().rejected.each().next().unwrap().2.ip(), OTHER);
}

#[test]
fn a_server_asked_for_by_an_address_it_sends_from_has_answered() {
    let mut bench = Bench::new(ProbePlanV4 { server: Some(OTHER), ..plan() }, ProbeModeV4::Discover);
    bench.hear(0.1, OTHER, &reply(MessageType::OFFER, SERVER));
    assert_eq!(bench.record().answers.len(), 1);
}

#[test]
fn a_full_exchange_requests_what_was_offered_and_gives_it_back() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
    assert_eq!(bench.types(), ["discover", "request"]);
    let (_, request) = bench.last();
    assert_eq!((request.address(50), request.server_id()), (Some(ADDRESS), Some(SERVER)));
    assert_eq!(request.ciaddr(), Some(Ipv4Addr::UNSPECIFIED));
    bench.hear(0.4, SERVER, &reply(MessageType::ACK, SERVER));
    assert_eq!(bench.record().final_answer().unwrap().rtt, at(0.3));
    bench.expect_release(SERVER);
}

#[test]
fn a_lease_goes_back_by_the_relay_that_brought_it() {
    let relay = Mac([2, 0, 0x5e, 0, 0x53, 0xfe]);
    for is_granted in [true, false] {
        let mut bench = Bench::new(ProbePlanV4 { releases_from_lease: true, ..plan() }, ProbeModeV4::Full);
        let answers = [MessageType::OFFER, MessageType::ACK].map(|kind| reply(kind, SERVER).encode());
        for payload in &answers[..if is_granted { 2 } else { 1 }] {
            bench.client.handle_datagram(&Datagram { mac: Some(relay), ..datagram(payload, OTHER, 0.1) });
            bench.flush(0.1);
        }
        bench.wait();
        bench.expect_release(SERVER);
        let (_, release) = bench.sent.last().unwrap();
        assert_eq!((release.via, release.source), (Some(relay), Some(ADDRESS.into())));
    }
}

#[test]
fn relayed_exchange_waits_a_moment_before_the_release() {
    let mut relayed = plan();
    relayed.template.giaddr = OTHER;
    let mut bench = Bench::new(relayed, ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &Message { giaddr: OTHER, ..reply(MessageType::OFFER, SERVER) });
    bench.hear(0.2, SERVER, &Message { giaddr: OTHER, ..reply(MessageType::ACK, SERVER) });
    assert_eq!(bench.types(), ["discover", "request"]);
    assert!(!bench.client.is_done());
    assert!((bench.wait() - 0.25).abs() < 1e-6);
    bench.expect_release(SERVER);
    assert!(bench.client.is_done());
}

#[test]
fn a_lease_that_is_to_be_kept_is_not_released() {
    let mut bench = Bench::new(ProbePlanV4 { keep: true, ..plan() }, ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
    bench.hear(0.2, SERVER, &reply(MessageType::ACK, SERVER));
    assert_eq!(bench.types(), ["discover", "request"]);
    assert!(bench.client.is_done());
}

#[test]
fn nak_is_an_answer_with_its_message_and_needs_no_release() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
    let mut nak = reply(MessageType::NAK, SERVER).with(option::MESSAGE, *b"no\x1b lease\0");
    nak.yiaddr = Ipv4Addr::UNSPECIFIED;
    bench.hear(0.2, SERVER, &nak);
    let answer = bench.record().final_answer().unwrap();
    assert_eq!((answer.kind, answer.refusal.as_deref()), (AnswerKind::Nak, Some("no\\u{1b} lease")));
    assert_eq!(bench.types(), ["discover", "request"]);
    assert!(bench.client.is_done());
}

#[test]
fn interrupt_releases_requested_lease_even_without_ack() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
    bench.client.handle_interrupt(at(0.2));
    bench.flush(0.2);
    bench.expect_release(SERVER);
    assert!(bench.record().interrupted);
}

#[test]
fn an_interrupt_before_anything_was_requested_releases_nothing() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    bench.client.handle_interrupt(at(0.2));
    bench.flush(0.2);
    assert!(bench.client.is_done());
    assert_eq!(bench.types(), ["discover"]);
}

#[test]
fn unanswered_request_is_released_if_server_id_is_known() {
    let mut template = Message::request(0, &HARDWARE).with(option::REQUESTED_ADDRESS, ADDRESS.octets());
    template.ciaddr = ADDRESS;
    let mut bench =
        Bench::new(ProbePlanV4 { template: template.clone(), ..plan() }.towards(SERVER), ProbeModeV4::Request);
    bench.wait();
    assert_eq!(bench.types(), ["request", "release"]);
    bench.expect_release(SERVER);
    let mut broadcast = Bench::new(ProbePlanV4 { template, ..plan() }, ProbeModeV4::Request);
    broadcast.wait();
    assert_eq!(broadcast.types(), ["request"], "a RELEASE without option 54 is of no use");
}

#[test]
fn every_server_that_granted_is_given_back_its_lease() {
    let template = Message::request(0, &HARDWARE).with(option::REQUESTED_ADDRESS, ADDRESS.octets());
    let mut bench = Bench::new(ProbePlanV4 { template, until: Until::End, ..plan() }, ProbeModeV4::Request);
    bench.hear(0.1, SERVER, &reply(MessageType::ACK, SERVER));
    bench.hear(0.1, OTHER, &reply(MessageType::ACK, OTHER));
    bench.wait();
    assert_eq!(bench.released(), [SERVER, OTHER]);
}

/// A REQUEST to all servers that has not been answered.
fn requesting() -> Bench {
    let template = Message::request(0, &HARDWARE).with(option::REQUESTED_ADDRESS, ADDRESS.octets());
    Bench::new(ProbePlanV4 { template, ..plan() }, ProbeModeV4::Request)
}

#[test]
fn a_lease_granted_soon_after_the_first_is_given_back_too() {
    let mut bench = requesting();
    bench.hear(0.1, SERVER, &reply(MessageType::ACK, SERVER));
    bench.hear(0.9, OTHER, &reply(MessageType::ACK, OTHER));
    assert!((bench.wait() - 1.1).abs() < 1e-9);
    assert_eq!(bench.released(), [SERVER, OTHER]);
}

#[test]
fn a_refusal_does_not_hide_that_another_grants() {
    let mut bench = requesting();
    let nak = Message { yiaddr: Ipv4Addr::UNSPECIFIED, ..reply(MessageType::NAK, OTHER) };
    bench.hear(0.1, OTHER, &nak);
    bench.hear(0.2, SERVER, &reply(MessageType::ACK, SERVER));
    bench.wait();
    assert_eq!(bench.record().final_answer().unwrap().kind, AnswerKind::Ack);
    bench.expect_release(SERVER);
}

#[test]
fn final_wait_is_not_extended_and_has_no_retransmission() {
    let schedule = Schedule { spread: crate::probe::Spread::None, ..Schedule::tries(3, at(1.0)) };
    let template = Message::request(0, &HARDWARE).with(option::REQUESTED_ADDRESS, ADDRESS.octets());
    let mut bench = Bench::new(ProbePlanV4 { template, schedule, ..plan() }, ProbeModeV4::Request);
    bench.hear(0.8, SERVER, &reply(MessageType::ACK, SERVER));
    assert!((bench.wait() - 1.0).abs() < 1e-9);
    assert_eq!(bench.types(), ["request", "release"]);
}

#[test]
fn ack_with_another_server_id_is_rejected_and_released() {
    let mut template = Message::request(0, &HARDWARE).with(option::REQUESTED_ADDRESS, ADDRESS.octets());
    template.ciaddr = ADDRESS;
    let alias = Ipv4Addr::new(192, 0, 2, 3);
    let mut bench =
        Bench::new(ProbePlanV4 { template, server: Some(alias), ..plan() }.towards(alias), ProbeModeV4::Request);
    bench.hear(0.1, SERVER, &reply(MessageType::ACK, SERVER));
    bench.wait();
    assert!(bench.record().answers.is_empty());
    assert!(bench.released().contains(&SERVER), "{:?}", bench.released());
}

#[test]
fn waiting_for_certain_servers_ends_with_the_last_of_them() {
    let wanted = [SERVER, OTHER].map(|server| Identity::Address(server.into()));
    let mut bench = Bench::new(ProbePlanV4 { until: Until::Servers(wanted.to_vec()), ..plan() }, ProbeModeV4::Discover);
    bench.hear(0.1, OTHER, &reply(MessageType::OFFER, OTHER));
    bench.hear(0.2, OTHER, &reply(MessageType::OFFER, OTHER));
    assert!(!bench.client.is_done());
    bench.hear(0.3, SERVER, &reply(MessageType::OFFER, SERVER));
    assert!(bench.client.is_done());
    assert_eq!(bench.record().answers.iter().map(|answer| answer.copies).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_bootp_reply_answers_a_bootp_request_only() {
    let mut bare = reply(MessageType::OFFER, SERVER);
    bare.options.clear();
    let mut bench = Bench::new(plan(), ProbeModeV4::Bootp);
    assert_eq!(bench.types(), ["bootp"]);
    bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
    bench.hear(0.2, SERVER, &bare);
    assert_eq!(bench.record().answers.iter().map(|answer| answer.kind).collect::<Vec<_>>(), [AnswerKind::Bootp]);
    assert!(bench.client.is_done());
}

#[test]
fn nobody_answers_a_release_or_a_decline() {
    for mode in [ProbeModeV4::Release, ProbeModeV4::Decline] {
        let bench = Bench::new(plan(), mode);
        assert!(bench.client.is_done());
        assert_eq!(bench.sent.len(), 1);
    }
}

#[test]
fn what_cannot_be_sent_ends_the_exchange_with_its_cause() {
    let mut client = Client::new(plan(), ProbeModeV4::Discover);
    assert!(client.poll_transmit(at(0.0)).is_some());
    client.handle_unsent(at(0.0), Error::new("send", "no route"));
    assert!(client.is_done());
    assert_eq!(client.record().unsent.as_ref().unwrap().to_string(), "send: no route");
    assert!(client.record().sent.is_empty());
}

#[test]
fn a_flood_of_answers_does_not_grow_the_record() {
    let mut bench = Bench::new(ProbePlanV4 { until: Until::End, ..plan() }, ProbeModeV4::Discover);
    for number in 0..2000u32 {
        let server = Ipv4Addr::from(0x0a00_0000 + number);
        bench.hear(0.1, server, &reply(MessageType::OFFER, server));
    }
    assert_eq!(bench.record().answers.len(), 256);
    assert_eq!(bench.record().left_out, 2000 - 256);
}

#[test]
fn with_rapid_commit_the_lease_comes_at_once_and_is_given_back() {
    let template = Message::request(0, &HARDWARE).with(option::RAPID_COMMIT, []);
    let rapid = || ProbePlanV4 { template: template.clone(), ..plan() };
    let mut bench = Bench::new(rapid(), ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &reply(MessageType::ACK, SERVER).with(option::RAPID_COMMIT, []));
    assert_eq!(bench.types(), ["discover", "release"]);
    bench.expect_release(SERVER);
    let mut bench = Bench::new(rapid(), ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
    assert_eq!(bench.last().1.option(option::RAPID_COMMIT), None, "it belongs into the DISCOVER");
    bench.hear(0.2, OTHER, &reply(MessageType::ACK, OTHER).with(option::RAPID_COMMIT, []));
    bench.hear(0.3, SERVER, &reply(MessageType::ACK, SERVER));
    assert_eq!(bench.types(), ["discover", "request", "release", "release"]);
}

#[test]
fn full_exchange_ignores_an_offer_without_an_address() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    let mut proxy = reply(MessageType::OFFER, OTHER);
    proxy.yiaddr = Ipv4Addr::UNSPECIFIED;
    bench.hear(0.1, OTHER, &proxy);
    assert_eq!(bench.types(), ["discover"]);
    bench.hear(0.2, SERVER, &reply(MessageType::OFFER, SERVER));
    assert_eq!(bench.types(), ["discover", "request"]);
    assert_eq!(bench.last().1.server_id(), Some(SERVER));
}

#[test]
fn a_release_goes_to_the_port_that_the_server_was_asked_at() {
    let to = SocketAddrV4::new(Ipv4Addr::BROADCAST, 6767);
    let mut bench = Bench::new(ProbePlanV4 { to, ..plan() }, ProbeModeV4::Full);
    bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
    bench.hear(0.2, SERVER, &reply(MessageType::ACK, SERVER));
    assert_eq!(bench.last().0, SocketAddr::V4(SocketAddrV4::new(SERVER, 6767)));
}

#[test]
fn duplicate_answers_are_copies_but_answers_to_retries_not() {
    let schedule = Schedule { spread: crate::probe::Spread::None, ..Schedule::tries(3, at(1.0)) };
    let mut bench = Bench::new(ProbePlanV4 { schedule, until: Until::End, ..plan() }, ProbeModeV4::Discover);
    let copies = |bench: &Bench| bench.record().answers.iter().map(|answer| answer.copies).collect::<Vec<_>>();
    let offer = reply(MessageType::OFFER, SERVER);
    bench.hear(0.1, SERVER, &offer);
    bench.hear(0.2, SERVER, &Message { secs: 9, ..offer.clone() });
    assert_eq!(copies(&bench), [2]);
    bench.hear(0.3, SERVER, &Message { yiaddr: OTHER, ..offer.clone() });
    assert_eq!(copies(&bench), [2, 1], "another offer of the same server");
    bench.client.handle_timeout(at(1.0));
    bench.flush(1.0);
    bench.hear(1.1, SERVER, &offer);
    assert_eq!(copies(&bench), [2, 1], "the answer to the second try");
    bench.hear(1.2, SERVER, &offer);
    assert_eq!(copies(&bench), [3, 1]);
}
