//! Formats many times fast: the offset of a zone is looked up once per hour, not once per lease.

use std::fmt;

use chrono::{
    DateTime, Datelike as _, Local, MappedLocalTime, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;

use super::TimeStyle;

/// What "local" is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// This machine's zone.
    #[default]
    Machine,
    /// Coordinated universal time.
    Utc,
    /// This zone.
    Named(NamedZone),
}

/// A zone of IANA's database.
///
/// Its functions are values, so that a program that never names a zone does not contain the database: a megabyte that the
/// dynamic linker works through at each start.
#[derive(Clone, Copy)]
pub struct NamedZone {
    zone: Tz,
    at_local: fn(Tz, &NaiveDateTime) -> MappedLocalTime<i32>,
    at_utc: fn(Tz, &NaiveDateTime) -> i32,
}

impl NamedZone {
    /// The zone.
    #[must_use]
    pub fn zone(self) -> Tz {
        self.zone
    }
}

impl PartialEq for NamedZone {
    fn eq(&self, other: &Self) -> bool {
        self.zone == other.zone
    }
}

impl Eq for NamedZone {}

impl fmt::Debug for NamedZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedZone").finish_non_exhaustive()
    }
}

impl From<Tz> for Zone {
    fn from(zone: Tz) -> Self {
        let at_local = |zone: Tz, shown: &NaiveDateTime| {
            zone.offset_from_local_datetime(shown).map(|offset| offset.fix().local_minus_utc())
        };
        let at_utc = |zone: Tz, moment: &NaiveDateTime| zone.offset_from_utc_datetime(moment).fix().local_minus_utc();
        Self::Named(NamedZone { zone, at_local, at_utc })
    }
}

impl Zone {
    /// The zone that the variable `TZ` names, as far as it is one of IANA's names; else this machine's.
    #[must_use]
    pub fn from_variable(value: Option<&str>) -> Self {
        let name = value.map(|value| value.trim_start_matches(':'));
        name.and_then(|name| name.parse::<Tz>().ok()).map_or(Self::Machine, Self::from)
    }

    /// Its offsets from UTC, in seconds, when its own clocks show `local`, in seconds since 1970 on them: the first and the
    /// second time where they do twice, as in the hour in which summer time ends. For a time that its clocks leave out it
    /// is the offset before that.
    #[must_use]
    pub fn offsets_at_local(self, local: i64) -> (i64, i64) {
        const LEFT_OUT: i64 = 3 * HOUR;
        let found = self.at_local(local).or_else(|| self.at_local(local - LEFT_OUT));
        found.map_or((0, 0), |(first, second)| (first.into(), second.into()))
    }

    fn at_local(self, local: i64) -> Option<(i32, i32)> {
        let shown = DateTime::<Utc>::from_timestamp(local, 0)?.naive_utc();
        let offsets = match self {
            Self::Machine => Local.offset_from_local_datetime(&shown).map(|it| it.fix().local_minus_utc()),
            Self::Utc => MappedLocalTime::Single(0),
            Self::Named(named) => (named.at_local)(named.zone, &shown),
        };
        offsets.earliest().zip(offsets.latest())
    }

    /// Its offset from UTC at a moment, in seconds.
    fn offset(self, moment: DateTime<Utc>) -> i32 {
        let moment = &moment.naive_utc();
        match self {
            Self::Machine => Local.offset_from_utc_datetime(moment).fix().local_minus_utc(),
            Self::Utc => 0,
            Self::Named(named) => (named.at_utc)(named.zone, moment),
        }
    }
}

/// How many hours are remembered; leases end within a few days of each other.
const HOURS: usize = 256;
const HOUR: i64 = 3600;
/// RFC 3339 has years of four digits; a time outside the years 1 to 9998 is formatted as a number.
const TOLD: std::ops::Range<i64> = -62_135_596_800..253_370_764_800;

/// Formats times in one style.
#[derive(Debug)]
pub struct TimeFormatter {
    style: TimeStyle,
    zone: Zone,
    /// Hours since 1970 and the offset that holds throughout them.
    hours: Box<[(i64, i32); HOURS]>,
}

