//! A worker for each place: one that does not answer keeps no other waiting, nor the program.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use super::poller::Poller;
use super::{Fleet, Moment, PollOptions};
use crate::control::Deadline;
use crate::error::{Error, Result};
use crate::stats::reading::Reading;

/// What a place has answered.
#[derive(Debug)]
pub struct Round {
    /// Which place, in the order of the fleet.
    pub place: usize,
    /// When it was asked.
    pub moment: Moment,
    /// What its daemons have answered.
    pub readings: Vec<Reading>,
}

/// The workers; they end when this is dropped and they have finished what they do.
#[derive(Debug)]
pub struct Workers {
    bells: Vec<SyncSender<Moment>>,
    rounds: Receiver<Round>,
}

impl Fleet {
    /// Starts the workers; nothing is asked yet. Each place has `patience` to answer.
    pub fn start(self, patience: Duration) -> Result<Workers> {
        let (sender, rounds) = channel();
        let mut bells = Vec::new();
        for (place, poller) in self.pollers.into_iter().enumerate() {
            let (bell, moments) = sync_channel(0);
            let poller = poller.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            let worker = Worker { place, poller, wanted: self.wanted, patience };
            let sender = sender.clone();
            let started =
                thread::Builder::new().name(format!("place {place}")).spawn(move || worker.run(&moments, &sender));
            started.map_err(|cause| Error::io("start a thread", &cause))?;
            bells.push(bell);
        }
        Ok(Workers { bells, rounds })
    }
}

impl Workers {
    /// Has every place asked that is not being asked, and returns how many these are. One that is busy is asked the next time.
    #[must_use]
    pub fn ring(&self, moment: Moment) -> usize {
        self.bells.iter().filter(|bell| bell.try_send(moment).is_ok()).count()
    }

    /// What has been answered since the last call, if anything has.
    #[must_use]
    pub fn next(&self) -> Option<Round> {
        self.rounds.try_recv().ok()
    }
}

struct Worker {
    place: usize,
    poller: Poller,
    wanted: PollOptions,
    patience: Duration,
}

impl Worker {
    fn run(mut self, moments: &Receiver<Moment>, rounds: &Sender<Round>) {
        while let Ok(moment) = moments.recv() {
            let readings = self.poller.poll(moment, Deadline::after(self.patience), self.wanted);
            if rounds.send(Round { place: self.place, moment, readings }).is_err() {
                return;
            }
        }
    }
}
