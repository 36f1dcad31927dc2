//! What answers mean.

use std::time::Duration;

use super::super::dialect::Heard;
use super::super::fate::Loss;
use super::super::kind::LoadMessage;
use super::super::message::{Question, Said};
use super::super::numbering::Ticket;
use super::super::slot::{Lease, Stage};
use super::{Generator, Stop};
use crate::family::Family;
use crate::probe::{Identity, Rejection};
use crate::wire::{Checksum, Datagram};

/// An answer to a message of one of the clients.
#[derive(Clone, Copy)]
struct Reply {
    ticket: Ticket,
    said: Said,
    /// The server, by its place.
    server: u8,
    at: Duration,
}

impl Generator {
    /// A datagram came.
    pub(super) fn hear(&mut self, datagram: &Datagram<'_>) {
        match self.dialect.hear(datagram.payload) {
            Some(heard) => self.consider(&heard, datagram),
            None => self.hear_cut(datagram),
        }
    }

    /// What says nothing of its client is an answer to a message that is waited for, not meant for these clients, or damaged.
    fn hear_cut(&mut self, datagram: &Datagram<'_>) {
        // Which of the two messages of an exchange is answered does not matter: one is waited for.
        let stages = |ticket: Ticket| [1, 0].map(|stage| Ticket { stage, ..ticket });
        let tickets = self.dialect.cut_xid(datagram.payload).map(|xid| stages(self.numbering.ticket(xid)));
        let ticket = tickets.into_iter().flatten().find(|ticket| self.is_waited_for(*ticket));
        let is_whole = matches!(datagram.checksum, Checksum::Good | Checksum::Unknown);
        match ticket.filter(|_| is_whole && self.is_listed(None, datagram)) {
            Some(ticket) => {
                self.hearing.heard(datagram.at);
                self.stalls.heard(datagram.at);
                self.opened(datagram.at);
                self.unusable.insert(ticket.slot, Rejection::Truncated);
            }
            None if !is_whole || self.dialect.is_cut(datagram.payload) => self.own.damaged += 1,
            None => self.own.foreign += 1,
        }
    }

    /// Whether the answer to this message is waited for.
    fn is_waited_for(&self, ticket: Ticket) -> bool {
        let slot = self.slots.get(ticket.slot as usize).filter(|slot| slot.generation == ticket.generation);
        slot.is_some_and(|slot| slot.stages[usize::from(ticket.stage)] == Stage::Waiting)
    }

    /// The client's host would not pass it on, from any server.
    fn not_delivered(&mut self, ticket: Option<Ticket>, why: Rejection) {
        match ticket.filter(|ticket| self.is_waited_for(*ticket)) {
            Some(ticket) => drop(self.unusable.insert(ticket.slot, why)),
            None => self.own.damaged += u64::from(matches!(why, Rejection::Checksum | Rejection::Length)),
        }
    }

    /// The message that is answered. In DHCPv4 both messages of an exchange have one number: an OFFER answers the first, what
    /// else comes after the second was sent answers that.
    fn ticket_of(&mut self, heard: &Heard<'_>) -> Ticket {
        let ticket = self.numbering.ticket(heard.xid);
        if self.family != Family::V4 {
            return ticket;
        }
        let second = Ticket { stage: 1, ..ticket };
        let has_second = match self.slots.get(ticket.slot as usize) {
            Some(slot) if slot.generation == ticket.generation => slot.stages[1] != Stage::Unsent,
            _ => self.past.find(second).is_some(),
        };
        if has_second && !heard.is_offer() { second } else { ticket }
    }

    fn consider(&mut self, heard: &Heard<'_>, datagram: &Datagram<'_>) {
        let ticket = self.ticket_of(heard);
        let slot = self.slots.get(ticket.slot as usize);
        let is_known = slot.is_some() && heard.client.is_none_or(|it| it == self.clients.hardware(ticket.slot));
        let is_for_us = is_known || heard.client.is_some_and(|client| self.clients.contain(client));
        if !is_for_us {
            self.own.foreign += 1;
            return;
        }
        let message = slot.filter(|_| is_known).map_or(LoadMessage::Discover, |slot| slot.message(ticket.stage));
        let is_current = is_known && slot.is_some_and(|slot| slot.generation == ticket.generation);
        let hardware = heard.client.unwrap_or_else(|| self.clients.hardware(ticket.slot));
        let relay = self.place.relays.of(ticket.slot);
        let (said, identity) = self.dialect.said(heard, &Question { message, hardware, relay, datagram });
        if let Said::Unusable(why) = said
            && why.is_of_delivery()
        {
            return self.not_delivered(is_current.then_some(ticket), why);
        }
        // Also where its transaction is not known any more: it serves the clients of this run.
        let is_ours = is_current || heard.client.is_some();
        if is_ours && !self.is_listed(identity.as_ref(), datagram) {
            let identity = identity.unwrap_or(Identity::Address(datagram.source.ip()));
            return self.unlisted(is_current.then_some(ticket), identity, datagram);
        }
        if is_ours {
            self.hearing.heard(datagram.at);
            self.stalls.heard(datagram.at);
        }
        if !is_known {
            self.own.unknown += 1;
        } else if is_current && self.is_question(ticket) {
            self.question_answered(datagram.at);
        } else {
            let server = self.place_of(ticket, identity.as_ref(), datagram);
            let reply = Reply { ticket, said, server, at: datagram.at };
            if is_current {
                self.opened(datagram.at);
                self.reply(reply);
            } else {
                self.past_reply(reply);
            }
        }
    }

