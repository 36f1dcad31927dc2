//! What a client would use, as a whole exchange goes.

use super::*;

#[test]
fn a_wrong_checksum_is_no_answer_in_dhcpv6_either() {
    for (checksum, reason) in [(Checksum::Bad, Rejection::Checksum), (Checksum::BadLength, Rejection::Length)] {
        let mut run = Run::new(plan(), ProbeModeV6::Solicit);
        let xid = run.sends().xid;
        let octets = message(MessageType::ADVERTISE, xid, &SERVER).with(lease().to_option()).encode();
        run.hears_with(&octets, checksum, "fe80::5");
        assert_eq!(run.rejected(), [(reason, 1)]);
        run.hears(&octets);
        assert!(run.client.is_done());
    }
}

#[test]
fn octets_left_over_reject_the_answer_if_they_begin_an_option() {
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut run = Run::new(plan(), ProbeModeV6::Solicit);
        let xid = run.sends().xid;
        let mut octets = message(MessageType::ADVERTISE, xid, &SERVER).with(lease().to_option()).encode();
        change(&mut octets);
        run.hears(&octets);
        let remarks = run.client.record().answers.first().map(|answer| answer.remarks.len());
        (run.client.is_done(), remarks)
    };
    assert_eq!(with(&|_| {}), (true, Some(0)));
    // The association is the last option: its length, and that of the address in it, are changed with what they hold.
    let grow = |octets: &mut Vec<u8>, levels: usize, more: &[u8]| {
        let (association, length) = (octets.len() - 44, u8::try_from(more.len()).expect("few octets"));
        [3, 19].into_iter().take(levels).for_each(|place| octets[association + place] += length);
        octets.extend(more);
    };
    for levels in 0..=2 {
        for (more, is_lease) in [
            (&[23][..], true),
            (&[0, 23], false),
            (&[0, 23, 0], false),
            (&[0, 23, 0, 5], false),
            // A code of 0 ends the options.
            (&[0, 0], true),
            (&[0, 0, 1], true),
            (&[0, 0, 0, 5], true),
        ] {
            let expected = if is_lease { (true, Some(1)) } else { (false, None) };
            assert_eq!(with(&|octets| grow(octets, levels, more)), expected, "{more:?} in {levels}");
        }
    }
}

#[test]
fn octets_left_over_in_a_vendors_option_do_not_matter() {
    let mut run = Run::new(plan(), ProbeModeV6::Solicit);
    let xid = run.sends().xid;
    let vendor = Opt::new(17, [0, 0, 0, 9, 0, 23, 0]);
    run.hears(&message(MessageType::ADVERTISE, xid, &SERVER).with(vendor).with(lease().to_option()).encode());
    assert!(run.client.is_done(), "{:?}", run.rejected());
}

#[test]
fn an_answer_in_another_vlan_is_none() {
    let mut run = Run::new(plan(), ProbeModeV6::Solicit);
    let xid = run.sends().xid;
    let octets = message(MessageType::ADVERTISE, xid, &SERVER).with(lease().to_option()).encode();
    let datagram = run.datagram(&octets, Checksum::Good, "fe80::5");
    run.client.handle_datagram(&Datagram { is_in_other_vlan: true, vlan: Some(7), ..datagram });
    let words = "1 datagram ignored: in VLAN 7 (IEEE 802.1Q), from fe80::9";
    assert_eq!(run.client.record().came_instead().as_deref(), Some(words));
}

#[test]
fn an_advertise_that_gives_nothing_is_waited_beyond() {
    let mut run = Run::new(plan(), ProbeModeV6::Solicit);
    let xid = run.sends().xid;
    run.hears(&message(MessageType::ADVERTISE, xid, &OTHER).with(status(2, "none left")).encode());
    assert!(!run.client.is_done(), "another server may have an address");
    run.hears(&message(MessageType::ADVERTISE, xid, &SERVER).with(lease().to_option()).encode());
    assert!(run.client.is_done());
    let refusals: Vec<_> = run.client.record().answers.iter().map(|answer| answer.refusal.as_deref()).collect();
    assert_eq!(refusals, [Some("NoAddrsAvail: none left"), None]);
}

