//! A DHCPv6 packet in lines, in the manner of dhcptest: what options hold is indented below them.

use std::fmt::Display;
use std::io::{self, Write};

use super::Style;
use crate::dhcp::v6::{Header, Inside, Packet, SpaceId, WireOption, code, table};
use crate::dhcp::value::{self, Value, ValueFormat};

/// Writes the header in a line, then a line for each option, then one for each anomaly.
///
/// Options are in the order of the wire; one whose octets do not have their form is marked `[hex]`.
pub fn text(octets: &[u8], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let packet = Packet::parse(octets);
    message(&packet, style, 2, out)?;
    for anomaly in &packet.anomalies {
        let kind = if anomaly.is_fault() { "fault" } else { "note" };
        writeln!(out, "  {kind}: {anomaly}")?;
    }
    Ok(())
}

fn message(packet: &Packet<'_>, style: Style, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    let margin = " ".repeat(indent);
    match packet.header {
        Header::Message { kind, xid } => writeln!(out, "{margin}type={kind} xid={xid:06X}")?,
        Header::Relay { kind, hops, link, peer } => {
            writeln!(out, "{margin}type={kind} hops={hops} link={link} peer={peer}")?;
        }
        Header::Short(kind) => writeln!(out, "{margin}type={} xid=?", or_unknown(kind))?,
    }
    writeln!(out, "{margin}{} options:", packet.options.len())?;
    packet.options.iter().try_for_each(|option| line(option, style, indent + 2, out))
}

fn or_unknown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

/// An option, and below it what it holds.
fn line(option: &WireOption<'_>, style: Style, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    let (form, value) = match typed(option) {
        Some(value) => ("", value.show(style)),
        None => ("[hex]", Value::Octets(option.octets.to_vec()).show(style)),
    };
    let blank = if value.is_empty() { "" } else { " " };
    writeln!(out, "{:indent$}{:>3} ({}){form}:{blank}{value}", "", option.code, title(option))?;
    match &option.inside {
        Inside::Nothing => Ok(()),
        Inside::Options(options) => options.iter().try_for_each(|inner| line(inner, style, indent + 4, out)),
        Inside::Message(packet) => message(packet, style, indent + 4, out),
    }
}

fn title(option: &WireOption<'_>) -> String {
    match (option.space, table::of(option.space).by_code(option.code)) {
        (_, Some(entry)) => entry.name.to_owned(),
        (SpaceId::Vendor(enterprise), None) => format!("of enterprise {enterprise}"),
        (_, None) => "Unknown".to_owned(),
    }
}

/// An option's value in its own form without what it holds; `None` if it does not have that form.
pub(super) fn typed(option: &WireOption<'_>) -> Option<Value> {
    let value = table::value(option.space, option.code, option.fixed())?;
    Some(match (value, &option.inside) {
        (value, Inside::Nothing) => value,
        (Value::Record(fields), _) => {
            let is_held = |value: &Value| matches!(value, Value::Options(options) if options.is_empty());
            let is_message = |name: &str| name == "message" && matches!(option.inside, Inside::Message(_));
            Value::Record(fields.into_iter().filter(|(name, value)| !is_held(value) && !is_message(name)).collect())
        }
        (_, _) => Value::Octets(Vec::new()),
    })
}

/// The value of the first option of that code in the client's or server's message, else in the relay agents' envelopes
/// around it, with all that it holds, in its own form or in
/// `format`; `None` if it is not there.
///
/// # Errors
/// The option does not have the form that was asked for.
#[must_use]
pub fn option(packet: &Packet<'_>, code: u16, format: Option<ValueFormat>) -> Option<Result<String, String>> {
    let octets = packet.innermost().option(code).or_else(|| packet.option(code))?.octets;
    let hex = || Value::Octets(octets.to_vec()).show(Style::Plain);
    let value = value::decode(&format.unwrap_or_else(|| table::OPTIONS.format(code)), octets);
    Some(match (value, format) {
        (Some(value), _) => Ok(value.show(Style::Plain)),
        (None, None) => Ok(hex()),
        (None, Some(format)) => Err(format!("option {code} is not {}: {}", format.describe().0, hex())),
    })
}

