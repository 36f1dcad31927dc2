//! What a server is to give: subnets with their pools and reservations, and how a lease fits in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashMap;

use super::filter::Range;
use super::{Client, ClientId, Duid, Family, HwAddr, Lease, LeaseState, LeaseType, Lifetime};
use crate::text::Octets;

/// The subnets of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The subnets, by their numbers; those without a number first.
    subnets: Vec<Subnet>,
    /// Reservations that hold in every subnet.
    global: Vec<Reservation>,
    /// Where the reservations for an address are: by its first address, the subnet (none: global) and its place there.
    reserved: HashMap<IpAddr, Vec<(Option<usize>, usize)>>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its number; `None` where Kea numbers it by itself.
    pub id: Option<u32>,
    /// Its prefix as it is written: `192.0.2.0/24`.
    pub prefix: String,
    /// The addresses of the prefix.
    pub range: Range,
    /// The shared network it is part of.
    pub shared_network: Option<String>,
    /// A name that its user context or the shared network's gives it.
    pub name: Option<String>,
    /// The pools of addresses.
    pub pools: Vec<Pool>,
    /// The pools of prefixes.
    pub prefix_pools: Vec<Pool>,
    /// Addresses and names kept for certain clients.
    pub reservations: Vec<Reservation>,
}

/// A pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// As it is written: `192.0.2.10 - 192.0.2.99`, `2001:db8:8000::/33 in /56`.
    pub text: String,
    /// The addresses.
    pub range: Range,
}

/// Something kept for a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Reservation {
    /// What the client is known by: `hw-address`, `client-id`, `duid`, `circuit-id` or `flex-id`.
    pub identifier_type: String,
    /// That, as octets if it is written in hex, else as text.
    pub identifier: Vec<u8>,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
    /// The prefixes, each with the addresses it holds.
    pub prefixes: Vec<Range>,
    /// The host name; empty if there is none.
    pub hostname: String,
}

/// How a lease came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Its address or prefix is reserved.
    Reserved,
    /// It is from a pool.
    Dynamic,
    /// It is from no pool, and not reserved: left over from another configuration, or made by hand.
    Outside,
}

impl Origin {
    /// One word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Dynamic => "dynamic",
            Self::Outside => "outside",
        }
    }
}

impl Network {
    /// Of these subnets, and reservations for all of them.
    #[must_use]
    pub fn new(mut subnets: Vec<Subnet>, global: Vec<Reservation>) -> Self {
        subnets.sort_by_key(|subnet| subnet.id);
        let mut reserved: HashMap<IpAddr, Vec<(Option<usize>, usize)>> = HashMap::new();
        let of_subnets = subnets.iter().enumerate().map(|(index, subnet)| (Some(index), &subnet.reservations));
        for (subnet, reservations) in of_subnets.chain([(None, &global)]) {
            for (index, reservation) in reservations.iter().enumerate() {
                for first in reservation.beginnings() {
                    reserved.entry(first).or_default().push((subnet, index));
                }
            }
        }
        Self { subnets, global, reserved }
    }

    /// Its subnets, by number.
    #[must_use]
    pub fn subnets(&self) -> &[Subnet] {
        &self.subnets
    }

    /// Every reservation, with its subnet; those that hold in every subnet have none.
    pub fn reservations(&self) -> impl Iterator<Item = (Option<&Subnet>, &Reservation)> {
        let subnets = self.subnets.iter().map(|subnet| (Some(subnet), &subnet.reservations));
        let all = subnets.chain([(None, &self.global)]);
        all.flat_map(|(subnet, reservations)| reservations.iter().map(move |reservation| (subnet, reservation)))
    }

    /// The subnet with this number.
    #[must_use]
    pub fn subnet_with(&self, id: u32) -> Option<&Subnet> {
        let index = self.subnets.binary_search_by_key(&Some(id), |subnet| subnet.id).ok()?;
        self.subnets.get(index)
    }

    /// The number of the subnet with exactly this prefix.
    #[must_use]
    pub fn id_of(&self, prefix: &Range) -> Option<u32> {
        self.subnets.iter().find(|subnet| subnet.range == *prefix)?.id
    }

