//! What a request means in DHCPv4.

use std::net::{IpAddr, Ipv4Addr};

use super::{ExchangeSpec, MessageKind, PlanContext, ProbePlan, Target};
use crate::dhcp::v4::table::OPTIONS;
use crate::dhcp::v4::{BROADCAST, Message, option};
use crate::dhcp::value;
use crate::error::{Error, Result};
use crate::probe::v4::{CLIENT_PORT, ProbeModeV4, ProbePlanV4, SERVER_PORT};
use crate::probe::{Identity, Until};
use crate::wire::interface::Interface;
use crate::wire::{LinkSpec, Mac};

/// The plan for a request.
pub(super) fn plan(context: &PlanContext<'_>) -> Result<ProbePlan> {
    let mode = mode(context);
    let mut whole = ProbePlan::default();
    if context.request.message == Some(MessageKind::Request) && mode == ProbeModeV4::Discover {
        whole.remark("without -c there is no address to request: asking by DISCOVER".to_owned());
    }
    if context.asks_all_servers() {
        for (name, interface) in context.each_chosen()? {
            let planned = interface.and_then(|interface| all_servers(context, mode, interface, &mut whole));
            whole.attempt(&name, planned);
        }
    } else {
        for server in &context.servers {
            let planned = v4(*server).and_then(|server| one_server(context, mode, server, &mut whole));
            whole.attempt(&server.to_string(), planned);
        }
    }
    Ok(whole)
}

pub(super) fn mode(context: &PlanContext<'_>) -> ProbeModeV4 {
    match context.request.message {
        Some(MessageKind::Discover) => ProbeModeV4::Discover,
        Some(MessageKind::Inform) => ProbeModeV4::Inform,
        Some(MessageKind::Full) => ProbeModeV4::Full,
        Some(MessageKind::Bootp) => ProbeModeV4::Bootp,
        _ if context.request.client.address.is_some() => ProbeModeV4::Request,
        _ => ProbeModeV4::Discover,
    }
}

/// All servers on an interface are asked, as if they were one target; but where a lease is taken, each server of -s is asked
/// to give one.
pub(super) fn all_servers(
    context: &PlanContext<'_>,
    mode: ProbeModeV4,
    interface: &Interface,
    whole: &mut ProbePlan,
) -> Result<()> {
    let hardware = context.hardware(Some(interface))?;
    let own = interface.ipv4().next();
    let template = template(context, mode, &hardware, own, whole)?;
    let relay = context.request.relay.map(v4).transpose()?;
    let link = whole.link(link_plan(context, Some(interface), relay, &template), None);
    let named = context.servers.iter().filter(|server| !context.is_broadcast(**server));
    let required: Vec<_> = named.copied().map(Identity::Address).collect();
    let plan = common(context, link, own, template);
    let plan = ProbePlanV4 { until: until(context, &required), prefers: required.clone(), ..plan };
    if mode.takes_a_lease() && !required.is_empty() && !context.request.is_exclusive {
        for identity in required {
            let Identity::Address(IpAddr::V4(server)) = identity else { continue };
            let plan = ProbePlanV4 { server: Some(server), until: Until::First, ..plan.clone() };
            let (name, exchange) = (format!("{server} on {}", interface.name), ExchangeSpec::V4(Box::new(plan), mode));
            whole.targets.push(Target { name, required: vec![identity], networks: Vec::new(), exchange });
        }
        return Ok(());
    }
    let (name, exchange) = (interface.name.clone(), ExchangeSpec::V4(Box::new(plan), mode));
    whole.targets.push(Target { name, required, networks: Vec::new(), exchange });
    Ok(())
}

fn until(context: &PlanContext<'_>, required: &[Identity]) -> Until {
    match required {
        _ if context.request.collects_all || context.request.is_exclusive => Until::End,
        [] => Until::First,
        servers => Until::Servers(servers.to_vec()),
    }
}

