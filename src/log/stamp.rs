//! Moments as log lines write them.
//!
//! Kea writes the local time without a zone; syslog leaves out the year too. What is missing comes from the [`Clock`].

use crate::time::Zone;

/// Microseconds since 1970, UTC.
pub(crate) type Micros = i64;

pub(crate) const SECOND: Micros = 1_000_000;
const DAY: i64 = 86_400;
/// A file may be a little newer than its own time says.
const TOLERANCE: Micros = 86_400 * SECOND;

/// The earlier of two times, if there is one; logs may go back in time.
pub(crate) fn earlier(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    one.into_iter().chain(other).min()
}

/// The last microsecond of the year 9999: what is beyond is no moment.
pub(crate) const LATEST: Micros = 253_402_300_799_999_999;

/// A moment as a text has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// With its zone: microseconds since 1970.
    Utc(Micros),
    /// Without: microseconds since 1970 on the clock of that place.
    Local(Micros),
    /// Without a year: month, day and microseconds of the day on the clock of that place.
    Yearless { month: i64, day: i64, micros: Micros },
}

/// Days from 1970 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Whether there is such a day.
fn is_date(year: i64, month: i64, day: i64) -> bool {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=last).contains(&day)
}

/// A number of exactly `length` digits.
fn digits(text: &[u8], at: usize, length: usize) -> Option<i64> {
    let mut number = 0;
    for digit in text.get(at..at + length)? {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i64::from(digit - b'0');
    }
    Some(number)
}

/// `HH:MM:SS` with a fraction: microseconds, and the length.
fn clock_time(text: &[u8]) -> Option<(Micros, usize)> {
    if *text.get(2)? != b':' || *text.get(5)? != b':' {
        return None;
    }
    let (hours, minutes, seconds) = (digits(text, 0, 2)?, digits(text, 3, 2)?, digits(text, 6, 2)?);
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let mut micros = (hours * 3600 + minutes * 60 + seconds) * SECOND;
    let mut length = 8;
    if matches!(text.get(8), Some(b'.' | b',')) && text.get(9).is_some_and(u8::is_ascii_digit) {
        length = 9;
        let mut weight = SECOND / 10;
        while let Some(digit) = text.get(length).filter(|digit| digit.is_ascii_digit()) {
            micros += weight * i64::from(digit - b'0');
            weight /= 10;
            length += 1;
        }
    }
    Some((micros, length))
}

/// `Z`, `+01:00`, `+0100` or `+01`: seconds east of Greenwich, and the length.
fn offset(text: &[u8]) -> Option<(i64, usize)> {
    let sign = match text.first()? {
        b'Z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let colon = usize::from(text.get(3) == Some(&b':'));
    let hours = digits(text, 1, 2)?;
    if text.get(3).is_none_or(|next| *next == b' ') {
        return (hours < 24).then_some((sign * hours * 3600, 3));
    }
    let minutes = digits(text, 3 + colon, 2)?;
    (hours < 24 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), 5 + colon))
}

/// The moment of ISO 8601 that `text` begins with, and its length.
pub(crate) fn iso(text: &[u8]) -> Option<(Stamp, usize)> {
    let is_date_like = |text: &[u8]| matches!(text[4], b'-' | b'/') && text[7] == text[4];
    if text.len() < 19 || !is_date_like(text) || !matches!(text[10], b'T' | b' ') {
        return None;
    }
    let (year, month, day) = (digits(text, 0, 4)?, digits(text, 5, 2)?, digits(text, 8, 2)?);
    if !is_date(year, month, day) {
        return None;
    }
    let (micros, length) = clock_time(&text[11..])?;
    let micros = days(year, month, day) * DAY * SECOND + micros;
    let length = 11 + length;
    Some(match offset(&text[length..]).or_else(|| separate_offset(&text[length..])) {
        Some((seconds, more)) => (Stamp::Utc(micros - seconds * SECOND), length + more),
        None => (Stamp::Local(micros), length),
    })
}

/// The moment of the word that `text` begins with, seconds since 1970 with a fraction or milliseconds, and its length.
pub(crate) fn epoch(text: &[u8]) -> Option<(Stamp, usize)> {
    if !text.first()?.is_ascii_digit() {
        return None;
    }
    let length = memchr::memchr(b' ', &text[..text.len().min(24)])?;
    let (whole, fraction) = match text.get(10)? {
        b'.' => (digits(text, 0, 10)? * SECOND, &text[11..length.max(11)]),
        _ if length == 13 => (digits(text, 0, 13)? * 1000, &text[..0]),
        _ => return None,
    };
    let of_second = match fraction.len() {
        0 if length == 13 => 0,
        3 => digits(fraction, 0, 3)? * 1000,
        6 => digits(fraction, 0, 6)?,
        9 => digits(fraction, 0, 9)? / 1000,
        _ => return None,
    };
    Some((Stamp::Utc(whole + of_second), length))
}

