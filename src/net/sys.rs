//! System calls that the libraries in use do not wrap. All unsafe code is here.
//!
//! The kernel fills in plain bytes, which are then parsed like any other input, with bounds checks.
#![expect(unsafe_code, reason = "system calls that no library in use wraps")]

use std::io;
use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::time::Duration;

use socket2::{SockAddr, Socket};

mod device;
mod heap;
mod many;

pub(super) use device::driver;
pub(super) use heap::share_heap;
pub(super) use many::{Bundle, Outgoing, drops, receive_many, send_many, set_buffer};

/// Room for the ancillary data of one message: several times what is asked for.
const CONTROL_LENGTH: usize = 512;

/// A message as `recvmsg` delivered it.
pub(super) struct Message {
    /// How many octets it has; more than the buffer if it was cut.
    pub(super) length: usize,
    name: Aligned<{ size_of::<libc::sockaddr_storage>() }>,
    control: Aligned<CONTROL_LENGTH>,
    control_length: usize,
}

/// Octets for the kernel to fill in, placed as its structures want it.
#[repr(C, align(8))]
struct Aligned<const N: usize>([u8; N]);

/// Where a frame came from, as a packet socket reports it (`sockaddr_ll`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LinkName {
    pub(super) interface: u32,
    /// `PACKET_HOST`, `PACKET_OUTGOING` …
    pub(super) kind: u8,
}

/// What a packet socket reports in addition (`tpacket_auxdata`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Auxiliary {
    pub(super) status: u32,
    pub(super) vlan_tci: u16,
}

/// Why a UDP datagram did not arrive (`sock_extended_err`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SendFailure {
    /// `SO_EE_ORIGIN_ICMP` …
    pub(super) origin: u8,
    /// Type and code of the ICMP message.
    pub(super) kind: u8,
    pub(super) code: u8,
    /// Who sent it.
    pub(super) from: Option<IpAddr>,
}

impl Message {
    /// Where a UDP datagram came from; of one that did not arrive, where it was sent to.
    pub(super) fn source(&self) -> Option<SocketAddr> {
        let name = &self.name.0;
        let port = u16::from_be_bytes(take(name, 2)?);
        match i32::from(u16::from_ne_bytes(take(name, 0)?)) {
            libc::AF_INET => Some((Ipv4Addr::from(take::<4>(name, 4)?), port).into()),
            libc::AF_INET6 => {
                let (flow, scope) = (u32::from_be_bytes(take(name, 4)?), u32::from_ne_bytes(take(name, 24)?));
                Some(SocketAddrV6::new(Ipv6Addr::from(take::<16>(name, 8)?), port, flow, scope).into())
            }
            _ => None,
        }
    }

    /// Where a frame came from.
    pub(super) fn link(&self) -> Option<LinkName> {
        let name = &self.name.0;
        let is_link = i32::from(u16::from_ne_bytes(take(name, 0)?)) == libc::AF_PACKET;
        is_link.then_some(LinkName { interface: u32::from_ne_bytes(take(name, 4)?), kind: name[10] })
    }

    /// Why a datagram did not arrive (`IP_RECVERR`, `IPV6_RECVERR`).
    pub(super) fn send_failure(&self) -> Option<SendFailure> {
        let v4 = || self.ancillary(libc::IPPROTO_IP, libc::IP_RECVERR);
        let error = v4().or_else(|| self.ancillary(libc::IPPROTO_IPV6, libc::IPV6_RECVERR))?;
        let [origin, kind, code] = take(error, 4)?;
        let from = match i32::from(u16::from_ne_bytes(take(error, 16)?)) {
            libc::AF_INET => take::<4>(error, 20).map(IpAddr::from),
            libc::AF_INET6 => take::<16>(error, 24).map(IpAddr::from),
            _ => None,
        };
        Some(SendFailure { origin, kind, code, from })
    }

