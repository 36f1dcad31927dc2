//! Moments as people name them: `2026-11-29 08:25`, `08:25` (the last one), `2h` (ago), `yesterday`, `@1795940726`.

use super::stamp::{self, Clock, Micros, SECOND, Stamp};

const DAY: Micros = 86_400 * SECOND;

/// The moment that a text names, where it is `now`.
pub(crate) fn moment(text: &str, now: Micros, clock: &mut Clock) -> Result<Micros, String> {
    let text = text.trim();
    named(text, now, clock).ok_or_else(|| {
        "expected a date and time (2026-11-29 08:25:26), a time of day (08:25, the last one), a length of time before now (90m), \
         today, yesterday, now or @SECONDS"
            .to_owned()
    })
}

/// The same in seconds, in a zone.
pub(crate) fn seconds(text: &str, now: i64, zone: crate::time::Zone) -> Result<i64, String> {
    let now = now.saturating_mul(SECOND);
    moment(text, now, &mut Clock::new(zone, now)).map(|moment| moment.div_euclid(SECOND))
}

fn named(text: &str, now: Micros, clock: &mut Clock) -> Option<Micros> {
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse::<i64>().ok()?.checked_mul(SECOND);
    }
    let midnight = now - (now + clock.shift(now)).rem_euclid(DAY);
    match text {
        "now" => return Some(now),
        "today" => return Some(midnight),
        "yesterday" => return Some(midnight - DAY),
        _ => {}
    }
    let full = match text.len() {
        10 => format!("{text} 00:00:00"),
        16 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    if let Some((stamp, length)) = stamp::iso(full.as_bytes())
        && length == full.len()
    {
        return Some(clock.moment(stamp));
    }
    let time = if text.len() == 5 { format!("1970-01-01 {text}:00") } else { format!("1970-01-01 {text}") };
    if let Some((Stamp::Local(of_day), length)) = stamp::iso(time.as_bytes())
        && length == time.len()
    {
        let today = midnight + of_day;
        return Some(if today > now { today - DAY } else { today });
    }
    let ago = crate::time::parse_span(text.trim_end_matches(" ago").trim_start_matches('-')).ok()?;
    Some(now - Micros::from(ago) * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;

    #[test]
    fn moments_are_read_as_people_name_them() {
        let now = 1_795_940_726 * SECOND;
        let mut clock = Clock::new(Zone::from(chrono_tz::Europe::Berlin), now);
        let mut read = |text| moment(text, now, &mut clock).map(|moment| moment / SECOND - 1_795_940_726);
        for (text, expected) in [
            ("now", 0),
            ("90m", -5400),
            ("-1h", -3600),
            ("1h ago", -3600),
            ("@1795940726", 0),
            ("2026-11-29 09:25:26", 0),
            ("2026-11-29T08:25:26Z", 0),
            ("2026-11-29 09:25", -26),
            ("09:25", -26),
            ("09:25:26", 0),
            ("09:25:27", 1 - 86_400),
            ("today", -(9 * 3600 + 25 * 60 + 26)),
            ("2026-11-29", -(9 * 3600 + 25 * 60 + 26)),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        assert!(read("soon").is_err());
        assert!(read("2026-02-30").is_err());
    }
}
