//! UDP sockets.

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use socket2::{Domain, MsgHdr, Protocol, SockAddr, Socket, Type};

use super::iface::Interface;
use super::privilege;
use super::sys::{self, Outgoing};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::wire::{LinkSpec, Transmit};

/// The requested receive buffer; the kernel may limit it to less.
pub(super) const RECEIVE_BUFFER: usize = 4 << 20;

/// A UDP socket on the port of a link.
pub(super) struct Udp {
    pub(super) socket: Socket,
    /// The scope of an IPv6 destination without one.
    scope: u32,
    /// Whether other sockets have the port too: the kernel gives a datagram to one of them alone, the latest.
    pub(super) is_shared: bool,
}

impl Udp {
    /// A socket at the port of `plan`, at `interface` only if that is given.
    pub(super) fn open(plan: &LinkSpec, interface: Option<&Interface>) -> Result<Self> {
        let attempted = format!("listening at UDP port {}", plan.port);
        let failed = |cause: io::Error| Error::io(attempted.as_str(), &cause);
        let socket = Self::socket(plan.family).map_err(failed)?;
        if let Some(interface) = interface {
            let bound = socket.bind_device(Some(interface.name.as_bytes()));
            bound.map_err(|cause| cannot_bind(&cause, &attempted, plan))?;
        }
        let scope = interface.map_or(0, |interface| interface.index);
        let any = match plan.family {
            Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let address = with_scope(SocketAddr::new(plan.listening_at().unwrap_or(any), plan.port), scope);
        let is_shared = bind(&socket, &address.into()).map_err(|cause| cannot_bind(&cause, &attempted, plan))?;
        Ok(Self { socket, scope, is_shared })
    }

    fn socket(family: Family) -> io::Result<Socket> {
        let domain = if family == Family::V4 { Domain::IPV4 } else { Domain::IPV6 };
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        sys::set_option(&socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        match family {
            Family::V4 => {
                socket.set_broadcast(true)?;
                sys::set_option(&socket, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?;
                sys::set_option(&socket, libc::IPPROTO_IP, sys::IP_RECVFRAGSIZE, 1)?;
                sys::set_option(&socket, libc::IPPROTO_IP, libc::IP_RECVERR, 1)?;
            }
            Family::V6 => {
                socket.set_only_v6(true)?;
                sys::set_option(&socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1)?;
                sys::set_option(&socket, libc::IPPROTO_IPV6, sys::IPV6_RECVFRAGSIZE, 1)?;
                sys::set_option(&socket, libc::IPPROTO_IPV6, libc::IPV6_RECVERR, 1)?;
            }
        }
        Ok(socket)
    }

    /// Leaves what comes to the port to the other sockets that have it; `own` is an address of this host to send from.
    pub(super) fn leave_to_others(&self, own: IpAddr) -> io::Result<()> {
        // It receives from one port of this host alone, and sends anywhere.
        const DISCARD: u16 = 9;
        self.socket.connect(&with_scope(SocketAddr::new(own, DISCARD), self.scope).into())
    }

    /// A datagram as it is sent by the kernel's routes together with others.
    pub(super) fn outgoing(&self, transmit: Transmit) -> Outgoing {
        let control = transmit.source.map(|source| from_address(source, self.scope)).unwrap_or_default();
        let to = Some(SockAddr::from(with_scope(transmit.destination, self.scope)));
        Outgoing { octets: transmit.payload, to, control }
    }

    /// Sends by the kernel's routes.
    pub(super) fn send(&self, transmit: &Transmit) -> Result<()> {
        let destination = SockAddr::from(with_scope(transmit.destination, self.scope));
        let control = transmit.source.map(|source| from_address(source, self.scope)).unwrap_or_default();
        let payload = [IoSlice::new(&transmit.payload)];
        let message = MsgHdr::new().with_addr(&destination).with_buffers(&payload).with_control(&control);
        // What ICMP says of a datagram that was sent before would be taken for an error of this one.
        let _ = self.socket.take_error();
        let sent = self.socket.sendmsg(&message, 0);
        sent.map(drop).map_err(|cause| cannot_send(&cause, transmit))
    }
}

/// So often it is tried to share a port: a program that has just bound it shares it in a moment.
const TRIES: u32 = 20;

/// Binds `socket`; whether others have the port too, such as a client of this host or another check.
fn bind(socket: &Socket, address: &SockAddr) -> io::Result<bool> {
    let is_in_use =
        |bound: &io::Result<()>| bound.as_ref().is_err_and(|cause| cause.raw_os_error() == Some(libc::EADDRINUSE));
    let alone = socket.bind(address);
    socket.set_reuse_address(true)?;
    if !is_in_use(&alone) {
        return alone.map(|()| false);
    }
    for _ in 1..TRIES {
        let shared = socket.bind(address);
        if !is_in_use(&shared) {
            return shared.map(|()| true);
        }
        thread::sleep(Duration::from_millis(1));
    }
    socket.bind(address).map(|()| true)
}

/// `address`, with `scope` if it is an IPv6 address without a scope.
fn with_scope(mut address: SocketAddr, scope: u32) -> SocketAddr {
    if let SocketAddr::V6(address) = &mut address
        && address.scope_id() == 0
        && (address.ip().is_unicast_link_local() || address.ip().is_multicast())
    {
        address.set_scope_id(scope);
    }
    address
}

/// Ancillary data that sets the source address of a datagram (`IP_PKTINFO`, `IPV6_PKTINFO`).
fn from_address(source: IpAddr, scope: u32) -> Vec<u8> {
    let (level, kind, info) = match source {
        IpAddr::V4(ip) => {
            // Interface, source, and an address that is looked at only on reception.
            let info = [[0; 4], ip.octets(), [0; 4]].concat();
            (libc::IPPROTO_IP, libc::IP_PKTINFO, info)
        }
        IpAddr::V6(ip) => {
            let scope = if ip.is_unicast_link_local() { scope } else { 0 };
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, [ip.octets().as_slice(), &scope.to_ne_bytes()].concat())
        }
    };
    let length = size_of::<usize>() + 8 + info.len();
    let mut control = [&length.to_ne_bytes()[..], &level.to_ne_bytes(), &kind.to_ne_bytes(), &info].concat();
    control.resize(length.next_multiple_of(size_of::<usize>()), 0);
    control
}

/// A server or relay agent in service is not to be ended.
const AWAY: &str = "it may be the DHCP server of this host: run this on another host, or in another network namespace";

fn cannot_bind(cause: &io::Error, attempted: &str, plan: &LinkSpec) -> Error {
    let port = plan.port;
    match (cause.raw_os_error(), plan.source) {
        (Some(libc::EADDRINUSE), _) => Error::new(attempted, "another program has the port and does not share it")
            .hint(format!(
                "see which: ss -ulpn 'sport = :{port}'; {}",
                if plan.is_relay { AWAY } else { "stop it while this program runs" }
            )),
        (Some(libc::EADDRNOTAVAIL), Some(source)) => {
            Error::new(attempted, format!("{source} is no address of this host")).hint("see: ip address")
        }
        _ if privilege::is_missing(cause) => privilege::missing(attempted),
        _ => Error::io(attempted, cause),
    }
}

fn cannot_send(cause: &io::Error, transmit: &Transmit) -> Error {
    not_sent(cause, transmit.destination.ip(), transmit.source, transmit.payload.len())
}

/// Why a datagram with so many octets could not be sent.
pub(super) fn not_sent(cause: &io::Error, destination: IpAddr, source: Option<IpAddr>, octets: usize) -> Error {
    let attempted = format!("sending to {destination}");
    match (cause.raw_os_error(), source) {
        (Some(libc::ENETUNREACH | libc::EHOSTUNREACH), _) => no_route(destination),
        (Some(libc::EADDRNOTAVAIL | libc::EINVAL), Some(source)) => {
            Error::new(attempted, format!("{source} is no address of this host")).hint("see: ip address")
        }
        (Some(libc::ENETDOWN), _) => Error::new(attempted, "the interface is down").hint("ip link set INTERFACE up"),
        (Some(libc::EPERM), _) => {
            Error::new(attempted, "this host's packet filter forbids it").hint("see: nft list ruleset")
        }
        (Some(libc::EMSGSIZE), _) => Error::new(attempted, format!("{octets} octets are too many for one datagram")),
        _ => Error::io(attempted, cause),
    }
}

/// No route leads to `destination`.
pub(super) fn no_route(destination: IpAddr) -> Error {
    Error::new(format!("sending to {destination}"), "no route leads there").hint("name the interface, or see: ip route")
}

/// The source address that this host's routes select for `destination`.
pub fn source_towards(destination: IpAddr) -> Result<IpAddr> {
    let any: SocketAddr = match destination {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let route = std::net::UdpSocket::bind(any).and_then(|socket| {
        socket.connect((destination, 67))?;
        socket.local_addr()
    });
    route.map(|address| address.ip()).map_err(|cause| match cause.raw_os_error() {
        Some(libc::ENETUNREACH | libc::EHOSTUNREACH) => no_route(destination),
        _ => Error::io(format!("sending to {destination}"), &cause),
    })
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    /// A link of this host alone, at this port.
    fn spec(port: u16) -> LinkSpec {
        LinkSpec { source: Some(Ipv4Addr::LOCALHOST.into()), port, is_relay: true, ..LinkSpec::v4() }
    }

    fn transmit(source: Option<&str>, destination: SocketAddr) -> Transmit {
        let source = source.map(|source| source.parse().unwrap());
        Transmit { link: 0, source, destination, via: None, payload: b"question".to_vec() }
    }

    fn listener() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    #[test]
    fn a_datagram_leaves_from_the_address_that_is_asked_for() {
        let (listener, address) = listener();
        let udp = Udp::open(&spec(0), None).unwrap();
        for (source, expected) in [(None, "127.0.0.1"), (Some("127.0.0.7"), "127.0.0.7")] {
            udp.send(&transmit(source, address)).unwrap();
            let mut buffer = [0; 64];
            let (length, from) = listener.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..length], from.ip().to_string().as_str()), (&b"question"[..], expected));
        }
    }

