//! The interfaces and addresses of a network namespace, read from the kernel (rtnetlink(7)).
//!
//! A socket belongs to the namespace in which it was created, so a socket created in the namespace of a process reports
//! that namespace, whichever thread uses it.

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::thread;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::root::Root;
use crate::health::kea::facts::Link;

const NEW_LINK: u16 = 16;
const GET_LINK: u16 = 18;
const NEW_ADDRESS: u16 = 20;
const GET_ADDRESS: u16 = 22;
const ERROR: u16 = 2;
const DONE: u16 = 3;
/// `NLM_F_REQUEST`, and with `NLM_F_DUMP` for all there are.
const REQUEST: u16 = 1;
const DUMP: u16 = 0x301;
const NAME: u16 = 3;
const OPERATIONAL_STATE: u16 = 16;
const LOCAL_ADDRESS: u16 = 2;
/// `IFF_UP`: an administrator has set it up.
const FLAG_UP: u32 = 1;
/// `IFF_LOWER_UP`: it has its link. The operational state follows it with up to a second's delay.
const FLAG_LOWER_UP: u32 = 0x1_0000;
/// Not present, down, lower layer down (RFC 2863). Drivers without states report "unknown" and work.
const DOWN: [u8; 3] = [1, 2, 3];
const ENODEV: i32 = -19;
/// The sizes of the headers of a message, of an interface and of an address.
const HEAD: usize = 16;
const LINK_HEAD: usize = 16;
const ADDRESS_HEAD: usize = 8;
/// More than one reply has: the kernel makes none larger than a page or two for a reader like this.
const LARGEST: usize = 16 << 10;

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interface {
    pub name: String,
    pub link: Link,
}

/// The result of looking up a number or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Interface(Interface),
    /// There is none.
    None,
    /// The kernel did not say.
    Unknown,
}

/// Which interface has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// The one of this number.
    Interface(u32),
    /// None of them.
    None,
    /// The kernel did not say.
    Unknown,
}

/// The interfaces of a network namespace.
pub(super) struct Interfaces(OwnedFd);

impl Interfaces {
    /// Those of this program's own namespace.
    pub(super) fn own() -> Option<Self> {
        let flags = SocketFlags::CLOEXEC;
        rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None).ok().map(Self)
    }

    /// Those of a process; `None` if this user may not enter its namespace.
    pub(super) fn from_process(root: &Root, pid: u32) -> Option<Self> {
        let namespace = File::open(root.at(format!("/proc/{pid}/ns/net"))).ok()?;
        let enter = move || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).ok()?;
            Self::own()
        };
        thread::Builder::new().spawn(enter).ok()?.join().ok()?
    }

    /// The interface with this number.
    pub(super) fn by_index(&self, index: u32) -> Found {
        let mut request = message(GET_LINK, REQUEST);
        request.extend([0; LINK_HEAD]);
        request[HEAD + 4..HEAD + 8].copy_from_slice(&index.to_ne_bytes());
        self.link(request)
    }

    /// The interface with this name.
    pub(super) fn by_name(&self, name: &str) -> Found {
        let mut request = message(GET_LINK, REQUEST);
        request.extend([0; LINK_HEAD]);
        let Ok(length) = u16::try_from(name.len() + 5) else { return Found::None };
        request.extend(length.to_ne_bytes());
        request.extend(NAME.to_ne_bytes());
        request.extend(name.as_bytes());
        request.push(0);
        request.resize(request.len().next_multiple_of(4), 0);
        self.link(request)
    }

    /// All of them; `None` if the kernel did not say.
    pub(super) fn all(&self) -> Option<Vec<Interface>> {
        let mut request = message(GET_LINK, DUMP);
        request.extend([0; LINK_HEAD]);
        let mut found = Vec::new();
        let is_whole = self.ask(request, &mut |kind, body| {
            found.extend(interface(body).filter(|_| kind == NEW_LINK));
            kind == DONE
        });
        is_whole.then_some(found)
    }

    fn link(&self, request: Vec<u8>) -> Found {
        let mut found = Found::Unknown;
        self.ask(request, &mut |kind, body| {
            match kind {
                NEW_LINK => found = interface(body).map_or(Found::Unknown, Found::Interface),
                ERROR if number(body) == Some(ENODEV) => found = Found::None,
                _ => {}
            }
            true
        });
        found
    }

    /// The interface that has an IPv4 address.
    pub(super) fn with_address(&self, wanted: Ipv4Addr) -> Holder {
        let mut request = message(GET_ADDRESS, DUMP);
        request.extend([0; ADDRESS_HEAD]);
        request[HEAD] = u8::try_from(AddressFamily::INET.as_raw()).unwrap_or(2);
        let mut found = None;
        let is_whole = self.ask(request, &mut |kind, body| {
            if kind == NEW_ADDRESS && attribute(body, ADDRESS_HEAD, LOCAL_ADDRESS) == Some(&wanted.octets()) {
                found = body.get(4..).and_then(number).and_then(|index| u32::try_from(index).ok());
            }
            kind == DONE
        });
        match found {
            _ if !is_whole => Holder::Unknown,
            Some(index) => Holder::Interface(index),
            None => Holder::None,
        }
    }

    /// Sends a request and reads replies until `read` has what it needs; returns whether it got that.
    fn ask(&self, mut request: Vec<u8>, read: &mut dyn FnMut(u16, &[u8]) -> bool) -> bool {
        let length = u32::try_from(request.len()).unwrap_or_default();
        request[..4].copy_from_slice(&length.to_ne_bytes());
        if rustix::net::send(&self.0, &request, SendFlags::empty()).is_err() {
            return false;
        }
        let mut buffer = [0; LARGEST];
        // The kernel has answered when the send returns, or continues while the answer is read.
        while let Ok((length, _)) = rustix::net::recv(&self.0, &mut buffer[..], RecvFlags::DONTWAIT) {
            let mut rest = &buffer[..length];
            while let Some((kind, body, after)) = first(rest) {
                if read(kind, body) {
                    return true;
                }
                rest = after;
            }
        }
        false
    }
}

