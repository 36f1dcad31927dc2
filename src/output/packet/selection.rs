//! One thing of a packet, printed alone: a field of its header, an option, or something within an option.
//!
//! Fields and options are named as in JSON. A path such as `relay-agent-information.circuit-id`, `ia-na.iaaddr.address`
//! or `125.3561.1` leads into what an option holds.

use serde_json::Value as Json;

use super::{Packet4, Packet6, Passage, Style, option, option6};
use crate::dhcp::table::Space;
use crate::dhcp::value::{self, SubOption, Value, ValueFormat};
use crate::dhcp::{v4, v6};

/// What JSON has of a packet besides its options; see [`Packet4`], [`Packet6`] and [`Passage`].
const FIELDS: [&str; 23] = [
    "message-type",
    "op",
    "htype",
    "hlen",
    "hops",
    "xid",
    "secs",
    "flags",
    "ciaddr",
    "yiaddr",
    "siaddr",
    "giaddr",
    "chaddr",
    "sname",
    "file",
    "link-address",
    "peer-address",
    "time",
    "rtt-ms",
    "source",
    "destination",
    "mac",
    "vlan",
];

/// What is printed of a packet.
#[derive(Debug)]
pub struct Selection {
    /// As it was typed.
    pub text: String,
    head: Head,
    /// The way into the option.
    path: Vec<String>,
    format: Option<ValueFormat>,
}

#[derive(Debug)]
enum Head {
    Field(&'static str),
    Option(u16),
}

impl Selection {
    /// What `text` names: a field, an option of `space` by code or name, or a path into it; `option:NAME` is an option in
    /// any case. `format` is the form that an option's value is printed in.
    ///
    /// # Errors
    /// There is neither a field nor an option of this name.
    pub fn parse(text: &str, format: Option<ValueFormat>, space: &Space) -> Result<Self, String> {
        let typed = text.trim();
        let (is_option, name) = typed.strip_prefix("option:").map_or((false, typed), |name| (true, name));
        let selected = |head, path: Vec<String>| Ok(Self { text: typed.to_owned(), head, path, format });
        let field = FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(&name.replace('_', "-")));
        if let Some(field) = field.filter(|_| !is_option) {
            return match format {
                None => selected(Head::Field(field), Vec::new()),
                Some(_) => Err(format!("{field} is a field of the header, which has one form only")),
            };
        }
        let mut parts = name.split('.').map(str::to_owned);
        let name = parts.next().unwrap_or_default();
        let code = space.code_of(&name).map_err(|cause| match near(&name).filter(|_| !is_option) {
            Some(field) => format!("{cause}; did you mean the field \"{field}\"?"),
            None => cause,
        })?;
        let mut path: Vec<_> = parts.collect();
        if let (ValueFormat::Options(inner), Some(first)) = (space.format(code), path.first_mut()) {
            *first = inner.code_of(first)?.to_string();
        }
        selected(Head::Option(code), path)
    }

    /// The value in a DHCPv4 packet; `None` if it is not there.
    ///
    /// # Errors
    /// It does not have the form that was asked for.
    #[must_use]
    pub fn in4(&self, octets: &[u8], passage: &Passage) -> Option<Result<String, String>> {
        let code = match self.head {
            Head::Field(field) => return field_of(&serde_json::to_value(Packet4 { octets, passage }), field),
            Head::Option(code) => code,
        };
        let packet = v4::Packet::parse(octets);
        let short = u8::try_from(code).ok()?;
        if self.path.is_empty() {
            return option(&packet, short, self.format);
        }
        let value = value::decode(&v4::table::OPTIONS.format(code), &packet.option(short)?)?;
        self.follow(&value, &self.path)
    }

