//! Text that is looked for in leases: parts of host names, patterns with `*`, anything at all.
//!
//! ASCII letters of both cases are the same, as in DNS; other octets are compared as they are.

use std::io::Write as _;
use std::str::FromStr;

use super::OctetPrefix;
use crate::lease::{Lease, address_text};

/// What a host name must be like: a part of it, or with `*` (any text) or `?` (any octet) the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// In lower case.
    text: String,
}

impl Pattern {
    /// Whether it must match the whole name.
    #[must_use]
    pub fn is_glob(&self) -> bool {
        self.text.contains(['*', '?'])
    }

    /// The text as it is looked for: in lower case.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `name` is like that.
    #[must_use]
    pub fn matches(&self, name: &[u8]) -> bool {
        if self.is_glob() {
            let lower = name.to_ascii_lowercase();
            crate::text::glob(self.text.as_bytes(), &lower)
        } else {
            contains(name, self.text.as_bytes())
        }
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a part of a host name is needed, such as printer or *.example.org".to_owned());
        }
        Ok(Self { text: text.to_ascii_lowercase() })
    }
}

/// Whether `text` contains `part`, which is in lower case.
fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

/// What must be found in a lease: in its address, its host name, its hardware address, or its client identifier or
/// DUID, shown in hex or meant as text. With `*` or `?` one of them must match as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pattern: Pattern,
    /// What the text means if it is hex.
    octets: Option<OctetPrefix>,
}

impl Search {
    /// Whether the lease has it somewhere.
    #[must_use]
    pub fn matches(&self, lease: &Lease<'_>) -> bool {
        if self.pattern.is_glob() {
            return self.is_like_a_field(lease);
        }
        let text = self.pattern.text.as_bytes();
        let in_octets = |whole: &[u8]| {
            self.octets.as_ref().is_some_and(|octets| memchr::memmem::find(whole, octets.octets()).is_some())
        };
        contains(lease.hostname, text)
            || in_octets(lease.hwaddr.0)
            || in_octets(lease.identifier())
            || contains(lease.identifier(), text)
            || contains(&address(lease), text)
    }

    /// Octets are compared in each of their usual forms.
    fn is_like_a_field(&self, lease: &Lease<'_>) -> bool {
        let of_octets = Pattern { text: self.pattern.text.replace('-', ":") };
        let in_octets = |octets: &[u8]| octet_forms(octets).iter().any(|text| of_octets.matches(text));
        self.pattern.matches(lease.hostname)
            || self.pattern.matches(lease.identifier())
            || self.pattern.matches(&address(lease))
            || in_octets(lease.hwaddr.0)
            || in_octets(lease.identifier())
    }
}

/// `08:00:2b:02:3f:4e`, `08002b023f4e` and `0800.2b02.3f4e`; none of no octets.
fn octet_forms(octets: &[u8]) -> Vec<Vec<u8>> {
    if octets.is_empty() {
        return Vec::new();
    }
    let mut with_colons = Vec::new();
    address_text::colon_hex(octets, &mut with_colons);
    let bare: Vec<u8> = with_colons.iter().copied().filter(|octet| *octet != b':').collect();
    let with_dots = bare.chunks(4).collect::<Vec<_>>().join(&b'.');
    vec![with_colons, bare, with_dots]
}

/// The address as it is shown.
fn address(lease: &Lease<'_>) -> Vec<u8> {
    let mut text = Vec::with_capacity(48);
    address_text::write(lease.address(), &mut text);
    if lease.is_prefix() {
        // Writing to a Vec cannot fail.
        let _ = write!(text, "/{}", lease.prefix_len());
    }
    text
}

impl FromStr for Search {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a text to look for is needed".to_owned());
        }
        let pattern = Pattern { text: text.to_ascii_lowercase() };
        Ok(Self { pattern, octets: OctetPrefix::identifier(text).ok() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::{HwAddr, sample};
    use proptest::prelude::*;

    fn matches(pattern: &str, name: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(name.as_bytes())
    }

    #[test]
    fn a_text_is_found_anywhere_whatever_the_case() {
        assert!(matches("PRINT", "old-printer.example.org") && matches("ü", "zürich"));
        assert!(!matches("printers", "printer") && !matches("a", ""));
    }

    #[test]
    fn asterisk_matches_any_text_and_pattern_whole_hostname() {
        assert!(matches("*.example.org", "a.example.org") && matches("a*c*e", "abcde") && matches("*", ""));
        assert!(matches("host-?", "host-1") && matches("**a", "bba"));
        assert!(!matches("*.example.org", "a.example.org.evil") && !matches("host-?", "host-12"));
    }

    proptest! {
        #[test]
        fn a_pattern_made_of_pieces_of_a_name_matches_it(name in "[a-c]{0,12}", cuts in proptest::collection::vec(0usize..12, 1..4)) {
            let mut pattern = name.clone();
            for cut in cuts {
                let at = cut.min(pattern.len());
                pattern.insert(at, '*');
            }
            prop_assert!(matches(&pattern, &name));
        }

        #[test]
        fn a_long_pattern_takes_no_long_time(stars in "(a\\*){0,40}", name in "a{0,200}") {
            let _ = matches(&format!("{stars}b*"), &name);
        }
    }

    #[test]
    fn a_search_looks_into_every_field_that_tells_who_and_where() {
        let prefix = sample::prefix("2001:db8::", 56);
        let lease = Lease {
            client: prefix.client.with_identifier(b"\x00\x02cable-42"),
            hwaddr: HwAddr(&[0xf4, 0x8c, 0x50, 0xaa, 0x12, 0x34]),
            hostname: b"Anna",
            ..prefix
        };
        for text in ["db8::/56", "anna", "50:AA", "50-aa", "50aa12", "cable-4", "00:02:63"] {
            assert!(text.parse::<Search>().unwrap().matches(&lease), "{text}");
        }
        for text in ["bert", "50:ab", "/64"] {
            assert!(!text.parse::<Search>().unwrap().matches(&lease), "{text}");
        }
        for text in
            ["2001:db8:*", "*::/56", "A?na", "f4:8c:50:*", "F4-8C-50-*", "f48c.50*", "f48c50aa123?", "*cable-4?"]
        {
            assert!(text.parse::<Search>().unwrap().matches(&lease), "{text}");
        }
        for text in ["an?", "*nn", "2001:db8:?", "8c:*", "192.0.2.*", "?"] {
            assert!(!text.parse::<Search>().unwrap().matches(&lease), "{text}");
        }
    }
}
