//! All links of a run: the real transport.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::clock::Clock;
use super::iface::{self, Interface};
use super::link::{Arrival, Incoming, Link, SocketKind};
use super::{Event, Transport, privilege};
use crate::error::{Error, Result};
use crate::wire::{LinkSpec, Transmit, Unreachable};

/// The longest possible frame: a datagram of 64 KiB and its headers.
const BUFFER: usize = 65_536 + 64;

/// All links of a run: the real transport.
pub struct Links {
    /// One that cannot be opened says why whenever something is to be sent by it.
    all: Vec<Result<Link>>,
    interrupts: Option<OwnedFd>,
    clock: Clock,
    /// Every datagram is received here; a flood of them takes no more memory than one.
    buffer: Vec<u8>,
    /// What has been read though it came too late for the wait of then.
    held: Option<(usize, Duration, Arrival)>,
    /// The links whose interfaces have failed while nothing was heard.
    failed: BTreeSet<usize>,
    /// The socket that is read next, so that a flood at one does not block another.
    turn: usize,
}

enum Wait {
    Arrival(usize, Duration, Arrival),
    Unreachable(Unreachable),
    Failed(usize, Error),
    Interrupted,
    Timeout,
}

/// Opens a link for each of `plans`, then drops all privileges; anything else that needs them, such as an output file,
/// must be opened before.
///
/// From `interrupts` one byte can be read for each interrupt by the user.
///
/// # Errors
/// One line about what prevents it and what would help: privileges, the interface, its addresses, the port, the
/// route.
pub fn open(plans: &[LinkSpec], interrupts: Option<OwnedFd>) -> Result<Links> {
    open_on(&iface::list()?, plans, interrupts)
}

/// The same where the host's interfaces are known already.
pub fn open_on(interfaces: &[Interface], plans: &[LinkSpec], interrupts: Option<OwnedFd>) -> Result<Links> {
    let all = plans.iter().map(|plan| Link::open(plan, interfaces)).collect::<Result<Vec<_>>>()?;
    opened(all.into_iter().map(Ok).collect(), interrupts)
}

/// The same where some of the links will do: what is sent by one that cannot be opened fails with the reason.
///
/// # Errors
/// There is none that can be opened.
pub fn open_any(interfaces: &[Interface], plans: &[LinkSpec], interrupts: Option<OwnedFd>) -> Result<Links> {
    let all: Vec<_> = plans.iter().map(|plan| Link::open(plan, interfaces)).collect();
    match all.iter().find_map(|link| link.as_ref().err()) {
        Some(error) if all.iter().all(Result::is_err) => Err(error.clone()),
        _ => opened(all, interrupts),
    }
}

fn opened(all: Vec<Result<Link>>, interrupts: Option<OwnedFd>) -> Result<Links> {
    privilege::give_up()?;
    let failed = BTreeSet::new();
    Ok(Links { all, interrupts, clock: Clock::new(), buffer: Vec::with_capacity(BUFFER), held: None, failed, turn: 0 })
}

impl Links {
    fn wait(&mut self, until: Option<Duration>) -> Result<Wait> {
        loop {
            if let Some((link, at, arrival)) = self.held.take() {
                return Ok(self.in_time(until, link, at, arrival));
            }
            let (interrupted, ready) = self.poll(until)?;
            if interrupted && self.take_interrupt() {
                return Ok(Wait::Interrupted);
            }
            match ready {
                Some((link, kind)) => match self.read(link, kind) {
                    Ok(Some(Incoming::Datagram(arrival))) => {
                        self.held = Some((link, self.clock.moment(arrival.received), arrival));
                    }
                    Ok(Some(Incoming::Unreachable(unreachable))) => return Ok(Wait::Unreachable(unreachable)),
                    Ok(None) => {}
                    Err(error) => return Ok(Wait::Failed(link, error)),
                },
                None if until.is_some_and(|until| self.clock.now() >= until) => return Ok(self.timed_out()),
                None => {}
            }
        }
    }

