//! What an answer says where an expectation looks; what was typed is held in the same terms.

use std::net::IpAddr;

use super::{Field, Network, Part};
use crate::dhcp::table::Space;
use crate::dhcp::value::{self, Style};
use crate::dhcp::{v4, v6};
use crate::probe::{AnswerKind, ProbeAnswer};
use crate::text::{Octets, hex};

/// What was found, or is wanted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// For people.
    pub(super) shown: String,
    /// Each of its parts, if it is a list; else itself.
    items: Vec<String>,
    octets: Option<Vec<u8>>,
    /// What the octets mean, if they have the option's form.
    value: Option<value::Value>,
    pub(super) number: Option<f64>,
    /// Whether it is a field of the header without a value: 0.0.0.0, or no text.
    pub(super) is_unset: bool,
}

impl Found {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let shown = text.into();
        Self { items: vec![shown.clone()], shown, octets: None, value: None, number: None, is_unset: false }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what is compared is small, or its order of magnitude is what counts"
    )]
    pub(super) fn number(number: u64) -> Self {
        Self { number: Some(number as f64), ..Self::text(number.to_string()) }
    }

    /// A number that need not be whole.
    pub(super) fn fraction(number: f64) -> Self {
        Self { number: Some(number), ..Self::text(format!("{number:.3}")) }
    }

    pub(super) fn list(items: Vec<String>) -> Self {
        let shown = items.join(", ");
        Self { items, ..Self::text(shown) }
    }

    /// Text of which every octet counts.
    pub(super) fn exact(octets: &[u8]) -> Self {
        Self { octets: Some(octets.to_vec()), ..Self::text(Octets(octets).to_string()) }
    }

    /// The value of an option.
    pub(super) fn option(space: &Space, code: u16, octets: &[u8]) -> Self {
        let format = space.format(code);
        let (octets, _) = value::without_nul(&format, octets);
        let octets = octets.to_vec();
        let Some(value) = value::decode(&format, &octets) else {
            return Self { items: Vec::new(), octets: Some(octets.clone()), ..Self::text(hex(&octets)) };
        };
        let shown = value.show(Style::Plain);
        let (items, number) = (items(&value), number(&value));
        Self { shown, items, octets: Some(octets), value: Some(value), number, is_unset: false }
    }

    /// The same octets, or another way to write the same: names may be compressed.
    pub(super) fn equals(&self, wanted: &Self) -> bool {
        match (&self.octets, &wanted.octets, self.number.zip(wanted.number)) {
            (Some(found), Some(octets), _) => found == octets || (self.value.is_some() && self.value == wanted.value),
            (_, _, Some((found, wanted))) => (found - wanted).abs() < 5e-4,
            _ => self.shown.eq_ignore_ascii_case(&wanted.shown),
        }
    }

    /// Text and octets have every stretch of themselves, lists only whole elements.
    pub(super) fn contains(&self, part: &Part) -> bool {
        match part {
            Part::Octets(wanted) => {
                self.octets.as_ref().is_some_and(|octets| octets.windows(wanted.len()).any(|stretch| stretch == wanted))
            }
            Part::Text(wanted) => self.shown.to_ascii_lowercase().contains(&wanted.to_ascii_lowercase()),
            Part::Items(wanted) => {
                let is_there = |wanted: &String| self.items.iter().any(|item| item.eq_ignore_ascii_case(wanted));
                wanted.iter().all(is_there)
            }
        }
    }

    /// Its elements.
    pub(super) fn into_items(self) -> Vec<String> {
        self.items
    }

    /// Whether every address it has is in one of `networks`, and it has one.
    pub(super) fn is_in(&self, networks: &[Network]) -> bool {
        let address = |item: &String| item.split('/').next().and_then(|address| address.parse::<IpAddr>().ok());
        let is_in =
            |item: &String| address(item).is_some_and(|address| networks.iter().any(|net| net.contains(address)));
        !self.is_unset && !self.items.is_empty() && self.items.iter().all(is_in)
    }
}

