//! Every subnet of a Kea configuration, asked for in its clients' place.
//!
//! A subnet on an interface of this host is asked for there, as its clients do. Any other is named in the packet: by the
//! option for that (RFC 3011) in DHCPv4, by the relay's link address in DHCPv6. So one host can ask for all of them, and
//! the answer comes back to it and not to the relay in the configuration.

use std::net::IpAddr;

use super::{ExchangeSpec, PlanContext, ProbePlan, Target, v4, v6};
use crate::config::Config;
use crate::config::model::ServedSubnet;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::probe::expect::Network;
use crate::wire::interface::Interface;

/// The subnet selection option (RFC 3011).
const SUBNET_SELECTION: u8 = 118;

/// A target for each subnet; for each server too, if several are asked.
///
/// # Errors
/// Nothing of it can be carried out.
pub fn plan(context: &PlanContext<'_>, config: &Config) -> Result<ProbePlan> {
    let mut whole = ProbePlan::default();
    for served in config.server.subnets() {
        let before = whole.targets.len();
        ask(context, config, served, &mut whole)?;
        let several = whole.targets.len() - before > 1;
        for target in &mut whole.targets[before..] {
            dress(config, served, several, target);
        }
    }
    whole.completed(context)
}

fn ask(context: &PlanContext<'_>, config: &Config, served: ServedSubnet<'_>, whole: &mut ProbePlan) -> Result<()> {
    let names = &context.request.servers;
    let own = context.interfaces.iter().find(|interface| Some(interface.name.as_str()) == served.interface());
    if config.family() == Some(Family::V6) {
        return match own {
            _ if !names.is_empty() => {
                for name in names {
                    let planned = ask_server6(context, name, own, whole);
                    whole.attempt(name, planned);
                }
                Ok(())
            }
            Some(interface) => v6::all_servers(context, interface, &[], whole),
            None => {
                elsewhere("", "-s ADDRESS asks the server as a relay does", whole);
                Ok(())
            }
        };
    }
    let mode = v4::mode(context);
    match own.or_else(|| listening(context, config)) {
        _ if !names.is_empty() => {
            for server in &context.servers {
                let planned = v4::v4(*server).and_then(|server| v4::one_server(context, mode, server, whole));
                whole.attempt(&server.to_string(), planned);
            }
            Ok(())
        }
        Some(interface) => v4::all_servers(context, mode, interface, whole),
        None => {
            elsewhere("", "-s SERVER asks the server as a relay does", whole);
            Ok(())
        }
    }
}

/// A server that is named by its DUID or its link-local address is asked by multicast, which names no subnet: only the one
/// of the interface can be asked for, unless we pose as a relay.
fn ask_server6(context: &PlanContext<'_>, name: &str, own: Option<&Interface>, whole: &mut ProbePlan) -> Result<()> {
    let server = v6::server(context, name)?;
    if matches!(server, v6::Server::Anywhere(_)) || context.request.relay.is_some() {
        return v6::one_server(context, &server, name, None, whole);
    }
    let is_there = |interface: &&Interface| !server.is_beyond(&interface.name);
    if let Some(interface) = own.filter(is_there) {
        return v6::one_server(context, &server, name, Some(interface), whole);
    }
    elsewhere(name, "another address of the server, or -g, asks it as a relay does", whole);
    Ok(())
}

/// A target that cannot be asked.
fn elsewhere(name: &str, hint: &str, whole: &mut ProbePlan) {
    whole.never(name, Error::new("", "it is on no interface of this host").hint(hint));
}

/// An interface that the server listens on, if this is its host.
fn listening<'a>(context: &'a PlanContext<'_>, config: &Config) -> Option<&'a Interface> {
    let configured = &config.server.interfaces_config.interfaces;
    let mut names = configured.iter().filter_map(|interface| interface.split('/').next());
    let everywhere = configured.iter().any(|interface| interface == "*");
    let usable = |interface: &&Interface| interface.up && interface.is_ethernet() && interface.ipv4().next().is_some();
    let first =
        names.find_map(|name| context.interfaces.iter().filter(usable).find(|interface| interface.name == name));
    first.or_else(|| context.interfaces.iter().find(usable).filter(|_| everywhere))
}

/// Gives the target its subnet's name, names the subnet in its packets, and knows where an address must be from.
fn dress(config: &Config, served: ServedSubnet<'_>, several: bool, target: &mut Target) {
    let prefix = served.subnet.prefix;
    target.name = if several { format!("{prefix} at {}", target.name) } else { prefix.to_string() };
    let is_shared = |other: &ServedSubnet<'_>| {
        let is_same = std::ptr::eq(other.subnet, served.subnet);
        is_same || (other.network_name().is_some() && other.network_name() == served.network_name())
    };
    let networks = config.server.subnets().filter(|other| target.exchange.asks_for_an_address() && is_shared(other));
    let prefixes = networks.map(|other| other.subnet.prefix);
    target.networks = prefixes.filter_map(|prefix| Network::new(prefix.address, prefix.length)).collect();
    match (&mut target.exchange, prefix.address) {
        (ExchangeSpec::V4(plan, _), IpAddr::V4(address)) => plan.template.set(SUBNET_SELECTION, address.octets()),
        (ExchangeSpec::V6(plan, _), IpAddr::V6(address)) => {
            plan.relays.iter_mut().for_each(|relay| relay.link = address);
        }
        _ => {}
    }
}
