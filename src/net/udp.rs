//! UDP sockets.

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, MsgHdr, Protocol, SockAddr, Socket, Type};

use super::iface::Interface;
use super::{Plan, privilege, sys};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::packet::Transmit;

/// The requested receive buffer; the kernel may limit it to less.
pub(super) const RECEIVE_BUFFER: usize = 4 << 20;

/// A UDP socket on the port of a link.
pub(super) struct Udp {
    pub(super) socket: Socket,
    /// The scope of an IPv6 destination without one.
    scope: u32,
}

impl Udp {
    /// A socket at the port of `plan`, at `interface` only if that is given.
    pub(super) fn open(plan: &Plan, interface: Option<&Interface>) -> Result<Self> {
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
        socket.bind(&address.into()).map_err(|cause| cannot_bind(&cause, &attempted, plan))?;
        Ok(Self { socket, scope })
    }

    fn socket(family: Family) -> io::Result<Socket> {
        let domain = if family == Family::V4 { Domain::IPV4 } else { Domain::IPV6 };
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        // A DHCP client of this host may use the port already; all sockets that share it receive broadcasts.
        socket.set_reuse_address(true)?;
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

fn cannot_bind(cause: &io::Error, attempted: &str, plan: &Plan) -> Error {
    let port = plan.port;
    match (cause.raw_os_error(), plan.source) {
        (Some(libc::EADDRINUSE), _) => Error::new(attempted, "another program has the port and does not share it")
            .hint(format!("see which: ss -ulpn 'sport = :{port}'; end it meanwhile")),
        (Some(libc::EADDRNOTAVAIL), Some(source)) => {
            Error::new(attempted, format!("{source} is no address of this host")).hint("see: ip address")
        }
        _ if privilege::is_missing(cause) => privilege::missing(attempted),
        _ => Error::io(attempted, cause),
    }
}

fn cannot_send(cause: &io::Error, transmit: &Transmit) -> Error {
    let destination = transmit.destination.ip();
    let attempted = format!("sending to {destination}");
    match (cause.raw_os_error(), transmit.source) {
        (Some(libc::ENETUNREACH | libc::EHOSTUNREACH), _) => no_route(destination),
        (Some(libc::EADDRNOTAVAIL | libc::EINVAL), Some(source)) => {
            Error::new(attempted, format!("{source} is no address of this host")).hint("see: ip address")
        }
        (Some(libc::ENETDOWN), _) => Error::new(attempted, "the interface is down").hint("ip link set INTERFACE up"),
        (Some(libc::EPERM), _) => {
            Error::new(attempted, "this host's packet filter forbids it").hint("see: nft list ruleset")
        }
        (Some(libc::EMSGSIZE), _) => {
            Error::new(attempted, format!("{} octets are too many for one datagram", transmit.payload.len()))
        }
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
