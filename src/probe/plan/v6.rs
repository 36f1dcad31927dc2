//! What a request means in DHCPv6.
//!
//! A client asks all servers of its link by multicast; a server heeds nothing else, and answers from its link-local
//! address. So a server is known by its DUID or by that address. Where another address is given, it is asked as a relay
//! agent asks, which works from any distance.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use super::{ExchangeSpec, MessageKind, PlanContext, ProbePlan, Target};
use crate::dhcp::v6::duid::{self, DuidKind, ETHERNET};
use crate::dhcp::v6::{
    ALL_SERVERS, Association, AssociationKind, CLIENT_PORT, Item, MessageType, Opt, Relay, SERVER_PORT,
};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::probe::v6::{ProbeModeV6, ProbePlanV6};
use crate::probe::{Identity, Schedule, Spread, Until};
use crate::wire::interface::Interface;
use crate::wire::{LinkSpec, Mac};

/// What a client that could be anyone wants to know: DNS servers and domains, NTP servers, how long to be silent.
const ASKED_FOR: [u16; 4] = [23, 24, 56, 82];
/// What an Information-request must ask for (RFC 8415 section 18.2.6).
const ASKED_FOR_WITHOUT_LEASE: [u16; 5] = [23, 24, 56, 32, 83];

/// A server of -s.
#[derive(Debug, Clone)]
pub(super) enum Server {
    /// One that calls itself so.
    Duid(Vec<u8>),
    /// One on a link, and the interface that leads there if it was given (`fe80::1%eth0`).
    OnLink(Ipv6Addr, Option<String>),
    /// One that is asked as by a relay agent.
    Anywhere(Ipv6Addr),
}

impl Server {
    /// Whether it is known not to be on this interface.
    pub(super) fn is_beyond(&self, interface: &str) -> bool {
        matches!(self, Self::OnLink(_, Some(scope)) if scope != interface)
    }

    fn identity(&self) -> Identity {
        match self {
            Self::Duid(duid) => Identity::Duid(duid.clone()),
            Self::OnLink(address, _) | Self::Anywhere(address) => Identity::Address(IpAddr::V6(*address)),
        }
    }
}

/// The plan for a request.
pub(super) fn plan(context: &PlanContext<'_>) -> Result<ProbePlan> {
    let request = context.request;
    if request.option82.is_some() {
        return Err(Error::new("--option82", "DHCPv6 has no option 82").hint("leave it out, or give -4"));
    }
    let mut whole = ProbePlan::default();
    let (mut servers, mut everywhere) = (Vec::new(), Vec::new());
    for name in &request.servers {
        if means_all_servers(name) {
            everywhere.push(name.split_once('%').map(|(_, interface)| interface));
            continue;
        }
        match server(context, name) {
            Ok(server) => servers.push((server, name)),
            Err(error) => whole.attempt(name, Err(error)),
        }
    }
    if servers.is_empty() && everywhere.is_empty() && !request.servers.is_empty() {
        return Ok(whole);
    }
    let asks_all = request.servers.is_empty()
        || !everywhere.is_empty()
        || context.request.is_exclusive
        || (!request.interfaces.is_empty() && !request.unicast);
    if asks_all {
        let servers: Vec<_> = servers.into_iter().map(|(server, _)| server).collect();
        let named: Vec<_> = everywhere.into_iter().flatten().collect();
        let chosen = if named.is_empty() {
            context.each_chosen()?
        } else {
            named.into_iter().map(|name| (name.to_owned(), context.interface(name))).collect()
        };
        for (name, interface) in chosen {
            let planned = interface.and_then(|interface| all_servers(context, interface, &servers, &mut whole));
            whole.attempt(&name, planned);
        }
    } else {
        for (server, name) in &servers {
            let planned = one_server(context, server, name, None, &mut whole);
            whole.attempt(name, planned);
        }
    }
    Ok(whole)
}

/// Whether `-s` names all servers: `ff02::1:2`, `ff02::1:2%eth0`.
fn means_all_servers(name: &str) -> bool {
    name.split('%').next().and_then(|address| address.parse().ok()) == Some(ALL_SERVERS)
}

