//! A DHCPv4 packet in lines, as dhcptest lays them out; what is wrong with it follows.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::Ipv4Addr;

use super::Style;
use crate::dhcp::table::Entry;
use crate::dhcp::v4::{BOOTREPLY, BOOTREQUEST, Joined, Packet, option::SERVER_ID, table::OPTIONS};
use crate::dhcp::value::{self, Value, ValueFormat, without_nul};
use crate::text::Octets;

/// Writes the header in two lines, then a line for each option, then one for each anomaly.
///
/// Fields that the packet is too short for are `?`. Options are in the order of the wire, put together where they came
/// in pieces; one whose octets do not have their form is marked `[hex]`.
pub fn text(octets: &[u8], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let packet = Packet::parse(octets);
    header(&packet, out)?;
    let options = packet.options();
    writeln!(out, "  {} options:", options.len())?;
    for option in &options {
        let entry = OPTIONS.by_code(option.code.into());
        let name = entry.map_or("Unknown", |entry| entry.name);
        let (form, value) = show(&option.octets, entry, style);
        writeln!(out, "    {:>3} ({name}){form}: {value}", option.code)?;
    }
    for anomaly in packet.anomalies() {
        let kind = if anomaly.is_fault() { "fault" } else { "note" };
        writeln!(out, "  {kind}: {anomaly}")?;
    }
    Ok(())
}

fn header(packet: &Packet, out: &mut dyn Write) -> io::Result<()> {
    let op = match packet.op() {
        Some(BOOTREQUEST) => "BOOTREQUEST".to_owned(),
        Some(BOOTREPLY) => "BOOTREPLY".to_owned(),
        other => or_unknown(other),
    };
    let hardware = packet.hardware().map(|octets| {
        let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        octets.join(":")
    });
    let xid = packet.xid().map(|xid| format!("{xid:08X}"));
    let flags = packet.flags().map(|flags| format!("{flags:04X}"));
    writeln!(
        out,
        "  op={op} chaddr={} hops={} xid={} secs={} flags={}",
        or_unknown(hardware),
        or_unknown(packet.hops()),
        or_unknown(xid),
        or_unknown(packet.secs()),
        or_unknown(flags)
    )?;
    let address = |address: Option<Ipv4Addr>| or_unknown(address);
    writeln!(
        out,
        "  ciaddr={} yiaddr={} siaddr={} giaddr={} sname={} file={}",
        address(packet.ciaddr()),
        address(packet.yiaddr()),
        address(packet.siaddr()),
        address(packet.giaddr()),
        field(packet, packet.sname()),
        field(packet, packet.file())
    )
}

fn or_unknown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

fn field(packet: &Packet, text: Option<&[u8]>) -> String {
    match text {
        Some(text) => Octets(text).to_string(),
        None if packet.giaddr().is_some() && packet.has_magic() => "(options)".to_owned(),
        None => "?".to_owned(),
    }
}

/// The value of an option in text, with the mark of its form where it is not its own.
fn show(octets: &[u8], entry: Option<&Entry>, style: Style) -> (&'static str, String) {
    let format = entry.map_or(ValueFormat::Hex, |entry| entry.format);
    let (octets, nul) = without_nul(&format, octets);
    match value::decode(&format, octets) {
        Some(value) if nul && style == Style::Verbose => ("", format!("{} (NUL-terminated)", value.show(style))),
        Some(value) => ("", value.show(style)),
        None => ("[hex]", Value::Octets(octets.to_vec()).show(style)),
    }
}

/// The value of one option alone, in its own form or in `format`; `None` if it is not there.
///
/// # Errors
/// The option does not have the form that was asked for.
#[must_use]
pub fn option(packet: &Packet, code: u8, format: Option<ValueFormat>) -> Option<Result<String, String>> {
    let octets = packet.option(code)?;
    let Some(format) = format else {
        return Some(Ok(show(&octets, OPTIONS.by_code(code.into()), Style::Plain).1));
    };
    let value = value::decode(&format, without_nul(&format, &octets).0);
    let shown = value.map(|value| value.show(Style::Plain));
    Some(shown.ok_or_else(|| {
        let octets = Value::Octets(octets.to_vec()).show(Style::Plain);
        format!("option {code} is not {}: {octets}", format.describe().0)
    }))
}

