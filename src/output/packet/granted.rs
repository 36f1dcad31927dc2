//! What an answer gives to its client, in a few lines for people.

use crate::dhcp::table::Space;
use crate::dhcp::v4::{Packet, option, table::OPTIONS};
use crate::dhcp::v6::{self, code};

/// A time that has no end.
const INFINITE: u32 = u32::MAX;

/// What a DHCPv4 answer gives: the address, for how long, when to renew; without an address the options it has.
#[must_use]
pub fn granted4(octets: &[u8]) -> Vec<String> {
    let packet = Packet::parse(octets);
    let address = packet.yiaddr().filter(|address| !address.is_unspecified());
    let Some(address) = address else {
        // What belongs to the exchange itself is not given to the client.
        let is_given = |code: &u8| ![option::MESSAGE_TYPE, option::SERVER_ID, option::MESSAGE].contains(code);
        let codes = packet.options().into_iter().map(|option| option.code).filter(is_given);
        return options_line(codes.map(u16::from), &OPTIONS).into_iter().collect();
    };
    let lifetime = packet.number(option::LEASE_TIME).map(|time| format!(", valid {}", seconds(time)));
    let mut lines = vec![format!("address {address}{}", lifetime.unwrap_or_default())];
    let times = [("T1", packet.number(T1)), ("T2", packet.number(T2))];
    lines.extend(times_line(&times));
    lines
}

/// What a DHCPv6 answer gives: addresses and prefixes, for how long, when to renew.
#[must_use]
pub fn granted6(octets: &[u8]) -> Vec<String> {
    let packet = v6::Packet::parse(octets);
    let mut lines = Vec::new();
    for association in packet.innermost().associations() {
        for item in &association.items {
            let what = match association.kind {
                v6::AssociationKind::Addresses => format!("address {}", item.address),
                v6::AssociationKind::Prefixes => format!("prefix {}/{}", item.address, item.prefix_length),
            };
            lines.push(format!("{what}, valid {}, preferred {}", seconds(item.valid), seconds(item.preferred)));
        }
        if !association.items.is_empty() {
            let given = |time: u32| Some(time).filter(|time| *time != 0);
            lines.extend(times_line(&[("T1", given(association.t1)), ("T2", given(association.t2))]));
        }
    }
    if lines.is_empty() {
        let own = [code::CLIENTID, code::SERVERID, code::STATUS_CODE, code::IA_NA, code::IA_PD];
        let codes = packet.innermost().options.iter().map(|option| option.code).filter(|code| !own.contains(code));
        lines.extend(options_line(codes, &v6::table::OPTIONS));
    }
    lines
}

/// Renewal time (RFC 2132 section 9.11).
const T1: u8 = 58;
/// Rebinding time (RFC 2132 section 9.12).
const T2: u8 = 59;

fn times_line(times: &[(&str, Option<u32>)]) -> Option<String> {
    let said: Vec<_> = times.iter().filter_map(|(name, time)| Some(format!("{name} {}", seconds((*time)?)))).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn seconds(time: u32) -> String {
    if time == INFINITE { "infinite".to_owned() } else { format!("{time} s") }
}

fn options_line(codes: impl Iterator<Item = u16>, space: &Space) -> Option<String> {
    let name = |code| space.by_code(code).map_or_else(|| code.to_string(), |entry| entry.key.to_owned());
    let names: Vec<_> = codes.map(name).collect();
    (!names.is_empty()).then(|| format!("no address; options {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v4::{Message, MessageType};

    #[test]
    fn an_address_has_its_lifetime_and_times() {
        let mut ack = Message::of_type(MessageType::ACK, 1, &[2; 6]).with(51, [0, 0, 14, 16]).with(58, [0, 0, 7, 8]);
        ack.yiaddr = [192, 0, 2, 100].into();
        assert_eq!(granted4(&ack.encode()), ["address 192.0.2.100, valid 3600 s", "T1 1800 s"]);
        ack.set(51, [0xff; 4]);
        assert_eq!(granted4(&ack.encode())[0], "address 192.0.2.100, valid infinite");
    }

    #[test]
    fn without_an_address_the_options_are_named() {
        let ack = Message::of_type(MessageType::ACK, 1, &[2; 6]).with(54, [192, 0, 2, 1]);
        assert_eq!(granted4(&ack.encode()), [""; 0]);
        let ack = ack.with(3, [192, 0, 2, 254]).with(200, [1]);
        assert_eq!(granted4(&ack.encode()), ["no address; options routers, 200"]);
    }

    #[test]
    fn addresses_and_prefixes_have_their_lifetimes() {
        let mut given = v6::Association::new(v6::AssociationKind::Prefixes, 1);
        (given.t1, given.t2) = (900, 1440);
        let address = "2001:db8:100::".parse().unwrap();
        given.items.push(v6::Item { address, prefix_length: 56, preferred: 1800, valid: u32::MAX });
        let reply = v6::Message::new(v6::MessageType::REPLY, 1).with(given.to_option());
        let expected = ["prefix 2001:db8:100::/56, valid infinite, preferred 1800 s", "T1 900 s, T2 1440 s"];
        assert_eq!(granted6(&reply.encode()), expected);
        let information = v6::Message::new(v6::MessageType::REPLY, 1).with(v6::Opt::new(23, [0; 16]));
        assert_eq!(granted6(&information.encode()), ["no address; options dns-servers"]);
    }
}
