//! Names of servers.

use std::net::{IpAddr, ToSocketAddrs as _};

use crate::error::{Error, Result};
use crate::family::Family;

/// The first address of `family` that `name` has; an address is its own.
///
/// # Errors
/// One line naming what was typed.
pub fn resolve(name: &str, family: Family) -> Result<IpAddr> {
    let attempted = format!("server \"{name}\"");
    let is_wanted = |address: &IpAddr| address.is_ipv4() == (family == Family::V4);
    if let Ok(address) = name.parse::<IpAddr>() {
        return Some(address).filter(is_wanted).ok_or_else(|| {
            let remedy = format!("a {family} server has another; -{} asks with this one", family.other().digit());
            Error::new(attempted, format!("this is no {family} address")).hint(remedy)
        });
    }
    if name.parse::<std::net::SocketAddr>().is_ok() {
        return Err(Error::new(attempted, "a port does not belong to it").hint("give the address alone"));
    }
    if is_mistyped(name) {
        return Err(Error::new(attempted, "this is no IPv4 address: it has four numbers from 0 to 255"));
    }
    let found = (name, 0).to_socket_addrs();
    let mut addresses = found
        .map_err(|_| {
            let is_short = !name.contains(['.', ':']);
            let cause = if is_short { "no such host, and no interface of this name" } else { "no such host" };
            Error::new(attempted.as_str(), cause).hint("give an address, or see: getent hosts; -I asks on an interface")
        })?
        .map(|address| address.ip());
    addresses.find(is_wanted).ok_or_else(|| Error::new(attempted, format!("it has no {family} address")))
}

/// Whether it has only numbers and dots, as no name of a host has.
fn is_mistyped(name: &str) -> bool {
    name.contains('.') && name.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_addresses_and_interfaces_are_reported_as_such() {
        let error = |name: &str| resolve(name, Family::V4).unwrap_err().to_string();
        for name in ["192.0.2.300", "192.0.2", "192.0.2.1."] {
            assert!(error(name).starts_with(&format!("server \"{name}\": this is no IPv4 address")), "{name}");
        }
        assert!(error("192.0.2.1:67").contains("a port does not belong to it"));
        assert!(error("2001:db8::1").contains("this is no DHCPv4 address"));
    }
}