/// What `-s` says: a DUID, an address with or without an interface, a name.
pub(super) fn server(context: &PlanContext<'_>, name: &str) -> Result<Server> {
    let (address, interface) = name.split_once('%').map_or((name, None), |(address, scope)| (address, Some(scope)));
    if let Ok(address) = address.parse::<Ipv6Addr>() {
        let on_link = address.is_unicast_link_local();
        return Ok(if on_link {
            Server::OnLink(address, interface.map(str::to_owned))
        } else {
            Server::Anywhere(address)
        });
    }
    if name.contains(':')
        && let Ok(duid) = duid::parse(name)
    {
        return Ok(Server::Duid(duid));
    }
    match context.host.resolve(name, Family::V6)? {
        IpAddr::V6(address) if address.is_unicast_link_local() => Ok(Server::OnLink(address, None)),
        IpAddr::V6(address) => Ok(Server::Anywhere(address)),
        IpAddr::V4(address) => Err(Error::new("", format!("{address} is an IPv4 address, and this is DHCPv6"))),
    }
}

/// All servers on an interface are asked, as if they were one target.
pub(super) fn all_servers(
    context: &PlanContext<'_>,
    interface: &Interface,
    servers: &[Server],
    whole: &mut ProbePlan,
) -> Result<()> {
    if let Some(Server::Anywhere(address)) = servers.iter().find(|server| matches!(server, Server::Anywhere(_)))
        && context.request.relay.is_none()
    {
        return Err(Error::new(
            format!("server {address}"),
            "on a link servers answer from their link-local addresses",
        )
        .hint("give that address or the server's DUID, or ask as a relay with -g"));
    }
    let required: Vec<_> = servers.iter().map(Server::identity).collect();
    let until = match &required[..] {
        _ if context.request.collects_all || context.request.is_exclusive => Until::End,
        [] => Until::First,
        servers => Until::Servers(servers.to_vec()),
    };
    let plan = ProbePlanV6 { until, prefers: required.clone(), ..multicast(context, interface, whole)? };
    add(context, interface.name.clone(), required, plan, whole)
}

/// One server's answers count; `on` says where one on a link is asked.
pub(super) fn one_server(
    context: &PlanContext<'_>,
    server: &Server,
    name: &str,
    on: Option<&Interface>,
    whole: &mut ProbePlan,
) -> Result<()> {
    let plan = match server {
        Server::Duid(duid) => {
            let interface = on.map_or_else(|| only(context), Ok)?;
            ProbePlanV6 { server: Some(duid.clone()), ..multicast(context, interface, whole)? }
        }
        Server::OnLink(address, scope) => {
            let interface = match (on, scope) {
                (Some(interface), _) => interface,
                (None, Some(scope)) => context.interface(scope)?,
                (None, None) => only(context).map_err(|_| without_interface(context, *address))?,
            };
            ProbePlanV6 { from: Some(*address), ..multicast(context, interface, whole)? }
        }
        Server::Anywhere(address) => as_relay(context, *address, whole)?,
    };
    let until = if context.request.collects_all { Until::End } else { Until::First };
    add(context, name.to_owned(), vec![server.identity()], ProbePlanV6 { until, ..plan }, whole)
}

fn only<'a>(context: &'a PlanContext<'_>) -> Result<&'a Interface> {
    match context.chosen()?[..] {
        [only] => Ok(only),
        _ => {
            Err(Error::new("", "a server on a link needs one interface")
                .hint("write -s ADDRESS%INTERFACE, or give one -I"))
        }
    }
}

/// A link-local address leads nowhere by itself.
fn without_interface(context: &PlanContext<'_>, address: Ipv6Addr) -> Error {
    let usable = context.interfaces.iter().find(|one| one.up && !one.loopback);
    let name = usable.map_or("INTERFACE", |interface| interface.name.as_str());
    Error::new(format!("server {address}"), "a link-local address is one of an interface, and none is named")
        .hint(format!("write {address}%{name}, or give -I {name}"))
}

