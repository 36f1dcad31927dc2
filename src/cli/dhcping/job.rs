//! What is to be done: links to open, and for each target an exchange that can be started again and again.

use std::net::IpAddr;
use std::time::Duration;

use super::args::{Args, ModeArgs};
use super::world::{World, hardware_address};
use crate::cli::hardware::Hardware;
use crate::dhcp::{self, table::Space};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::net::Plan;
use crate::net::iface::{self, Interface};
use crate::packet::{Datagram, Mac, Transmit};
use crate::probe::expect::Network;
use crate::probe::{Dice, Exchange, Identity, Machine, Record, Schedule, v4, v6};

/// All there is to do.
#[derive(Default)]
pub(super) struct Job {
    pub(super) links: Vec<Plan>,
    /// The interface that a route leads to, where a route chooses.
    via: Vec<Option<String>>,
    pub(super) targets: Vec<Target>,
    /// What the user should know of how it is done.
    pub(super) remarks: Vec<String>,
    /// What the user should know even without asking for it.
    pub(super) notices: Vec<String>,
    /// Why there are targets that cannot be asked though they were meant to.
    failures: Vec<Error>,
}

/// Somebody, or everybody on a link, who is asked.
pub(super) struct Target {
    /// A server or an interface.
    pub(super) name: String,
    /// Who must answer.
    pub(super) required: Vec<Identity>,
    /// Where the address must be from; anywhere, if there is none.
    pub(super) networks: Vec<Network>,
    pub(super) recipe: Recipe,
}

/// An exchange that has not begun.
#[derive(Debug, Clone)]
pub(super) enum Recipe {
    V4(Box<v4::Plan>, v4::Mode),
    V6(Box<v6::Plan>, v6::Mode),
    /// It cannot be asked from here, for this reason.
    Never(Error),
}

/// An exchange that cannot be made.
struct Never(Record);

impl Machine for Never {
    fn poll_transmit(&mut self, _now: Duration) -> Option<Transmit> {
        None
    }

    fn handle_unsent(&mut self, _now: Duration, _error: Error) {}

    fn handle_failed(&mut self, _link: usize, _error: &Error) -> Result<()> {
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        None
    }

    fn handle_timeout(&mut self, _now: Duration) {}

    fn handle_datagram(&mut self, _datagram: &Datagram<'_>) {}

    fn handle_interrupt(&mut self, _now: Duration) {}

    fn is_done(&self) -> bool {
        true
    }
}

impl Exchange for Never {
    fn record(&self) -> &Record {
        &self.0
    }
}

impl Job {
    /// Something to know of how it is done, once.
    pub(super) fn remark(&mut self, text: String) {
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }

    /// The place of this link. Targets that are asked in the same way share one: two sockets at one port would take each
    /// other's answers away.
    pub(super) fn link(&mut self, link: Plan, via: Option<String>) -> usize {
        let kind = |plan: &Plan| (plan.interface.clone(), plan.source, plan.port, plan.client);
        let known = self.links.iter().zip(&self.via);
        let place = known.into_iter().position(|(known, known_via)| kind(known) == kind(&link) && *known_via == via);
        place.unwrap_or_else(|| {
            self.links.push(link);
            self.via.push(via);
            self.links.len() - 1
        })
    }
}

impl Job {
    /// A target that cannot be asked is one all the same, and keeps no other from it.
    pub(super) fn attempt(&mut self, name: &str, planned: Result<()>) {
        if let Err(error) = planned {
            self.failures.push(error.clone());
            self.never(name, error);
        }
    }

    /// A target that cannot be asked from here.
    pub(super) fn never(&mut self, name: &str, error: Error) {
        let (name, recipe) = (name.to_owned(), Recipe::Never(error));
        self.targets.push(Target { name, required: Vec::new(), networks: Vec::new(), recipe });
    }

    /// The job, if there is anything left of it.
    ///
    /// # Errors
    /// Every attempt has failed: most likely for a mistake on the command line.
    pub(super) fn unless_all_failed(mut self) -> Result<Self> {
        if self.failures.len() < self.targets.len() || self.failures.is_empty() {
            return Ok(self);
        }
        Err(self.failures.swap_remove(0))
    }

