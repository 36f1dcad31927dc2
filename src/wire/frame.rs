//! Ethernet frames with UDP in them: made whole, taken apart as far as they go.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    IpNumber, LaxIpPayloadSlice, LaxNetSlice, LaxSlicedPacket, LinkSlice, PacketBuilder, PacketBuilderStep,
    TransportSlice, UdpHeader, UdpSlice, VlanId,
};

use super::{Checksum, Mac};

/// How far a packet of ours may travel: what common systems send with.
const HOPS: u8 = 64;

/// What is around a UDP datagram on an Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends the frame.
    pub from: Mac,
    /// Who shall take it.
    pub to: Mac,
    /// The virtual network, if it has a tag (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// The sender.
    pub source: SocketAddr,
    /// The recipient, of the same family.
    pub destination: SocketAddr,
}

/// A UDP datagram found in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// What is around it.
    pub envelope: Envelope,
    /// Whether its checksums are right; [`Checksum::Unknown`] if it has none.
    pub checksum: Checksum,
    /// Its octets.
    pub payload: &'a [u8],
}

/// The frame of `payload` with every checksum in place; nothing if it is too long, or the addresses are of different
/// families.
#[must_use]
pub fn build(envelope: &Envelope, payload: &[u8]) -> Option<Vec<u8>> {
    let ethernet = PacketBuilder::ethernet2(envelope.from.0, envelope.to.0);
    let step = match (envelope.source, envelope.destination, envelope.vlan) {
        (SocketAddr::V4(from), SocketAddr::V4(to), None) => ethernet.ipv4(from.ip().octets(), to.ip().octets(), HOPS),
        (SocketAddr::V4(from), SocketAddr::V4(to), Some(vlan)) => {
            ethernet.single_vlan(VlanId::try_new(vlan).ok()?).ipv4(from.ip().octets(), to.ip().octets(), HOPS)
        }
        (SocketAddr::V6(from), SocketAddr::V6(to), None) => ethernet.ipv6(from.ip().octets(), to.ip().octets(), HOPS),
        (SocketAddr::V6(from), SocketAddr::V6(to), Some(vlan)) => {
            ethernet.single_vlan(VlanId::try_new(vlan).ok()?).ipv6(from.ip().octets(), to.ip().octets(), HOPS)
        }
        _ => return None,
    };
    let step: PacketBuilderStep<UdpHeader> = step.udp(envelope.source.port(), envelope.destination.port());
    let mut frame = Vec::with_capacity(step.size(payload.len()));
    step.write(&mut frame, payload).ok()?;
    Some(frame)
}

/// The UDP datagram in `frame`; nothing if there is none, or only a fragment of one.
///
/// A datagram that was cut is given as far as it goes.
#[must_use]
pub fn parse(frame: &[u8]) -> Option<Found<'_>> {
    parse_as(frame, true)
}

/// The same; unless `is_summed`, its UDP checksum was left to a network card, and says nothing.
#[must_use]
pub fn parse_as(frame: &[u8], is_summed: bool) -> Option<Found<'_>> {
    let packet = LaxSlicedPacket::from_ethernet(frame).ok()?;
    let Some(LinkSlice::Ethernet2(ethernet)) = &packet.link else { return None };
    let mut found = udp_in(&packet, is_summed)?;
    found.envelope.from = Mac(ethernet.source());
    found.envelope.to = Mac(ethernet.destination());
    Some(found)
}

/// The beginning of a UDP datagram over IPv4, if `frame` is the first of its fragments. A checksum is of the whole.
#[must_use]
pub fn first_fragment(frame: &[u8]) -> Option<Found<'_>> {
    let packet = LaxSlicedPacket::from_ethernet(frame).ok()?;
    let (Some(LinkSlice::Ethernet2(ethernet)), Some(LaxNetSlice::Ipv4(ip))) = (&packet.link, &packet.net) else {
        return None;
    };
    let header = ip.header();
    let is_first = header.more_fragments() && header.fragments_offset().value() == 0;
    let udp = UdpSlice::from_slice_lax(ip.payload().payload).ok()?;
    let envelope = Envelope {
        from: Mac(ethernet.source()),
        to: Mac(ethernet.destination()),
        vlan: packet.vlan_ids().first().map(|id| id.value()),
        source: SocketAddr::new(IpAddr::V4(header.source_addr()), udp.source_port()),
        destination: SocketAddr::new(IpAddr::V4(header.destination_addr()), udp.destination_port()),
    };
    let found = Found { envelope, checksum: Checksum::Unknown, payload: udp.payload() };
    (is_first && header.protocol() == IpNumber::UDP).then_some(found)
}

