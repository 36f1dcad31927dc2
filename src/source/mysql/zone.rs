//! Which moment a TIMESTAMP of Kea's means.
//!
//! Kea writes the wall clock of its own zone into the database and reads it back with `mktime()`; the database takes
//! it for the wall clock of the session's zone. Where the two zones are the same, `UNIX_TIMESTAMP` is right. Where
//! they differ, only Kea's zone is: the session shows the wall clock Kea wrote, and it is converted here as Kea does.

use chrono::{Local, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use mysql::Conn;
use mysql::prelude::Queryable;

use crate::source::database::KeaZone;

/// How `expire` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock(KeaZone);

impl Clock {
    pub(super) fn of(zone: KeaZone) -> Self {
        Self(zone)
    }

    /// Whether the wall clock is wanted instead of `UNIX_TIMESTAMP`.
    pub(super) fn reads_the_wall(self) -> bool {
        matches!(self.0, KeaZone::Local | KeaZone::Named(_))
    }

    /// Epoch seconds of a wall clock in Kea's zone; `None` for MySQL's zero date.
    pub(super) fn epoch(self, year: u16, [month, day, hour, minute, second]: [u8; 5]) -> Option<i64> {
        let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
        let wall = date.and_hms_opt(hour.into(), minute.into(), second.into())?;
        Some(match self.0 {
            KeaZone::Named(zone) => mktime(&zone, wall),
            KeaZone::Unsaid | KeaZone::Database | KeaZone::Local => mktime(&Local, wall),
        })
    }
}

/// Epoch seconds of a wall clock. Of the two moments of an hour that comes twice, the first; an hour that is left
/// out is counted on from before, as `mktime()` does.
fn mktime<Z: TimeZone>(zone: &Z, wall: NaiveDateTime) -> i64 {
    const WIDEST_GAP: TimeDelta = TimeDelta::hours(26);
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.timestamp(),
        LocalResult::None => {
            let before = zone.offset_from_local_datetime(&(wall - WIDEST_GAP));
            let offset =
                before.earliest().map_or(0, |offset| i64::from(chrono::Offset::fix(&offset).local_minus_utc()));
            wall.and_utc().timestamp() - offset
        }
    }
}

/// Noon in winters and summers, past and to come: zones that agree in all of these agree about leases.
const PROBES: [(i32, u32); 6] = [(2020, 1), (2020, 7), (2026, 1), (2026, 7), (2032, 1), (2032, 7)];

/// What to tell if nobody said in which zone Kea wrote, and the database's is not this machine's.
pub(super) fn difference(conn: &mut Conn, clock: Clock) -> Result<Option<String>, mysql::Error> {
    if clock.0 != KeaZone::Unsaid {
        return Ok(None);
    }
    for (year, month) in PROBES {
        let Some(noon) = NaiveDate::from_ymd_opt(year, month, 15).and_then(|date| date.and_hms_opt(12, 0, 0)) else {
            continue;
        };
        let query = format!("SELECT CAST(UNIX_TIMESTAMP(TIMESTAMP '{noon}') AS SIGNED)");
        let there: Option<i64> = conn.query_first(query)?;
        let here = mktime(&Local, noon);
        if there.is_some_and(|there| there != here) {
            return Ok(Some(remark(noon, there.unwrap_or(here), here)));
        }
    }
    Ok(None)
}

fn remark(noon: NaiveDateTime, there: i64, here: i64) -> String {
    let offset = |epoch: i64| {
        let minutes = (noon.and_utc().timestamp() - epoch) / 60;
        format!("UTC{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
    };
    format!(
        "the database's time zone is not this machine's (on {}: {} there, {} here); if Kea runs in another zone than the \
         database, the times are wrong by the difference: --time-zone says Kea's zone",
        noon.date(),
        offset(there),
        offset(here)
    )
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn epoch(zone: Tz, year: u16, rest: [u8; 5]) -> Option<i64> {
        Clock::of(KeaZone::Named(zone)).epoch(year, rest)
    }

    #[test]
    fn a_wall_clock_is_a_moment_in_keas_zone() {
        assert_eq!(epoch(Tz::UTC, 2026, [1, 15, 12, 0, 0]), Some(1_768_478_400));
        assert_eq!(epoch(Tz::America__New_York, 2026, [1, 15, 12, 0, 0]), Some(1_768_478_400 + 5 * 3600));
        assert_eq!(epoch(Tz::America__New_York, 2026, [7, 15, 12, 0, 0]), Some(1_784_116_800 + 4 * 3600));
    }

    #[test]
    fn the_hour_that_comes_twice_is_the_first_and_the_one_left_out_is_counted_on() {
        // Berlin, 2026: clocks go forward at 02:00 on March 29 and back at 03:00 on October 25.
        assert_eq!(epoch(Tz::Europe__Berlin, 2026, [10, 25, 2, 30, 0]), Some(1_792_888_200));
        assert_eq!(
            epoch(Tz::Europe__Berlin, 2026, [3, 29, 2, 30, 0]),
            epoch(Tz::Europe__Berlin, 2026, [3, 29, 3, 30, 0])
        );
    }

    #[test]
    fn mysqls_zero_date_is_no_moment() {
        assert_eq!(epoch(Tz::UTC, 0, [0, 0, 0, 0, 0]), None);
    }

    #[test]
    fn the_remark_says_how_far_apart_the_zones_are() {
        let noon = NaiveDate::from_ymd_opt(2026, 1, 15).unwrap().and_hms_opt(12, 0, 0).unwrap();
        let utc = noon.and_utc().timestamp();
        let text = remark(noon, utc - 5400, utc + 18000);
        assert!(text.contains("on 2026-01-15: UTC+01:30 there, UTC-05:00 here"), "{text}");
    }
}
