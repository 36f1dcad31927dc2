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
        return Some(address)
            .filter(is_wanted)
            .ok_or_else(|| Error::new(attempted, format!("this is no {family} address")).hint("-4 and -6 choose"));
    }
    if name.parse::<std::net::SocketAddr>().is_ok() {
        return Err(Error::new(attempted, "a port does not belong to it").hint("the address alone"));
    }
    let found = (name, 0).to_socket_addrs();
    let mut addresses = found
        .map_err(|_| {
            Error::new(attempted.as_str(), "no such host")
                .hint("give an address, or see: getent hosts; -I asks on an interface")
        })?
        .map(|address| address.ip());
    addresses.find(is_wanted).ok_or_else(|| Error::new(attempted, format!("it has no {family} address")))
}
