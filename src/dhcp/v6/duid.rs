//! DUIDs by kind, as text and as octets (RFC 8415 section 11, RFC 6355).
//!
//! | text | kind |
//! |---|---|
//! | `llt@787878787:02:00:00:00:00:01` | link-layer address plus time, in seconds since 2000 |
//! | `en:32473:0123456789` | a number of an enterprise |
//! | `ll:02:00:00:00:00:01` | link-layer address |
//! | `uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8` | UUID |
//! | `00:09:ab:cd` | any other, and any written out in hex |
//!
//! A hardware type other than Ethernet follows a slash: `ll/32:…`. Whatever is printed reads back as the same octets.

use std::fmt;

use crate::text::hex;

/// Ethernet (IANA's hardware types).
pub const ETHERNET: u16 = 1;

/// Seconds from 1970 to 2000, the epoch of DUID-LLT.
pub const EPOCH_2000: i64 = 946_684_800;

/// A DUID taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuidKind<'a> {
    /// Type 1: link-layer address plus time.
    Llt {
        /// IANA's hardware type; 1 is Ethernet.
        hardware_type: u16,
        /// Seconds since 2000-01-01 UTC, modulo 2^32.
        time: u32,
        /// The link-layer address.
        address: &'a [u8],
    },
    /// Type 2: assigned by a vendor.
    En {
        /// IANA's private enterprise number.
        enterprise: u32,
        /// The vendor's own identifier.
        identifier: &'a [u8],
    },
    /// Type 3: link-layer address.
    Ll {
        /// IANA's hardware type; 1 is Ethernet.
        hardware_type: u16,
        /// The link-layer address.
        address: &'a [u8],
    },
    /// Type 4: a UUID.
    Uuid(&'a [u8; 16]),
    /// Another type, or one of these cut short.
    Other(&'a [u8]),
}

impl<'a> DuidKind<'a> {
    /// Takes a DUID's octets apart.
    #[must_use]
    pub fn from_octets(octets: &'a [u8]) -> Self {
        let whole = match octets {
            [0, 1, h1, h0, t3, t2, t1, t0, address @ ..] if !address.is_empty() => Some(Self::Llt {
                hardware_type: u16::from_be_bytes([*h1, *h0]),
                time: u32::from_be_bytes([*t3, *t2, *t1, *t0]),
                address,
            }),
            [0, 2, e3, e2, e1, e0, identifier @ ..] if !identifier.is_empty() => {
                Some(Self::En { enterprise: u32::from_be_bytes([*e3, *e2, *e1, *e0]), identifier })
            }
            [0, 3, h1, h0, address @ ..] if !address.is_empty() => {
                Some(Self::Ll { hardware_type: u16::from_be_bytes([*h1, *h0]), address })
            }
            [0, 4, uuid @ ..] => uuid.try_into().ok().map(Self::Uuid),
            _ => None,
        };
        whole.unwrap_or(Self::Other(octets))
    }

    /// The RFC's name of the kind, where it is known.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Llt { .. } => Some("DUID-LLT"),
            Self::En { .. } => Some("DUID-EN"),
            Self::Ll { .. } => Some("DUID-LL"),
            Self::Uuid(_) => Some("DUID-UUID"),
            Self::Other(_) => None,
        }
    }

    /// Its octets.
    #[must_use]
    pub fn to_octets(self) -> Vec<u8> {
        match self {
            Self::Llt { hardware_type, time, address } => {
                [&[0, 1], &hardware_type.to_be_bytes()[..], &time.to_be_bytes(), address].concat()
            }
            Self::En { enterprise, identifier } => [&[0, 2], &enterprise.to_be_bytes()[..], identifier].concat(),
            Self::Ll { hardware_type, address } => [&[0, 3], &hardware_type.to_be_bytes()[..], address].concat(),
            Self::Uuid(uuid) => [&[0, 4], &uuid[..]].concat(),
            Self::Other(octets) => octets.to_vec(),
        }
    }
}

impl fmt::Display for DuidKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Llt { hardware_type, time, address } => {
                write!(f, "llt{}@{time}:{}", HardwareType(hardware_type), Colons(address))
            }
            Self::En { enterprise, identifier } => write!(f, "en:{enterprise}:{}", hex(identifier)),
            Self::Ll { hardware_type, address } => write!(f, "ll{}:{}", HardwareType(hardware_type), Colons(address)),
            Self::Uuid(uuid) => {
                let groups = [&uuid[..4], &uuid[4..6], &uuid[6..8], &uuid[8..10], &uuid[10..]];
                write!(f, "uuid:{}", groups.map(hex).join("-"))
            }
            Self::Other(octets) => write!(f, "{}", Colons(octets)),
        }
    }
}

/// Octets as `02:00:5e`.
struct Colons<'a>(&'a [u8]);

