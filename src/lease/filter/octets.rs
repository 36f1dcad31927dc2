//! The beginning of a hardware address or identifier, in any usual form.

use crate::lease::address_text::hex_digit;

/// How something of octets begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OctetPrefix(Vec<u8>);

impl OctetPrefix {
    /// The beginning of a hardware address: `08:00:2b`, `8-0-2b`, `0800.2b01`, `08002b`.
    pub fn hwaddr(text: &str) -> Result<Self, String> {
        let forms = "a hardware address, or its beginning, is 08:00:2b, 08-00-2b, 0800.2b01 or 08002b";
        Self::from_text(text).filter(|prefix| prefix.0.len() <= 20).ok_or_else(|| forms.to_owned())
    }

    /// The beginning of a client identifier or DUID: `01:08:00:2b`, `0108002b`, `0x0108002b`.
    pub fn identifier(text: &str) -> Result<Self, String> {
        let forms = "an identifier, or its beginning, is 01:08:00:2b or 0108002b, in hex";
        let digits = text.strip_prefix("0x").unwrap_or(text);
        Self::from_text(digits).filter(|prefix| prefix.0.len() <= 255).ok_or_else(|| forms.to_owned())
    }

    /// The octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// Whether `whole` begins so.
    #[must_use]
    pub fn begins(&self, whole: &[u8]) -> bool {
        whole.starts_with(&self.0)
    }

    /// At least one octet: of one or two digits between colons, dashes or blanks; of two in groups between dots.
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches([':', '-', '.']);
        let octets: Option<Vec<Vec<u8>>> = match text.chars().find(|c| [':', '-', ' '].contains(c)) {
            Some(separator) => text.split(separator).map(short_octet).collect(),
            None => text.split('.').map(pairs).collect(),
        };
        octets.map(|octets| octets.concat()).filter(|octets| !octets.is_empty()).map(Self)
    }
}

/// `8` or `08`.
fn short_octet(digits: &str) -> Option<Vec<u8>> {
    match digits.as_bytes() {
        [low] => Some(vec![hex_digit(*low)?]),
        [_, _] => pairs(digits),
        _ => None,
    }
}

/// `08002b`.
fn pairs(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks();
    let octet = |[high, low]: &[u8; 2]| Some(hex_digit(*high)? << 4 | hex_digit(*low)?);
    if rest.is_empty() && !pairs.is_empty() { pairs.iter().map(octet).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_gives_the_same_octets() {
        for text in ["08:00:2b:01", "8:0:2b:1", "08-00-2B-01", "0800.2b01", "08002b01", "08:00:2b:01:"] {
            assert_eq!(OctetPrefix::hwaddr(text).unwrap().octets(), [8, 0, 0x2b, 1], "{text}");
        }
        assert_eq!(OctetPrefix::identifier("0x0108").unwrap().octets(), [1, 8]);
        assert_eq!(OctetPrefix::hwaddr("0:1").unwrap().octets(), [0, 1]);
    }

    #[test]
    fn what_is_no_hex_is_refused_with_the_forms_that_are() {
        for text in ["", "zz", "0", "08002", "08:00:2b0", "08::2b", "08:00-2b", ":", "0800:2b01", "é"] {
            assert!(OctetPrefix::hwaddr(text).unwrap_err().contains("08-00-2b"), "{text}");
        }
    }
}
