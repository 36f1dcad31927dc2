mod chosen;
mod given_back;
mod relayed;
mod sightings;
mod usable_answers;

use super::*;
use crate::dhcp::v6::{AssociationKind, Header, Message, Opt, Packet, code};
use crate::wire::Checksum;

const CLIENT: [u8; 10] = [0, 3, 0, 1, 2, 0, 0, 0, 0, 1];
const SERVER: [u8; 10] = [0, 3, 0, 1, 2, 0, 0, 0, 0, 9];
const OTHER: [u8; 6] = [0, 2, 0, 0, 0, 7];

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn plan() -> ProbePlanV6 {
    ProbePlanV6 {
        associations: vec![Association::new(AssociationKind::Addresses, 1)],
        options: vec![Opt::request(&[23])],
        xid: 0x1234_5678,
        seed: 7,
        ..ProbePlanV6::new(CLIENT.to_vec(), Schedule::rfc8415(seconds(1.0), seconds(120.0), 3))
    }
}

fn item(address: &str, prefix_length: u8, valid: u32) -> Item {
    Item { address: address.parse().expect("an address"), prefix_length, preferred: valid, valid }
}

fn lease() -> Association {
    Association { items: vec![item("2001:db8::64", 128, 3600)], ..Association::new(AssociationKind::Addresses, 1) }
}

/// What a well-behaved server sends.
fn message(kind: MessageType, xid: u32, server: &[u8]) -> Message {
    Message::new(kind, xid).with(Opt::new(code::CLIENTID, CLIENT)).with(Opt::new(code::SERVERID, server))
}

fn status(code: u16, text: &str) -> Opt {
    Opt::new(code::STATUS_CODE, [&code.to_be_bytes()[..], text.as_bytes()].concat())
}

struct Run {
    client: Client,
    now: Duration,
}

impl Run {
    fn new(plan: ProbePlanV6, mode: ProbeModeV6) -> Self {
        Self { client: Client::new(plan, mode), now: seconds(1000.0) }
    }

    /// What the client sends now; it must send something.
    fn sends(&mut self) -> Message {
        let message = self.sends_whatever();
        assert_eq!(Packet::parse(&message.encode()).anomalies, []);
        message
    }

    /// The same, though it may be malformed.
    fn sends_whatever(&mut self) -> Message {
        let transmit = self.client.poll_transmit(self.now).expect("a message");
        self.client.handle_sent(self.now);
        assert_eq!(self.client.poll_transmit(self.now), None, "one message at a time");
        let packet = Packet::parse(&transmit.payload);
        let Header::Message { kind, xid } = packet.innermost().header else { panic!("no message") };
        let options = packet.innermost().options.iter().map(|option| Opt::new(option.code, option.octets)).collect();
        Message { kind, xid, options }
    }

    fn hears(&mut self, payload: &[u8]) {
        self.hears_with(payload, Checksum::Good, "fe80::5");
    }

    fn hears_with(&mut self, payload: &[u8], checksum: Checksum, to: &str) {
        let datagram = self.datagram(payload, checksum, to);
        self.client.handle_datagram(&datagram);
    }

    fn datagram<'a>(&self, payload: &'a [u8], checksum: Checksum, to: &str) -> Datagram<'a> {
        Datagram {
            link: 0,
            at: self.now,
            source: "[fe80::9]:547".parse().expect("an address"),
            destination: Some((to.parse::<IpAddr>().expect("an address"), 546).into()),
            mac: None,
            vlan: None,
            interface: 2,
            checksum,
            in_fragments: false,
            is_for_other_host: false,
            is_in_other_vlan: false,
            frame: None,
            payload,
        }
    }

    /// Lets time pass until the client wants to be called.
    fn waits(&mut self) -> f64 {
        let until = self.client.poll_timeout().expect("a moment");
        let waited = until.saturating_sub(self.now).as_secs_f64();
        self.now = until;
        self.client.handle_timeout(self.now);
        waited
    }

    fn rejected(&self) -> Vec<(Rejection, u64)> {
        self.client.record().rejected.each().map(|(reason, count, _)| (reason, count)).collect()
    }
}

fn get(message: &Message, code: u16) -> Option<&[u8]> {
    message.options.iter().find(|option| option.code == code).map(|option| &option.octets[..])
}

fn elapsed(message: &Message) -> u16 {
    let octets = get(message, code::ELAPSED_TIME).expect("an elapsed time");
    u16::from_be_bytes(octets.try_into().expect("two octets"))
}