    /// The server that answers, by its place. One that does not say who it is is that of the client, or another one that sends from
    /// the same address.
    fn place_of(&mut self, ticket: Ticket, identity: Option<&Identity>, datagram: &Datagram<'_>) -> u8 {
        let (source, mac) = (datagram.source, datagram.mac);
        let own = self.slots[ticket.slot as usize].server;
        let known = || self.servers.at(source.ip(), own);
        match identity {
            Some(identity) => self.servers.place(identity, source, mac),
            None => known().unwrap_or_else(|| self.servers.place(&Identity::Address(source.ip()), source, mac)),
        }
    }

    /// An answer to a message whose client has begun again.
    fn past_reply(&mut self, reply: Reply) {
        let Reply { ticket, said, server, at } = reply;
        self.given_elsewhere(ticket.slot, server, said);
        let Some(past) = self.past.find(ticket) else {
            self.own.stale += 1;
            return;
        };
        let is_answer = !matches!(said, Said::Unusable(_));
        let (is_silent, is_same) = (past.is_silent, past.server == server);
        past.is_silent &= !is_answer;
        let (message, sent) = (past.message, past.sent());
        if is_silent && is_answer {
            self.came_late(message, sent, at);
        } else if !is_silent {
            self.came_again(message, is_same);
        }
    }

    /// A message that was taken for lost is answered.
    fn came_late(&mut self, message: LoadMessage, sent: Duration, at: Duration) {
        self.stalls.came_late(sent, at);
        self.tallies.of(message).came_late(at.saturating_sub(sent));
        self.step.losers.came_late();
    }

    /// A message is answered once more, by the same server or by another one.
    fn came_again(&mut self, message: LoadMessage, is_same: bool) {
        let tally = self.tallies.of(message);
        let counter = if is_same { &mut tally.duplicates } else { &mut tally.others };
        *counter += 1;
    }

    /// A server answered that is not meant: the run ends.
    fn unlisted(&mut self, ticket: Option<Ticket>, identity: Identity, datagram: &Datagram<'_>) {
        let stop = Stop::UnlistedServer { identity, source: datagram.source };
        let waiting = ticket
            .filter(|ticket| self.slots[ticket.slot as usize].stages[usize::from(ticket.stage)] == Stage::Waiting);
        // A first message is for all servers: the one that is meant may still answer it.
        if let Some(ticket) = waiting.filter(|ticket| ticket.stage == 1 && !self.is_question(*ticket)) {
            self.lose(ticket, Loss::WrongServer, datagram.at);
        }
        self.end_early(stop, datagram.at);
    }

    /// Whether the server is one that is meant, by its identifier or by the address it sends from.
    fn is_listed(&self, identity: Option<&Identity>, datagram: &Datagram<'_>) -> bool {
        let listed = &self.place.servers;
        let is_it = |server| identity == Some(&Identity::Address(server)) || datagram.source.ip() == server;
        listed.is_empty() || listed.iter().any(|server| is_it(*server))
    }

    fn reply(&mut self, reply: Reply) {
        let Reply { ticket, server, at, .. } = reply;
        let slot = &self.slots[ticket.slot as usize];
        let message = slot.message(ticket.stage);
        let is_last = ticket.stage == 1 || slot.stages[1] == Stage::Unsent;
        match slot.stages[usize::from(ticket.stage)] {
            Stage::Waiting | Stage::TimedOut if matches!(reply.said, Said::Unusable(_)) => self.is_no_answer(reply),
            Stage::Waiting => self.in_time(reply),
            Stage::TimedOut if is_last => {
                let sent = slot.sent();
                self.came_late(message, sent, at);
                self.slots[ticket.slot as usize].stages[usize::from(ticket.stage)] = Stage::Lost;
                self.take_late_lease(reply);
            }
            Stage::Answered | Stage::Lost | Stage::TimedOut => {
                let is_same = slot.server == server;
                self.came_again(message, is_same);
                self.given_elsewhere(ticket.slot, server, reply.said);
            }
            Stage::Unsent | Stage::Queued | Stage::Pausing => self.own.unknown += 1,
        }
    }

