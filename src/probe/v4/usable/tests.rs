use std::net::SocketAddr;
use std::time::Duration;

use super::*;
use crate::dhcp::v4::BOOTREPLY;
use crate::wire::Checksum;

const HARDWARE: [u8; 6] = [2, 0, 0x5e, 0, 0x53, 1];
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);

fn good(kind: MessageType) -> Message {
    let mut message = Message::of_type(kind, 1, &HARDWARE)
        .with(option::SERVER_ID, SERVER.octets())
        .with(option::LEASE_TIME, 3600_u32.to_be_bytes())
        .with(option::SUBNET_MASK, [255, 255, 255, 0]);
    (message.op, message.yiaddr) = (BOOTREPLY, Ipv4Addr::new(192, 0, 2, 90));
    message
}

/// What is said of an answer to `request`.
fn judge(request: &Message, answer: &Message) -> Result<Vec<String>, Discard> {
    let payload = answer.encode();
    let datagram = Datagram {
        link: 0,
        at: Duration::ZERO,
        source: SocketAddr::from((SERVER, 67)),
        destination: None,
        mac: None,
        vlan: None,
        interface: 1,
        checksum: Checksum::Good,
        in_fragments: false,
        is_for_other_host: false,
        is_in_other_vlan: false,
        frame: None,
        payload: &payload,
    };
    let packet = Packet::parse(&payload);
    let kind = match packet.message_type() {
        Some(MessageType::OFFER) => AnswerKind::Offer,
        Some(MessageType::NAK) => AnswerKind::Nak,
        None => AnswerKind::Bootp,
        _ => AnswerKind::Ack,
    };
    check(request, kind, &packet, &datagram)?;
    Ok(Remarks::about(request, kind, &packet, &datagram).iter().map(ToString::to_string).collect())
}

fn discover() -> Message {
    Message::of_type(MessageType::DISCOVER, 1, &HARDWARE)
}

fn offer(change: impl Fn(&mut Message)) -> Result<Vec<String>, Discard> {
    let mut message = good(MessageType::OFFER);
    change(&mut message);
    judge(&discover(), &message)
}

/// The answer to a REQUEST for 192.0.2.90 of the server 192.0.2.9.
fn ack(change: impl Fn(&mut Message)) -> Result<Vec<String>, Discard> {
    let mut message = good(MessageType::ACK);
    change(&mut message);
    let request = Message::of_type(MessageType::REQUEST, 1, &HARDWARE)
        .with(option::REQUESTED_ADDRESS, [192, 0, 2, 90])
        .with(option::SERVER_ID, SERVER.octets());
    judge(&request, &message)
}

fn without(message: &mut Message, code: u8) {
    message.options.retain(|(known, _)| *known != code);
}

#[track_caller]
fn expect_discarded(judged: &Result<Vec<String>, Discard>, reason: Rejection, found: &str) {
    assert_eq!(*judged, Err(Discard::because(reason, found)));
}

#[test]
fn a_good_answer_gives_no_cause_for_remarks() {
    assert_eq!(offer(|_| {}), Ok(vec![]));
    assert_eq!(ack(|_| {}), Ok(vec![]));
}

#[test]
fn addresses_that_no_client_can_use_are_no_offer() {
    for (address, why) in [
        ("0.0.0.0", "which is no address"),
        ("255.255.255.255", "the broadcast address"),
        ("224.0.0.1", "a multicast address"),
        ("127.0.0.1", "a loopback address"),
        ("192.0.2.9", "the server's own address"),
        ("192.0.2.255", "the broadcast address of its network (option 1)"),
    ] {
        let change = |message: &mut Message| message.yiaddr = address.parse().unwrap();
        expect_discarded(&offer(change), Rejection::Address, &format!("OFFER of {address}, {why}"));
        expect_discarded(&ack(change), Rejection::Address, &format!("ACK of {address}, {why}"));
    }
}

