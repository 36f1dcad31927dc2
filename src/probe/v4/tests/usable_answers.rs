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
    ] {
        let mut bench = Bench::new(plan(), Mode::Discover);
        bench.client.handle_datagram(&arrived);
        assert_eq!(bench.record().rejected.each().map(|(reason, ..)| reason).collect::<Vec<_>>(), [reason]);
        assert!(!bench.client.is_done());
    }
    // A checksum that was left to a network card says nothing.
    let mut bench = Bench::new(plan(), Mode::Discover);
    bench.client.handle_datagram(&Datagram { checksum: Checksum::Unknown, ..good });
    assert!(bench.client.is_done());
}

#[test]
fn a_client_with_an_address_puts_fragments_together() {
    let mut template = Message::request(0, &HARDWARE);
    template.ciaddr = ADDRESS;
    let mut bench = Bench::new(Plan::new(template, XID, Schedule::tries(1, at(5.0))), Mode::Request);
    let octets = reply(MessageType::ACK, SERVER).encode();
    bench.client.handle_datagram(&Datagram { in_fragments: true, ..datagram(&octets, SERVER, 1.0) });
    assert_eq!(bench.record().answers[0].remarks[0].rule.name, "fragments");
}

#[test]
fn an_option_that_is_cut_at_the_end_of_the_packet_costs_only_itself() {
    let mut octets = reply(MessageType::OFFER, SERVER).encode_padded(0);
    octets.pop();
    octets.extend([12, 40, b'x']);
    let mut bench = Bench::new(plan(), Mode::Discover);
    bench.client.handle_datagram(&datagram(&octets, SERVER, 1.0));
    assert!(bench.client.is_done());
    assert!(bench.record().answers[0].remarks.iter().all(crate::probe::Remark::is_of_form), "{:?}", bench.record());
}

#[test]
fn of_two_offers_the_usable_one_is_requested() {
    let mut bench = Bench::new(plan(), Mode::Full);
    let mut nothing = reply(MessageType::OFFER, OTHER);
    nothing.yiaddr = Ipv4Addr::UNSPECIFIED;
    bench.hear(0.5, OTHER, &nothing);
    bench.hear(0.7, SERVER, &reply(MessageType::OFFER, SERVER));
    assert_eq!(bench.types(), ["discover", "request"]);
    assert_eq!(bench.last().1.server_id(), Some(SERVER));
}

#[test]
fn an_ack_that_no_client_can_use_is_no_answer_and_its_lease_is_given_back() {
    let mut bench = Bench::new(plan(), Mode::Full);
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
