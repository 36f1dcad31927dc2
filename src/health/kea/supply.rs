//! Whether a server has anything to give.

use super::facts::Instance;
use super::{Finding, Verdict};
use crate::health::State;

/// How many places without anything to give are named.
const NAMED: usize = 3;

/// What its configuration file gives to no client. Subnets and reservations that come from elsewhere are not known, and
/// a DHCPv6 server may be there for options alone.
pub(super) fn supply(instance: &Instance) -> Option<Finding> {
    let file = instance.configuration.as_ref().filter(|file| file.fault.is_none())?;
    let supply = file.supply.as_ref().filter(|supply| !supply.may_be_elsewhere && !supply.gives_options)?;
    if supply.is_empty() {
        let (id, why) = match supply.subnets {
            0 => ("no-subnet", "its configuration has no subnet"),
            _ => ("no-pool", "no subnet of its configuration has a pool or a reservation"),
        };
        let text = format!("it serves no client: none can get a lease, for {why}");
        return Some(Finding::new(id, State::Warning, text).verdict(Verdict::NotServing));
    }
    let (named, more) = supply.bare.split_at(supply.bare.len().min(NAMED));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let text = format!("no client can get a lease in {}{more}: there is no pool and no reservation", named.join(", "));
    (!named.is_empty()).then(|| Finding::new("no-pool", State::Warning, text))
}
