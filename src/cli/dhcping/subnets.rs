//! Every subnet of a Kea configuration, asked for in its clients' place.
//!
//! A subnet on an interface of this host is asked for there, as its clients do. Any other is named in the packet: by the
//! option for that (RFC 3011) in DHCPv4, by the relay's link address in DHCPv6. So one host can ask for all of them, and
//! the answer comes back to it and not to the relay in the configuration.

use std::net::IpAddr;
use std::path::Path;

use super::args::Args;
use super::job::{Facts, Job, Recipe, Target};
use super::{job4, job6};
use crate::config::{Reach, Reached};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::net::iface::Interface;
use crate::probe::expect::Network;
use crate::source;

/// The subnet selection option (RFC 3011).
const SUBNET_SELECTION: u8 = 118;

/// What the configuration `file` says; of the protocol of -4 or -6, if it is of both.
pub(super) fn read(args: &Args, file: &Path) -> Result<Reached> {
    let wanted = match (args.whom.v4, args.whom.v6) {
        (true, _) => Some(Family::V4),
        (_, true) => Some(Family::V6),
        _ => None,
    };
    let all = source::reached(file)?.into_iter();
    let found = all
        .filter(|server| wanted.is_none_or(|family| server.family == family))
        .find(|server| !server.subnets.is_empty());
    found.ok_or_else(|| {
        let family = wanted.map_or_else(String::new, |family| format!("{family} "));
        Error::new(format!("{}", file.display()), format!("it has no {family}subnets"))
            .hint("kea-dhcp4.conf or kea-dhcp6.conf is wanted")
    })
}

/// A target for each subnet; for each server too, if several are asked.
pub(super) fn plan(facts: &Facts<'_>, reached: &Reached) -> Result<Job> {
    let mut job = Job::default();
    for reach in &reached.subnets {
        let before = job.targets.len();
        ask(facts, reached, reach, &mut job)?;
        let several = job.targets.len() - before > 1;
        for target in &mut job.targets[before..] {
            dress(reached, reach, several, target);
        }
    }
    Ok(job)
}

fn ask(facts: &Facts<'_>, reached: &Reached, reach: &Reach, job: &mut Job) -> Result<()> {
    let names = &facts.args.whom.servers;
    let own = facts.interfaces.iter().find(|interface| Some(&interface.name) == reach.interface.as_ref());
    if reached.family == Family::V6 {
        return match own {
            _ if !names.is_empty() => {
                for name in names {
                    let planned = ask_server6(facts, name, own, job);
                    job.attempt(name, planned);
                }
                Ok(())
            }
            Some(interface) => job6::everybody(facts, interface, &[], job),
            None => {
                elsewhere("", "-s ADDRESS asks the server as a relay does", job);
                Ok(())
            }
        };
    }
    let mode = job4::mode(facts);
    match own.or_else(|| listening(facts, reached)) {
        _ if !names.is_empty() => {
            for server in &facts.servers {
                let planned = job4::v4(*server).and_then(|server| job4::one_server(facts, mode, server, job));
                job.attempt(&server.to_string(), planned);
            }
            Ok(())
        }
        Some(interface) => job4::everybody(facts, mode, interface, job),
        None => {
            elsewhere("", "-s SERVER asks the server as a relay does", job);
            Ok(())
        }
    }
}

/// A server that is told by its DUID or its link-local address is asked by multicast, which names no subnet: only the one
/// of the interface can be asked for, unless we pose as a relay.
fn ask_server6(facts: &Facts<'_>, name: &str, own: Option<&Interface>, job: &mut Job) -> Result<()> {
    let server = job6::server(facts, name)?;
    if matches!(server, job6::Server::Anywhere(_)) || facts.args.whom.relay.is_some() {
        return job6::one_server(facts, &server, name, None, job);
    }
    let is_there = |interface: &&Interface| !server.is_beyond(&interface.name);
    if let Some(interface) = own.filter(is_there) {
        return job6::one_server(facts, &server, name, Some(interface), job);
    }
    elsewhere(name, "another address of the server, or -g, asks it as a relay does", job);
    Ok(())
}

/// A target that cannot be asked.
fn elsewhere(name: &str, hint: &str, job: &mut Job) {
    job.never(name, Error::new("", "it is on no interface of this host").hint(hint));
}

/// An interface that the server listens on, if this is its host.
fn listening<'a>(facts: &'a Facts<'_>, reached: &Reached) -> Option<&'a Interface> {
    let mut names = reached.interfaces.iter().filter_map(|interface| interface.split('/').next());
    let everywhere = reached.interfaces.iter().any(|interface| interface == "*");
    let usable = |interface: &&Interface| interface.up && interface.is_ethernet() && interface.ipv4().next().is_some();
    let first = names.find_map(|name| facts.interfaces.iter().filter(usable).find(|interface| interface.name == name));
    first.or_else(|| facts.interfaces.iter().find(usable).filter(|_| everywhere))
}

/// Gives the target its subnet's name, names the subnet in its packets, and knows where an address must be from.
fn dress(reached: &Reached, reach: &Reach, several: bool, target: &mut Target) {
    target.name = if several { format!("{} at {}", name(reach), target.name) } else { name(reach) };
    let is_shared = |other: &&Reach| {
        *other == reach || (other.shared_network.is_some() && other.shared_network == reach.shared_network)
    };
    let networks = reached.subnets.iter().filter(|other| target.recipe.asks_for_an_address() && is_shared(other));
    target.networks = networks.filter_map(|other| Network::new(other.prefix.0, other.prefix.1)).collect();
    match (&mut target.recipe, reach.prefix.0) {
        (Recipe::V4(plan, _), IpAddr::V4(address)) => plan.template.set(SUBNET_SELECTION, address.octets()),
        (Recipe::V6(plan, _), IpAddr::V6(address)) => plan.relays.iter_mut().for_each(|relay| relay.link = address),
        _ => {}
    }
}

fn name(reach: &Reach) -> String {
    format!("{}/{}", reach.prefix.0, reach.prefix.1)
}
