//! Times in seconds: `90m`, `3600`, `1 hour and 30 minutes`.

use std::fmt::Write as _;

/// Units from the longest: seconds, letter, word.
const UNITS: [(u32, char, &str); 5] =
    [(604_800, 'w', "week"), (86_400, 'd', "day"), (3600, 'h', "hour"), (60, 'm', "minute"), (1, 's', "sec")];

/// Seconds from `3600`, `90m`, `1h`, `1d`, `30s`, `2w` or `infinite`.
pub(super) fn parse(text: &str) -> Result<u32, String> {
    if text.eq_ignore_ascii_case("infinite") {
        return Ok(u32::MAX);
    }
    let unit = text.chars().last().map(|c| c.to_ascii_lowercase());
    let (digits, factor) = match UNITS.iter().find(|(_, letter, _)| Some(*letter) == unit) {
        Some((factor, ..)) => (&text[..text.len() - 1], *factor),
        None => (text, 1),
    };
    let number = digits.parse::<u32>().ok().filter(|_| digits.bytes().all(|octet| octet.is_ascii_digit()));
    let seconds = number.and_then(|number| number.checked_mul(factor));
    seconds.ok_or_else(|| format!("\"{text}\" is no number of seconds, minutes (m), hours (h), days (d) or weeks (w)"))
}

/// As [`parse`], with a sign.
pub(super) fn parse_signed(text: &str) -> Result<i32, String> {
    let (digits, sign) = match text.strip_prefix('-') {
        Some(digits) => (digits, -1),
        None => (text, 1),
    };
    let seconds = i64::from(parse(digits)?) * sign;
    i32::try_from(seconds).map_err(|_| format!("{seconds} is too big"))
}

/// Seconds in words: `1 day, 2 hours, and 3 secs`.
pub(super) fn words(seconds: u32) -> String {
    if seconds == u32::MAX {
        return "infinite".into();
    }
    let mut left = seconds;
    let mut parts = Vec::new();
    for (factor, _, word) in UNITS {
        let number = left / factor;
        left %= factor;
        if number > 0 {
            let plural = if number == 1 { "" } else { "s" };
            parts.push(format!("{number} {word}{plural}"));
        }
    }
    let Some((last, before)) = parts.split_last() else { return "0 secs".into() };
    let mut text = before.join(", ");
    if !text.is_empty() {
        let _ = write!(text, "{} and ", if before.len() > 1 { "," } else { "" });
    }
    text + last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [
            ("90m", 5400),
            ("1h", 3600),
            ("1d", 86400),
            ("30s", 30),
            ("3600", 3600),
            ("2W", 1_209_600),
            ("infinite", u32::MAX),
        ] {
            assert_eq!(parse(text), Ok(seconds), "{text}");
        }
        for text in ["", "h", "1x", "-1", "+1", "1.5h", "4294967296", "9999999d", "é"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse_signed("-5h"), Ok(-18000));
        assert!(parse_signed("4294967295").is_err());
    }

    #[test]
    fn times_in_words_read_as_people_say_them() {
        for (seconds, text) in [
            (0, "0 secs"),
            (1, "1 sec"),
            (3600, "1 hour"),
            (5400, "1 hour and 30 minutes"),
            (90061, "1 day, 1 hour, 1 minute, and 1 sec"),
            (604_800, "1 week"),
            (u32::MAX, "infinite"),
        ] {
            assert_eq!(words(seconds), text);
        }
    }
}
