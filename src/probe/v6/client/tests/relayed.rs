//! Answers to relay agents.

use std::net::Ipv6Addr;

use super::*;
use crate::dhcp::v6::Relay;

fn envelope(link: &str, interface: Option<&[u8]>) -> Relay {
    let options = interface.map(|octets| Opt::new(code::INTERFACE_ID, octets)).into_iter().collect();
    let [link, peer] = [link, "fe80::5"].map(|address| address.parse().expect("an address"));
    Relay { kind: MessageType::RELAY_FORW, hops: 0, link, peer, options }
}

/// What is said of an answer in these envelopes, to a Solicit in those that are in `sent`; the innermost first.
fn said(sent: &[Relay], came: &[Relay]) -> Option<String> {
    let mut run = Run::new(ProbePlanV6 { relays: sent.to_vec(), ..plan() }, ProbeModeV6::Solicit);
    let xid = run.sends().xid;
    let advertise = message(MessageType::ADVERTISE, xid, &SERVER).with(lease().to_option()).encode();
    let back = |relay: &Relay| Relay { kind: MessageType::RELAY_REPL, ..relay.clone() };
    run.hears(&came.iter().fold(advertise, |inside, relay| back(relay).encode(&inside)));
    assert_eq!(run.client.is_done(), run.client.record().came_instead().is_none());
    run.client.record().came_instead()
}

#[test]
fn a_relay_agents_answer_is_taken_out_of_its_envelope() {
    let sent = envelope("2001:db8::1", Some(b"eth7"));
    let mut run = Run::new(ProbePlanV6 { relays: vec![sent.clone()], ..plan() }, ProbeModeV6::Solicit);
    let solicit = run.sends();
    let advertise = message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode();
    run.hears(&advertise);
    assert_eq!(run.rejected(), [(Rejection::OtherType, 1)], "it is not for a relay agent");
    run.hears(&Relay { kind: MessageType::RELAY_REPL, ..sent }.encode(&advertise));
    assert_eq!(run.client.record().answers[0].relay, Some("2001:db8::1".parse().expect("an address")));
}

#[test]
fn what_a_relay_agent_would_not_deliver_is_no_answer() {
    let sent = || envelope("2001:db8::1", Some(b"eth7"));
    let other: Ipv6Addr = "2001:db8::2".parse().expect("an address");
    let words = |what: &str| {
        Some(format!("1 datagram ignored: {what} (RFC 1542 section 4.1.2, RFC 8415 section 19.2), from fe80::9"))
    };
    for (came, expected) in [
        (vec![sent()], None),
        (vec![envelope("2001:db8::1", None)], None),
        (vec![Relay { peer: other, ..sent() }], words("for the peer 2001:db8::2, not for fe80::5")),
        (vec![Relay { link: other, ..sent() }], words("for the link 2001:db8::2, not for 2001:db8::1")),
        (vec![envelope("2001:db8::1", Some(b"eth8"))], words("for another interface of the relay agent, option 18")),
        (vec![sent(), sent()], words("through 2 relay agents, not 1")),
    ] {
        assert_eq!(said(&[sent()], &came), expected, "{came:?}");
    }
}

#[test]
fn each_of_several_relay_agents_finds_its_own_envelope() {
    let (inner, outer) = (envelope("2001:db8::1", Some(b"eth7")), envelope("::", Some(b"eth1")));
    let sent = [inner.clone(), outer.clone()];
    assert_eq!(said(&sent, &sent), None);
    for came in [vec![outer.clone(), inner.clone()], vec![inner.clone()], vec![inner, envelope("::", None)]] {
        assert!(said(&sent, &came).is_some(), "nothing says which interface it is: {came:?}");
    }
}
