//! What must hold for any octets. The fuzz targets look for some that break it; `tests/corpora.rs` makes sure of those
//! that are known.

use std::net::SocketAddr;
use std::time::Duration;

pub mod files;
pub mod load;
pub mod logs;
pub mod metrics;
pub mod oracle;
pub mod pools;
pub mod redaction;
pub mod top;

use kea_tools::dhcp::table::{Entry, Space};
use kea_tools::dhcp::value::{self, Style, Text, ValueFormat};
use kea_tools::dhcp::{v4, v6};
use kea_tools::output::packet;
use kea_tools::probe::expect::Expectation;
use kea_tools::probe::{Exchange, Machine, Schedule};
use kea_tools::wire::{Checksum, Datagram, frame, pcap};

/// Ends the program if something does not hold for these octets.
pub type Check = fn(&[u8]);

/// Each check with its name, which is its target's and its corpus's, too.
pub const CHECKS: &[(&str, Check)] = &[
    ("v4_packet", v4_packet),
    ("v6_packet", v6_packet),
    ("v4_value", v4_value),
    ("v6_value", v6_value),
    ("option_text", option_text),
    ("expectation", expectation),
    ("v4_exchange", v4_exchange),
    ("v6_exchange", v6_exchange),
    ("expected_answer", expected_answer),
    ("statistics", metrics::statistics),
    ("recording", top::recording),
    ("ethernet", ethernet),
    ("capture", capture),
    ("lease_file", files::lease_file),
    ("configuration", files::configuration),
    ("pools", pools::pools),
    ("keactrl_conf", files::keactrl_conf),
    ("control_reply", files::control_reply),
    ("log_lines", logs::log_lines),
    ("log_journal", logs::log_journal),
    ("loggers", logs::loggers),
    ("mysql_greeting", files::mysql_greeting),
    ("redaction", redaction::redaction),
    ("load_answers", load::load_answers),
    ("dhcproto", oracle::dhcproto),
];

/// A DHCPv4 packet is taken apart, shown and written in JSON; no octet of its options is lost.
pub fn v4_packet(data: &[u8]) {
    let packet = v4::Packet::parse(data);
    assert_eq!(packet.octets(), data);
    for piece in packet.pieces() {
        assert!(piece.value.end <= data.len(), "{piece:?}");
        let _ = packet.value(piece);
    }
    let joined: usize = packet.options().iter().map(|option| option.octets.len()).sum();
    let pieces: usize = packet.pieces().iter().map(|piece| piece.value.len()).sum();
    assert_eq!(joined, pieces, "options are their pieces");
    for style in [Style::Verbose, Style::Plain] {
        let mut shown = Vec::new();
        packet::text4(data, style, &mut shown).expect("memory takes everything");
        assert_harmless(&shown);
    }
    let json = serde_json::to_string(&packet::Packet4 { octets: data, passage: &packet::Passage::default() });
    assert!(json.is_ok_and(|json| serde_json::from_str::<serde_json::Value>(&json).is_ok()));
}

/// A DHCPv6 packet is taken apart, shown and written in JSON; no octet of its options is lost, at whatever depth.
pub fn v6_packet(data: &[u8]) {
    let packet = v6::Packet::parse(data);
    let fixed = match packet.header {
        v6::Header::Message { .. } => 4,
        v6::Header::Relay { .. } => 34,
        v6::Header::Short(_) => data.len(),
    };
    assert_accounted_for(&packet.options, data.len() - fixed);
    let _ = (packet.client(), packet.server(), packet.status(), packet.preference(), packet.innermost().xid());
    assert!(packet.associations().count() <= packet.options.len());
    for style in [Style::Verbose, Style::Plain] {
        let mut shown = Vec::new();
        packet::text6(data, style, &mut shown).expect("memory takes everything");
        assert_harmless(&shown);
    }
    let json = serde_json::to_string(&packet::Packet6 { octets: data, passage: &packet::Passage::default() });
    assert!(json.is_ok_and(|json| serde_json::from_str::<serde_json::Value>(&json).is_ok()));
}

