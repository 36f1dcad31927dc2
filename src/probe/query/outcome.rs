//! What came of the exchanges, and whether it is as expected.

use super::typed_option::space;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::probe::expect::Expectation;
use crate::probe::{AnswerKind, ProbeAnswer, Record};

/// What an exchange is to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// An answer.
    Answer,
    /// A lease: what comes before the answer that gives or refuses it does not count.
    Lease,
    /// Nothing: such a message is not answered.
    Nothing,
}

/// What came of one exchange.
#[derive(Debug)]
struct Made {
    goal: Goal,
    answers: Vec<ProbeAnswer>,
}

/// What came of all exchanges.
#[derive(Debug, Default)]
pub struct Outcome {
    exchanges: Vec<Made>,
    /// Whether an exchange went without the answer that was waited for.
    is_unanswered: bool,
    /// Why something could not be sent.
    pub unsent: Option<Error>,
    /// Whether the user ended the latest.
    pub interrupted: bool,
}

impl Outcome {
    /// Adds what came of another exchange; `is_wanted` says of an answer whether it is one that was waited for.
    pub fn add(&mut self, record: Record, goal: Goal, is_wanted: impl Fn(&ProbeAnswer) -> bool) {
        self.is_unanswered |= goal != Goal::Nothing && !record.answers.iter().any(is_wanted);
        self.unsent = record.unsent;
        self.interrupted = record.interrupted;
        self.exchanges.push(Made { goal, answers: record.answers });
    }

    /// Whether the answers that were waited for came, for every exchange.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !self.is_unanswered
    }

    /// Whether the answers that were waited for came, or an expectation allows that they did not: an exchange that is refused
    /// or not answered is a failure unless the user expects just that.
    #[must_use]
    pub fn is_expected(&self, expectations: &[Expectation], family: Family) -> bool {
        let is_refused = self.answers().iter().any(|answer| answer.refusal.is_some());
        let allows = |it: &Expectation| if is_refused { it.allows_refusal(family) } else { it.allows_silence() };
        self.is_answered() || expectations.iter().any(|it| allows(it) || it.allows_lack(family))
    }

    /// Every answer, in order.
    #[must_use]
    pub fn answers(&self) -> Vec<&ProbeAnswer> {
        self.exchanges.iter().flat_map(|made| &made.answers).collect()
    }

    /// Holds an expectation against each exchange; those that are not answered are left out if there are others.
    ///
    /// # Errors
    /// What does not hold.
    pub fn judge(&self, expectation: &Expectation) -> std::result::Result<(), String> {
        let are_all_silent = self.exchanges.iter().all(|made| made.goal == Goal::Nothing);
        let is_judged = |(_, made): &(usize, &Made)| are_all_silent || made.goal != Goal::Nothing;
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
        let is_last =
            |answer: &ProbeAnswer| answer.phase > 0 || matches!(answer.kind, AnswerKind::Ack | AnswerKind::Reply);
        let is_meant =
            |answer: &&ProbeAnswer| !expectation.is_about_each() || self.goal != Goal::Lease || is_last(answer);
        expectation.check(&self.answers.iter().filter(is_meant).collect::<Vec<_>>())
    }
}

/// What `--expect` says.
///
/// # Errors
/// One of them was mistyped.
pub fn expectations(texts: &[String], family: Family) -> Result<Vec<Expectation>> {
    let read = |text: &String| {
        Expectation::parse(space(family), text).map_err(|cause| Error::new(format!("--expect \"{text}\""), cause))
    };
    texts.iter().map(read).collect()
}
