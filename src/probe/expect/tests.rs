use std::net::Ipv4Addr;
use std::time::Duration;

use super::Expectation;
use crate::dhcp::v4::{BOOTREPLY, Message, MessageType, table::OPTIONS};
use crate::probe::{Answer, Identity, Kind, Leased};

fn answer() -> Answer {
    let mut message = Message::of_type(MessageType::OFFER, 1, &[2, 0, 0, 0, 0, 1])
        .with(6, [192, 0, 2, 53, 192, 0, 2, 54])
        .with(15, *b"example.test")
        .with(3, [192, 0, 2, 1])
        .with(58, 1800u32.to_be_bytes())
        .with(224, *b"\x00\xff");
    message.op = BOOTREPLY;
    message.siaddr = Ipv4Addr::new(192, 0, 2, 7);
    Answer {
        kind: Kind::Offer,
        phase: 0,
        server: Some(Identity::Address(Ipv4Addr::new(192, 0, 2, 1).into())),
        source: (Ipv4Addr::new(192, 0, 2, 2), 67).into(),
        mac: None,
        vlan: None,
        link: 0,
        relay: None,
        at: Duration::ZERO,
        rtt: Duration::from_micros(1500),
        try_number: 1,
        checksum: crate::packet::Checksum::Good,
        copies: 1,
        addresses: vec![Leased { address: Ipv4Addr::new(192, 0, 2, 100).into(), prefix: 32, lifetime: Some(3600) }],
        refusal: None,
        octets: message.encode(),
    }
}

#[track_caller]
fn check(text: &str) -> Result<(), String> {
    Expectation::parse(&OPTIONS, text).unwrap().check(&[&answer()])
}

#[test]
fn what_is_so_holds() {
    for text in [
        "option:6 contains 192.0.2.54",
        "option:6 = 192.0.2.53, 192.0.2.54",
        "option:domain-name-servers in 192.0.2.0/24",
        "option:15 contains example",
        "option:domain-name=example.test",
        "option:domain-name != example.org",
        "option:12 absent",
        "option:12 != x",
        "option:routers present",
        "option:58 >= 1800",
        "yiaddr in 198.51.100.0/24, 192.0.2.0/25",
        "address = 192.0.2.100",
        "server = 192.0.2.1",
        "source=192.0.2.2",
        "type = OFFER",
        "lease-time >= 600",
        "lease-time < 7200",
        "rtt < 2",
        "siaddr = 192.0.2.7",
        "giaddr absent",
        "offers = 1",
        "naks = 0",
        "answers > 0",
    ] {
        assert_eq!(check(text), Ok(()), "{text}");
    }
}

#[test]
fn what_is_not_so_is_told_with_what_was_there() {
    for (text, there) in [
        ("option:6 contains 192.0.2.55", "for 192.0.2.1: it is 192.0.2.53, 192.0.2.54"),
        ("option:6 = 192.0.2.53", "for 192.0.2.1: it is 192.0.2.53, 192.0.2.54"),
        ("option:12 = x", "for 192.0.2.1: it is not there"),
        ("option:6 in 192.0.2.53", "for 192.0.2.1: it is 192.0.2.53, 192.0.2.54"),
        ("yiaddr in 198.51.100.0/24", "for 192.0.2.1: it is 192.0.2.100"),
        ("type = ack", "for 192.0.2.1: it is offer"),
        ("lease-time >= 7200", "for 192.0.2.1: it is 3600"),
        ("offers = 2", ": there are 1"),
    ] {
        let error = check(text).unwrap_err();
        let joint = if there.starts_with(':') { "" } else { " " };
        assert_eq!(error, format!("\"{text}\" does not hold{joint}{there}"));
    }
}

#[test]
fn without_an_answer_only_numbers_can_hold() {
    let expectation = |text| Expectation::parse(&OPTIONS, text).unwrap();
    assert!(expectation("offers = 0").check(&[]).is_ok());
    assert!(expectation("option:12 absent").check(&[]).is_err());
}

#[test]
fn a_mistake_is_found_before_anything_is_sent() {
    for (text, part) in [
        ("option:6", "is no expectation"),
        ("colour = red", "is nothing an answer has"),
        ("option:rooters = 192.0.2.1", "did you mean \"routers\""),
        ("option:6 = banana", "192.0.2"),
        ("lease-time >= much", "is no number"),
        ("yiaddr in everywhere", "expected a network"),
    ] {
        let error = Expectation::parse(&OPTIONS, text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn an_option_by_name_may_be_wanted_with_a_value_or_with_any() {
    let holds = |text| Expectation::of_option(&OPTIONS, text).unwrap().check_one(&answer()).is_ok();
    assert!(holds("routers=192.0.2.1") && holds("routers") && holds("3 = 192.0.2.1"));
    assert!(!holds("routers=192.0.2.2") && !holds("host-name"));
}
