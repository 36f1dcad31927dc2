//! How fast exchanges are begun, and for how long: one step, a ramp of steps, or a search for the highest rate that holds.

use std::time::Duration;

use super::latency::Quantiles;

/// A rate for a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Exchanges begun per second.
    pub rate: f64,
    /// For how long.
    pub length: Duration,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepResult {
    /// The step.
    pub step: Step,
    /// Exchanges begun.
    pub started: u64,
    /// Exchanges with the answer that was wanted.
    pub completed: u64,
    /// Messages sent that are answered.
    pub sent: u64,
    /// Those of them that were lost.
    pub lost: u64,
    /// How long answers took, from the intended times.
    pub latency: Quantiles,
    /// Whether the generator kept its times.
    pub is_valid: bool,
    /// Whether what was expected of the step holds.
    pub holds: bool,
}

/// The steps of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Steps {
    /// One.
    Once(Step),
    /// Several, upwards or downwards.
    Ramp(Ramp),
    /// As many as the search for the highest rate takes.
    Search(Search),
    /// None, or no more.
    Over,
}

impl Steps {
    /// The next step, after what came of the one before.
    pub(super) fn next(&mut self, before: Option<&StepResult>) -> Option<Step> {
        match self {
            Self::Once(step) => {
                let step = *step;
                *self = Self::Over;
                Some(step)
            }
            Self::Ramp(ramp) => ramp.next(),
            Self::Search(search) => search.next(before),
            Self::Over => None,
        }
    }

    /// The rate that is asked for: of several the highest that is known.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        match self {
            Self::Once(step) => Some(step.rate),
            Self::Ramp(ramp) => Some(ramp.from.max(ramp.to)),
            Self::Search(search) => Some(search.limit),
            Self::Over => None,
        }
    }
}

/// Steps from one rate to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// The first rate.
    pub from: f64,
    /// The last rate.
    pub to: f64,
    /// From one step to the next.
    pub by: f64,
    /// How long each lasts.
    pub length: Duration,
    /// How many steps have been.
    pub done: u32,
}

impl Ramp {
    /// How many steps there are.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    pub fn count(&self) -> u32 {
        ((self.to - self.from).abs() / self.by + 1e-9).floor() as u32 + 1
    }

    fn next(&mut self) -> Option<Step> {
        if self.done == self.count() {
            return None;
        }
        let way = f64::from(self.done) * self.by;
        let rate = if self.to < self.from { self.from - way } else { self.from + way };
        self.done += 1;
        Some(Step { rate, length: self.length })
    }
}

/// How close the limits of the search come, as a share of the lower one.
const CLOSE: f64 = 0.03;
/// How often the rate that is found must hold.
const CONFIRMATIONS: u32 = 3;

/// The search for the highest rate that holds: doubled until one does not, halved between the two, then confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The first rate.
    pub from: f64,
    /// No rate is higher.
    pub limit: f64,
    /// How long each step lasts.
    pub length: Duration,
    /// The highest rate that held.
    pub held: Option<f64>,
    /// The lowest rate that did not.
    pub failed: Option<f64>,
    /// How often `held` was confirmed.
    pub confirmed: u32,
}

impl Search {
    /// Before the first step.
    #[must_use]
    pub fn new(from: f64, limit: f64, length: Duration) -> Self {
        Self { from: from.min(limit), limit, length, held: None, failed: None, confirmed: 0 }
    }

    /// The rate that was found, once it is confirmed.
    #[must_use]
    pub fn found(&self) -> Option<f64> {
        self.held.filter(|_| self.confirmed == CONFIRMATIONS)
    }

    fn next(&mut self, before: Option<&StepResult>) -> Option<Step> {
        let Some(result) = before else { return Some(self.step(self.from)) };
        self.learn(result);
        match (self.held, self.failed) {
            _ if self.found().is_some() => None,
            (None, Some(failed)) if failed <= 1.0 => None,
            (None, failed) => Some(self.step(failed.unwrap_or(self.from * 2.0) / 2.0)),
            (Some(held), None) if held >= self.limit => Some(self.step(held)),
            (Some(held), None) => Some(self.step((held * 2.0).min(self.limit))),
            (Some(held), Some(failed)) if failed - held > held * CLOSE => Some(self.step(f64::midpoint(held, failed))),
            (Some(held), Some(_)) => Some(self.step(held)),
        }
    }

    fn learn(&mut self, result: &StepResult) {
        let rate = result.step.rate;
        let was_confirming = self.held == Some(rate);
        if result.holds {
            self.confirmed = if was_confirming { self.confirmed + 1 } else { 0 };
            self.held = Some(rate);
        } else {
            self.failed = Some(rate);
            self.confirmed = 0;
            // What held once and does not any more was luck.
            self.held = self.held.filter(|_| !was_confirming).or(was_confirming.then_some(rate * (1.0 - CLOSE)));
        }
    }

    fn step(&self, rate: f64) -> Step {
        Step { rate: rate.round().max(1.0), length: self.length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(step: Step, holds: bool) -> StepResult {
        let latency = Quantiles::default();
        StepResult { step, started: 0, completed: 0, sent: 0, lost: 0, latency, is_valid: true, holds }
    }

    /// Searches against a server that serves up to `most`; the rate found and the number of steps.
    fn search(from: f64, limit: f64, most: f64) -> (Option<f64>, u32) {
        let mut steps = Search::new(from, limit, Duration::from_secs(2));
        let (mut before, mut count) = (None, 0);
        while let Some(step) = steps.next(before.as_ref()) {
            count += 1;
            assert!(count < 60, "no end");
            before = Some(result(step, step.rate <= most));
        }
        (steps.found(), count)
    }

    #[test]
    fn the_highest_rate_is_found_within_a_few_percent() {
        for most in [40.0, 3000.0, 777.0] {
            let (found, count) = search(250.0, 10_000.0, most);
            let found = found.unwrap();
            assert!(found <= most && found > most * 0.94, "{found} of {most}");
            assert!(count <= 16, "{count}");
        }
        assert_eq!(search(250.0, 1000.0, 5000.0).0, Some(1000.0));
        assert_eq!(search(16.0, 1000.0, 0.0).0, None);
    }

    #[test]
    fn a_ramp_goes_up_or_down_in_equal_steps() {
        let rates = |from, to, by| {
            let mut ramp = Ramp { from, to, by, length: Duration::from_secs(1), done: 0 };
            std::iter::from_fn(move || ramp.next()).map(|step| step.rate).collect::<Vec<_>>()
        };
        assert_eq!(rates(100.0, 300.0, 100.0), [100.0, 200.0, 300.0]);
        assert_eq!(rates(300.0, 50.0, 100.0), [300.0, 200.0, 100.0]);
    }
}
