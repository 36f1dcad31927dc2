use std::net::Ipv4Addr;
use std::time::Duration;

use super::Expectation;
use crate::dhcp::v4::{BOOTREPLY, Message, MessageType, table::OPTIONS};
use crate::family::Family;
use crate::probe::{AnswerKind, Identity, Leased, ProbeAnswer};

fn answer() -> ProbeAnswer {
    let mut message = Message::of_type(MessageType::OFFER, 1, &[2, 0, 0, 0, 0, 1])
        .with(6, [192, 0, 2, 53, 192, 0, 2, 54])
        .with(15, *b"example.test")
        .with(3, [192, 0, 2, 1])
        .with(58, 1800u32.to_be_bytes())
        .with(67, *b"pxe.0\0")
        .with(119, *b"\x03eng\x05apple\x03com\x00\x09marketing\xc0\x04")
        .with(82, *b"\x01\x05port1")
        .with(224, *b"\x00\xff");
    message.op = BOOTREPLY;
    message.siaddr = Ipv4Addr::new(192, 0, 2, 7);
    ProbeAnswer {
        kind: AnswerKind::Offer,
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
        checksum: crate::wire::Checksum::Good,
        copies: 1,
        addresses: vec![Leased { address: Ipv4Addr::new(192, 0, 2, 100).into(), prefix: 32, lifetime: Some(3600) }],
        refusal: None,
        remarks: Vec::new(),
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
        "option:67 = pxe.0",
        "option:67 contains pxe",
        "bootfile-name = pxe.0",
        "option:119 = eng.apple.com, marketing.apple.com",
        "domain-search contains marketing.apple.com",
        "option:82 = circuit-id=port1",
        "option:82 contains circuit-id=port1",
        "option:224 contains ff",
        "Router Option = 192.0.2.1",
        "3 contains 192.0.2.1",
        "dhcp-renewal-time > 1799",
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
        "giaddr = 0.0.0.0",
        "giaddr != 192.0.2.7",
        "siaddr present",
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
        ("option:3 contains 192.0.2.10", "for 192.0.2.1: it is 192.0.2.1"),
        ("yiaddr contains 192.0.2.1", "for 192.0.2.1: it is 192.0.2.100"),
        ("option:67 = PXE.0", "for 192.0.2.1: it is pxe.0"),
        ("option:82 contains circuit-id=port10", "for 192.0.2.1: it is agentCircuitID=port1"),
        ("option:6 = 192.0.2.53", "for 192.0.2.1: it is 192.0.2.53, 192.0.2.54"),
        ("option:12 = x", "for 192.0.2.1: it is not there"),
        ("option:6 in 192.0.2.53", "for 192.0.2.1: it is 192.0.2.53, 192.0.2.54"),
        ("yiaddr in 198.51.100.0/24", "for 192.0.2.1: it is 192.0.2.100"),
        ("type = ack", "for 192.0.2.1: it is offer"),
        ("lease-time >= 7200", "for 192.0.2.1: it is 3600"),
        ("giaddr present", "for 192.0.2.1: it is 0.0.0.0"),
        ("giaddr = 192.0.2.7", "for 192.0.2.1: it is 0.0.0.0"),
        ("giaddr in 0.0.0.0/0", "for 192.0.2.1: it is 0.0.0.0"),
        ("sname present", "for 192.0.2.1: it is empty"),
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
fn what_is_said_of_an_error_status_is_about_a_refusal() {
    let allows = |text| Expectation::parse(&crate::dhcp::v6::table::OPTIONS, text).unwrap().allows_refusal(Family::V6);
    for text in ["status-code contains NoAddrsAvail", "option:13 present", "ia-na contains NoAddrsAvail", "replies = 0"]
    {
        assert!(allows(text), "{text}");
    }
    for text in
        ["type = reply", "option:13 absent", "ia-na present", "replies = 1", "answers >= 0", "option:56 present"]
    {
        assert!(!allows(text), "{text}");
    }
}

#[test]
fn a_mistake_is_found_before_anything_is_sent() {
    for (text, part) in [
        ("option:6", "expected a name, an operator and a value"),
        ("colour = red", "is nothing an answer has"),
        ("option:rooters = 192.0.2.1", "did you mean \"routers\""),
        ("option:6 = banana", "192.0.2"),
        ("lease-time >= much", "is no number"),
        ("yiaddr in everywhere", "expected a network"),
        ("server != 192.0.2,1", "\"192.0.2,1\" is no IPv4 address such as 192.0.2.1"),
        ("offers = two", "\"two\" is no number such as 2"),
        ("offers contains 2", "compare it with = or >="),
        ("offers present", "compare it with = or >="),
        ("type = ofer", "is no message type such as offer, ack, nak, leaseactive, bootp"),
        ("type in 192.0.2.0/24", "only addresses are in networks"),
        ("yiaddr = 2001:db8::64", "an IPv4 address such as 192.0.2.1"),
        ("yiaddr in 2001:db8::/64", "such as 192.0.2.0/24"),
        ("mac = 02:00", "such as 02:00:5e:00:53:01"),
        ("server >= 3", "must be a number"),
        ("option:12 >= 3", "must be a number"),
        ("option:6 contains banana", "is not a list of values, each an IPv4 address"),
        ("option:15 contains \"\"", "nothing is given"),
        ("option:12 present always", "nothing may follow \"present\""),
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

#[test]
fn every_type_of_message_can_be_named() {
    let holds = |text: &str, kind: AnswerKind| {
        let answer = ProbeAnswer { kind, ..answer() };
        Expectation::parse(&OPTIONS, text).unwrap().check_one(&answer).is_ok()
    };
    for (text, kind) in [
        ("type = offer", AnswerKind::Offer),
        ("type = DHCPACK", AnswerKind::Ack),
        ("type = leaseactive", AnswerKind::Other(13)),
        ("type = 13", AnswerKind::Other(13)),
        ("type = 99", AnswerKind::Other(99)),
        ("type = bootp", AnswerKind::Bootp),
    ] {
        assert!(holds(text, kind), "{text}");
        assert!(!holds(text, AnswerKind::Nak), "{text}");
    }
}

#[test]
fn dhcpv6_has_values_of_its_own() {
    let duid = vec![0, 3, 0, 1, 2, 0, 0x5e, 0, 0x53, 1];
    let address = Leased { address: "2001:db8::64".parse().unwrap(), prefix: 128, lifetime: Some(60) };
    let prefix = Leased { address: "2001:db8:100::".parse().unwrap(), prefix: 56, lifetime: Some(90) };
    let advertise = ProbeAnswer {
        kind: AnswerKind::Advertise,
        server: Some(Identity::Duid(duid)),
        source: ("fe80::1".parse::<std::net::Ipv6Addr>().unwrap(), 547).into(),
        addresses: vec![address, prefix],
        // IA_NA with the domains a.b and c.b, compressed against RFC 8415, section 10, as some servers do.
        octets: [
            &[2, 0, 0, 1, 0, 3, 0, 25, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24, 0, 9][..],
            b"\x01a\x01b\x00\x01c\xc0\x02",
        ]
        .concat(),
        ..answer()
    };
    let expectation = |text| Expectation::parse(&crate::dhcp::v6::table::OPTIONS, text);
    for text in [
        "ia-na = iaid=1, t1=0, t2=0, options={domain-search=[a.b, c.b]}",
        "server = ll:02:00:5e:00:53:01",
        "server = 00:03:00:01:02:00:5e:00:53:01",
        "source = FE80:0::1",
        "address contains 2001:db8:0:0::64",
        "address contains 2001:db8:100::/56",
        "address = 2001:db8::64, 2001:db8:100::/56",
        "type = advertise",
        "lifetime = 60",
        "offers = 1",
        "dns-servers absent",
    ] {
        assert_eq!(expectation(text).unwrap().check(&[&advertise]), Ok(()), "{text}");
    }
    for text in ["server = 192.0.2.1", "address = 192.0.2.1", "type = offer", "source = 192.0.2.1"] {
        assert!(expectation(text).is_err(), "{text}");
    }
}
