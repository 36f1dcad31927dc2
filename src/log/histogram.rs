//! Durations in buckets of 1/32 of their size: any number of them in some KiB.

/// Bits of a duration that are kept exactly.
const EXACT: u32 = 5;
/// 2^36 µs are 19 hours.
const MOST_BITS: u32 = 36;

/// How often which duration occurred, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    /// How many durations a bucket has, and the largest of them.
    buckets: Vec<(u32, u64)>,
    count: u64,
    total: u64,
    most: u64,
}

impl Histogram {
    fn bucket(micros: u64) -> usize {
        let bits = 64 - micros.leading_zeros();
        let shift = bits.min(MOST_BITS).saturating_sub(EXACT + 1);
        let place = u64::from(shift) * (1 << EXACT) + (micros.min((1 << MOST_BITS) - 1) >> shift);
        usize::try_from(place).unwrap_or(0)
    }

    /// The largest duration that a bucket can have.
    #[cfg(test)]
    fn top(bucket: usize) -> u64 {
        let place = u64::try_from(bucket).unwrap_or(0);
        if place < 1 << (EXACT + 1) {
            return place;
        }
        let shift = place / (1 << EXACT) - 1;
        ((place - shift * (1 << EXACT) + 1) << shift) - 1
    }

    pub(crate) fn add(&mut self, micros: u64) {
        let bucket = Self::bucket(micros);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, (0, 0));
        }
        let (count, most) = &mut self.buckets[bucket];
        (*count, *most) = (count.saturating_add(1), micros.max(*most));
        self.count += 1;
        self.total += micros;
        self.most = self.most.max(micros);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    /// The duration that this share of all, in percent, does not exceed.
    pub(crate) fn percentile(&self, percent: u64) -> u64 {
        let wanted = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (count, most) in &self.buckets {
            seen += u64::from(*count);
            if seen >= wanted {
                return *most;
            }
        }
        self.most
    }

    /// The buckets that are not empty, with the largest duration of each.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (u64, u32)> {
        self.buckets.iter().filter(|(count, _)| *count > 0).map(|(count, most)| (*most, *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_a_thirtieth() {
        let mut histogram = Histogram::default();
        (1..=10_000).for_each(|micros| histogram.add(micros));
        let near = |found: u64, right: u64| found >= right && found * 100 <= right * 104;
        assert!(near(histogram.percentile(50), 5000) && near(histogram.percentile(99), 9900));
        assert_eq!((histogram.count(), histogram.most(), histogram.percentile(100)), (10_000, 10_000, 10_000));
        assert_eq!(histogram.total(), 50_005_000);
    }

    #[test]
    fn every_duration_is_within_its_bucket() {
        for micros in [0, 1, 31, 32, 63, 64, 65, 1000, 123_456, 1 << 30] {
            let top = Histogram::top(Histogram::bucket(micros));
            assert!(top >= micros && top <= micros + micros / 32 + 1, "{micros}: {top}");
        }
    }
}