    /// A client passes over what it cannot use, and waits on.
    fn is_no_answer(&mut self, reply: Reply) {
        if let Said::Unusable(why) = reply.said
            && self.is_waited_for(reply.ticket)
        {
            self.unusable.insert(reply.ticket.slot, why);
        }
    }

    /// The answer to a message that is waited for.
    fn in_time(&mut self, reply: Reply) {
        let Reply { ticket, said, server, at } = reply;
        let slot = &self.slots[ticket.slot as usize];
        let (after, message) = (at.saturating_sub(slot.sent()), slot.message(ticket.stage));
        if after > self.waits.late_after() {
            self.lose_late(ticket, at, after);
            self.slots[ticket.slot as usize].stages[usize::from(ticket.stage)] = Stage::Lost;
            return self.take_late_lease(reply);
        }
        let is_bound_to_server = matches!(message, LoadMessage::Request | LoadMessage::Renew);
        if is_bound_to_server && slot.server != server {
            self.given_elsewhere(ticket.slot, server, said);
            return self.lose(ticket, Loss::WrongServer, at);
        }
        self.turn_to(ticket.slot, server, said);
        match said {
            Said::Address { .. } | Said::Information => self.answered(reply, message, after),
            Said::Nak => {
                self.end_lease(ticket);
                self.say_no(ticket, server, Loss::Nak, at);
            }
            Said::Refused(code) => self.say_no(ticket, server, Loss::Refused(code), at),
            Said::Unusable(_) => {}
        }
    }

    fn say_no(&mut self, ticket: Ticket, server: u8, loss: Loss, at: Duration) {
        self.servers.refused(server);
        self.lose(ticket, loss, at);
        self.pause(ticket, at);
    }

    /// A DHCPNAK ends the lease of its client.
    fn end_lease(&mut self, ticket: Ticket) {
        let slot = &mut self.slots[ticket.slot as usize];
        self.leases.refused += u64::from(slot.lease == Lease::Held);
        slot.lease = Lease::None;
    }

    fn answered(&mut self, reply: Reply, message: LoadMessage, after: Duration) {
        let Reply { ticket, said, server, at } = reply;
        let slot = &mut self.slots[ticket.slot as usize];
        let from_intended = at.saturating_sub(slot.intended());
        self.unusable.remove(&ticket.slot);
        self.step.losers.served(ticket.stage, slot);
        slot.stages[usize::from(ticket.stage)] = Stage::Answered;
        self.tallies.of(message).answered(from_intended, after);
        self.servers.answered(server, after);
        self.step.latency.add(from_intended);
        self.clock.answered(at, from_intended);
        match said {
            Said::Address { is_given: false, .. } if slot.has_request => {
                if self.stop.is_some() {
                    self.in_flight = self.in_flight.saturating_sub(1);
                    return;
                }
                slot.go_on(at);
                self.waits.go_on(ticket.slot);
                self.ready.push_back(Ticket { stage: 1, ..ticket });
            }
            Said::Information if message == LoadMessage::Release => self.released(ticket, at),
            said => {
                self.take_lease(ticket, said);
                self.in_flight = self.in_flight.saturating_sub(1);
                self.complete(ticket.slot, at);
            }
        }
    }

    /// A lease is given, or a lease goes on.
    fn take_lease(&mut self, ticket: Ticket, said: Said) {
        let Said::Address { seconds, is_given: true, .. } = said else { return };
        let slot = &mut self.slots[ticket.slot as usize];
        self.leases.given += 1;
        self.leases.taken += u64::from(slot.lease != Lease::Held);
        slot.lease = Lease::Held;
        let shortest = &mut self.leases.shortest;
        *shortest = Some(shortest.map_or(seconds, |known| known.min(seconds)));
    }

    /// A lease that came too late is one nevertheless, and is given back.
    fn take_late_lease(&mut self, reply: Reply) {
        let Reply { ticket, said, server, .. } = reply;
        match said {
            Said::Address { is_given: true, .. } => {
                self.turn_to(ticket.slot, server, said);
                self.take_lease(ticket, said);
            }
            Said::Nak => self.end_lease(ticket),
            Said::Information if self.slots[ticket.slot as usize].message(ticket.stage) == LoadMessage::Release => {
                self.slots[ticket.slot as usize].lease = Lease::None;
                self.leases.released += 1;
            }
            _ => {}
        }
    }
}
