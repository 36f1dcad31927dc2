//! What was free in subnets and shared networks since they are watched.

use std::time::Duration;

use super::pool_row::PoolRow;
use crate::health::pools::Row;
use crate::usage::{Basis, Forecast, LayoutPlace, Level, Point, ResourceKind, forecast};

/// More looks at a place than this are thinned out, the older ones first.
const MOST: usize = 60;

/// A rate is not said of a shorter time, in seconds: what a few clients do in it is no trend.
const SHORTEST: i64 = 10;

/// A forecast needs growth over so many seconds of the later half of the looks, ...
const LEAST: i64 = 30;
/// ... in so many different parts of them, each of so many seconds: what came at once does not go on, ...
const STEPS: usize = 3;
const STEP: i64 = 10;
/// ... and none that ended longer ago than this, or than so many of the usual pauses between two steps.
const PAUSES: i64 = 3;
/// In a forecast all parts of the time count alike, whether something changed in them or not: it is divided into so many.
const PARTS: i64 = 32;

/// The looks at places.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    /// In the order of the places.
    places: Vec<(Key, Series)>,
    basis: Option<Basis>,
}

/// A place in a few bytes: a server may have many thousands.
type Key = (Level, ResourceKind, u32);

/// The looks at a place since it has so many addresses.
#[derive(Debug, Clone)]
struct Series {
    total: u128,
    /// In the order of time; of most places just the first and the last.
    looks: Vec<UsageSample>,
}

/// How much was used at a moment.
#[derive(Debug, Clone, Copy)]
struct UsageSample {
    at: i64,
    used: u64,
}

impl Looks {
    /// What is free in these rows now. Numbers of another origin are not compared with those before.
    pub(super) fn add(&mut self, at: i64, rows: &[PoolRow]) {
        let basis = rows.iter().map(PoolRow::basis).max();
        if basis != self.basis {
            self.places.clear();
            self.basis = basis;
        }
        let mut new = Vec::new();
        for row in rows.iter().filter(|row| row.totals().0 > 0) {
            let (_, total) = row.totals();
            let used = total.saturating_sub(row.most());
            let look = UsageSample { at, used: u64::try_from(used).unwrap_or(u64::MAX) };
            let key = key(row.place(), row.kind());
            match self.places.binary_search_by_key(&key, |(key, _)| *key) {
                Ok(index) => self.places[index].1.add(look, total),
                Err(_) => new.push((key, Series::new(look, total))),
            }
        }
        if !new.is_empty() {
            self.places.append(&mut new);
            self.places.sort_unstable_by_key(|(key, _)| *key);
        }
    }

    fn of(&self, row: &Row) -> Option<&Series> {
        let key = key(row.place, row.kind);
        let index = self.places.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(&self.places[index].1)
    }

    /// The configuration has changed: places are other ones.
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    /// How many more addresses are used in an hour, as it was in the last `range`; `None` if that is too short to say.
    #[must_use]
    pub fn growth(&self, row: &Row, range: Duration) -> Option<f64> {
        self.of(row)?.growth(range)
    }

    /// When a place will be full.
    #[must_use]
    pub fn forecast(&self, row: &Row) -> Forecast {
        self.of(row).map_or_else(|| forecast(&[]), Series::forecast)
    }
}

fn key(place: LayoutPlace, kind: ResourceKind) -> Key {
    (place.level, kind, u32::try_from(place.index).unwrap_or(u32::MAX))
}