/// The same as [`parse`] for a packet that begins with its IP header; its hardware addresses are zeros.
#[must_use]
pub fn parse_ip(packet: &[u8]) -> Option<Found<'_>> {
    udp_in(&LaxSlicedPacket::from_ip(packet).ok()?, true)
}

fn udp_in<'a>(packet: &LaxSlicedPacket<'a>, is_summed: bool) -> Option<Found<'a>> {
    let Some(TransportSlice::Udp(udp)) = &packet.transport else { return None };
    let (source, destination, checksum) = match packet.net.as_ref()? {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let is_right = header.header_checksum() == header.to_header().calc_header_checksum();
            let checksum = match (fits(ip.payload(), udp), udp.checksum()) {
                (false, _) => Checksum::BadLength,
                _ if !is_right => Checksum::Bad,
                // None was sent (RFC 768).
                (_, 0) => Checksum::Unknown,
                _ if !is_summed => Checksum::Unknown,
                (_, found) => compare(found, sum4(udp, header.source(), header.destination())),
            };
            (IpAddr::V4(header.source_addr()), IpAddr::V4(header.destination_addr()), checksum)
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            let checksum = match (fits(ip.payload(), udp), udp.checksum()) {
                (false, _) => Checksum::BadLength,
                _ if !is_summed => Checksum::Unknown,
                // IPv6 has no datagrams without (RFC 8200 section 8.1).
                (_, 0) => Checksum::Bad,
                (_, found) => compare(found, sum6(udp, header.source(), header.destination())),
            };
            (IpAddr::V6(header.source_addr()), IpAddr::V6(header.destination_addr()), checksum)
        }
        LaxNetSlice::Arp(_) => return None,
    };
    let envelope = Envelope {
        from: Mac::default(),
        to: Mac::default(),
        vlan: packet.vlan_ids().first().map(|id| id.value()),
        source: SocketAddr::new(source, udp.source_port()),
        destination: SocketAddr::new(destination, udp.destination_port()),
    };
    Some(Found { envelope, checksum, payload: udp.payload() })
}

/// Whether the IP packet is all there, and holds as much as its UDP header says.
fn fits(payload: &LaxIpPayloadSlice<'_>, udp: &UdpSlice<'_>) -> bool {
    let said = usize::from(udp.length());
    !payload.incomplete && (UdpHeader::LEN..=payload.payload.len()).contains(&said)
}

fn sum4(udp: &UdpSlice<'_>, source: [u8; 4], destination: [u8; 4]) -> Option<u16> {
    udp.to_header().calc_checksum_ipv4_raw(source, destination, udp.payload()).ok()
}

fn sum6(udp: &UdpSlice<'_>, source: [u8; 16], destination: [u8; 16]) -> Option<u16> {
    udp.to_header().calc_checksum_ipv6_raw(source, destination, udp.payload()).ok()
}

