//! The interfaces of this host.

use std::fs;
use std::net::{IpAddr, Ipv6Addr};

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;

use crate::error::{Error, Result};
use crate::wire::Mac;
pub use crate::wire::interface::{Address, AddressState, Interface, named};

/// The flags of an interface with a link. For a second after it has lost it, only `LOWER_UP` says so.
const RUNNING: InterfaceFlags = InterfaceFlags::IFF_RUNNING.union(InterfaceFlags::IFF_LOWER_UP);

/// All interfaces in the order of the kernel.
pub fn list() -> Result<Vec<Interface>> {
    let entries = getifaddrs().map_err(|cause| Error::io("listing the interfaces", &cause.into()))?;
    let mut interfaces: Vec<Interface> = Vec::new();
    for entry in entries {
        add(&mut interfaces, &entry);
    }
    let is_v6 = |address: &Address| address.ip.is_ipv6();
    if interfaces.iter().any(|interface| interface.addresses.iter().any(is_v6)) {
        let states = fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
        for interface in &mut interfaces {
            let index = interface.index;
            interface.addresses.iter_mut().for_each(|address| address.state = state(&states, index, address.ip));
        }
    }
    Ok(interfaces)
}

/// The interface `name`.
///
/// # Errors
/// There is none: the error lists those there are.
pub fn by_name(name: &str) -> Result<Interface> {
    named(&list()?, name).cloned()
}

/// The kernel gives one entry for each interface as such, and then one for each address.
fn add(interfaces: &mut Vec<Interface>, entry: &InterfaceAddress) {
    let Some(address) = entry.address else { return };
    if let Some(link) = address.as_link_addr() {
        let loopback = entry.flags.contains(InterfaceFlags::IFF_LOOPBACK);
        interfaces.push(Interface {
            name: entry.interface_name.clone(),
            index: u32::try_from(link.ifindex()).unwrap_or_default(),
            mac: link.addr().filter(|_| [libc::ARPHRD_ETHER, libc::ARPHRD_LOOPBACK].contains(&link.hatype())).map(Mac),
            up: entry.flags.contains(InterfaceFlags::IFF_UP),
            running: entry.flags.contains(RUNNING),
            loopback,
            addresses: Vec::new(),
        });
        return;
    }
    let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    let ip = v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())));
    // A second IPv4 address may have a label: "eth0:1".
    let name = entry.interface_name.split(':').next().unwrap_or_default();
    let interface =
        interfaces.iter_mut().find(|interface| interface.name == entry.interface_name || interface.name == name);
    if let (Some(ip), Some(interface)) = (ip, interface) {
        interface.addresses.push(Address { ip, prefix: prefix(entry), state: AddressState::Usable });
    }
}

/// The length of the prefix that a mask makes; without one only the address itself is in its network.
fn prefix(entry: &InterfaceAddress) -> u8 {
    let mask = entry.netmask.as_ref();
    let v4 = mask.and_then(|mask| mask.as_sockaddr_in()).map(|mask| mask.ip().to_bits().leading_ones());
    let v6 = mask.and_then(|mask| mask.as_sockaddr_in6()).map(|mask| mask.ip().to_bits().leading_ones());
    v4.or(v6).and_then(|length| u8::try_from(length).ok()).unwrap_or(u8::MAX)
}

/// The rows of `/proc/net/if_inet6`: address, interface number, prefix length, scope, flags, name.
fn state(states: &str, index: u32, ip: IpAddr) -> AddressState {
    // Of linux/if_addr.h.
    const DUPLICATE: u32 = 0x08;
    const TENTATIVE: u32 = 0x40;
    let IpAddr::V6(ip) = ip else { return AddressState::Usable };
    let flags = states.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let address = Ipv6Addr::from(u128::from_str_radix(words.next()?, 16).ok()?);
        let number = u32::from_str_radix(words.next()?, 16).ok()?;
        let flags = u32::from_str_radix(words.nth(2)?, 16).ok()?;
        (address == ip && number == index).then_some(flags)
    });
    match flags.unwrap_or_default() {
        flags if flags & DUPLICATE != 0 => AddressState::Duplicate,
        flags if flags & TENTATIVE != 0 => AddressState::Tentative,
        _ => AddressState::Usable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_is_listed_with_its_network() {
        let interfaces = list().unwrap();
        let lo = named(&interfaces, "lo").unwrap();
        assert!(lo.loopback && !lo.is_ethernet());
        let first = lo.addresses.iter().find(|address| address.ip == IpAddr::from([127, 0, 0, 1])).unwrap();
        assert_eq!((first.prefix, first.state), (8, AddressState::Usable));
        assert!(lo.reaches([127, 1, 2, 3].into()) && !lo.reaches([128, 0, 0, 1].into()));
    }

    #[test]
    fn unknown_interface_is_reported_with_the_existing_ones() {
        let error = by_name("nosuch0").unwrap_err().to_string();
        assert!(error.starts_with("interface \"nosuch0\": there is no such interface (there are: lo"), "{error}");
    }

    #[test]
    fn an_address_is_tentative_or_duplicate_as_the_kernel_says() {
        let states = "\
            fe800000000000000000000000000051 02 40 20 c0     eth0\n\
            fe800000000000000000000000000052 02 40 20 48     eth0\n\
            fe800000000000000000000000000053 02 40 20 80     eth0\n";
        let of = |ip: &str, index| state(states, index, ip.parse().unwrap());
        assert_eq!(of("fe80::51", 2), AddressState::Tentative);
        assert_eq!(of("fe80::52", 2), AddressState::Duplicate);
        for (ip, index) in [("fe80::53", 2), ("fe80::51", 3), ("192.0.2.1", 2)] {
            assert_eq!(of(ip, index), AddressState::Usable, "{ip}");
        }
    }
}
