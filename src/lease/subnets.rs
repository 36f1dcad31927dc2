//! What a server is to give: subnets with their pools and reservations, and how a lease fits in.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::filter::Range;
use super::{Family, Lease};

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reservation {
    /// What the client is known by: `hw-address`, `client-id`, `duid`, `circuit-id` or `flex-id`.
    pub identifier_type: String,
    /// That, as octets if it is written in hex, else as text.
    pub identifier: Vec<u8>,
    /// The addresses, and the prefixes with the addresses they hold.
    pub addresses: Vec<Range>,
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
                for range in &reservation.addresses {
                    reserved.entry(range.first()).or_default().push((subnet, index));
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
        here.find(|reservation| reservation.addresses.iter().any(|range| range.contains(address)))
    }

    /// The reservation for the address or prefix of a lease.
    #[must_use]
    pub fn reservation_of(&self, lease: &Lease<'_>) -> Option<&Reservation> {
        let subnet = self.subnet_of(lease)?;
        let places = self.reserved.get(&lease.address())?;
        places.iter().find_map(|(of, index)| match of {
            Some(of) if std::ptr::eq(&raw const self.subnets[*of], subnet) => subnet.reservations.get(*index),
            Some(_) => None,
            None => self.global.get(*index),
        })
    }

    /// The pool that a lease is from.
    #[must_use]
    pub fn pool_of(&self, lease: &Lease<'_>) -> Option<&Pool> {
        let subnet = self.subnet_of(lease)?;
        let pools = if lease.is_prefix() { &subnet.prefix_pools } else { &subnet.pools };
        pools.iter().find(|pool| pool.range.contains(lease.address()))
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

impl Reservation {
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
    use crate::lease::{HwAddr, sample};

    fn lease(address: &str, subnet_id: u32) -> Lease<'static> {
        Lease { hwaddr: HwAddr(&[2, 0, 0, 0, 0, 1]), subnet_id, ..sample::at(address) }
    }

    fn subnet(id: Option<u32>, prefix: &str, pool: &str, reserved: &str) -> Subnet {
        let reservation = Reservation {
            identifier_type: "hw-address".into(),
            identifier: vec![2, 0, 0, 0, 0, 1],
            addresses: vec![reserved.parse().unwrap()],
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
