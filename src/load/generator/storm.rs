//! What clients of a storm do where a server says no, and when the run ends.

use std::time::Duration;

use super::super::fate::Loss;
use super::super::numbering::Ticket;
use super::super::slot::Stage;
use super::Generator;

impl Generator {
    /// The answer to a message said no. In a storm its client begins again after a pause, as after a DHCPNAK (RFC 2131
    /// section 3.1).
    pub(super) fn pause(&mut self, ticket: Ticket, at: Duration) {
        if self.stop.is_some() {
            return;
        }
        let Some((length, pause)) = self.waits.pause(ticket.slot) else { return };
        let slot = &mut self.slots[ticket.slot as usize];
        self.past.keep(ticket.slot, slot);
        slot.pause(self.numbering.generations());
        let ticket = Ticket { generation: slot.generation, stage: 0, ..ticket };
        self.in_flight += 1;
        self.timeouts.push(length, at.saturating_add(pause), ticket);
    }

    /// The pause of a client is over.
    pub(super) fn begin_again(&mut self, ticket: Ticket, now: Duration) {
        let slot = &mut self.slots[ticket.slot as usize];
        slot.begin_again(now, self.numbering.generations());
        self.ready.push_back(Ticket { generation: slot.generation, stage: 0, ..ticket });
    }

    /// Nothing more is waited for.
    pub(super) fn give_up(&mut self, now: Duration) {
        for client in 0..self.clients.count() {
            let slot = &self.slots[client as usize];
            let generation = slot.generation;
            for (stage, state) in (0..).zip(slot.stages) {
                let ticket = Ticket { slot: client, generation, stage };
                match state {
                    Stage::Waiting => self.lose(ticket, Loss::Silence, now),
                    Stage::Pausing => self.end_pause(ticket),
                    _ => {}
                }
            }
        }
    }

    fn end_pause(&mut self, ticket: Ticket) {
        self.slots[ticket.slot as usize].stages[usize::from(ticket.stage)] = Stage::Lost;
        self.in_flight = self.in_flight.saturating_sub(1);
    }
}