/// An option of the answer.
pub(super) fn option(answer: &ProbeAnswer, code: u16) -> Option<Found> {
    if answer.source.is_ipv4() {
        let packet = v4::Packet::parse(&answer.octets);
        let octets = packet.option(u8::try_from(code).ok()?)?;
        return Some(Found::option(&v4::table::OPTIONS, code, &octets));
    }
    let packet = v6::Packet::parse(&answer.octets);
    let octets = packet.innermost().option(code)?.octets;
    Some(Found::option(&v6::table::OPTIONS, code, octets))
}

fn number(value: &value::Value) -> Option<f64> {
    match *value {
        value::Value::Number(number) => Found::number(number).number,
        value::Value::Seconds(number) | value::Value::Named(number, _) => Some(f64::from(number)),
        value::Value::SignedSeconds(number) => Some(f64::from(number)),
        _ => None,
    }
}

/// The parts of a list as text; of fields and of options within each with its name.
fn items(value: &value::Value) -> Vec<String> {
    match value {
        value::Value::List(items) => items.iter().map(|item| item.show(Style::Plain)).collect(),
        value::Value::Record(fields) => {
            fields.iter().map(|(name, value)| format!("{name}={}", value.show(Style::Plain))).collect()
        }
        value::Value::Options(options) => {
            options.iter().map(|option| format!("{}={}", option.code, hex(&option.octets))).collect()
        }
        single => vec![single.show(Style::Plain)],
    }
}

/// What the answer has besides options; `None` where it has none.
pub(super) fn field(answer: &ProbeAnswer, field: Field) -> Option<Found> {
    match field {
        Field::Type => Some(Found::text(kind(answer))),
        Field::Server => answer.server.as_ref().map(|server| Found::text(server.to_string())),
        Field::Source => Some(Found::text(answer.source.ip().to_string())),
        Field::Mac => answer.mac.map(|mac| Found::text(mac.to_string())),
        Field::Address => {
            let items: Vec<_> = answer.addresses.iter().map(ToString::to_string).collect();
            (!items.is_empty()).then(|| Found::list(items))
        }
        Field::Lifetime => {
            answer.addresses.iter().filter_map(|leased| leased.lifetime).min().map(|s| Found::number(s.into()))
        }
        Field::Milliseconds => Some(Found::fraction(answer.rtt.as_secs_f64() * 1000.0)),
        Field::Siaddr | Field::Giaddr | Field::Ciaddr | Field::Sname | Field::File => header(answer, field),
    }
}

/// The message's type by the name it has where it is typed.
fn kind(answer: &ProbeAnswer) -> String {
    let is_v4 = answer.source.is_ipv4();
    let word = match answer.kind {
        AnswerKind::Bootp => "bootp".to_owned(),
        AnswerKind::Other(number) if is_v4 => v4::MessageType(number).to_string(),
        AnswerKind::Other(number) => v6::MessageType(number).to_string(),
        kind => kind.word().to_owned(),
    };
    word.to_ascii_lowercase()
}

fn header(answer: &ProbeAnswer, field: Field) -> Option<Found> {
    let packet = v4::Packet::parse(Some(&answer.octets[..]).filter(|_| answer.source.is_ipv4())?);
    let address = match field {
        Field::Siaddr => packet.siaddr(),
        Field::Giaddr => packet.giaddr(),
        Field::Ciaddr => packet.ciaddr(),
        Field::Sname => return texted(packet.sname()),
        _ => return texted(packet.file()),
    };
    address.map(|address| Found { is_unset: address.is_unspecified(), ..Found::text(address.to_string()) })
}

fn texted(octets: Option<&[u8]>) -> Option<Found> {
    octets.map(|octets| Found { is_unset: octets.is_empty(), ..Found::exact(octets) })
}
