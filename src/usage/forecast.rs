//! When a pool will be full, by what was free at earlier looks.
//!
//! Use has a daily wave. With less than two days of looks only the slope is known, over several windows; with more, the
//! same hours of the days before show what comes, moved by the growth from day to day.

use std::fmt;

/// What was free at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The moment, in epoch seconds.
    pub at: i64,
    /// What was free for new clients.
    pub free: u128,
    /// Of so many.
    pub total: u128,
}

/// What is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forecast {
    /// It will be full in so many seconds, between the earliest and the latest.
    Full {
        /// Most likely.
        likely: i64,
        /// At the earliest.
        earliest: i64,
        /// At the latest, of what the looks show.
        latest: i64,
        /// What the days before say of it.
        usual: Usual,
    },
    /// There is nothing to expect, for this reason.
    None(&'static str),
}

/// What the days before say of the time when it will be full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usual {
    /// Nothing else, or nothing.
    Same,
    /// In so many seconds: use grows faster now than at the same time of the days before.
    Later(i64),
    /// It would not be full.
    Never,
}

const DAY: i64 = 86_400;
/// With so few looks, slopes that differ by at most this share are one.
const FEW_LOOKS: usize = 16;
const STEADY: f64 = 0.3;
/// How many parts of a day are looked at.
const PARTS: i64 = 96;
/// Nothing is said of what is further away, in days.
const FARTHEST: f64 = 60.0;
/// Days before these say nothing of the next ones.
const MOST_DAYS: i64 = 400;
/// The last looks show a surge by these numbers of them, which are not older than this, ...
const SURGE_LOOKS: [usize; 3] = [6, 3, 12];
const SURGE_WINDOW: i64 = 6 * 3600;
/// ... and by a growth that is at least one part in so many of what there is.
const SURGE_PARTS: f64 = 50.0;
/// How far two looks may be apart, for a moment between them.
const LONGEST_GAP: i64 = 3 * 3600;

/// What the looks, in the order of time, say of the time after the last one.
#[must_use]
pub fn forecast(points: &[Point]) -> Forecast {
    let points = since_change(points);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Forecast::None("there is no measurement yet");
    };
    if points.len() < 3 {
        return Forecast::None("there are fewer than 3 measurements since the size last changed");
    }
    if last.free == 0 {
        return Forecast::Full { likely: 0, earliest: 0, latest: 0, usual: Usual::Same };
    }
    let are_days = last.at.saturating_sub(first.at) >= 2 * DAY;
    let forecast = are_days.then(|| by_days(points)).flatten().unwrap_or_else(|| by_slopes(points));
    by_surge(points, forecast).unwrap_or(forecast)
}

/// The looks since the size changed, or since the clock was set back.
fn since_change(points: &[Point]) -> &[Point] {
    let changes = points.windows(2).rposition(|pair| pair[0].total != pair[1].total || pair[0].at >= pair[1].at);
    &points[changes.map_or(0, |index| index + 1)..]
}

#[expect(clippy::cast_precision_loss, reason = "a forecast is an estimate")]
fn float(number: u128) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, reason = "at most sixty days")]
fn seconds(time: f64) -> i64 {
    time.min(FARTHEST * 86_400.0).round() as i64
}

/// By the slopes over all looks, over the later half and over the last quarter. The later half is the likely one, unless there are
/// few looks and all of them say about the same: then a lease more or less in the later half would say too much.
fn by_slopes(points: &[Point]) -> Forecast {
    let part = |divisor: usize| &points[points.len() - (points.len() / divisor).max(3)..];
    let free = points.last().map_or(0.0, |last| float(last.free));
    let mut times = Vec::new();
    for window in [part(2), part(1), part(4)] {
        let rate = -slope(window);
        if rate <= 0.0 {
            return Forecast::None("use does not grow");
        }
        times.push(free / rate);
    }
    if times[0] > FARTHEST * 86_400.0 {
        return Forecast::None("not within 60 days");
    }
    let is_steady = points.len() <= FEW_LOOKS && (times[0] - times[1]).abs() <= times[1] * STEADY;
    let likely = seconds(if is_steady { times[1] } else { times[0] });
    times.sort_by(f64::total_cmp);
    Forecast::Full { likely, earliest: seconds(times[0]), latest: seconds(times[2]), usual: Usual::Same }
}

