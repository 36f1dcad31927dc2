//! An exchange that is printed while it happens.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::output::probe::printer::{Printer, Worth};
use crate::probe::{Exchange, Machine, Record, Rejection};
use crate::wire::{Datagram, Transmit, Unreachable};

/// Any exchange, with what it sends and receives printed.
pub(super) struct Traced<'a, 'w, M> {
    machine: M,
    printer: &'a mut Printer<'w>,
    /// Whether a packet that is no answer concerns this exchange nevertheless: it has its transaction.
    is_ours: &'a dyn Fn(&[u8]) -> bool,
    /// What was shown last as sent.
    latest: &'static str,
    sent_at: Duration,
    /// What is being sent.
    leaving: Option<Transmit>,
    /// What was sent last: a relay's broadcast comes back to the port that it is sent from.
    own: Vec<u8>,
    /// Whether the exchange was ended because its output is closed.
    is_unseen: bool,
}

impl<'a, 'w, M: Exchange> Traced<'a, 'w, M> {
    /// Prints what `machine` does on `printer`.
    pub(super) fn new(machine: M, printer: &'a mut Printer<'w>, is_ours: &'a dyn Fn(&[u8]) -> bool) -> Self {
        Self {
            machine,
            printer,
            is_ours,
            latest: "",
            sent_at: Duration::ZERO,
            leaving: None,
            own: Vec::new(),
            is_unseen: false,
        }
    }

    /// The exchange.
    pub(super) fn into_inner(self) -> M {
        self.machine
    }

    /// What the machine makes of a packet: how many answers and repetitions there are, and what was rejected.
    fn counts(&self) -> (usize, u64, Vec<(Rejection, u64)>) {
        let record = self.machine.record();
        let copies = record.answers.iter().map(|answer| u64::from(answer.copies)).sum();
        let rejected = record.rejected.each().map(|(reason, count, _)| (reason, count)).collect();
        (record.answers.len(), copies, rejected)
    }
}

impl<M: Exchange> Machine for Traced<'_, '_, M> {
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        // The output is closed; what a server has given is given back nevertheless.
        if self.printer.has_failed() && !std::mem::replace(&mut self.is_unseen, true) {
            self.machine.handle_interrupt(now);
        }
        let transmit = self.machine.poll_transmit(now)?;
        let sent = self.machine.record().sent.last();
        let (what, number) = sent.map_or(("", 1), |sent| (sent.what, sent.try_number));
        if number > 1 && what == self.latest {
            self.printer.remark(&format!("Retrying, try {number}..."));
        } else {
            self.printer.sending(&transmit);
        }
        self.latest = what;
        self.sent_at = now;
        self.leaving = Some(transmit.clone());
        self.own.clone_from(&transmit.payload);
        Some(transmit)
    }

    fn handle_sent(&mut self, at: Duration) {
        self.sent_at = at;
        if let Some(transmit) = self.leaving.take() {
            self.printer.sent(&transmit, at);
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

    fn knows(&self, datagram: &Datagram<'_>) -> bool {
        self.machine.knows(datagram)
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        if self.own == datagram.payload {
            return;
        }
        let (answers, copies, rejected) = self.counts();
        self.machine.handle_datagram(datagram);
        let after = self.counts();
        let rtt = Some(datagram.at.saturating_sub(self.sent_at));
        if after.0 > answers {
            self.printer.received(datagram, Worth::Answer, rtt);
        } else if after.1 > copies {
            self.printer.received(datagram, Worth::Duplicate, rtt);
        } else if (self.is_ours)(datagram.payload) {
            let reason = after.2.iter().find(|entry| !rejected.contains(entry)).map(|(reason, _)| *reason);
            let worth = reason.map_or(Worth::Passing, Worth::Rejected);
            self.printer.received(datagram, worth, rtt);
        }
    }

    fn handle_interrupt(&mut self, now: Duration) {
        self.machine.handle_interrupt(now);
    }

    fn is_done(&self) -> bool {
        self.machine.is_done()
    }
}

impl<M: Exchange> Exchange for Traced<'_, '_, M> {
    fn record(&self) -> &Record {
        self.machine.record()
    }
}