/// One server is asked.
pub(super) fn one_server(
    context: &PlanContext<'_>,
    mode: ProbeModeV4,
    server: Ipv4Addr,
    whole: &mut ProbePlan,
) -> Result<()> {
    refuse_relay_to_own(context, server)?;
    let named = context.request.interfaces.first().map(|name| context.interface(name)).transpose()?;
    // A server of this very host may read frames, and does not hear what takes the way around its interface.
    let interface = named.or_else(|| context.owner(server.into()).filter(|owner| owner.is_ethernet()));
    let source = match interface.map(|interface| interface.ipv4().next()) {
        None => context.host.source_towards(server.into())?,
        Some(own) => own.unwrap_or(Ipv4Addr::UNSPECIFIED).into(),
    };
    let owner = interface.or_else(|| context.owner(source));
    let hardware = context.hardware(owner)?;
    let own = v4(source).ok().filter(|own| !own.is_unspecified());
    let mut template = template(context, mode, &hardware, own, whole)?;
    let mut relay = context.request.relay.map(v4).transpose()?;
    let is_far = owner.is_some_and(|owner| !owner.reaches(server.into()));
    if let (None, true, true, Some(own)) = (relay, is_far, template.ciaddr.is_unspecified(), own) {
        whole.remark(format!("{server} is behind a router: asking it as a relay with the address {own}"));
        (template.giaddr, template.hops, template.flags) = (own, 1, 0);
        relay = Some(own);
    }
    // A server answers to the client's address if the message has one (RFC 2131 section 4.1): the kernel hears that. Some
    // send it to the client's hardware address nevertheless, unless they are asked to broadcast.
    let answers_to_us = context.owner(template.ciaddr.into()).is_some() && context.owner(server.into()).is_none();
    if answers_to_us && owner.is_some_and(|owner| owner.mac != mac(&hardware)) {
        template.flags = BROADCAST;
    }
    let mut link = LinkSpec { towards: Some(server.into()), ..link_plan(context, interface, relay, &template) };
    if answers_to_us {
        link.client = None;
    }
    let link = whole.link(link, owner.map(|owner| owner.name.clone()));
    let plan = common(context, link, own, template).towards(server);
    let plan = ProbePlanV4 { server: Some(server), until: until(context, &[]), ..plan };
    let exchange = ExchangeSpec::V4(Box::new(plan), mode);
    let required = vec![Identity::Address(server.into())];
    whole.targets.push(Target { name: server.to_string(), required, networks: Vec::new(), exchange });
    Ok(())
}

/// What every exchange has in common; `own` is an address of the interface.
fn common(context: &PlanContext<'_>, link: usize, own: Option<Ipv4Addr>, template: Message) -> ProbePlanV4 {
    ProbePlanV4 {
        link,
        secs: context.request.secs,
        keep: context.request.client.keeps_lease || is_own(context, &template),
        releases_from_lease: own.is_none(),
        ..ProbePlanV4::new(template, 0, context.request.schedule)
    }
}

/// Whether it is asked in the name of this host: the lease that is granted may be the one that the host lives on.
fn is_own(context: &PlanContext<'_>, template: &Message) -> bool {
    context.owner_of(mac(template.hardware())).is_some()
}

/// Where a server of this host has the relays' port, a relay of this host does not hear it.
fn refuse_relay_to_own(context: &PlanContext<'_>, server: Ipv4Addr) -> Result<()> {
    if context.request.relay.is_none() || context.owner(server.into()).is_none() {
        return Ok(());
    }
    let cause = "it is on this host, where it has the port at which a relay is answered";
    Err(Error::new(format!("server {server}"), cause).hint("leave -g out, or ask from another host"))
}

fn link_plan(
    context: &PlanContext<'_>,
    at: Option<&Interface>,
    relay: Option<Ipv4Addr>,
    template: &Message,
) -> LinkSpec {
    LinkSpec {
        interface: at.map(|interface| interface.name.clone()),
        source: relay.map(IpAddr::V4),
        port: if relay.is_some() { SERVER_PORT } else { CLIENT_PORT },
        is_relay: relay.is_some(),
        client: if relay.is_some() { None } else { mac(template.hardware()) },
        client_address: Some(template.ciaddr).filter(|own| !own.is_unspecified()).map(IpAddr::V4),
        vlan: context.request.vlan,
        ..LinkSpec::v4()
    }
}