    #[test]
    fn what_icmp_says_of_one_datagram_does_not_keep_the_next() {
        let (listener, open) = listener();
        let closed = self::listener().1;
        let udp = Udp::open(&spec(0), None).unwrap();
        for destination in [closed, closed, open] {
            udp.send(&transmit(None, destination)).unwrap();
        }
        assert_eq!(listener.recv(&mut [0; 64]).unwrap(), 8);
    }

    #[test]
    fn a_port_that_another_program_keeps_is_named() {
        let (_listener, address) = listener();
        let error = Udp::open(&spec(address.port()), None).err().unwrap().to_string();
        assert!(error.contains("another program has the port and does not share it"), "{error}");
        assert!(error.contains(&format!("sport = :{}", address.port())), "{error}");
    }

    #[test]
    fn a_port_that_is_shared_may_be_left_to_the_others() {
        let (_, free) = listener();
        let first = Udp::open(&spec(free.port()), None).unwrap();
        let second = Udp::open(&spec(free.port()), None).unwrap();
        assert_eq!((first.is_shared, second.is_shared), (false, true));
        second.leave_to_others(Ipv4Addr::LOCALHOST.into()).unwrap();
        let (peer, address) = listener();
        second.send(&transmit(None, address)).unwrap();
        let (_, from) = peer.recv_from(&mut [0; 64]).unwrap();
        assert_eq!(from.port(), free.port());
        peer.send_to(b"answer", from).unwrap();
        assert_eq!(sys::receive(&first.socket, &mut Vec::with_capacity(64)).unwrap().length, 6);
        assert!(sys::receive(&second.socket, &mut Vec::with_capacity(64)).is_err());
    }