/// At most three octets, too few for another option, are not in any.
fn assert_accounted_for(options: &[v6::WireOption<'_>], length: usize) {
    let seen: usize = options.iter().map(|option| 4 + option.octets.len()).sum();
    assert!(seen <= length && length - seen < 4, "{seen} of {length} octets");
    for option in options {
        if let v6::Inside::Options(inner) = &option.inside {
            assert_accounted_for(inner, option.octets.len() - option.fixed().len());
        }
    }
}

/// What is shown to people has no control over their terminals, nor turns or hides what stands beside it.
fn assert_harmless(shown: &[u8]) {
    let text = std::str::from_utf8(shown).expect("UTF-8");
    assert!(!text.chars().any(|c| kea_tools::text::is_terminal_unsafe(c) && c != '\n'), "{text:?}");
}

/// The value of each DHCPv4 option prints as text that means the same.
pub fn v4_value(data: &[u8]) {
    value_of(data, &v4::table::OPTIONS);
}

/// The value of each DHCPv6 option prints as text that means the same.
pub fn v6_value(data: &[u8]) {
    value_of(data, &v6::table::OPTIONS);
}

/// The first octet is the option's code, the rest are its value.
fn value_of(data: &[u8], space: &'static Space) {
    let Some((entry, octets)) = chosen(data, space) else { return };
    let Some(decoded) = value::decode(&entry.format, octets) else { return };
    for style in [Style::Verbose, Style::Plain] {
        let text = decoded.show(style);
        assert_harmless(text.as_bytes());
        let back = value::parse(&entry.format, &text, space);
        let back = back.unwrap_or_else(|error| panic!("option {}: {error}", entry.code));
        assert_eq!(value::decode(&entry.format, &back).as_ref(), Some(&decoded), "option {}: {text}", entry.code);
    }
    assert!(serde_json::to_string(&decoded).is_ok());
}

/// `CODE[FORMAT]=VALUE`, as on the command line.
fn code_format_value(text: &str, space: &'static Space) {
    let mut reader = Text::new(text);
    let Ok((name, form)) = reader.field() else { return };
    let code = if name.len() < 200 { space.code_of(&name).unwrap_or(0) } else { 0 };
    let form = form.map_or(Some(space.format(code)), |form| ValueFormat::by_name(&form, space));
    let Some(Ok(octets)) = form.map(|form| value::parse(&form, reader.rest(), space)) else { return };
    let _ = value::decode(&space.format(code), &octets);
}

fn chosen<'a>(data: &'a [u8], space: &'static Space) -> Option<(&'static Entry, &'a [u8])> {
    let (choice, rest) = data.split_first()?;
    Some((space.by_code((*choice).into())?, rest))
}

/// An expectation is read, or refused with a reason; without an answer none about answers holds.
pub fn expectation(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for space in [&v4::table::OPTIONS, &v6::table::OPTIONS] {
        match Expectation::parse(space, text) {
            Err(cause) => assert!(!cause.is_empty()),
            Ok(expectation) => assert!(expectation.check(&[]).is_err() || !expectation.is_about_each()),
        }
    }
}

/// Any text for an option is refused with a sentence, or is octets that the option can be read from.
pub fn option_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(1..).unwrap_or_default()) else { return };
    for space in [&v4::table::OPTIONS, &v6::table::OPTIONS] {
        code_format_value(text, space);
        // Names are short; the search for the nearest takes its time with books.
        let _ = text.len() < 200 && space.code_of(text).is_ok();
        let Some((entry, _)) = chosen(data, space) else { return };
        match value::parse(&entry.format, text, space) {
            Err(error) => assert!(!error.is_empty()),
            Ok(octets) => {
                if let Some(decoded) = value::decode(&entry.format, &octets) {
                    let shown = decoded.show(Style::Plain);
                    assert!(value::parse(&entry.format, &shown, space).is_ok(), "option {}: {shown}", entry.code);
                }
            }
        }
    }
}

/// A client in the midst of an exchange hears it; it always comes to an end, and gives back what it took.
pub fn v4_exchange(data: &[u8]) {
    use kea_tools::probe::v4::{Client, ProbeModeV4, ProbePlanV4};
    let template = v4::Message::request(0, &[2, 0, 0, 0, 0, 1]);
    let mut client = Client::new(
        ProbePlanV4::new(template.clone(), 7, Schedule::tries(2, Duration::from_secs(1))),
        ProbeModeV4::Full,
    );
    let mut now = Duration::from_secs(1);
    let mut rest = data;
    let mut granted = false;
    for _ in 0..16 {
        while client.poll_transmit(now).is_some() {
            client.handle_sent(now);
        }
        // Offers, acknowledgements and refusals that fit so far, with the fuzzer's options behind.
        if let Some((choice, tail)) = rest.split_first() {
            let (options, tail) = tail.split_at(usize::from(*choice).min(tail.len()));
            let mut reply = v4::Message { op: v4::BOOTREPLY, xid: 7, ..template.clone() };
            reply.yiaddr = [192, 0, 2, 100].into();
            let mut octets = reply.with(53, [[2, 5, 6, 5][usize::from(*choice) % 4]]).encode_padded(0);
            octets.pop();
            octets.extend(options);
            hear_from(&mut client, now, SocketAddr::from(([192, 0, 2, 1], 67)), &octets);
            rest = tail;
        }
        granted |= client.record().answers.iter().any(|answer| answer.kind == kea_tools::probe::AnswerKind::Ack);
        now = client.poll_timeout().unwrap_or(now).max(now);
        client.handle_timeout(now);
        if client.is_done() {
            assert!(!granted || !client.record().released.is_empty(), "what was granted is given back");
            return;
        }
    }
    panic!("the exchange has no end");
}

