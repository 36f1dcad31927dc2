//! Octets of identifiers as Kea reads them in reservations, and prints them: `2:0:5e:0:0:ab`, `02-00-5E-00-00-AB`,
//! `0x02005e0000ab`, `02005E0000AB`, `'text'`.

use crate::text::hex;

/// Octets, and how they are written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Octets {
    pub(super) all: Vec<u8>,
    /// What is between them.
    sign: Option<char>,
    /// Whether `0x` is before them.
    has_prefix: bool,
    is_upper: bool,
}

/// Whether a text is octets in hex.
#[must_use]
pub fn is_octets(text: &str) -> bool {
    !text.starts_with('\'') && Octets::read(text).is_some()
}

impl Octets {
    /// What is written; at least one octet.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            let octets = inner.as_bytes().to_vec();
            return (!inner.is_empty()).then_some(Self { all: octets, sign: None, has_prefix: false, is_upper: false });
        }
        let (has_prefix, digits) = text.strip_prefix("0x").map_or((false, text), |digits| (true, digits));
        let sign = [':', '-', ' '].into_iter().find(|sign| digits.contains(*sign)).filter(|_| !has_prefix);
        let octets = match sign {
            Some(sign) => digits.split(sign).map(octet).collect::<Option<Vec<u8>>>()?,
            None if digits.len() % 2 == 0 && digits.is_ascii() => {
                (0..digits.len()).step_by(2).map(|at| octet(&digits[at..at + 2])).collect::<Option<_>>()?
            }
            None => return None,
        };
        let is_upper = !digits.bytes().any(|c| c.is_ascii_lowercase());
        (!octets.is_empty()).then_some(Self { all: octets, sign, has_prefix, is_upper })
    }

    /// Other octets, written in the same way.
    pub(super) fn write(&self, octets: &[u8]) -> String {
        let sign = self.sign.map(String::from).unwrap_or_default();
        let text = octets.iter().map(|octet| hex(&[*octet])).collect::<Vec<_>>().join(&sign);
        let is_upper = self.is_upper && self.all.iter().any(|octet| octet & 0xf > 9 || octet >> 4 > 9);
        let text = if is_upper || self.sign.is_none() && self.is_upper { text.to_uppercase() } else { text };
        format!("{}{text}", if self.has_prefix { "0x" } else { "" })
    }
}

/// An octet of one or two digits.
fn octet(digits: &str) -> Option<u8> {
    let is_one = (1..=2).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_hexdigit());
    is_one.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_read_as_kea_reads_them() {
        for (text, octets, written) in [
            ("2:0:5e:0:0:ab", &[2, 0, 0x5e, 0, 0, 0xab][..], "01:02"),
            ("02-00-5E", &[2, 0, 0x5e], "01-02"),
            ("0x02ab", &[2, 0xab], "0x0102"),
            ("02AB", &[2, 0xab], "0102"),
            ("'kat'", b"kat", "0102"),
        ] {
            let read = Octets::read(text).unwrap();
            assert_eq!((read.all.as_slice(), read.write(&[1, 2]).as_str()), (octets, written), "{text}");
        }
        assert_eq!(Octets::read("02-00-5E").unwrap().write(&[0xab]), "AB");
        for other in ["", "''", "0x", "no info", "s0mething-gerda", "02:", "abc", "dorothea"] {
            assert_eq!(Octets::read(other), None, "{other}");
        }
    }
}