    #[test]
    fn an_address_of_another_host_is_named() {
        let foreign: IpAddr = "192.0.2.77".parse().unwrap();
        let error = Udp::open(&LinkSpec { source: Some(foreign), ..spec(0) }, None).err().unwrap().to_string();
        assert!(error.contains("192.0.2.77 is no address of this host (see: ip address)"), "{error}");
    }

    #[test]
    fn too_many_octets_for_a_datagram_are_counted() {
        let udp = Udp::open(&spec(0), None).unwrap();
        let long = Transmit { payload: vec![0; 70_000], ..transmit(None, listener().1) };
        let error = udp.send(&long).unwrap_err().to_string();
        assert!(error.contains("70000 octets are too many for one datagram"), "{error}");
    }

    #[test]
    fn a_link_local_address_gets_the_scope_of_the_link() {
        let scoped = |text: &str| with_scope(text.parse().unwrap(), 7).to_string();
        assert_eq!(scoped("[fe80::1]:547"), "[fe80::1%7]:547");
        assert_eq!(scoped("[ff02::1:2]:547"), "[ff02::1:2%7]:547");
        assert_eq!(scoped("[fe80::1%3]:547"), "[fe80::1%3]:547");
        assert_eq!(scoped("[2001:db8::1]:547"), "[2001:db8::1]:547");
        assert_eq!(scoped("192.0.2.1:67"), "192.0.2.1:67");
    }

    #[test]
    fn the_way_to_this_host_begins_at_this_host() {
        assert_eq!(source_towards(Ipv4Addr::LOCALHOST.into()).unwrap(), IpAddr::from(Ipv4Addr::LOCALHOST));
    }
}