    /// When the kernel received it, in Unix time (`SCM_TIMESTAMPNS`).
    pub(super) fn received(&self) -> Option<Duration> {
        const HALF: usize = size_of::<libc::timespec>() / 2;
        let stamp = self.ancillary(libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS)?;
        let seconds = signed::<HALF>(stamp, 0)?;
        let nanoseconds = signed::<HALF>(stamp, HALF)?;
        Some(Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanoseconds).ok()?))
    }

    /// The interface and the address that a UDP datagram was sent to (`IP_PKTINFO`, `IPV6_PKTINFO`).
    pub(super) fn destination(&self) -> Option<(u32, std::net::IpAddr)> {
        if let Some(info) = self.ancillary(libc::IPPROTO_IP, libc::IP_PKTINFO) {
            return Some((u32::from_ne_bytes(take(info, 0)?), Ipv4Addr::from(take::<4>(info, 8)?).into()));
        }
        let info = self.ancillary(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO)?;
        Some((u32::from_ne_bytes(take(info, 16)?), Ipv6Addr::from(take::<16>(info, 0)?).into()))
    }

    /// Whether a UDP datagram came in fragments (`IP_RECVFRAGSIZE`, `IPV6_RECVFRAGSIZE`).
    pub(super) fn was_in_fragments(&self) -> bool {
        self.ancillary(libc::IPPROTO_IP, IP_RECVFRAGSIZE).is_some()
            || self.ancillary(libc::IPPROTO_IPV6, IPV6_RECVFRAGSIZE).is_some()
    }

    /// What a packet socket reports in addition (`PACKET_AUXDATA`).
    pub(super) fn auxiliary(&self) -> Option<Auxiliary> {
        let data = self.ancillary(libc::SOL_PACKET, libc::PACKET_AUXDATA)?;
        Some(Auxiliary { status: u32::from_ne_bytes(take(data, 0)?), vlan_tci: u16::from_ne_bytes(take(data, 16)?) })
    }

    fn ancillary(&self, level: i32, kind: i32) -> Option<&[u8]> {
        const WORD: usize = size_of::<usize>();
        let mut rest = self.control.0.get(..self.control_length)?;
        loop {
            let length = usize::from_ne_bytes(take(rest, 0)?);
            let is_it = (i32::from_ne_bytes(take(rest, WORD)?), i32::from_ne_bytes(take(rest, WORD + 4)?));
            let data = rest.get(WORD + 8..length)?;
            if is_it == (level, kind) {
                return Some(data);
            }
            rest = rest.get(length.next_multiple_of(WORD)..)?;
        }
    }
}

/// Of `linux/in.h`; libc does not know it.
pub(super) const IP_RECVFRAGSIZE: i32 = 25;
/// Of `linux/in6.h`; libc does not know it.
pub(super) const IPV6_RECVFRAGSIZE: i32 = 77;

/// The `N` octets at `offset`, if they are there.
fn take<const N: usize>(octets: &[u8], offset: usize) -> Option<[u8; N]> {
    octets.get(offset..offset + N)?.try_into().ok()
}

/// A C `long` (or what the kernel takes for one) of `N` octets.
fn signed<const N: usize>(octets: &[u8], offset: usize) -> Option<i64> {
    let octets: [u8; N] = take(octets, offset)?;
    match N {
        4 => take(&octets, 0).map(|word| i32::from_ne_bytes(word).into()),
        _ => take(&octets, 0).map(i64::from_ne_bytes),
    }
}

/// Receives one message into `buffer`, whatever is in it, as far as its capacity goes; `WouldBlock` if there is none.
/// Memory that no message was long enough for is not touched.
pub(super) fn receive(socket: &Socket, buffer: &mut Vec<u8>) -> io::Result<Message> {
    receive_with(socket, buffer, 0)
}

/// Receives the beginning of a datagram that did not arrive, with the reason; `WouldBlock` if there is none.
pub(super) fn receive_unsent(socket: &Socket, buffer: &mut Vec<u8>) -> io::Result<Message> {
    receive_with(socket, buffer, libc::MSG_ERRQUEUE)
}

