//! What a client would use, as a whole exchange goes.

use super::*;

#[test]
fn what_did_not_arrive_as_it_was_sent_is_no_answer() {
    let octets = reply(MessageType::OFFER, SERVER).encode();
    let good = datagram(&octets, SERVER, 1.0);
    for (arrived, reason) in [
        (Datagram { checksum: Checksum::Bad, ..good }, Rejection::Checksum),
        (Datagram { checksum: Checksum::BadLength, ..good }, Rejection::Length),
        (Datagram { in_fragments: true, ..good }, Rejection::Fragments),
        (Datagram { is_for_other_host: true, ..good }, Rejection::OtherHost),
        (Datagram { is_in_other_vlan: true, ..good }, Rejection::OtherVlan),
    ] {
        let mut bench = Bench::new(plan(), ProbeModeV4::Discover);
        bench.client.handle_datagram(&arrived);
        assert_eq!(bench.record().rejected.each().map(|(reason, ..)| reason).collect::<Vec<_>>(), [reason]);
        assert!(!bench.client.is_done());
    }
    // A checksum that was left to a network card says nothing.
    let mut bench = Bench::new(plan(), ProbeModeV4::Discover);
    bench.client.handle_datagram(&Datagram { checksum: Checksum::Unknown, ..good });
    assert!(bench.client.is_done());
}

#[test]
fn an_answer_in_another_vlan_is_named_with_it() {
    let octets = reply(MessageType::OFFER, SERVER).encode();
    for (vlan, words) in [(Some(7), "in VLAN 7"), (Some(0), "in no VLAN"), (None, "in no VLAN")] {
        let mut bench = Bench::new(plan(), ProbeModeV4::Discover);
        let arrived = Datagram { is_in_other_vlan: true, vlan, ..datagram(&octets, SERVER, 1.0) };
        bench.client.handle_datagram(&arrived);
        let expected = format!("1 datagram ignored: {words} (IEEE 802.1Q), from {SERVER}");
        assert_eq!(bench.record().came_instead(), Some(expected));
    }
}

#[test]
fn a_client_with_an_address_puts_fragments_together() {
    let mut template = Message::request(0, &HARDWARE);
    template.ciaddr = ADDRESS;
    let mut bench = Bench::new(ProbePlanV4::new(template, XID, Schedule::tries(1, at(5.0))), ProbeModeV4::Request);
    let octets = reply(MessageType::ACK, SERVER).encode();
    bench.client.handle_datagram(&Datagram { in_fragments: true, ..datagram(&octets, SERVER, 1.0) });
    assert_eq!(bench.record().answers[0].remarks[0].rule.name, "fragments");
}

#[test]
fn option_truncated_at_the_packet_end_loses_only_itself() {
    let mut octets = reply(MessageType::OFFER, SERVER).encode_padded(0);
    octets.pop();
    octets.extend([12, 40, b'x']);
    let mut bench = Bench::new(plan(), ProbeModeV4::Discover);
    bench.client.handle_datagram(&datagram(&octets, SERVER, 1.0));
    assert!(bench.client.is_done());
    assert!(bench.record().answers[0].remarks.iter().all(crate::probe::Remark::is_of_form), "{:?}", bench.record());
}

#[test]
fn of_two_offers_the_usable_one_is_requested() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    let mut nothing = reply(MessageType::OFFER, OTHER);
    nothing.yiaddr = Ipv4Addr::UNSPECIFIED;
    bench.hear(0.5, OTHER, &nothing);
    bench.hear(0.7, SERVER, &reply(MessageType::OFFER, SERVER));
    assert_eq!(bench.types(), ["discover", "request"]);
    assert_eq!(bench.last().1.server_id(), Some(SERVER));
}

#[test]
fn unusable_ack_is_rejected_and_its_lease_is_released() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    bench.hear(0.5, SERVER, &reply(MessageType::OFFER, SERVER));
    let mut ack = reply(MessageType::ACK, SERVER);
    ack.options.retain(|(code, _)| *code != option::LEASE_TIME);
    bench.hear(0.7, SERVER, &ack);
    bench.wait();
    assert_eq!(bench.types(), ["discover", "request", "release"]);
    assert_eq!(bench.record().answers.len(), 1, "the OFFER");
    let words = bench.record().rejected.to_string();
    let expected = "1 datagram ignored: ACK without lease time (RFC 2131 section 4.3.1, table 3), from 192.0.2.1";
    assert_eq!(words, expected);
}

/// A message that is sent as it is typed.
fn typed(message_type: MessageType) -> Bench {
    let template = Message::of_type(message_type, 0, &HARDWARE);
    Bench::new(ProbePlanV4 { template, until: Until::End, ..plan() }, ProbeModeV4::Other)
}

#[test]
fn typed_discover_is_answered_only_by_an_offer() {
    let mut bench = typed(MessageType::DISCOVER);
    let mut without_type = reply(MessageType::OFFER, OTHER);
    without_type.options.retain(|(code, _)| *code != option::MESSAGE_TYPE);
    let wrong = [MessageType::ACK, MessageType::NAK, MessageType(9)].map(|kind| reply(kind, OTHER));
    for message in wrong.iter().chain([&without_type]) {
        bench.hear(0.1, OTHER, message);
    }
    bench.hear(0.2, SERVER, &reply(MessageType::OFFER, SERVER));
    let kinds: Vec<_> = bench.record().answers.iter().map(|answer| answer.kind).collect();
    assert_eq!(kinds, [AnswerKind::Offer]);
}

#[test]
fn typed_request_accepts_ack_and_nak_and_inform_an_ack() {
    for (message_type, expected) in
        [(MessageType::REQUEST, &[AnswerKind::Ack, AnswerKind::Nak][..]), (MessageType::INFORM, &[AnswerKind::Ack])]
    {
        let mut bench = typed(message_type);
        for kind in [MessageType::OFFER, MessageType::ACK, MessageType::NAK] {
            bench.hear(0.1, SERVER, &reply(kind, SERVER));
        }
        let kinds: Vec<_> = bench.record().answers.iter().map(|answer| answer.kind).collect();
        assert_eq!(kinds, expected);
    }
}

#[test]
fn nak_of_another_server_through_the_same_relay_is_ignored() {
    let relay = Ipv4Addr::new(192, 0, 2, 254);
    let mut bench = Bench::new(plan(), ProbeModeV4::Full);
    bench.hear(0.1, relay, &reply(MessageType::OFFER, SERVER));
    bench.hear(0.2, relay, &reply(MessageType::NAK, OTHER));
    bench.hear(0.3, relay, &reply(MessageType::ACK, SERVER));
    assert_eq!(bench.record().final_answer().unwrap().kind, AnswerKind::Ack);
    bench.expect_release(SERVER);
}

#[test]
fn a_relay_does_not_hear_its_own_broadcast() {
    let mut plan = plan();
    plan.template.giaddr = Ipv4Addr::new(192, 0, 2, 20);
    let mut bench = Bench::new(plan, ProbeModeV4::Discover);
    let own = bench.last().1;
    let payload = bench.sent[0].1.payload.clone();
    bench.client.handle_datagram(&datagram(&payload, own.giaddr().unwrap(), 0.1));
    assert_eq!(bench.record().rejected.total(), 0);
    let mut of_another = payload;
    of_another[27] = 21;
    bench.client.handle_datagram(&datagram(&of_another, own.giaddr().unwrap(), 0.2));
    assert_eq!(bench.record().rejected.total(), 1);
}
