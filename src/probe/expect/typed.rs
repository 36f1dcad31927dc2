//! Values as they are typed: each subject has a form of its own, and what does not have it is a mistake.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::found::Found;
use super::{Field, Network, Part, Subject};
use crate::dhcp::table::Space;
use crate::dhcp::v6::duid::{self, DuidKind};
use crate::dhcp::value::{self, ValueFormat, Width};
use crate::dhcp::{v4, v6};
use crate::wire::Mac;

/// Whether these are the options of DHCPv4.
fn is_v4(space: &Space) -> bool {
    space.code == Width::One
}

/// The value that the subject is compared with.
pub(super) fn value(space: &Space, subject: Subject, text: &str) -> Result<Found, String> {
    match subject {
        Subject::Option(code) => {
            let octets = value::parse(&space.format(code), text, space)?;
            Ok(Found::option(space, code, &octets))
        }
        Subject::Count(_) => whole(text).map(Found::number),
        Subject::Field(field) => of_field(is_v4(space), field, text),
    }
}

fn of_field(is_v4: bool, field: Field, text: &str) -> Result<Found, String> {
    match field {
        Field::Type => kind(is_v4, text),
        Field::Server | Field::Source if is_v4 => address4(text),
        Field::Server => duid::parse(text)
            .map(|octets| Found::text(DuidKind::Other(&octets).to_string()))
            .map_err(|cause| format!("\"{text}\": {cause}")),
        Field::Source => read::<Ipv6Addr>(text, "no IPv6 address such as fe80::1"),
        Field::Mac => read::<Mac>(text, "no hardware address such as 02:00:5e:00:53:01"),
        Field::Address => addresses(is_v4, text),
        Field::Lifetime => whole(text).map(Found::number),
        Field::Milliseconds => fraction(text).map(Found::fraction),
        Field::Siaddr | Field::Giaddr | Field::Ciaddr => address4(text),
        Field::Sname | Field::File => Ok(Found::exact(&octets(text)?)),
    }
}

fn address4(text: &str) -> Result<Found, String> {
    read::<Ipv4Addr>(text, "no IPv4 address such as 192.0.2.1")
}

fn read<T: FromStr + Display>(text: &str, what: &str) -> Result<Found, String> {
    text.parse::<T>().map(|value| Found::text(value.to_string())).map_err(|_| format!("\"{text}\" is {what}"))
}

fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no number such as 2"))
}

/// A number that need not be whole.
pub(super) fn fraction(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| format!("\"{text}\" is no number such as 600"))
}

/// A message type by name or number, as the answer's is shown.
fn kind(is_v4: bool, text: &str) -> Result<Found, String> {
    let known = if is_v4 {
        let by_number = || text.parse().ok().map(v4::MessageType);
        let bootp = text.eq_ignore_ascii_case("bootp").then(|| "bootp".to_owned());
        bootp.or_else(|| v4::MessageType::by_name(text).or_else(by_number).map(|kind| kind.to_string()))
    } else {
        v6::MessageType::parse(text).map(|kind| kind.to_string())
    };
    let examples = if is_v4 { "offer, ack, nak, leaseactive, bootp" } else { "advertise, reply, reconfigure" };
    let known = known.ok_or_else(|| format!("\"{text}\" is no message type such as {examples}"))?;
    Ok(Found::text(known.to_ascii_lowercase()))
}

/// Addresses, or prefixes with their length, with commas between them.
fn addresses(is_v4: bool, text: &str) -> Result<Found, String> {
    let one = |item: &str| {
        let (address, length) = item.split_once('/').map_or((item, None), |(address, length)| (address, Some(length)));
        let address = address.parse::<IpAddr>().ok().filter(|address| address.is_ipv4() == is_v4)?;
        match length {
            None => Some(address.to_string()),
            Some(length) if !is_v4 => Some(Network::new(address, length.parse().ok()?)?.to_string()),
            Some(_) => None,
        }
    };
    let items: Option<Vec<_>> = text.split(',').map(|item| one(item.trim())).collect();
    let what = if is_v4 {
        "an IPv4 address such as 192.0.2.1"
    } else {
        "an IPv6 address or prefix such as 2001:db8::64 or 2001:db8:100::/56"
    };
    items.map(Found::list).ok_or_else(|| format!("\"{text}\" is not {what}"))
}

/// Text with the quotes and escapes of option values.
fn octets(text: &str) -> Result<Vec<u8>, String> {
    value::parse(&ValueFormat::Text, text, &v4::table::OPTIONS)
}

/// What the subject is to contain.
pub(super) fn part(space: &Space, subject: Subject, text: &str) -> Result<Part, String> {
    if text.is_empty() {
        return Err("nothing is given that would be contained".into());
    }
    let code = match subject {
        Subject::Option(code) => code,
        Subject::Field(Field::Sname | Field::File) => return Ok(Part::Octets(octets(text)?)),
        Subject::Field(field) => {
            return of_field(is_v4(space), field, text).map(|value| Part::Items(value.into_items()));
        }
        Subject::Count(_) => return Err("a number contains nothing; compare it with = or >=".into()),
    };
    match space.format(code) {
        ValueFormat::Text | ValueFormat::FullText | ValueFormat::Opaque | ValueFormat::Hex => {
            let octets = value::parse(&space.format(code), text, space)?;
            if octets.is_empty() {
                Err("nothing is given that would be contained".into())
            } else {
                Ok(Part::Octets(octets))
            }
        }
        ValueFormat::Name => Ok(Part::Text(text.to_owned())),
        ValueFormat::Record(_) | ValueFormat::Tagged(..) => Ok(Part::Items(vec![text.to_owned()])),
        _ => value(space, subject, text).map(|value| Part::Items(value.into_items())),
    }
}

/// The networks that the subject is to be in.
pub(super) fn networks(space: &Space, subject: Subject, text: &str) -> Result<Vec<Network>, String> {
    let networks = text.split(',').map(|network| network.trim().parse()).collect::<Result<Vec<Network>, _>>()?;
    let has_addresses = match subject {
        Subject::Option(_) => return Ok(networks),
        Subject::Field(Field::Server) => is_v4(space),
        Subject::Field(field) => {
            matches!(field, Field::Source | Field::Address | Field::Siaddr | Field::Giaddr | Field::Ciaddr)
        }
        Subject::Count(_) => false,
    };
    match networks.iter().find(|network| network.is_ipv4() != is_v4(space)) {
        _ if !has_addresses => Err("only addresses are in networks".into()),
        Some(network) if is_v4(space) => Err(format!("{network} is no network of IPv4 such as 192.0.2.0/24")),
        Some(network) => Err(format!("{network} is no network of IPv6 such as 2001:db8::/64")),
        None => Ok(networks),
    }
}

/// Whether the subject can be more or less than something.
pub(super) fn is_number(space: &Space, subject: Subject) -> bool {
    match subject {
        Subject::Count(_) | Subject::Field(Field::Lifetime | Field::Milliseconds) => true,
        Subject::Field(_) => false,
        Subject::Option(code) => matches!(
            space.format(code),
            ValueFormat::U8
                | ValueFormat::U16
                | ValueFormat::U32
                | ValueFormat::U64
                | ValueFormat::Seconds
                | ValueFormat::SignedSeconds
                | ValueFormat::Named(_)
        ),
    }
}
