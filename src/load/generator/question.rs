//! Questions apart from the load: whether the server still answers after the last RELEASE, which has no answer in DHCPv4,
//! and, where several messages in a row were lost, whether it answers at all: one that answers a client with a lease though
//! others get none has no address left.
//!
//! The question is the first message of the exchange, which takes no lease. No figure of the load contains it. After releases
//! it goes to the server alone, as they did: a broadcast would be heard where they were not.

use std::time::Duration;

use super::super::kind::Exchange;
use super::super::numbering::Ticket;
use super::super::slot::Lease;
use super::super::steps::Steps;
use super::phases::{Next, Phase, Subject};
use super::{Generator, Stop};

/// How often it is asked.
const TRIES: u32 = 3;

/// A question, and how far it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// The message that was sent last.
    ticket: Ticket,
    about: Subject,
    tries: u32,
    /// When it was asked first.
    since: Duration,
    /// When the next is sent, or there is no answer.
    due: Duration,
}

impl Generator {
    /// Asks on behalf of the first client with a lease; without one, if nothing is asked about leases, of any. Whether there
    /// is one.
    pub(super) fn ask_about(&mut self, about: Subject, now: Duration) -> bool {
        let wanted = if about == Subject::Life { Lease::Held } else { Lease::Released };
        let client = (0..self.clients.count()).find(|client| self.slots[*client as usize].lease == wanted);
        // An answer with Rapid Commit would be a lease.
        let takes_none = about == Subject::Life && self.exchange != Exchange::Rapid;
        let Some(slot) = client.or(takes_none.then_some(0)) else { return false };
        let ticket = Ticket { slot, generation: self.slots[slot as usize].generation, stage: 0 };
        self.question = Some(Question { ticket, about, tries: 0, since: now, due: now });
        self.phase = Phase::Asking;
        true
    }

    pub(super) fn poll_question(&mut self, now: Duration) -> Next {
        let Some(mut question) = self.question.filter(|question| question.due <= now) else { return Next::Wait };
        if question.tries == TRIES {
            // A late answer to another message is a sign of life, though none that RELEASEs are heard.
            let lives = question.about == Subject::Life && self.hearing.is_since(question.since);
            self.learn(question.about, lives, now);
            return Next::Again;
        }
        let first = self.exchange.first();
        let slot = &mut self.slots[question.ticket.slot as usize];
        self.past.keep(question.ticket.slot, slot);
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
        if self.question.is_some_and(|question| question.about == Subject::Life) {
            self.forget_question();
            self.go_to_next_step(now);
        }
    }

    fn forget_question(&mut self) {
        if let Some(Question { ticket, .. }) = self.question.take() {
            self.slots[ticket.slot as usize].rest();
        }
    }

    fn learn(&mut self, about: Subject, is_answered: bool, now: Duration) {
        let asked = self.question.map(|question| question.ticket.slot);
        self.forget_question();
        if !is_answered {
            self.hearing.checked(TRIES);
        }
        match about {
            Subject::Releases => {
                self.is_heard_after_releases = is_answered;
                self.phase = Phase::Lingering;
            }
            Subject::Life => {
                let has_lease = asked.is_some_and(|client| self.slots[client as usize].lease == Lease::Held);
                self.learn_of_life(is_answered, has_lease);
                self.go_to_next_step(now);
            }
        }
    }

    /// The server answers a client, with a lease or without one, or none.
    pub(super) fn learn_of_life(&mut self, is_answered: bool, has_lease: bool) {
        let looks_exhausted = self.step.losers.look_exhausted();
        match &mut self.steps {
            Steps::Search(search) if !is_answered => search.server_is_silent(),
            Steps::Search(search) if has_lease && looks_exhausted => search.pool_is_exhausted(),
            Steps::Ramp(_) if !is_answered => {
                self.stop.get_or_insert(Stop::Silence);
            }
            _ => {}
        }
    }
}
