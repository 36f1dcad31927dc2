//! Single fields of a lease file row, with the forms that Kea accepts and no others.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::lease::Fault;
use crate::lease::spelling;
use crate::text::Octets;

/// The octets as a short quoted text for a message.
pub(super) fn shown(field: &[u8]) -> String {
    const LONGEST: usize = 40;
    if field.len() <= LONGEST {
        format!("\"{}\"", Octets(field))
    } else {
        format!("\"{}…\" ({} octets)", Octets(&field[..LONGEST]), field.len())
    }
}

#[cold]
fn fault(column: &'static str, wanted: &str, field: &[u8]) -> Fault {
    if field.is_empty() {
        Fault::new(column, "empty")
    } else {
        Fault::new(column, format!("{} is no {wanted}", shown(field)))
    }
}

pub(super) fn ipv4(column: &'static str, field: &[u8]) -> Result<Ipv4Addr, Fault> {
    spelling::parse4(field).ok_or_else(|| fault(column, "IPv4 address", field))
}

pub(super) fn ipv6(column: &'static str, field: &[u8]) -> Result<Ipv6Addr, Fault> {
    spelling::parse6(field).ok_or_else(|| fault(column, "IPv6 address", field))
}

/// A decimal number up to `most`; a leading `+` is taken, as Kea takes it.
pub(super) fn number(column: &'static str, field: &[u8], most: u64) -> Result<u64, Fault> {
    let digits = field.strip_prefix(b"+").unwrap_or(field);
    let mut value: u64 = 0;
    if digits.is_empty() || digits.len() > 19 {
        return Err(fault(column, "number", field));
    }
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return Err(fault(column, "number", field));
        }
        value = value * 10 + u64::from(digit - b'0');
    }
    if value > most {
        return Err(Fault::new(column, format!("{value} is above {most}")));
    }
    Ok(value)
}

pub(super) fn number32(column: &'static str, field: &[u8]) -> Result<u32, Fault> {
    number(column, field, u64::from(u32::MAX)).map(|value| u32::try_from(value).unwrap_or(u32::MAX))
}

/// An IAID: a dump of PostgreSQL's signed column may hold it negative, which Kea takes as the same 32 bits.
pub(super) fn iaid(column: &'static str, field: &[u8]) -> Result<u32, Fault> {
    match field.strip_prefix(b"-") {
        None => number32(column, field),
        Some(digits) => {
            let least = number(column, digits, 1 << 31)?;
            Ok(u32::try_from((1u64 << 32) - least).unwrap_or(0))
        }
    }
}

/// Seconds since 1970; may be negative.
pub(super) fn epoch(column: &'static str, field: &[u8]) -> Result<i64, Fault> {
    let (negative, digits) = match field.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, field),
    };
    let value = number(column, digits, 1 << 62)?;
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    Ok(if negative { -value } else { value })
}

/// `0` or `1`, nothing else.
pub(super) fn boolean(column: &'static str, field: &[u8]) -> Result<bool, Fault> {
    match field {
        b"0" => Ok(false),
        b"1" | b"+1" => Ok(true),
        _ => Err(fault(column, "0 or 1", field)),
    }
}

/// A hardware address: octets of one or two hex digits between colons, appended to `scratch`.
pub(super) fn hwaddr(column: &'static str, field: &[u8], scratch: &mut Vec<u8>) -> Result<Range<usize>, Fault> {
    let range = separated_hex(field, b':', scratch).ok_or_else(|| fault(column, "hardware address", field))?;
    if range.len() > 20 {
        return Err(Fault::new(column, format!("{} octets, Kea takes at most 20", range.len())));
    }
    Ok(range)
}

