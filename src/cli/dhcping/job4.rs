//! What is to be done in DHCPv4.

use std::net::{IpAddr, Ipv4Addr};

use super::args::ModeArgs;
use super::job::{Facts, Job, Recipe, Target};
use super::verdict::expected_options;
use crate::cli::hardware::Hardware;
use crate::dhcp::v4::table::OPTIONS;
use crate::dhcp::v4::{BROADCAST, Message, option};
use crate::dhcp::value;
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::net::Plan as LinkPlan;
use crate::net::iface::Interface;
use crate::probe::v4::{CLIENT_PORT, Mode, Plan, SERVER_PORT};
use crate::probe::{Identity, Until};

/// What the arguments mean.
pub(super) fn plan(facts: &Facts<'_>) -> Result<Job> {
    let mode = mode(facts);
    let mut job = Job::default();
    if facts.args.mode.request && mode == Mode::Discover {
        job.remark("without -c there is no address to request: asking by DISCOVER".to_owned());
    }
    if facts.asks_everybody() {
        for (name, interface) in facts.each_chosen()? {
            let planned = interface.and_then(|interface| everybody(facts, mode, interface, &mut job));
            job.attempt(&name, planned);
        }
    } else {
        for server in &facts.servers {
            let planned = v4(*server).and_then(|server| one_server(facts, mode, server, &mut job));
            job.attempt(&server.to_string(), planned);
        }
    }
    Ok(job)
}

pub(super) fn mode(facts: &Facts<'_>) -> Mode {
    let ModeArgs { discover, inform, full, bootp, .. } = facts.args.mode;
    let has_address = facts.args.client.address.is_some();
    match () {
        () if discover => Mode::Discover,
        () if inform => Mode::Inform,
        () if full => Mode::Full,
        () if bootp => Mode::Bootp,
        () if has_address => Mode::Request,
        () => Mode::Discover,
    }
}

/// Everybody on an interface is asked, as if it were one target; but where a lease is taken, each server of -s is asked
/// to give one.
pub(super) fn everybody(facts: &Facts<'_>, mode: Mode, interface: &Interface, job: &mut Job) -> Result<()> {
    let hardware = facts.hardware(Some(interface))?;
    let own = interface.ipv4().next();
    let template = template(facts, mode, &hardware, own, job)?;
    let relay = facts.args.whom.relay.map(v4).transpose()?;
    let link = job.link(link_plan(facts, Some(interface), relay, &hardware), None);
    let named = facts.servers.iter().filter(|server| !facts.is_broadcast(**server));
    let required: Vec<_> = named.copied().map(Identity::Address).collect();
    let plan = exchange(facts, link, own, template);
    let plan = Plan { until: until(facts, &required), prefers: required.clone(), ..plan };
    if mode.takes_a_lease() && !required.is_empty() && !facts.args.expect.exclusive {
        for identity in required {
            let Identity::Address(IpAddr::V4(server)) = identity else { continue };
            let plan = Plan { server: Some(server), until: Until::First, ..plan.clone() };
            let (name, recipe) = (format!("{server} on {}", interface.name), Recipe::V4(Box::new(plan), mode));
            job.targets.push(Target { name, required: vec![identity], networks: Vec::new(), recipe });
        }
        return Ok(());
    }
    let (name, recipe) = (interface.name.clone(), Recipe::V4(Box::new(plan), mode));
    job.targets.push(Target { name, required, networks: Vec::new(), recipe });
    Ok(())
}

fn until(facts: &Facts<'_>, required: &[Identity]) -> Until {
    match required {
        _ if facts.args.wait.all || facts.args.expect.exclusive => Until::End,
        [] => Until::First,
        servers => Until::Servers(servers.to_vec()),
    }
}