impl Series {
    fn new(look: UsageSample, total: u128) -> Self {
        let mut looks = Vec::with_capacity(2);
        looks.push(look);
        Self { total, looks }
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
    fn growth(&self, range: Duration) -> Option<f64> {
        let (first, last) = (self.looks.first()?, self.looks.last()?);
        let from = first.at.max(last.at.saturating_sub(i64::try_from(range.as_secs()).unwrap_or(i64::MAX)));
        let seconds = last.at - from;
        (seconds >= SHORTEST).then(|| (last.used as f64 - self.used(from)) / seconds as f64 * 3600.0)
    }

    fn forecast(&self) -> Forecast {
        let (Some(first), Some(last)) = (self.looks.first(), self.looks.last()) else { return forecast(&[]) };
        let seconds = last.at - first.at;
        if seconds < LEAST {
            return Forecast::None("it was watched for less than half a minute");
        }
        if !self.grows_since(last.at - (seconds / 2).max(2 * LEAST)) {
            return Forecast::None("use does not grow steadily");
        }
        let moments = (0..=PARTS).map(|part| first.at + seconds * part / PARTS);
        forecast(&moments.map(|at| self.point(at)).collect::<Vec<_>>())
    }

    /// How much was used at a moment: between two looks it grows evenly.
    #[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
    fn used(&self, at: i64) -> f64 {
        let next = self.looks.partition_point(|look| look.at < at);
        let Some(after) = self.looks.get(next) else { return self.looks.last().map_or(0.0, |look| look.used as f64) };
        let Some(before) = next.checked_sub(1).map(|index| self.looks[index]) else { return after.used as f64 };
        let share = (at - before.at) as f64 / (after.at - before.at) as f64;
        before.used as f64 + (after.used as f64 - before.used as f64) * share
    }

    /// What was free at a moment.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a forecast is an estimate")]
    fn point(&self, at: i64) -> Point {
        let used = self.used(at).round().max(0.0) as u64;
        Point { at, free: self.total.saturating_sub(used.into()), total: self.total }
    }

    /// Whether more and more was used since a moment, and still is.
    fn grows_since(&self, from: i64) -> bool {
        let has_grown = |pair: &&[UsageSample]| pair[1].at > from && pair[1].used > pair[0].used;
        let grown: Vec<&[UsageSample]> = self.looks.windows(2).filter(has_grown).collect();
        let (Some(first), Some(last), Some(now)) = (grown.first(), grown.last(), self.looks.last()) else {
            return false;
        };
        let (lasted, quiet) = (last[1].at - first[0].at, now.at - last[1].at);
        let mut steps: Vec<i64> = grown.iter().map(|pair| (pair[1].at - first[0].at) / STEP).collect();
        steps.dedup();
        let pause = lasted / i64::try_from(steps.len()).unwrap_or(i64::MAX).max(1);
        steps.len() >= STEPS && lasted >= LEAST && quiet <= LEAST.max(pause * PAUSES)
    }

    /// Of what does not change, the first and the last look are kept.
    fn add(&mut self, look: UsageSample, total: u128) {
        if self.total != total {
            *self = Self::new(look, total);
            return;
        }
        let looks = &mut self.looks;
        match &mut looks[..] {
            [.., last] if last.at >= look.at => return,
            [.., before, last] if before.used == last.used && last.used == look.used => {
                last.at = look.at;
                return;
            }
            _ => looks.push(look),
        }
        if looks.len() > MOST {
            let half = looks.len() / 2;
            let mut index = 0;
            looks.retain(|_| {
                index += 1;
                index > half || index % 2 == 0
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every five seconds, with so much used at each of them.
    fn series(used: impl IntoIterator<Item = u64>) -> Series {
        let mut looks = (0..).zip(used).map(|(at, used)| UsageSample { at: at * 5, used });
        let mut series = Series::new(looks.next().unwrap(), 100);
        looks.for_each(|look| series.add(look, 100));
        series
    }

    #[test]
    fn what_came_at_once_is_no_forecast() {
        let goes_on = |used: &[u64]| matches!(series(used.iter().copied()).forecast(), Forecast::Full { .. });
        for quiet in 1..60 {
            let used = [vec![0; quiet], vec![4, 11], vec![11; 60 - quiet]].concat();
            for end in 1..used.len() {
                assert!(!goes_on(&used[..end]), "{quiet} {end}");
            }
        }
        let steady: Vec<u64> = (0..60).collect();
        assert!(goes_on(&steady));
        assert!(!goes_on(&[&steady[..], &[59; 40]].concat()), "it does not grow any more");
    }

    /// Looks every second, with so much used at each of them.
    fn each_second(used: &[u64]) -> Series {
        let mut series = Series::new(UsageSample { at: 0, used: used[0] }, 1000);
        (0..).zip(used).for_each(|(at, used)| series.add(UsageSample { at, used: *used }, 1000));
        series
    }

    #[test]
    fn growth_that_lasts_a_few_seconds_or_has_ended_is_no_forecast() {
        let goes_on = |used: &[u64]| matches!(each_second(used).forecast(), Forecast::Full { .. });
        for quiet in [1, 20, 40, 300] {
            let used = [vec![0; quiet], vec![50, 100, 150, 200, 250], vec![250; 100]].concat();
            assert!((1..used.len()).all(|end| !goes_on(&used[..end])), "a burst of five seconds after {quiet}");
        }
        let steady = [vec![0; 60], (1..=60).collect()].concat();
        assert!(!goes_on(&steady[..80]) && goes_on(&steady), "it grows for a minute");
        assert!(!goes_on(&[&steady[..], &[60; 90]].concat()), "it has ended");
        let slow: Vec<u64> = (0..3600).map(|second| second / 60).collect();
        assert!(goes_on(&slow), "one a minute");
    }

    #[test]
    fn growth_counts_the_time_in_which_nothing_changed() {
        let growth = series([vec![0; 60], vec![5, 10]].concat()).growth(Duration::from_secs(100)).unwrap();
        assert!((growth - 360.0).abs() < 0.1, "10 in 100 seconds: {growth}");
    }

    #[test]
    fn what_does_not_change_takes_no_room() {
        let mut series = Series::new(UsageSample { at: 0, used: 3 }, 10);
        (1..1000).for_each(|at| series.add(UsageSample { at, used: 3 }, 10));
        assert_eq!(series.looks.iter().map(|look| look.at).collect::<Vec<_>>(), [0, 999]);
        (1000..9000_i64).for_each(|at| series.add(UsageSample { at, used: at.unsigned_abs() }, 10));
        assert!(series.looks.len() <= MOST && series.looks.last().unwrap().at == 8999, "{}", series.looks.len());
        series.add(UsageSample { at: 9000, used: 1 }, 20);
        assert_eq!(series.looks.len(), 1, "a pool of another size begins anew");
    }
}
