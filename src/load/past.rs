//! Messages whose clients have begun again: what is answered to them now came late, or came before.

use std::time::Duration;

use super::kind::LoadMessage;
use super::numbering::Ticket;
use super::slot::{Slot, Stage};

/// How many are remembered: those of some 30,000 exchanges.
const MOST: usize = 1 << 16;

/// A message of an exchange that is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct PastMessage {
    ticket: Ticket,
    pub(super) message: LoadMessage,
    /// The server of its client at that time, by its place.
    pub(super) server: u8,
    /// Whether it got no answer.
    pub(super) is_silent: bool,
    sent: u64,
}

impl PastMessage {
    /// When it left.
    pub(super) fn sent(&self) -> Duration {
        Duration::from_nanos(self.sent)
    }
}

/// The messages of the latest exchanges that are over, each at a place of its own: with each generation of all clients the places
/// begin anew after the last one, so that those that are replaced are the oldest.
#[derive(Debug)]
pub(super) struct Past {
    clients: usize,
    all: Vec<Option<PastMessage>>,
}

impl Past {
    /// Of so many clients.
    pub(super) fn new(clients: u32) -> Self {
        Self { clients: clients as usize, all: Vec::new() }
    }

    /// The exchange of a client is over.
    pub(super) fn keep(&mut self, client: u32, slot: &Slot) {
        for (stage, state) in (0..).zip(slot.stages) {
            if !matches!(state, Stage::Answered | Stage::TimedOut | Stage::Lost) {
                continue;
            }
            if self.all.is_empty() {
                self.all.resize(MOST, None);
            }
            let ticket = Ticket { slot: client, generation: slot.generation, stage };
            let place = self.place(ticket);
            let (message, is_silent) = (slot.message(stage), state == Stage::TimedOut);
            let sent = u64::try_from(slot.sent().as_nanos()).unwrap_or(u64::MAX);
            self.all[place] = Some(PastMessage { ticket, message, server: slot.server, is_silent, sent });
        }
    }

    /// The message with this ticket, if it is remembered.
    pub(super) fn find(&mut self, ticket: Ticket) -> Option<&mut PastMessage> {
        let place = self.place(ticket);
        self.all.get_mut(place)?.as_mut().filter(|past| past.ticket == ticket)
    }

    fn place(&self, ticket: Ticket) -> usize {
        let exchange = usize::from(ticket.generation) * self.clients + ticket.slot as usize;
        (exchange * 2 + usize::from(ticket.stage)) % MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_exchanges_of_many_clients_are_remembered() {
        let clients = 1000;
        let mut past = Past::new(clients);
        let mut slots = vec![Slot::default(); clients as usize];
        let mut tickets = Vec::new();
        for (client, number) in (0..clients).cycle().zip(0_u64..40_000) {
            let slot = &mut slots[client as usize];
            slot.begin(LoadMessage::Discover, false, Duration::from_millis(number), 2047);
            slot.left(0, Duration::from_millis(number));
            slot.stages[0] = Stage::TimedOut;
            past.keep(client, slot);
            tickets.push(Ticket { slot: client, generation: slot.generation, stage: 0 });
        }
        for (number, ticket) in (0..).zip(tickets) {
            let sent = past.find(ticket).map(|it| it.sent());
            let expected = (number >= 40_000 - 32_768).then_some(Duration::from_millis(number));
            assert_eq!(sent, expected, "{number}");
        }
    }
}