impl TimeFormatter {
    /// Formats times in this style, local ones in this zone.
    #[must_use]
    pub fn new(style: TimeStyle, zone: Zone) -> Self {
        Self { style, zone, hours: Box::new([(i64::MIN, 0); HOURS]) }
    }

    /// The style.
    #[must_use]
    pub fn style(&self) -> TimeStyle {
        self.style
    }

    /// Appends `2020-11-18T14:11:17+01:00`, or what the style makes of it.
    pub fn write(&mut self, epoch: i64, out: &mut Vec<u8>) {
        let Some((local, offset)) = self.local(epoch) else {
            out.extend_from_slice(itoa::Buffer::new().format(epoch).as_bytes());
            return;
        };
        write_date(local, out);
        out.push(b'T');
        write_clock(local, out);
        out.push(b':');
        two(local.rem_euclid(60), out);
        if self.style == TimeStyle::Utc {
            out.push(b'Z');
            return;
        }
        out.push(if offset < 0 { b'-' } else { b'+' });
        let minutes = i64::from(offset.abs() / 60);
        two(minutes / 60, out);
        out.push(b':');
        two(minutes % 60, out);
    }

    /// Appends `2020-11-18T14:11:17.123+01:00`, or what the style makes of it, of microseconds since 1970.
    pub fn write_millis(&mut self, micros: i64, out: &mut Vec<u8>) {
        let start = out.len();
        self.write(micros.div_euclid(1_000_000), out);
        let millis = micros.rem_euclid(1_000_000) / 1000;
        let place = if out[start..].get(10) == Some(&b'T') { start + 19 } else { out.len() };
        out.splice(place..place, format!(".{millis:03}").into_bytes());
    }

    /// Appends `2020-11-18 14:11`, which says no offset, or what the style makes of it.
    pub fn write_short(&mut self, epoch: i64, out: &mut Vec<u8>) {
        let Some((local, _)) = self.local(epoch) else {
            out.extend_from_slice(itoa::Buffer::new().format(epoch).as_bytes());
            return;
        };
        write_date(local, out);
        out.push(b' ');
        write_clock(local, out);
    }

    /// Appends `11-18 14:11`, which says no year either, or what the style makes of it.
    pub fn write_brief(&mut self, epoch: i64, out: &mut Vec<u8>) {
        let start = out.len();
        self.write_short(epoch, out);
        if self.local(epoch).is_some() {
            out.drain(start..start + "2020-".len());
        }
    }

    /// The wall clock as seconds, and its offset; `None` for a time that is formatted as a number.
    fn local(&mut self, epoch: i64) -> Option<(i64, i32)> {
        if self.style == TimeStyle::Epoch {
            return None;
        }
        if !TOLD.contains(&epoch) {
            return None;
        }
        let offset = match self.style {
            TimeStyle::Local => self.offset(epoch),
            _ => 0,
        };
        Some((epoch + i64::from(offset), offset))
    }

    fn offset(&mut self, epoch: i64) -> i32 {
        let hour = epoch.div_euclid(HOUR);
        let place = usize::try_from(hour).unwrap_or(0) % HOURS;
        if self.hours[place].0 == hour {
            return self.hours[place].1;
        }
        let at = |epoch| DateTime::from_timestamp(epoch, 0).map_or(0, |moment| self.zone.offset(moment));
        let (begin, end) = (at(hour * HOUR), at(hour * HOUR + HOUR - 1));
        if begin == end {
            self.hours[place] = (hour, begin);
            return begin;
        }
        at(epoch)
    }
}

fn write_date(local: i64, out: &mut Vec<u8>) {
    let date = chrono::NaiveDate::default().checked_add_signed(TimeDelta::days(local.div_euclid(86_400)));
    let date = date.unwrap_or_default();
    let year = i64::from(date.year());
    two(year / 100, out);
    two(year % 100, out);
    out.push(b'-');
    two(date.month().into(), out);
    out.push(b'-');
    two(date.day().into(), out);
}

