//! Messages and leases over time: as many steps as a plot can show, whatever the length of the log.

use super::stamp::{Micros, SECOND};

/// Steps that people think in, in seconds.
const NICE: [i64; 12] = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 86_400];

/// How many steps are kept; then two become one.
const MOST: usize = 2048;

/// What is counted in a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) packets: u32,
    pub(crate) leases: u32,
    pub(crate) failures: u32,
}

impl Step {
    fn join(self, other: Self) -> Self {
        Self {
            packets: self.packets.saturating_add(other.packets),
            leases: self.leases.saturating_add(other.leases),
            failures: self.failures.saturating_add(other.failures),
        }
    }
}

/// Steps of the same length, the first of which begins at a multiple of it.
#[derive(Debug, Clone)]
pub(crate) struct Rates {
    pub(crate) step: Micros,
    /// The number of the first step.
    first: i64,
    pub(crate) steps: Vec<Step>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { step: SECOND, first: 0, steps: Vec::new() }
    }
}

impl Rates {
    /// When the steps begin.
    pub(crate) fn begin(&self) -> Micros {
        self.first * self.step
    }

    /// What happened at this time.
    pub(crate) fn at(&mut self, time: Option<Micros>) -> Option<&mut Step> {
        let time = time?;
        if self.steps.is_empty() {
            self.first = time.div_euclid(self.step);
        }
        loop {
            let number = time.div_euclid(self.step);
            if number < self.first {
                let missing = usize::try_from(self.first - number).ok()?;
                if self.steps.len() + missing <= MOST {
                    self.steps.splice(0..0, std::iter::repeat_n(Step::default(), missing));
                    self.first = number;
                    continue;
                }
            } else {
                let place = usize::try_from(number - self.first).ok()?;
                if place < MOST {
                    if self.steps.len() <= place {
                        self.steps.resize(place + 1, Step::default());
                    }
                    return self.steps.get_mut(place);
                }
            }
            self.coarser();
            // No log is that long.
            if self.step > 1 << 60 {
                return None;
            }
        }
    }

    fn coarser(&mut self) {
        if self.first.rem_euclid(2) == 1 {
            self.steps.insert(0, Step::default());
            self.first -= 1;
        }
        self.first /= 2;
        self.step *= 2;
        self.steps = self.steps.chunks(2).map(|two| two.iter().copied().fold(Step::default(), Step::join)).collect();
    }

    /// The same in steps of so many seconds, or of some forty in all.
    pub(crate) fn in_nice_steps(&self, step: Option<u32>) -> Self {
        let wanted = step.map_or_else(
            || {
                let all = i64::try_from(self.steps.len()).unwrap_or(0);
                let coarse = self.step * (all / 40 + 1);
                NICE.iter().map(|seconds| seconds * SECOND).find(|nice| *nice >= coarse).unwrap_or(coarse)
            },
            |seconds| i64::from(seconds) * SECOND,
        );
        self.in_steps(wanted)
    }

    /// The same in steps of at least this length.
    pub(crate) fn in_steps(&self, step: Micros) -> Self {
        let factor = (step / self.step).max(1);
        let step = self.step * factor;
        let first = self.begin().div_euclid(step);
        let mut all = Self { step, first, steps: Vec::new() };
        for (at, counted) in self.steps.iter().enumerate() {
            let number = (self.first + i64::try_from(at).unwrap_or(0)).div_euclid(factor);
            let place = usize::try_from(number - first).unwrap_or(0);
            if all.steps.len() <= place {
                all.steps.resize(place + 1, Step::default());
            }
            all.steps[place] = all.steps[place].join(*counted);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_become_coarser_and_lose_nothing() {
        let mut rates = Rates::default();
        for second in 0..100_000 {
            rates.at(Some(1_700_000_001 * SECOND + second * SECOND)).unwrap().packets += 1;
        }
        assert!(rates.steps.len() <= MOST);
        assert_eq!(rates.steps.iter().map(|step| step.packets).sum::<u32>(), 100_000);
        rates.at(Some(1_699_000_000 * SECOND)).unwrap().packets += 1;
        let hours = rates.in_steps(3600 * SECOND);
        assert_eq!(hours.steps.iter().map(|step| step.packets).sum::<u32>(), 100_001);
        assert!(rates.at(None).is_none());
    }
}
