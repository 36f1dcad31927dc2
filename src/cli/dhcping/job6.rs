//! What is to be done in DHCPv6.
//!
//! A client asks all servers of its link by multicast; a server heeds nothing else, and answers from its link-local
//! address. So a server is told by its DUID or by that address. Where another address is given, it is asked as a relay
//! agent asks, which works from any distance.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use super::args::ModeArgs;
use super::job::{Facts, Job, Recipe, Target};
use crate::cli::hardware::Hardware;
use crate::dhcp::v6::duid::{self, DuidKind, ETHERNET};
use crate::dhcp::v6::table::OPTIONS;
use crate::dhcp::v6::{
    ALL_SERVERS, Association, AssociationKind, CLIENT_PORT, Item, MessageType, Opt, Relay, SERVER_PORT,
};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::net::Plan as LinkPlan;
use crate::net::iface::Interface;
use crate::probe::v6::{Mode, Plan};
use crate::probe::{Identity, Schedule, Spread, Until};

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

/// What the arguments mean.
pub(super) fn plan(facts: &Facts<'_>) -> Result<Job> {
    let whom = &facts.args.whom;
    if whom.option82.is_some() {
        return Err(Error::new("--option82", "DHCPv6 has no option 82").hint("leave it out, or -4"));
    }
    let mut job = Job::default();
    let (mut servers, mut everywhere) = (Vec::new(), Vec::new());
    for name in &whom.servers {
        if means_everybody(name) {
            everywhere.push(name.split_once('%').map(|(_, interface)| interface));
            continue;
        }
        match server(facts, name) {
            Ok(server) => servers.push((server, name)),
            Err(error) => job.attempt(name, Err(error)),
        }
    }
    if servers.is_empty() && everywhere.is_empty() && !whom.servers.is_empty() {
        return Ok(job);
    }
    let asks_everybody = whom.servers.is_empty()
        || !everywhere.is_empty()
        || facts.args.expect.exclusive
        || (!whom.interfaces.is_empty() && !whom.unicast);
    if asks_everybody {
        let servers: Vec<_> = servers.into_iter().map(|(server, _)| server).collect();
        let named: Vec<_> = everywhere.into_iter().flatten().collect();
        let chosen = if named.is_empty() {
            facts.each_chosen()?
        } else {
            named.into_iter().map(|name| (name.to_owned(), facts.interface(name))).collect()
        };
        for (name, interface) in chosen {
            let planned = interface.and_then(|interface| everybody(facts, interface, &servers, &mut job));
            job.attempt(&name, planned);
        }
    } else {
        for (server, name) in &servers {
            let planned = one_server(facts, server, name, None, &mut job);
            job.attempt(name, planned);
        }
    }
    Ok(job)
}

/// Whether `-s` names all servers: `ff02::1:2`, `ff02::1:2%eth0`.
fn means_everybody(name: &str) -> bool {
    name.split('%').next().and_then(|address| address.parse().ok()) == Some(ALL_SERVERS)
}

/// What `-s` says: a DUID, an address with or without an interface, a name.
pub(super) fn server(facts: &Facts<'_>, name: &str) -> Result<Server> {
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
    match facts.world.resolve(name, Family::V6)? {
        IpAddr::V6(address) if address.is_unicast_link_local() => Ok(Server::OnLink(address, None)),
        IpAddr::V6(address) => Ok(Server::Anywhere(address)),
        IpAddr::V4(address) => Err(Error::new("", format!("{address} is an IPv4 address, and this is DHCPv6"))),
    }
}

/// Everybody on an interface is asked, as if it were one target.
pub(super) fn everybody(facts: &Facts<'_>, interface: &Interface, servers: &[Server], job: &mut Job) -> Result<()> {
    if let Some(Server::Anywhere(address)) = servers.iter().find(|server| matches!(server, Server::Anywhere(_)))
        && facts.args.whom.relay.is_none()
    {
        return Err(Error::new(
            format!("server {address}"),
            "on a link servers answer from their link-local addresses",
        )
        .hint("give that address or the server's DUID, or ask as a relay with -g"));
    }
    let required: Vec<_> = servers.iter().map(Server::identity).collect();
    let until = match &required[..] {
        _ if facts.args.wait.all || facts.args.expect.exclusive => Until::End,
        [] => Until::First,
        servers => Until::Servers(servers.to_vec()),
    };
    let plan = Plan { until, prefers: required.clone(), ..multicast(facts, interface, job)? };
    add(facts, interface.name.clone(), required, plan, job)
}