#[test]
fn solicit_is_retransmitted_with_same_xid_and_elapsed_time() {
    let mut run = Run::new(plan(), ProbeModeV6::Solicit);
    let first = run.sends();
    assert_eq!((first.kind, first.xid, elapsed(&first)), (MessageType::SOLICIT, 0x0034_5678, 0));
    let mut elapsed_times = vec![];
    for expected in [1.0, 2.0] {
        let waited = run.waits();
        assert!((waited / expected - 1.0).abs() <= 0.1, "{waited}");
        let again = run.sends();
        assert_eq!(again.xid, first.xid);
        elapsed_times.push(f64::from(elapsed(&again)) / 100.0);
    }
    assert!(elapsed_times[0] >= 0.9 && elapsed_times[1] >= 2.7, "{elapsed_times:?}");
    assert!(!run.client.is_done());
    run.waits();
    assert!(run.client.is_done());
    assert_eq!(run.client.record().sent.len(), 3);
    assert_eq!(run.client.record().answers, []);
}

#[test]
fn an_elapsed_time_too_long_for_its_option_is_the_longest() {
    let mut run = Run::new(ProbePlanV6 { elapsed: 65_000, ..plan() }, ProbeModeV6::Solicit);
    assert_eq!(elapsed(&run.sends()), 65_000);
    run.waits();
    run.now += seconds(1000.0);
    assert_eq!(elapsed(&run.sends()), u16::MAX);
}

#[test]
fn an_advertisement_with_an_address_answers_a_solicit() {
    let mut run = Run::new(plan(), ProbeModeV6::Solicit);
    let solicit = run.sends();
    run.now += seconds(0.25);
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode());
    assert!(run.client.is_done());
    let answer = &run.client.record().answers[0];
    assert_eq!((answer.kind, answer.rtt, answer.refusal.as_deref()), (AnswerKind::Advertise, seconds(0.25), None));
    assert_eq!(answer.server, Some(Identity::Duid(SERVER.to_vec())));
    assert_eq!(answer.addresses.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2001:db8::64"]);
}

#[test]
fn what_does_not_fit_is_counted_by_its_reason_and_ends_nothing() {
    let mut run = Run::new(plan(), ProbeModeV6::Solicit);
    let xid = run.sends().xid;
    let good = message(MessageType::ADVERTISE, xid, &SERVER).with(lease().to_option());
    let cases = [
        (vec![], Rejection::Empty),
        (vec![2, 0, 0], Rejection::Truncated),
        (vec![99, 0, 0, 0, 0], Rejection::NotDhcp),
        (Message { kind: MessageType::SOLICIT, ..good.clone() }.encode(), Rejection::NotAnAnswer),
        (Message { xid: xid ^ 1, ..good.clone() }.encode(), Rejection::OtherTransaction),
        (Message { kind: MessageType::REPLY, ..good.clone() }.encode(), Rejection::OtherType),
        (good.encode()[..60].to_vec(), Rejection::Truncated),
        (
            Message { options: vec![Opt::new(1, OTHER), Opt::new(2, SERVER)], ..good.clone() }.encode(),
            Rejection::OtherClient,
        ),
        (Message { options: vec![Opt::new(1, CLIENT)], ..good.clone() }.encode(), Rejection::Malformed),
    ];
    for (payload, reason) in cases {
        let before = run.rejected();
        run.hears(&payload);
        let after = run.rejected();
        let count = |counts: &[(Rejection, u64)]| counts.iter().find(|(r, _)| *r == reason).map_or(0, |(_, n)| *n);
        assert_eq!(count(&after), count(&before) + 1, "{reason:?}: {after:?}");
        assert!(!run.client.is_done());
    }
    run.hears(&good.encode());
    assert!(run.client.is_done());
}

#[test]
fn only_the_server_that_was_asked_counts() {
    let mut run = Run::new(ProbePlanV6 { server: Some(SERVER.to_vec()), ..plan() }, ProbeModeV6::Solicit);
    let solicit = run.sends();
    assert_eq!(get(&solicit, code::SERVERID), None, "a Solicit goes to all");
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &OTHER).with(lease().to_option()).encode());
    assert_eq!(run.rejected(), [(Rejection::OtherServer, 1)]);
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode());
    assert!(run.client.is_done());
}

#[test]
fn only_the_address_that_was_asked_counts() {
    for (from, is_answered) in [("fe80::9", true), ("fe80::8", false)] {
        let mut run = Run::new(ProbePlanV6 { from: from.parse().ok(), ..plan() }, ProbeModeV6::Solicit);
        let solicit = run.sends();
        run.hears(&message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode());
        assert_eq!(run.client.is_done(), is_answered);
    }
}

