//! What the server, a shared network and a subnet have in common; what one does not say, the next outer one may.

use std::net::IpAddr;

use serde::Deserialize;

use super::super::json::{Data, Value};
use super::class::ClientClasses;
use super::read::list;

/// What may be set for the whole server, for a shared network or for a subnet.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Settings {
    /// The lifetime of leases, in seconds.
    pub valid_lifetime: Option<u32>,
    /// The shortest lifetime that a client may ask for.
    pub min_valid_lifetime: Option<u32>,
    /// The longest one.
    pub max_valid_lifetime: Option<u32>,
    /// The preferred lifetime of DHCPv6 leases, in seconds.
    pub preferred_lifetime: Option<u32>,
    /// The shortest preferred lifetime that a client may ask for.
    pub min_preferred_lifetime: Option<u32>,
    /// The longest one.
    pub max_preferred_lifetime: Option<u32>,
    /// When clients renew (T1), in seconds.
    pub renew_timer: Option<u32>,
    /// When clients rebind (T2), in seconds.
    pub rebind_timer: Option<u32>,
    /// How long an offered address is kept for its client, in seconds.
    pub offer_lifetime: Option<u32>,
    /// How addresses are chosen: `iterative`, `random`, `flq`, `shared-flq`.
    pub allocator: Option<String>,
    /// How prefixes are chosen.
    pub pd_allocator: Option<String>,
    /// Which reservations are looked for, as one word (up to Kea 2.4).
    pub reservation_mode: Option<String>,
    /// Whether global reservations are looked for.
    pub reservations_global: Option<bool>,
    /// Whether reservations of the subnet are looked for.
    pub reservations_in_subnet: Option<bool>,
    /// Whether reserved addresses are all outside the pools.
    pub reservations_out_of_pool: Option<bool>,
    /// The interface of the server's host that its clients are on.
    pub interface: Option<String>,
    /// The relay's name of the interface (DHCPv6).
    pub interface_id: Option<String>,
    /// The relays that its clients come through.
    pub relay: Relay,
    /// The options that clients get.
    #[serde(deserialize_with = "list")]
    pub option_data: Vec<Value>,
    /// Notes of an administrator.
    pub user_context: Option<Box<Value>>,
    /// The same as one text.
    pub comment: Option<String>,
    /// The classes of its clients.
    #[serde(rename = "$classes")]
    pub classes: ClientClasses,
}

/// The relays of a network.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Relay {
    /// One relay (up to Kea 1.3).
    pub ip_address: Option<IpAddr>,
    /// The relays.
    #[serde(deserialize_with = "list")]
    pub ip_addresses: Vec<IpAddr>,
}

impl Relay {
    /// The addresses of the relays; servers report an unspecified address where there is no relay.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.ip_address.iter().chain(&self.ip_addresses).copied().filter(|address| !address.is_unspecified())
    }
}

/// Which reservations a server looks for in a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReservationModes {
    /// Global ones.
    pub global: bool,
    /// Those of the subnet.
    pub in_subnet: bool,
    /// Reserved addresses inside pools are not withheld from other clients.
    pub out_of_pool: bool,
}

impl Settings {
    /// The name that an administrator gave in the user context; Stork shows the first of these.
    #[must_use]
    pub fn context_name(&self) -> Option<String> {
        let context = self.user_context.as_ref()?;
        ["subnet-name", "name", "comment"].into_iter().find_map(|key| match &context.get(key)?.data {
            Data::Text(octets) => String::from_utf8(octets.to_vec()).ok().filter(|text| !text.is_empty()),
            _ => None,
        })
    }

    /// What is said here of global reservations, of those in the subnet and of those out of pools.
    pub(super) fn modes(&self) -> [Option<bool>; 3] {
        let [global, in_subnet, out_of_pool] = match self.reservation_mode.as_deref() {
            Some("disabled" | "off") => [Some(false); 3],
            Some("out-of-pool") => [Some(false), Some(true), Some(true)],
            Some("global") => [Some(true), Some(false), Some(false)],
            Some("all") => [Some(false), Some(true), Some(false)],
            _ => [None; 3],
        };
        [
            self.reservations_global.or(global),
            self.reservations_in_subnet.or(in_subnet),
            self.reservations_out_of_pool.or(out_of_pool),
        ]
    }
}