/// How much the free number changes in a second: the line through all looks with the least squares.
fn slope(points: &[Point]) -> f64 {
    rise(&points.iter().map(|point| (point.at, float(point.free))).collect::<Vec<_>>())
}

/// How much a value changes in a second, in the same way.
#[expect(clippy::cast_precision_loss, reason = "a forecast is an estimate")]
fn rise(values: &[(i64, f64)]) -> f64 {
    let (Some((first, _)), count) = (values.first(), values.len() as f64) else { return 0.0 };
    let times: Vec<f64> = values.iter().map(|(at, _)| at.saturating_sub(*first) as f64).collect();
    let values: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    let (time, value) = (times.iter().sum::<f64>() / count, values.iter().sum::<f64>() / count);
    let spread: f64 = times.iter().map(|at| (at - time).powi(2)).sum();
    let together: f64 = times.iter().zip(&values).map(|(at, free)| (at - time) * (free - value)).sum();
    if spread > 0.0 { together / spread } else { 0.0 }
}

/// By the same hours of the days before; `None` if too many looks are missing.
fn by_days(points: &[Point]) -> Option<Forecast> {
    let last = points.last()?;
    // The last day, in parts, each with the time from now to the same part of the coming day.
    let profile: Vec<(i64, f64)> = (1..=PARTS)
        .filter_map(|part| {
            let offset = part * DAY / PARTS;
            Some((offset, value_at(points, last.at - DAY + offset)?))
        })
        .collect();
    let growth = growth(points, last.at);
    if profile.len() < usize::try_from(PARTS / 2).ok()? || growth.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a forecast is an estimate")]
    let mean = growth.iter().sum::<f64>() / growth.len() as f64;
    let fastest = growth.iter().copied().fold(f64::MIN, f64::max);
    let slowest = growth.iter().copied().fold(f64::MAX, f64::min);
    let Some(likely) = full_after(&profile, mean) else {
        return Some(Forecast::None("use does not grow from day to day, or will not be full within 60 days"));
    };
    let earliest = full_after(&profile, fastest).unwrap_or(likely).min(likely);
    let latest = full_after(&profile, slowest).unwrap_or(seconds(FARTHEST * 86_400.0)).max(likely);
    Some(Forecast::Full { likely, earliest, latest, usual: Usual::Same })
}

/// By what the last looks show beyond the same hours of the day before; `None` if that does not fill it earlier than is
/// expected without them.
fn by_surge(points: &[Point], before: Forecast) -> Option<Forecast> {
    let last = points.last()?;
    let recent: Vec<(i64, f64)> = points
        .iter()
        .rev()
        .take_while(|point| last.at - point.at <= SURGE_WINDOW)
        .filter_map(|point| Some((point.at, value_at(points, point.at - DAY)? - float(point.free))))
        .collect();
    let mut times = Vec::new();
    for looks in SURGE_LOOKS {
        // The newest is the first.
        let window = &recent[..looks.min(recent.len())];
        let (oldest, newest) = (window.last()?, window.first()?);
        let rate = rise(window);
        if window.len() < 3 || rate <= 0.0 || (newest.1 - oldest.1) * SURGE_PARTS < float(last.total) {
            return None;
        }
        times.push(full_at(points, rate)?);
    }
    let likely = times[0];
    times.sort_unstable();
    let usual = match before {
        Forecast::Full { likely: usual, .. } if usual <= likely => return None,
        Forecast::Full { likely: usual, .. } => Usual::Later(usual),
        Forecast::None(_) => Usual::Never,
    };
    Some(Forecast::Full { likely, earliest: times[0], latest: times[2], usual })
}

/// When all is used within a day, if what is free changes as in the day before, and `rate` a second is used in addition.
fn full_at(points: &[Point], rate: f64) -> Option<i64> {
    let last = points.last()?;
    let then = value_at(points, last.at - DAY)?;
    let parts = (1..=PARTS * 4).map(|part| part * DAY / (PARTS * 4));
    let is_full = |offset: &i64| {
        #[expect(clippy::cast_precision_loss, reason = "a forecast is an estimate")]
        let more = rate * *offset as f64;
        let usual = value_at(points, last.at - DAY + offset).unwrap_or(then);
        float(last.free) - then + usual - more <= 0.0
    };
    parts.into_iter().find(is_full)
}

