//! Where the load goes, and whether it may go there.

use std::net::{IpAddr, Ipv4Addr};

use super::args::Args;
use crate::dhcp::v6::{ALL_SERVERS, CLIENT_PORT, SERVER_PORT};
use crate::env::network::Network;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::load::{Clients, Exchange, LoadTarget, Relays};
use crate::probe::v4;
use crate::wire::interface::{Interface, named};
use crate::wire::{LinkMode, LinkSpec};

/// In place of servers: whichever answers.
const ALL: &str = "all";

/// A place that may be loaded, and the link to it.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) place: LoadTarget,
    pub(super) link: LinkSpec,
    pub(super) interface: Interface,
    /// In whose network a server is, if not in that of the interface.
    elsewhere: Option<String>,
    /// In the words of the report.
    pub(super) words: String,
}

/// The place that the arguments name.
pub(super) fn choose(args: &Args, exchange: Exchange, clients: &Clients, network: &dyn Network) -> Result<Chosen> {
    let family = args.family();
    let servers = servers(args, network)?;
    let interfaces = network.interfaces()?;
    let relays = relays(args, &servers, &interfaces)?;
    check_scope(&servers, &relays)?;
    refuse_own_server(args, &servers, &interfaces)?;
    let to = target(family, &servers, &relays);
    let interface = interface(args, to, &servers, &interfaces, network)?;
    check_clients(clients, &interfaces)?;
    let inform_address = match exchange {
        Exchange::Inform => Some(inform_address(&interface, &relays)?),
        _ => None,
    };
    let words = words(args, &servers, &relays, &interface);
    let link = link(args, to, &relays, &interface, clients);
    let elsewhere = elsewhere(&servers, &interface, &interfaces);
    Ok(Chosen { place: LoadTarget { servers, to, relays, inform_address }, link, interface, elsewhere, words })
}

/// The servers whose answers count; empty for all.
fn servers(args: &Args, network: &dyn Network) -> Result<Vec<IpAddr>> {
    let named = &args.target.server;
    if named.is_empty() {
        // A load is nothing to be sent by accident.
        return Err(Error::new("", "no server is named")
            .hint("name it with -s ADDRESS, or give -s all for every server that answers; see dhcpload --help"));
    }
    if named.iter().any(|name| name == ALL) {
        let only = named.len() == 1;
        return if only { Ok(Vec::new()) } else { Err(Error::new("-s all", "other servers are named too")) };
    }
    named.iter().map(|name| network.resolve(name, args.family())).collect()
}

fn relays(args: &Args, servers: &[IpAddr], interfaces: &[Interface]) -> Result<Relays> {
    let (family, given) = (args.family(), &args.target.relay);
    if given.is_empty() {
        return Ok(Relays::default());
    }
    if servers.len() != 1 {
        return Err(Error::new("--relay", "a relay agent sends to one server").hint("name it with -s ADDRESS"));
    }
    let links = if args.target.link_address.is_empty() { given } else { &args.target.link_address };
    for address in given.iter().chain(links) {
        if address.is_ipv4() != (family == Family::V4) {
            return Err(Error::new(format!("--relay {address}"), format!("this is no {family} address")));
        }
    }
    let has = |ip: &IpAddr| interfaces.iter().any(|it| it.addresses.iter().any(|address| address.ip == *ip));
    match given.iter().find(|ip| family == Family::V4 && !has(ip)) {
        Some(ip) => Err(Error::new(format!("--relay {ip}"), "this host has no such address, and answers go there")
            .hint(format!("add it with: ip address add {ip}/32 dev lo"))),
        None => Ok(Relays(if family == Family::V6 { links.clone() } else { given.clone() })),
    }
}