#[test]
fn the_mask_decides_what_the_broadcast_address_is() {
    let with_mask = |mask: [u8; 4], last: u8| {
        offer(move |message| {
            message.set(option::SUBNET_MASK, mask);
            message.yiaddr = Ipv4Addr::new(192, 0, 2, last);
        })
    };
    assert!(with_mask([255, 255, 255, 192], 63).is_err() && with_mask([255, 255, 255, 192], 62).is_ok());
    for mask in [[255, 255, 255, 254], [255, 255, 255, 255], [255, 0, 255, 0], [0; 4]] {
        assert!(with_mask(mask, 255).is_ok(), "{mask:?}");
    }
    assert!(offer(|message| without(message, option::SUBNET_MASK)).is_ok());
}

#[test]
fn reserved_addresses_that_systems_take_are_remarked_on() {
    for (address, network) in [
        ("0.1.2.3", "0.0.0.0/8"),
        ("240.1.2.3", "240.0.0.0/4, which few systems take"),
        ("169.254.1.2", "169.254.0.0/16, which hosts give to themselves"),
    ] {
        let remarks = offer(|message| message.yiaddr = address.parse().unwrap()).unwrap();
        assert!(remarks[0].starts_with(&format!("OFFER of {address}, which is in {network}")), "{remarks:?}");
    }
    let remarks = offer(|message| message.yiaddr = Ipv4Addr::new(192, 0, 2, 0)).unwrap();
    assert!(remarks[0].contains("the first address of its network"), "{remarks:?}");
}

#[test]
fn a_lease_time_is_needed_in_an_ack_and_missed_in_an_offer() {
    let remarks = offer(|message| without(message, option::LEASE_TIME)).unwrap();
    assert_eq!(remarks, ["OFFER without lease time (RFC 2131 section 4.3.1, table 3: MUST)"]);
    let remarks = offer(|message| message.set(option::LEASE_TIME, [0; 4])).unwrap();
    assert!(remarks[0].starts_with("OFFER with a lease time of 0 ("), "{remarks:?}");
    let no_time = "ACK without lease time";
    expect_discarded(&ack(|message| without(message, option::LEASE_TIME)), Rejection::LeaseTime, no_time);
    expect_discarded(&ack(|message| message.set(option::LEASE_TIME, [0, 14, 16])), Rejection::LeaseTime, no_time);
    let zero = "ACK with a lease time of 0";
    expect_discarded(&ack(|message| message.set(option::LEASE_TIME, [0; 4])), Rejection::LeaseTime, zero);
    // Clients read the first four octets.
    let remarks = ack(|message| message.set(option::LEASE_TIME, [0, 0, 14, 16, 0, 0, 14, 16])).unwrap();
    assert!(remarks.len() == 1 && remarks[0].contains("option 51"), "{remarks:?}");
}

#[test]
fn an_ack_to_an_inform_gives_no_address_and_no_time() {
    let inform = Message::of_type(MessageType::INFORM, 1, &HARDWARE);
    let mut message = good(MessageType::ACK);
    message.yiaddr = Ipv4Addr::UNSPECIFIED;
    without(&mut message, option::LEASE_TIME);
    assert_eq!(judge(&inform, &message), Ok(vec![]));
}

#[test]
fn a_boot_server_offers_no_address_to_those_it_boots() {
    let mut message = good(MessageType::OFFER).with(option::VENDOR_CLASS, *b"PXEClient");
    message.yiaddr = Ipv4Addr::UNSPECIFIED;
    let pxe = discover().with(option::VENDOR_CLASS, *b"PXEClient:Arch:00000");
    assert!(judge(&pxe, &message).is_ok());
    assert!(judge(&discover(), &message).is_err());
}

#[test]
fn the_client_identifier_is_compared_with_that_which_was_sent() {
    let foreign = |message: &mut Message| message.set(option::CLIENT_ID, [1, 2, 0, 0, 0, 0, 9]);
    let found = "client identifier of another client, 01020000000009";
    expect_discarded(&offer(foreign), Rejection::OtherClientId, found);
    expect_discarded(&ack(foreign), Rejection::OtherClientId, found);
    assert!(offer(|message| message.set(option::CLIENT_ID, [])).is_err());
    // The hardware address is the identifier of a client that sends none.
    let own = [&[1], &HARDWARE[..]].concat();
    assert_eq!(offer(|message| message.set(option::CLIENT_ID, own.clone())), Ok(vec![]));
    let named = discover().with(option::CLIENT_ID, *b"\0me");
    let answer = |id: &[u8]| good(MessageType::OFFER).with(option::CLIENT_ID, id);
    assert_eq!(judge(&named, &answer(b"\0me")), Ok(vec![]));
    assert!(judge(&named, &answer(b"\0you")).is_err());
    assert_eq!(judge(&named, &good(MessageType::OFFER)), Ok(vec![]), "older servers leave it out");
}

