//! What a plan follows from: the request, and what this host has.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::{ProbePlan, ProbeRequest};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::wire::Mac;
use crate::wire::interface::{self, Interface};

/// What a plan has to ask of this host.
pub trait Host {
    /// The interfaces of this host.
    fn interfaces(&self) -> Result<Vec<Interface>>;
    /// The address of a server's name.
    fn resolve(&self, name: &str, family: Family) -> Result<IpAddr>;
    /// The address that packets to `server` are sent from.
    fn source_towards(&self, server: IpAddr) -> Result<IpAddr>;
    /// A text that stays the same on this host and differs from that of every other.
    fn host_identifier(&self) -> Option<String>;
}

/// The request and what this host has, before it is decided what that means.
pub struct PlanContext<'a> {
    pub(super) request: &'a ProbeRequest,
    pub(super) interfaces: Vec<Interface>,
    /// Of DHCPv4.
    pub(super) servers: Vec<IpAddr>,
    /// Servers of DHCPv4 whose names lead to no address.
    pub(super) unresolved: Vec<(String, Error)>,
    pub(super) host: &'a dyn Host,
}

impl<'a> PlanContext<'a> {
    /// Asks the host what the request needs.
    ///
    /// # Errors
    /// The interfaces cannot be listed, or no server's name leads to an address.
    pub fn gather(request: &'a ProbeRequest, host: &'a dyn Host) -> Result<Self> {
        let family = request.family;
        let names = request.servers.iter().filter(|_| family == Family::V4);
        let (mut servers, mut unresolved) = (Vec::new(), Vec::new());
        for name in names {
            match host.resolve(name, family) {
                Ok(server) => servers.push(server),
                Err(error) => unresolved.push((name.clone(), error)),
            }
        }
        match unresolved.first() {
            Some((_, error)) if servers.is_empty() => Err(error.clone()),
            _ => Ok(Self { request, interfaces: host.interfaces()?, servers, unresolved, host }),
        }
    }

    /// Whether all servers are asked.
    pub(super) fn asks_all_servers(&self) -> bool {
        let request = self.request;
        let names_all = self.servers.iter().any(|server| self.is_broadcast(*server));
        self.servers.is_empty()
            || names_all
            || request.is_exclusive
            || (!request.interfaces.is_empty() && !request.unicast)
    }

    /// Whether it is a broadcast address: of all networks, or of one that this host is in.
    pub(super) fn is_broadcast(&self, server: IpAddr) -> bool {
        let is_all = matches!(server, IpAddr::V4(ip) if ip.is_broadcast());
        is_all || self.interfaces.iter().any(|interface| interface.has_broadcast(server))
    }

    /// The interfaces on which all servers are asked, each by itself: one that is not there keeps no other from it.
    pub(super) fn each_chosen(&self) -> Result<Vec<(String, Result<&Interface>)>> {
        let names = &self.request.interfaces;
        if names.is_empty() {
            return Ok(self.chosen()?.into_iter().map(|interface| (interface.name.clone(), Ok(interface))).collect());
        }
        let first = names.iter().enumerate().filter(|(place, name)| !names[..*place].contains(name));
        Ok(first.map(|(_, name)| (name.clone(), self.interface(name))).collect())
    }

    /// The interfaces on which all servers are asked: those of -I, or the only one there is.
    pub(super) fn chosen(&self) -> Result<Vec<&Interface>> {
        let names = &self.request.interfaces;
        if !names.is_empty() {
            return names.iter().map(|name| self.interface(name)).collect();
        }
        if let Some(relay) = self.request.relay
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
                    .hint(format!("choose one with -I: {}; or ask one server with -s", names.join(", "))))
            }
        }
    }

    /// The interface that follows from an address: a network's broadcast address, or the client's.
    fn implied(&self) -> Option<&Interface> {
        let of_broadcast = |server: &IpAddr| self.interfaces.iter().find(|interface| interface.has_broadcast(*server));
        let of_client = || self.request.client.address.and_then(|client| self.owner(client));
        self.servers.iter().find_map(of_broadcast).or_else(of_client).filter(|interface| interface.is_ethernet())
    }

    pub(super) fn interface(&self, name: &str) -> Result<&Interface> {
        interface::named(&self.interfaces, name)
    }

    /// The interface that has this address.
    pub(super) fn owner(&self, address: IpAddr) -> Option<&Interface> {
        self.interfaces.iter().find(|one| one.addresses.iter().any(|own| own.ip == address))
    }

    /// The client's hardware address, on this interface where there is a choice.
    pub(super) fn hardware(&self, interface: Option<&Interface>) -> Result<Vec<u8>> {
        if let Some(hardware) = &self.request.client.hardware {
            return Ok(hardware.clone());
        }
        if self.request.client.use_interface_mac {
            let own = interface.and_then(|interface| interface.mac);
            return own.map(|mac| mac.0.to_vec()).ok_or_else(|| {
                Error::new("--use-interface-mac", "the interface has no hardware address").hint("give one with -h")
            });
        }
        let host = self.host.host_identifier().ok_or_else(|| {
            Error::new("", "this host has no machine-id(5) to make a hardware address from").hint("give one with -h")
        })?;
        Ok(hardware_address(&host).0.to_vec())
    }

    /// Whose hardware address it is, of this host's interfaces.
    pub(super) fn owner_of(&self, hardware: Option<Mac>) -> Option<&Interface> {
        self.interfaces.iter().find(|one| one.mac.is_some() && one.mac == hardware && !one.loopback)
    }

    /// Refuses to take a lease in this host's own name: it would never be released, for it may be the lease that this
    /// host lives on.
    pub(super) fn refuse_own(&self, hardware: Option<Mac>) -> Result<()> {
        match (self.owner_of(hardware), hardware) {
            (Some(interface), Some(mac)) if !self.request.client.may_be_this_host => {
                let cause =
                    format!("{mac} is this host's own {}, in whose name no lease is released again", interface.name);
                Err(Error::new("", cause).hint("give another -h, or --yes-this-host to keep the lease"))
            }
            _ => Ok(()),
        }
    }

    /// What is said where a lease of this host itself may be asked for.
    pub(super) fn kept(&self, hardware: Option<Mac>, plan: &mut ProbePlan) {
        if let (Some(interface), Some(mac)) = (self.owner_of(hardware), hardware) {
            let text = format!("{mac} is this host's own {}: no RELEASE is sent, the lease is kept", interface.name);
            if !plan.notices.contains(&text) {
                plan.notices.push(text);
            }
        }
    }
}

/// The beginning of all hardware addresses that this program makes up; locally administered (IEEE 802).
const OURS: [u8; 3] = [0x02, 0x6b, 0x65];

/// The hardware address that probes from this host have: the same every time, so that a server keeps offering the same
/// address and an administrator who finds it in a log knows where it comes from.
fn hardware_address(host: &str) -> Mac {
    // Not the identifier as it is: machine-id(5) wants it kept, and a digest does not reveal it.
    let digest = Sha256::digest(format!("kea-tools dhcping hardware address\n{host}"));
    let mut address = [0; 6];
    address[..3].copy_from_slice(&OURS);
    address[3..].copy_from_slice(&digest[..3]);
    Mac(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_address_of_its_own_making() {
        let address = hardware_address("3d1219c7c4c5404aaa1f6d2a48adfda4");
        assert_eq!(address.to_string(), "02:6b:65:b3:02:6b");
        assert_ne!(address, hardware_address("3d1219c7c4c5404aaa1f6d2a48adfda5"));
    }
}