/// An Advertise that is taken at once.
fn advertise(xid: u32) -> Message {
    message(MessageType::ADVERTISE, xid, &SERVER).with(Opt::new(code::PREFERENCE, [255]))
}

/// A whole exchange up to the Request.
fn requesting() -> (Run, Message) {
    let schedule = Schedule::rfc8415(seconds(4.0), seconds(120.0), 3);
    let mut run = Run::new(ProbePlanV6 { schedule, ..plan() }, ProbeModeV6::Full);
    let solicit = run.sends();
    run.hears(&advertise(solicit.xid).with(lease().to_option()).encode());
    let request = run.sends();
    assert_eq!(request.kind, MessageType::REQUEST);
    assert_ne!(request.xid, solicit.xid);
    assert_eq!(get(&request, code::SERVERID), Some(&SERVER[..]));
    (run, request)
}

fn assert_releases(run: &mut Run, server: &[u8], address: &str) -> Message {
    let release = run.sends();
    assert_eq!(release.kind, MessageType::RELEASE);
    assert_eq!(get(&release, code::SERVERID), Some(server));
    let octets = release.encode();
    let packet = Packet::parse(&octets);
    let released = packet.associations().next().expect("an association").items;
    assert_eq!(released, [item(address, 128, 0)]);
    release
}

#[test]
fn a_whole_exchange_ends_with_a_release_of_what_the_reply_gave() {
    let (mut run, request) = requesting();
    let given = Association { items: vec![item("2001:db8::65", 128, 60)], ..lease() };
    run.hears(&message(MessageType::REPLY, request.xid, &SERVER).with(given.to_option()).encode());
    let release = assert_releases(&mut run, &SERVER, "2001:db8::65");
    assert!(!run.client.is_done());
    run.hears(&message(MessageType::REPLY, release.xid, &SERVER).with(status(0, "released")).encode());
    assert!(run.client.is_done());
    let record = run.client.record();
    assert_eq!(record.released, [Identity::Duid(SERVER.to_vec())]);
    assert_eq!(record.final_answer().map(|answer| (answer.kind, answer.phase)), Some((AnswerKind::Reply, 1)));
    assert!(run.client.release_answer().is_some());
}

#[test]
fn late_advertise_is_timed_from_its_solicit() {
    let mut run = Run::new(ProbePlanV6 { schedule: Schedule::tries(2, seconds(1.0)), ..plan() }, ProbeModeV6::Full);
    let solicit = run.sends();
    run.now += seconds(0.5);
    let advertise = |server: &[u8]| message(MessageType::ADVERTISE, solicit.xid, server).with(lease().to_option());
    run.hears(&advertise(&SERVER).with(Opt::new(code::PREFERENCE, [255])).encode());
    assert_eq!(run.sends().kind, MessageType::REQUEST);
    run.now += seconds(0.25);
    run.hears(&advertise(&OTHER).encode());
    let late = run.client.record().answers.last().expect("an answer");
    assert_eq!((late.phase, late.rtt, late.try_number), (0, seconds(0.75), 1));
    assert!(late.remarks.is_empty(), "another server may advertise: {:?}", late.remarks);
}

#[test]
fn request_without_reply_is_followed_by_a_release() {
    let (mut run, _) = requesting();
    for _ in 0..2 {
        run.waits();
        assert_eq!(run.sends().kind, MessageType::REQUEST);
    }
    run.waits();
    assert_releases(&mut run, &SERVER, "2001:db8::64");
    for expected in [1.0, 2.0] {
        let waited = run.waits();
        assert!((waited / expected - 1.0).abs() <= 0.1, "{waited}");
        assert_eq!(run.sends().kind, MessageType::RELEASE);
    }
    run.waits();
    assert!(run.client.is_done());
    assert_eq!(run.client.record().released.len(), 1);
}

#[test]
fn an_interrupted_exchange_still_releases() {
    let (mut run, _) = requesting();
    run.client.handle_interrupt(run.now);
    assert_releases(&mut run, &SERVER, "2001:db8::64");
    run.client.handle_interrupt(run.now);
    assert!(!run.client.is_done(), "the Release is waited for");
    let mut early = Run::new(plan(), ProbeModeV6::Full);
    early.sends();
    early.client.handle_interrupt(early.now);
    assert!(early.client.is_done(), "there is nothing to release yet");
}

