//! What is set for a whole daemon.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::super::json::Map;
use super::super::position::Position;
use super::class::ClassDefinition;
use super::database::{ConfigControl, DatabaseAccess, LeaseDatabase};
use super::hook::{HighAvailability, Hook};
use super::logger::Logger;
use super::read::{list, path};
use super::reservation::HostReservation;
use super::settings::Settings;
use super::socket::{ControlSocket, ControlSockets, WebSettings};
use super::subnet::{SharedNetwork, Subnet};
use crate::family::Family;

/// The map of a daemon: `Dhcp4`, `Dhcp6`, `DhcpDdns`, `Control-agent`, `Netconf`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Server {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,

    /// Where a DHCP server listens.
    pub interfaces_config: InterfacesConfig,
    /// Where the leases are.
    pub lease_database: LeaseDatabase,
    hosts_database: Option<DatabaseAccess>,
    #[serde(deserialize_with = "list")]
    hosts_databases: Vec<DatabaseAccess>,
    /// Where parts of the configuration come from.
    pub config_control: ConfigControl,
    /// Where the server keeps files whose names have no directory.
    #[serde(deserialize_with = "path")]
    pub data_directory: Option<PathBuf>,
    /// When expired leases are reclaimed.
    pub expired_leases_processing: ExpiredLeasesProcessing,
    /// For how long a declined address is not offered, in seconds; a day if it is not written.
    pub decline_probation_period: Option<u32>,
    /// The server that updates the DNS.
    pub dhcp_ddns: DhcpDdns,
    /// What is done for clients that keep to no standard.
    pub compatibility: Compatibility,

    #[serde(deserialize_with = "list")]
    pub(super) shared_networks: Vec<SharedNetwork>,
    #[serde(deserialize_with = "list")]
    pub(super) subnet4: Vec<Subnet>,
    #[serde(deserialize_with = "list")]
    pub(super) subnet6: Vec<Subnet>,
    /// Reservations for all subnets.
    #[serde(deserialize_with = "list")]
    pub reservations: Vec<HostReservation>,
    /// The definitions of classes.
    #[serde(rename = "client-classes", deserialize_with = "list")]
    pub class_definitions: Vec<ClassDefinition>,

    /// What is logged where. Kea before 1.6 has the loggers of all daemons in a map `Logging`; they are here too.
    #[serde(deserialize_with = "list")]
    pub loggers: Vec<Logger>,
    /// The hook libraries.
    #[serde(rename = "hooks-libraries", deserialize_with = "list")]
    pub hooks: Vec<Hook>,
    /// The socket for commands (up to Kea 2.7).
    pub control_socket: Option<ControlSocket>,
    /// The sockets for commands (Kea 2.7 on), or those that the Control Agent forwards to.
    pub control_sockets: ControlSockets,

    /// The address that the Control Agent listens on.
    pub http_host: Option<String>,
    /// Its TCP port.
    pub http_port: Option<u16>,
    /// The address that the DHCP-DDNS server listens on.
    pub ip_address: Option<IpAddr>,
    /// Its UDP port.
    pub port: Option<u16>,
    /// Protection and authentication of the Control Agent.
    #[serde(rename = "$web")]
    pub web: WebSettings,
    /// What all subnets inherit.
    #[serde(rename = "$settings")]
    pub settings: Settings,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// Where a DHCP server listens.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct InterfacesConfig {
    /// The interfaces, as they are written: `eth0`, `eth0/192.0.2.1`, `*`.
    #[serde(deserialize_with = "list")]
    pub interfaces: Vec<String>,
    /// `raw` or `udp` (DHCPv4).
    pub dhcp_socket_type: Option<String>,
    /// Whether interfaces are looked for again while the server runs.
    pub re_detect: Option<bool>,
    /// How often the server tries to open its sockets.
    pub service_sockets_max_retries: Option<u32>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// What is done for clients that keep to no standard.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Compatibility {
    /// Whether addresses that end in .0 or .255 are not given in subnets of /24 and larger ones (Kea 2.3.6 on).
    #[serde(rename = "exclude-first-last-24")]
    pub excludes_first_last_24: bool,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// When expired leases are reclaimed.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ExpiredLeasesProcessing {
    /// Seconds between two reclamations; 10 if it is not written, and never if it is 0.
    pub reclaim_timer_wait_time: Option<u32>,
    /// Seconds between two removals of reclaimed leases; 25 if it is not written.
    pub flush_reclaimed_timer_wait_time: Option<u32>,
    /// For how many seconds a reclaimed lease is kept; 3600 if it is not written.
    pub hold_reclaimed_time: Option<u32>,
    /// How many leases are reclaimed at once; 100 if it is not written, and all if it is 0.
    pub max_reclaim_leases: Option<u32>,
    /// For how many milliseconds; 250 if it is not written, and any time if it is 0.
    pub max_reclaim_time: Option<u32>,
    /// After how many incomplete reclamations there is a warning; 5 if it is not written.
    pub unwarned_reclaim_cycles: Option<u32>,
}

/// The server that updates the DNS, for a DHCP server.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct DhcpDdns {
    /// Whether it is used; false if it is not written.
    pub enable_updates: Option<bool>,
    /// Its address.
    pub server_ip: Option<IpAddr>,
    /// Its port.
    pub server_port: Option<u16>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

impl Server {
    /// The databases with reservations.
    pub fn hosts_databases(&self) -> impl Iterator<Item = &DatabaseAccess> {
        self.hosts_database.iter().chain(&self.hosts_databases)
    }

    /// The relationships for high availability.
    pub fn high_availability(&self) -> impl Iterator<Item = &HighAvailability> {
        self.hooks.iter().flat_map(|hook| &hook.parameters.high_availability)
    }

    /// The shared networks.
    #[must_use]
    pub fn shared_networks(&self) -> &[SharedNetwork] {
        &self.shared_networks
    }

    /// Drops subnets, reservations and classes.
    pub(in crate::config) fn forget_subnets(&mut self) {
        (self.shared_networks, self.subnet4, self.subnet6) = (Vec::new(), Vec::new(), Vec::new());
        (self.reservations, self.class_definitions) = (Vec::new(), Vec::new());
    }

    /// Leaves out the subnets of the other family; where they are.
    pub(in crate::config) fn retain_family(&mut self, family: Family) -> Vec<(Position, String)> {
        let mut removed = Vec::new();
        let mut retain = |subnets: &mut Vec<Subnet>| {
            subnets.retain(|subnet| {
                let is_right = subnet.prefix.family() == family;
                if !is_right {
                    removed.push((subnet.position, format!("\"{}\" is no {family} subnet", subnet.prefix)));
                }
                is_right
            });
        };
        retain(&mut self.subnet4);
        retain(&mut self.subnet6);
        for network in &mut self.shared_networks {
            retain(&mut network.subnet4);
            retain(&mut network.subnet6);
        }
        removed
    }

    /// Numbers the subnets that have no number or 0, as Kea up to 2.5 does: 1, 2, 3 …, those of shared networks first.
    pub(in crate::config) fn number_subnets(&mut self) {
        let shared = self.shared_networks.iter_mut().flat_map(|network| [&mut network.subnet4, &mut network.subnet6]);
        let mut next = 1;
        for subnet in shared.chain([&mut self.subnet4, &mut self.subnet6]).flatten() {
            subnet.written_id = subnet.written_id.filter(|id| *id != 0);
            subnet.id = subnet.written_id.unwrap_or_else(|| {
                next += 1;
                next - 1
            });
        }
    }
}
