//! A step of a run: a rate for a time, and what came of it.

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
    /// If it does not, what kept it.
    pub limit: Limit,
}

impl StepResult {
    /// Whether more clients would show whether it holds.
    pub(super) fn lacks_clients(&self) -> bool {
        !self.holds && self.limit == Limit::Clients
    }

    /// Whether it says nothing of the server, since messages left late.
    pub(super) fn is_late(&self) -> bool {
        !self.holds && self.limit == Limit::Generator
    }
}

/// What keeps a rate from being higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The server.
    Server,
    /// The highest rate that is allowed.
    Rate,
    /// The number of clients: all of them were waiting.
    Clients,
    /// This machine: messages left late.
    Generator,
}