#[test]
fn a_kept_lease_is_not_released() {
    let mut run = Run::new(ProbePlanV6 { keep: true, ..plan() }, ProbeModeV6::Full);
    let solicit = run.sends();
    run.hears(&advertise(solicit.xid).with(lease().to_option()).encode());
    let request = run.sends();
    run.hears(&message(MessageType::REPLY, request.xid, &SERVER).with(lease().to_option()).encode());
    assert!(run.client.is_done());
    assert_eq!(run.client.record().released, []);
}

#[test]
fn a_refused_request_has_nothing_to_release() {
    let (mut run, request) = requesting();
    let refused = [&[0, 0, 0, 1][..], &[0; 8], &[0, 13, 0, 4, 0, 2, b'n', b'o']].concat();
    run.hears(&message(MessageType::REPLY, request.xid, &SERVER).with(Opt::new(3, refused)).encode());
    assert!(run.client.is_done());
    let answer = run.client.record().final_answer().expect("an answer");
    assert_eq!(answer.refusal.as_deref(), Some("NoAddrsAvail: no"));
}

#[test]
fn a_server_without_addresses_does_not_hide_one_that_has_some() {
    let mut run = Run::new(plan(), ProbeModeV6::Full);
    let solicit = run.sends();
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &OTHER).with(status(2, "none left")).encode());
    assert_eq!(run.client.record().answers[0].refusal.as_deref(), Some("NoAddrsAvail: none left"));
    run.hears(&advertise(solicit.xid).with(lease().to_option()).encode());
    assert_eq!(get(&run.sends(), code::SERVERID), Some(&SERVER[..]));
}

#[test]
fn servers_that_all_refuse_end_the_exchange_after_one_wait() {
    let mut run = Run::new(plan(), ProbeModeV6::Full);
    let solicit = run.sends();
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &OTHER).with(status(2, "")).encode());
    run.waits();
    assert!(run.client.is_done());
    assert_eq!(run.client.record().sent.len(), 1);
}

#[test]
fn a_server_without_rapid_commit_gets_a_request() {
    let mut run = Run::new(plan(), ProbeModeV6::Rapid);
    let solicit = run.sends();
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode());
    run.waits();
    let request = run.sends();
    assert_eq!((request.kind, get(&request, code::RAPID_COMMIT)), (MessageType::REQUEST, None));
}

#[test]
fn prefixes_are_asked_for_and_given_back() {
    let prefixes = Association::new(AssociationKind::Prefixes, 1);
    let mut run = Run::new(ProbePlanV6 { associations: vec![prefixes.clone()], ..plan() }, ProbeModeV6::Full);
    let solicit = run.sends();
    assert_eq!(get(&solicit, code::IA_PD).map(<[u8]>::len), Some(12));
    let given = Association { items: vec![item("2001:db8:100::", 56, 600)], ..prefixes };
    run.hears(&advertise(solicit.xid).with(given.to_option()).encode());
    assert_eq!(run.client.record().answers[0].addresses[0].to_string(), "2001:db8:100::/56");
    let request = run.sends();
    run.hears(&message(MessageType::REPLY, request.xid, &SERVER).with(given.to_option()).encode());
    let release = run.sends();
    let octets = release.encode();
    assert_eq!(
        Packet::parse(&octets).associations().next().map(|pd| pd.items),
        Some(vec![item("2001:db8:100::", 56, 0)])
    );
}

#[test]
fn missing_ia_pd_prefix_is_a_refusal_despite_an_address() {
    let associations = vec![lease(), Association::new(AssociationKind::Prefixes, 1)];
    let mut run = Run::new(ProbePlanV6 { associations, ..plan() }, ProbeModeV6::Solicit);
    let solicit = run.sends();
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode());
    let answer = &run.client.record().answers[0];
    assert_eq!((answer.addresses.len(), answer.refusal.as_deref()), (1, Some("no prefix in it")));
}

#[test]
fn an_address_with_no_time_left_is_not_given() {
    let mut run = Run::new(ProbePlanV6 { associations: vec![lease()], keep: true, ..plan() }, ProbeModeV6::Rebind);
    let rebind = run.sends();
    let withdrawn = Association { items: vec![item("2001:db8::64", 128, 0)], ..lease() };
    run.hears(&message(MessageType::REPLY, rebind.xid, &SERVER).with(withdrawn.to_option()).encode());
    assert_eq!(run.client.record().answers[0].refusal.as_deref(), Some("2001:db8::64 with a valid lifetime of 0"));
}

