//! Packets compared with the crate `dhcproto`, which was written without us: what we encode it decodes to the same options,
//! and what it encodes we decode without anomalies. Where it differs, the exception says why.

use std::net::{Ipv4Addr, Ipv6Addr};

use dhcproto::{Decodable, Decoder, Encodable, v4 as their4, v6 as their6};
use kea_tools::dhcp::table::{Entry, Space};
use kea_tools::dhcp::value::{self, Style};
use kea_tools::dhcp::{v4, v6};
use kea_tools::family::Family;

/// Options that dhcproto does not write as it read them, and what our tables rely on instead.
const DIFFERENT: &[(Family, u16, &str)] = &[
    (Family::V4, 0, "PAD has neither length nor value"),
    (Family::V4, 37, "dhcproto takes the TTL of TCP for that of IP, option 23"),
    (Family::V4, 93, "a list of types (RFC 4578 section 2.1), of which dhcproto reads the first"),
    (Family::V4, 150, "a list of addresses (RFC 5859 section 3), of which dhcproto reads one"),
    (Family::V4, 255, "END has neither length nor value"),
    (Family::V6, 9, "the example is no message, which dhcproto expects in it"),
    (Family::V6, 15, "dhcproto writes the number of texts as their length (RFC 8415 section 21.15)"),
    (Family::V6, 16, "the same (RFC 8415 section 21.16)"),
    (Family::V6, 56, "the example's suboption has no registered code, which dhcproto expects"),
];

/// An example value of an option, as a user types it.
fn example(entry: &Entry, space: &'static Space) -> Vec<u8> {
    let (_, text) = entry.format.describe();
    value::parse(&entry.format, &text, space).unwrap_or_else(|cause| panic!("{} {text}: {cause}", entry.name))
}

/// Codes whose octets differ once dhcproto has read and written them.
fn changed(
    space: &'static Space,
    through: impl Fn(u16, &[u8]) -> Option<Vec<u8>>,
) -> Vec<(u16, Option<Vec<u8>>, Vec<u8>)> {
    let pairs = space.iter().map(|entry| (entry.code, example(entry, space)));
    let compared = pairs.map(|(code, octets)| (code, through(code, &octets), octets));
    compared.filter(|(_, theirs, octets)| theirs.as_deref() != Some(octets)).collect()
}

/// The value of a DHCPv4 option after dhcproto has read our message and written its own.
fn through4(code: u16, octets: &[u8]) -> Option<Vec<u8>> {
    let code = u8::try_from(code).unwrap();
    let ours = v4::Message::request(7, &[2, 0, 0x5e, 0, 0, 1]).with(code, octets);
    let theirs = their4::Message::decode(&mut Decoder::new(&ours.encode())).ok()?;
    let packet = theirs.to_vec().ok()?;
    v4::Packet::parse(&packet).option(code).map(std::borrow::Cow::into_owned)
}

/// The same for DHCPv6.
fn through6(code: u16, octets: &[u8]) -> Option<Vec<u8>> {
    let ours = v6::Message::new(v6::MessageType::REPLY, 7).with(v6::Opt::new(code, octets));
    let theirs = their6::Message::decode(&mut Decoder::new(&ours.encode())).ok()?;
    let packet = theirs.to_vec().ok()?;
    v6::Packet::parse(&packet).option(code).map(|option| option.octets.to_vec())
}

#[test]
fn what_we_encode_dhcproto_decodes_to_the_same_options() {
    for (family, found) in
        [(Family::V4, changed(&v4::table::OPTIONS, through4)), (Family::V6, changed(&v6::table::OPTIONS, through6))]
    {
        let known: Vec<_> = DIFFERENT.iter().filter(|(of, ..)| *of == family).map(|(_, code, _)| *code).collect();
        let codes: Vec<_> = found.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes, known, "{family}: {found:02x?}");
    }
}

#[test]
fn what_dhcproto_encodes_we_decode_without_anomalies() {
    use their4::{DhcpOption as O, Message, MessageType, OptionCode};
    let router = Ipv4Addr::new(192, 0, 2, 1);
    let options = [
        (O::MessageType(MessageType::Offer), 53, "offer"),
        (O::ServerIdentifier(router), 54, "192.0.2.1"),
        (O::AddressLeaseTime(3600), 51, "3600 (1 hour)"),
        (O::SubnetMask(Ipv4Addr::new(255, 255, 255, 0)), 1, "255.255.255.0"),
        (O::Router(vec![router]), 3, "192.0.2.1"),
        (O::DomainNameServer(vec![router, Ipv4Addr::new(192, 0, 2, 53)]), 6, "192.0.2.1, 192.0.2.53"),
        (O::DomainName("example.org".to_owned()), 15, "example.org"),
        (O::Hostname("printer".to_owned()), 12, "printer"),
        (O::InterfaceMtu(1500), 26, "1500"),
        (O::ParameterRequestList(vec![OptionCode::Router]), 55, "3 (Router Option)"),
    ];
    let mut message = Message::new_with_id(7, router, router, router, router, &[2, 0, 0x5e, 0, 0, 1]);
    message.set_opcode(their4::Opcode::BootReply);
    for (option, ..) in &options {
        message.opts_mut().insert(option.clone());
    }
    let packet = v4::Packet::parse(&message.to_vec().unwrap());
    assert_eq!(packet.anomalies(), []);
    assert_eq!((packet.op(), packet.xid(), packet.yiaddr()), (Some(2), Some(7), Some(router)));
    assert_eq!(packet.hardware(), Some(&[2, 0, 0x5e, 0, 0, 1][..]));
    for (_, code, shown) in options {
        let octets = packet.option(code).unwrap();
        let format = v4::table::OPTIONS.format(code.into());
        assert_eq!(value::decode(&format, &octets).unwrap().show(Style::Verbose), shown, "option {code}");
    }
}

#[test]
fn what_dhcproto_encodes_in_dhcpv6_we_decode_without_anomalies() {
    use their6::{DhcpOption as O, DhcpOptions, IAAddr, IANA, Message, MessageType, StatusCode};
    let address: Ipv6Addr = "2001:db8::5".parse().unwrap();
    let inner = O::IAAddr(IAAddr { addr: address, preferred_life: 3600, valid_life: 7200, opts: DhcpOptions::new() });
    let status = StatusCode { status: their6::Status::Success, msg: "granted".to_owned() };
    let options = [
        O::ServerId(vec![0, 3, 0, 1, 2, 0, 0x5e, 0, 0, 1]),
        O::IANA(IANA { id: 1, t1: 1800, t2: 2880, opts: [inner].into_iter().collect() }),
        O::StatusCode(status),
        O::Preference(255),
        O::DomainNameServers(vec![address]),
    ];
    let mut message = Message::new_with_id(MessageType::Reply, [0, 0, 7]);
    message.set_opts(options.into_iter().collect());
    let octets = message.to_vec().unwrap();
    let packet = v6::Packet::parse(&octets);
    assert!(packet.anomalies.is_empty(), "{:?}", packet.anomalies);
    assert_eq!((packet.kind(), packet.xid(), packet.preference()), (Some(v6::MessageType::REPLY), Some(7), 255));
    assert_eq!(packet.server(), Some(&[0, 3, 0, 1, 2, 0, 0x5e, 0, 0, 1][..]));
    let granted: Vec<_> = packet.associations().collect();
    assert_eq!(granted.len(), 1);
    assert_eq!(packet.option(23).unwrap().octets, address.octets());
}