/// The zone of a pattern that has it as a word of its own, `%D{%Y-%m-%d %H:%M:%S.%q %z}`.
fn separate_offset(text: &[u8]) -> Option<(i64, usize)> {
    let word = text.strip_prefix(b" ")?;
    let ends = |length: usize| word.get(length).is_none_or(|next| !next.is_ascii_alphanumeric());
    let named = [&b"UTC"[..], b"GMT"].iter().any(|name| word.starts_with(name) && ends(3));
    if named {
        return Some((0, 4));
    }
    offset(word).filter(|(_, length)| ends(*length)).map(|(seconds, length)| (seconds, length + 1))
}

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// The moment of traditional syslog that `text` begins with, `Nov 29 08:25:26`, and its length.
pub(crate) fn syslog(text: &[u8]) -> Option<(Stamp, usize)> {
    if text.len() < 15 || text[3] != b' ' || text[6] != b' ' {
        return None;
    }
    let month = MONTHS.iter().position(|name| text.starts_with(*name))?;
    let day = if text[4] == b' ' { digits(text, 5, 1)? } else { digits(text, 4, 2)? };
    let (micros, length) = clock_time(&text[7..])?;
    let month = i64::try_from(month).ok()? + 1;
    is_date(2000, month, day).then_some((Stamp::Yearless { month, day, micros }, 7 + length))
}

/// Makes moments of stamps.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    zone: Zone,
    /// A moment that no line is much younger than: when the file was last written.
    latest: Micros,
    /// The offset in seconds of the local time, as lines with two clocks show it.
    learned: Option<i64>,
    /// A quarter of an hour of local time, and the offset that holds in it, the first and the second time.
    quarter: (i64, (i64, i64)),
    /// The moment of the last line without a zone.
    last: Micros,
}

const QUARTER: i64 = 900;

impl Clock {
    pub(crate) fn new(zone: Zone, latest: Micros) -> Self {
        // The time of a file may be anything.
        let latest = latest.clamp(0, LATEST);
        Self { zone, latest, learned: None, quarter: (i64::MIN, (0, 0)), last: 0 }
    }

    /// The moment of a stamp.
    pub(crate) fn moment(&mut self, stamp: Stamp) -> Micros {
        match stamp {
            Stamp::Utc(micros) => micros,
            Stamp::Local(micros) => {
                self.last = micros - self.likely_offset(micros) * SECOND;
                self.last
            }
            Stamp::Yearless { month, day, micros } => self.with_year(month, day, micros),
        }
    }

    /// How much the local clock is ahead of UTC at a moment.
    pub(crate) fn shift(&mut self, moment: Micros) -> Micros {
        self.offset(moment.div_euclid(SECOND)) * SECOND
    }

    /// Where an hour comes twice, the time that is nearer to that of the line before; times go on rather than back.
    fn likely_offset(&mut self, micros: Micros) -> i64 {
        let (first, second) = self.offsets(micros.div_euclid(SECOND));
        if first == second || self.learned.is_some() {
            return self.learned.unwrap_or(first);
        }
        let last = self.last;
        let distance = |offset: &i64| {
            let after = (micros - offset * SECOND).saturating_sub(last);
            if after < 0 { after.saturating_mul(-2) } else { after }
        };
        [first, second].into_iter().min_by_key(distance).unwrap_or(first)
    }

    fn offset(&mut self, local: i64) -> i64 {
        self.learned.unwrap_or_else(|| self.offsets(local).0)
    }

    fn offsets(&mut self, local: i64) -> (i64, i64) {
        let quarter = local.div_euclid(QUARTER);
        if self.quarter.0 != quarter {
            self.quarter = (quarter, self.zone.offsets_at_local(local));
        }
        self.quarter.1
    }

    /// The last year in which the moment is not after everything else.
    fn with_year(&mut self, month: i64, day: i64, micros: Micros) -> Micros {
        let year = 1970 + self.latest.div_euclid(SECOND).div_euclid(DAY) * 400 / 146_097;
        let mut found = micros;
        // The 29th of February is not in every year.
        for year in (year - 7..=year + 1).rev().filter(|year| is_date(*year, month, day)) {
            found = days(year, month, day) * DAY * SECOND + micros;
            if found - self.offset(found.div_euclid(SECOND)) * SECOND <= self.latest + TOLERANCE {
                break;
            }
        }
        self.moment(Stamp::Local(found))
    }

