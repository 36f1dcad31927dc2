//! One link for many packets: they are sent and received in batches, with large buffers, and what the kernel had no room for
//! is counted.

use std::io;
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::thread::set_current_timer_slack;
use rustix::time::{ClockId, clock_gettime};

use super::clock::Clock;
use super::iface::{self, Interface};
use super::link::Link;
use super::sys::{self, Bundle, Outgoing};
use super::{privilege, udp};
use crate::error::{Error, Result};
use crate::probe::Machine;
use crate::wire::{LinkMode, LinkSpec, Transmit};

/// How many datagrams one call sends: their times of sending are known no better than the call takes.
const SENT_AT_ONCE: usize = 16;
/// How many datagrams one call receives.
const RECEIVED_AT_ONCE: usize = 64;
/// The receive buffer: ten seconds of 4,000 datagrams each.
const RECEIVE_BUFFER: usize = 16 << 20;
/// The send buffer.
const SEND_BUFFER: usize = 4 << 20;
/// The shortest time from one wait to the next: what comes or is due in it makes one batch.
///
/// Each wait costs the processor more than a packet. Times of arrival are the kernel's, and do not depend on it; what is sent upon
/// an answer leaves so much later.
const PACE: Duration = Duration::from_micros(250);
/// While packets come and go without a pause, interrupts are looked for so often.
const LOOK: Duration = Duration::from_millis(10);
/// Only the address of a datagram that did not arrive is looked at.
const LONGEST_UNSENT: usize = 64;

/// A link for many packets, and its clock.
pub struct Batch {
    link: Link,
    clock: Clock,
    bundle: Bundle,
    interrupts: Option<OwnedFd>,
    /// How long the process had run when the link was opened.
    cpu: Duration,
    looked: Duration,
    pace: Duration,
    /// When the last wait ended.
    woken: Duration,
    /// Where what ICMP says of a datagram is read.
    unsent: Vec<u8>,
}

/// How a wait ended.
enum Wait {
    Over,
    Interrupted,
    /// The socket has an error: what ICMP says of datagrams, or of its interface.
    Error,
}

/// Opens a link for many packets, then drops all privileges.
///
/// From `interrupts` one byte can be read for each interrupt by the user.
///
/// # Errors
/// One line about what prevents it and what would help.
pub fn open_batch(plan: &LinkSpec, interrupts: Option<OwnedFd>) -> Result<Batch> {
    let link = Link::open_single(plan, &iface::list()?)?;
    if link.shares_its_port() {
        return Err(Error::new(format!("listening at UDP port {}", plan.port), "another program has the port too")
            .hint(format!("answers would go to that one; see which: ss -ulpn 'sport = :{}'", plan.port)));
    }
    prepare(&link, plan).map_err(|cause| Error::io("preparing the socket", &cause))?;
    privilege::give_up()?;
    // A wait may end up to 50 us late unless said otherwise; where that is refused, times are only less even.
    let _ = set_current_timer_slack(NonZeroU64::new(1));
    let (clock, bundle, unsent) = (Clock::new(), Bundle::new(RECEIVED_AT_ONCE), Vec::with_capacity(LONGEST_UNSENT));
    let (looked, woken) = (Duration::ZERO, Duration::ZERO);
    Ok(Batch { link, clock, bundle, interrupts, cpu: cpu_time(), looked, pace: PACE, woken, unsent })
}

fn prepare(link: &Link, plan: &LinkSpec) -> io::Result<()> {
    let socket = link.single().map_err(|error| io::Error::other(error.to_string()))?;
    sys::set_buffer(socket, libc::SO_RCVBUFFORCE, libc::SO_RCVBUF, RECEIVE_BUFFER)?;
    sys::set_buffer(socket, libc::SO_SNDBUFFORCE, libc::SO_SNDBUF, SEND_BUFFER)?;
    if plan.mode == LinkMode::Raw {
        sys::set_option(socket, libc::SOL_PACKET, libc::PACKET_QDISC_BYPASS, 1)?;
    }
    Ok(())
}

/// The interface by which packets to a server leave.
///
/// # Errors
/// No route leads there.
pub fn interface_towards(server: IpAddr) -> Result<Interface> {
    let source = udp::source_towards(server)?;
    let interfaces = iface::list()?;
    let has = |interface: &&Interface| interface.addresses.iter().any(|address| address.ip == source);
    let loopback = interfaces.iter().find(|interface| interface.loopback).filter(|_| source == server);
    loopback.or_else(|| interfaces.iter().find(has)).cloned().ok_or_else(|| udp::no_route(server))
}

