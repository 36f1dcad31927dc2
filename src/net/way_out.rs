//! Whether an interface leads to other machines.
//!
//! A pair of virtual interfaces does not, unless one of the two is a port of a bridge where other interfaces than virtual
//! ones are.

use std::io;

use super::netlink::{Netlink, attributes, number};
use super::sys;

/// What the kernel says of an interface.
#[derive(Debug, Clone, Default)]
struct InterfaceFacts {
    index: u32,
    name: String,
    is_ethernet: bool,
    /// `veth`, `bridge` …; none for what is no interface of the kernel's own making.
    kind: Option<String>,
    /// The bridge, or another interface, that it is a port of.
    master: Option<u32>,
    /// The other one of a pair, and the number of its namespace, if that is another.
    peer: Option<u32>,
    peer_namespace: Option<u32>,
}

/// Kinds of interfaces of which no frame leaves this machine by itself.
const VIRTUAL: [&str; 4] = ["veth", "dummy", "bridge", "ifb"];

/// Why an interface may lead to other machines; nothing if it does not.
#[must_use]
pub fn way_out(interface: &str) -> Option<String> {
    let unknown = |cause: io::Error| Some(format!("nothing is known of it ({})", crate::error::io_cause(&cause)));
    let netlink = match Netlink::open(libc::NETLINK_ROUTE) {
        Ok(netlink) => netlink,
        Err(cause) => return unknown(cause),
    };
    match all(&netlink, None) {
        Ok(here) => judged(interface, &here, |namespace| all(&netlink, Some(namespace)).ok()),
        Err(cause) => unknown(cause),
    }
}

fn judged(
    name: &str,
    here: &[InterfaceFacts],
    elsewhere: impl FnOnce(u32) -> Option<Vec<InterfaceFacts>>,
) -> Option<String> {
    let Some(facts) = here.iter().find(|facts| facts.name == name) else {
        return Some("nothing is known of it".to_owned());
    };
    match facts.kind.as_deref() {
        Some("dummy" | "veth") => {}
        Some(kind) => return Some(format!("it is of the kind {kind}")),
        None => return Some(sys::driver(name).unwrap_or_else(|_| "it is no virtual interface".to_owned())),
    }
    if let Some(way) = bridged(facts.index, here) {
        return Some(format!("it is {way}"));
    }
    let peer = facts.peer?;
    let way = match facts.peer_namespace {
        None => bridged(peer, here),
        Some(namespace) => match elsewhere(namespace) {
            Some(there) => bridged(peer, &there),
            None => return Some("its other end is in a network namespace that cannot be looked into".to_owned()),
        },
    };
    way.map(|way| format!("its other end is {way}"))
}

/// The way by a bridge, in a namespace with these interfaces.
fn bridged(index: u32, all: &[InterfaceFacts]) -> Option<String> {
    let master = all.iter().find(|facts| facts.index == index)?.master?;
    let bridge = all.iter().find(|facts| facts.index == master)?;
    let is_virtual = |facts: &InterfaceFacts| facts.kind.as_deref().is_some_and(|kind| VIRTUAL.contains(&kind));
    let other = all.iter().find(|facts| facts.is_ethernet && !is_virtual(facts))?;
    Some(format!("a port of {}, next to {}", bridge.name, other.name))
}

/// All interfaces of this network namespace, or of that with this number.
fn all(netlink: &Netlink, namespace: Option<u32>) -> io::Result<Vec<InterfaceFacts>> {
    const GET: u16 = 18;
    const NEW: u16 = 16;
    const TARGET: u16 = 46;
    let mut question = vec![0; FIXED];
    if let Some(namespace) = namespace {
        question.extend([&8_u16.to_ne_bytes()[..], &TARGET.to_ne_bytes(), &namespace.to_ne_bytes()].concat());
    }
    let bodies = netlink.ask(GET, NEW, &question)?;
    Ok(bodies.iter().filter_map(|body| facts(body)).collect())
}

