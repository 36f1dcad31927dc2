//! One link: an interface with a UDP socket, a packet socket or both.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use socket2::Socket;

use super::choice::{self, Need};
use super::iface::Interface;
use super::packet::{self, Packet};
use super::sys::{self, Message, Outgoing, SendFailure};
use super::udp::Udp;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::wire::frame::{self, Envelope};
use crate::wire::{Checksum, Datagram, LinkMode, LinkSpec, Mac, Transmit, Unreachable};

/// The maximum number of neighbours' hardware addresses that are kept.
const NEIGHBOURS: usize = 64;

/// One link of a run.
pub struct Link {
    plan: LinkSpec,
    interface: Interface,
    packet: Option<Packet>,
    /// Where there is a packet socket it may be missing, and then says why when it is needed.
    udp: Result<Udp>,
    /// The hardware addresses of senders.
    neighbours: Vec<(IpAddr, Mac)>,
}

/// The metadata of a received datagram.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) received: Option<Duration>,
    pub(super) source: SocketAddr,
    pub(super) destination: Option<SocketAddr>,
    pub(super) mac: Option<Mac>,
    pub(super) vlan: Option<u16>,
    pub(super) interface: u32,
    pub(super) checksum: Checksum,
    pub(super) in_fragments: bool,
    pub(super) is_for_other_host: bool,
    pub(super) is_in_other_vlan: bool,
    /// How long the frame is, where there is one.
    pub(super) frame: Option<usize>,
    /// Where the payload is in the buffer.
    pub(super) payload: std::ops::Range<usize>,
}

impl Arrival {
    /// The datagram that came by this link at this moment, and is in this buffer.
    pub(super) fn datagram<'a>(&self, link: usize, at: Duration, buffer: &'a [u8]) -> Datagram<'a> {
        Datagram {
            link,
            at,
            source: self.source,
            destination: self.destination,
            mac: self.mac,
            vlan: self.vlan,
            interface: self.interface,
            checksum: self.checksum,
            in_fragments: self.in_fragments,
            is_for_other_host: self.is_for_other_host,
            is_in_other_vlan: self.is_in_other_vlan,
            frame: self.frame.map(|length| &buffer[..length]),
            payload: &buffer[self.payload.clone()],
        }
    }
}

/// What a socket has for us.
#[derive(Debug)]
pub(super) enum Incoming {
    Datagram(Arrival),
    Unreachable(Unreachable),
}

/// The sockets of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SocketKind {
    Packet,
    Udp,
}

impl Link {
    /// The link that `plan` describes, or one line about why it cannot be had.
    pub(super) fn open(plan: &LinkSpec, interfaces: &[Interface]) -> Result<Self> {
        let interface = choice::interface(plan, interfaces)?;
        choice::check(plan, &interface)?;
        let packet = match choice::frames(plan, &interface) {
            Need::Not => None,
            Need::Must => Some(Packet::open(plan, &interface)?),
            Need::Better => Packet::open(plan, &interface).ok(),
        };
        let device = choice::is_bound_to_interface(plan).then_some(&interface);
        let udp = match plan.mode {
            LinkMode::Listen => Err(Error::new("sending", "a link that listens does not send")),
            _ if plan.vlan.is_some() => Err(Error::new("sending", "the kernel's UDP has no part in a virtual network")),
            _ => Udp::open(plan, device),
        };
        let packet = packet.or_else(|| Self::frames_instead(plan, &interface, udp.as_ref().ok()?));
        match (packet, udp) {
            (None, Err(error)) => Err(error),
            (packet, udp) => Ok(Self { plan: plan.clone(), interface, packet, udp, neighbours: Vec::new() }),
        }
    }