/// One server is asked.
pub(super) fn one_server(facts: &Facts<'_>, mode: Mode, server: Ipv4Addr, job: &mut Job) -> Result<()> {
    refuse_relay_to_own(facts, server)?;
    let named = facts.args.whom.interfaces.first().map(|name| facts.interface(name)).transpose()?;
    // A server of this very host may read frames, and does not hear what takes the way around its interface.
    let interface = named.or_else(|| facts.owner(server.into()).filter(|owner| owner.is_ethernet()));
    let source = match interface.map(|interface| interface.ipv4().next()) {
        None => facts.world.source_towards(server.into())?,
        Some(own) => own.unwrap_or(Ipv4Addr::UNSPECIFIED).into(),
    };
    let owner = interface.or_else(|| facts.owner(source));
    let hardware = facts.hardware(owner)?;
    let own = v4(source).ok().filter(|own| !own.is_unspecified());
    let mut template = template(facts, mode, &hardware, own, job)?;
    let mut relay = facts.args.whom.relay.map(v4).transpose()?;
    let is_far = owner.is_some_and(|owner| !owner.reaches(server.into()));
    if let (None, true, true, Some(own)) = (relay, is_far, template.ciaddr.is_unspecified(), own) {
        job.remark(format!("{server} is behind a router: asking it as a relay with the address {own}"));
        (template.giaddr, template.hops, template.flags) = (own, 1, 0);
        relay = Some(own);
    }
    // A server answers to the client's address if it is told one (RFC 2131 section 4.1): the kernel hears that. Some
    // send it to the client's hardware address all the same, unless they are asked to broadcast.
    let answers_to_us = facts.owner(template.ciaddr.into()).is_some() && facts.owner(server.into()).is_none();
    if answers_to_us && owner.is_some_and(|owner| owner.mac != hardware.mac()) {
        template.flags = BROADCAST;
    }
    let mut link = LinkPlan { towards: Some(server.into()), ..link_plan(facts, interface, relay, &hardware) };
    if answers_to_us {
        link.client = None;
    }
    let link = job.link(link, owner.map(|owner| owner.name.clone()));
    let plan = exchange(facts, link, own, template).towards(server);
    let plan = Plan { server: Some(server), until: until(facts, &[]), ..plan };
    let recipe = Recipe::V4(Box::new(plan), mode);
    let required = vec![Identity::Address(server.into())];
    job.targets.push(Target { name: server.to_string(), required, networks: Vec::new(), recipe });
    Ok(())
}

/// What every exchange has in common; `own` is an address of the interface.
fn exchange(facts: &Facts<'_>, link: usize, own: Option<Ipv4Addr>, template: Message) -> Plan {
    Plan {
        link,
        secs: facts.args.wait.secs,
        keep: facts.args.client.no_release || is_own(facts, &template),
        releases_from_lease: own.is_none(),
        ..Plan::new(template, 0, facts.schedule())
    }
}

/// Whether it is asked in the name of this host: the lease that is granted may be the one that the host lives on.
fn is_own(facts: &Facts<'_>, template: &Message) -> bool {
    facts.owner_of(Hardware(template.hardware().to_vec()).mac()).is_some()
}

/// Where a server of this host has the relays' port, a relay of this host does not hear it.
fn refuse_relay_to_own(facts: &Facts<'_>, server: Ipv4Addr) -> Result<()> {
    if facts.args.whom.relay.is_none() || facts.owner(server.into()).is_none() {
        return Ok(());
    }
    let cause = "it is on this host, where it has the port at which a relay is answered";
    Err(Error::new(format!("server {server}"), cause).hint("leave -g out, or ask from another host"))
}

fn link_plan(facts: &Facts<'_>, at: Option<&Interface>, relay: Option<Ipv4Addr>, hardware: &Hardware) -> LinkPlan {
    LinkPlan {
        interface: at.map(|interface| interface.name.clone()),
        source: relay.map(IpAddr::V4),
        port: if relay.is_some() { SERVER_PORT } else { CLIENT_PORT },
        is_relay: relay.is_some(),
        client: if relay.is_some() { None } else { hardware.mac() },
        vlan: facts.args.whom.vlan,
        ..LinkPlan::v4()
    }
}