    /// The subnet of a lease: by number; where the configuration gives no numbers, by address.
    #[must_use]
    pub fn subnet_of(&self, lease: &Lease<'_>) -> Option<&Subnet> {
        let numbered = self.subnets.binary_search_by_key(&Some(lease.subnet_id), |subnet| subnet.id);
        let unnumbered = || self.subnets.iter().take_while(|subnet| subnet.id.is_none());
        let by_number = numbered.ok().map(|index| &self.subnets[index]);
        by_number.or_else(|| unnumbered().find(|subnet| subnet.range.contains(lease.address())))
    }

    /// The subnet whose prefix or pools an address lies in.
    #[must_use]
    pub fn subnet_at(&self, address: IpAddr) -> Option<&Subnet> {
        let holds = |subnet: &&Subnet| {
            let mut ranges = subnet.prefix_pools.iter().map(|pool| &pool.range).chain([&subnet.range]);
            ranges.any(|range| range.contains(address))
        };
        self.subnets.iter().find(holds)
    }

    /// The reservation for an address, or for a prefix that holds it, in a subnet.
    #[must_use]
    pub fn reservation_at<'a>(&'a self, subnet: &'a Subnet, address: IpAddr) -> Option<&'a Reservation> {
        let mut here = subnet.reservations.iter().chain(&self.global);
        here.find(|reservation| reservation.holds(address))
    }

    /// The reservation for the address or prefix of a lease; of several, the one of its client.
    #[must_use]
    pub fn reservation_of(&self, lease: &Lease<'_>) -> Option<&Reservation> {
        let subnet = self.subnet_of(lease)?;
        let places = self.reserved.get(&lease.address())?;
        let here = || {
            places.iter().filter_map(|(of, index)| match of {
                Some(of) if std::ptr::eq(&raw const self.subnets[*of], subnet) => subnet.reservations.get(*index),
                Some(_) => None,
                None => self.global.get(*index),
            })
        };
        here().find(|reservation| reservation.is_for(lease) == Some(true)).or_else(|| here().next())
    }

    /// The pool that a lease is from.
    #[must_use]
    pub fn pool_of(&self, lease: &Lease<'_>) -> Option<&Pool> {
        self.subnet_of(lease)?.pool_at(lease.address(), lease.is_prefix())
    }

    /// How a lease came about; `None` if its subnet is not known.
    #[must_use]
    pub fn origin_of(&self, lease: &Lease<'_>) -> Option<Origin> {
        self.subnet_of(lease)?;
        Some(if self.reservation_of(lease).is_some() {
            Origin::Reserved
        } else if self.pool_of(lease).is_some() {
            Origin::Dynamic
        } else {
            Origin::Outside
        })
    }
}

impl Subnet {
    /// The pool that an address, or the first address of a prefix, is in.
    #[must_use]
    pub fn pool_at(&self, address: IpAddr, is_prefix: bool) -> Option<&Pool> {
        let pools = if is_prefix { &self.prefix_pools } else { &self.pools };
        pools.iter().find(|pool| pool.range.contains(address))
    }
}

impl Reservation {
    /// Each address, and the first address of each prefix.
    fn beginnings(&self) -> impl Iterator<Item = IpAddr> {
        self.addresses.iter().copied().chain(self.prefixes.iter().map(Range::first))
    }