/// One server's answers count; `on` says where one on a link is asked.
pub(super) fn one_server(
    facts: &Facts<'_>,
    server: &Server,
    name: &str,
    on: Option<&Interface>,
    job: &mut Job,
) -> Result<()> {
    let plan = match server {
        Server::Duid(duid) => {
            let interface = on.map_or_else(|| only(facts, None), Ok)?;
            Plan { server: Some(duid.clone()), ..multicast(facts, interface, job)? }
        }
        Server::OnLink(address, scope) => {
            let interface = on.map_or_else(|| only(facts, scope.as_deref()), Ok)?;
            Plan { from: Some(*address), ..multicast(facts, interface, job)? }
        }
        Server::Anywhere(address) => as_relay(facts, *address, job)?,
    };
    let until = if facts.args.wait.all { Until::End } else { Until::First };
    add(facts, name.to_owned(), vec![server.identity()], Plan { until, ..plan }, job)
}

fn only<'a>(facts: &'a Facts<'_>, name: Option<&str>) -> Result<&'a Interface> {
    match name {
        Some(name) => facts.interface(name),
        None => match facts.chosen()?[..] {
            [only] => Ok(only),
            _ => Err(Error::new("", "a server on a link needs one interface").hint("-s ADDRESS%INTERFACE, or one -I")),
        },
    }
}

fn add(facts: &Facts<'_>, name: String, required: Vec<Identity>, plan: Plan, job: &mut Job) -> Result<()> {
    let mode = mode(facts, &plan)?;
    job.targets.push(Target { name, required, networks: Vec::new(), recipe: Recipe::V6(Box::new(plan), mode) });
    Ok(())
}

fn mode(facts: &Facts<'_>, plan: &Plan) -> Result<Mode> {
    let ModeArgs { inform, full, renew, rebind, rapid_commit, info_request, confirm, solicit, .. } = facts.args.mode;
    let has_address = facts.args.client.address.is_some();
    Ok(match () {
        () if rapid_commit => Mode::Rapid,
        () if inform || info_request => Mode::InformationRequest,
        () if confirm => Mode::Confirm,
        () if rebind => Mode::Rebind,
        () if renew && plan.server.is_none() => {
            return Err(Error::new("--renew", "a Renew names the server that gave the lease")
                .hint("-s DUID without -I; --rebind asks any server"));
        }
        () if renew => Mode::Renew,
        () if full || (has_address && !solicit) => Mode::Full,
        () => Mode::Solicit,
    })
}

/// All servers on a link are asked.
fn multicast(facts: &Facts<'_>, interface: &Interface, job: &mut Job) -> Result<Plan> {
    let relay = relay(facts)?;
    let link = LinkPlan {
        interface: Some(interface.name.clone()),
        source: relay.map(IpAddr::V6),
        port: if relay.is_some() { SERVER_PORT } else { CLIENT_PORT },
        vlan: facts.args.whom.vlan,
        sees_senders: facts.args.expect.exclusive,
        ..LinkPlan::v6()
    };
    let to = SocketAddrV6::new(ALL_SERVERS, SERVER_PORT, 0, 0);
    let link = job.link(link, None);
    client(facts, Some(interface), link, to, relay, job)
}

/// One server is asked as by a relay agent, with this host's address if no other is given.
fn as_relay(facts: &Facts<'_>, server: Ipv6Addr, job: &mut Job) -> Result<Plan> {
    if server.is_unspecified() || facts.owner(server.into()).is_some() {
        let cause = "it is on this host, where it has the port at which a relay agent is answered";
        return Err(Error::new(format!("server {server}"), cause).hint("-6 -I INTERFACE asks by multicast"));
    }
    let own = match (relay(facts)?, facts.world.source_towards(server.into())?) {
        (Some(relay), _) => relay,
        (None, IpAddr::V6(own)) => {
            job.remarks.push(format!("asking {server} as a relay with the address {own}"));
            own
        }
        (None, IpAddr::V4(_)) => return Err(Error::new(format!("server {server}"), "no route leads there")),
    };
    let interface = facts.owner(own.into());
    let link = LinkPlan { source: Some(own.into()), port: SERVER_PORT, vlan: facts.args.whom.vlan, ..LinkPlan::v6() };
    let to = SocketAddrV6::new(server, SERVER_PORT, 0, 0);
    let link = job.link(link, None);
    let plan = client(facts, interface, link, to, Some(own), job)?;
    Ok(Plan { from: Some(server), ..plan })
}

