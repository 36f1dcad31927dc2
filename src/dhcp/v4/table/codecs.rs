//! Forms that the vocabulary cannot say.

use std::net::Ipv4Addr;

use super::OPTIONS;
use crate::dhcp::value::{self, Codec, Text, Value, ValueFormat, domain};

/// Letters of node types by bit: broadcast, point-to-point, mixed, hybrid (RFC 2132 section 8.7).
const NODE_LETTERS: &str = "BPMH";

pub(super) static NODE_TYPE: Codec = Codec {
    name: "node types of the letters B, P, M, H",
    example: "H",
    parse: |text, is_top, out| {
        let letters = text.string(is_top)?;
        let bit = |letter: char| NODE_LETTERS.find(letter.to_ascii_uppercase()).map(|bit| 1u8 << bit);
        let bits = letters.chars().map(|letter| bit(letter).ok_or(letter)).try_fold(0, |all, bit| Ok(all | bit?));
        out.push(bits.map_err(|letter: char| format!("\"{letter}\" is no node type"))?);
        Ok(())
    },
    decode: |octets| match octets {
        [bits @ 1..=15] => {
            let letters = NODE_LETTERS.bytes().enumerate().filter(|(bit, _)| bits >> bit & 1 != 0);
            Some(Value::Text(letters.map(|(_, letter)| letter).collect()))
        }
        _ => None,
    },
};

/// Routes: the length of a network, its octets that are not all 0, the router (RFC 3442).
pub(super) static ROUTES: Codec = Codec {
    name: "routes as NETWORK/LENGTH -> ROUTER",
    example: "198.51.100.0/24 -> 192.0.2.1",
    parse: parse_routes,
    decode: decode_routes,
};

fn parse_routes(text: &mut Text<'_>, is_top: bool, out: &mut Vec<u8>) -> Result<(), String> {
    let mut inside = Text::new(text.rest());
    let is_json = inside.take('[') && inside.peek() == Some('[');
    let is_bracketed = text.take('[');
    if !is_bracketed && !is_top {
        return Err("a list in brackets is needed".into());
    }
    while !text.is_done() && text.peek() != Some(']') {
        let (network, router) = if is_json { pair(text)? } else { arrow(text)? };
        route(&network, &router, out)?;
        if !text.take(',') {
            break;
        }
    }
    if is_bracketed && !text.take(']') { Err("a bracket is not closed".into()) } else { Ok(()) }
}

/// `["net/len", "router"]`.
fn pair(text: &mut Text<'_>) -> Result<(String, String), String> {
    let wanted =
        |is_there: bool| if is_there { Ok(()) } else { Err("[\"NETWORK/LENGTH\", \"ROUTER\"] is needed".to_owned()) };
    wanted(text.take('['))?;
    let network = text.string(false)?;
    wanted(text.take(','))?;
    let router = text.string(false)?;
    wanted(text.take(']'))?;
    Ok((network, router))
}

/// `net/len -> router`.
fn arrow(text: &mut Text<'_>) -> Result<(String, String), String> {
    let route = text.string(false)?;
    let (network, router) = route.split_once("->").ok_or_else(|| format!("\"{route}\" has no arrow (->)"))?;
    Ok((network.trim().to_owned(), router.trim().to_owned()))
}

fn route(network: &str, router: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let (address, length) = network.split_once('/').ok_or_else(|| format!("\"{network}\" has no length"))?;
    let no_address = |text: &str| format!("\"{text}\" is no IPv4 address");
    let address = address.trim().parse::<Ipv4Addr>().map_err(|_| no_address(address))?;
    let length = length.trim().parse().ok().filter(|length| *length <= 32u8);
    let length = length.ok_or_else(|| format!("the length of \"{network}\" is not 0 to 32"))?;
    out.push(length);
    out.extend(&address.octets()[..usize::from(length).div_ceil(8)]);
    out.extend(router.parse::<Ipv4Addr>().map_err(|_| no_address(router))?.octets());
    Ok(())
}