impl Batch {
    /// The same for a server, which answers each packet as soon as it comes.
    #[must_use]
    pub fn at_once(self) -> Self {
        Self { pace: Duration::ZERO, ..self }
    }

    /// How many datagrams the socket has had no room for.
    #[must_use]
    pub fn drops(&self) -> u64 {
        self.link.single().ok().and_then(|socket| sys::drops(socket).ok()).map_or(0, u64::from)
    }

    /// How many octets of datagrams the kernel keeps until they are read.
    #[must_use]
    pub fn receive_buffer(&self) -> usize {
        // The kernel counts its own structures in, and says twice what was wanted.
        self.link.single().ok().and_then(|socket| socket.recv_buffer_size().ok()).unwrap_or(0) / 2
    }

    /// The processor time of the process since the link was opened, as a share of one processor.
    #[must_use]
    pub fn cpu(&self) -> f64 {
        let passed = self.clock.now().as_secs_f64();
        if passed > 0.0 { cpu_time().saturating_sub(self.cpu).as_secs_f64() / passed } else { 0.0 }
    }

    /// Unix time at the beginning of the scale of times.
    #[must_use]
    pub fn epoch(&self) -> Duration {
        self.clock.epoch()
    }

    /// Sends and receives packets for `machine` until it is done.
    ///
    /// # Errors
    /// The link fails in a way the machine cannot do without.
    pub fn drive(&mut self, machine: &mut dyn Machine) -> Result<()> {
        while !machine.is_done() {
            let has_received_all = self.receive(machine)?;
            let now = self.clock.now();
            if machine.poll_timeout().is_some_and(|moment| moment <= now) {
                machine.handle_timeout(now);
            }
            let has_sent_all = self.send(machine);
            let is_idle = has_received_all && has_sent_all;
            if machine.is_done() || !(is_idle || self.clock.now().saturating_sub(self.looked) > LOOK) {
                continue;
            }
            match self.wait(is_idle.then(|| machine.poll_timeout()))? {
                Wait::Interrupted => machine.handle_interrupt(self.clock.now()),
                Wait::Error => self.take_errors(machine)?,
                Wait::Over => {}
            }
        }
        Ok(())
    }

    /// Passes on what there is, up to one batch of it; whether that was all.
    fn receive(&mut self, machine: &mut dyn Machine) -> Result<bool> {
        let count = match sys::receive_many(self.link.single()?, &mut self.bundle) {
            Ok(count) => count,
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => return Ok(true),
            Err(cause) => {
                self.failed(&cause, machine)?;
                return Ok(true);
            }
        };
        for at in 0..count {
            let Some((message, octets)) = self.bundle.get(at) else { break };
            let arrival = self.link.arrived(message, octets);
            if let Some(arrival) = arrival {
                machine.handle_datagram(&arrival.datagram(0, self.clock.moment(arrival.received), octets));
            }
        }
        Ok(count < RECEIVED_AT_ONCE)
    }

    /// The socket has an error instead of datagrams.
    fn failed(&mut self, cause: &io::Error, machine: &mut dyn Machine) -> Result<()> {
        if matches!(cause.raw_os_error(), Some(libc::ENETDOWN | libc::ENXIO | libc::ENODEV)) {
            let name = &self.link.interface().name;
            machine.handle_failed(0, &Error::new(format!("interface \"{name}\""), "it is down or gone"))?;
        }
        self.take_unsent(machine)
    }

    /// Takes what the socket reports: as long as it is there, no wait lasts.
    fn take_errors(&mut self, machine: &mut dyn Machine) -> Result<()> {
        match self.link.single()?.take_error().map_err(|cause| Error::io("looking at the socket", &cause))? {
            Some(cause) => self.failed(&cause, machine),
            None => self.take_unsent(machine),
        }
    }

    /// Passes on what ICMP says of datagrams that were sent.
    fn take_unsent(&mut self, machine: &mut dyn Machine) -> Result<()> {
        while let Ok(message) = sys::receive_unsent(self.link.single()?, &mut self.unsent) {
            if let Some(unreachable) = self.link.unsent(0, &message) {
                machine.handle_unreachable(&unreachable);
            }
        }
        Ok(())
    }

