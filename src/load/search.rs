//! The search for the highest rate that holds: doubled until one does not, halved between the two, then confirmed. A step in
//! which messages left late says nothing about the server: it is repeated.

use std::time::Duration;

use super::step::{Limit, Step, StepResult};

/// How close the limits of the search come, as a share of the lower one.
const CLOSE: f64 = 0.03;
/// How often the rate that is found must hold once more.
const CONFIRMATIONS: u32 = 3;
/// So often a rate that held before may fail; each time a lower one is confirmed.
const SETBACKS: u32 = 4;
/// So often a rate is tried at which messages leave late.
const TRIES: u32 = 3;
/// No lower rate is tried.
const LEAST: f64 = 0.5;
/// However results vary, there are no more steps.
const MOST_STEPS: u32 = 50;

/// The search for the highest rate that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The first rate.
    pub from: f64,
    /// No rate is higher.
    pub limit: f64,
    /// How long each step lasts; while rates are doubled it is half of that.
    pub length: Duration,
    /// The highest rate that held.
    held: Option<f64>,
    /// The lowest rate that did not, and what kept it.
    failed: Option<(f64, Limit)>,
    /// The rate that is being confirmed, and how often it held since.
    confirming: Option<(f64, u32)>,
    setbacks: u32,
    steps: u32,
    /// In how many steps in a row messages left late.
    late: u32,
    end: Option<SearchEnd>,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SearchEnd {
    /// The rate held, and held three times more. Where the limit is not the server, it may bear more.
    Found {
        /// Exchanges per second.
        rate: f64,
        /// What keeps it from being higher.
        limit: Limit,
    },
    /// None held, down to this one.
    Nothing {
        /// Exchanges per second.
        lowest: f64,
    },
    /// Rates that held failed when they were confirmed, down to this one.
    Unstable {
        /// Exchanges per second.
        lowest: f64,
    },
    /// Messages left late in every try, down to this one.
    Late {
        /// Exchanges per second.
        lowest: f64,
    },
    /// No server answers, or none any more: the highest rate that held until then, if one did.
    NoAnswer {
        /// Exchanges per second.
        held: Option<f64>,
    },
    /// No further client gets an address: the highest rate that held until then, if one did.
    PoolExhausted {
        /// Exchanges per second.
        held: Option<f64>,
    },
    /// It was ended before.
    Stopped,
}

impl Search {
    /// Before the first step.
    #[must_use]
    pub fn new(from: f64, limit: f64, length: Duration) -> Self {
        let (held, failed, confirming, end) = (None, None, None, None);
        let (setbacks, steps, late) = (0, 0, 0);
        let from = from.min(limit);
        Self { from, limit, length, held, failed, confirming, setbacks, steps, late, end }
    }

    /// How it ended.
    #[must_use]
    pub fn end(&self) -> SearchEnd {
        self.end.unwrap_or(SearchEnd::Stopped)
    }

    /// The rate that was found.
    #[must_use]
    pub fn found(&self) -> Option<f64> {
        match self.end() {
            SearchEnd::Found { rate, .. } => Some(rate),
            _ => None,
        }
    }

    /// No further client gets an address: every rate would fail.
    pub(super) fn pool_is_exhausted(&mut self) {
        self.end = Some(SearchEnd::PoolExhausted { held: self.held });
    }

    /// The server does not answer any more: every rate would fail.
    pub(super) fn server_is_silent(&mut self) {
        self.end = Some(SearchEnd::NoAnswer { held: self.held });
    }

    pub(super) fn next(&mut self, before: Option<&StepResult>) -> Option<Step> {
        let Some(result) = before else { return Some(self.step(self.from)) };
        if self.end.is_some() {
            return None;
        }
        self.steps += 1;
        let is_late = result.is_late();
        self.late = if is_late { self.late + 1 } else { 0 };
        if is_late && self.late < TRIES && self.steps < MOST_STEPS {
            return Some(result.step);
        }
        self.late = 0;
        self.learn(result);
        if self.steps >= MOST_STEPS {
            self.end.get_or_insert(varies(result));
        }
        if self.end.is_some() {
            return None;
        }
        let rate = match (self.confirming, self.held, self.failed) {
            (Some((rate, _)), ..) => rate,
            (None, None, failed) => failed.map_or(self.from, |(rate, _)| rate) / 2.0,
            (None, Some(held), None) => (held * 2.0).min(self.limit),
            (None, Some(held), Some((failed, _))) => f64::midpoint(held, failed),
        };
        Some(self.step(rate))
    }

    fn learn(&mut self, result: &StepResult) {
        let rate = result.step.rate;
        match (self.confirming, result.holds) {
            (Some((rate, times)), true) if times + 1 == CONFIRMATIONS => {
                let limit = self.failed.map_or(Limit::Rate, |(_, limit)| limit);
                self.end = Some(SearchEnd::Found { rate, limit });
            }
            (Some((rate, times)), true) => self.confirming = Some((rate, times + 1)),
            (Some(_), false) => self.set_back(result),
            (None, true) => self.held = Some(rate),
            (None, false) => self.fail(result),
        }
        let (held, failed) = (self.held, self.failed.map(|(rate, _)| rate));
        match (held, failed) {
            (None, Some(failed)) if failed / 2.0 < LEAST => {
                self.end.get_or_insert(SearchEnd::Nothing { lowest: failed });
            }
            (Some(held), failed) if self.confirming.is_none() => {
                let is_close = failed.map_or(held >= self.limit, |failed| failed - held <= held * CLOSE);
                self.confirming = is_close.then_some((held, 0));
            }
            _ => {}
        }
    }

