//! Ethernet addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An Ethernet address; shown and read as `02:00:5e:00:53:01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// All hosts on the link.
    pub const BROADCAST: Self = Self([0xff; 6]);

    /// Whether it is that of many hosts.
    #[must_use]
    pub fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// The hardware address of an IP address that means many hosts (RFC 1112 section 6.4, RFC 2464 section 7).
    #[must_use]
    pub fn of_group(ip: IpAddr) -> Option<Self> {
        match ip {
            IpAddr::V4(ip) if ip.is_broadcast() => Some(Self::BROADCAST),
            IpAddr::V4(ip) if ip.is_multicast() => {
                let [_, b, c, d] = ip.octets();
                Some(Self([0x01, 0x00, 0x5e, b & 0x7f, c, d]))
            }
            IpAddr::V6(ip) if ip.is_multicast() => {
                let [.., a, b, c, d] = ip.octets();
                Some(Self([0x33, 0x33, a, b, c, d]))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = self.0;
        write!(f, "{first:02x}")?;
        rest.iter().try_for_each(|octet| write!(f, ":{octet:02x}"))
    }
}

impl FromStr for Mac {
    type Err = NotAMac;

    /// Six hexadecimal octets with `:` or `-` between them.
    fn from_str(text: &str) -> Result<Self, NotAMac> {
        let separator = if text.contains('-') { '-' } else { ':' };
        let mut octets = [0; 6];
        let mut parts = text.split(separator);
        for octet in &mut octets {
            let part = parts.next().filter(|part| matches!(part.len(), 1 | 2)).ok_or(NotAMac)?;
            let hex = part.bytes().all(|digit| digit.is_ascii_hexdigit());
            *octet = u8::from_str_radix(part, 16).ok().filter(|_| hex).ok_or(NotAMac)?;
        }
        if parts.next().is_some() { Err(NotAMac) } else { Ok(Self(octets)) }
    }
}

/// The text is no Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAMac;

impl fmt::Display for NotAMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not six hexadecimal octets like 02:00:5e:00:53:01")
    }
}

impl std::error::Error for NotAMac {}

/// A hardware address of 1 to 16 octets: hexadecimal with `:` or `-` between them, where a leading 0 may be missing; an
/// Ethernet address also as `0200.5e00.5301` and as 12 digits. Blanks around it are ignored.
pub fn parse_hardware(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    let is_digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|it| it.is_ascii_hexdigit());
    let groups: Vec<_> = text.split('.').collect();
    if is_digits(text, 12) || (groups.len() == 3 && groups.iter().all(|group| is_digits(group, 4))) {
        let number = u64::from_str_radix(&groups.concat(), 16).unwrap_or_default();
        return Ok(number.to_be_bytes()[2..].to_vec());
    }
    let octet = |part: &str| match part.len() {
        1 | 2 => u8::from_str_radix(part, 16).ok().filter(|_| !part.starts_with('+')),
        _ => None,
    };
    let octets = text.split([':', '-']).map(octet).collect::<Option<Vec<u8>>>();
    let octets = octets.filter(|octets| octets.len() <= 16);
    octets.ok_or_else(|| "expected 1 to 16 hexadecimal octets such as 02:00:5e:00:53:01".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_hardware_addresses_of_their_own() {
        let of = |ip: &str| Mac::of_group(ip.parse().unwrap()).map(|mac| mac.to_string());
        assert_eq!(of("255.255.255.255").as_deref(), Some("ff:ff:ff:ff:ff:ff"));
        assert_eq!(of("239.129.2.3").as_deref(), Some("01:00:5e:01:02:03"));
        assert_eq!(of("ff02::1:2").as_deref(), Some("33:33:00:01:00:02"));
        assert_eq!((of("192.0.2.1"), of("fe80::1")), (None, None));
    }

    #[test]
    fn addresses_are_read_with_colons_dashes_and_short_octets() {
        for text in ["02:00:5e:0:53:1", "02-00-5E-00-53-01"] {
            assert_eq!(text.parse::<Mac>().unwrap().to_string(), "02:00:5e:00:53:01");
        }
    }

    #[test]
    fn anything_else_is_no_address() {
        for text in [
            "",
            "02",
            "02:00:5e:00:53",
            "02:00:5e:00:53:01:02",
            "02:00:5e:00:53:+1",
            "02:00:5e:00:53:001",
            "zz:00:5e:00:53:01",
        ] {
            assert_eq!(text.parse::<Mac>(), Err(NotAMac), "{text}");
        }
    }
}
