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
use crate::config::Config;
use crate::config::model::ServedSubnet;
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::net::iface::Interface;
use crate::probe::expect::Network;
use crate::source;

/// The subnet selection option (RFC 3011).
const SUBNET_SELECTION: u8 = 118;

/// What the configuration `file` says; of the protocol of -4 or -6, if it is of both.
pub(super) fn read(args: &Args, file: &Path) -> Result<Config> {
    /// A subnet that is left out would look as if it were served.
    const PARTS: [&str; 4] = ["interfaces-config", "shared-networks", "subnet4", "subnet6"];
    let wanted = match (args.whom.v4, args.whom.v6) {
        (true, _) => Some(Family::V4),
        (_, true) => Some(Family::V6),
        _ => None,
    };
    let all = source::dhcp_servers(file, &PARTS)?.into_iter();
    let found = all
        .filter(|config| wanted.is_none_or(|family| config.family() == Some(family)))
        .find(|config| config.server.subnets().next().is_some());
    found.ok_or_else(|| {
        let family = wanted.map_or_else(String::new, |family| format!("{family} "));
        Error::new(format!("{}", file.display()), format!("it has no {family}subnets"))
            .hint("kea-dhcp4.conf or kea-dhcp6.conf is wanted")
    })
}

/// A target for each subnet; for each server too, if several are asked.
pub(super) fn plan(facts: &Facts<'_>, config: &Config) -> Result<Job> {
    let mut job = Job::default();
    for served in config.server.subnets() {
        let before = job.targets.len();
        ask(facts, config, served, &mut job)?;
        let several = job.targets.len() - before > 1;
        for target in &mut job.targets[before..] {
            dress(config, served, several, target);
        }
    }
    Ok(job)
}

fn ask(facts: &Facts<'_>, config: &Config, served: ServedSubnet<'_>, job: &mut Job) -> Result<()> {
    let names = &facts.args.whom.servers;
    let own = facts.interfaces.iter().find(|interface| Some(interface.name.as_str()) == served.interface());
    if config.family() == Some(Family::V6) {
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
    match own.or_else(|| listening(facts, config)) {
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
fn listening<'a>(facts: &'a Facts<'_>, config: &Config) -> Option<&'a Interface> {
    let configured = &config.server.interfaces_config.interfaces;
    let mut names = configured.iter().filter_map(|interface| interface.split('/').next());
    let everywhere = configured.iter().any(|interface| interface == "*");
    let usable = |interface: &&Interface| interface.up && interface.is_ethernet() && interface.ipv4().next().is_some();
    let first = names.find_map(|name| facts.interfaces.iter().filter(usable).find(|interface| interface.name == name));
    first.or_else(|| facts.interfaces.iter().find(usable).filter(|_| everywhere))
}

/// Gives the target its subnet's name, names the subnet in its packets, and knows where an address must be from.
fn dress(config: &Config, served: ServedSubnet<'_>, several: bool, target: &mut Target) {
    let prefix = served.subnet.prefix;
    target.name = if several { format!("{prefix} at {}", target.name) } else { prefix.to_string() };
    let is_shared = |other: &ServedSubnet<'_>| {
        let is_same = std::ptr::eq(other.subnet, served.subnet);
        is_same || (other.network_name().is_some() && other.network_name() == served.network_name())
    };
    let networks = config.server.subnets().filter(|other| target.recipe.asks_for_an_address() && is_shared(other));
    let prefixes = networks.map(|other| other.subnet.prefix);
    target.networks = prefixes.filter_map(|prefix| Network::new(prefix.address, prefix.length)).collect();
    match (&mut target.recipe, prefix.address) {
        (Recipe::V4(plan, _), IpAddr::V4(address)) => plan.template.set(SUBNET_SELECTION, address.octets()),
        (Recipe::V6(plan, _), IpAddr::V6(address)) => plan.relays.iter_mut().for_each(|relay| relay.link = address),
        _ => {}
    }
}
