//! What an answer says where an expectation looks.

use std::net::IpAddr;

use super::{Field, Network, Value};
use crate::dhcp::table::Space;
use crate::dhcp::value::{self, Style};
use crate::dhcp::{v4, v6};
use crate::probe::Answer;
use crate::text::Octets;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// For people.
    pub(super) shown: String,
    /// Each of its parts, if it is a list; else itself.
    items: Vec<String>,
    octets: Option<Vec<u8>>,
    pub(super) number: Option<f64>,
}

impl Found {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let shown = text.into();
        Self { items: vec![shown.clone()], shown, octets: None, number: None }
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "what is compared is small, or its order of magnitude is what counts"
    )]
    pub(super) fn number(number: u64) -> Self {
        Self { number: Some(number as f64), ..Self::text(number.to_string()) }
    }

    pub(super) fn equals(&self, value: &Value) -> bool {
        match (&self.octets, &value.octets) {
            (Some(found), Some(wanted)) => found == wanted,
            _ => self.shown.eq_ignore_ascii_case(value.text.trim()),
        }
    }

    pub(super) fn contains(&self, value: &Value) -> bool {
        let is_item = |wanted: &String| self.items.contains(wanted);
        let is_part = self.items.len() == 1 && self.shown.contains(value.text.trim());
        (!value.shown.is_empty() && value.shown.iter().all(is_item)) || is_part
    }

    /// Whether every address it has is in one of `networks`, and it has one.
    pub(super) fn is_in(&self, networks: &[Network]) -> bool {
        let address = |item: &String| item.split('/').next().and_then(|address| address.parse::<IpAddr>().ok());
        let is_in =
            |item: &String| address(item).is_some_and(|address| networks.iter().any(|net| net.contains(address)));
        !self.items.is_empty() && self.items.iter().all(is_in)
    }
}

/// An option of the answer.
pub(super) fn option(answer: &Answer, code: u16) -> Option<Found> {
    let octets = if answer.source.is_ipv4() {
        v4::Packet::parse(&answer.octets).option(u8::try_from(code).ok()?)?.into_owned()
    } else {
        v6::Packet::parse(&answer.octets).innermost().option(code)?.octets.to_vec()
    };
    Some(of_octets(space(answer), code, octets))
}

fn space(answer: &Answer) -> &'static Space {
    if answer.source.is_ipv4() { &v4::table::OPTIONS } else { &v6::table::OPTIONS }
}

fn of_octets(space: &Space, code: u16, octets: Vec<u8>) -> Found {
    let Some(value) = value::decode(&space.format(code), &octets) else {
        let shown = crate::text::hex(&octets);
        return Found { octets: Some(octets), ..Found::text(shown) };
    };
    let number = match value {
        value::Value::Number(number) => Found::number(number).number,
        value::Value::Seconds(number) | value::Value::Named(number, _) => Some(f64::from(number)),
        value::Value::SignedSeconds(number) => Some(f64::from(number)),
        _ => None,
    };
    Found { shown: value.show(Style::Plain), items: items(&value), octets: Some(octets), number }
}

/// The parts of a list as text.
pub(super) fn items(value: &value::Value) -> Vec<String> {
    match value {
        value::Value::List(items) => items.iter().map(|item| item.show(Style::Plain)).collect(),
        single => vec![single.show(Style::Plain)],
    }
}

/// What the answer has besides options; `None` where it has none.
pub(super) fn field(answer: &Answer, field: Field) -> Option<Found> {
    match field {
        Field::Type => Some(Found::text(answer.kind.word().to_ascii_lowercase())),
        Field::Server => answer.server.as_ref().map(|server| Found::text(server.to_string())),
        Field::Source => Some(Found::text(answer.source.ip().to_string())),
        Field::Mac => answer.mac.map(|mac| Found::text(mac.to_string())),
        Field::Address => {
            let items: Vec<_> = answer.addresses.iter().map(ToString::to_string).collect();
            (!items.is_empty()).then(|| Found { items: items.clone(), ..Found::text(items.join(", ")) })
        }
        Field::Lifetime => {
            answer.addresses.iter().filter_map(|leased| leased.lifetime).min().map(|s| Found::number(s.into()))
        }
        Field::Milliseconds => {
            let milliseconds = answer.rtt.as_secs_f64() * 1000.0;
            Some(Found { number: Some(milliseconds), ..Found::text(format!("{milliseconds:.3}")) })
        }
        Field::Siaddr | Field::Giaddr | Field::Ciaddr | Field::Sname | Field::File => header(answer, field),
    }
}

fn header(answer: &Answer, field: Field) -> Option<Found> {
    let packet = v4::Packet::parse(Some(&answer.octets[..]).filter(|_| answer.source.is_ipv4())?);
    let address = match field {
        Field::Siaddr => packet.siaddr(),
        Field::Giaddr => packet.giaddr(),
        Field::Ciaddr => packet.ciaddr(),
        Field::Sname => return texted(packet.sname()),
        _ => return texted(packet.file()),
    };
    address.filter(|address| !address.is_unspecified()).map(|address| Found::text(address.to_string()))
}

fn texted(octets: Option<&[u8]>) -> Option<Found> {
    octets.filter(|octets| !octets.is_empty()).map(|octets| Found::text(Octets(octets).to_string()))
}