/// Clients of DHCPv6 ask all servers of their link (RFC 8415 section 18.2), which answer from link-local addresses.
fn check_scope(servers: &[IpAddr], relays: &Relays) -> Result<()> {
    let is_global = |ip: &&IpAddr| matches!(ip, IpAddr::V6(ip) if !ip.is_unicast_link_local());
    match servers.iter().find(is_global).filter(|_| relays.0.is_empty()) {
        Some(ip) => Err(Error::new(format!("-s {ip}"), "servers answer clients from link-local addresses")
            .hint("give that address, see: ip -6 neighbour; or give -s all; or act as a relay agent with --relay")),
        None => Ok(()),
    }
}

/// A server does not hear a client of DHCPv4 on the interface where it listens itself, and has the port at which relay agents
/// are answered.
fn refuse_own_server(args: &Args, servers: &[IpAddr], interfaces: &[Interface]) -> Result<()> {
    let is_relay = !args.target.relay.is_empty();
    let has = |interface: &Interface, ip| interface.addresses.iter().any(|address| address.ip == ip);
    for server in servers {
        let owner = interfaces.iter().find(|interface| !interface.loopback && has(interface, *server));
        let Some(owner) = owner else { continue };
        let is_there = args.target.interface.as_ref().is_none_or(|name| *name == owner.name);
        let cause = match server {
            _ if is_relay => "it is on this host, where it has the port at which a relay agent is answered",
            IpAddr::V4(_) if is_there => {
                "it is an address of this host, whose server does not receive messages of clients on its own host"
            }
            _ => continue,
        };
        return Err(Error::new(format!("-s {server}"), cause).hint(ELSEWHERE));
    }
    Ok(())
}

/// What helps where the server is on this host.
const ELSEWHERE: &str = "run dhcpload on another host, or in a network namespace that a veth pair connects";

/// In whose network a server is, if not in that of the interface.
fn elsewhere(servers: &[IpAddr], chosen: &Interface, interfaces: &[Interface]) -> Option<String> {
    let network_of = |ip: &IpAddr| {
        let it = interfaces.iter().find(|interface| !interface.loopback && interface.reaches(*ip))?;
        Some(format!("{ip} is in the network of {}, not of {}: -I {}", it.name, chosen.name, it.name))
    };
    servers.iter().filter(|ip| !chosen.loopback && !chosen.reaches(**ip)).find_map(network_of)
}

/// What may help if no server answers. `is_here`: one has the port in this network namespace, or in that of
/// `--server-netns`.
pub(super) fn if_silent(args: &Args, chosen: &Chosen, is_here: bool) -> Vec<String> {
    let mut notes: Vec<_> = chosen.elsewhere.iter().cloned().collect();
    let is_client = args.family() == Family::V4 && args.target.relay.is_empty();
    if is_here && is_client && args.target.server_netns.is_none() && !chosen.interface.loopback {
        notes.push(format!("a server does not receive messages of clients on its own host: {ELSEWHERE}"));
    }
    notes
}

/// Where first messages go.
fn target(family: Family, servers: &[IpAddr], relays: &Relays) -> IpAddr {
    match (servers, family) {
        ([server], _) if !relays.0.is_empty() => *server,
        (_, Family::V4) => Ipv4Addr::BROADCAST.into(),
        (_, Family::V6) => ALL_SERVERS.into(),
    }
}

/// The interface by which the load leaves: without a name that of the route to the one server.
fn interface(
    args: &Args,
    to: IpAddr,
    servers: &[IpAddr],
    interfaces: &[Interface],
    network: &dyn Network,
) -> Result<Interface> {
    if let Some(name) = &args.target.interface {
        return named(interfaces, name).cloned();
    }
    let missing = |cause: &str| Err(Error::new("", cause).hint("name it with -I NAME; see: ip link"));
    match servers {
        _ if !is_group(to) => network.interface_towards(to),
        // A broadcast is heard by a server in the same network alone.
        [server @ IpAddr::V4(_)] => match network.interface_towards(*server) {
            Ok(interface) if !interface.loopback && interface.reaches(*server) => Ok(interface),
            _ => missing("no interface is named, and none is in the server's network"),
        },
        _ => missing("no interface is named"),
    }
}