/// What all messages of an exchange have in common.
fn template(
    facts: &Facts<'_>,
    mode: Mode,
    hardware: &Hardware,
    own: Option<Ipv4Addr>,
    job: &mut Job,
) -> Result<Message> {
    let client = facts.args.client.address.map(v4).transpose()?;
    if mode.takes_a_lease() {
        // A host that asks for the address that it has gets nothing that it did not have.
        let has_it = mode == Mode::Request && client.is_some_and(|client| facts.owner(client.into()).is_some());
        if !has_it {
            facts.refuse_own(hardware.mac())?;
        }
        facts.kept(hardware.mac(), job);
    }
    let mut message = Message::request(0, &hardware.0);
    match (mode, client) {
        (Mode::Request, Some(client)) => request(facts, client, &mut message),
        (Mode::Inform, client) => {
            message.ciaddr = client.or(own).ok_or_else(|| {
                Error::new("", "an INFORM needs the address of the client, and the interface has none")
                    .hint("-c ADDRESS")
            })?;
        }
        (Mode::Discover | Mode::Full, Some(client)) => message.set(option::REQUESTED_ADDRESS, client.octets()),
        _ => {}
    }
    refuse_strangers(facts, message.ciaddr)?;
    ask_for_expected(facts, &mut message)?;
    if let Some(text) = &facts.args.whom.option82 {
        let code = u16::from(option::RELAY_AGENT);
        let octets = value::parse(&OPTIONS.format(code), text, &OPTIONS);
        let octets = octets
            .map_err(|cause| Error::new(format!("--option82 \"{text}\""), cause).hint("such as circuit-id=port1"))?;
        message.set(option::RELAY_AGENT, octets);
    }
    if let Some(relay) = facts.args.whom.relay {
        (message.giaddr, message.hops) = (v4(relay)?, 1);
    } else if message.ciaddr.is_unspecified() {
        message.flags = BROADCAST;
    }
    Ok(message)
}

/// A server answers to the address that the client says it has: if it is not this host's, nobody hears it here.
fn refuse_strangers(facts: &Facts<'_>, ciaddr: Ipv4Addr) -> Result<()> {
    if ciaddr.is_unspecified() || facts.args.whom.relay.is_some() || facts.owner(ciaddr.into()).is_some() {
        return Ok(());
    }
    let cause = format!("the answer would go to {ciaddr}, which is no address of this host");
    Err(Error::new("-c", cause).hint("one of this host, or -g as a relay; without a mode it is asked for anew"))
}

/// The address goes where the old dhcping puts it, `ciaddr` and option 50, if an answer to it will reach this host;
/// else into option 50 only, as a client that restarts does, and the answer comes by broadcast.
fn request(facts: &Facts<'_>, client: Ipv4Addr, message: &mut Message) {
    let ModeArgs { reboot, renew, rebind, .. } = facts.args.mode;
    let is_own = facts.owner(client.into()).is_some();
    if renew || rebind || (!reboot && (is_own || facts.args.whom.relay.is_some())) {
        message.ciaddr = client;
    }
    if !renew && !rebind {
        message.set(option::REQUESTED_ADDRESS, client.octets());
    }
}

/// What is expected must be asked for, or some servers leave it out; with it what most clients ask for.
fn ask_for_expected(facts: &Facts<'_>, message: &mut Message) -> Result<()> {
    const USUAL: [u8; 8] = [1, 3, 6, 15, 42, 51, 58, 59];
    let expected = expected_options(facts.args, Family::V4)?;
    let codes = expected.iter().filter_map(|option| option.option_code().and_then(|code| u8::try_from(code).ok()));
    let mut wanted: Vec<u8> = codes.collect();
    if !wanted.is_empty() {
        wanted.extend(USUAL.iter().filter(|code| !wanted.contains(code)).copied().collect::<Vec<_>>());
        message.set(option::PARAMETER_REQUEST_LIST, wanted);
    }
    Ok(())
}

pub(super) fn v4(address: IpAddr) -> Result<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(address) => Err(Error::new("", format!("{address} is an IPv6 address, and this is DHCPv4"))),
    }
}