    /// Sends what is due, up to one batch of it; whether that was all.
    fn send(&mut self, machine: &mut dyn Machine) -> bool {
        let mut batch: Vec<(Outgoing, Destination)> = Vec::with_capacity(SENT_AT_ONCE);
        while batch.len() < SENT_AT_ONCE {
            let Some(transmit) = machine.poll_transmit(self.clock.now()) else { break };
            let to = Destination::from_transmit(&transmit);
            match self.link.outgoing(transmit) {
                Ok(outgoing) => batch.push((outgoing, to)),
                Err(error) => {
                    // The machine hears of its datagrams in their order.
                    self.send_batch(&mut batch, machine);
                    machine.handle_unsent(self.clock.now(), error);
                    return false;
                }
            }
        }
        let is_all = batch.len() < SENT_AT_ONCE;
        self.send_batch(&mut batch, machine);
        is_all
    }

    fn send_batch(&self, batch: &mut Vec<(Outgoing, Destination)>, machine: &mut dyn Machine) {
        let (messages, destinations): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        let mut rest = &messages[..];
        let mut is_again = false;
        while !rest.is_empty() {
            let at = self.clock.now();
            let sent = self.link.single().map_err(|_| io::ErrorKind::NotConnected.into());
            match sent.and_then(|socket| sys::send_many(socket, rest)) {
                Ok(count) => {
                    (0..count).for_each(|_| machine.handle_sent(at));
                    rest = &rest[count..];
                    is_again = false;
                }
                Err(cause) if matches!(cause.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                    self.wait_for_room();
                }
                // It may be what ICMP says of an earlier datagram: the kernel reports that once, in place of sending.
                Err(_) if !is_again => is_again = true,
                Err(cause) => {
                    is_again = false;
                    let to = destinations[messages.len() - rest.len()];
                    machine.handle_unsent(self.clock.now(), self.not_sent(&cause, to));
                    rest = &rest[1..];
                }
            }
        }
    }

    fn not_sent(&self, cause: &io::Error, to: Destination) -> Error {
        if self.link.has_frames() {
            self.link.not_sent(cause, to.address, to.octets)
        } else {
            udp::not_sent(cause, to.address, to.source, to.octets)
        }
    }

    /// Waits until the socket takes more, but not for long.
    fn wait_for_room(&self) {
        let Ok(socket) = self.link.single() else { return };
        let limit = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
        // What fails here fails in the next call to send.
        let _ = poll(&mut [PollFd::new(socket, PollFlags::OUT)], Some(&limit));
    }

    /// Waits until something can be read or the moment has come; without a moment at all it only looks.
    #[expect(clippy::option_option, reason = "no moment, or one that may be never")]
    fn wait(&mut self, until: Option<Option<Duration>>) -> Result<Wait> {
        if until.is_some() {
            std::thread::sleep((self.woken + self.pace).saturating_sub(self.clock.now()));
        }
        let now = self.clock.now();
        self.looked = now;
        let left = match until {
            None => Some(Duration::ZERO),
            Some(until) => until.map(|until| until.saturating_sub(now)),
        };
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        let mut wanted = vec![PollFd::from_borrowed_fd(self.link.single()?.as_fd(), PollFlags::IN)];
        wanted.extend(self.interrupts.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        match poll(&mut wanted, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(cause) => return Err(Error::io("waiting for packets", &cause.into())),
        }
        self.woken = self.clock.now();
        let has_error = wanted.first().is_some_and(|fd| fd.revents().intersects(PollFlags::ERR | PollFlags::HUP));
        let has_interrupt = wanted.get(1).is_some_and(|fd| !fd.revents().is_empty());
        Ok(match () {
            () if has_interrupt && self.takes_interrupt() => Wait::Interrupted,
            () if has_error => Wait::Error,
            () => Wait::Over,
        })
    }

    /// One byte is one interrupt; after the end of file there are no more.
    fn takes_interrupt(&mut self) -> bool {
        let Some(fd) = &self.interrupts else { return false };
        match rustix::io::read(fd.as_fd(), &mut [0_u8][..]) {
            Ok(0) => {
                self.interrupts = None;
                false
            }
            Ok(_) => true,
            Err(_) => false,
        }
    }
}

/// Where a datagram goes, for the error about it.
#[derive(Clone, Copy)]
struct Destination {
    address: IpAddr,
    source: Option<IpAddr>,
    octets: usize,
}

impl Destination {
    fn from_transmit(transmit: &Transmit) -> Self {
        Self { address: transmit.destination.ip(), source: transmit.source, octets: transmit.payload.len() }
    }
}

/// The processor time of this process.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