/// The header of a request; its length is set when the request is complete.
fn message(kind: u16, flags: u16) -> Vec<u8> {
    let mut head = vec![0; HEAD];
    head[4..6].copy_from_slice(&kind.to_ne_bytes());
    head[6..8].copy_from_slice(&flags.to_ne_bytes());
    head
}

/// The kind and the body of the first message, and what comes after it.
fn first(octets: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = usize::try_from(number(octets)?).ok()?;
    let kind = u16::from_ne_bytes(octets.get(4..6)?.try_into().ok()?);
    let body = octets.get(HEAD..length)?;
    Some((kind, body, octets.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

fn number(octets: &[u8]) -> Option<i32> {
    octets.get(..4)?.try_into().ok().map(i32::from_ne_bytes)
}

fn interface(body: &[u8]) -> Option<Interface> {
    let flags = u32::from_ne_bytes(body.get(8..12)?.try_into().ok()?);
    let name = attribute(body, LINK_HEAD, NAME)?;
    let name = String::from_utf8_lossy(name.strip_suffix(b"\0").unwrap_or(name)).into_owned();
    let state = attribute(body, LINK_HEAD, OPERATIONAL_STATE).and_then(|octets| octets.first());
    let has_link = flags & FLAG_LOWER_UP != 0 || !state.is_some_and(|state| DOWN.contains(state));
    Some(Interface { name, link: link(flags & FLAG_UP != 0, has_link) })
}

/// How an interface is that an administrator has set up, or not, and that has its link, or not.
pub(super) fn link(is_set_up: bool, has_link: bool) -> Link {
    match (is_set_up, has_link) {
        (true, true) => Link::Up,
        (true, false) => Link::NoLink,
        (false, _) => Link::Down,
    }
}

/// The attribute `wanted` of what follows the head of a body.
fn attribute(body: &[u8], head: usize, wanted: u16) -> Option<&[u8]> {
    let mut rest = body.get(head..)?;
    loop {
        let length = usize::from(u16::from_ne_bytes(rest.get(..2)?.try_into().ok()?));
        let kind = u16::from_ne_bytes(rest.get(2..4)?.try_into().ok()?);
        let value = rest.get(4..length)?;
        if kind == wanted {
            return Some(value);
        }
        rest = rest.get(length.next_multiple_of(4)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_is_known_by_number_name_and_address() {
        let interfaces = Interfaces::own().unwrap();
        let Found::Interface(found) = interfaces.by_name("lo") else { panic!() };
        assert_eq!(found.name, "lo");
        assert!(interfaces.all().unwrap().contains(&found));
        assert_eq!(interfaces.by_index(1), Found::Interface(found));
        assert_eq!((interfaces.by_name("none0"), interfaces.by_index(2_000_000_000)), (Found::None, Found::None));
        assert_eq!(interfaces.with_address(Ipv4Addr::new(192, 0, 2, 200)), Holder::None);
    }

    #[test]
    fn a_reply_that_is_cut_off_anywhere_is_no_interface() {
        let attributes = [9, 0, 3, 0, b'e', b't', b'h', b'0', 0, 0, 0, 0, 5, 0, 16, 0, 6, 0, 0, 0];
        let mut body = vec![0; LINK_HEAD];
        body[8] = 1;
        body.extend(attributes);
        let whole = interface(&body);
        assert_eq!(whole, Some(Interface { name: "eth0".to_owned(), link: Link::Up }));
        for length in 0..body.len() {
            assert!(interface(&body[..length]).is_none_or(|found| found.name == "eth0"), "{length}");
            assert!(first(&body[..length]).is_none_or(|(_, body, _)| body.len() <= length));
        }
        for state in DOWN {
            *body.iter_mut().rev().nth(3).unwrap() = state;
            assert_eq!(interface(&body).map(|found| found.link), Some(Link::NoLink));
            body[10] = 1;
            assert_eq!(interface(&body).map(|found| found.link), Some(Link::Up), "its link came up just now");
            (body[8], body[10]) = (0, 0);
            assert_eq!(interface(&body).map(|found| found.link), Some(Link::Down));
            body[8] = 1;
        }
    }
}