    /// The value in a DHCPv6 packet, within the first option that holds it if the message has it in no other place.
    ///
    /// # Errors
    /// It does not have the form that was asked for.
    #[must_use]
    pub fn in6(&self, octets: &[u8], passage: &Passage) -> Option<Result<String, String>> {
        let packet = v6::Packet::parse(octets);
        let code = match self.head {
            Head::Field(field) => {
                let inner = Packet6 { octets: packet.innermost().octets, passage };
                let outer = field_of(&serde_json::to_value(Packet6 { octets, passage }), field);
                return outer.or_else(|| field_of(&serde_json::to_value(inner), field));
            }
            Head::Option(code) => code,
        };
        if self.path.is_empty()
            && let Some(shown) = option6(&packet, code, self.format)
        {
            return Some(shown);
        }
        let message = packet.innermost();
        let value_of = |octets, code| value::decode(&v6::table::OPTIONS.format(code), octets);
        if let Some(found) = message.option(code).or_else(|| packet.option(code)) {
            return self.follow(&value_of(found.octets, code)?, &self.path);
        }
        let mut path = vec![code.to_string()];
        path.extend(self.path.iter().cloned());
        message.options.iter().find_map(|outer| self.follow(&value_of(outer.octets, outer.code)?, &path))
    }

    fn follow(&self, value: &Value, path: &[String]) -> Option<Result<String, String>> {
        let found = step(value, path)?;
        Some(match (found, self.format) {
            (Found::Option(option), Some(format)) => {
                let shown = value::decode(&format, &option.octets).map(|value| value.show(Style::Plain));
                shown.ok_or_else(|| format!("{} is not {}", self.text, format.describe().0))
            }
            (Found::Field(_), Some(_)) => Err(format!("{} is a field, which has one form only", self.text)),
            (Found::Option(option), None) => Ok(option.value.show(Style::Plain)),
            (Found::Field(value), None) => Ok(value.show(Style::Plain)),
        })
    }
}

/// The field of the header that has the same letters but for one.
fn near(name: &str) -> Option<&'static str> {
    let without = |text: &str, at: usize| text.chars().enumerate().filter(|(i, _)| *i != at).map(|(_, c)| c).collect();
    let shorter = |text: &str| -> Vec<String> { (0..=text.len()).map(|at| without(text, at)).collect() };
    let typed = shorter(name);
    FIELDS.into_iter().filter(|field| field.len() > 3).find(|field| shorter(field).iter().any(|it| typed.contains(it)))
}

/// Where a path ends.
enum Found<'a> {
    Option(&'a SubOption),
    Field(&'a Value),
}

/// Follows a path into a value: names of fields, codes and names of options, enterprise numbers.
fn step<'a>(value: &'a Value, path: &[String]) -> Option<Found<'a>> {
    let (name, rest) = path.split_first()?;
    match value {
        Value::Options(options) => {
            let option = options.iter().find(|option| is_called(option, name))?;
            if rest.is_empty() { Some(Found::Option(option)) } else { step(&option.value, rest) }
        }
        Value::Record(fields) => {
            if let Some((_, value)) = fields.iter().find(|(field, _)| bare(field) == bare(name)) {
                return if rest.is_empty() { Some(Found::Field(value)) } else { step(value, rest) };
            }
            // An enterprise number means what the enterprise says.
            let is_meant = |(_, value): &(&str, Value)| matches!(value, Value::Number(n) if n.to_string() == *name);
            let enterprise = fields.iter().find(|(field, _)| *field == "enterprise").filter(|field| is_meant(field));
            match enterprise {
                Some(_) if rest.is_empty() => Some(Found::Field(value)),
                Some(_) => fields.iter().find_map(|(_, value)| step(value, rest)),
                None => fields.iter().find_map(|(_, value)| step(value, path)),
            }
        }
        Value::List(values) => values.iter().find_map(|value| step(value, path)),
        _ => None,
    }
}

fn is_called(option: &SubOption, name: &str) -> bool {
    option.code.to_string() == name || option.key.is_some_and(|key| bare(key) == bare(name))
}

