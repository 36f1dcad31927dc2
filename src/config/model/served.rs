//! The subnets of a server with what they inherit.

use std::net::IpAddr;

use super::class::ClientClasses;
use super::server::Server;
use super::settings::{ReservationModes, Settings};
use super::subnet::{SharedNetwork, Subnet};

impl Server {
    /// The subnets with what they inherit, in the order of the configuration; those of shared networks last.
    pub fn subnets(&self) -> impl Iterator<Item = ServedSubnet<'_>> {
        let alone = if self.subnet4.is_empty() { &self.subnet6 } else { &self.subnet4 };
        let alone = alone.iter().map(|subnet| ServedSubnet { server: self, network: None, subnet });
        let shared = self.shared_networks.iter().flat_map(move |network| {
            network.subnets().iter().map(move |subnet| ServedSubnet { server: self, network: Some(network), subnet })
        });
        alone.chain(shared)
    }
}

/// A subnet with what it inherits from its shared network and the server.
#[derive(Debug, Clone, Copy)]
pub struct ServedSubnet<'a> {
    /// The server.
    pub server: &'a Server,
    /// The shared network that it is in.
    pub network: Option<&'a SharedNetwork>,
    /// The subnet.
    pub subnet: &'a Subnet,
}

impl<'a> ServedSubnet<'a> {
    /// The settings that apply, the subnet's own first.
    fn scopes(&self) -> impl Iterator<Item = &'a Settings> {
        let network = self.network.map(|network| &network.settings);
        [Some(&self.subnet.settings), network, Some(&self.server.settings)].into_iter().flatten()
    }

    /// A setting of the subnet, else of its shared network, else of the server: `setting(|it| it.valid_lifetime)`.
    pub fn setting<T>(&self, pick: impl FnMut(&'a Settings) -> Option<T>) -> Option<T> {
        self.scopes().find_map(pick)
    }

    /// The name of the shared network.
    #[must_use]
    pub fn network_name(&self) -> Option<&'a str> {
        self.network?.name.as_deref()
    }

    /// The interface of the server's host that its clients are on.
    #[must_use]
    pub fn interface(&self) -> Option<&'a str> {
        self.setting(|settings| settings.interface.as_deref())
    }

    /// The relays that its clients come through: its own, else those of the shared network.
    #[must_use]
    pub fn relays(&self) -> Vec<IpAddr> {
        let all = self.scopes().map(|settings| settings.relay.addresses().collect::<Vec<_>>());
        all.into_iter().find(|relays| !relays.is_empty()).unwrap_or_default()
    }

    /// The conditions that a client must meet: of the shared network and of the subnet.
    pub fn guards(&self) -> impl Iterator<Item = &'a ClientClasses> {
        let network = self.network.map(|network| &network.settings.classes);
        network.into_iter().chain([&self.subnet.settings.classes]).filter(|classes| classes.is_guarded())
    }

    /// Which reservations the server looks for; where nothing is written, those of the subnet.
    #[must_use]
    pub fn reservation_modes(&self) -> ReservationModes {
        let [global, in_subnet, out_of_pool] = [0, 1, 2].map(|index| self.setting(|it| it.modes()[index]));
        ReservationModes {
            global: global.unwrap_or(false),
            in_subnet: in_subnet.unwrap_or(true),
            out_of_pool: out_of_pool.unwrap_or(false),
        }
    }
}
