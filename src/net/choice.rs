//! Which interface, and how to use it; what prevents it is reported before anything is sent.

use std::net::IpAddr;

use super::iface::{self, Address, AddressState, Interface};
use super::udp;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::wire::{LinkMode, LinkSpec};

/// Whether a link needs raw frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// A UDP socket is enough.
    Not,
    /// They receive more, but UDP is used if they are not permitted.
    Better,
    /// Without them answers would be lost.
    Must,
}

/// The interface of `plan`: the one it names, or the one its packets will take.
pub(super) fn interface(plan: &LinkSpec, interfaces: &[Interface]) -> Result<Interface> {
    if let Some(name) = &plan.interface {
        return iface::named(interfaces, name).cloned();
    }
    let having = |ip| interfaces.iter().find(|interface| interface.addresses.iter().any(|address| address.ip == ip));
    let found = match (plan.source, plan.towards) {
        (Some(source), _) => having(source).ok_or_else(|| {
            Error::new(format!("sending from {source}"), "this host has no such address").hint("see: ip address")
        }),
        (None, Some(server)) => {
            let source = udp::source_towards(server)?;
            // Packets to this host use the loopback interface; its server serves the interface with that address.
            let loopback = || interfaces.iter().find(|interface| interface.loopback);
            let own = having(source).filter(|interface| source != server || interface.is_ethernet());
            own.or_else(|| loopback().filter(|_| source == server)).ok_or_else(|| udp::no_route(server))
        }
        (None, None) => the_only_one(interfaces),
    };
    found.cloned()
}

/// Whether UDP shall keep to the interface: where it was chosen, not where a route led to it.
pub(super) fn is_bound_to_interface(plan: &LinkSpec) -> bool {
    plan.interface.is_some() || (plan.towards.is_none() && plan.listening_at().is_none())
}

fn the_only_one(interfaces: &[Interface]) -> Result<&Interface> {
    let usable = |interface: &&Interface| interface.up && interface.running && interface.is_ethernet();
    let mut found: Vec<_> = interfaces.iter().filter(usable).collect();
    let attempted = "choosing an interface";
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(Error::new(attempted, "no Ethernet interface is up").hint("see: ip link")),
        (Some(last), false) => {
            found.push(last);
            let names: Vec<_> = found.iter().map(|interface| interface.name.as_str()).collect();
            Err(Error::new(attempted, "there are several").hint(format!("name one of {}", names.join(", "))))
        }
    }
}

/// Says what would keep packets from leaving or answers from coming.
pub(super) fn check(plan: &LinkSpec, interface: &Interface) -> Result<()> {
    if !interface.up {
        return Err(is_down(&interface.name));
    }
    if !interface.running {
        return Err(has_no_link(&interface.name));
    }
    if plan.mode == LinkMode::Listen {
        return Ok(());
    }
    if let Some(source) = plan.source {
        let found = interface.addresses.iter().find(|address| address.ip == source);
        return found.map_or(Ok(()), |address| is_usable(&interface.name, *address));
    }
    let wants_link_local = match plan.towards {
        None => plan.family == Family::V6,
        Some(IpAddr::V6(server)) => server.is_unicast_link_local() || server.is_multicast(),
        Some(IpAddr::V4(_)) => false,
    };
    match interface.link_local() {
        _ if !wants_link_local || interface.loopback => Ok(()),
        Some(address) => is_usable(&interface.name, address),
        None => Err(Error::new(title(&interface.name), "it has no link-local IPv6 address, and DHCPv6 needs one")
            .hint(format!(
                "set sysctl net.ipv6.conf.{0}.disable_ipv6 to 0, and addr_gen_mode to another value than 1",
                interface.name
            ))),
    }
}

fn is_usable(name: &str, address: Address) -> Result<()> {
    let ip = address.ip;
    match address.state {
        AddressState::Usable => Ok(()),
        AddressState::Tentative => Err(Error::new(
            title(name),
            format!("its address {ip} is tentative: it is still being checked for duplicates"),
        )
        .hint("try again in two seconds")),
        AddressState::Duplicate => Err(Error::new(title(name), format!("another host has its address {ip}"))
            .hint(format!("see: ip address show {name}"))),
    }
}

/// What keeps an interface from working that did so when its link was opened; nothing if it still does.
pub(super) fn what_failed(name: &str) -> Option<Error> {
    match iface::by_name(name) {
        Err(_) => Some(Error::new(title(name), "it is gone")),
        Ok(interface) if !interface.up => Some(is_down(name)),
        Ok(interface) if !interface.running => Some(has_no_link(name)),
        Ok(_) => None,
    }
}

/// `interface` is switched off.
pub(super) fn is_down(name: &str) -> Error {
    Error::new(title(name), "it is down").hint(format!("ip link set {name} up"))
}

/// `interface` is not connected.
pub(super) fn has_no_link(name: &str) -> Error {
    Error::new(title(name), "it has no link").hint("check the cable at both ends")
}

fn title(name: &str) -> String {
    format!("interface \"{name}\"")
}

/// Chooses the sockets for `plan`.
///
/// The kernel's UDP does not hear answers to an address or a hardware address that is not this host's; where reverse
/// path filters are on, nor from a server in a network that the interface has no address of.
pub(super) fn frames(plan: &LinkSpec, interface: &Interface) -> Need {
    match plan.mode {
        LinkMode::Udp => return Need::Not,
        LinkMode::Raw | LinkMode::Listen => return Need::Must,
        LinkMode::Auto => {}
    }
    if plan.vlan.is_some() || plan.ethernet_source.is_some() {
        return Need::Must;
    }
    if plan.family == Family::V6 {
        // Of several sockets at the clients' port, those of other checks and of this host's own client, UDP gives what is sent
        // to its address to one alone; frames also say who sends.
        let is_client = interface.is_ethernet() && plan.source.is_none() && plan.towards.is_none();
        return if is_client { Need::Better } else { Need::Not };
    }
    if plan.is_relay || !interface.is_ethernet() {
        return Need::Not;
    }
    let has = |ip| interface.addresses.iter().any(|address| address.ip == ip);
    let has_address = interface.ipv4().next().is_some();
    let is_own = plan.client.is_none_or(|client| Some(client) == interface.mac);
    let is_answered_at_an_own_address = plan.client.is_none() || plan.client_address.is_some_and(has);
    let is_heard = plan.answered_by_broadcast || is_answered_at_an_own_address;
    match plan.towards {
        // Not for a server on this host, which may read frames.
        Some(server) if has_address && is_own && is_heard && !has(server) => Need::Not,
        None if has_address && (is_own || plan.answered_by_broadcast) => Need::Better,
        _ => Need::Must,
    }
}
