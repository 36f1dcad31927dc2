use super::super::{Association, AssociationKind, Item, Message, Opt, Relay, code};
use super::*;
use proptest::prelude::*;

fn address(text: &str) -> Ipv6Addr {
    text.parse().expect("an address")
}

fn reply() -> Message {
    let mut addresses = Association::new(AssociationKind::Addresses, 7);
    addresses.items.push(Item { address: address("2001:db8::64"), prefix_length: 128, preferred: 1, valid: 2 });
    Message::new(MessageType::REPLY, 0x00ab_cdef)
        .with(Opt::new(code::CLIENTID, [0, 3, 0, 1, 2, 0, 0, 0, 0, 1]))
        .with(addresses.to_option())
        .with(Opt::new(199, *b"?"))
}

fn nested(depth: usize) -> Vec<u8> {
    // Each association holds the next one, as large as the datagram allows.
    let mut octets = Vec::new();
    for level in (0..depth).rev() {
        let length = u16::try_from((depth - level) * 16 - 4).expect("a length");
        octets.splice(0..0, [&code::IA_NA.to_be_bytes()[..], &length.to_be_bytes(), &[0; 12]].concat());
    }
    octets.splice(0..0, [7, 0, 0, 1]);
    octets
}

#[test]
fn every_option_is_there_in_wire_order_with_its_offset() {
    let octets = reply().encode();
    let packet = Packet::parse(&octets);
    assert_eq!(packet.header, Header::Message { kind: MessageType::REPLY, xid: 0x00ab_cdef });
    let seen: Vec<_> = packet.options.iter().map(|option| (option.code, option.offset)).collect();
    assert_eq!(seen, [(1, 4), (3, 18), (199, 62)]);
    let inner = packet.option(code::IA_NA).and_then(|ia| ia.option(code::IAADDR)).expect("an address");
    assert_eq!((inner.offset, inner.octets.len()), (34, 24));
    assert_eq!(packet.anomalies, []);
}

#[test]
fn a_message_is_found_through_two_relay_agents() {
    let relay = |hops| Relay {
        kind: MessageType::RELAY_REPL,
        hops,
        link: address("2001:db8::1"),
        peer: address("fe80::1"),
        options: vec![Opt::new(code::INTERFACE_ID, *b"eth0")],
    };
    let octets = relay(1).encode(&relay(0).encode(&reply().encode()));
    let packet = Packet::parse(&octets);
    assert_eq!(packet.kind(), Some(MessageType::RELAY_REPL));
    assert_eq!((packet.xid(), packet.innermost().xid()), (None, Some(0x00ab_cdef)));
    let client = packet.innermost().option(code::CLIENTID).expect("a client");
    assert_eq!(&octets[client.offset + 4..client.offset + 14], client.octets, "offsets count from the outside");
}

#[test]
fn a_cut_packet_keeps_what_is_there() {
    let whole = reply().encode();
    for length in 0..whole.len() {
        let packet = Packet::parse(&whole[..length]);
        let between_options = matches!(length, 4 | 18 | 62);
        assert_eq!(packet.anomalies.is_empty(), between_options, "{length}: {:?}", packet.anomalies);
    }
    let packet = Packet::parse(&whole[..60]);
    let truncated = Anomaly::TruncatedOption { code: 3, offset: 18, said: 40, there: 38 };
    assert_eq!(packet.anomalies, [truncated, Anomaly::TruncatedOption { code: 5, offset: 34, said: 24, there: 22 },]);
    assert_eq!(packet.options.last().map(|ia| ia.octets.len()), Some(38));
}

#[test]
fn too_few_octets_for_a_header_are_a_finding() {
    for (octets, needed) in [(&[][..], 4), (&[7, 0, 0], 4), (&[13; 33], 34)] {
        let packet = Packet::parse(octets);
        assert_eq!(packet.anomalies, [Anomaly::ShortHeader { octets: octets.len(), needed }]);
        assert_eq!(packet.kind().map(|kind| kind.0), octets.first().copied());
    }
}

#[test]
fn deeply_nested_ia_options_are_parsed_to_the_limit() {
    let octets = nested(3_500);
    assert_eq!(octets.len(), 56_004);
    let packet = Packet::parse(&octets);
    let mut option = &packet.options[0];
    let mut depth = 0;
    while let Some(next) = option.options().first() {
        option = next;
        depth += 1;
    }
    assert_eq!(depth, MAX_DEPTH);
    assert_eq!(packet.anomalies, [Anomaly::TooDeep { code: 3, offset: option.offset }]);
    assert_eq!(option.octets.len(), octets.len() - option.offset - 4, "the rest is still there");
}

#[test]
fn relay_agents_beyond_the_limit_are_not_opened() {
    let mut octets = reply().encode();
    for hops in 0..40 {
        let relay = Relay {
            kind: MessageType::RELAY_REPL,
            hops,
            link: Ipv6Addr::UNSPECIFIED,
            peer: Ipv6Addr::UNSPECIFIED,
            options: vec![],
        };
        octets = relay.encode(&octets);
    }
    let packet = Packet::parse(&octets);
    assert!(matches!(packet.anomalies[..], [Anomaly::TooDeep { code: code::RELAY_MSG, .. }]));
    assert_eq!(packet.innermost().kind(), Some(MessageType::RELAY_REPL));
}