/// `struct ifinfomsg`: family, type of hardware, index, flags.
const FIXED: usize = 16;

fn facts(body: &[u8]) -> Option<InterfaceFacts> {
    // Of linux/if_link.h.
    const NAME: u16 = 3;
    const PEER: u16 = 5;
    const MASTER: u16 = 10;
    const INFORMATION: u16 = 18;
    const KIND: u16 = 1;
    const PEER_NAMESPACE: u16 = 37;
    let text = |value: &[u8]| String::from_utf8_lossy(value).trim_end_matches('\0').to_owned();
    let hardware = u16::from_ne_bytes(*body.get(2..)?.first_chunk()?);
    let mut facts = InterfaceFacts {
        index: number(body, 4)?,
        is_ethernet: hardware == libc::ARPHRD_ETHER,
        ..InterfaceFacts::default()
    };
    for (kind, value) in attributes(body, FIXED) {
        match kind {
            NAME => facts.name = text(value),
            PEER => facts.peer = number(value, 0),
            MASTER => facts.master = number(value, 0),
            PEER_NAMESPACE => facts.peer_namespace = number(value, 0),
            INFORMATION => {
                facts.kind = attributes(value, 0).find(|(kind, _)| *kind == KIND).map(|(_, value)| text(value));
            }
            _ => {}
        }
    }
    Some(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(index: u32, name: &str, kind: &str) -> InterfaceFacts {
        let kind = Some(kind.to_owned()).filter(|kind| !kind.is_empty());
        InterfaceFacts { index, name: name.into(), is_ethernet: true, kind, ..InterfaceFacts::default() }
    }

    #[test]
    fn only_what_leads_to_this_machine_alone_is_harmless() {
        let veth = InterfaceFacts { peer: Some(2), ..interface(1, "veth0", "veth") };
        let port = InterfaceFacts { master: Some(3), ..interface(2, "veth1", "veth") };
        let bridge = interface(3, "br0", "bridge");
        let card = InterfaceFacts { master: Some(3), ..interface(4, "eth0", "") };
        let nothing = |_| None;
        let alone = [veth.clone(), interface(2, "veth1", "veth"), card.clone(), interface(5, "wg0", "wireguard")];
        assert_eq!(judged("veth0", &alone, nothing), None);
        assert_eq!(judged("wg0", &alone, nothing).unwrap(), "it is of the kind wireguard");
        assert!(judged("eth0", &alone, nothing).is_some() && judged("eth9", &alone, nothing).is_some());
        let closed = [veth.clone(), port.clone(), bridge.clone()];
        assert_eq!(judged("veth0", &closed, nothing), None);
        let open = [veth.clone(), port.clone(), bridge.clone(), card.clone()];
        assert_eq!(judged("veth0", &open, nothing).unwrap(), "its other end is a port of br0, next to eth0");
        assert_eq!(judged("veth1", &open, nothing).unwrap(), "it is a port of br0, next to eth0");
    }

    #[test]
    fn the_other_end_is_looked_for_in_its_namespace() {
        let veth = [InterfaceFacts { peer: Some(2), peer_namespace: Some(7), ..interface(1, "veth0", "veth") }];
        let port = InterfaceFacts { master: Some(3), ..interface(2, "veth1", "veth") };
        let there = [port, interface(3, "br0", "bridge"), interface(4, "eth0", "")];
        let look = |namespace| (namespace == 7).then(|| there.to_vec());
        assert_eq!(judged("veth0", &veth, look).unwrap(), "its other end is a port of br0, next to eth0");
        assert!(judged("veth0", &veth, |_| None).unwrap().contains("cannot be looked into"));
    }

    #[test]
    fn the_kernel_knows_the_loopback_interface() {
        let found = all(&Netlink::open(libc::NETLINK_ROUTE).unwrap(), None).unwrap();
        let lo = found.iter().find(|facts| facts.name == "lo").unwrap();
        assert!(!lo.is_ethernet && lo.index > 0 && lo.master.is_none());
    }
}