fn add(
    context: &PlanContext<'_>,
    name: String,
    required: Vec<Identity>,
    plan: ProbePlanV6,
    whole: &mut ProbePlan,
) -> Result<()> {
    let mode = mode(context, &plan)?;
    whole.targets.push(Target {
        name,
        required,
        networks: Vec::new(),
        exchange: ExchangeSpec::V6(Box::new(plan), mode),
    });
    Ok(())
}

fn mode(context: &PlanContext<'_>, plan: &ProbePlanV6) -> Result<ProbeModeV6> {
    Ok(match context.request.message {
        Some(MessageKind::RapidCommit) => ProbeModeV6::Rapid,
        Some(MessageKind::Inform | MessageKind::InformationRequest) => ProbeModeV6::InformationRequest,
        Some(MessageKind::Confirm) => ProbeModeV6::Confirm,
        Some(MessageKind::Rebind) => ProbeModeV6::Rebind,
        Some(MessageKind::Renew) if plan.server.is_none() => {
            return Err(Error::new("--renew", "a Renew names the server that gave the lease")
                .hint("give -s DUID without -I, or ask any server with --rebind"));
        }
        Some(MessageKind::Renew) => ProbeModeV6::Renew,
        Some(MessageKind::Full) => ProbeModeV6::Full,
        Some(MessageKind::Solicit) => ProbeModeV6::Solicit,
        _ if context.request.client.address.is_some() => ProbeModeV6::Full,
        _ => ProbeModeV6::Solicit,
    })
}

/// All servers on a link are asked.
fn multicast(context: &PlanContext<'_>, interface: &Interface, whole: &mut ProbePlan) -> Result<ProbePlanV6> {
    let relay = relay(context)?;
    let link = LinkSpec {
        interface: Some(interface.name.clone()),
        source: relay.map(IpAddr::V6),
        port: if relay.is_some() { SERVER_PORT } else { CLIENT_PORT },
        vlan: context.request.vlan,
        ..LinkSpec::v6()
    };
    let to = SocketAddrV6::new(ALL_SERVERS, SERVER_PORT, 0, 0);
    let link = whole.link(link, None);
    client(context, Some(interface), link, to, relay, whole)
}

/// One server is asked as by a relay agent, with this host's address if no other is given.
fn as_relay(context: &PlanContext<'_>, server: Ipv6Addr, whole: &mut ProbePlan) -> Result<ProbePlanV6> {
    if server.is_unspecified() || context.owner(server.into()).is_some() {
        let cause = "it is on this host, where it has the port at which a relay agent is answered";
        return Err(Error::new(format!("server {server}"), cause).hint("ask by multicast with -6 -I INTERFACE"));
    }
    let own = match (relay(context)?, context.host.source_towards(server.into())?) {
        (Some(relay), _) => relay,
        (None, IpAddr::V6(own)) => {
            whole.remarks.push(format!("asking {server} as a relay with the address {own}"));
            own
        }
        (None, IpAddr::V4(_)) => return Err(Error::new(format!("server {server}"), "no route leads there")),
    };
    let interface = context.owner(own.into());
    let link = LinkSpec { source: Some(own.into()), port: SERVER_PORT, vlan: context.request.vlan, ..LinkSpec::v6() };
    let to = SocketAddrV6::new(server, SERVER_PORT, 0, 0);
    let link = whole.link(link, None);
    let plan = client(context, interface, link, to, Some(own), whole)?;
    Ok(ProbePlanV6 { from: Some(server), ..plan })
}

fn relay(context: &PlanContext<'_>) -> Result<Option<Ipv6Addr>> {
    match context.request.relay {
        None => Ok(None),
        Some(IpAddr::V6(address)) => Ok(Some(address)),
        Some(IpAddr::V4(address)) => Err(Error::new("-g", format!("{address} is an IPv4 address, and this is DHCPv6"))),
    }
}