    /// Frames to hear by where other sockets have the port of `udp`, which then takes nothing away from them.
    fn frames_instead(plan: &LinkSpec, interface: &Interface, udp: &Udp) -> Option<Packet> {
        let wants_frames = udp.is_shared && plan.mode == LinkMode::Auto && interface.is_ethernet();
        let of_family = |ip: &IpAddr| ip.is_ipv4() == (plan.family == Family::V4);
        let mut addresses = interface.addresses.iter().map(|address| address.ip);
        let own = plan.source.or_else(|| addresses.find(of_family)).filter(|_| wants_frames)?;
        let packet = Packet::open(plan, interface).ok()?;
        udp.leave_to_others(own).ok().map(|()| packet)
    }

    /// A link with one socket, for many packets at once: with a packet socket where `plan` wants raw frames, else UDP.
    pub(super) fn open_single(plan: &LinkSpec, interfaces: &[Interface]) -> Result<Self> {
        let interface = choice::interface(plan, interfaces)?;
        choice::check(plan, &interface)?;
        let (packet, udp) = match plan.mode {
            LinkMode::Raw => {
                let no_udp = Error::new("sending", "only frames are sent by this link");
                (Some(Packet::open(plan, &interface)?), Err(no_udp))
            }
            _ => (None, Ok(Udp::open(plan, choice::is_bound_to_interface(plan).then_some(&interface))?)),
        };
        Ok(Self { plan: plan.clone(), interface, packet, udp, neighbours: Vec::new() })
    }

    /// The one socket of a link that was opened so.
    pub(super) fn single(&self) -> Result<&Socket> {
        match &self.packet {
            Some(packet) => Ok(&packet.0),
            None => self.udp().map(|udp| &udp.socket),
        }
    }

    /// Whether other sockets of this host have the port too: the kernel gives a datagram to one of them alone.
    pub(super) fn shares_its_port(&self) -> bool {
        self.udp.as_ref().is_ok_and(|udp| udp.is_shared)
    }

    /// A datagram as that socket sends it.
    pub(super) fn outgoing(&self, transmit: Transmit) -> Result<Outgoing> {
        match &self.packet {
            Some(_) => Ok(Outgoing { octets: self.frame_of(&transmit)?, to: None, control: Vec::new() }),
            None => Ok(self.udp()?.outgoing(transmit)),
        }
    }

    /// What one of the messages of that socket brings.
    pub(super) fn arrived(&mut self, message: &Message, octets: &[u8]) -> Option<Arrival> {
        if self.packet.is_some() {
            self.frame_arrived(message, octets)
        } else {
            self.datagram_arrived(message, octets.len())
        }
    }

    /// The interface, as it was when the link was opened.
    #[must_use]
    pub fn interface(&self) -> &Interface {
        &self.interface
    }

    /// Whether broadcasts are sent as raw frames, and answers are received before any filter of this host.
    #[must_use]
    pub fn has_frames(&self) -> bool {
        self.packet.is_some()
    }

    /// Its sockets, with what they are.
    pub(super) fn sockets(&self) -> impl Iterator<Item = (SocketKind, BorrowedFd<'_>)> {
        let packet = self.packet.iter().map(|packet| (SocketKind::Packet, packet.0.as_fd()));
        packet.chain(self.udp.iter().map(|udp| (SocketKind::Udp, udp.socket.as_fd())))
    }

    /// Sends a datagram: by the kernel's routes if possible, else in a frame.
    pub(super) fn send(&self, transmit: &Transmit) -> Result<()> {
        match &self.packet {
            _ if self.plan.mode == LinkMode::Listen => self.udp().map(drop),
            Some(packet) if self.needs_a_frame(transmit) => {
                self.send_frame(packet, transmit)?;
                self.send_around(transmit);
                Ok(())
            }
            _ => self.udp()?.send(transmit),
        }
    }

    /// A server of this host that does not read frames, such as dnsmasq, does not hear ours: the kernel brings it a
    /// copy, by the way around the interface. Where there is none, nothing comes of it.
    fn send_around(&self, transmit: &Transmit) {
        let destination = transmit.destination;
        let own = transmit.source.filter(|ip| self.has(*ip)).or_else(|| self.interface.ipv4().next().map(IpAddr::V4));
        let to = match destination.ip() {
            IpAddr::V4(ip) if ip.is_broadcast() => own,
            ip @ IpAddr::V4(_) => Some(ip).filter(|ip| self.has(*ip)),
            IpAddr::V6(_) => None,
        };
        if let (LinkMode::Auto, None, Some(to), Ok(udp)) = (self.plan.mode, self.plan.ethernet_source, to, &self.udp) {
            let source = transmit.source.filter(|ip| self.has(*ip));
            let around = Transmit { source, destination: (to, destination.port()).into(), ..transmit.clone() };
            let _ = udp.send(&around);
        }
    }

