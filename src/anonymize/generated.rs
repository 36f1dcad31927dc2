//! Names that Kea generates of an address: `dyn-192-0-2-7.example.org.`, `dyn-2001-db8--1`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address in a name.
pub(super) fn address(name: &str) -> Option<IpAddr> {
    const FEWEST: usize = 3;
    let label = name.split('.').next().unwrap_or_default();
    if label.matches('-').count() < FEWEST {
        return None;
    }
    // The prefix may have hyphens too, or be none.
    let ends = label.match_indices('-').map(|(at, _)| &label[at + 1..]);
    [label].into_iter().chain(ends).find_map(read)
}

fn read(text: &str) -> Option<IpAddr> {
    let colons = text.replace('-', ":");
    let four = text.replace('-', ".").parse::<Ipv4Addr>().map(IpAddr::from);
    four.ok().or_else(|| colons.parse::<Ipv6Addr>().ok().map(IpAddr::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_names_are_found() {
        for (name, expected) in [
            ("dyn-10-9-8-70.corp.example.", "10.9.8.70"),
            ("my-host-192-0-2-7", "192.0.2.7"),
            ("192-0-2-7.pool.example", "192.0.2.7"),
            ("dyn-2001-db8--1.example", "2001:db8::1"),
        ] {
            assert_eq!(address(name), expected.parse().ok(), "{name}");
        }
        for name in ["kea-dhcp4", "lab-2026-11-29", "a-b-c-d-e", "sw-1-2-3", "x.1-2-3-4"] {
            assert_eq!(address(name), None, "{name}");
        }
    }
}