#[test]
fn a_value_that_does_not_have_the_form_of_its_option_is_noted() {
    for (code, octets) in [(code::IA_NA, vec![0; 11]), (23, vec![0; 17]), (code::ORO, vec![0]), (39, vec![])] {
        let length = octets.len();
        let payload = Message::new(MessageType::REPLY, 1).with(Opt::new(code, octets)).encode();
        assert_eq!(Packet::parse(&payload).anomalies, [Anomaly::BadValue { code, offset: 4, octets: length }]);
    }
}

#[test]
fn sixty_four_kilobytes_of_options_are_all_there() {
    let octets = [&[7, 0, 0, 1][..], &[0, 200, 0, 0].repeat(16_382)].concat();
    assert_eq!(Packet::parse(&octets).options.len(), 16_382);
}

#[test]
fn an_option_there_twice_that_may_be_there_once_is_noted() {
    let octets = reply().with(Opt::new(1, [1])).with(Opt::new(3, [0; 12])).with(Opt::new(1, [2])).encode();
    let packet = Packet::parse(&octets);
    assert_eq!(packet.anomalies, [Anomaly::Duplicate { code: 1, offset: 67, times: 3 }]);
}

#[test]
fn codes_inside_a_vendors_option_are_the_vendors() {
    let octets = Message::new(MessageType::REPLY, 1).with(Opt::new(17, [0, 0, 0x7e, 0xd9, 0, 3, 0, 1, 5])).encode();
    let packet = Packet::parse(&octets);
    let inner = &packet.options[0].options()[0];
    assert_eq!((inner.space, inner.code, inner.octets), (SpaceId::Vendor(32_473), 3, &[5][..]));
    assert_eq!(packet.anomalies, []);
}

#[test]
fn prefixes_of_odd_length_before_options_are_stepped_over() {
    let rule = [0, 16, 24, 192, 0, 2, 0, 33, 0x20, 1, 0xd, 0xb8, 0x80, 0, 93, 0, 4, 6, 0, 0, 0];
    let container = [&[0, 89, 0, u8::try_from(rule.len()).expect("short")][..], &rule].concat();
    let octets = Message::new(MessageType::REPLY, 1).with(Opt::new(94, container)).encode();
    let packet = Packet::parse(&octets);
    let parameters = packet.option(94).and_then(|c| c.option(89)).and_then(|rule| rule.option(93));
    assert_eq!(parameters.map(|option| option.octets), Some(&[6, 0, 0, 0][..]));
}

/// The octets of all options, and of what could not be one, add up to the payload.
fn octets_accounted_for(options: &[WireOption<'_>]) -> usize {
    options.iter().map(|option| 4 + option.octets.len()).sum()
}

proptest! {
    #[test]
    fn any_octets_are_taken_and_none_is_lost(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
        let packet = Packet::parse(&octets);
        let fixed = match packet.header {
            Header::Message { .. } => 4,
            Header::Relay { .. } => 34,
            Header::Short(_) => octets.len(),
        };
        let stray = octets.len() - fixed - octets_accounted_for(&packet.options);
        prop_assert!(stray < 4);
    }

    #[test]
    fn hostile_containers_are_taken(codes in proptest::collection::vec(0u16..151, 0..60), length in 0u16..80, seed: u8) {
        let mut octets = vec![7, 0, 0, 1];
        for (index, code) in codes.iter().enumerate() {
            octets.extend(code.to_be_bytes());
            octets.extend((length ^ u16::try_from(index).unwrap_or(0)).to_be_bytes());
            octets.extend(std::iter::repeat_n(seed, usize::from(length) % 7));
        }
        let packet = Packet::parse(&octets);
        prop_assert!(packet.anomalies.windows(2).all(|pair| pair[0].offset() <= pair[1].offset()));
    }

    #[test]
    fn what_was_written_is_read(kind in 1u8..12, xid in 0u32..0x0100_0000, options in proptest::collection::vec((150u16.., proptest::collection::vec(any::<u8>(), 0..40)), 0..20)) {
        let message = Message {
            kind: MessageType(kind),
            xid,
            options: options.iter().map(|(code, octets)| Opt::new(*code, octets.clone())).collect(),
        };
        let octets = message.encode();
        let packet = Packet::parse(&octets);
        prop_assert_eq!(packet.header, Header::Message { kind: message.kind, xid });
        let read: Vec<_> = packet.options.iter().map(|option| (option.code, option.octets.to_vec())).collect();
        prop_assert_eq!(read, options);
        prop_assert_eq!(packet.anomalies, vec![]);
    }
}

#[test]
fn options_without_what_they_list_are_found() {
    let anomaly = |code: u16, octets: &[u8]| {
        let octets = Message::new(MessageType::REPLY, 1).with(Opt::new(code, octets)).encode();
        Packet::parse(&octets).anomalies.first().copied()
    };
    for (code, octets) in [(23, &[][..]), (23, &[1; 15]), (24, &[]), (31, &[1; 17]), (7, &[]), (7, &[1, 2]), (13, &[0])]
    {
        let bad = Anomaly::BadValue { code, offset: 4, octets: octets.len() };
        assert_eq!(anomaly(code, octets), Some(bad), "option {code} of {} octets", octets.len());
    }
    for (code, octets) in [(6, &[][..]), (14, &[]), (13, &[0, 0]), (23, &[1; 32]), (7, &[255])] {
        assert_eq!(anomaly(code, octets), None, "option {code} of {} octets", octets.len());
    }
}
