use proptest::prelude::*;

use super::*;
use crate::dhcp::v4::Message;

fn reply() -> Message {
    let mut message = Message::of_type(MessageType::OFFER, 7, &[2, 0, 0x5e, 0, 0, 1]).with(54, [192, 0, 2, 1]);
    message.op = BOOTREPLY;
    message
}

/// The packet of a message whose options are these octets, as they are.
fn with_options(options: &[u8]) -> Packet {
    let mut octets = reply().encode_padded(0);
    octets.truncate(HEADER + MAGIC.len());
    octets.extend(options);
    Packet::parse(&octets)
}

fn codes(packet: &Packet) -> Vec<u8> {
    packet.pieces().iter().map(|piece| piece.code).collect()
}

#[test]
fn what_is_sent_is_what_is_read() {
    let packet = Packet::parse(&reply().encode());
    assert_eq!((packet.op(), packet.htype(), packet.hlen(), packet.hops()), (Some(2), Some(1), Some(6), Some(0)));
    assert_eq!((packet.xid(), packet.secs(), packet.flags()), (Some(7), Some(0), Some(0)));
    assert_eq!(packet.hardware(), Some(&[2, 0, 0x5e, 0, 0, 1][..]));
    assert_eq!(packet.message_type(), Some(MessageType::OFFER));
    assert_eq!(packet.server_id(), Some(Ipv4Addr::new(192, 0, 2, 1)));
    assert_eq!((packet.sname(), packet.file()), (Some(&[][..]), Some(&[][..])));
    assert_eq!(packet.anomalies(), []);
}

#[test]
fn pads_and_the_end_are_seen_in_their_places() {
    let packet = with_options(&[0, 53, 1, 2, 0, 0, 255, 0]);
    assert_eq!(codes(&packet), [0, 53, 0, 0, 255]);
    assert_eq!(packet.pieces()[1].offset, 241);
    assert_eq!(packet.anomalies(), []);
    assert_eq!(packet.options().len(), 1);
}

#[test]
fn a_truncated_option_keeps_the_octets_that_are_there() {
    let packet = with_options(&[53, 1, 2, 12, 9, b'a', b'b']);
    assert_eq!(packet.option(12).as_deref(), Some(&b"ab"[..]));
    assert_eq!(packet.anomalies(), [Anomaly::TruncatedOption { code: 12, offset: 243, said: 9, there: 2 }]);
    assert_eq!(with_options(&[53, 1, 2, 12]).anomalies(), [Anomaly::NoLength { code: 12, offset: 243 }]);
}

#[test]
fn a_missing_end_and_octets_after_the_end_are_told() {
    assert_eq!(with_options(&[53, 1, 2]).anomalies(), [Anomaly::NoEnd { offset: 243 }]);
    assert_eq!(with_options(&[255, 0, 6, 0, 1]).anomalies(), [Anomaly::AfterEnd { offset: 242, octets: 2 }]);
}

#[test]
fn pieces_of_a_long_option_are_joined_and_stay_visible() {
    let packet = Packet::parse(&reply().with(43, vec![7; 600]).encode());
    assert_eq!(packet.option(43).map(|value| value.len()), Some(600));
    assert_eq!(packet.pieces().iter().filter(|piece| piece.code == 43).count(), 3);
    assert_eq!(packet.options().last().map(|option| (option.code, option.pieces)), Some((43, 3)));
    assert_eq!(packet.anomalies(), [Anomaly::Split { code: 43, offset: 249, pieces: 3 }]);
}

#[test]
fn an_option_given_twice_is_told_from_one_in_pieces() {
    let packet = with_options(&[6, 4, 192, 0, 2, 1, 53, 1, 2, 6, 4, 192, 0, 2, 2, 255]);
    assert_eq!(packet.option(6).as_deref(), Some(&[192, 0, 2, 1, 192, 0, 2, 2][..]));
    assert_eq!(packet.anomalies(), [Anomaly::Duplicate { code: 6, offset: 249, times: 2 }]);
}

#[test]
fn a_value_of_a_wrong_length_is_told() {
    assert_eq!(
        with_options(&[3, 3, 1, 2, 3, 255]).anomalies(),
        [Anomaly::BadValue { code: 3, offset: 240, octets: 3 }]
    );
    assert_eq!(with_options(&[43, 1, 9, 255]).anomalies(), []);
}

#[test]
fn overloaded_fields_are_read_file_before_sname() {
    let mut message = reply().with(52, [3]);
    message.file[..8].copy_from_slice(&[6, 4, 192, 0, 2, 1, 255, 0]);
    message.sname[..8].copy_from_slice(&[6, 4, 192, 0, 2, 2, 255, 0]);
    let packet = Packet::parse(&message.encode());
    assert_eq!(packet.option(6).as_deref(), Some(&[192, 0, 2, 1, 192, 0, 2, 2][..]));
    assert_eq!((packet.sname(), packet.file()), (None, None));
    let areas: Vec<_> = packet.pieces().iter().filter(|piece| piece.code == 6).map(|piece| piece.area).collect();
    assert_eq!(areas, [Area::File, Area::Sname]);
    assert_eq!(packet.anomalies()[0], Anomaly::Overloaded { offset: 249, value: 3 });
}