/// How much less is free than a day before, for each of the days: the mean of all its parts.
fn growth(points: &[Point], now: i64) -> Vec<f64> {
    let Some(first) = points.first() else { return Vec::new() };
    let days = (now.saturating_sub(first.at) / DAY).min(MOST_DAYS);
    let of_day = |day: i64| {
        let differences: Vec<f64> = (1..=PARTS)
            .filter_map(|part| {
                let at = now - day * DAY + part * DAY / PARTS;
                Some(value_at(points, at - DAY)? - value_at(points, at)?)
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a forecast is an estimate")]
        let mean = differences.iter().sum::<f64>() / differences.len() as f64;
        (!differences.is_empty()).then_some(mean)
    };
    (1..days).filter_map(of_day).collect()
}

/// What was free at a moment, between two looks that are not too far apart.
#[expect(clippy::cast_precision_loss, reason = "a forecast is an estimate")]
fn value_at(points: &[Point], at: i64) -> Option<f64> {
    let after = points.partition_point(|point| point.at < at);
    let next = points.get(after)?;
    if next.at == at {
        return Some(float(next.free));
    }
    let before = points.get(after.checked_sub(1)?)?;
    let gap = next.at - before.at;
    let share = (at - before.at) as f64 / gap as f64;
    (gap <= LONGEST_GAP).then(|| float(before.free) + (float(next.free) - float(before.free)) * share)
}

/// When the first part of a day is full, if each day has `growth` less free than the one before.
fn full_after(profile: &[(i64, f64)], growth: f64) -> Option<i64> {
    if growth <= 0.0 {
        return None;
    }
    let times = profile.iter().filter_map(|(offset, free)| {
        let days = (free / growth).ceil().max(1.0);
        (days <= FARTHEST).then(|| offset + (seconds(days * 86_400.0) - DAY))
    });
    times.min()
}

impl fmt::Display for Forecast {
    /// `full in about 3 h (2 to 5 h)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Full { likely, earliest, latest, usual } = *self else {
            let Self::None(why) = self else { return Ok(()) };
            return write!(f, "no forecast: {why}");
        };
        if latest == 0 {
            return f.write_str("full now");
        }
        let (length, unit) = unit_of(latest);
        let shown = |time: i64| (time + length / 2) / length;
        write!(f, "full in about {} {unit}", shown(likely))?;
        if shown(earliest) != shown(latest) {
            write!(f, " ({} to {} {unit})", shown(earliest), shown(latest))?;
        }
        match usual {
            Usual::Same => Ok(()),
            Usual::Later(time) => {
                let (length, unit) = unit_of(time);
                let time = (time + length / 2) / length;
                write!(f, " as use grows now; by earlier measurements in about {time} {unit}")
            }
            Usual::Never => f.write_str(" as use grows now; by earlier measurements not at all"),
        }
    }
}

