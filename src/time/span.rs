//! Durations as people write them: `90`, `10m`, `1h30m`, `2d`.

use std::fmt;

const UNITS: [(u64, char); 5] = [(7 * 86_400, 'w'), (86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];

/// Seconds, formatted in the two largest non-zero units: `1h30m`, `2d`, `45s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub u64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Weeks are read but not written: 9d is plainer than 1w2d.
        let units = &UNITS[1..];
        let first = units.iter().position(|(length, _)| self.0 >= *length).unwrap_or(units.len() - 1);
        let (length, unit) = units[first];
        write!(f, "{}{unit}", self.0 / length)?;
        match units.get(first + 1) {
            Some((next, unit)) if self.0 % length >= *next => write!(f, "{}{unit}", self.0 % length / next),
            _ => Ok(()),
        }
    }
}

/// The seconds in a text such as `90`, `90s`, `10m`, `1h30m`, `2d` or `1w`.
pub fn parse_span(text: &str) -> Result<u32, String> {
    sum(text).and_then(|seconds| u32::try_from(seconds).ok()).ok_or_else(|| {
        "a length of time is a number of seconds up to 4294967295, or numbers with w, d, h, m or s: 90, 10m, 1h30m, 2d".to_owned()
    })
}

fn sum(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let (mut total, mut rest) = (0u64, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let (length, _) = UNITS.iter().find(|(_, name)| *name == unit)?;
        total = total.checked_add(number.checked_mul(*length)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_shown_in_at_most_two_units() {
        let shown = [0, 59, 60, 61, 3600, 5400, 5401, 86_400, 90_000, 86_460, 864_000].map(|s| Span(s).to_string());
        assert_eq!(shown, ["0s", "59s", "1m", "1m1s", "1h", "1h30m", "1h30m", "1d", "1d1h", "1d", "10d"]);
    }

    #[test]
    fn a_span_is_read_as_people_write_it() {
        let read = ["90", "90s", "10m", "1h30m", "2d", "1w", "0"].map(|text| parse_span(text).unwrap());
        assert_eq!(read, [90, 90, 600, 5400, 172_800, 604_800, 0]);
        for wrong in ["", "h", "1h30", "1y", "-1", "1 h", "99999999999w", "5000000000", "1é"] {
            assert!(parse_span(wrong).unwrap_err().contains("1h30m"), "{wrong}");
        }
    }
}