fn write_clock(local: i64, out: &mut Vec<u8>) {
    let seconds = local.rem_euclid(86_400);
    two(seconds / 3600, out);
    out.push(b':');
    two(seconds / 60 % 60, out);
}

/// Appends a number below 100 as two digits.
fn two(number: i64, out: &mut Vec<u8>) {
    let digit = |number: i64| b'0' + u8::try_from(number % 10).unwrap_or(0);
    out.extend_from_slice(&[digit(number / 10), digit(number)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::show;
    use chrono_tz::Tz;
    use proptest::prelude::*;

    fn told(epoch: i64, style: TimeStyle, zone: Zone) -> String {
        let mut out = Vec::new();
        TimeFormatter::new(style, zone).write(epoch, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_hour_that_comes_twice_is_distinguished_by_its_offset() {
        let zone = Zone::from(Tz::Europe__Zurich);
        // 2026-10-25: clocks go back from 03:00 to 02:00 at 01:00 UTC.
        assert_eq!(told(1_792_888_200, TimeStyle::Local, zone), "2026-10-25T02:30:00+02:00");
        assert_eq!(told(1_792_891_800, TimeStyle::Local, zone), "2026-10-25T02:30:00+01:00");
        assert_eq!(told(1_774_745_999, TimeStyle::Local, zone), "2026-03-29T01:59:59+01:00");
        assert_eq!(told(1_774_746_000, TimeStyle::Local, zone), "2026-03-29T03:00:00+02:00");
    }

    #[test]
    fn a_short_moment_says_date_hour_and_minute() {
        let mut out = Vec::new();
        let mut teller = TimeFormatter::new(TimeStyle::Local, Zone::from(Tz::America__New_York));
        teller.write_short(1_605_705_077, &mut out);
        assert_eq!(out, b"2020-11-18 08:11");
        out.clear();
        teller.write_brief(1_605_705_077, &mut out);
        assert_eq!(out, b"11-18 08:11");
    }

    #[test]
    fn a_zone_is_named_by_the_variable_or_the_machines() {
        assert_eq!(Zone::from_variable(Some("Europe/Zurich")), Zone::from(Tz::Europe__Zurich));
        assert_eq!(Zone::from_variable(Some(":Europe/Zurich")), Zone::from(Tz::Europe__Zurich));
        for other in [None, Some(""), Some("CET-1CEST,M3.5.0,M10.5.0/3"), Some("/etc/localtime")] {
            assert_eq!(Zone::from_variable(other), Zone::Machine);
        }
    }

    proptest! {
        #[test]
        fn moments_are_told_as_the_library_tells_them(epochs in proptest::collection::vec(-5_000_000_000i64..9_000_000_000, 1..40)) {
            // Liberia's offset had seconds until 1972, which RFC 3339 cannot say.
            for zone in [Tz::Europe__Zurich, Tz::Australia__Lord_Howe, Tz::America__St_Johns, Tz::Asia__Kathmandu] {
                let mut teller = TimeFormatter::new(TimeStyle::Local, Zone::from(zone));
                for epoch in &epochs {
                    let mut out = Vec::new();
                    teller.write(*epoch, &mut out);
                    let moment = DateTime::<Utc>::from_timestamp(*epoch, 0).unwrap().with_timezone(&zone);
                    if moment.offset().fix().local_minus_utc() % 60 == 0 {
                        let expected = moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, false);
                        prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
                    }
                }
            }
            for epoch in epochs {
                prop_assert_eq!(told(epoch, TimeStyle::Utc, Zone::Machine), show(epoch, TimeStyle::Utc));
            }
        }
    }

    #[test]
    fn what_is_no_date_is_reported_as_a_number() {
        for far in [i64::MAX, i64::MIN, 253_402_300_800] {
            assert_eq!(told(far, TimeStyle::Local, Zone::Machine), far.to_string());
        }
        assert_eq!(told(7, TimeStyle::Epoch, Zone::Machine), "7");
    }
}