/// The unit of a span of time, in seconds.
fn unit_of(time: i64) -> (i64, &'static str) {
    match time {
        ..300 => (1, "s"),
        300..10_800 => (60, "min"),
        10_800..259_200 => (3600, "h"),
        _ => (DAY, "days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(free: impl Fn(i64) -> f64, times: impl Iterator<Item = i64>) -> Vec<Point> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
        times.map(|at| Point { at, free: free(at).max(0.0) as u128, total: 1000 }).collect()
    }

    #[test]
    fn a_steady_slope_leads_to_the_end() {
        let looks = points(|at| 800.0 - f64::from(i32::try_from(at).unwrap()) / 6.0, (0..10).map(|step| step * 60));
        let Forecast::Full { likely, .. } = forecast(&looks) else { panic!("{:?}", forecast(&looks)) };
        assert!((4200..4320).contains(&likely), "{likely}");
        assert!(forecast(&looks).to_string().starts_with("full in about 71 min"), "{}", forecast(&looks));
    }

    #[test]
    fn a_lease_more_or_less_among_few_looks_moves_little() {
        // 120 addresses, two a second; the noise is what a look sees too early or too late.
        let noise = [1.0, -2.0, 0.0, 2.0, -1.0, 2.0, -2.0, 1.0];
        let looks = points(
            |at| 120.0 - f64::from(i32::try_from(at).unwrap()) * 2.0 + noise[usize::try_from(at / 2).unwrap()],
            (0..8).map(|step| step * 2),
        );
        let Forecast::Full { likely, .. } = forecast(&looks) else { panic!("{:?}", forecast(&looks)) };
        assert!((41..=51).contains(&likely), "{likely}");
    }

    #[test]
    fn without_enough_looks_or_growth_nothing_is_expected() {
        assert_eq!(forecast(&[]), Forecast::None("there is no measurement yet"));
        let few = points(|_| 10.0, 0..2);
        assert!(matches!(forecast(&few), Forecast::None(_)));
        let falling = points(|at| f64::from(i32::try_from(at).unwrap()), 1..20);
        assert_eq!(forecast(&falling), Forecast::None("use does not grow"));
        let mut changed = points(|at| 500.0 - f64::from(i32::try_from(at).unwrap()), 0..20);
        changed[17].total = 2000;
        assert!(matches!(forecast(&changed), Forecast::None(_)), "two looks since the change");
    }

    #[test]
    fn a_look_of_another_age_takes_no_time() {
        let mut looks = points(|_| 10.0, [0, 1, 2].into_iter());
        looks.push(Point { at: i64::MAX - 1, ..looks[0] });
        assert_eq!(forecast(&looks), Forecast::None("use does not grow"));
    }

    /// 1000 addresses; the wave of a day is 300 high, and each day has 20 more.
    fn week(at: i64) -> f64 {
        let day = f64::from(i32::try_from(at).unwrap()) / 86_400.0;
        let wave = 150.0 - 150.0 * (day * std::f64::consts::TAU).cos();
        1000.0 - 500.0 - wave - day * 20.0
    }

    #[test]
    fn a_daily_wave_is_no_slope() {
        // It is morning of the sixth day: the slope leads to the end within the day, but the peak does not reach it.
        let now = 5 * DAY + 8 * 3600;
        let looks = points(week, (0..=now).step_by(600));
        let Forecast::Full { likely, earliest, latest, usual: Usual::Same } = forecast(&looks) else {
            panic!("{:?}", forecast(&looks))
        };
        let end = (now..).step_by(600).find(|at| week(*at) <= 0.0).unwrap() - now;
        let slope = by_slopes(&looks[looks.len() - 12..]);
        assert!(matches!(slope, Forecast::Full { likely, .. } if likely < end / 4), "{slope:?}");
        assert!((likely - end).abs() < end / 5, "{likely} {end}");
        assert!(earliest <= likely && likely <= latest);
    }

    #[test]
    fn a_wave_that_does_not_grow_is_never_full() {
        let looks = points(|at| week(at % DAY) + 10.0, (0..=5 * DAY + 30_000).step_by(600));
        assert!(matches!(forecast(&looks), Forecast::None(_)), "{:?}", forecast(&looks));
    }

    #[test]
    fn a_surge_is_seen_before_the_days_show_it() {
        // Since an hour ago each minute takes 5 more than the wave.
        let now = 5 * DAY + 3600;
        let surge = |at: i64| week(at) - f64::from(i32::try_from((at - now + 3600).max(0)).unwrap()) / 12.0;
        let looks = points(surge, (0..=now).step_by(300));
        let Forecast::Full { likely, usual, .. } = forecast(&looks) else { panic!("{:?}", forecast(&looks)) };
        let end = (now..).step_by(60).find(|at| surge(*at) <= 0.0).unwrap() - now;
        assert!((likely - end).abs() < 900, "{likely} {end}");
        assert!(matches!(usual, Usual::Later(DAY..)), "{usual:?}");
        let text = forecast(&looks).to_string();
        assert!(text.contains(" as use grows now; by earlier measurements in about "), "{text}");
        // Where each day is as the day before, nothing else would be expected.
        let flat = points(|at| surge(at) - week(at) + week(at % DAY), (0..=now).step_by(300));
        assert!(matches!(forecast(&flat), Forecast::Full { usual: Usual::Never | Usual::Later(_), .. }));
    }
}