impl fmt::Display for Colons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, octet) in self.0.iter().enumerate() {
            write!(f, "{}{octet:02x}", if index > 0 { ":" } else { "" })?;
        }
        Ok(())
    }
}

/// `/32`, or nothing for Ethernet.
struct HardwareType(u16);

impl fmt::Display for HardwareType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == ETHERNET { Ok(()) } else { write!(f, "/{}", self.0) }
    }
}

/// The octets of a DUID written as in the table above.
///
/// # Errors
/// What would do.
pub fn parse(text: &str) -> Result<Vec<u8>, String> {
    read(text.trim()).filter(|octets| !octets.is_empty()).ok_or_else(|| {
        "expected a DUID such as ll:02:00:00:00:00:01, llt@787878787:02:00:00:00:00:01, en:32473:0123, \
         uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8 or 00:03:00:01:02:00:00:00:00:01"
            .to_owned()
    })
}

fn read(text: &str) -> Option<Vec<u8>> {
    let split = text.split_once(':').map(|(kind, rest)| (kind.to_ascii_lowercase(), rest));
    let Some((kind, rest)) = split else { return octets(text) };
    if let Some(fields) = kind.strip_prefix("llt") {
        let (hardware, time) = fields.split_once('@')?;
        let address = octets(rest)?;
        return Some(
            DuidKind::Llt { hardware_type: hardware_type(hardware)?, time: time.parse().ok()?, address: &address }
                .to_octets(),
        );
    }
    if let Some(hardware) = kind.strip_prefix("ll") {
        let address = octets(rest)?;
        return Some(DuidKind::Ll { hardware_type: hardware_type(hardware)?, address: &address }.to_octets());
    }
    match kind.as_str() {
        "en" => {
            let (enterprise, identifier) = rest.split_once(':')?;
            let identifier = octets(identifier)?;
            Some(DuidKind::En { enterprise: enterprise.parse().ok()?, identifier: &identifier }.to_octets())
        }
        "uuid" => {
            let uuid = octets(rest)?;
            Some(DuidKind::Uuid(uuid.as_slice().try_into().ok()?).to_octets())
        }
        _ => octets(text),
    }
}

fn hardware_type(text: &str) -> Option<u16> {
    if text.is_empty() { Some(ETHERNET) } else { text.strip_prefix('/')?.parse().ok() }
}

/// Octets in hex, bare or with `:`, `-`, `.` or a space between; at least one.
fn octets(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    for group in text.split([':', '-', '.', ' ']) {
        let padded = if group.len() == 1 { format!("0{group}") } else { group.to_owned() };
        if padded.is_empty() || padded.len() % 2 == 1 || !padded.bytes().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        for at in (0..padded.len()).step_by(2) {
            octets.push(u8::from_str_radix(&padded[at..at + 2], 16).ok()?);
        }
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_kind_has_its_text() {
        for (text, hexed) in [
            ("llt@787878787:02:00:00:00:00:01", "000100012ef61383020000000001"),
            ("llt/32@1:02:00", "00010020000000010200"),
            ("en:32473:0123456789", "000200007ed90123456789"),
            ("ll:02:00:00:00:00:01", "00030001020000000001"),
            ("uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "00046ba7b8109dad11d180b400c04fd430c8"),
            ("00:09:ab:cd", "0009abcd"),
            ("00:01:00", "000100"),
        ] {
            let octets = parse(text).expect(text);
            assert_eq!(hex(&octets), hexed, "{text}");
            assert_eq!(DuidKind::from_octets(&octets).to_string(), text);
        }
    }

    #[test]
    fn hex_is_taken_with_or_without_separators() {
        let octets = parse("ll:02:00:00:00:00:01").expect("a DUID");
        for text in
            ["00030001020000000001", "00:03:00:01:02:00:00:00:00:01", "00-03-00-01-02-00-00-00-00-01", "LL:2:0:0:0:0:1"]
        {
            assert_eq!(parse(text).as_ref(), Ok(&octets), "{text}");
        }
    }

    #[test]
    fn what_is_no_duid_is_refused_with_an_example() {
        for text in
            ["", "banana", "ll:", "llt:02:00", "llt@x:02:00", "en:1", "uuid:12", "0:0:xx", "ll/99999:02", "é:02"]
        {
            assert!(parse(text).is_err_and(|error| error.contains("ll:02:00:00:00:00:01")), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_the_same_octets(mut octets: Vec<u8>, kind in 0u8..6) {
            if octets.len() > 1 {
                (octets[0], octets[1]) = (0, kind);
            }
            prop_assume!(!octets.is_empty());
            prop_assert_eq!(parse(&DuidKind::from_octets(&octets).to_string()), Ok(octets));
        }

        #[test]
        fn no_text_is_too_strange(text: String) {
            let _ = parse(&text);
        }
    }
}
