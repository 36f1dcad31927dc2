//! The fake server of a scenario: this test program once more, in the server's place.

use std::env;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::process::{Command, Stdio};

use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{MsgFlags, SockaddrLike as _, sendto};
use socket2::{Domain, Protocol, Socket, Type};

use super::frame::Frames;
use super::{v4, v6};
use crate::namespace::Namespace;

/// What tells this program that it is to be a fake server, and of which scenario: `4:12`.
const VARIABLE: &str = "KEA_TOOLS_SCENARIO";

/// This program as the server of the scenario in that place of its family's table.
pub(super) fn command(host: &Namespace, family: char, place: usize) -> Command {
    let program = env::current_exe().unwrap();
    let mut command = host.command(program.to_str().unwrap());
    command.args(["clients::server::serves_a_scenario", "--exact", "--ignored", "--nocapture"]);
    command.env(VARIABLE, format!("{family}:{place}")).stdin(Stdio::null());
    command
}

/// No test by itself: a fake server, if a test has started it as one.
#[test]
#[ignore = "needs another test that starts it"]
fn serves_a_scenario() {
    let Ok(which) = env::var(VARIABLE) else { return };
    let (family, place) = which.split_once(':').unwrap();
    let place: usize = place.parse().unwrap();
    if family == "4" { serve4(place) } else { serve6(place) }
}

fn serve4(place: usize) -> ! {
    let socket = socket(Domain::IPV4, (Ipv4Addr::UNSPECIFIED, 67).into());
    socket.set_broadcast(true).unwrap();
    println!("\nready");
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, _) = socket.recv_from(&mut buffer).unwrap();
        for answer in v4::answers(place, &buffer[..length]) {
            match answer.frames {
                Some(frames) => send(&frames.of4(&answer.payload)),
                None => drop(socket.send_to(&answer.payload, (Ipv4Addr::BROADCAST, 68)).unwrap()),
            }
        }
    }
}

fn serve6(place: usize) -> ! {
    let socket = socket(Domain::IPV6, (Ipv6Addr::UNSPECIFIED, 547).into());
    let interface = kea_tools::net::iface::by_name("eth0").unwrap().index;
    socket.join_multicast_v6(&"ff02::1:2".parse().unwrap(), interface).unwrap();
    println!("\nready");
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        let SocketAddr::V6(from) = from else { continue };
        for answer in v6::answers(place, &buffer[..length]) {
            let to = if answer.is_for_all { ALL_NODES } else { *from.ip() };
            let to = SocketAddrV6::new(to, 546, 0, from.scope_id());
            match answer.frames {
                Some(frames) => send(&frames.of6(&answer.payload, *from.ip())),
                None => drop(socket.send_to(&answer.payload, to).unwrap()),
            }
        }
    }
}

/// An answer: a datagram, or frames that are not as the kernel would make them.
pub(super) struct Answer {
    pub(super) payload: Vec<u8>,
    pub(super) frames: Option<Frames>,
    /// Whether it is sent to all hosts of the link, in DHCPv6.
    pub(super) is_for_all: bool,
}

const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

fn socket(domain: Domain, address: SocketAddr) -> UdpSocket {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP)).unwrap();
    if domain == Domain::IPV6 {
        socket.set_only_v6(true).unwrap();
    }
    socket.bind_device(Some(b"eth0")).unwrap();
    socket.bind(&address.into()).unwrap();
    socket.into()
}

fn send(frames: &[Vec<u8>]) {
    let socket = Socket::new(Domain::PACKET, Type::RAW, None).unwrap();
    let is_link = |address: &nix::ifaddrs::InterfaceAddress| {
        let link = address.address.filter(|it| it.family() == Some(nix::sys::socket::AddressFamily::Packet));
        link.filter(|_| address.interface_name == "eth0")
    };
    let storage = getifaddrs().unwrap().find_map(|address| is_link(&address)).unwrap();
    let link = storage.as_link_addr().unwrap();
    for frame in frames {
        sendto(socket.as_raw_fd(), frame, link, MsgFlags::empty()).unwrap();
    }
}