fn receive_with(socket: &Socket, buffer: &mut Vec<u8>, flags: i32) -> io::Result<Message> {
    buffer.clear();
    let (name, control) = (Aligned([0; _]), Aligned([0; CONTROL_LENGTH]));
    let mut message = Message { length: 0, name, control, control_length: 0 };
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.capacity() };
    // SAFETY: all fields of a msghdr are numbers and pointers; all zero is "nothing there".
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_name = message.name.0.as_mut_ptr().cast();
    header.msg_namelen = libc::socklen_t::try_from(message.name.0.len()).unwrap_or_default();
    header.msg_iov = &raw mut part;
    header.msg_iovlen = 1;
    header.msg_control = message.control.0.as_mut_ptr().cast();
    header.msg_controllen = message.control.0.len();
    let flags = flags | libc::MSG_TRUNC | libc::MSG_DONTWAIT;
    // SAFETY: the descriptor is open as long as `socket` is borrowed; the header points to three buffers with their
    // true lengths, which outlive the call and are not borrowed elsewhere.
    let length = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut header, flags) };
    message.length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
    message.control_length = header.msg_controllen.min(CONTROL_LENGTH);
    // SAFETY: the kernel has written as many octets, or all there is room for.
    unsafe { buffer.set_len(message.length.min(buffer.capacity())) };
    Ok(message)
}

/// Sets an option whose value is a number.
pub(super) fn set_option(socket: &Socket, level: i32, name: i32, value: i32) -> io::Result<()> {
    set_raw_option(socket, level, name, &value.to_ne_bytes())
}

/// Sets an option whose value is a structure of the kernel, given as its octets.
pub(super) fn set_raw_option(socket: &Socket, level: i32, name: i32, value: &[u8]) -> io::Result<()> {
    let length = libc::socklen_t::try_from(value.len()).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open as long as `socket` is borrowed; the kernel reads `length` octets of `value`.
    let status = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, value.as_ptr().cast(), length) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The name of an interface for a packet socket that wants frames of every protocol.
pub(super) fn link_address(interface: u32) -> io::Result<SockAddr> {
    // SAFETY: a sockaddr_ll fits into the storage, which is zeroed and aligned for it; its length is set.
    let ((), address) = unsafe {
        SockAddr::try_init(|storage, length| {
            let link = &mut *storage.cast::<libc::sockaddr_ll>();
            link.sll_family = u16::try_from(libc::AF_PACKET).map_err(io::Error::other)?;
            link.sll_protocol = u16::try_from(libc::ETH_P_ALL).map_err(io::Error::other)?.to_be();
            link.sll_ifindex = i32::try_from(interface).map_err(io::Error::other)?;
            *length = libc::socklen_t::try_from(size_of::<libc::sockaddr_ll>()).map_err(io::Error::other)?;
            Ok(())
        })?
    };
    Ok(address)
}