    /// Whether an address is reserved, by itself or in a prefix.
    fn holds(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address) || self.prefixes.iter().any(|prefix| prefix.contains(address))
    }

    /// What it keeps: each address, each prefix with its length, or nothing but a name.
    pub fn kept(&self) -> impl Iterator<Item = Option<(IpAddr, Option<u8>)>> {
        let prefix = |range: &Range| range.as_prefix().map(|(first, length)| (first, u8::try_from(length).ok()));
        let addresses = self.addresses.iter().map(|address| Some((*address, None)));
        let nothing = (self.addresses.is_empty() && self.prefixes.is_empty()).then_some(None);
        addresses.chain(self.prefixes.iter().map(prefix)).chain(nothing)
    }

    /// The lease that its client would have of something kept, in the subnet with this number; without a time. Where
    /// nothing but a name is kept, its address is 0.0.0.0 or `::`.
    #[must_use]
    pub fn as_lease(&self, family: Family, subnet_id: u32, kept: Option<(IpAddr, Option<u8>)>) -> Lease<'_> {
        let identifier = |kind: &str| if self.identifier_type == kind { self.identifier.as_slice() } else { b"" };
        let unspecified: IpAddr = match family {
            Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
            Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        let (address, length) = kept.unwrap_or((unspecified, None));
        let client = match address {
            IpAddr::V4(address) => Client::V4 { address, client_id: ClientId(identifier("client-id")) },
            IpAddr::V6(address) => Client::V6 {
                address,
                duid: Duid(identifier("duid")),
                iaid: 0,
                lease_type: if length.is_some() { LeaseType::Pd } else { LeaseType::Na },
                prefix_len: length.unwrap_or(128),
                preferred_lifetime: Lifetime::Infinite,
                hwtype: None,
                hwaddr_source: None,
            },
        };
        Lease {
            client,
            hwaddr: HwAddr(identifier("hw-address")),
            valid_lifetime: Lifetime::Infinite,
            cltt: 0,
            subnet_id,
            pool_id: 0,
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: self.hostname.as_bytes(),
            state: LeaseState::Assigned,
            user_context: b"",
        }
    }

    /// The identifier as text: octets in hex, but circuits and flexible identifiers as the text that they mostly are.
    #[must_use]
    pub fn identifier_text(&self) -> String {
        match self.identifier_type.as_str() {
            "hw-address" | "duid" | "client-id" => HwAddr(&self.identifier).to_string(),
            _ => Octets(&self.identifier).to_string(),
        }
    }

    /// Whether the lease's client is the one with the reservation; `None` if the lease does not show that.
    #[must_use]
    pub fn is_for(&self, lease: &Lease<'_>) -> Option<bool> {
        match (self.identifier_type.as_str(), lease.family()) {
            ("hw-address", _) if !lease.hwaddr.0.is_empty() => Some(self.identifier == lease.hwaddr.0),
            ("client-id", Family::V4) | ("duid", Family::V6) => Some(self.identifier == lease.identifier()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::sample;

    fn lease(address: &str, subnet_id: u32) -> Lease<'static> {
        Lease { hwaddr: HwAddr(&[2, 0, 0, 0, 0, 1]), subnet_id, ..sample::at(address) }
    }

    fn subnet(id: Option<u32>, prefix: &str, pool: &str, reserved: &str) -> Subnet {
        let reservation = Reservation {
            identifier_type: "hw-address".into(),
            identifier: vec![2, 0, 0, 0, 0, 1],
            addresses: vec![reserved.parse().unwrap()],
            prefixes: Vec::new(),
            hostname: String::new(),
        };
        Subnet {
            id,
            prefix: prefix.into(),
            range: prefix.parse().unwrap(),
            shared_network: None,
            name: None,
            pools: vec![Pool { text: pool.into(), range: pool.parse().unwrap() }],
            prefix_pools: Vec::new(),
            reservations: vec![reservation],
        }
    }

    #[test]
    fn a_lease_is_reserved_dynamic_or_neither() {
        let network = Network::new(
            vec![
                subnet(Some(9), "198.51.100.0/24", "198.51.100.1-198.51.100.9", "198.51.100.20"),
                subnet(Some(7), "192.0.2.0/24", "192.0.2.10-192.0.2.99", "192.0.2.20"),
            ],
            Vec::new(),
        );
        let origin = |address: &str, id| network.origin_of(&lease(address, id));
        assert_eq!(origin("192.0.2.20", 7), Some(Origin::Reserved));
        assert_eq!(origin("192.0.2.21", 7), Some(Origin::Dynamic));
        assert_eq!(origin("192.0.2.200", 7), Some(Origin::Outside));
        assert_eq!(origin("192.0.2.21", 8), None);
        assert_eq!(network.id_of(&"198.51.100.0/24".parse().unwrap()), Some(9));
        assert_eq!(
            network.reservation_of(&lease("192.0.2.20", 7)).unwrap().is_for(&lease("192.0.2.20", 7)),
            Some(true)
        );
    }

    #[test]
    fn a_subnet_without_number_is_known_by_its_addresses() {
        let network =
            Network::new(vec![subnet(None, "192.0.2.0/24", "192.0.2.10-192.0.2.99", "192.0.2.20")], Vec::new());
        assert_eq!(network.subnet_of(&lease("192.0.2.1", 1)).unwrap().prefix, "192.0.2.0/24");
        assert_eq!(network.subnet_of(&lease("192.0.3.1", 1)), None);
    }
}
