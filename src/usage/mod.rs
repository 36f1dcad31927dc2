//! How full the pools of a DHCP server are, and what a new client would get. Pure.
//!
//! [`Layout`] is what a configuration has to give. [`Counter`] takes leases, one at a time, and [`Counter::finish`] is the
//! [`Usage`]: the counts of each pool, subnet and shared network. Leases belong to a pool by their address, whatever their
//! subnet number says: a server whose subnets were renumbered does not give an address twice. Numbers are integers of 128
//! bits; memory grows with the number of pools and reservations, not with that of leases.

mod arrange;
mod cause;
mod clients;
mod count;
mod counter;
mod counts;
mod evidence;
mod facts;
mod forecast;
mod guard;
mod halves;
mod history;
mod holders;
mod index;
mod journal;
mod layout;
mod limits;
mod map;
mod offer;
mod overlap;
mod pairing;
mod place;
mod selector;
mod sharing;

use std::net::IpAddr;

pub use cause::{Cause, Reason, Severity, causes, fullness, refusals};
pub use count::{Statistics, Usage, declined_is_apart};
pub use counter::Counter;
pub use counts::{Basis, Counts, Pair};
pub use evidence::{AGES, Evidence};
pub use forecast::{Forecast, Point, Usual, forecast};
pub use guard::Guard;
pub use history::History;
pub use journal::Journal;
pub use layout::{Layout, Network, Pool, PoolKind, Subnet};
pub use map::{Cell, PoolMap};
pub use offer::{Clients, Offer};
pub use pairing::Pairing;
pub use place::{LayoutPlace, Level, ResourceKind};
pub use selector::PoolSelector;

/// An address as a number.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}