    /// Of several sockets at one port each keeps to the interface that its route leads to: at all interfaces, one would
    /// take the others' answers.
    pub(super) fn keep_apart(&mut self) {
        let several = self.links.len() > 1;
        for (link, via) in self.links.iter_mut().zip(&self.via) {
            let via = via.clone().filter(|_| several && link.source.is_none());
            link.interface = link.interface.take().or(via);
        }
    }
}

impl Recipe {
    /// Whether it goes on from an offer to the lease.
    pub(super) fn takes_what_is_offered(&self) -> bool {
        match self {
            Self::V4(_, mode) => *mode == v4::Mode::Full,
            Self::V6(_, mode) => matches!(mode, v6::Mode::Full | v6::Mode::Rapid),
            Self::Never(_) => false,
        }
    }

    /// Whether an answer gives an address.
    pub(super) fn asks_for_an_address(&self) -> bool {
        match self {
            Self::V4(_, mode) => *mode != v4::Mode::Inform,
            Self::V6(_, mode) => !matches!(mode, v6::Mode::InformationRequest | v6::Mode::Confirm),
            Self::Never(_) => false,
        }
    }

    /// A new exchange: another transaction.
    pub(super) fn start(&self, dice: &mut Dice) -> Box<dyn Exchange> {
        match self {
            Self::V4(plan, mode) => {
                let plan = v4::Plan { xid: dice.xid(), seed: dice.roll(), ..(**plan).clone() };
                Box::new(v4::Client::new(plan, *mode))
            }
            Self::V6(plan, mode) => {
                let plan = v6::Plan { xid: dice.xid(), seed: dice.roll(), ..(**plan).clone() };
                Box::new(v6::Client::new(plan, *mode))
            }
            Self::Never(error) => Box::new(Never(Record::of_nothing(error.clone()))),
        }
    }
}

/// What the arguments and this host's interfaces say, before it is decided what that means.
pub(super) struct Facts<'a> {
    pub(super) args: &'a Args,
    pub(super) interfaces: Vec<Interface>,
    /// Of DHCPv4.
    pub(super) servers: Vec<IpAddr>,
    /// Servers of DHCPv4 whose names lead to no address.
    pub(super) unresolved: Vec<(String, Error)>,
    pub(super) world: &'a dyn World,
}

impl<'a> Facts<'a> {
    /// Looks around, for `family`.
    pub(super) fn gather(args: &'a Args, family: Family, world: &'a dyn World) -> Result<Self> {
        let names = args.whom.servers.iter().filter(|_| family == Family::V4);
        let (mut servers, mut unresolved) = (Vec::new(), Vec::new());
        for name in names {
            match world.resolve(name, family) {
                Ok(server) => servers.push(server),
                Err(error) => unresolved.push((name.clone(), error)),
            }
        }
        match unresolved.first() {
            Some((_, error)) if servers.is_empty() => Err(error.clone()),
            _ => Ok(Self { args, interfaces: world.interfaces()?, servers, unresolved, world }),
        }
    }

    /// Whether everybody is asked.
    pub(super) fn asks_everybody(&self) -> bool {
        let whom = &self.args.whom;
        let names_everybody = self.servers.iter().any(|server| self.is_broadcast(*server));
        self.servers.is_empty()
            || names_everybody
            || self.args.expect.exclusive
            || (!whom.interfaces.is_empty() && !whom.unicast)
    }

    /// Whether it is the address of everybody: of all networks, or of one that this host is in.
    pub(super) fn is_broadcast(&self, server: IpAddr) -> bool {
        let is_all = matches!(server, IpAddr::V4(ip) if ip.is_broadcast());
        is_all || self.interfaces.iter().any(|interface| interface.has_broadcast(server))
    }

    /// The interfaces on which everybody is asked, each by itself: one that is not there keeps no other from it.
    pub(super) fn each_chosen(&self) -> Result<Vec<(String, Result<&Interface>)>> {
        let names = &self.args.whom.interfaces;
        if names.is_empty() {
            return Ok(self.chosen()?.into_iter().map(|interface| (interface.name.clone(), Ok(interface))).collect());
        }
        let first = names.iter().enumerate().filter(|(place, name)| !names[..*place].contains(name));
        Ok(first.map(|(_, name)| (name.clone(), self.interface(name))).collect())
    }

    /// The interfaces on which everybody is asked: those of -I, or the only one there is.
    pub(super) fn chosen(&self) -> Result<Vec<&Interface>> {
        let names = &self.args.whom.interfaces;
        if !names.is_empty() {
            return names.iter().map(|name| self.interface(name)).collect();
        }
        if let Some(relay) = self.args.whom.relay
            && let Some(owner) = self.owner(relay)
        {
            return Ok(vec![owner]);
        }
        if let Some(interface) = self.implied() {
            return Ok(vec![interface]);
        }
        let usable: Vec<_> = self.interfaces.iter().filter(|one| one.up && one.running && one.is_ethernet()).collect();
        match usable[..] {
            [_] => Ok(usable),
            [] => {
                Err(Error::new("", "no interface of this host is up")
                    .hint("ip link set INTERFACE up; -s asks one server"))
            }
            _ => {
                let names: Vec<_> = usable.iter().map(|one| one.name.as_str()).collect();
                Err(Error::new("", "several interfaces are up, and none is named")
                    .hint(format!("-I chooses: {}; -s asks one server", names.join(", "))))
            }
        }
    }