fn decode_routes(mut octets: &[u8]) -> Option<Value> {
    let mut list = Vec::new();
    while let [length @ 0..=32, rest @ ..] = octets {
        let (network, rest) = rest.split_at_checked(usize::from(*length).div_ceil(8))?;
        let (router, rest) = rest.split_at_checked(4)?;
        let mut address = [0; 4];
        address[..network.len()].copy_from_slice(network);
        list.push(Value::Route(address.into(), *length, Ipv4Addr::from(<[u8; 4]>::try_from(router).ok()?)));
        octets = rest;
    }
    octets.is_empty().then_some(Value::List(list))
}

/// Flags, two codes, a name: `name=` in labels, `partial=` without the root at its end (RFC 4702 section 2.3.1),
/// `ascii=` as old clients send it.
pub(super) static CLIENT_FQDN: Codec = Codec {
    name: "a client's name: flags, rcode1, rcode2, and name, partial or ascii",
    example: "flags=5, rcode1=0, rcode2=0, name=host.example.org",
    parse: parse_fqdn,
    decode: decode_fqdn,
};

/// The bit of the flags that says labels instead of ASCII.
const E: u8 = 4;

fn parse_fqdn(text: &mut Text<'_>, is_top: bool, out: &mut Vec<u8>) -> Result<(), String> {
    let close = text.open();
    if close.is_none() && !is_top {
        return Err("brackets are needed around NAME=VALUE".into());
    }
    let mut header = [0; 3];
    let mut name = Vec::new();
    let mut is_named = false;
    while !text.is_done() && close.is_none_or(|close| text.peek() != Some(close)) {
        let (field, _) = text.field()?;
        let place = ["flags", "rcode1", "rcode2"].iter().position(|known| *known == field);
        if let Some(place) = place {
            let number = text.string(false)?;
            header[place] = number.parse().map_err(|_| format!("\"{number}\" is not a number up to 255"))?;
        } else {
            name.clear();
            is_named = true;
            match &*field {
                "name" => domain::write(&text.string(false)?, &mut name)?,
                "partial" => domain::write_labels(&text.string(false)?, &mut name)?,
                "ascii" => name = text.phrase(false)?,
                _ => return Err(format!("no field is called \"{field}\"")),
            }
        }
        if !text.take(',') {
            break;
        }
    }
    if close.is_some_and(|close| !text.take(close)) {
        return Err("a bracket is not closed".into());
    }
    if !is_named {
        return Err("the field name is missing".into());
    }
    out.extend(header);
    out.append(&mut name);
    Ok(())
}

fn decode_fqdn(octets: &[u8]) -> Option<Value> {
    let (header, wire) = octets.split_first_chunk::<3>()?;
    let mut fields: Vec<_> =
        ["flags", "rcode1", "rcode2"].into_iter().zip(header.map(|o| Value::Number(o.into()))).collect();
    let whole = domain::read(wire).filter(|(_, length)| *length == wire.len());
    let part = || domain::read(&[wire, &[0]].concat()).filter(|(_, length)| *length == wire.len() + 1);
    fields.push(if let Some((name, _)) = whole {
        ("name", Value::Name(if name == "." { String::new() } else { name }))
    } else if header[0] & E == 0 {
        ("ascii", Value::Text(wire.to_vec()))
    } else {
        ("partial", Value::Name(part().map(|(name, _)| if name == "." { String::new() } else { name })?))
    });
    Some(Value::Record(fields))
}

/// An option in text, `CODE[FORMAT]=VALUE`; its octets are its code and its value, without a length.
pub(super) static OPTION: Codec = Codec {
    name: "an option as CODE[FORMAT]=VALUE",
    example: "12=host",
    parse: |text, _, out| {
        let octets = value::parse(&ValueFormat::Options(&OPTIONS), text.everything(), &OPTIONS)?;
        let (code, rest) = octets.split_first().ok_or("nothing is given")?;
        out.push(*code);
        // The length, and more than one option: neither has a place here.
        match rest.split_first() {
            Some((length, value)) if usize::from(*length) == value.len() => out.extend(value),
            None => {}
            Some(_) => return Err("one option is needed".into()),
        }
        Ok(())
    },
    decode: |octets| {
        let (code, octets) = octets.split_first()?;
        let entry = OPTIONS.by_code((*code).into())?;
        Some(Value::Record(vec![(entry.key, value::decode(&entry.format, octets)?)]))
    },
};
