//! Reservations: addresses, prefixes and names that are kept for certain clients.

use std::net::IpAddr;

use serde::Deserialize;

use super::super::json::Map;
use super::super::position::Position;
use super::address::Prefix;
use super::read::list;
use crate::lease::filter::OctetPrefix;

/// A reservation.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct HostReservation {
    /// Where it is.
    #[serde(rename = "$position")]
    pub position: Position,
    /// The hardware address of the client.
    pub hw_address: Option<String>,
    /// The DUID of the client.
    pub duid: Option<String>,
    /// The client identifier (DHCPv4).
    pub client_id: Option<String>,
    /// The circuit that a relay names.
    pub circuit_id: Option<String>,
    /// What the flexible identifier hook makes of a packet.
    pub flex_id: Option<String>,
    /// The address (DHCPv4).
    pub ip_address: Option<IpAddr>,
    /// The addresses (DHCPv6).
    #[serde(deserialize_with = "list")]
    pub ip_addresses: Vec<IpAddr>,
    /// The prefixes (DHCPv6).
    #[serde(deserialize_with = "list")]
    pub prefixes: Vec<Prefix>,
    /// The host name.
    pub hostname: Option<String>,
    /// The classes that the client gets.
    #[serde(deserialize_with = "list")]
    pub client_classes: Vec<String>,
    /// What else it has.
    #[serde(rename = "$rest")]
    pub rest: Map,
}

/// What a client is known by in a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierType {
    /// A hardware address.
    HwAddress,
    /// A DUID.
    Duid,
    /// A client identifier.
    ClientId,
    /// A circuit identifier.
    CircuitId,
    /// A flexible identifier.
    FlexId,
}

impl IdentifierType {
    /// Its name in a configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HwAddress => "hw-address",
            Self::Duid => "duid",
            Self::ClientId => "client-id",
            Self::CircuitId => "circuit-id",
            Self::FlexId => "flex-id",
        }
    }
}

impl HostReservation {
    /// What the client is known by, as octets: of text in hex those that it means, of other text its own.
    #[must_use]
    pub fn identifier(&self) -> Option<(IdentifierType, Vec<u8>)> {
        let all = [
            (IdentifierType::HwAddress, &self.hw_address),
            (IdentifierType::Duid, &self.duid),
            (IdentifierType::ClientId, &self.client_id),
            (IdentifierType::CircuitId, &self.circuit_id),
            (IdentifierType::FlexId, &self.flex_id),
        ];
        let (kind, text) = all.into_iter().find_map(|(kind, text)| Some((kind, text.as_deref()?)))?;
        Some((kind, octets(text)))
    }

    /// Whether it keeps an address or a prefix; others give names, options or classes.
    #[must_use]
    pub fn keeps_something(&self) -> bool {
        !self.prefixes.is_empty() || self.addresses().any(|address| !address.is_unspecified())
    }

    /// The addresses, without those of prefixes.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.ip_address.iter().chain(&self.ip_addresses).copied()
    }
}

/// Hex in any of Kea's spellings; text is between apostrophes.
fn octets(identifier: &str) -> Vec<u8> {
    match OctetPrefix::identifier(identifier) {
        Ok(prefix) => prefix.octets().to_vec(),
        Err(_) => identifier.trim_matches('\'').as_bytes().to_vec(),
    }
}