/// An expectation holds of any answer, or what is there instead is told.
pub fn expected_answer(data: &[u8]) {
    let Some((length, rest)) = data.split_first() else { return };
    let (text, octets) = rest.split_at(usize::from(*length).min(rest.len()));
    let Ok(text) = std::str::from_utf8(text) else { return };
    for (space, source) in [
        (&v4::table::OPTIONS, SocketAddr::from(([192, 0, 2, 1], 67))),
        (&v6::table::OPTIONS, SocketAddr::from((v6::ALL_SERVERS, v6::SERVER_PORT))),
    ] {
        for read in [Expectation::parse(space, text), Expectation::of_option(space, text)] {
            match read {
                Err(error) => assert!(!error.is_empty()),
                Ok(expectation) => {
                    let _ =
                        expectation.check(&[&answer_of(source, octets)]).map_err(|there| assert!(!there.is_empty()));
                    let _ = expectation.check(&[]);
                }
            }
        }
    }
}

fn answer_of(source: SocketAddr, octets: &[u8]) -> kea_tools::probe::ProbeAnswer {
    kea_tools::probe::ProbeAnswer {
        kind: kea_tools::probe::AnswerKind::Offer,
        phase: 0,
        server: None,
        source,
        mac: None,
        vlan: None,
        link: 0,
        relay: None,
        at: Duration::ZERO,
        rtt: Duration::from_millis(1),
        try_number: 1,
        checksum: kea_tools::wire::Checksum::Good,
        copies: 1,
        addresses: Vec::new(),
        refusal: None,
        remarks: Vec::new(),
        octets: octets.to_vec(),
    }
}

/// A client in the midst of an exchange hears it; it always comes to an end.
pub fn v6_exchange(data: &[u8]) {
    const CLIENT: [u8; 10] = [0, 3, 0, 1, 2, 0, 0, 0, 0, 1];
    let plan = v6_plan(&CLIENT);
    let mut client = kea_tools::probe::v6::Client::new(plan, kea_tools::probe::v6::ProbeModeV6::Rapid);
    let mut now = Duration::from_secs(1);
    let mut rest = data;
    for _ in 0..64 {
        let mut asked = [0; 4];
        if let Some(transmit) = client.poll_transmit(now) {
            asked.copy_from_slice(&transmit.payload[..4]);
            client.handle_sent(now);
        }
        // Replies and advertisements that fit so far, with the fuzzer's options behind.
        if let Some((choice, tail)) = rest.split_first() {
            let (options, tail) = tail.split_at(usize::from(*choice).min(tail.len()));
            let kind = if choice % 2 == 0 { 7 } else { 2 };
            let own = [&[kind, asked[1], asked[2], asked[3], 0, 1, 0, 10][..], &CLIENT, options].concat();
            hear(&mut client, now, &own);
            rest = tail;
        }
        now = client.poll_timeout().unwrap_or(now).max(now);
        client.handle_timeout(now);
        if client.is_done() {
            assert!(client.record().answers.len() <= 256);
            return;
        }
    }
    panic!("the exchange has no end");
}

fn v6_plan(client: &[u8]) -> kea_tools::probe::v6::ProbePlanV6 {
    kea_tools::probe::v6::ProbePlanV6 {
        associations: vec![v6::Association::new(v6::AssociationKind::Addresses, 1)],
        xid: 7,
        seed: 1,
        ..kea_tools::probe::v6::ProbePlanV6::new(client.to_vec(), Schedule::tries(2, Duration::from_secs(1)))
    }
}

fn hear(client: &mut dyn Machine, at: Duration, payload: &[u8]) {
    hear_from(client, at, SocketAddr::from((v6::ALL_SERVERS, v6::SERVER_PORT)), payload);
}

fn hear_from(client: &mut dyn Machine, at: Duration, source: SocketAddr, payload: &[u8]) {
    client.handle_datagram(&Datagram {
        link: 0,
        at,
        source,
        destination: None,
        mac: None,
        vlan: None,
        interface: 1,
        checksum: Checksum::Good,
        in_fragments: false,
        is_for_other_host: false,
        is_in_other_vlan: false,
        frame: None,
        payload,
    });
}

/// A frame from the wire has a datagram within itself, or none.
pub fn ethernet(data: &[u8]) {
    if let Some(found) = frame::parse(data) {
        assert!(found.payload.len() <= data.len());
    }
}

/// A capture file is read to its end or to its fault, and its packets are taken apart.
pub fn capture(data: &[u8]) {
    let mut octets = 0;
    let _ = pcap::read(data, &mut |record| {
        octets += record.octets.len();
        if let Some(found) = record.datagram() {
            assert!(found.payload.len() <= record.octets.len());
        }
        Ok(())
    });
    assert!(octets <= data.len(), "a packet is read once");
}