    fn has(&self, ip: IpAddr) -> bool {
        self.interface.addresses.iter().any(|address| address.ip == ip)
    }

    fn udp(&self) -> Result<&Udp> {
        self.udp.as_ref().map_err(Error::clone)
    }

    fn needs_a_frame(&self, transmit: &Transmit) -> bool {
        let to_all = Mac::of_group(transmit.destination.ip()).is_some();
        let kernel_could = transmit.source.map_or(self.has_address_for(transmit.destination.ip()), |ip| self.has(ip));
        let special = self.plan.vlan.is_some() || self.plan.ethernet_source.is_some();
        // The kernel would take it around the interface, where a server of this host that reads frames is deaf.
        let to_self = self.has(transmit.destination.ip());
        to_all || special || to_self || !kernel_could
    }

    fn has_address_for(&self, destination: IpAddr) -> bool {
        self.interface.addresses.iter().any(|address| address.ip.is_ipv4() == destination.is_ipv4())
    }

    /// The frame with a datagram in it.
    fn frame_of(&self, transmit: &Transmit) -> Result<Vec<u8>> {
        let destination = transmit.destination.ip();
        let source = transmit.source.unwrap_or_else(|| self.source_for(destination));
        let known = self.neighbours.iter().find(|(ip, _)| *ip == destination).map(|(_, mac)| *mac);
        let envelope = Envelope {
            from: self.plan.ethernet_source.or(self.interface.mac).unwrap_or_default(),
            to: Mac::of_group(destination).or(known).or(transmit.via).unwrap_or(Mac::BROADCAST),
            vlan: self.plan.vlan,
            source: SocketAddr::new(source, self.plan.port),
            destination: transmit.destination,
        };
        frame::build(&envelope, &transmit.payload).ok_or_else(|| {
            let octets = transmit.payload.len();
            Error::new(format!("sending to {destination}"), format!("{octets} octets from {source} fit in no datagram"))
        })
    }

    fn send_frame(&self, packet: &Packet, transmit: &Transmit) -> Result<()> {
        let frame = self.frame_of(transmit)?;
        packet.send(&frame).map_err(|cause| self.not_sent(&cause, transmit.destination.ip(), transmit.payload.len()))
    }

    /// Why a frame with so many octets of payload could not be sent.
    pub(super) fn not_sent(&self, cause: &io::Error, destination: IpAddr, octets: usize) -> Error {
        let attempted = format!("sending to {destination}");
        match cause.raw_os_error() {
            Some(libc::ENETDOWN | libc::ENXIO | libc::ENODEV) => self.is_lost(),
            // Also what a virtual link says that has been cut.
            Some(libc::ENOBUFS) if self.failure().is_some() => self.is_lost(),
            Some(libc::EMSGSIZE) => Error::new(attempted, format!("{octets} octets are too many for one frame")),
            _ => Error::io(attempted, cause),
        }
    }

    /// What has become of the interface, if it does not work any more.
    pub(super) fn failure(&self) -> Option<Error> {
        choice::what_failed(&self.interface.name)
    }

    /// Why the sockets of an interface do not work any more.
    fn is_lost(&self) -> Error {
        self.failure().unwrap_or_else(|| choice::is_down(&self.interface.name))
    }

    /// Where a frame comes from by default: a client without an address has none (RFC 2131 section 4.1).
    fn source_for(&self, destination: IpAddr) -> IpAddr {
        let first =
            |wanted: fn(&IpAddr) -> bool| self.interface.addresses.iter().map(|address| address.ip).find(wanted);
        match destination {
            IpAddr::V4(ip) if ip.is_broadcast() => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V4(_) => first(IpAddr::is_ipv4).unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            IpAddr::V6(_) => self.interface.link_local().map_or(Ipv6Addr::UNSPECIFIED.into(), |address| address.ip),
        }
    }