/// What a message says by name, for comparisons: its type and its options with all that they hold, but for what
/// differs by nature: client, server, transaction.
#[must_use]
pub fn facts(octets: &[u8]) -> Vec<(String, String)> {
    let packet = Packet::parse(octets);
    let message = packet.innermost();
    let mut facts = vec![("type".to_owned(), or_unknown(message.kind()))];
    for option in message.options.iter().filter(|option| ![code::CLIENTID, code::SERVERID].contains(&option.code)) {
        let entry = table::OPTIONS.by_code(option.code);
        let name = entry.map_or_else(|| option.code.to_string(), |entry| format!("{} {}", option.code, entry.key));
        let value = table::value(option.space, option.code, option.octets);
        let value = value.unwrap_or_else(|| Value::Octets(option.octets.to_vec()));
        facts.push((name, value.show(Style::Plain)));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v6::{Association, AssociationKind, Item, Message, MessageType, Opt, Relay};

    fn advertise() -> Message {
        let mut addresses = Association::new(AssociationKind::Addresses, 1);
        let address = "2001:db8::64".parse().unwrap();
        addresses.items.push(Item { address, prefix_length: 128, preferred: 1800, valid: 3600 });
        Message::new(MessageType::ADVERTISE, 0x00e3_2f7f)
            .with(Opt::new(code::CLIENTID, [0, 3, 0, 1, 2, 0, 0, 0, 0, 1]))
            .with(addresses.to_option())
            .with(Opt::request(&[23, 999]))
            .with(Opt::new(200, *b"ab"))
            .with(Opt::new(17, [0, 0, 0x7e, 0xd9, 0, 1, 0, 2, b'h', b'i']))
    }

    fn shown(octets: &[u8], style: Style) -> String {
        let mut out = Vec::new();
        text(octets, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_options_hold_is_indented_below_them() {
        let expected = "  type=ADVERTISE xid=E32F7F
  5 options:
      1 (OPTION_CLIENTID): ll:02:00:00:00:00:01
      3 (OPTION_IA_NA): iaid=1, t1=0, t2=0
          5 (OPTION_IAADDR): address=2001:db8::64, preferred=1800, valid=3600
      6 (OPTION_ORO): 23, 999
    200 (Unknown): 61 62
     17 (OPTION_VENDOR_OPTS): enterprise=32473
          1 (of enterprise 32473): hi
";
        assert_eq!(shown(&advertise().encode(), Style::Plain), expected);
        let verbose = shown(&advertise().encode(), Style::Verbose);
        assert!(verbose.contains("valid=3600 (1 hour)") && verbose.contains("23 (OPTION_DNS_SERVERS)"), "{verbose}");
    }

    #[test]
    fn a_relayed_message_stands_in_its_envelope() {
        let relay = Relay {
            kind: MessageType::RELAY_FORW,
            hops: 0,
            link: "2001:db8::1".parse().unwrap(),
            peer: "fe80::1".parse().unwrap(),
            options: vec![Opt::new(code::INTERFACE_ID, *b"eth0")],
        };
        let octets = relay.encode(&Message::new(MessageType::SOLICIT, 1).with(Opt::elapsed(0)).encode());
        let expected = "  type=RELAY-FORW hops=0 link=2001:db8::1 peer=fe80::1
  2 options:
     18 (OPTION_INTERFACE_ID): eth0
      9 (OPTION_RELAY_MSG):
        type=SOLICIT xid=000001
        1 options:
            8 (OPTION_ELAPSED_TIME): 0
";
        assert_eq!(shown(&octets, Style::Plain), expected);
    }

    #[test]
    fn what_is_wrong_stands_below_and_hides_nothing() {
        let message = advertise()
            .with(Opt::new(23, [1, 2, 3]))
            .with(Opt::new(3, [[0; 12].as_slice(), &[0, 5, 0, 9, 1]].concat()));
        let text = shown(&message.encode(), Style::Plain);
        for part in [
            "     23 (OPTION_DNS_SERVERS)[hex]: 01 02 03\n",
            "      3 (OPTION_IA_NA): iaid=0, t1=0, t2=0\n          5 (OPTION_IAADDR)[hex]: 01\n",
            "  fault: option 5 at offset 113 says 9 octets, 1 are left\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(shown(&[7, 0], Style::Plain).starts_with("  type=REPLY xid=?\n  0 options:\n  fault: "));
        assert!(shown(&[], Style::Plain).starts_with("  type=? xid=?\n"));
    }

    #[test]
    fn an_option_is_the_clients_before_it_is_the_relay_agents() {
        let relay = Relay {
            kind: MessageType::RELAY_REPL,
            hops: 0,
            link: "2001:db8::1".parse().unwrap(),
            peer: "fe80::1".parse().unwrap(),
            options: vec![Opt::new(200, *b"outer"), Opt::new(code::INTERFACE_ID, *b"eth0")],
        };
        let octets = relay.encode(&advertise().encode());
        let packet = Packet::parse(&octets);
        let text = |code| option(&packet, code, Some(ValueFormat::Text));
        assert_eq!(text(200), Some(Ok("ab".into())));
        assert_eq!(text(code::INTERFACE_ID), Some(Ok("eth0".into())));
    }

    #[test]
    fn facts_leave_out_what_differs_by_nature() {
        let facts = facts(&advertise().encode());
        assert_eq!(facts[0], ("type".to_owned(), "ADVERTISE".to_owned()));
        assert!(facts.iter().all(|(name, _)| name != "1 clientid"));
        assert!(facts.contains(&("200".to_owned(), "61 62".to_owned())), "{facts:?}");
    }

    #[test]
    fn one_option_alone_can_be_given_back_to_the_program() {
        let octets = advertise().encode();
        let packet = Packet::parse(&octets);
        let shown = option(&packet, code::IA_NA, None).unwrap().unwrap();
        let octets = value::parse(&table::OPTIONS.format(code::IA_NA), &shown, &table::OPTIONS).unwrap();
        assert_eq!(packet.option(code::IA_NA).unwrap().octets, octets);
        assert_eq!(option(&packet, 24, None), None);
        assert_eq!(option(&packet, 200, Some(ValueFormat::Text)), Some(Ok("ab".into())));
        assert!(option(&packet, 200, Some(ValueFormat::Ip6)).is_some_and(|shown| shown.is_err()));
    }
}