/// Letters and digits alone, in lower case.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn field_of(packet: &Result<Json, serde_json::Error>, field: &str) -> Option<Result<String, String>> {
    match packet.as_ref().ok()?.get(field)? {
        Json::Null => None,
        Json::String(text) => Some(Ok(text.clone())),
        other => Some(Ok(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dhcp::v4::{Message, MessageType};
    use crate::dhcp::v6::{Association, AssociationKind, Item, Opt};

    fn shown4(text: &str, message: &Message) -> Option<String> {
        let selection = Selection::parse(text, None, &v4::table::OPTIONS).unwrap();
        selection.in4(&message.encode(), &Passage::default()).map(Result::unwrap)
    }

    #[test]
    fn fields_of_the_header_are_named_as_in_json() {
        let mut message = Message::of_type(MessageType::OFFER, 0xab, &[2, 0, 0x5e, 0, 0x53, 1]);
        (message.yiaddr, message.flags) = ([192, 0, 2, 100].into(), 0x8000);
        message.file[..4].copy_from_slice(b"boot");
        for (name, expected) in [
            ("yiaddr", "192.0.2.100"),
            ("YIADDR", "192.0.2.100"),
            ("op", "1"),
            ("htype", "1"),
            ("hlen", "6"),
            ("hops", "0"),
            ("xid", "000000ab"),
            ("secs", "0"),
            ("flags", "32768"),
            ("ciaddr", "0.0.0.0"),
            ("siaddr", "0.0.0.0"),
            ("giaddr", "0.0.0.0"),
            ("chaddr", "02:00:5e:00:53:01"),
            ("sname", ""),
            ("file", "boot"),
            ("message-type", "offer"),
        ] {
            assert_eq!(shown4(name, &message).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(shown4("link-address", &message), None);
    }

    #[test]
    fn a_path_leads_into_what_an_option_holds() {
        let message = Message::of_type(MessageType::OFFER, 1, &[2; 6])
            .with(82, *b"\x01\x05port1\x97\x01x")
            .with(43, *b"\x01\x02hi\x02\x01\x07")
            .with(125, *b"\x00\x00\x0d\xe9\x05\x01\x03abc");
        for (name, expected) in [
            ("82.1", Some("port1")),
            ("82.circuit-id", Some("port1")),
            ("dhcp-agent-options.circuit_id", Some("port1")),
            ("82.151", Some("x")),
            ("82.2", None),
            ("43.1", Some("hi")),
            ("125.3561.1", Some("abc")),
            ("125.9.1", None),
            ("option:82.1", Some("port1")),
        ] {
            assert_eq!(shown4(name, &message).as_deref(), expected, "{name}");
        }
        let hex = Selection::parse("82.1", Some(ValueFormat::Hex), &v4::table::OPTIONS).unwrap();
        assert_eq!(hex.in4(&message.encode(), &Passage::default()), Some(Ok("70 6F 72 74 31".into())));
        assert!(Selection::parse("nosuch.1", None, &v4::table::OPTIONS).is_err());
        let error = Selection::parse("82.circit-id", None, &v4::table::OPTIONS).unwrap_err();
        assert!(error.contains("did you mean"), "{error}");
        let error = Selection::parse("yiadr", None, &v4::table::OPTIONS).unwrap_err();
        assert!(error.ends_with("did you mean the field \"yiaddr\"?"), "{error}");
    }

    #[test]
    fn what_an_association_holds_is_found_by_its_name_alone() {
        let mut addresses = Association::new(AssociationKind::Addresses, 1);
        (addresses.t1, addresses.t2) = (900, 1440);
        let address = "2001:db8::64".parse().unwrap();
        addresses.items.push(Item { address, prefix_length: 128, preferred: 1800, valid: 3600 });
        let reply = v6::Message::new(v6::MessageType::REPLY, 0x12).with(addresses.to_option());
        let relay = v6::Relay {
            kind: v6::MessageType::RELAY_REPL,
            hops: 0,
            link: "2001:db8::1".parse().unwrap(),
            peer: "fe80::1".parse().unwrap(),
            options: vec![Opt::new(18, *b"eth0")],
        };
        for octets in [reply.encode(), relay.encode(&reply.encode())] {
            for (name, expected) in [
                ("iaaddr", "address=2001:db8::64, preferred=1800, valid=3600"),
                ("ia-na.iaaddr", "address=2001:db8::64, preferred=1800, valid=3600"),
                ("ia_na.iaaddr.address", "2001:db8::64"),
                ("iaaddr.address", "2001:db8::64"),
                ("3.5.valid", "3600"),
                ("ia-na.t1", "900"),
                ("xid", "000012"),
            ] {
                let selection = Selection::parse(name, None, &v6::table::OPTIONS).unwrap();
                let shown = selection.in6(&octets, &Passage::default());
                assert_eq!(shown, Some(Ok(expected.to_owned())), "{name}");
            }
        }
    }
}