    /// Nothing came. A socket that is not bound to an interface does not hear that it is gone, and none that the cable is cut.
    fn timed_out(&mut self) -> Wait {
        let open = self.all.iter().enumerate().filter_map(|(at, link)| Some((at, link.as_ref().ok()?)));
        let mut working = open.filter(|(at, _)| !self.failed.contains(at));
        let Some((at, error)) = working.find_map(|(at, link)| Some((at, link.failure()?))) else {
            return Wait::Timeout;
        };
        self.failed.insert(at);
        Wait::Failed(at, error)
    }

    fn in_time(&mut self, until: Option<Duration>, link: usize, at: Duration, arrival: Arrival) -> Wait {
        if until.is_some_and(|until| at > until) {
            self.held = Some((link, at, arrival));
            return Wait::Timeout;
        }
        Wait::Arrival(link, at, arrival)
    }

    fn read(&mut self, link: usize, kind: SocketKind) -> Result<Option<Incoming>> {
        let Some(Ok(open)) = self.all.get_mut(link) else { return Ok(None) };
        open.receive(link, kind, &mut self.buffer)
    }

    /// Waits until something can be read; returns whether there is an interrupt, and the socket to read.
    fn poll(&mut self, until: Option<Duration>) -> Result<(bool, Option<(usize, SocketKind)>)> {
        let timeout = until.map(|until| until.saturating_sub(self.clock.now()));
        let timeout = timeout.and_then(|left| Timespec::try_from(left).ok());
        let links = || self.all.iter().enumerate().filter_map(|(at, link)| Some((at, link.as_ref().ok()?)));
        let sockets = || links().flat_map(|(at, link)| link.sockets().map(move |(kind, fd)| (at, kind, fd)));
        let mut wanted: Vec<_> = sockets().map(|(_, _, fd)| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        wanted.extend(self.interrupts.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        match poll(&mut wanted, timeout.as_ref()) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok((false, None)),
            Err(cause) => return Err(Error::io("waiting for packets", &cause.into())),
        }
        let is_ready = |at: usize| !wanted[at].revents().is_empty();
        let count = wanted.len() - usize::from(self.interrupts.is_some());
        let turn = (0..count).map(|step| (self.turn + step) % count).find(|at| is_ready(*at));
        let ready = turn.and_then(|turn| sockets().nth(turn)).map(|(link, kind, _)| (link, kind));
        let interrupted = self.interrupts.is_some() && is_ready(count);
        self.turn = turn.map_or(self.turn, |turn| turn + 1);
        Ok((interrupted, ready))
    }

    /// One byte is one interrupt; after the end of file there are no more.
    fn take_interrupt(&mut self) -> bool {
        let Some(fd) = &self.interrupts else { return false };
        match rustix::io::read(fd.as_fd(), &mut [0_u8][..]) {
            Ok(0) => {
                self.interrupts = None;
                false
            }
            Ok(_) => true,
            Err(cause) => io::Error::from(cause).kind() != io::ErrorKind::WouldBlock,
        }
    }
}

impl Transport for Links {
    fn interface(&self, link: usize) -> Option<&Interface> {
        self.all.get(link)?.as_ref().ok().map(Link::interface)
    }

    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn epoch(&self) -> Duration {
        self.clock.epoch()
    }

    fn send(&mut self, transmit: &Transmit) -> Result<Duration> {
        let link = self.all.get(transmit.link).ok_or_else(|| Error::new("sending", "there is no such link"))?;
        let link = link.as_ref().map_err(Error::clone)?;
        // The packet is on the wire long before the call returns: on a virtual link its recipient runs within the call.
        let at = self.clock.now();
        link.send(transmit)?;
        Ok(at)
    }

