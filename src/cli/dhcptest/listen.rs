//! Listening: nothing is sent, whatever passes is shown.

use std::time::Duration;

use super::args::Args;
use super::screen::{Screen, Worth};
use super::tape::Tape;
use super::world::World;
use crate::dhcp::{v4, v6};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::lease::Family;
use crate::net::{Mode, Plan, drive};
use crate::packet::{Datagram, Transmit};
use crate::probe::Machine;

/// Shows packets of both families until the time is over or the user ends it.
pub(super) fn run(args: &Args, env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    let filter = Filter::new(args)?;
    let mut screen = Screen::new(args, Family::V4, env)?;
    let plans = [Plan::v4(), Plan::v6()].map(|plan| {
        let (interface, vlan) = (args.link.iface.clone(), args.link.vlan);
        Plan { interface, vlan, mode: Mode::Listen, ..plan }
    });
    let mut tape = Tape::open(args.output.pcap.as_deref())?;
    let mut transport = world.open(&plans)?;
    tape.begin(&plans[0], transport.as_ref(), world);
    screen.epoch = transport.epoch();
    let until = Some(args.wait.timeout).filter(|timeout| !timeout.is_zero());
    let until = until.map(|timeout| transport.now().saturating_add(timeout));
    screen.remark("Listening for DHCP and DHCPv6 packets.");
    let mut listener = Listener { screen: &mut screen, filter, until, is_over: false, heard: 0 };
    drive(transport.as_mut(), &mut [&mut listener], &mut |seen| tape.see(seen))?;
    let heard = listener.heard;
    tape.finish()?;
    screen.finish(&format!("\"success\": {}", heard > 0))?;
    Ok(if heard > 0 { Exit::Done } else { Exit::No })
}

/// Which packets are shown.
struct Filter {
    mac: Option<Vec<u8>>,
    types4: Vec<v4::MessageType>,
    types6: Vec<v6::MessageType>,
}

impl Filter {
    fn new(args: &Args) -> Result<Self> {
        let mut filter =
            Self { mac: args.task.only_mac.as_ref().map(|mac| mac.0.clone()), types4: Vec::new(), types6: Vec::new() };
        for text in &args.task.only_type {
            let (found4, found6) = (v4::MessageType::by_name(text), v6::MessageType::parse(text));
            if found4.is_none() && found6.is_none() {
                return Err(Error::new(format!("--only-type \"{text}\""), "there is no message of this type")
                    .hint("discover, offer, request, ack, nak, …, solicit, advertise, reply, …"));
            }
            filter.types4.extend(found4);
            filter.types6.extend(found6);
        }
        Ok(filter)
    }

    fn passes(&self, datagram: &Datagram<'_>) -> bool {
        let is_typed = self.types4.is_empty() && self.types6.is_empty();
        if datagram.source.is_ipv6() {
            let packet = v6::Packet::parse(datagram.payload);
            let kind = packet.innermost().kind();
            return (is_typed || kind.is_some_and(|kind| self.types6.contains(&kind)))
                && self.is_about(datagram, |mac| contains(packet.innermost().client().unwrap_or_default(), mac));
        }
        let packet = v4::Packet::parse(datagram.payload);
        (is_typed || packet.message_type().is_some_and(|kind| self.types4.contains(&kind)))
            && self.is_about(datagram, |mac| packet.hardware() == Some(mac))
    }

    fn is_about(&self, datagram: &Datagram<'_>, is_client: impl Fn(&[u8]) -> bool) -> bool {
        let Some(mac) = &self.mac else { return true };
        datagram.mac.is_some_and(|sender| sender.0[..] == mac[..]) || is_client(mac)
    }
}

/// Whether an identifier ends with a hardware address, as DUIDs of the kinds LLT and LL do.
fn contains(duid: &[u8], mac: &[u8]) -> bool {
    duid.ends_with(mac)
}

struct Listener<'a, 'w> {
    screen: &'a mut Screen<'w>,
    filter: Filter,
    until: Option<Duration>,
    is_over: bool,
    heard: u64,
}

impl Machine for Listener<'_, '_> {
    fn poll_transmit(&mut self, _now: Duration) -> Option<Transmit> {
        None
    }

    fn handle_unsent(&mut self, _now: Duration, _error: Error) {}

    fn poll_timeout(&self) -> Option<Duration> {
        self.until
    }

    fn handle_timeout(&mut self, _now: Duration) {
        self.is_over = true;
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        if self.filter.passes(datagram) {
            self.heard += 1;
            self.screen.received(datagram, Worth::Passing, None);
        }
    }

    fn handle_interrupt(&mut self, _now: Duration) {
        self.is_over = true;
    }

    fn is_done(&self) -> bool {
        self.is_over || self.screen.has_failed()
    }
}
