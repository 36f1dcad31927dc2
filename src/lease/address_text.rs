//! Addresses and octets as text, read and written by hand: the standard library's way takes a third of the time of a
//! whole row.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What `inet_pton` takes for an IPv4 address: four decimal numbers without leading zeros.
#[must_use]
pub fn parse4(field: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut rest = field;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let digits = rest.iter().take(4).take_while(|digit| digit.is_ascii_digit()).count();
        let (number, tail) = rest.split_at(digits);
        *octet = match *number {
            [units] => units - b'0',
            [tens @ b'1'..=b'9', units] => (tens - b'0') * 10 + (units - b'0'),
            [b'1', tens, units] => 100 + (tens - b'0') * 10 + (units - b'0'),
            [b'2', tens, units] => 200u8.checked_add((tens - b'0') * 10 + (units - b'0'))?,
            _ => return None,
        };
        rest = tail;
    }
    rest.is_empty().then(|| Ipv4Addr::from(octets))
}

/// What `inet_pton` takes for an IPv6 address.
#[must_use]
pub fn parse6(field: &[u8]) -> Option<Ipv6Addr> {
    let mut groups = [0u16; 8];
    let (mut count, mut gap) = (0, None);
    let mut rest = field;
    if let Some(tail) = field.strip_prefix(b"::") {
        gap = Some(0);
        rest = tail;
    }
    while !rest.is_empty() {
        let (value, tail) = group(rest)?;
        if tail.first() == Some(&b'.') {
            // The last 32 bits in IPv4's form: no Kea writes that often.
            return std::str::from_utf8(field).ok()?.parse().ok();
        }
        *groups.get_mut(count)? = value;
        count += 1;
        rest = match tail {
            [] => break,
            [b':', b':', tail @ ..] if gap.is_none() => {
                gap = Some(count);
                tail
            }
            [b':', tail @ ..] if !tail.is_empty() => tail,
            _ => return None,
        };
    }
    match gap {
        None if count == 8 => {}
        Some(gap) if count < 8 => {
            groups.copy_within(gap..count, 8 - (count - gap));
            groups[gap..8 - (count - gap)].fill(0);
        }
        _ => return None,
    }
    Some(Ipv6Addr::from(groups))
}

/// One to four hex digits, and what follows them.
fn group(text: &[u8]) -> Option<(u16, &[u8])> {
    let mut value = 0;
    for (index, octet) in text.iter().enumerate() {
        match hex_digit(*octet) {
            Some(digit) if index < 4 => value = value << 4 | u16::from(digit),
            Some(_) => return None,
            None if index == 0 => return None,
            None => return Some((value, &text[index..])),
        }
    }
    Some((value, &[]))
}

/// Appends an address.
pub fn write(address: IpAddr, out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(address) => write4(address, out),
        IpAddr::V6(address) => write6(address, out),
    }
}

/// Appends an IPv4 address.
pub fn write4(address: Ipv4Addr, out: &mut Vec<u8>) {
    for (index, octet) in address.octets().into_iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        out.extend_from_slice(itoa::Buffer::new().format(octet).as_bytes());
    }
}

/// Appends an IPv6 address in the form of RFC 5952.
pub fn write6(address: Ipv6Addr, out: &mut Vec<u8>) {
    let groups = address.segments();
    if groups[..5] == [0; 5] {
        // Some of these are written with IPv4's dots. Writing to a Vec cannot fail.
        let _ = write!(out, "{address}");
        return;
    }
    let (start, length) = longest_zeros(&groups);
    let mut index = 0;
    while index < 8 {
        if index == start && length > 1 {
            out.extend_from_slice(if index + length == 8 { b"::" } else { b":" });
            index += length;
            continue;
        }
        if index > 0 {
            out.push(b':');
        }
        write_group(groups[index], out);
        index += 1;
    }
}

