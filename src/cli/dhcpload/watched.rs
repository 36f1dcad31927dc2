//! A generator that is watched: a line shows how the run is going, and packets are kept.

use std::io::Write;
use std::time::Duration;

use super::capture::Capture;
use crate::error::{Error, Result};
use crate::load::{Generator, GivingBack, Now};
use crate::probe::Machine;
use crate::text::{count, milliseconds};
use crate::wire::{Datagram, Transmit, Unreachable};

const SECOND: Duration = Duration::from_secs(1);

/// A generator with a line on a terminal once a second, and a capture.
pub(super) struct Watched<'a> {
    generator: Generator,
    capture: Capture,
    /// The terminal, if there is one.
    terminal: Option<&'a mut dyn Write>,
    next: Duration,
    is_shown: bool,
}

impl<'a> Watched<'a> {
    pub(super) fn new(generator: Generator, capture: Capture, terminal: Option<&'a mut dyn Write>) -> Self {
        Self { generator, capture, terminal, next: SECOND, is_shown: false }
    }

    fn show(&mut self) {
        if let Some(terminal) = &mut self.terminal {
            let text = line(&self.generator.now());
            // A terminal that is gone takes nothing from the run.
            let _ = write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush());
            self.is_shown = true;
        }
    }

    /// The generator and the capture, once the line is gone.
    pub(super) fn finish(mut self) -> (Generator, Capture) {
        if let Some(terminal) = self.terminal.as_mut().filter(|_| self.is_shown) {
            let _ = write!(terminal, "\r\x1b[K").and_then(|()| terminal.flush());
        }
        (self.generator, self.capture)
    }
}

/// `500/s asked, 498/s answered, 3 in flight, 0 lost, p50 0.4 ms, p99 1.2 ms`.
fn line(now: &Now) -> String {
    if let Some(it) = now.giving_back {
        return giving_back(it);
    }
    let Now { second, rate, in_flight, lost, .. } = now;
    let [p50, p99] = [second.p50, second.p99].map(|time| match second.answered {
        0 => "-".to_owned(),
        _ => milliseconds(time),
    });
    let completed = second.completed;
    format!("{rate:.0}/s asked, {completed}/s completed, {in_flight} under way, {lost} lost, p50 {p50}, p99 {p99}")
}

/// `giving 40 leases back, about 4 s more (20 released); Ctrl-C twice leaves them`.
fn giving_back(it: GivingBack) -> String {
    let GivingBack { released, owed, remaining, is_interrupted } = it;
    let key = if is_interrupted { "another Ctrl-C" } else { "Ctrl-C twice" };
    let (leases, seconds) = (count(owed, "lease"), remaining.as_secs_f64().ceil());
    format!("giving {leases} back, about {seconds:.0} s more ({released} released); {key} leaves them")
}

impl Machine for Watched<'_> {
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        let transmit = self.generator.poll_transmit(now)?;
        self.capture.sent(&transmit, now);
        Some(transmit)
    }

    fn handle_sent(&mut self, at: Duration) {
        self.generator.handle_sent(at);
    }

    fn handle_unsent(&mut self, now: Duration, error: Error) {
        self.generator.handle_unsent(now, error);
    }

    fn handle_unreachable(&mut self, unreachable: &Unreachable) {
        self.generator.handle_unreachable(unreachable);
    }

    fn handle_failed(&mut self, link: usize, error: &Error) -> Result<()> {
        self.generator.handle_failed(link, error)
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let shows = self.terminal.is_some().then_some(self.next);
        [shows, self.generator.poll_timeout()].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.generator.handle_timeout(now);
        if now >= self.next {
            self.next = now.saturating_add(SECOND);
            self.show();
        }
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        self.capture.received(datagram);
        self.generator.handle_datagram(datagram);
    }

    fn handle_interrupt(&mut self, now: Duration) {
        self.generator.handle_interrupt(now);
    }

    fn is_done(&self) -> bool {
        self.generator.is_done()
    }
}
