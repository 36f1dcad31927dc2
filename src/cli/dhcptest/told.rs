//! An exchange that is shown while it happens.

use std::time::Duration;

use super::screen::{Screen, Worth};
use crate::error::{Error, Result};
use crate::packet::{Datagram, Transmit, Unreachable};
use crate::probe::{Exchange, Machine, Record, Rejection};

/// Any exchange, with what it sends and receives on a screen.
pub(super) struct Told<'a, 'w, M> {
    machine: M,
    screen: &'a mut Screen<'w>,
    /// Whether a packet that is no answer concerns this exchange all the same: it has its transaction.
    is_ours: &'a dyn Fn(&[u8]) -> bool,
    /// What was shown last as sent.
    latest: &'static str,
    sent_at: Duration,
    /// What is being sent.
    leaving: Option<Transmit>,
    /// Whether the exchange was told to end because nobody sees it any more.
    is_unseen: bool,
}

impl<'a, 'w, M: Exchange> Told<'a, 'w, M> {
    /// Shows `machine` on `screen`.
    pub(super) fn new(machine: M, screen: &'a mut Screen<'w>, is_ours: &'a dyn Fn(&[u8]) -> bool) -> Self {
        Self { machine, screen, is_ours, latest: "", sent_at: Duration::ZERO, leaving: None, is_unseen: false }
    }

    /// The exchange.
    pub(super) fn into_inner(self) -> M {
        self.machine
    }

    /// What the machine makes of a packet: how many answers and repetitions there are, and what was rejected.
    fn standing(&self) -> (usize, u64, Vec<(Rejection, u64)>) {
        let record = self.machine.record();
        let copies = record.answers.iter().map(|answer| u64::from(answer.copies)).sum();
        let rejected = record.rejected.each().map(|(reason, count, _)| (reason, count)).collect();
        (record.answers.len(), copies, rejected)
    }
}

impl<M: Exchange> Machine for Told<'_, '_, M> {
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        // Whoever read along is gone; what a server has given is given back all the same.
        if self.screen.has_failed() && !std::mem::replace(&mut self.is_unseen, true) {
            self.machine.handle_interrupt(now);
        }
        let transmit = self.machine.poll_transmit(now)?;
        let sent = self.machine.record().sent.last();
        let (what, number) = sent.map_or(("", 1), |sent| (sent.what, sent.try_number));
        if number > 1 && what == self.latest {
            self.screen.remark(&format!("Retrying, try {number}..."));
        } else {
            self.screen.sending(&transmit);
        }
        self.latest = what;
        self.sent_at = now;
        self.leaving = Some(transmit.clone());
        Some(transmit)
    }

    fn handle_sent(&mut self, at: Duration) {
        self.sent_at = at;
        if let Some(transmit) = self.leaving.take() {
            self.screen.sent(&transmit, at);
        }
        self.machine.handle_sent(at);
    }

    fn handle_unsent(&mut self, now: Duration, error: Error) {
        self.machine.handle_unsent(now, error);
    }

    fn handle_unreachable(&mut self, unreachable: &Unreachable) {
        self.machine.handle_unreachable(unreachable);
    }

    fn handle_failed(&mut self, link: usize, error: &Error) -> Result<()> {
        self.machine.handle_failed(link, error)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.machine.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.machine.handle_timeout(now);
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        let (answers, copies, rejected) = self.standing();
        self.machine.handle_datagram(datagram);
        let after = self.standing();
        let rtt = Some(datagram.at.saturating_sub(self.sent_at));
        if after.0 > answers {
            self.screen.received(datagram, Worth::Answer, rtt);
        } else if after.1 > copies {
            self.screen.received(datagram, Worth::Duplicate, rtt);
        } else if (self.is_ours)(datagram.payload) {
            let reason = after.2.iter().find(|entry| !rejected.contains(entry)).map(|(reason, _)| *reason);
            let worth = reason.map_or(Worth::Passing, Worth::Rejected);
            self.screen.received(datagram, worth, rtt);
        }
    }

    fn handle_interrupt(&mut self, now: Duration) {
        self.machine.handle_interrupt(now);
    }

    fn is_done(&self) -> bool {
        self.machine.is_done()
    }
}

impl<M: Exchange> Exchange for Told<'_, '_, M> {
    fn record(&self) -> &Record {
        self.machine.record()
    }
}