    /// The next relevant datagram of one of its sockets, or an ICMP error about one that was sent; `at` is the index of this
    /// link.
    ///
    /// # Errors
    /// The interface is gone.
    pub(super) fn receive(&mut self, at: usize, kind: SocketKind, buffer: &mut Vec<u8>) -> Result<Option<Incoming>> {
        let socket = match (kind, &self.packet, &self.udp) {
            (SocketKind::Packet, Some(packet), _) => &packet.0,
            (SocketKind::Udp, _, Ok(udp)) => &udp.socket,
            _ => return Ok(None),
        };
        let message = match sys::receive(socket, buffer) {
            Ok(message) => message,
            Err(cause) => {
                let unreachable =
                    sys::receive_unsent(socket, buffer).ok().and_then(|message| self.unsent(at, &message));
                return match unreachable {
                    Some(unreachable) => Ok(Some(Incoming::Unreachable(unreachable))),
                    None => self.receive_failed(&cause),
                };
            }
        };
        let arrival = match kind {
            SocketKind::Packet => self.frame_arrived(&message, buffer),
            SocketKind::Udp => self.datagram_arrived(&message, buffer.len()),
        };
        Ok(arrival.map(Incoming::Datagram))
    }

    /// The ICMP error about a datagram that was sent.
    pub(super) fn unsent(&self, link: usize, message: &Message) -> Option<Unreachable> {
        let failure = message.send_failure()?;
        let what = not_reached(failure)?;
        // This host itself reports that if it finds no neighbour with that address.
        let is_neighbour = matches!(what, "host unreachable" | "address unreachable");
        let from = failure.from.filter(|from| !(is_neighbour && self.has(*from)));
        Some(Unreachable { link, destination: message.source()?, from, what })
    }

    fn receive_failed(&self, cause: &io::Error) -> Result<Option<Incoming>> {
        match cause.raw_os_error() {
            Some(libc::ENETDOWN | libc::ENXIO | libc::ENODEV) => Err(self.is_lost()),
            // No datagram, or an ICMP error about a sent one.
            _ => Ok(None),
        }
    }

    fn frame_arrived(&mut self, message: &Message, octets: &[u8]) -> Option<Arrival> {
        // A sender on this host leaves its UDP checksum to a card that its frame may never pass.
        let first_fragment = || frame::first_fragment(octets).filter(|_| self.shows_fragments());
        let whole = frame::parse_as(octets, !packet::lacks_checksum(message));
        let in_fragments = whole.is_none();
        let found = whole.or_else(first_fragment)?;
        let Envelope { from, to, source, destination, .. } = found.envelope;
        // A server on this host answers by frames that leave it; what we send ourselves comes from our port.
        let is_from_us = source.port() == self.plan.port && self.plan.mode != LinkMode::Listen;
        if packet::is_outgoing(message) && is_from_us {
            return None;
        }
        let vlan = packet::vlan(message).or(found.envelope.vlan);
        if !packet::is_for(&self.plan, destination.port()) {
            return None;
        }
        let is_in_other_vlan = !packet::is_in_vlan(&self.plan, vlan);
        if !is_in_other_vlan {
            self.remember(source.ip(), from);
        }
        let start = found.payload.as_ptr().addr() - octets.as_ptr().addr();
        Some(Arrival {
            received: message.received(),
            source: self.scoped(source),
            destination: Some(destination),
            mac: Some(from),
            vlan,
            interface: self.interface.index,
            checksum: found.checksum,
            in_fragments,
            is_for_other_host: !self.takes(to, found.payload),
            is_in_other_vlan,
            frame: Some(octets.len()),
            payload: start..start + found.payload.len(),
        })
    }