/// Fields and options by name, for comparing packets of several servers: without the transaction and who answers.
#[must_use]
pub fn facts(packet: &Packet) -> Vec<(String, String)> {
    let fields = [
        ("yiaddr", or_unknown(packet.yiaddr())),
        ("siaddr", or_unknown(packet.siaddr())),
        ("giaddr", or_unknown(packet.giaddr())),
        ("sname", field(packet, packet.sname())),
        ("file", field(packet, packet.file())),
    ];
    let mut facts: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for joined in packet.options().iter().filter(|option| option.code != SERVER_ID) {
        let entry = OPTIONS.by_code(joined.code.into());
        let key = entry.map_or(String::new(), |entry| format!(" {}", entry.key));
        facts.push((format!("{}{key}", joined.code), show(&joined.octets, entry, Style::Plain).1));
    }
    facts
}

/// An option's value with its own form, for JSON; `None` if it does not have it.
pub(super) fn typed(option: &Joined<'_>) -> Option<Value> {
    let format = OPTIONS.format(option.code.into());
    value::decode(&format, without_nul(&format, &option.octets).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v4::{BROADCAST, Message, MessageType};

    fn offer() -> Message {
        let mut message = Message::of_type(MessageType::OFFER, 0xE32F_7FC4, &[2, 0, 0x5e, 0, 0, 0xc0]);
        (message.op, message.flags) = (BOOTREPLY, BROADCAST);
        message.yiaddr = Ipv4Addr::new(192, 0, 2, 100);
        message
    }

    fn shown(octets: &[u8], style: Style) -> String {
        let mut out = Vec::new();
        text(octets, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_layout_is_that_of_dhcptest() {
        let message = offer()
            .with(51, [0, 0, 14, 16])
            .with(6, [192, 0, 2, 1, 192, 0, 2, 2])
            .with(55, [1, 3])
            .with(200, *b"ab")
            .with(60, *b"Initech Groupware");
        let expected = "  op=BOOTREPLY chaddr=02:00:5E:00:00:C0 hops=0 xid=E32F7FC4 secs=0 flags=8000
  ciaddr=0.0.0.0 yiaddr=192.0.2.100 siaddr=0.0.0.0 giaddr=0.0.0.0 sname= file=
  6 options:
     53 (DHCP Message Type): offer
     51 (IP Address Lease Time): 3600 (1 hour)
      6 (Domain Name Server Option): 192.0.2.1, 192.0.2.2
     55 (Parameter Request List): 1 (Subnet Mask), 3 (Router Option)
    200 (Unknown): 61 62 (ab)
     60 (Vendor class identifier): Initech Groupware
";
        assert_eq!(shown(&message.encode(), Style::Verbose), expected);
        let plain = shown(&message.encode(), Style::Plain);
        assert!(plain.contains("51 (IP Address Lease Time): 3600\n") && plain.contains("200 (Unknown): 61 62\n"));
    }

    #[test]
    fn what_is_wrong_stands_below() {
        let message = offer().with(3, [1, 2, 3]).with(67, *b"pxe.0\0").with(12, *b"a\x1b[2J");
        let mut octets = message.encode_padded(0);
        octets.pop();
        octets.extend([43, 9, 1]);
        let text = shown(&octets, Style::Verbose);
        assert!(text.contains("      3 (Router Option)[hex]: 01 02 03\n"), "{text}");
        assert!(text.contains("     67 (Bootfile name): pxe.0 (NUL-terminated)\n"), "{text}");
        assert!(text.contains("     12 (Host Name Option): \"a\\x1B[2J\"\n"), "{text}");
        assert!(text.contains("  fault: option 43 at offset 263 says 9 octets, 1 are left\n"), "{text}");
        assert!(text.contains("  fault: option 3 at offset 243 has 3 octets that do not fit its format\n"), "{text}");
    }

    #[test]
    fn a_short_packet_shows_what_is_there() {
        let text = shown(&offer().encode()[..10], Style::Verbose);
        assert!(text.starts_with("  op=BOOTREPLY chaddr=? hops=0 xid=E32F7FC4 secs=0 flags=?\n"), "{text}");
        assert!(text.contains("sname=? file=?\n  0 options:\n  fault: the packet has 10 octets"), "{text}");
        let _ = shown(&[], Style::Plain);
    }

    #[test]
    fn one_option_alone_comes_in_any_form() {
        let packet = Packet::parse(&offer().with(6, [192, 0, 2, 1, 192, 0, 2, 2]).with(15, *b"a.b\0").encode());
        assert_eq!(option(&packet, 6, None), Some(Ok("192.0.2.1, 192.0.2.2".into())));
        assert_eq!(option(&packet, 6, Some(ValueFormat::Hex)), Some(Ok("C0 00 02 01 C0 00 02 02".into())));
        assert_eq!(option(&packet, 15, None), Some(Ok("a.b".into())));
        assert_eq!(option(&packet, 3, None), None);
        assert!(option(&packet, 6, Some(ValueFormat::Ip4)).is_some_and(|shown| shown.is_err()));
    }
}