    fn receive(&mut self, until: Option<Duration>) -> Result<Event<'_>> {
        Ok(match self.wait(until)? {
            Wait::Arrival(link, at, arrival) => Event::Datagram(arrival.datagram(link, at, &self.buffer)),
            Wait::Unreachable(unreachable) => Event::Unreachable(unreachable),
            Wait::Failed(link, error) => Event::Failed { link, error },
            Wait::Interrupted => Event::Interrupted,
            Wait::Timeout => Event::Timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::wire::LinkMode;

    /// One link of this host alone, at a port of the kernel's choice.
    fn links(interrupts: Option<OwnedFd>) -> Links {
        let lo = iface::by_name("lo").unwrap();
        let (interface, source) = (Some("lo".to_owned()), Some(Ipv4Addr::LOCALHOST.into()));
        let spec = LinkSpec { interface, source, port: 0, mode: LinkMode::Udp, is_relay: true, ..LinkSpec::v4() };
        let all = vec![Link::open(&spec, &[lo])];
        Links {
            all,
            interrupts,
            clock: Clock::new(),
            buffer: Vec::with_capacity(BUFFER),
            held: None,
            failed: BTreeSet::new(),
            turn: 0,
        }
    }

    fn transmit(destination: SocketAddr) -> Transmit {
        Transmit { link: 0, source: None, destination, via: None, payload: b"question".to_vec() }
    }

    fn soon(links: &Links) -> Duration {
        links.now() + Duration::from_secs(60)
    }

    /// Sends to a socket of the test's; gives that, and where the link sent from.
    fn peer(links: &mut Links) -> (UdpSocket, SocketAddr) {
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        links.send(&transmit(peer.local_addr().unwrap())).unwrap();
        let from = peer.recv_from(&mut [0; 64]).unwrap().1;
        (peer, from)
    }

    #[test]
    fn a_datagram_that_came_is_received() {
        let mut links = links(None);
        let (peer, link) = peer(&mut links);
        peer.send_to(b"answer", link).unwrap();
        let until = soon(&links);
        let Event::Datagram(datagram) = links.receive(Some(until)).unwrap() else { panic!("no datagram") };
        assert_eq!((datagram.payload, datagram.source), (&b"answer"[..], peer.local_addr().unwrap()));
        assert_eq!(datagram.destination.map(|destination| destination.ip()), Some(link.ip()));
    }

    #[test]
    fn a_wait_ends_at_its_time() {
        let mut links = links(None);
        let now = links.now();
        assert!(matches!(links.receive(Some(now)), Ok(Event::Timeout)));
    }

    #[test]
    fn a_datagram_that_came_too_late_is_kept_for_the_next_wait() {
        let mut links = links(None);
        let (peer, link) = peer(&mut links);
        let past = links.now();
        peer.send_to(b"answer", link).unwrap();
        assert!(matches!(links.receive(Some(past)), Ok(Event::Timeout)));
        let until = soon(&links);
        assert!(matches!(links.receive(Some(until)), Ok(Event::Datagram(datagram)) if datagram.payload == b"answer"));
    }

    #[test]
    fn each_octet_is_an_interrupt_and_its_end_none() {
        let (mut user, interrupts) = UnixStream::pair().unwrap();
        let mut links = links(Some(interrupts.into()));
        user.write_all(b"xx").unwrap();
        drop(user);
        let until = soon(&links);
        for _ in 0..2 {
            assert!(matches!(links.receive(Some(until)), Ok(Event::Interrupted)));
        }
        let now = links.now();
        assert!(matches!(links.receive(Some(now)), Ok(Event::Timeout)));
    }

    #[test]
    fn a_port_where_nothing_listens_is_an_event() {
        let mut links = links(None);
        let (peer, _) = peer(&mut links);
        let closed = peer.local_addr().unwrap();
        drop(peer);
        links.send(&transmit(closed)).unwrap();
        let until = soon(&links);
        let Event::Unreachable(unreachable) = links.receive(Some(until)).unwrap() else { panic!("nothing is said") };
        assert_eq!((unreachable.destination, unreachable.what), (closed, "port unreachable"));
        let now = links.now();
        assert!(matches!(links.receive(Some(now)), Ok(Event::Timeout)), "it is said once");
    }

    #[test]
    fn a_link_that_is_not_there_says_why_when_it_is_needed() {
        let mut links = links(None);
        links.all.push(Err(Error::new("interface \"eth7\"", "there is no such interface")));
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let error = links.send(&Transmit { link: 1, ..transmit(to) }).unwrap_err().to_string();
        assert_eq!(error, "interface \"eth7\": there is no such interface");
        assert!(links.send(&Transmit { link: 2, ..transmit(to) }).is_err());
    }
}
