//! Questions apart from the load: whether the server still answers after the last RELEASE, which has no answer in DHCPv4,
//! and whether it answers a client that has a lease though others get none.
//!
//! The question is a DISCOVER or Solicit, which takes no lease. No figure of the load contains it. After releases it goes to
//! the server alone, as they did: a broadcast would be heard where they were not.

use std::time::Duration;

use super::super::kind::Message;
use super::super::numbering::Ticket;
use super::super::slot::Lease;
use super::super::steps::Steps;
use super::Generator;
use super::phases::{Next, Phase, Subject};
use crate::family::Family;

/// How often it is asked.
const TRIES: u32 = 3;

/// A question, and how far it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// The message that was sent last.
    ticket: Ticket,
    about: Subject,
    tries: u32,
    /// When the next is sent, or there is no answer.
    due: Duration,
}

impl Generator {
    /// Asks on behalf of the first client with a lease of this kind; whether there is one.
    pub(super) fn ask_about(&mut self, about: Subject, now: Duration) -> bool {
        let wanted = if about == Subject::Pool { Lease::Held } else { Lease::Released };
        let client = (0..self.clients.count()).find(|client| self.slots[*client as usize].lease == wanted);
        let Some(slot) = client else { return false };
        let ticket = Ticket { slot, generation: self.slots[slot as usize].generation, stage: 0 };
        self.question = Some(Question { ticket, about, tries: 0, due: now });
        self.phase = Phase::Asking;
        true
    }

    pub(super) fn poll_question(&mut self, now: Duration) -> Next {
        let Some(mut question) = self.question.filter(|question| question.due <= now) else { return Next::Wait };
        if question.tries == TRIES {
            self.learn(question.about, false, now);
            return Next::Again;
        }
        let first = if self.family == Family::V4 { Message::Discover } else { Message::Solicit };
        let slot = &mut self.slots[question.ticket.slot as usize];
        slot.begin(first, false, now, self.numbering.generations());
        question.ticket.generation = slot.generation;
        question.tries += 1;
        question.due = now.saturating_add(self.waits.of_question());
        self.question = Some(question);
        Next::Send(self.ask(question.ticket, first))
    }

    /// When it goes on.
    pub(super) fn question_timeout(&self) -> Option<Duration> {
        self.question.map(|question| question.due)
    }

    /// Whether this is its message.
    pub(super) fn is_question(&self, ticket: Ticket) -> bool {
        self.question.is_some_and(|question| question.ticket == ticket)
    }

    /// Whether this is the message that finds out whether a RELEASE was heard: it takes the same way, to the server alone.
    pub(super) fn is_about_releases(&self, ticket: Ticket) -> bool {
        self.question.is_some_and(|question| question.ticket == ticket && question.about == Subject::Releases)
    }

    /// It is answered.
    pub(super) fn question_answered(&mut self, at: Duration) {
        if let Some(question) = self.question {
            self.learn(question.about, true, at);
        }
    }

    /// The run ends early: what matters only for its steps is not asked any more.
    pub(super) fn end_question(&mut self, now: Duration) {
        if self.question.is_some_and(|question| question.about == Subject::Pool) {
            self.learn(Subject::Pool, false, now);
        }
    }

    fn learn(&mut self, about: Subject, is_answered: bool, now: Duration) {
        if let Some(Question { ticket, .. }) = self.question.take() {
            self.slots[ticket.slot as usize].rest();
        }
        match about {
            Subject::Releases => {
                self.is_heard_after_releases = is_answered;
                self.phase = Phase::Done;
            }
            Subject::Pool => {
                if let (true, Steps::Search(search)) = (is_answered, &mut self.steps) {
                    search.pool_is_exhausted();
                }
                self.go_to_next_step(now);
            }
        }
    }
}