    /// A line has two clocks, of which one has no zone: from now on its offset is known. The offset if it is another
    /// than that of the zone.
    pub(crate) fn compare(&mut self, known: Micros, local: Micros) -> Option<i64> {
        let difference = (local - known).div_euclid(SECOND);
        let offset = (difference + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
        if (difference - offset).abs() > 5 || offset.abs() > 15 * 3600 {
            return None;
        }
        let before = self.offset(local.div_euclid(SECOND));
        self.learned = Some(offset);
        (before != offset).then_some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc() -> Clock {
        Clock::new(Zone::from(chrono_tz::UTC), 1_795_940_726 * SECOND)
    }

    #[test]
    fn moments_of_every_form_are_one() {
        let moment = 1_795_940_726_500_000;
        for text in ["2026-11-29 08:25:26.500", "2026-11-29T09:25:26.5+01:00", "2026-11-29T03:25:26.500000-0500"] {
            let (stamp, length) = iso(text.as_bytes()).unwrap();
            assert_eq!((utc().moment(stamp), length), (moment, text.len()), "{text}");
        }
        let (stamp, _) = syslog(b"Nov 29 08:25:26.5 host").unwrap();
        assert_eq!(utc().moment(stamp), moment);
    }

    #[test]
    fn a_day_that_is_yet_to_come_was_last_year() {
        let (stamp, _) = syslog(b"Dec  3 08:25:26 host").unwrap();
        let shown = utc().moment(stamp);
        assert_eq!(shown, 1_764_750_326 * SECOND);
    }

    #[test]
    fn a_leap_day_without_a_year_is_one() {
        let (stamp, _) = syslog(b"Feb 29 08:25:26 host").unwrap();
        assert_eq!(utc().moment(stamp), 1_709_195_126 * SECOND);
        assert_eq!(syslog(b"Feb 30 08:25:26 host"), None);
        assert_eq!(iso(b"2026-02-29 08:25:26"), None);
    }

    #[test]
    fn an_hour_that_comes_twice_is_known_by_its_lines() {
        let mut clock = Clock::new(Zone::from(chrono_tz::Europe::Berlin), 1_795_940_726 * SECOND);
        let mut at = |time: &str| {
            let (stamp, _) = iso(format!("2026-10-25 {time}").as_bytes()).unwrap();
            (clock.moment(stamp) / SECOND - 1_792_886_400) / 60
        };
        // The clocks of Berlin go back from 03:00 to 02:00 at 01:00 UTC.
        let lines = ["01:50:00", "02:10:00", "02:59:59", "02:00:00", "02:59:59", "02:00:01", "02:30:00", "02:29:59"];
        assert_eq!(lines.map(&mut at), [-10, 10, 59, 60, 59, 60, 90, 89]);
        assert_eq!(at("03:00:00"), 120);
    }

    #[test]
    fn a_time_that_the_clocks_leave_out_is_that_before() {
        let mut clock = Clock::new(Zone::from(chrono_tz::Europe::Berlin), 1_795_940_726 * SECOND);
        let mut at = |text: &str| clock.moment(iso(text.as_bytes()).unwrap().0);
        assert_eq!(at("2026-03-29 02:30:00"), at("2026-03-29T02:30:00+01:00"));
    }

    #[test]
    fn a_zone_may_be_a_word_of_its_own() {
        for (text, length) in [
            ("2026-11-29 09:25:26.500 +0100 INFO", 29),
            ("2026-11-29 09:25:26.500 +01:00|INFO", 30),
            ("2026-11-29 09:25:26.500+01 INFO", 26),
            ("2026-11-29 08:25:26.500 UTC INFO", 27),
        ] {
            let (stamp, found) = iso(text.as_bytes()).unwrap();
            assert_eq!((utc().moment(stamp), found), (1_795_940_726_500_000, length), "{text}");
        }
        assert!(matches!(iso(b"2026-11-29 08:25:26.500 -5 x"), Some((Stamp::Local(_), 23))));
    }

    #[test]
    fn two_clocks_of_a_line_show_the_zone() {
        let mut clock = utc();
        assert_eq!(clock.compare(1_000_000_000 * SECOND, 1_000_007_201 * SECOND), Some(7200));
        assert_eq!(clock.moment(Stamp::Local(1_000_007_200 * SECOND)), 1_000_000_000 * SECOND);
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in ["", "2026-13-29 08:25:26", "2026-11-29x08:25:26", "2026-11-29 25:25:26", "Nov 29"] {
            assert_eq!(iso(text.as_bytes()), None, "{text}");
            assert_eq!(syslog(text.as_bytes()), None, "{text}");
        }
    }
}