    /// With a packet socket only what came in fragments counts, and what a server of this host sent to an address of this
    /// host, which passes no interface; the rest has been seen in its frame.
    fn datagram_arrived(&self, message: &Message, length: usize) -> Option<Arrival> {
        let (interface, ip) = message.destination().unzip();
        let from_self = message.source().is_some_and(|source| self.has(source.ip()));
        let came_around = from_self && ip.is_some_and(|ip| self.has(ip));
        let is_fragmented = message.was_in_fragments() && !self.shows_fragments();
        if self.packet.is_some() && !is_fragmented && !came_around {
            return None;
        }
        Some(Arrival {
            received: message.received(),
            source: message.source()?,
            destination: ip.map(|ip| SocketAddr::new(ip, self.plan.port)),
            mac: None,
            vlan: None,
            interface: interface.unwrap_or_default(),
            // The kernel throws away what is wrong, and does not say whether there was a checksum.
            checksum: Checksum::Unknown,
            in_fragments: message.was_in_fragments(),
            is_for_other_host: false,
            is_in_other_vlan: false,
            frame: None,
            payload: 0..length,
        })
    }

    /// Whether a datagram in fragments is shown by its first frame: a client without an address puts none together, and the
    /// kernel does not where they go to an address that this host does not have.
    fn shows_fragments(&self) -> bool {
        let LinkSpec { family, mode, is_relay, client_address, .. } = self.plan;
        let has_address = is_relay || client_address.is_some();
        self.packet.is_some() && family == Family::V4 && mode != LinkMode::Listen && !has_address
    }

    /// Whether the card of a client on this link takes a frame to this hardware address.
    fn takes(&self, to: Mac, payload: &[u8]) -> bool {
        let own = [self.interface.mac, self.plan.client, self.plan.ethernet_source];
        // Of many clients the one that a DHCPv4 message is for, by its field chaddr.
        let is_for_client = || payload.get(28..34) == Some(&to.0[..]);
        self.plan.mode == LinkMode::Listen
            || to.is_group()
            || own.contains(&Some(to))
            || (self.plan.has_any_client && is_for_client())
    }

    fn remember(&mut self, ip: IpAddr, mac: Mac) {
        self.neighbours.retain(|(known, _)| *known != ip);
        if self.neighbours.len() == NEIGHBOURS {
            self.neighbours.remove(0);
        }
        self.neighbours.push((ip, mac));
    }

    fn scoped(&self, mut address: SocketAddr) -> SocketAddr {
        if let SocketAddr::V6(v6) = &mut address
            && v6.ip().is_unicast_link_local()
        {
            v6.set_scope_id(self.interface.index);
        }
        address
    }
}

/// What an ICMP message says, in the words of RFC 792, RFC 1812 and RFC 4443.
fn not_reached(failure: SendFailure) -> Option<&'static str> {
    const DESTINATION: u8 = 3;
    const DESTINATION6: u8 = 1;
    let SendFailure { origin, kind, code, .. } = failure;
    match (origin, kind, code) {
        (libc::SO_EE_ORIGIN_ICMP, DESTINATION, 0) => Some("network unreachable"),
        (libc::SO_EE_ORIGIN_ICMP, DESTINATION, 2) => Some("protocol unreachable"),
        (libc::SO_EE_ORIGIN_ICMP, DESTINATION, 3) | (libc::SO_EE_ORIGIN_ICMP6, DESTINATION6, 4) => {
            Some("port unreachable")
        }
        (libc::SO_EE_ORIGIN_ICMP, DESTINATION, 9 | 10 | 13) | (libc::SO_EE_ORIGIN_ICMP6, DESTINATION6, 1 | 5) => {
            Some("communication prohibited")
        }
        (libc::SO_EE_ORIGIN_ICMP, DESTINATION, _) => Some("host unreachable"),
        (libc::SO_EE_ORIGIN_ICMP6, DESTINATION6, 0) => Some("no route to destination"),
        (libc::SO_EE_ORIGIN_ICMP6, DESTINATION6, _) => Some("address unreachable"),
        _ => None,
    }
}
