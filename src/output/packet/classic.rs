//! A DHCPv4 packet with the labels and in the layout of dhcping 1.2, a field a line, which scripts cut out.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::Ipv4Addr;

use super::Style;
use crate::dhcp::v4::{Joined, MessageType, Packet, option, table::OPTIONS};
use crate::dhcp::value::{self, Value, without_nul};
use crate::text::{Octets, hex};

/// Writes the octets, 16 a line, then the header, then two lines for each option: its number and name, its value.
pub fn classic4(octets: &[u8], out: &mut dyn Write) -> io::Result<()> {
    for line in octets.chunks(16) {
        line.iter().try_for_each(|octet| write!(out, "{octet:02x} "))?;
        writeln!(out)?;
    }
    let packet = Packet::parse(octets);
    header(&packet, out)?;
    for option in packet.options() {
        let (title, label) = names(option.code);
        writeln!(out, "option {} {title}\n\t{label}: {}", option.code, shown(&option))?;
    }
    for anomaly in packet.anomalies() {
        let kind = if anomaly.is_fault() { "fault" } else { "note" };
        writeln!(out, "{kind}: {anomaly}")?;
    }
    Ok(())
}

fn header(packet: &Packet, out: &mut dyn Write) -> io::Result<()> {
    let address = |address: Option<Ipv4Addr>| or_unknown(address);
    let flags = packet.flags().map(|flags| format!("{flags:x}"));
    for (label, value) in [
        ("op", or_unknown(packet.op())),
        ("htype", or_unknown(packet.htype())),
        ("hlen", or_unknown(packet.hlen())),
        ("hops", or_unknown(packet.hops())),
        ("xid", or_unknown(packet.xid().map(|xid| format!("{xid:08x}")))),
        ("secs", or_unknown(packet.secs())),
        ("flags", or_unknown(flags)),
        ("ciaddr", address(packet.ciaddr())),
        ("yiaddr", address(packet.yiaddr())),
        ("siaddr", address(packet.siaddr())),
        ("giaddr", address(packet.giaddr())),
        ("chaddr", or_unknown(packet.chaddr().map(colons))),
    ] {
        writeln!(out, "{label}: {value}")?;
    }
    let text = |text: Option<&[u8]>| text.map_or_else(String::new, |text| Octets(text).to_string());
    writeln!(out, "sname : {}.\nfname : {}.", text(packet.sname()), text(packet.file()))
}

fn or_unknown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

fn colons(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

/// What an option is called, and the label of its value: dhcping 1.2's words where it has any.
fn names(code: u8) -> (&'static str, &'static str) {
    match code {
        1 => ("Subnet mask", "Subnet mask"),
        3 => ("Router", "Router"),
        6 => ("DNS server", "DNS server"),
        50 => ("Request IP address", "Requested IP address"),
        51 => ("IP address leasetime", "IP address leasetime"),
        53 => ("DHCP message type", "DHCP message type"),
        54 => ("Server identifier", "Server identifier"),
        61 => ("Client-identifier", "Client identifier"),
        other => {
            let name = OPTIONS.by_code(other.into()).map_or("Unknown", |entry| entry.name);
            (name, name)
        }
    }
}

fn shown(option: &Joined<'_>) -> String {
    match (option.code, &*option.octets) {
        (option::MESSAGE_TYPE, [number]) => {
            let name = MessageType(*number).name().unwrap_or("unknown").to_ascii_uppercase();
            format!("{number} (DHCP{name})")
        }
        (option::CLIENT_ID, octets) => hex(octets),
        (code, octets) => {
            let format = OPTIONS.format(code.into());
            let value = value::decode(&format, without_nul(&format, octets).0);
            value.unwrap_or_else(|| Value::Octets(octets.to_vec())).show(Style::Plain)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v4::{BOOTREPLY, Message};

    #[test]
    fn scripts_find_each_field_where_it_was() {
        let mut ack = Message::of_type(MessageType::ACK, 0x0d_0c6b, &[2, 0, 0x5e, 0, 0x53, 0x50])
            .with(54, [192, 0, 2, 1])
            .with(51, [0, 0, 14, 16])
            .with(61, [1, 2, 0, 0x5e, 0, 0x53, 0x50])
            .with(12, *b"a\x1b[2J");
        (ack.op, ack.flags, ack.yiaddr) = (BOOTREPLY, 0x8000, [192, 0, 2, 100].into());
        let mut out = Vec::new();
        classic4(&ack.encode(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (_, fields) = text.split_once("\nop:").unwrap();
        let expected = " 2
htype: 1
hlen: 6
hops: 0
xid: 000d0c6b
secs: 0
flags: 8000
ciaddr: 0.0.0.0
yiaddr: 192.0.2.100
siaddr: 0.0.0.0
giaddr: 0.0.0.0
chaddr: 02:00:5e:00:53:50:00:00:00:00:00:00:00:00:00:00
sname : .
fname : .
option 53 DHCP message type
\tDHCP message type: 5 (DHCPACK)
option 54 Server identifier
\tServer identifier: 192.0.2.1
option 51 IP address leasetime
\tIP address leasetime: 3600
option 61 Client-identifier
\tClient identifier: 0102005e005350
option 12 Host Name Option
\tHost Name Option: \"a\\x1B[2J\"
";
        assert_eq!(fields, expected);
        assert!(text.starts_with("02 01 06 00 00 0d 0c 6b 00 00 80 00 00 00 00 00 \nc0 00 02 64 "), "{text}");
    }

    #[test]
    fn a_short_packet_shows_what_is_there() {
        let mut out = Vec::new();
        classic4(&[2, 1], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("02 01 \nop: 2\nhtype: 1\nhlen: ?\n") && text.contains("\nfault: "), "{text}");
    }
}