    /// The rate does not hold. Where messages left late at twice the rate too, lower ones are not tried.
    fn fail(&mut self, result: &StepResult) {
        let (rate, is_late) = (result.step.rate, result.limit == Limit::Generator);
        let was_late = self.failed.is_some_and(|(_, limit)| limit == Limit::Generator);
        if self.held.is_none() && is_late && was_late {
            self.end = Some(SearchEnd::Late { lowest: rate });
        }
        self.failed = Some((rate, result.limit));
    }

    /// What held once and does not any more was luck: a rate that is lower by 3 %, then by 6 %, 12 % … is confirmed.
    fn set_back(&mut self, result: &StepResult) {
        let rate = result.step.rate;
        self.failed = Some((rate, result.limit));
        let lower = rate * (1.0 - CLOSE * f64::from(1 << self.setbacks));
        (self.held, self.confirming) = (Some(lower), Some((lower, 0)));
        self.setbacks += 1;
        if self.setbacks > SETBACKS {
            self.end = Some(varies(result));
        }
    }

    fn step(&self, rate: f64) -> Step {
        let is_first = self.failed.is_none() && self.confirming.is_none();
        Step { rate, length: if is_first { self.length / 2 } else { self.length } }
    }
}

/// The end where what held fails again and again: it is not the server's fault where messages left late.
fn varies(result: &StepResult) -> SearchEnd {
    let lowest = result.step.rate;
    if result.limit == Limit::Generator { SearchEnd::Late { lowest } } else { SearchEnd::Unstable { lowest } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::latency::Quantiles;

    fn result(step: Step, holds: bool, limit: Limit) -> StepResult {
        let latency = Quantiles::default();
        StepResult { step, started: 0, completed: 0, sent: 0, lost: 0, latency, is_valid: true, holds, limit }
    }

    /// Searches while `holds` decides of each rate; how it ended, the number of steps, and how long they last.
    fn search(from: f64, limit: f64, mut holds: impl FnMut(f64) -> bool) -> (SearchEnd, u32, Duration) {
        steps(from, limit, |rate| (holds(rate), Limit::Server))
    }

    /// The same where each step says what keeps it from holding.
    fn steps(from: f64, limit: f64, mut came: impl FnMut(f64) -> (bool, Limit)) -> (SearchEnd, u32, Duration) {
        let mut search = Search::new(from, limit, Duration::from_secs(2));
        let (mut before, mut count, mut length) = (None, 0, Duration::ZERO);
        while let Some(step) = search.next(before.as_ref()) {
            (count, length) = (count + 1, length + step.length);
            assert!(count <= MOST_STEPS, "no end");
            let (holds, limit) = came(step.rate);
            before = Some(result(step, holds, limit));
        }
        (search.end(), count, length)
    }

    #[test]
    fn the_highest_rate_is_found_within_a_few_percent() {
        for most in [40.0, 3000.0, 777.0, 1.7] {
            let (end, count, length) = search(50.0, 10_000.0, |rate| rate <= most);
            let SearchEnd::Found { rate, limit: Limit::Server } = end else { panic!("{end:?}") };
            assert!(rate <= most && rate > most * 0.94, "{rate} of {most}");
            assert!(count <= 17 && length <= Duration::from_secs(30), "{count} {length:?}");
        }
        assert!(matches!(search(16.0, 1000.0, |_| false).0, SearchEnd::Nothing { .. }));
    }

    #[test]
    fn what_the_cap_allows_is_no_highest_rate() {
        let (end, ..) = search(250.0, 1000.0, |_| true);
        assert_eq!(end, SearchEnd::Found { rate: 1000.0, limit: Limit::Rate });
    }

    #[test]
    fn a_late_moment_is_not_the_servers() {
        for late in [1, 2, 9] {
            let mut count = 0;
            let (end, ..) = steps(50.0, 10_000.0, |rate| {
                count += 1;
                if count == late { (false, Limit::Generator) } else { (rate <= 800.0, Limit::Server) }
            });
            let SearchEnd::Found { rate, limit: Limit::Server } = end else { panic!("{end:?}") };
            assert!(rate > 750.0, "{rate} with {late}");
        }
    }

    #[test]
    fn a_machine_that_is_always_late_is_named() {
        let (end, count, _) = steps(400.0, 10_000.0, |_| (false, Limit::Generator));
        assert_eq!((end, count), (SearchEnd::Late { lowest: 200.0 }, 6));
        let (end, ..) = steps(50.0, 10_000.0, |rate| (rate <= 300.0, Limit::Generator));
        assert!(matches!(end, SearchEnd::Found { limit: Limit::Generator, .. }), "{end:?}");
    }

    #[test]
    fn results_that_vary_end_the_search_too() {
        let mut seed = 7_u32;
        let mut chance = |percent: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 16 & 0xffff < percent * 655
        };
        for percent in [10, 30, 50, 70, 90] {
            for _ in 0..200 {
                let (end, count, _) = search(50.0, 10_000.0, |_| chance(percent));
                assert!(count <= MOST_STEPS && end != SearchEnd::Stopped, "{end:?}");
            }
        }
        let mut times = 0;
        let (end, ..) = search(50.0, 10_000.0, |rate| {
            times += 1;
            rate <= 800.0 && times < 12
        });
        assert!(matches!(end, SearchEnd::Unstable { .. }), "{end:?}");
    }
}