/// The first of the longest runs of zero groups: where it begins and how long it is.
fn longest_zeros(groups: &[u16; 8]) -> (usize, usize) {
    let mut best = (0, 0);
    let mut length = 0;
    for (index, group) in groups.iter().enumerate() {
        length = if *group == 0 { length + 1 } else { 0 };
        if length > best.1 {
            best = (index + 1 - length, length);
        }
    }
    best
}

fn write_group(group: u16, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = [group >> 12, group >> 8 & 15, group >> 4 & 15, group & 15].map(|digit| DIGITS[usize::from(digit)]);
    let leading = (group.leading_zeros() / 4).min(3) as usize;
    out.extend_from_slice(&digits[leading..]);
}

/// Every byte as two lower-case digits.
pub const PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = [digits[octet >> 4], digits[octet & 15]];
        octet += 1;
    }
    table
};

/// Appends octets as `02:18:00`.
pub fn colon_hex(octets: &[u8], out: &mut Vec<u8>) {
    if let Some((first, rest)) = octets.split_first() {
        out.extend_from_slice(&PAIRS[usize::from(*first)]);
        for octet in rest {
            let [high, low] = PAIRS[usize::from(*octet)];
            out.extend_from_slice(&[b':', high, low]);
        }
    }
}

/// The value of each digit; 0xff for what is none.
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

/// The value of a hex digit of either case.
#[must_use]
pub fn hex_digit(octet: u8) -> Option<u8> {
    match HEX[usize::from(octet)] {
        0xff => None,
        value => Some(value),
    }
}

/// The byte of two hex digits.
#[must_use]
pub fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let (high, low) = (HEX[usize::from(high)], HEX[usize::from(low)]);
    if (high | low) & 0xf0 == 0 { Some(high << 4 | low) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(address: Ipv6Addr) -> String {
        let mut out = Vec::new();
        write6(address, &mut out);
        String::from_utf8(out).expect("text")
    }

    proptest! {
        #[test]
        fn ipv4_is_what_the_standard_library_takes(text in "[0-9]{0,4}(\\.[0-9]{0,4}){2,4}|(0|1|25[0-9]|[0-9]{1,2})(\\.(0|255|[0-9]{1,3})){3}") {
            prop_assert_eq!(parse4(text.as_bytes()), text.parse().ok(), "{}", text);
        }

        #[test]
        fn ipv6_is_what_the_standard_library_takes(text in "[0-9a-fA-F]{0,5}(::?[0-9a-f]{0,4}){0,8}(\\.[0-9]{1,3}){0,3}") {
            prop_assert_eq!(parse6(text.as_bytes()), text.parse().ok(), "{}", text);
        }

        #[test]
        fn every_ipv6_address_is_written_and_read_back(
            groups in any::<[u16; 8]>(), zeros in any::<u8>(), small in any::<u8>(),
        ) {
            let mut groups = groups;
            for (index, group) in groups.iter_mut().enumerate() {
                if zeros >> index & 1 == 1 { *group = 0 } else if small >> index & 1 == 1 { *group &= 0xff }
            }
            let address = Ipv6Addr::from(groups);
            prop_assert_eq!(written(address), address.to_string());
            prop_assert_eq!(parse6(address.to_string().as_bytes()), Some(address));
        }
    }

    #[test]
    fn special_forms_are_read_and_written_as_usual() {
        for text in ["::", "::1", "1::", "::ffff:192.0.2.1", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"] {
            assert_eq!(parse6(text.as_bytes()), text.parse().ok(), "{text}");
            let address: Ipv6Addr = text.parse().expect("an address");
            assert_eq!(written(address), address.to_string());
        }
        for text in
            ["", ":", ":::", "1:", ":1", "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8::", "1::2::3", "12345::", "g::", "1::2%1"]
        {
            assert_eq!(parse6(text.as_bytes()), None, "{text}");
        }
        for text in ["01.2.3.4", "1.2.3", "1.2.3.4.", "256.1.1.1", "1.2.3.4 ", "+1.2.3.4", "1..2.3"] {
            assert_eq!(parse4(text.as_bytes()), None, "{text}");
        }
    }
}