fn relay(facts: &Facts<'_>) -> Result<Option<Ipv6Addr>> {
    match facts.args.whom.relay {
        None => Ok(None),
        Some(IpAddr::V6(address)) => Ok(Some(address)),
        Some(IpAddr::V4(address)) => Err(Error::new("-g", format!("{address} is an IPv4 address, and this is DHCPv6"))),
    }
}

/// Who asks, for what, and how often.
fn client(
    facts: &Facts<'_>,
    interface: Option<&Interface>,
    link: usize,
    to: SocketAddrV6,
    relay: Option<Ipv6Addr>,
    job: &mut Job,
) -> Result<Plan> {
    let args = facts.args;
    let client = match &args.client.duid {
        Some(duid) => duid.0.clone(),
        None => DuidKind::Ll { hardware_type: ETHERNET, address: &facts.hardware(interface)?.0 }.to_octets(),
    };
    let is_own = takes_as_own(facts, &client, job)?;
    let envelope = relay.map(|link| Relay {
        kind: MessageType::RELAY_FORW,
        hops: 0,
        link,
        peer: link_local(&client),
        options: Vec::new(),
    });
    let schedule = Schedule { spread: Spread::Tenth, ..facts.schedule() };
    Ok(Plan {
        link,
        to,
        associations: associations(facts, interface)?,
        // A router that asks for both works with a prefix alone, and dhclient -P asks for no more.
        needs: (args.client.prefix && args.client.address.is_none()).then_some(AssociationKind::Prefixes),
        options: vec![Opt::request(&asked_for(facts))],
        relays: envelope.into_iter().collect(),
        elapsed: args.wait.secs.saturating_mul(100),
        keep: args.client.no_release || is_own,
        ..Plan::new(client, schedule)
    })
}

/// Whether a lease is taken as a client whose DUID is of a hardware address of this host; refuses it unless it is wanted.
fn takes_as_own(facts: &Facts<'_>, client: &[u8], job: &mut Job) -> Result<bool> {
    let (DuidKind::Ll { address, .. } | DuidKind::Llt { address, .. }) = DuidKind::of(client) else {
        return Ok(false);
    };
    let ModeArgs { full, renew, rebind, rapid_commit, .. } = facts.args.mode;
    let mac = Hardware(address.to_vec()).mac();
    if !(full || renew || rebind || rapid_commit || facts.args.client.address.is_some()) {
        return Ok(facts.owner_of(mac).is_some());
    }
    facts.refuse_own(mac)?;
    facts.kept(mac, job);
    Ok(facts.owner_of(mac).is_some())
}

/// The options that a server is to send: it sends no others.
fn asked_for(facts: &Facts<'_>) -> Vec<u16> {
    let ModeArgs { inform, info_request, .. } = facts.args.mode;
    let mut codes = if inform || info_request { ASKED_FOR_WITHOUT_LEASE.to_vec() } else { ASKED_FOR.to_vec() };
    for expected in &facts.args.expect.expect_option {
        let name = expected.split('=').next().unwrap_or_default();
        if let Ok(code) = OPTIONS.code_of(name)
            && !codes.contains(&code)
        {
            codes.push(code);
        }
    }
    codes
}

fn associations(facts: &Facts<'_>, interface: Option<&Interface>) -> Result<Vec<Association>> {
    let iaid = iaid(interface.map_or("", |interface| &interface.name));
    let mut addresses = Association::new(AssociationKind::Addresses, iaid);
    match facts.args.client.address {
        None => {}
        Some(IpAddr::V6(address)) => {
            addresses.items.push(Item { address, prefix_length: 128, preferred: 0, valid: 0 });
        }
        Some(IpAddr::V4(address)) => {
            return Err(Error::new("-c", format!("{address} is an IPv4 address, and this is DHCPv6")));
        }
    }
    let prefixes = facts.args.client.prefix.then(|| Association::new(AssociationKind::Prefixes, iaid));
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