#[test]
fn a_wrong_overload_is_told_and_ignored() {
    let packet = Packet::parse(&reply().with(52, [4]).encode());
    assert_eq!(packet.anomalies(), [Anomaly::BadOverload { offset: 249 }]);
    assert!(packet.sname().is_some());
}

#[test]
fn a_packet_without_cookie_has_a_header_but_no_options() {
    let mut octets = reply().encode();
    octets[236..240].copy_from_slice(b"ABCD");
    let packet = Packet::parse(&octets);
    assert_eq!(packet.message_type(), None);
    assert_eq!(packet.xid(), Some(7));
    assert_eq!(packet.anomalies(), [Anomaly::NoMagic { found: *b"ABCD" }]);
}

#[test]
fn short_packets_have_the_fields_that_are_there() {
    assert_eq!(Packet::parse(&[]).op(), None);
    let packet = Packet::parse(&reply().encode()[..10]);
    assert_eq!((packet.xid(), packet.secs(), packet.flags()), (Some(7), Some(0), None));
    assert_eq!(packet.anomalies(), [Anomaly::ShortHeader { octets: 10, needed: 236 }]);
}

#[test]
fn a_hardware_address_of_17_octets_is_told_and_cut() {
    let mut octets = reply().encode();
    octets[2] = 17;
    let packet = Packet::parse(&octets);
    assert_eq!(packet.hardware().map(<[u8]>::len), Some(16));
    assert_eq!(packet.anomalies(), [Anomaly::HardwareLength(17)]);
}

proptest! {
    #[test]
    fn any_octets_are_a_packet_and_none_is_lost(octets in proptest::collection::vec(any::<u8>(), 0..700), magic: bool) {
        let mut octets = octets;
        if magic && octets.len() > 240 {
            octets[236..240].copy_from_slice(&MAGIC);
        }
        let packet = Packet::parse(&octets);
        prop_assert_eq!(packet.octets(), &octets);
        let mut at = HEADER + MAGIC.len();
        for piece in packet.pieces().iter().filter(|piece| piece.area == Area::Options) {
            prop_assert_eq!(piece.offset, at);
            at = piece.value.end;
        }
        let joined: usize = packet.options().iter().map(|option| option.octets.len()).sum();
        prop_assert_eq!(joined, packet.pieces().iter().map(|piece| packet.value(piece).len()).sum::<usize>());
        let _ = (packet.hardware(), packet.sname(), packet.file(), packet.message_type(), packet.server_id());
        for anomaly in packet.anomalies() {
            prop_assert!(!anomaly.to_string().is_empty() && anomaly.offset() <= octets.len().max(HEADER));
        }
    }

    #[test]
    fn every_option_that_is_sent_comes_back(options in proptest::collection::vec((1..=254u8, proptest::collection::vec(any::<u8>(), 0..600)), 0..5)) {
        let options: std::collections::BTreeMap<u8, Vec<u8>> = options.into_iter().filter(|(code, _)| *code != 52).collect();
        let mut message = Message::request(1, &[]);
        message.options = options.clone().into_iter().collect();
        let packet = Packet::parse(&message.encode());
        let back: std::collections::BTreeMap<u8, Vec<u8>> = packet.options().into_iter().map(|option| (option.code, option.octets.into_owned())).collect();
        prop_assert_eq!(back, options);
    }
}

#[test]
fn options_of_impossible_lengths_are_found() {
    // RFC 2132 says of each how long it is: of 1, 51 and 54 four octets, of 6 a multiple, of 33 pairs of addresses.
    for (code, lengths) in [
        (1, &[0, 3, 5][..]),
        (3, &[0, 5]),
        (6, &[0, 3, 6]),
        (12, &[0]),
        (15, &[0]),
        (21, &[0, 4, 12]),
        (33, &[0, 4, 12]),
        (26, &[0, 1, 3]),
        (51, &[0, 3, 8]),
        (53, &[0, 2]),
        (54, &[0, 3, 8]),
        (58, &[0, 3]),
        (61, &[0, 1]),
        (82, &[0, 1]),
        (119, &[0]),
        (121, &[0, 2]),
    ] {
        for length in lengths {
            let value = vec![7; *length];
            let options = [&[code, u8::try_from(*length).unwrap()][..], &value, &[255]].concat();
            let found = with_options(&options);
            let anomaly = Anomaly::BadValue { code: code.into(), offset: 240, octets: *length };
            assert_eq!(found.anomalies(), [anomaly], "option {code}");
        }
    }
}

#[test]
fn every_option_of_the_table_has_something_in_it() {
    for entry in OPTIONS.iter().filter(|entry| (1..255).contains(&entry.code) && entry.code != 52) {
        let found = with_options(&[u8::try_from(entry.code).unwrap(), 0, 255]);
        // A Mobile IP home agent may be missing (RFC 2132 section 8.13), rapid commit says all by being there, and what is
        // in 43 is a vendor's own.
        let may_be_empty = [43, 68, 80].contains(&entry.code);
        assert_eq!(found.anomalies().is_empty(), may_be_empty, "option {} ({})", entry.code, entry.name);
    }
    assert_eq!(with_options(&[224, 0, 255]).anomalies(), [], "of what no table knows no length is wrong");
}
