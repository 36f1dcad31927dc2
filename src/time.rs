//! Times and durations as text.

mod formatter;
mod span;

pub use formatter::{TimeFormatter, Zone};
pub use span::{Span, parse_span};

use chrono::{DateTime, Datelike as _, Local, NaiveDateTime, SecondsFormat, Utc};

/// The style of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeStyle {
    /// This machine's zone with its offset: `2020-11-18T14:11:17+01:00`.
    #[default]
    Local,
    /// `2020-11-18T13:11:17Z`.
    Utc,
    /// Seconds since 1970.
    Epoch,
}

/// The moment `epoch` (seconds since 1970) as text; as a number too outside the years 1 to 9998.
#[must_use]
pub fn show(epoch: i64, style: TimeStyle) -> String {
    // RFC 3339 has years of four digits, and far beyond them a zone's offset leads out of the calendar.
    let moment = DateTime::<Utc>::from_timestamp(epoch, 0).filter(|moment| (1..9999).contains(&moment.year()));
    match (moment, style) {
        (Some(moment), TimeStyle::Local) => moment.with_timezone(&Local).to_rfc3339_opts(SecondsFormat::Secs, false),
        (Some(moment), TimeStyle::Utc) => moment.to_rfc3339_opts(SecondsFormat::Secs, true),
        (None, _) | (_, TimeStyle::Epoch) => epoch.to_string(),
    }
}

/// The moment that `text` names, in RFC 3339 or as `@SECONDS` since 1970.
#[must_use]
pub fn read_moment(text: &str) -> Option<i64> {
    match text.strip_prefix('@') {
        Some(seconds) => seconds.parse().ok(),
        None => DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp()),
    }
}

/// The moment that a text begins with, to the second, in this machine's zone: `2020-11-18 14:11:17`.
#[must_use]
pub fn read_local(text: &str) -> Option<i64> {
    const LENGTH: usize = 19;
    let moment = NaiveDateTime::parse_from_str(text.get(..LENGTH)?, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(moment.and_local_timezone(Local).earliest()?.timestamp())
}

/// The moment `epoch` (since 1970) in UTC, to the microsecond: `2020-11-18T13:11:17.123456Z`.
#[must_use]
pub fn precise(epoch: std::time::Duration) -> String {
    let seconds = i64::try_from(epoch.as_secs()).unwrap_or(i64::MAX);
    match DateTime::<Utc>::from_timestamp(seconds, epoch.subsec_nanos()) {
        Some(moment) => moment.to_rfc3339_opts(SecondsFormat::Micros, true),
        None => seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_each_style() {
        assert_eq!(show(1_605_705_077, TimeStyle::Utc), "2020-11-18T13:11:17Z");
        assert_eq!(show(1_605_705_077, TimeStyle::Epoch), "1605705077");
        for far in [i64::MAX, i64::MIN, 8_210_266_876_799, -8_334_601_228_800, 253_402_300_800] {
            assert_eq!(show(far, TimeStyle::Utc), far.to_string());
            assert_eq!(show(far, TimeStyle::Local), far.to_string());
        }
        assert!(DateTime::parse_from_rfc3339(&show(0, TimeStyle::Local)).is_ok());
    }

    #[test]
    fn a_local_moment_is_read_as_it_is_shown() {
        let text = show(1_605_705_077, TimeStyle::Local).replace('T', " ");
        assert_eq!(read_local(&text), Some(1_605_705_077));
        assert_eq!(read_local(&text[..19]), Some(1_605_705_077));
        for odd in ["", "2020-11-18", "2020-11-18 14:11:1ä", "Nov 20 10:13:55 kea-dhcp4"] {
            assert_eq!(read_local(odd), None, "{odd}");
        }
    }
}