/// A client identifier or DUID: octets between colons or blanks, or plain hex with or without `0x`.
pub(super) fn identifier(
    column: &'static str,
    field: &[u8],
    lengths: std::ops::RangeInclusive<usize>,
    scratch: &mut Vec<u8>,
) -> Result<Range<usize>, Fault> {
    let range = separated_hex(field, b':', scratch)
        .or_else(|| separated_hex(field, b' ', scratch))
        .or_else(|| plain_hex(field, scratch))
        .ok_or_else(|| fault(column, "identifier in hex", field))?;
    let (least, most) = (*lengths.start(), *lengths.end());
    match range.len() {
        0 => Ok(range),
        length if length < least => Err(Fault::new(column, format!("{length} octet, Kea takes at least {least}"))),
        length if length > most => Err(Fault::new(column, format!("{length} octets, Kea takes at most {most}"))),
        _ => Ok(range),
    }
}

fn separated_hex(field: &[u8], separator: u8, scratch: &mut Vec<u8>) -> Option<Range<usize>> {
    let start = scratch.len();
    if field.is_empty() {
        return Some(start..start);
    }
    if two_digit_hex(field, separator, scratch).is_some() {
        return Some(start..scratch.len());
    }
    scratch.truncate(start);
    for part in field.split(|&octet| octet == separator) {
        let octet = match *part {
            [low] => hex_digit(low)?,
            [high, low] => hex_digit(high)? << 4 | hex_digit(low)?,
            _ => {
                scratch.truncate(start);
                return None;
            }
        };
        scratch.push(octet);
    }
    Some(start..scratch.len())
}

/// The form Kea writes, `01:ab:…`; what takes the time of reading a million rows.
fn two_digit_hex(field: &[u8], separator: u8, scratch: &mut Vec<u8>) -> Option<()> {
    if !(field.len() + 1).is_multiple_of(3) {
        return None;
    }
    let (first, rest) = field.split_at(2);
    scratch.push(hex_pair(first[0], first[1])?);
    for part in rest.chunks_exact(3) {
        if part[0] != separator {
            return None;
        }
        scratch.push(hex_pair(part[1], part[2])?);
    }
    Some(())
}

fn plain_hex(field: &[u8], scratch: &mut Vec<u8>) -> Option<Range<usize>> {
    let start = scratch.len();
    let digits = field.strip_prefix(b"0x").or_else(|| field.strip_prefix(b"0X")).unwrap_or(field);
    let (odd, pairs) = digits.split_at(digits.len() % 2);
    if let [digit] = odd {
        scratch.push(hex_digit(*digit)?);
    }
    for pair in pairs.chunks_exact(2) {
        let Some(octet) = hex_pair(pair[0], pair[1]) else {
            scratch.truncate(start);
            return None;
        };
        scratch.push(octet);
    }
    Some(start..scratch.len())
}

const HEX: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut digit: u8 = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};

pub(in crate::lease) fn hex_digit(octet: u8) -> Option<u8> {
    match HEX[usize::from(octet)] {
        0xff => None,
        value => Some(value),
    }
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let (high, low) = (HEX[usize::from(high)], HEX[usize::from(low)]);
    if (high | low) & 0xf0 == 0 { Some(high << 4 | low) } else { None }
}

/// Text with Kea's `&#xHH` undone, appended to `scratch`; `None` where there is nothing to undo.
pub(super) fn unescape(field: &[u8], scratch: &mut Vec<u8>) -> Option<Range<usize>> {
    let first = memchr::memmem::find(field, b"&#x")?;
    let start = scratch.len();
    scratch.extend_from_slice(&field[..first]);
    let mut rest = &field[first..];
    while !rest.is_empty() {
        if let [b'&', b'#', b'x', high, low, ..] = *rest
            && let Some(octet) = hex_pair(high, low)
        {
            scratch.push(octet);
            rest = &rest[5..];
        } else {
            scratch.push(rest[0]);
            let next = memchr::memchr(b'&', &rest[1..]).map_or(rest.len(), |at| at + 1);
            scratch.extend_from_slice(&rest[1..next]);
            rest = &rest[next..];
        }
    }
    Some(start..scratch.len())
}
