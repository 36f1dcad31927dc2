//! The only loop that waits for packets.

use std::time::Duration;

use super::{Event, Transport};
use crate::error::Result;
use crate::probe::Machine;
use crate::wire::{Datagram, Transmit};

/// A packet sent or received while machines are driven.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// A sent datagram.
    Sent {
        /// The datagram.
        transmit: &'a Transmit,
        /// When it left.
        at: Duration,
    },
    /// A received datagram, before any machine processes it.
    Received(&'a Datagram<'a>),
}

/// Sends and receives packets for `machines` until all of them are done; `watch` sees every packet.
///
/// An interrupt is passed to the machines, which then may still send what they owe; a second one ends the loop at once.
///
/// # Errors
/// The transport fails while it waits, or a link does that a machine cannot do without. What cannot be sent is reported to
/// the machine that wanted it sent.
pub fn drive(
    transport: &mut dyn Transport,
    machines: &mut [&mut dyn Machine],
    watch: &mut dyn FnMut(Seen<'_>),
) -> Result<()> {
    let mut interrupted = false;
    loop {
        for machine in machines.iter_mut() {
            send_all(transport, *machine, watch);
        }
        if machines.iter().all(|machine| machine.is_done()) {
            return Ok(());
        }
        let waiting = machines.iter().filter(|machine| !machine.is_done());
        let until = waiting.filter_map(|machine| machine.poll_timeout()).min();
        match transport.receive(until)? {
            Event::Datagram(datagram) => {
                watch(Seen::Received(&datagram));
                show(machines, &datagram);
            }
            Event::Unreachable(unreachable) => {
                for machine in machines.iter_mut() {
                    machine.handle_unreachable(&unreachable);
                }
            }
            Event::Failed { link, error } => {
                machines.iter_mut().try_for_each(|machine| machine.handle_failed(link, &error))?;
            }
            Event::Interrupted if interrupted => return Ok(()),
            Event::Interrupted => {
                interrupted = true;
                let now = transport.now();
                for machine in machines.iter_mut().filter(|machine| !machine.is_done()) {
                    machine.handle_interrupt(now);
                }
            }
            Event::Timeout => time_out(machines, transport.now().max(until.unwrap_or_default())),
        }
    }
}

fn show(machines: &mut [&mut dyn Machine], datagram: &Datagram<'_>) {
    // What is foreign is shown only if it is of the same network.
    let is_known = machines.iter().any(|machine| machine.knows(datagram)) || datagram.is_in_other_vlan;
    for machine in machines.iter_mut().filter(|machine| !is_known || machine.knows(datagram)) {
        machine.handle_datagram(datagram);
    }
}

fn send_all(transport: &mut dyn Transport, machine: &mut dyn Machine, watch: &mut dyn FnMut(Seen<'_>)) {
    while let Some(transmit) = machine.poll_transmit(transport.now()) {
        match transport.send(&transmit) {
            Ok(at) => {
                watch(Seen::Sent { transmit: &transmit, at });
                machine.handle_sent(at);
            }
            Err(error) => machine.handle_unsent(transport.now(), error),
        }
    }
}

fn time_out(machines: &mut [&mut dyn Machine], now: Duration) {
    for machine in machines.iter_mut().filter(|machine| !machine.is_done()) {
        if machine.poll_timeout().is_some_and(|moment| moment <= now) {
            machine.handle_timeout(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::net::Ipv4Addr;

    use super::*;
    use crate::error::Error;
    use crate::wire::Checksum;

    const SECOND: Duration = Duration::from_secs(1);

    /// What happens, and when; time passes only while the driver waits.
    struct Script {
        now: Duration,
        events: VecDeque<(Duration, Happens)>,
        refuses: bool,
    }

    #[derive(Clone, Copy)]
    enum Happens {
        Foreign,
        /// An answer in another virtual network, which the machine does not know.
        Elsewhere,
        Answer,
        Interrupt,
        LinkFails,
    }

    fn script(events: impl IntoIterator<Item = (Duration, Happens)>) -> Script {
        Script { now: Duration::ZERO, events: events.into_iter().collect(), refuses: false }
    }

    impl Transport for Script {
        fn now(&self) -> Duration {
            self.now
        }

        fn epoch(&self) -> Duration {
            Duration::ZERO
        }

        fn send(&mut self, _: &Transmit) -> Result<Duration> {
            if self.refuses { Err(Error::new("sending", "no route leads there")) } else { Ok(self.now) }
        }

        fn receive(&mut self, until: Option<Duration>) -> Result<Event<'_>> {
            let Some((at, happens)) =
                self.events.front().copied().filter(|(at, _)| until.is_none_or(|until| *at <= until))
            else {
                self.now = until.expect("nothing will ever happen");
                return Ok(Event::Timeout);
            };
            self.events.pop_front();
            self.now = self.now.max(at);
            let payload: &[u8] = match happens {
                Happens::Interrupt => return Ok(Event::Interrupted),
                Happens::LinkFails => return Ok(Event::Failed { link: 0, error: Error::new("eth0", "it is down") }),
                Happens::Foreign => b"foreign",
                Happens::Elsewhere | Happens::Answer => b"answer",
            };
            let source = (Ipv4Addr::LOCALHOST, 67).into();
            let nothing = (None, None, None, None);
            let (destination, mac, vlan, frame) = nothing;
            let checksum = Checksum::Good;
            Ok(Event::Datagram(Datagram {
                link: 0,
                at,
                source,
                destination,
                mac,
                vlan,
                interface: 1,
                checksum,
                in_fragments: false,
                is_for_other_host: false,
                is_in_other_vlan: matches!(happens, Happens::Elsewhere),
                frame,
                payload,
            }))
        }
    }

    /// Asks every second, three times at most, until there is an answer; says goodbye when interrupted.
    #[derive(Default)]
    struct Asks {
        to_send: VecDeque<&'static str>,
        sent: Vec<(Duration, &'static str)>,
        last: Option<&'static str>,
        next: Duration,
        tries: u32,
        foreign: u32,
        unsent: u32,
        interrupts: u32,
        needs_link: bool,
        done: bool,
    }

    impl Machine for Asks {
        fn poll_transmit(&mut self, _: Duration) -> Option<Transmit> {
            self.last = self.to_send.pop_front();
            let payload = self.last?.into();
            Some(Transmit { link: 0, source: None, destination: (Ipv4Addr::BROADCAST, 67).into(), via: None, payload })
        }

        fn handle_sent(&mut self, at: Duration) {
            self.sent.push((at, self.last.unwrap()));
        }

        fn handle_unsent(&mut self, _: Duration, _: Error) {
            self.unsent += 1;
            self.done = true;
        }

        fn handle_failed(&mut self, _: usize, error: &Error) -> Result<()> {
            self.done = true;
            if self.needs_link { Err(error.clone()) } else { Ok(()) }
        }

        fn poll_timeout(&self) -> Option<Duration> {
            Some(self.next)
        }

        fn handle_timeout(&mut self, now: Duration) {
            self.tries += 1;
            self.next = now + SECOND;
            if self.tries > 3 {
                self.done = true;
            } else {
                self.to_send.push_back("question");
            }
        }

        fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
            self.foreign += u32::from(datagram.payload == b"foreign");
            self.done |= datagram.payload == b"answer";
        }

        fn handle_interrupt(&mut self, _: Duration) {
            self.interrupts += 1;
            self.to_send.push_back("goodbye");
            self.next = self.next.max(SECOND * 100);
        }

        fn is_done(&self) -> bool {
            self.to_send.is_empty() && (self.done || self.sent.iter().any(|(_, what)| *what == "goodbye"))
        }
    }

    fn driven(script: &mut Script) -> Asks {
        let mut machine = Asks::default();
        drive(script, &mut [&mut machine], &mut |_| {}).unwrap();
        machine
    }

    #[test]
    fn retransmission_follows_the_timer_and_ends_with_answer() {
        let machine = driven(&mut script([(SECOND * 3 / 2, Happens::Answer)]));
        assert_eq!(machine.sent, [(Duration::ZERO, "question"), (SECOND, "question")]);
    }

    #[test]
    fn foreign_packets_of_another_vlan_are_not_shown() {
        let mut script = script([(SECOND / 2, Happens::Elsewhere), (SECOND * 3 / 2, Happens::Answer)]);
        let mut seen = 0;
        let mut machine = Asks::default();
        drive(&mut script, &mut [&mut machine], &mut |_| seen += 1).unwrap();
        assert_eq!((script.now, seen), (SECOND * 3 / 2, 4), "two questions, two datagrams");
    }

    #[test]
    fn waiting_ends_in_time_however_much_others_say() {
        let flood = (0..100_000_u32).map(|number| (SECOND / 10_000 * number, Happens::Foreign));
        let mut script = script(flood);
        let machine = driven(&mut script);
        assert_eq!((script.now, machine.sent.len(), machine.foreign), (SECOND * 3, 3, 30_001));
    }

    #[test]
    fn an_interrupted_machine_still_sends_what_it_owes() {
        let machine = driven(&mut script([(SECOND / 2, Happens::Interrupt)]));
        assert_eq!(machine.sent, [(Duration::ZERO, "question"), (SECOND / 2, "goodbye")]);
    }

    #[test]
    fn a_machine_that_is_done_is_not_interrupted() {
        let mut script = script([(SECOND / 2, Happens::Interrupt)]);
        let (mut done, mut asking) = (Asks { done: true, ..Asks::default() }, Asks::default());
        drive(&mut script, &mut [&mut done, &mut asking], &mut |_| {}).unwrap();
        assert_eq!((done.interrupts, asking.interrupts), (0, 1));
    }

    #[test]
    fn failed_link_ends_the_run_only_if_a_machine_needs_it() {
        let failing = || script([(SECOND / 2, Happens::LinkFails)]);
        assert!(driven(&mut failing()).done);
        let mut machine = Asks { needs_link: true, ..Asks::default() };
        let error = drive(&mut failing(), &mut [&mut machine], &mut |_| {}).unwrap_err();
        assert_eq!(error.to_string(), "eth0: it is down");
    }

    #[test]
    fn a_second_interrupt_ends_a_machine_that_cannot_let_go() {
        let mut script = script([(SECOND / 2, Happens::Interrupt), (SECOND, Happens::Interrupt)]);
        drive(&mut script, &mut [&mut Never], &mut |_| {}).unwrap();
        assert_eq!(script.now, SECOND);
    }

    /// A machine that is never done.
    struct Never;

    impl Machine for Never {
        fn poll_transmit(&mut self, _: Duration) -> Option<Transmit> {
            None
        }

        fn handle_unsent(&mut self, _: Duration, _: Error) {}

        fn poll_timeout(&self) -> Option<Duration> {
            None
        }

        fn handle_timeout(&mut self, _: Duration) {}

        fn handle_datagram(&mut self, _: &Datagram<'_>) {}

        fn handle_interrupt(&mut self, _: Duration) {}

        fn is_done(&self) -> bool {
            false
        }
    }

    #[test]
    fn what_cannot_be_sent_is_reported_to_the_machine() {
        let mut script = script([]);
        script.refuses = true;
        let machine = driven(&mut script);
        assert_eq!((machine.unsent, machine.sent.len()), (1, 0));
    }

    #[test]
    fn every_machine_gets_its_own_time_and_hears_everything() {
        let mut script = script([(SECOND / 2, Happens::Foreign), (SECOND * 3 / 2, Happens::Answer)]);
        let (mut one, mut late) = (Asks::default(), Asks { next: SECOND, ..Asks::default() });
        let mut seen = 0;
        drive(&mut script, &mut [&mut one, &mut late], &mut |_| seen += 1).unwrap();
        assert_eq!((one.sent.len(), one.foreign), (2, 1));
        assert_eq!((late.sent, late.foreign), (vec![(SECOND, "question")], 1));
        assert_eq!(seen, 5, "three questions, two datagrams");
    }
}
