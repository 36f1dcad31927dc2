//! Which moment a TIMESTAMP of Kea's means.
//!
//! Kea writes the wall clock of its own zone into the database and reads it back with `mktime()`; the database takes
//! it for the wall clock of the session's zone. Where the two zones are the same, `UNIX_TIMESTAMP` is right. Where
//! they differ, only Kea's zone is: the session shows the wall clock Kea wrote, and it is converted here as Kea does.

use chrono::{Local, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use mysql::Conn;
use mysql::prelude::Queryable;

use crate::source::database::KeaZone;
use crate::time::Zone;

/// How `expire` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WallClock {
    kea_zone: KeaZone,
    /// This machine's zone.
    local: Zone,
}

impl WallClock {
    pub(super) fn new(kea_zone: KeaZone, local: Zone) -> Self {
        Self { kea_zone, local }
    }

    /// Whether the wall clock is wanted instead of `UNIX_TIMESTAMP`.
    pub(super) fn reads_the_wall(self) -> bool {
        matches!(self.kea_zone, KeaZone::Local | KeaZone::Named(_))
    }

    /// Epoch seconds of a wall clock in Kea's zone; `None` for MySQL's zero date.
    pub(super) fn epoch(self, year: u16, [month, day, hour, minute, second]: [u8; 5]) -> Option<i64> {
        let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
        let wall = date.and_hms_opt(hour.into(), minute.into(), second.into())?;
        Some(match self.kea_zone {
            KeaZone::Named(zone) => mktime(&zone, wall),
            KeaZone::Unsaid | KeaZone::Database | KeaZone::Local => self.local_epoch(wall),
        })
    }

    fn local_epoch(self, wall: NaiveDateTime) -> i64 {
        match self.local {
            Zone::Machine => mktime(&Local, wall),
            Zone::Utc => mktime(&Utc, wall),
            Zone::Named(named) => mktime(&named.zone(), wall),
        }
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

/// What to report if no option says in which zone Kea wrote, and the database's is not this machine's.
pub(super) fn difference(conn: &mut Conn, clock: WallClock) -> Result<Option<String>, mysql::Error> {
    if clock.kea_zone != KeaZone::Unsaid {
        return Ok(None);
    }
    for (year, month) in PROBES {
        let Some(noon) = NaiveDate::from_ymd_opt(year, month, 15).and_then(|date| date.and_hms_opt(12, 0, 0)) else {
            continue;
        };
        let query = format!("SELECT CAST(UNIX_TIMESTAMP(TIMESTAMP '{noon}') AS SIGNED)");
        let there: Option<i64> = conn.query_first(query)?;
        let here = clock.local_epoch(noon);
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
         database, the times are wrong by the difference: --time-zone gives Kea's zone",
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
        WallClock::new(KeaZone::Named(zone), Zone::Machine).epoch(year, rest)
    }

    #[test]
    fn a_wall_clock_is_a_moment_in_keas_zone() {
        assert_eq!(epoch(Tz::UTC, 2026, [1, 15, 12, 0, 0]), Some(1_768_478_400));
        assert_eq!(epoch(Tz::America__New_York, 2026, [1, 15, 12, 0, 0]), Some(1_768_478_400 + 5 * 3600));
        assert_eq!(epoch(Tz::America__New_York, 2026, [7, 15, 12, 0, 0]), Some(1_784_116_800 + 4 * 3600));
    }

    #[test]
    fn the_local_zone_is_the_one_that_is_given() {
        let local = WallClock::new(KeaZone::Local, Zone::from(Tz::America__New_York));
        assert_eq!(local.epoch(2026, [1, 15, 12, 0, 0]), epoch(Tz::America__New_York, 2026, [1, 15, 12, 0, 0]));
    }

    #[test]
    fn hours_that_come_twice_or_never_are_read_as_kea_does() {
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