/// What all messages of an exchange have in common.
fn template(
    context: &PlanContext<'_>,
    mode: ProbeModeV4,
    hardware: &[u8],
    own: Option<Ipv4Addr>,
    whole: &mut ProbePlan,
) -> Result<Message> {
    let client = context.request.client.address.map(v4).transpose()?;
    if mode.takes_a_lease() {
        // A host that asks for the address that it has gets nothing that it did not have.
        let has_it =
            mode == ProbeModeV4::Request && client.is_some_and(|client| context.owner(client.into()).is_some());
        if !has_it {
            context.refuse_own(mac(hardware))?;
        }
        context.kept(mac(hardware), whole);
    }
    let mut message = Message::request(0, hardware);
    match (mode, client) {
        (ProbeModeV4::Request, Some(client)) => request(context, client, &mut message),
        (ProbeModeV4::Inform, client) => {
            message.ciaddr = client.or(own).ok_or_else(|| {
                Error::new("", "an INFORM needs the address of the client, and the interface has none")
                    .hint("give -c ADDRESS")
            })?;
        }
        (ProbeModeV4::Discover | ProbeModeV4::Full, Some(client)) => {
            message.set(option::REQUESTED_ADDRESS, client.octets());
        }
        _ => {}
    }
    refuse_foreign_address(context, message.ciaddr)?;
    ask_for_expected(context, &mut message);
    if let Some(text) = &context.request.option82 {
        let code = u16::from(option::RELAY_AGENT);
        let octets = value::parse(&OPTIONS.format(code), text, &OPTIONS);
        let octets = octets.map_err(|cause| {
            Error::new(format!("--option82 \"{text}\""), cause).hint("write it as circuit-id=port1")
        })?;
        message.set(option::RELAY_AGENT, octets);
    }
    if let Some(relay) = context.request.relay {
        (message.giaddr, message.hops) = (v4(relay)?, 1);
    } else if message.ciaddr.is_unspecified() {
        message.flags = BROADCAST;
    }
    Ok(message)
}

/// A server answers to the address that the client says it has: if it is not this host's, it is not received here.
fn refuse_foreign_address(context: &PlanContext<'_>, ciaddr: Ipv4Addr) -> Result<()> {
    if ciaddr.is_unspecified() || context.request.relay.is_some() || context.owner(ciaddr.into()).is_some() {
        return Ok(());
    }
    let cause = format!("the answer would go to {ciaddr}, which is no address of this host");
    Err(Error::new("-c", cause).hint(
        "give an address of this host, or -g to act as a relay; without -i, a lease for this address is requested",
    ))
}

/// The address goes where the old dhcping puts it, `ciaddr` and option 50, if an answer to it will reach this host;
/// else into option 50 only, as a client that restarts does, and the answer comes by broadcast.
fn request(context: &PlanContext<'_>, client: Ipv4Addr, message: &mut Message) {
    let is_own = context.owner(client.into()).is_some();
    let extends = matches!(context.request.message, Some(MessageKind::Renew | MessageKind::Rebind));
    let restarts = context.request.message == Some(MessageKind::Reboot);
    if extends || (!restarts && (is_own || context.request.relay.is_some())) {
        message.ciaddr = client;
    }
    if !extends {
        message.set(option::REQUESTED_ADDRESS, client.octets());
    }
}

/// What is expected must be asked for, or some servers leave it out; with it what most clients ask for.
fn ask_for_expected(context: &PlanContext<'_>, message: &mut Message) {
    const USUAL: [u8; 8] = [1, 3, 6, 15, 42, 51, 58, 59];
    let codes = context.request.expected_options.iter();
    let mut wanted: Vec<u8> = codes.filter_map(|code| u8::try_from(*code).ok()).collect();
    if !wanted.is_empty() {
        wanted.extend(USUAL.iter().filter(|code| !wanted.contains(code)).copied().collect::<Vec<_>>());
        message.set(option::PARAMETER_REQUEST_LIST, wanted);
    }
}

pub(super) fn v4(address: IpAddr) -> Result<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(address) => Err(Error::new("", format!("{address} is an IPv6 address, and this is DHCPv4"))),
    }
}

/// As an Ethernet address, if it is as long as one.
fn mac(hardware: &[u8]) -> Option<Mac> {
    hardware.try_into().ok().map(Mac)
}