fn compare(found: u16, expected: Option<u16>) -> Checksum {
    match expected {
        None => Checksum::Unknown,
        Some(expected) if expected == found => Checksum::Good,
        Some(_) => Checksum::Bad,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn envelope(source: &str, destination: &str, vlan: Option<u16>) -> Envelope {
        let (source, destination) = (source.parse().unwrap(), destination.parse().unwrap());
        Envelope { from: Mac([2, 0, 0, 0, 0, 1]), to: Mac::BROADCAST, vlan, source, destination }
    }

    fn envelopes() -> Vec<Envelope> {
        vec![
            envelope("0.0.0.0:68", "255.255.255.255:67", None),
            envelope("192.0.2.1:67", "192.0.2.2:68", Some(7)),
            envelope("[fe80::1]:546", "[ff02::1:2]:547", None),
            envelope("[fe80::1]:546", "[ff02::1:2]:547", Some(4094)),
        ]
    }

    #[test]
    fn what_was_put_into_a_frame_is_found_in_it() {
        for envelope in envelopes() {
            for payload in [&b""[..], b"x", &[7; 1472]] {
                let frame = build(&envelope, payload).unwrap();
                assert_eq!(parse(&frame), Some(Found { envelope, checksum: Checksum::Good, payload }));
            }
        }
    }

    #[test]
    fn a_changed_octet_is_noticed_by_its_checksum() {
        for envelope in envelopes() {
            let mut frame = build(&envelope, b"octets").unwrap();
            *frame.last_mut().unwrap() ^= 1;
            assert_eq!(parse(&frame).unwrap().checksum, Checksum::Bad);
        }
    }

    #[test]
    fn a_changed_ip_header_is_noticed_too() {
        let mut frame = build(&envelopes()[0], b"octets").unwrap();
        frame[22] ^= 1; // the time to live, which UDP does not look at
        assert_eq!(parse(&frame).unwrap().checksum, Checksum::Bad);
    }

    #[test]
    fn padding_of_a_short_frame_is_no_part_of_the_datagram() {
        let mut frame = build(&envelopes()[0], b"x").unwrap();
        frame.resize(60, 0xee);
        let found = parse(&frame).unwrap();
        assert_eq!((found.payload, found.checksum), (&b"x"[..], Checksum::Good));
    }

    #[test]
    fn a_datagram_without_a_checksum_says_nothing_about_itself() {
        let mut frame = build(&envelopes()[0], b"octets").unwrap();
        frame[40..42].fill(0);
        assert_eq!(parse(&frame).unwrap().checksum, Checksum::Unknown);
    }

    #[test]
    fn ipv6_has_no_datagrams_without_a_checksum() {
        let mut frame = build(&envelopes()[2], b"octets").unwrap();
        frame[60..62].fill(0);
        assert_eq!(parse(&frame).unwrap().checksum, Checksum::Bad);
        assert_eq!(parse_as(&frame, false).unwrap().checksum, Checksum::Unknown);
    }

    #[test]
    fn offloaded_udp_checksum_is_unknown_ip_header_is_checked() {
        let mut frame = build(&envelopes()[0], b"octets").unwrap();
        frame[40] ^= 1; // the UDP checksum
        assert_eq!(parse(&frame).unwrap().checksum, Checksum::Bad);
        assert_eq!(parse_as(&frame, false).unwrap().checksum, Checksum::Unknown);
        frame[22] ^= 1; // the time to live
        assert_eq!(parse_as(&frame, false).unwrap().checksum, Checksum::Bad);
    }

    #[test]
    fn lengths_that_do_not_fit_are_noticed() {
        let lengths = |ip: Option<u8>, udp: Option<u8>, cut: usize| {
            let mut frame = build(&envelopes()[0], &[7; 100]).unwrap();
            frame[17] = ip.unwrap_or(frame[17]); // 128
            frame[39] = udp.unwrap_or(frame[39]); // 108
            frame.truncate(frame.len() - cut);
            // A wrong IP checksum would be noticed as well.
            parse_as(&frame, false).map(|found| found.checksum)
        };
        assert_eq!(lengths(None, None, 0), Some(Checksum::Unknown));
        for (ip, udp, cut) in [
            (None, None, 4),
            (None, Some(109), 0),
            (None, Some(7), 0),
            (None, Some(0), 0),
            (Some(120), None, 0),
            (Some(200), None, 0),
        ] {
            assert_eq!(lengths(ip, udp, cut), Some(Checksum::BadLength), "{ip:?} {udp:?} {cut}");
        }
    }

    #[test]
    fn the_first_fragment_has_the_beginning_of_its_datagram() {
        let mut frame = build(&envelopes()[1], &[7; 100]).unwrap();
        assert_eq!(first_fragment(&frame), None, "it is whole");
        frame[24] |= 0x20; // more fragments, after the tag
        assert_eq!(parse(&frame), None);
        let found = first_fragment(&frame).unwrap();
        assert_eq!((found.envelope, found.checksum), (envelopes()[1], Checksum::Unknown));
        frame[21] -= 40; // the IP length
        frame.truncate(frame.len() - 40);
        assert_eq!(first_fragment(&frame).unwrap().payload, [7; 60]);
        frame[25] = 1; // an offset
        assert_eq!(first_fragment(&frame), None);
    }

    #[test]
    fn mixed_families_or_oversized_payload_make_no_frame() {
        assert_eq!(build(&envelope("0.0.0.0:68", "[ff02::1:2]:547", None), b""), None);
        assert_eq!(build(&envelopes()[0], &vec![0; 65_536]), None);
    }

    proptest! {
        #[test]
        fn any_octets_are_taken_apart_without_a_crash(octets in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..60) {
            let _ = parse(&octets);
            for envelope in envelopes() {
                let mut frame = build(&envelope, &octets).unwrap();
                let length = frame.len();
                frame[at % length] ^= 0x55;
                let _ = (parse(&frame), first_fragment(&frame));
                frame.truncate(at % length);
                let _ = parse(&frame);
            }
        }
    }
}
