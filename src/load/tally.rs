//! What became of the messages of one kind.

use std::time::Duration;

use super::fate::{Loss, Losses};
use super::kind::LoadMessage;
use super::latency::Latency;

/// What became of the messages of one kind.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// How many left or should have.
    pub(super) sent: u64,
    /// How often one was sent again.
    pub(super) again: u64,
    /// How many were answered with what was wanted.
    pub(super) answered: u64,
    /// How many were not.
    pub(super) lost: Losses,
    /// How often an answer came again.
    pub(super) duplicates: u64,
    /// How often a further server answered.
    pub(super) others: u64,
    /// How long answers took from the intended times.
    pub(super) from_intended: Latency,
    /// How long they took from the times of sending.
    pub(super) from_sending: Latency,
    /// How long after the sending late answers came.
    pub(super) lateness: Option<Latency>,
}

impl Tally {
    /// An answer came so long after the intended time, and after the sending.
    pub(super) fn answered(&mut self, from_intended: Duration, from_sending: Duration) {
        self.answered += 1;
        self.from_intended.add(from_intended);
        self.from_sending.add(from_sending);
    }

    /// An answer that was given up came nevertheless, so long after the sending.
    pub(super) fn came_late(&mut self, after: Duration) {
        self.lost.change(Loss::Silence, Loss::Late);
        self.lateness.get_or_insert_default().add(after);
    }
}

/// The tallies of all messages that were sent.
#[derive(Debug, Default)]
pub(super) struct Tallies([Option<Box<Tally>>; LoadMessage::COUNT]);

impl Tallies {
    /// That of a message.
    pub(super) fn of(&mut self, message: LoadMessage) -> &mut Tally {
        self.0[message as usize].get_or_insert_default()
    }

    /// Those there are.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LoadMessage, &Tally)> {
        LoadMessage::ALL.into_iter().zip(&self.0).filter_map(|(message, tally)| Some((message, tally.as_deref()?)))
    }
}