#[test]
fn a_server_identifier_that_is_none_is_remarked_on() {
    let remarks = offer(|message| without(message, option::SERVER_ID)).unwrap();
    assert!(remarks[0].starts_with("OFFER without server identifier ("), "{remarks:?}");
    for (address, why) in [([0; 4], "which is no address"), ([224, 0, 0, 1], "a multicast address")] {
        let remarks = ack(|message| message.set(option::SERVER_ID, address)).unwrap();
        assert!(remarks[0].contains("ACK with the server identifier") && remarks[0].contains(why), "{remarks:?}");
    }
}

#[test]
fn an_ack_of_something_else_is_remarked_on() {
    let remarks = ack(|message| message.yiaddr = Ipv4Addr::new(192, 0, 2, 91)).unwrap();
    assert!(remarks[0].starts_with("ACK of 192.0.2.91, asked was for 192.0.2.90"), "{remarks:?}");
    let remarks = ack(|message| message.set(option::SERVER_ID, [192, 0, 2, 10])).unwrap();
    assert!(remarks[0].starts_with("ACK of 192.0.2.10, asked was 192.0.2.9"), "{remarks:?}");
}

#[test]
fn times_out_of_order_are_remarked_on() {
    let with = |t1: u32, t2: u32| {
        ack(move |message| {
            message.set(option::RENEWAL_TIME, t1.to_be_bytes());
            message.set(option::REBINDING_TIME, t2.to_be_bytes());
        })
    };
    assert_eq!(with(1800, 3150), Ok(vec![]));
    for (t1, t2) in [(3000, 1000), (1000, 1000), (1800, 7200), (7200, 8000)] {
        let remarks = with(t1, t2).unwrap();
        assert!(remarks[0].starts_with(&format!("ACK with T1 {t1} s, T2 {t2} s, lease time 3600 s")), "{remarks:?}");
    }
}

#[test]
fn packet_over_the_maximum_message_size_has_a_remark() {
    let long = |message: &mut Message| message.set(224, [7; 255].repeat(2));
    let remarks = offer(long).unwrap();
    assert!(remarks[0].contains("more than some clients take (RFC 2132 section 9.10)"), "{remarks:?}");
    let mut answer = good(MessageType::OFFER);
    long(&mut answer);
    let takes_more = discover().with(option::MAX_MESSAGE_SIZE, 1500_u16.to_be_bytes());
    assert!(judge(&takes_more, &answer).unwrap().is_empty());
}

#[test]
fn a_bootp_reply_gives_an_address_to_a_client_that_has_none() {
    let bootp = |own: Ipv4Addr, given: Ipv4Addr| {
        let mut request = Message::request(1, &HARDWARE);
        request.ciaddr = own;
        let mut answer = good(MessageType::OFFER);
        answer.options.clear();
        answer.yiaddr = given;
        judge(&request, &answer)
    };
    let none = Ipv4Addr::UNSPECIFIED;
    assert_eq!(bootp(none, Ipv4Addr::new(192, 0, 2, 90)), Ok(vec![]));
    expect_discarded(&bootp(none, none), Rejection::Address, "BOOTP reply of 0.0.0.0, which is no address");
    let loopback = bootp(none, Ipv4Addr::LOCALHOST);
    expect_discarded(&loopback, Rejection::Address, "BOOTP reply of 127.0.0.1, a loopback address");
    assert_eq!(bootp(Ipv4Addr::new(192, 0, 2, 90), none), Ok(vec![]), "it asks for a boot file");
}