/// Drops the saved user of a set-user-ID program permanently.
pub(super) fn become_real_user() -> io::Result<()> {
    // SAFETY: these calls take and give numbers.
    let status = unsafe {
        let (user, group) = (libc::getuid(), libc::getgid());
        libc::setresgid(group, group, group) | libc::setresuid(user, user, user)
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Protocol, Type};

    use super::*;

    /// A UDP socket of this host alone, and its address.
    pub(super) fn udp() -> (Socket, SocketAddr) {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        (socket, address)
    }

    /// A message whose ancillary data has these parts: level, kind, octets.
    fn message(parts: &[(i32, i32, &[u8])]) -> Message {
        let mut octets = Vec::new();
        for (level, kind, data) in parts {
            let length = size_of::<usize>() + 8 + data.len();
            octets.extend([&length.to_ne_bytes()[..], &level.to_ne_bytes(), &kind.to_ne_bytes(), data].concat());
            octets.resize(octets.len().next_multiple_of(size_of::<usize>()), 0);
        }
        let mut control = Aligned([0; CONTROL_LENGTH]);
        control.0[..octets.len()].copy_from_slice(&octets);
        Message { length: 0, name: Aligned([0; _]), control, control_length: octets.len() }
    }

    #[test]
    fn a_datagram_comes_with_its_source_destination_and_time() {
        let (receiver, address) = udp();
        set_option(&receiver, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1).unwrap();
        set_option(&receiver, libc::IPPROTO_IP, libc::IP_PKTINFO, 1).unwrap();
        let (sender, from) = udp();
        sender.send_to(b"octets", &address.into()).unwrap();
        let mut buffer = Vec::with_capacity(64);
        let message = receive(&receiver, &mut buffer).unwrap();
        assert_eq!((message.length, buffer.as_slice(), message.source()), (6, &b"octets"[..], Some(from)));
        let (interface, to) = message.destination().unwrap();
        assert!(interface > 0 && to == address.ip());
        assert!(message.received().unwrap() > Duration::from_secs(1_500_000_000));
        assert!(!message.was_in_fragments() && message.auxiliary().is_none() && message.link().is_none());
    }

    #[test]
    fn a_long_datagram_is_cut_and_its_length_known() {
        let (receiver, address) = udp();
        udp().0.send_to(&[7; 100], &address.into()).unwrap();
        let mut buffer = Vec::with_capacity(10);
        let message = receive(&receiver, &mut buffer).unwrap();
        assert!(buffer.len() == buffer.capacity() && message.length == 100);
    }

    #[test]
    fn a_socket_without_datagrams_does_not_block() {
        let (socket, _) = udp();
        for error in [receive(&socket, &mut Vec::new()).err(), receive_unsent(&socket, &mut Vec::new()).err()] {
            assert_eq!(error.unwrap().kind(), io::ErrorKind::WouldBlock);
        }
    }

    #[test]
    fn a_port_where_nothing_listens_is_reported_by_icmp() {
        let (socket, own) = udp();
        set_option(&socket, libc::IPPROTO_IP, libc::IP_RECVERR, 1).unwrap();
        let closed = udp().1;
        socket.send_to(b"question", &closed.into()).unwrap();
        let mut buffer = Vec::with_capacity(64);
        let message = receive_unsent(&socket, &mut buffer).unwrap();
        assert_eq!((message.source(), buffer.as_slice()), (Some(closed), &b"question"[..]));
        let expected = SendFailure { origin: libc::SO_EE_ORIGIN_ICMP, kind: 3, code: 3, from: Some(own.ip()) };
        assert_eq!(message.send_failure(), Some(expected));
    }

    #[test]
    fn ancillary_data_is_found_after_other_data() {
        let tag = [&[0; 16][..], &5_u16.to_ne_bytes(), &[0; 2]].concat();
        let parts = [(1, 2, &[9_u8; 3][..]), (libc::SOL_PACKET, libc::PACKET_AUXDATA, &tag)];
        assert_eq!(message(&parts).auxiliary(), Some(Auxiliary { status: 0, vlan_tci: 5 }));
        let fragments = [(libc::IPPROTO_IPV6, IPV6_RECVFRAGSIZE, &[0_u8; 4][..])];
        assert!(message(&fragments).was_in_fragments());
    }

    #[test]
    fn ancillary_data_that_is_cut_is_none() {
        let short = [(libc::SOL_PACKET, libc::PACKET_AUXDATA, &[0_u8; 2][..])];
        assert_eq!(message(&short).auxiliary(), None);
        let mut beyond = message(&[(libc::IPPROTO_IP, libc::IP_PKTINFO, &[0; 12])]);
        beyond.control.0[..size_of::<usize>()].copy_from_slice(&1000_usize.to_ne_bytes());
        assert_eq!(beyond.destination(), None);
        beyond.control_length = CONTROL_LENGTH + 1;
        assert_eq!((beyond.destination(), beyond.received()), (None, None));
    }

    #[test]
    fn an_option_that_the_kernel_does_not_know_is_an_error() {
        assert!(set_option(&udp().0, libc::IPPROTO_IP, 9999, 1).is_err());
    }
}
