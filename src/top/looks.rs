//! What was free in subnets and shared networks since they are watched.

use std::collections::HashMap;
use std::time::Duration;

use crate::health::pools::Row;
use crate::usage::{Basis, Forecast, Kind, Place, Point, forecast};

/// More looks at a place than this are thinned out, the older ones first.
const MOST: usize = 60;

/// A rate is not said of a shorter time, in seconds: what a few clients do in it is no trend.
const SHORTEST: i64 = 10;

/// The looks at places.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    places: HashMap<(Place, Kind), Series>,
    basis: Option<Basis>,
}

/// The looks at a place since it has so many addresses.
#[derive(Debug, Clone, Default)]
struct Series {
    total: u128,
    looks: Vec<Look>,
}

/// How much was used at a moment.
#[derive(Debug, Clone, Copy)]
struct Look {
    at: i64,
    used: u64,
}

impl Looks {
    /// What is free in these rows now. Numbers of another origin are not compared with those before.
    pub(super) fn add(&mut self, at: i64, rows: &[Row]) {
        let basis = rows.iter().map(|row| row.counts.basis).max();
        if basis != self.basis {
            self.places.clear();
            self.basis = basis;
        }
        for row in rows.iter().filter(|row| row.counts.total > 0) {
            let total = row.offer.counts.total;
            let used = total.saturating_sub(row.offer.most);
            let look = Look { at, used: u64::try_from(used).unwrap_or(u64::MAX) };
            self.places.entry((row.place, row.kind)).or_default().add(look, total);
        }
    }

    /// The configuration has changed: places are other ones.
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    /// How many more addresses are used in an hour, as it was in the last `range`; `None` if that is too short to say.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
    pub fn growth(&self, row: &Row, range: Duration) -> Option<f64> {
        let looks = &self.places.get(&(row.place, row.kind))?.looks;
        let last = looks.last()?;
        let from = last.at - i64::try_from(range.as_secs()).unwrap_or(i64::MAX);
        let first = looks.iter().find(|look| look.at >= from)?;
        let seconds = last.at - first.at;
        (seconds >= SHORTEST).then(|| (last.used as f64 - first.used as f64) / seconds as f64 * 3600.0)
    }

    /// When a place will be full.
    #[must_use]
    pub fn forecast(&self, row: &Row) -> Forecast {
        let Some(series) = self.places.get(&(row.place, row.kind)) else { return forecast(&[]) };
        let total = series.total;
        let point = |look: &Look| Point { at: look.at, free: total.saturating_sub(look.used.into()), total };
        forecast(&series.looks.iter().map(point).collect::<Vec<_>>())
    }
}

impl Series {
    /// Of what does not change, the first and the last look are kept.
    fn add(&mut self, look: Look, total: u128) {
        if self.total != total {
            *self = Self { total, looks: Vec::new() };
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

    #[test]
    fn what_does_not_change_takes_no_room() {
        let mut series = Series::default();
        (0..1000).for_each(|at| series.add(Look { at, used: 3 }, 10));
        assert_eq!(series.looks.iter().map(|look| look.at).collect::<Vec<_>>(), [0, 999]);
        (1000..9000_i64).for_each(|at| series.add(Look { at, used: at.unsigned_abs() }, 10));
        assert!(series.looks.len() <= MOST && series.looks.last().unwrap().at == 8999, "{}", series.looks.len());
        series.add(Look { at: 9000, used: 1 }, 20);
        assert_eq!(series.looks.len(), 1, "a pool of another size begins anew");
    }
}
