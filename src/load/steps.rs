//! How fast exchanges are begun, and for how long: one step, a ramp of steps, or a search for the highest rate that holds.

use std::time::Duration;

use super::search::Search;
use super::step::{Step, StepResult};

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

    /// The rate up to which a ramp held: with every lower one.
    #[must_use]
    pub(super) fn held(&self, results: &[StepResult]) -> Option<f64> {
        let Self::Ramp(_) = self else { return None };
        upwards(results).into_iter().take_while(|result| result.holds).last().map(|result| result.step.rate)
    }

    /// Where messages of a ramp left late, so that it is not known up to which rate it holds: that rate.
    #[must_use]
    pub(super) fn unknown_from(&self, results: &[StepResult]) -> Option<f64> {
        let Self::Ramp(_) = self else { return None };
        let first = upwards(results).into_iter().find(|result| !result.holds)?;
        first.is_late().then_some(first.step.rate)
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

fn upwards(results: &[StepResult]) -> Vec<&StepResult> {
    let mut all: Vec<_> = results.iter().collect();
    all.sort_by(|a, b| a.step.rate.total_cmp(&b.step.rate));
    all
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
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
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

#[cfg(test)]
mod tests {
    use super::*;

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