#[test]
fn reply_of_another_server_to_a_request_has_a_remark() {
    let mut run = Run::new(plan(), ProbeModeV6::Full);
    let solicit = run.sends();
    run.hears(&advertise(solicit.xid).with(lease().to_option()).encode());
    let request = run.sends();
    run.hears(&message(MessageType::REPLY, request.xid, &OTHER).with(lease().to_option()).encode());
    let answer = run.client.record().final_answer().expect("an answer");
    assert_eq!((answer.kind, answer.remarks[0].rule.name), (AnswerKind::Reply, "other-server"));
}

#[test]
fn reply_that_clients_discard_is_rejected_and_released() {
    let mut run = Run::new(plan(), ProbeModeV6::Full);
    let solicit = run.sends();
    run.hears(&advertise(solicit.xid).with(lease().to_option()).encode());
    let request = run.sends();
    let odd = Association { t1: 3000, t2: 1000, ..lease() };
    run.hears(&message(MessageType::REPLY, request.xid, &SERVER).with(odd.to_option()).encode());
    assert_eq!(run.rejected(), [(Rejection::Lifetimes, 1)]);
    run.client.handle_interrupt(run.now);
    assert_releases(&mut run, &SERVER, "2001:db8::64");
}

#[test]
fn what_is_sent_to_a_group_is_no_answer_and_is_given_back() {
    let (mut run, request) = requesting();
    let reply = message(MessageType::REPLY, request.xid, &SERVER).with(lease().to_option()).encode();
    run.hears_with(&reply, Checksum::Good, "ff02::1");
    assert_eq!(run.rejected(), [(Rejection::Multicast, 1)]);
    run.client.handle_interrupt(run.now);
    assert_releases(&mut run, &SERVER, "2001:db8::64");
}

#[test]
fn icmp_is_kept_where_it_is_of_what_was_sent() {
    let server = "[2001:db8::9]:547".parse().expect("an address");
    let mut run = Run::new(ProbePlanV6 { to: server, ..plan() }, ProbeModeV6::Solicit);
    run.sends();
    let about = |destination: &str| Unreachable {
        link: 0,
        destination: destination.parse().expect("an address"),
        from: Some(server.ip().to_owned().into()),
        what: "port unreachable",
    };
    run.client.handle_unreachable(&about("[2001:db8::8]:547"));
    assert_eq!(run.client.record().came_instead(), None);
    run.client.handle_unreachable(&about("[2001:db8::9]:547"));
    assert!(!run.client.is_done(), "a server may read frames, and have no port");
    assert_eq!(run.client.record().came_instead().as_deref(), Some("ICMP port unreachable from 2001:db8::9"));
}

#[test]
fn a_prefix_alone_is_enough_where_no_more_is_needed() {
    let no_address = Opt::new(code::IA_NA, [&[0, 0, 0, 1][..], &[0; 8], &[0, 13, 0, 2, 0, 2]].concat());
    let prefixes = Association::new(AssociationKind::Prefixes, 1);
    let given = Association { items: vec![item("2001:db8:100::", 56, 600)], ..prefixes.clone() };
    for (needs, refusal, remarks) in [(Some(AssociationKind::Prefixes), None, 1), (None, Some("NoAddrsAvail"), 0)] {
        let associations = vec![Association::new(AssociationKind::Addresses, 1), prefixes.clone()];
        let mut run = Run::new(ProbePlanV6 { associations, needs, ..plan() }, ProbeModeV6::Solicit);
        let xid = run.sends().xid;
        let advertise = message(MessageType::ADVERTISE, xid, &SERVER).with(no_address.clone());
        run.hears(&advertise.with(given.to_option()).encode());
        let answer = &run.client.record().answers[0];
        assert_eq!((answer.refusal.as_deref(), answer.remarks.len()), (refusal, remarks), "{needs:?}");
    }
}
