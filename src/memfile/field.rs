//! Single fields of a lease file row, with the forms that Kea accepts and no others.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::lease::RowError;
use crate::lease::address_text::{self, hex_digit, hex_pair};
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
fn fault(column: &'static str, wanted: &str, field: &[u8]) -> RowError {
    if field.is_empty() {
        RowError::new(column, "empty")
    } else {
        RowError::new(column, format!("{} is no {wanted}", shown(field)))
    }
}

pub(super) fn ipv4(column: &'static str, field: &[u8]) -> Result<Ipv4Addr, RowError> {
    stored4(field).ok_or_else(|| match stored6(field) {
        Some(_) => other_family(column, "IPv6", field),
        None => fault(column, "IPv4 address", field),
    })
}

pub(super) fn ipv6(column: &'static str, field: &[u8]) -> Result<Ipv6Addr, RowError> {
    stored6(field).ok_or_else(|| match stored4(field) {
        Some(_) => other_family(column, "IPv4", field),
        None => fault(column, "IPv6 address", field),
    })
}

/// Kea loads such a row, and no client can ever have the lease.
#[cold]
fn other_family(column: &'static str, family: &str, field: &[u8]) -> RowError {
    RowError::new(column, format!("{} is an {family} address, which no client of this server can have", shown(field)))
}

/// An IPv4 address as a lease file may hold it: Kea looks at nothing after a NUL.
pub(super) fn stored4(field: &[u8]) -> Option<Ipv4Addr> {
    address_text::parse4(field).or_else(|| address_text::parse4(&field[..memchr::memchr(0, field)?]))
}

/// The same for IPv6, where a zone after `%` is of no account either.
pub(super) fn stored6(field: &[u8]) -> Option<Ipv6Addr> {
    address_text::parse6(field).or_else(|| address_text::parse6(&field[..memchr::memchr2(0, b'%', field)?]))
}

/// A number up to `most` as Kea writes it: digits alone.
fn digits(field: &[u8], most: u64) -> Option<u64> {
    if field.is_empty() || field.len() > 19 {
        return None;
    }
    let mut value: u64 = 0;
    for &digit in field {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
    }
    (value <= most).then_some(value)
}

/// What else Kea takes for an unsigned number of `bits`: a sign, of which a minus counts down from 2^`bits`; any number
/// of leading zeros; and whatever there is after a NUL.
#[cold]
fn odd_number(column: &'static str, field: &[u8], bits: u32) -> Result<u64, RowError> {
    let most = u64::MAX >> (64 - bits);
    let text = memchr::memchr(0, field).map_or(field, |end| &field[..end]);
    let (is_negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let value = std::str::from_utf8(text).ok().filter(|_| is_number).ok_or_else(|| fault(column, "number", field))?;
    match value.parse::<u64>() {
        Ok(value) if value <= most && is_negative => Ok(value.wrapping_neg() & most),
        Ok(value) if value <= most => Ok(value),
        _ => Err(RowError::new(column, format!("{value} is above {most}"))),
    }
}

pub(super) fn number32(column: &'static str, field: &[u8]) -> Result<u32, RowError> {
    let number = digits(field, u32::MAX.into()).map_or_else(|| odd_number(column, field, 32), Ok)?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

pub(super) fn number16(column: &'static str, field: &[u8]) -> Result<u16, RowError> {
    let number = digits(field, u16::MAX.into()).map_or_else(|| odd_number(column, field, 16), Ok)?;
    Ok(u16::try_from(number).unwrap_or(u16::MAX))
}

/// A number with a sign.
pub(super) fn signed32(column: &'static str, field: &[u8]) -> Result<i32, RowError> {
    const MOST: u64 = i32::MAX as u64;
    if let Some(number) = digits(field, MOST) {
        return Ok(i32::try_from(number).unwrap_or(i32::MAX));
    }
    let is_negative = field.first() == Some(&b'-');
    let size = odd_number(column, field.strip_prefix(b"-").unwrap_or(field), 64);
    let size = size.map_err(|_| fault(column, "number", field)).map(i128::from)?;
    let number = i32::try_from(if is_negative { -size } else { size });
    number.map_err(|_| RowError::new(column, format!("{} is not within 32 bits", shown(field))))
}

/// Seconds since 1970: 64 bits with a sign, which Kea reads as if they had none.
pub(super) fn epoch(column: &'static str, field: &[u8]) -> Result<i64, RowError> {
    digits(field, u64::MAX).map_or_else(|| odd_number(column, field, 64), Ok).map(u64::cast_signed)
}

/// `0` or `1`, with any sign and any number of leading zeros.
pub(super) fn boolean(column: &'static str, field: &[u8]) -> Result<bool, RowError> {
    match field {
        b"0" => Ok(false),
        b"1" => Ok(true),
        _ => match odd_number(column, field, 32) {
            Ok(0) => Ok(false),
            Ok(1) if !field.starts_with(b"-") => Ok(true),
            _ => Err(fault(column, "0 or 1", field)),
        },
    }
}

/// A hardware address: octets of one or two hex digits between colons, appended to `scratch`.
pub(super) fn hwaddr(column: &'static str, field: &[u8], scratch: &mut Vec<u8>) -> Result<Range<usize>, RowError> {
    let range = separated_hex(field, b':', scratch).ok_or_else(|| fault(column, "hardware address", field))?;
    if range.len() > 20 {
        return Err(RowError::new(column, format!("{} octets, Kea takes at most 20", range.len())));
    }
    Ok(range)
}

/// A client identifier or DUID: octets between colons or blanks, or plain hex with or without `0x`.
pub(super) fn identifier(
    column: &'static str,
    field: &[u8],
    lengths: std::ops::RangeInclusive<usize>,
    scratch: &mut Vec<u8>,
) -> Result<Range<usize>, RowError> {
    let range = separated_hex(field, b':', scratch)
        .or_else(|| separated_hex(field, b' ', scratch))
        .or_else(|| plain_hex(field, scratch))
        .ok_or_else(|| fault(column, "identifier in hex", field))?;
    let (least, most) = (*lengths.start(), *lengths.end());
    match range.len() {
        0 => Ok(range),
        length if length < least => Err(RowError::new(column, format!("{length} octet, Kea takes at least {least}"))),
        length if length > most => Err(RowError::new(column, format!("{length} octets, Kea takes at most {most}"))),
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
    let digits = field.strip_prefix(b"0x").unwrap_or(field);
    if digits.is_empty() {
        return None;
    }
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
        } else if let [b'&', b'#', b'x'] | [b'&', b'#', b'x', _] = *rest {
            // That is what Kea makes of an escape that ends too early.
            scratch.push(0);
            rest = &rest[3..];
        } else {
            scratch.push(rest[0]);
            let next = memchr::memchr(b'&', &rest[1..]).map_or(rest.len(), |at| at + 1);
            scratch.extend_from_slice(&rest[1..next]);
            rest = &rest[next..];
        }
    }
    Some(start..scratch.len())
}
