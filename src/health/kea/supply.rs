//! Whether a server has any address to lease.

use super::facts::Instance;
use super::logged::at;
use super::service::runs_on_its_file;
use super::{Finding, Verdict};
use crate::health::State;

/// How many subnets without addresses are named.
const NAMED: usize = 3;

/// Subnets without pools and reserved addresses. Subnets and reservations from other sources are not known, and a DHCPv6 server
/// may serve only options.
pub(super) fn supply(instance: &Instance, now: i64) -> Option<Finding> {
    let file = instance.configuration.as_ref().filter(|file| file.fault.is_none() || file.is_running)?;
    let supply = file.supply.as_ref().filter(|supply| !supply.may_be_elsewhere && !supply.gives_options)?;
    let set = instance.log.as_ref().and_then(|log| log.configuration_set.as_ref()).filter(|_| !file.is_running);
    if let Some(set) = set {
        // Of that one the log says only whether it has a subnet.
        let why = format!("the configuration that was set by command{} has no subnet (config-set)", at(&set.line));
        return set.has_no_subnet.then(|| nothing("no-subnet", &why));
    }
    if !runs_on_its_file(instance, now) {
        return None;
    }
    if supply.is_empty() {
        return Some(match supply.subnets {
            0 => nothing("no-subnet", "its configuration has no subnet"),
            _ => nothing("no-pool", "no subnet of its configuration has a pool or a reserved address"),
        });
    }
    let (named, more) = supply.bare.split_at(supply.bare.len().min(NAMED));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let text =
        format!("no client can get a lease in {}{more}: there is no pool and no reserved address", named.join(", "));
    (!named.is_empty()).then(|| Finding::new("no-pool", State::Warning, text))
}

fn nothing(id: &'static str, why: &str) -> Finding {
    let text = format!("it serves no client: no lease is available because {why}");
    Finding::new(id, State::Warning, text).verdict(Verdict::NotServing)
}