#[test]
fn other_exchanges_say_what_they_must_and_take_their_reply() {
    for (mode, kind, names_server, refusal) in [
        (ProbeModeV6::InformationRequest, MessageType::INFORMATION_REQUEST, true, None),
        (ProbeModeV6::Confirm, MessageType::CONFIRM, false, Some("NotOnLink: elsewhere")),
        (ProbeModeV6::Renew, MessageType::RENEW, true, Some("NotOnLink: elsewhere")),
        (ProbeModeV6::Decline, MessageType::DECLINE, true, None),
        (ProbeModeV6::Release, MessageType::RELEASE, true, None),
    ] {
        let plan = ProbePlanV6 { server: Some(SERVER.to_vec()), associations: vec![lease()], keep: true, ..plan() };
        let mut run = Run::new(plan, mode);
        let sent = run.sends();
        assert_eq!((sent.kind, get(&sent, code::SERVERID).is_some()), (kind, names_server), "{mode:?}");
        let mut reply = message(MessageType::REPLY, sent.xid, &SERVER);
        if refusal.is_some() {
            reply = reply.with(status(4, "elsewhere"));
        }
        run.hears(&reply.encode());
        assert!(run.client.is_done(), "{mode:?}");
        assert_eq!(run.client.record().answers[0].refusal.as_deref(), refusal, "{mode:?}");
    }
}

#[test]
fn an_option_that_is_given_takes_the_place_of_the_messages_own() {
    let options = vec![Opt::elapsed(7), Opt::new(code::IA_NA, [9; 3])];
    let mut run = Run::new(ProbePlanV6 { options, ..plan() }, ProbeModeV6::Solicit);
    let solicit = run.sends_whatever();
    assert_eq!(elapsed(&solicit), 7);
    assert_eq!(solicit.options.iter().map(|option| option.code).collect::<Vec<_>>(), [1, 8, 3]);
}

#[test]
fn client_without_duid_accepts_only_reply_without_clientid() {
    let mut run = Run::new(ProbePlanV6 { client: vec![], ..plan() }, ProbeModeV6::InformationRequest);
    let sent = run.sends();
    assert_eq!(get(&sent, code::CLIENTID), None);
    run.hears(&message(MessageType::REPLY, sent.xid, &SERVER).encode());
    assert_eq!(run.rejected(), [(Rejection::OtherClient, 1)]);
    run.hears(&Message::new(MessageType::REPLY, sent.xid).with(Opt::new(code::SERVERID, SERVER)).encode());
    assert!(run.client.is_done());
}

#[test]
fn octets_are_sent_as_they_are_given() {
    let octets = Message::new(MessageType::SOLICIT, 5).with(Opt::new(code::CLIENTID, CLIENT)).encode();
    let plan = ProbePlanV6 { verbatim: Some(octets.clone()), xid: 5, associations: vec![], ..plan() };
    let mut run = Run::new(plan, ProbeModeV6::Other(MessageType::SOLICIT));
    assert_eq!(run.client.poll_transmit(run.now).map(|transmit| transmit.payload), Some(octets));
    run.client.handle_sent(run.now);
    run.hears(&message(MessageType::ADVERTISE, 5, &SERVER).encode());
    assert_eq!(run.client.into_record().answers.len(), 1);
}

#[test]
fn what_cannot_be_sent_ends_the_exchange_with_its_reason() {
    let mut run = Run::new(plan(), ProbeModeV6::Full);
    run.client.poll_transmit(run.now);
    run.client.handle_unsent(run.now, Error::new("send to ff02::1:2", "network is unreachable"));
    assert!(run.client.is_done());
    assert!(run.client.record().unsent.is_some());
    assert_eq!(run.client.record().sent, [], "what did not leave was not sent");
}

#[test]
fn foreign_traffic_takes_no_memory() {
    let mut run = Run::new(plan(), ProbeModeV6::Solicit);
    let xid = run.sends().xid;
    let foreign = message(MessageType::REPLY, xid ^ 2, &SERVER).encode();
    for _ in 0..10_000 {
        run.hears(&foreign);
    }
    assert_eq!(run.rejected(), [(Rejection::OtherTransaction, 10_000)]);
    assert_eq!(run.client.heard.capacity() + run.client.record().answers.capacity(), 0);
}

#[test]
fn one_servers_answer_repeated_is_one_answer() {
    let mut run = Run::new(ProbePlanV6 { until: Until::End, ..plan() }, ProbeModeV6::Solicit);
    let solicit = run.sends();
    let advertise = message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode();
    (0..5).for_each(|_| run.hears(&advertise));
    assert_eq!(run.client.record().answers.iter().map(|answer| answer.copies).collect::<Vec<_>>(), [5]);
    assert_eq!(run.client.heard.len(), 1);
}
