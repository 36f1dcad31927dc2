//! The sockets of a server: how many datagrams they had no room for.
//!
//! The kernel answers for the network namespace in which the question's socket was opened, whichever thread asks later.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::netlink::{Netlink, attributes, number};
use crate::error::{Error, Result};
use crate::family::Family;

/// The sockets that there were in a network namespace, and what they had lost by then.
pub struct Sockets {
    netlink: Netlink,
    family: Family,
    port: u16,
    before: Read,
}

/// Lost datagrams of each socket, by the kernel's name for it.
type Losses = BTreeMap<[u8; 8], u32>;

/// Those of the sockets at the port, and of packet sockets.
#[derive(Debug, Default)]
struct Read {
    at_port: Losses,
    of_frames: Losses,
}

/// Of `linux/netlink.h` and `linux/sock_diag.h`.
const SOCK_DIAG: i32 = 4;
const BY_FAMILY: u16 = 20;
/// Where in the figures of a socket's memory that of lost datagrams is.
const DROPS: usize = 8 * 4;

impl Sockets {
    /// Those of the namespace with this name or path, where a server listens at `port`; without a name those of this one,
    /// if there are some.
    ///
    /// # Errors
    /// There is no such namespace, no server in it, or no permission.
    pub fn open(namespace: Option<&str>, family: Family, port: u16) -> Result<Option<Self>> {
        let Some(name) = namespace else {
            return Ok(Netlink::open(SOCK_DIAG)
                .and_then(|netlink| Self::with_netlink(netlink, family, port))
                .unwrap_or(None));
        };
        let attempted = format!("network namespace \"{name}\"");
        let failed = |cause: io::Error| {
            let hint = "see: ip netns list; or a path such as /proc/PID/ns/net; it needs CAP_SYS_ADMIN";
            Error::io(attempted.clone(), &cause).hint(hint)
        };
        let found =
            open_in(&path(name)).and_then(|netlink| Self::with_netlink(netlink, family, port)).map_err(failed)?;
        found.map(Some).ok_or_else(|| {
            Error::new(attempted.clone(), format!("no process listens at UDP port {port} there"))
                .hint("give the network namespace in which the server runs")
        })
    }

    fn with_netlink(netlink: Netlink, family: Family, port: u16) -> io::Result<Option<Self>> {
        let mut found = Self { netlink, family, port, before: Read::default() };
        found.before = found.read()?;
        Ok(Some(found).filter(|found| !found.before.at_port.is_empty()))
    }

    /// How many datagrams they have had no room for since; nothing if it cannot be found out.
    #[must_use]
    pub fn drops(&self) -> Option<u64> {
        let now = self.read().ok()?;
        // A server of frames has a socket at the port as well, which gets the same datagrams.
        Some(since(&self.before.at_port, &now.at_port).max(since(&self.before.of_frames, &now.of_frames)))
    }

    /// Servers of DHCPv4 may read frames.
    fn read(&self) -> io::Result<Read> {
        let of_frames = if self.family == Family::V4 { self.of_frames().unwrap_or_default() } else { Losses::new() };
        Ok(Read { at_port: self.at_port()?, of_frames })
    }

    fn at_port(&self) -> io::Result<Losses> {
        /// `struct inet_diag_msg`, and where it has the port and the name of the socket.
        const FIXED: usize = 72;
        const PORT: usize = 4;
        const NAME: usize = 44;
        const MEMORY: u16 = 7;
        let family = if self.family == Family::V4 { libc::AF_INET } else { libc::AF_INET6 };
        let [family, protocol] = [family, libc::IPPROTO_UDP].map(|number| u8::try_from(number).unwrap_or_default());
        // Family, protocol, wanted attributes, all states, the port and no other address.
        let head = [&[family, protocol, 1 << (MEMORY - 1), 0][..], &[0xff; 4], &self.port.to_be_bytes()].concat();
        let bodies = self.netlink.ask(BY_FAMILY, BY_FAMILY, &[&head[..], &[0; 46]].concat())?;
        let at_port = bodies.iter().filter(|body| body.get(PORT..PORT + 2) == Some(&self.port.to_be_bytes()[..]));
        Ok(at_port.filter_map(|body| lost(body, FIXED, NAME, MEMORY)).collect())
    }

    fn of_frames(&self) -> io::Result<Losses> {
        /// `struct packet_diag_msg`.
        const FIXED: usize = 16;
        const NAME: usize = 8;
        const MEMORY: u16 = 6;
        const WANTED: u32 = 0x10;
        let family = u8::try_from(libc::AF_PACKET).unwrap_or_default();
        // Family, protocol, any socket, wanted attributes, no name.
        let question = [&[family, 0, 0, 0][..], &[0; 4], &WANTED.to_ne_bytes(), &[0; 8]].concat();
        let bodies = self.netlink.ask(BY_FAMILY, BY_FAMILY, &question)?;
        Ok(bodies.iter().filter_map(|body| lost(body, FIXED, NAME, MEMORY)).collect())
    }
}

/// What the sockets of `before` have lost since.
fn since(before: &Losses, now: &Losses) -> u64 {
    let each = before.iter().filter_map(|(socket, before)| now.get(socket)?.checked_sub(*before));
    each.map(u64::from).sum()
}

/// The name of a socket, and how many datagrams it has lost.
fn lost(body: &[u8], fixed: usize, name: usize, memory: u16) -> Option<([u8; 8], u32)> {
    let figures = attributes(body, fixed).find(|(kind, _)| *kind == memory)?.1;
    Some((*body.get(name..)?.first_chunk()?, number(figures, DROPS)?))
}

/// `NAME` is one of `ip netns`.
fn path(name: &str) -> PathBuf {
    if name.contains('/') { name.into() } else { Path::new("/run/netns").join(name) }
}

/// A socket for questions in another network namespace. Only a thread of its own goes there.
fn open_in(path: &Path) -> io::Result<Netlink> {
    let namespace = File::open(path)?;
    let enter = move || {
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
        Netlink::open(SOCK_DIAG)
    };
    thread::Builder::new().spawn(enter)?.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use socket2::SockRef;

    use super::*;

    #[test]
    fn what_a_server_had_no_room_for_is_counted() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        SockRef::from(&server).set_recv_buffer_size(2048).unwrap();
        let address = server.local_addr().unwrap();
        let sockets = Sockets::open(None, Family::V4, address.port()).unwrap().unwrap();
        assert_eq!(sockets.drops(), Some(0));
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!((0..64).all(|_| client.send_to(&[7; 1000], address).is_ok()));
        server.set_nonblocking(true).unwrap();
        let kept = std::iter::from_fn(|| server.recv(&mut [0; 2000]).ok()).count();
        assert_eq!(sockets.drops(), Some(64 - kept as u64));
    }

    #[test]
    fn where_no_server_is_nothing_is_known() {
        let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        assert!(Sockets::open(None, Family::V4, free.port()).unwrap().is_none());
        let error = Sockets::open(Some("no-such"), Family::V4, 67).err().unwrap().to_string();
        assert!(error.starts_with("network namespace \"no-such\": No such file or directory (see: ip netns list"));
    }
}