/// Who asks, for what, and how often.
fn client(
    context: &PlanContext<'_>,
    interface: Option<&Interface>,
    link: usize,
    to: SocketAddrV6,
    relay: Option<Ipv6Addr>,
    whole: &mut ProbePlan,
) -> Result<ProbePlanV6> {
    let request = context.request;
    let client = match &request.client.duid {
        Some(duid) => duid.clone(),
        None => DuidKind::Ll { hardware_type: ETHERNET, address: &context.hardware(interface)? }.to_octets(),
    };
    let is_own = takes_as_own(context, &client, whole)?;
    let envelope = relay.map(|link| Relay {
        kind: MessageType::RELAY_FORW,
        hops: 0,
        link,
        peer: link_local(&client),
        options: Vec::new(),
    });
    let schedule = Schedule { spread: Spread::Tenth, ..context.request.schedule };
    Ok(ProbePlanV6 {
        link,
        to,
        associations: associations(context, interface)?,
        // A router that asks for both works with a prefix alone, and dhclient -P asks for no more.
        needs: (request.client.prefix && request.client.address.is_none()).then_some(AssociationKind::Prefixes),
        options: vec![Opt::request(&asked_for(context))],
        relays: envelope.into_iter().collect(),
        elapsed: request.secs.saturating_mul(100),
        keep: request.client.keeps_lease || is_own,
        ..ProbePlanV6::new(client, schedule)
    })
}

/// Whether a lease is taken as a client whose DUID is of a hardware address of this host; refuses it unless it is wanted.
fn takes_as_own(context: &PlanContext<'_>, client: &[u8], whole: &mut ProbePlan) -> Result<bool> {
    let (DuidKind::Ll { address, .. } | DuidKind::Llt { address, .. }) = DuidKind::from_octets(client) else {
        return Ok(false);
    };
    let takes = matches!(
        context.request.message,
        Some(MessageKind::Full | MessageKind::Renew | MessageKind::Rebind | MessageKind::RapidCommit)
    );
    let mac = address.try_into().ok().map(Mac);
    if !(takes || context.request.client.address.is_some()) {
        return Ok(context.owner_of(mac).is_some());
    }
    context.refuse_own(mac)?;
    context.kept(mac, whole);
    Ok(context.owner_of(mac).is_some())
}

/// The options that a server is to send: it sends no others.
fn asked_for(context: &PlanContext<'_>) -> Vec<u16> {
    let without_lease = matches!(context.request.message, Some(MessageKind::Inform | MessageKind::InformationRequest));
    let mut codes = if without_lease { ASKED_FOR_WITHOUT_LEASE.to_vec() } else { ASKED_FOR.to_vec() };
    codes.extend(context.request.expected_options.iter().filter(|code| !codes.contains(code)).collect::<Vec<_>>());
    codes
}

fn associations(context: &PlanContext<'_>, interface: Option<&Interface>) -> Result<Vec<Association>> {
    let iaid = iaid(interface.map_or("", |interface| &interface.name));
    let mut addresses = Association::new(AssociationKind::Addresses, iaid);
    match context.request.client.address {
        None => {}
        Some(IpAddr::V6(address)) => {
            addresses.items.push(Item { address, prefix_length: 128, preferred: 0, valid: 0 });
        }
        Some(IpAddr::V4(address)) => {
            return Err(Error::new("-c", format!("{address} is an IPv4 address, and this is DHCPv6")));
        }
    }
    let prefixes = context.request.client.prefix.then(|| Association::new(AssociationKind::Prefixes, iaid));
    Ok([addresses].into_iter().chain(prefixes).collect())
}

/// A number for an interface that stays the same (FNV-1a of its name): one DUID may ask on several.
fn iaid(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, octet| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193))
}

/// The link-local address that the client of this DUID may have; servers only send it back.
fn link_local(client: &[u8]) -> Ipv6Addr {
    let mut octets = [0; 16];
    octets[..2].copy_from_slice(&[0xfe, 0x80]);
    let tail = &client[client.len().saturating_sub(6)..];
    octets[16 - tail.len()..].copy_from_slice(tail);
    octets.into()
}