/// What has become of an interface: it should be as it was when the load began.
pub(super) fn fault(name: &str, network: &dyn Network) -> Option<String> {
    let interfaces = network.interfaces().ok()?;
    let fault = match interfaces.iter().find(|interface| interface.name == name) {
        None => "it is gone",
        Some(interface) if !interface.up => "it is down",
        Some(interface) if !interface.running => "it has no link any more",
        Some(_) => return None,
    };
    Some(format!("interface \"{name}\": {fault}"))
}

fn is_group(to: IpAddr) -> bool {
    match to {
        IpAddr::V4(ip) => ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_multicast(),
    }
}

/// Other people's networks are not loaded by accident.
pub(super) fn check_network(args: &Args, interface: &Interface, network: &dyn Network) -> Result<()> {
    if interface.loopback || args.target.this_is_my_network {
        return Ok(());
    }
    let Some(why) = network.way_out(&interface.name) else { return Ok(()) };
    let attempted = format!("loading servers by interface \"{}\"", interface.name);
    Err(Error::new(attempted, format!("it may lead to servers that others need: {why}"))
        .hint("if the network is yours, give --this-is-my-network"))
}

/// Releasing the lease of this host would take its address away.
fn check_clients(clients: &Clients, interfaces: &[Interface]) -> Result<()> {
    let own = |interface: &&Interface| interface.mac.is_some_and(|mac| clients.contain(mac));
    match interfaces.iter().find(own) {
        Some(interface) => {
            Err(Error::new("hardware addresses of the clients", format!("one is that of {}", interface.name))
                .hint("choose others with --mac-base"))
        }
        None => Ok(()),
    }
}

fn inform_address(interface: &Interface, relays: &Relays) -> Result<Ipv4Addr> {
    let relay = relays.0.first().and_then(|relay| match relay {
        IpAddr::V4(ip) => Some(*ip),
        IpAddr::V6(_) => None,
    });
    relay.or_else(|| interface.ipv4().next()).ok_or_else(|| {
        Error::new("--exchange inform", format!("interface \"{}\" has no IPv4 address to ask with", interface.name))
            .hint("add one with: ip address add; or give --exchange discover")
    })
}

fn link(args: &Args, to: IpAddr, relays: &Relays, interface: &Interface, clients: &Clients) -> LinkSpec {
    let is_relay = !relays.0.is_empty();
    // The packets of a relay agent take the route to its server.
    let name = (!is_relay || args.target.interface.is_some()).then(|| interface.name.clone());
    let is_single = args.target.relay.len() == 1;
    let source = args.target.relay.first().copied().filter(|_| is_single && args.family() == Family::V4);
    let common = LinkSpec { interface: name, source, is_relay, mode: LinkMode::Udp, ..LinkSpec::v4() };
    match (args.family(), is_relay) {
        (Family::V4, true) => LinkSpec { port: v4::SERVER_PORT, towards: Some(to), ..common },
        (Family::V4, false) => LinkSpec {
            mode: LinkMode::Raw,
            client: Some(clients.hardware(0)),
            has_any_client: true,
            answered_by_broadcast: args.message.broadcast,
            ..common
        },
        (Family::V6, _) => LinkSpec {
            family: Family::V6,
            port: if is_relay { SERVER_PORT } else { CLIENT_PORT },
            towards: Some(to).filter(|_| is_relay),
            ..common
        },
    }
}

/// The place in the words of the report.
fn words(args: &Args, servers: &[IpAddr], relays: &Relays, interface: &Interface) -> String {
    let list = |addresses: &[IpAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let servers = if servers.is_empty() { "all servers".to_owned() } else { list(servers) };
    let by = if args.target.relay.is_empty() { String::new() } else { format!(" as relay agent {}", list(&relays.0)) };
    format!("{servers} on {}{by}", interface.name)
}