    /// The interface that follows from an address: a network's broadcast address, or the client's.
    fn implied(&self) -> Option<&Interface> {
        let of_broadcast = |server: &IpAddr| self.interfaces.iter().find(|interface| interface.has_broadcast(*server));
        let of_client = || self.args.client.address.and_then(|client| self.owner(client));
        self.servers.iter().find_map(of_broadcast).or_else(of_client).filter(|interface| interface.is_ethernet())
    }

    pub(super) fn interface(&self, name: &str) -> Result<&Interface> {
        iface::named(&self.interfaces, name)
    }

    /// The interface that has this address.
    pub(super) fn owner(&self, address: IpAddr) -> Option<&Interface> {
        self.interfaces.iter().find(|one| one.addresses.iter().any(|own| own.ip == address))
    }

    /// The client's hardware address, on this interface where there is a choice.
    pub(super) fn hardware(&self, interface: Option<&Interface>) -> Result<Hardware> {
        if let Some(hardware) = &self.args.client.hardware {
            return Ok(hardware.clone());
        }
        if self.args.client.use_interface_mac {
            let own = interface.and_then(|interface| interface.mac);
            return own.map(|mac| Hardware(mac.0.to_vec())).ok_or_else(|| {
                Error::new("--use-interface-mac", "the interface has no hardware address").hint("-h gives one")
            });
        }
        let host = self.world.host_identifier().ok_or_else(|| {
            Error::new("", "this host has no machine-id(5) to make a hardware address from").hint("-h gives one")
        })?;
        Ok(Hardware(hardware_address(&host).0.to_vec()))
    }

    /// Whose hardware address it is, of this host's interfaces.
    pub(super) fn owner_of(&self, hardware: Option<Mac>) -> Option<&Interface> {
        self.interfaces.iter().find(|one| one.mac.is_some() && one.mac == hardware && !one.loopback)
    }

    /// Refuses to take a lease in this host's own name: it would never be released, for it may be the lease that this
    /// host lives on.
    pub(super) fn refuse_own(&self, hardware: Option<Mac>) -> Result<()> {
        match (self.owner_of(hardware), hardware) {
            (Some(interface), Some(mac)) if !self.args.client.yes_this_host => {
                let cause =
                    format!("{mac} is this host's own {}, in whose name no lease is released again", interface.name);
                Err(Error::new("", cause).hint("another -h, or --yes-this-host keeps the lease"))
            }
            _ => Ok(()),
        }
    }

    /// What is said where a lease of this host itself may be asked for.
    pub(super) fn kept(&self, hardware: Option<Mac>, job: &mut Job) {
        if let (Some(interface), Some(mac)) = (self.owner_of(hardware), hardware) {
            let text = format!("{mac} is this host's own {}: no RELEASE is sent, the lease is kept", interface.name);
            if !job.notices.contains(&text) {
                job.notices.push(text);
            }
        }
    }

    /// When to send again.
    pub(super) fn schedule(&self) -> Schedule {
        Schedule::tries(self.args.wait.tries, self.args.wait.timeout)
    }
}

/// The protocol, which a configuration may have settled; refuses modes of the other one.
pub(super) fn check_family(args: &Args, settled: Option<Family>) -> Result<Family> {
    let ModeArgs { discover, reboot, bootp, .. } = args.mode;
    let family = settled.unwrap_or(if args.is_v6() { Family::V6 } else { Family::V4 });
    let is_wrong = match family {
        Family::V4 => args.is_v6(),
        Family::V6 => args.whom.v4 || discover || reboot || bootp,
    };
    if is_wrong {
        return Err(Error::new("", "DHCPv4 and DHCPv6 do not mix: an address or mode is of the other one")
            .hint("see dhcping --help"));
    }
    Ok(family)
}

/// The options of a protocol.
pub(super) fn space(family: Family) -> &'static Space {
    match family {
        Family::V4 => &dhcp::v4::table::OPTIONS,
        Family::V6 => &dhcp::v6::table::OPTIONS,
    }
}
