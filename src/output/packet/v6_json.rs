//! A DHCPv6 packet in JSON: every field, every option typed and raw with what it holds, every anomaly.

use std::net::Ipv6Addr;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::Passage;
use super::v4_json::Found;
use super::v6::typed;
use crate::dhcp::v6::{Header, Inside, Packet, WireOption, table};
use crate::text::hex;

/// A DHCPv6 packet with what is known of its passage; serializes to one object.
#[derive(Debug)]
pub struct Packet6<'a> {
    /// Its octets.
    pub octets: &'a [u8],
    /// How it passed.
    pub passage: &'a Passage,
}

impl Serialize for Packet6<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let packet = Packet::parse(self.octets);
        Object {
            family: 6,
            passage: self.passage,
            message: Message(&packet),
            anomalies: packet.anomalies.iter().map(Found).collect(),
            hex: hex(self.octets),
        }
        .serialize(to)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Object<'a> {
    family: u8,
    #[serde(flatten)]
    passage: &'a Passage,
    #[serde(flatten)]
    message: Message<'a>,
    #[serde(rename = "findings")]
    anomalies: Vec<Found<'a>>,
    hex: String,
}

/// Header and options of a message, the outermost or one within an envelope.
struct Message<'a>(&'a Packet<'a>);

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("message-type", &self.0.kind().map(|kind| kind.to_string().to_ascii_lowercase()))?;
        match self.0.header {
            Header::Message { xid, .. } => map.serialize_entry("xid", &format!("{xid:06x}"))?,
            Header::Relay { hops, link, peer, .. } => {
                map.serialize_entry("hops", &hops)?;
                map.serialize_entry::<_, Ipv6Addr>("link-address", &link)?;
                map.serialize_entry::<_, Ipv6Addr>("peer-address", &peer)?;
            }
            Header::Short(_) => map.serialize_entry("xid", &None::<String>)?,
        }
        map.serialize_entry("options", &self.0.options.iter().map(Opt).collect::<Vec<_>>())?;
        map.end()
    }
}

/// An option: code, names, value, octets, where it is, what it holds.
struct Opt<'a>(&'a WireOption<'a>);

impl Serialize for Opt<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let option = self.0;
        let entry = table::of(option.space).by_code(option.code);
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("code", &option.code)?;
        map.serialize_entry("name", &entry.map(|entry| entry.key))?;
        map.serialize_entry("title", &entry.map(|entry| entry.name))?;
        map.serialize_entry("value", &typed(option))?;
        map.serialize_entry("hex", &hex(option.octets))?;
        map.serialize_entry("offset", &option.offset)?;
        match &option.inside {
            Inside::Nothing => {}
            Inside::Options(options) => {
                map.serialize_entry("options", &options.iter().map(Opt).collect::<Vec<_>>())?;
            }
            Inside::Message(packet) => map.serialize_entry("message", &Message(packet))?,
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v6::{self, MessageType, code};

    #[test]
    fn a_packet_is_one_object_with_stable_names() {
        let association = v6::Association {
            items: vec![v6::Item {
                address: "2001:db8::64".parse().unwrap(),
                prefix_length: 128,
                preferred: 1,
                valid: 2,
            }],
            ..v6::Association::new(v6::AssociationKind::Addresses, 7)
        };
        let octets = v6::Message::new(MessageType::REPLY, 0xab).with(association.to_option()).encode();
        let passage = Passage { direction: "received", ..Passage::default() };
        let text = serde_json::to_string(&Packet6 { octets: &octets, passage: &passage }).unwrap();
        let expected = format!(
            r#"{{"family":6,"direction":"received","message-type":"reply","xid":"0000ab","options":[{{"code":3,"name":"ia-na","title":"OPTION_IA_NA","value":{{"iaid":7,"t1":0,"t2":0}},"hex":"{}","offset":4,"options":[{{"code":5,"name":"iaaddr","title":"OPTION_IAADDR","value":{{"address":"2001:db8::64","preferred":1,"valid":2}},"hex":"{}","offset":20,"options":[]}}]}}],"findings":[],"hex":"{}"}}"#,
            hex(&octets[8..]),
            hex(&octets[24..]),
            hex(&octets)
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_relayed_message_is_an_object_in_its_envelope() {
        let relay = v6::Relay {
            kind: MessageType::RELAY_REPL,
            hops: 1,
            link: "2001:db8::1".parse().unwrap(),
            peer: "fe80::1".parse().unwrap(),
            options: vec![],
        };
        let octets =
            relay.encode(&v6::Message::new(MessageType::REPLY, 1).with(v6::Opt::new(code::RAPID_COMMIT, [])).encode());
        let value = serde_json::to_value(Packet6 { octets: &octets, passage: &Passage::default() }).unwrap();
        assert_eq!(value["link-address"], "2001:db8::1");
        let inner = &value["options"][0]["message"];
        assert_eq!((&inner["message-type"], &inner["options"][0]["value"]), (&"reply".into(), &true.into()));
    }

    #[test]
    fn any_octets_are_an_object() {
        let deep = [&[7, 0, 0, 1][..], &[0, 3, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0].repeat(3000)].concat();
        for octets in [&[][..], &[7], &[13; 40], &[0xff; 600], &deep] {
            let packet = Packet6 { octets, passage: &Passage::default() };
            assert!(serde_json::to_string(&packet).is_ok());
        }
    }
}
