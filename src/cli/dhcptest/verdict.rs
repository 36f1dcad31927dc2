//! What came of the exchanges, and whether it is as expected.

use super::args::Args;
use super::message::space;
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::probe::expect::Expectation;
use crate::probe::{Answer, Kind, Record};

/// What an exchange is to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// An answer.
    Answer,
    /// A lease: what comes before the answer that gives or refuses it does not count.
    Lease,
    /// Nothing: nobody answers.
    Nothing,
}

/// What came of one exchange.
struct Made {
    aim: Aim,
    answers: Vec<Answer>,
}

/// What came of all exchanges.
#[derive(Default)]
pub(super) struct Outcome {
    exchanges: Vec<Made>,
    /// Whether an exchange went without the answer that was waited for.
    is_unanswered: bool,
    pub(super) unsent: Option<Error>,
    pub(super) interrupted: bool,
}

impl Outcome {
    /// Adds what came of another exchange; `is_wanted` says of an answer whether it is one that was waited for.
    pub(super) fn add(&mut self, record: Record, aim: Aim, is_wanted: impl Fn(&Answer) -> bool) {
        self.is_unanswered |= aim != Aim::Nothing && !record.answers.iter().any(is_wanted);
        self.unsent = record.unsent;
        self.interrupted = record.interrupted;
        self.exchanges.push(Made { aim, answers: record.answers });
    }

    /// Whether the answers that were waited for came, for every exchange.
    pub(super) fn is_answered(&self) -> bool {
        !self.is_unanswered
    }

    /// Every answer, in order.
    pub(super) fn answers(&self) -> Vec<&Answer> {
        self.exchanges.iter().flat_map(|made| &made.answers).collect()
    }

    /// Holds an expectation against each exchange; those that nobody answers are left out if there are others.
    pub(super) fn judge(&self, expectation: &Expectation) -> std::result::Result<(), String> {
        let are_all_silent = self.exchanges.iter().all(|made| made.aim == Aim::Nothing);
        let is_judged = |(_, made): &(usize, &Made)| are_all_silent || made.aim != Aim::Nothing;
        if self.exchanges.is_empty() {
            return expectation.check(&[]);
        }
        self.exchanges.iter().enumerate().filter(is_judged).try_for_each(|(at, made)| {
            made.judge(expectation).map_err(|cause| match self.exchanges.len() {
                1 => cause,
                _ => format!("exchange {}: {cause}", at + 1),
            })
        })
    }
}

impl Made {
    /// What is said of each answer is said of those that count.
    fn judge(&self, expectation: &Expectation) -> std::result::Result<(), String> {
        let is_last = |answer: &Answer| answer.phase > 0 || matches!(answer.kind, Kind::Ack | Kind::Reply);
        let is_meant = |answer: &&Answer| !expectation.is_about_each() || self.aim != Aim::Lease || is_last(answer);
        expectation.check(&self.answers.iter().filter(is_meant).collect::<Vec<_>>())
    }
}

/// What `--expect` says.
pub(super) fn expectations(args: &Args, family: Family) -> Result<Vec<Expectation>> {
    let read = |text: &String| {
        Expectation::parse(space(family), text).map_err(|cause| Error::new(format!("--expect \"{text}\""), cause))
    };
    args.output.expect.iter().map(read).collect()
}
