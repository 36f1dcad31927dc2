//! A DHCPv4 packet in JSON: every field, every option typed and raw, every anomaly.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::Passage;
use super::v4::typed;
use crate::dhcp::Anomaly;
use crate::dhcp::v4::{Joined, Packet, table::OPTIONS};
use crate::text::{Octets, hex};

/// A DHCPv4 packet with what is known of its passage; serializes to one object. Fields it is too short for are null.
#[derive(Debug)]
pub struct Packet4<'a> {
    /// Its octets.
    pub octets: &'a [u8],
    /// How it passed.
    pub passage: &'a Passage,
}

impl Serialize for Packet4<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let packet = Packet::parse(self.octets);
        Object {
            family: 4,
            passage: self.passage,
            message_type: packet.message_type().map(|kind| kind.to_string()),
            op: packet.op(),
            htype: packet.htype(),
            hlen: packet.hlen(),
            hops: packet.hops(),
            xid: packet.xid().map(|xid| format!("{xid:08x}")),
            secs: packet.secs(),
            flags: packet.flags(),
            ciaddr: packet.ciaddr(),
            yiaddr: packet.yiaddr(),
            siaddr: packet.siaddr(),
            giaddr: packet.giaddr(),
            chaddr: packet.hardware().map(colons),
            sname: packet.sname().map(|text| Octets(text).to_string()),
            file: packet.file().map(|text| Octets(text).to_string()),
            options: packet.options().iter().map(|option| Opt { packet: &packet, option }).collect(),
            anomalies: packet.anomalies().iter().map(Found).collect(),
            hex: hex(self.octets),
        }
        .serialize(to)
    }
}

fn colons(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Object<'a> {
    family: u8,
    #[serde(flatten)]
    passage: &'a Passage,
    message_type: Option<String>,
    op: Option<u8>,
    htype: Option<u8>,
    hlen: Option<u8>,
    hops: Option<u8>,
    xid: Option<String>,
    secs: Option<u16>,
    flags: Option<u16>,
    ciaddr: Option<std::net::Ipv4Addr>,
    yiaddr: Option<std::net::Ipv4Addr>,
    siaddr: Option<std::net::Ipv4Addr>,
    giaddr: Option<std::net::Ipv4Addr>,
    chaddr: Option<String>,
    sname: Option<String>,
    file: Option<String>,
    options: Vec<Opt<'a>>,
    #[serde(rename = "findings")]
    anomalies: Vec<Found<'a>>,
    hex: String,
}

/// An option: code, names, value, octets, where it is.
struct Opt<'a> {
    packet: &'a Packet,
    option: &'a Joined<'a>,
}

impl Serialize for Opt<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let entry = OPTIONS.by_code(self.option.code.into());
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("code", &self.option.code)?;
        map.serialize_entry("name", &entry.map(|entry| entry.key))?;
        map.serialize_entry("title", &entry.map(|entry| entry.name))?;
        map.serialize_entry("value", &typed(self.option))?;
        map.serialize_entry("hex", &hex(&self.option.octets))?;
        map.serialize_entry("area", self.option.area.name())?;
        map.serialize_entry("offset", &self.option.offset)?;
        if self.option.pieces > 1 {
            let pieces = self.packet.pieces().iter().filter(|piece| piece.code == self.option.code);
            let lengths: Vec<_> = pieces.map(|piece| (piece.offset, piece.value.len())).collect();
            map.serialize_entry("pieces", &lengths)?;
        }
        map.end()
    }
}

/// An anomaly with its stable name.
pub(super) struct Found<'a>(pub(super) &'a Anomaly);

impl Serialize for Found<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(4))?;
        map.serialize_entry("name", self.0.name())?;
        map.serialize_entry("offset", &self.0.offset())?;
        map.serialize_entry("fault", &self.0.is_fault())?;
        map.serialize_entry("text", &self.0.to_string())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v4::{Message, MessageType};

    #[test]
    fn a_packet_is_one_object_with_stable_names() {
        let message =
            Message::of_type(MessageType::OFFER, 1, &[2, 0, 0x5e, 0, 0, 1]).with(3, [192, 0, 2, 1]).with(6, [1]);
        let passage = Passage { direction: "received", ..Passage::default() };
        let octets = message.encode();
        let text = serde_json::to_string(&Packet4 { octets: &octets, passage: &passage }).unwrap();
        let beginning = r#"{"family":4,"direction":"received","message-type":"offer","op":1,"htype":1,"hlen":6,"hops":0,"xid":"00000001","secs":0,"flags":0,"ciaddr":"0.0.0.0","#;
        assert!(text.starts_with(beginning), "{text}");
        for part in [
            r#"{"code":3,"name":"routers","title":"Router Option","value":["192.0.2.1"],"hex":"c0000201","area":"options","offset":243}"#,
            r#"{"code":6,"name":"domain-name-servers","title":"Domain Name Server Option","value":null,"hex":"01","area":"options","offset":249}"#,
            r#""findings":[{"name":"bad-value","offset":249,"fault":true,"#,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn any_octets_are_an_object() {
        for octets in [&[][..], &[1; 4], &[0xff; 600]] {
            let packet = Packet4 { octets, passage: &Passage::default() };
            assert!(serde_json::to_string(&packet).is_ok());
        }
    }
}
