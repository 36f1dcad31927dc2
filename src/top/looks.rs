//! What was free in subnets and shared networks since the program started.

use std::collections::HashMap;
use std::time::Duration;

use crate::health::pools::Row;
use crate::usage::{Basis, Forecast, Kind, Place, Point, forecast};

/// More looks at a place than this are thinned out, the older ones first.
const MOST: usize = 60;

/// The looks at places.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    points: HashMap<(Place, Kind), Vec<Point>>,
    basis: Option<Basis>,
}

impl Looks {
    /// What is free in these rows now. Numbers of another origin are not compared with those before.
    pub(super) fn add(&mut self, at: i64, rows: &[Row]) {
        let basis = rows.iter().map(|row| row.counts.basis).max();
        if basis != self.basis {
            self.points.clear();
            self.basis = basis;
        }
        for row in rows.iter().filter(|row| row.counts.total > 0) {
            let point = Point { at, free: row.counts.available(), total: row.counts.total };
            add(self.points.entry((row.place, row.kind)).or_default(), point);
        }
    }

    /// The configuration has changed: places are other ones.
    pub(super) fn clear(&mut self) {
        self.points.clear();
    }

    /// How many more addresses are used in an hour, as it was in the last `range`; `None` if that is too short to say.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
    pub fn growth(&self, row: &Row, range: Duration) -> Option<f64> {
        let points = self.points.get(&(row.place, row.kind))?;
        let last = points.last()?;
        let from = last.at - i64::try_from(range.as_secs()).unwrap_or(i64::MAX);
        let first = points.iter().find(|point| point.at >= from)?;
        let seconds = (last.at - first.at) as f64;
        (first.total == last.total && seconds > 0.0).then(|| (first.free as f64 - last.free as f64) / seconds * 3600.0)
    }

    /// When a place will be full.
    #[must_use]
    pub fn forecast(&self, row: &Row) -> Forecast {
        forecast(self.points.get(&(row.place, row.kind)).map_or(&[], Vec::as_slice))
    }
}

/// Of what does not change, the first and the last look are kept.
fn add(points: &mut Vec<Point>, point: Point) {
    match &mut points[..] {
        [.., last] if last.at >= point.at => return,
        [.., before, last] if (before.free, before.total) == (last.free, last.total) && last.free == point.free => {
            last.at = point.at;
            last.total = point.total;
            return;
        }
        _ => points.push(point),
    }
    if points.len() > MOST {
        let half = points.len() / 2;
        let mut index = 0;
        points.retain(|_| {
            index += 1;
            index > half || index % 2 == 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_change_takes_no_room() {
        let mut points = Vec::new();
        (0..1000).for_each(|at| add(&mut points, Point { at, free: 7, total: 10 }));
        assert_eq!(points.iter().map(|point| point.at).collect::<Vec<_>>(), [0, 999]);
        (1000..9000_i64).for_each(|at| add(&mut points, Point { at, free: at.unsigned_abs().into(), total: 9000 }));
        assert!(points.len() <= MOST && points.last().unwrap().at == 8999, "{}", points.len());
    }
}
