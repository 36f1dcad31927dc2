//! Leases that clients have besides the one of their slots: a further server acknowledged a REQUEST too, or the client went on
//! with another server or another address. Each of them is given back where it is.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::super::message::Said;
use super::super::slot::Lease;
use super::Generator;

/// Leases by client, server and address.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    leases: BTreeMap<(u32, u8, IpAddr), Lease>,
    /// How many leases of slots were given back without an answer before these had their turn.
    pub(super) released: u64,
    /// How many of them were not given back, since their RELEASE was not answered.
    unreleased: u64,
}

impl Elsewhere {
    /// How many may still be counted as given, those included whose slots had to go on without an answer.
    pub(super) fn count(&self) -> u64 {
        self.leases.len() as u64 + self.unreleased
    }
}

impl Generator {
    /// A server's answer counts: from now on the slot of the client is about that server and its address. A lease that the
    /// client has from another one, or with another address, stays one.
    pub(super) fn turn_to(&mut self, client: u32, server: u8, said: Said) {
        let slot = &mut self.slots[client as usize];
        let (before, had) = ((client, slot.server, slot.address(self.family)), slot.lease);
        let address = match said {
            Said::Address { address, is_given, .. } if is_given || slot.has_request => Some(address),
            _ => None,
        };
        // With Rapid Commit a lease is asked for before there is an address.
        let has_address = had == Lease::Held || had == Lease::Perhaps && !self.is_rapid();
        let slot = &mut self.slots[client as usize];
        let is_moved = match (address, said) {
            (Some(address), _) => before != (client, server, address),
            (None, Said::Nak) => before.1 != server,
            _ => false,
        };
        if is_moved && has_address {
            self.elsewhere.leases.insert(before, had);
            slot.lease = Lease::None;
        }
        if address.is_some() || !slot.lease.is_owed() {
            slot.server = server;
        }
        if let Some(address) = address {
            slot.set_address(address);
            slot.lease = self.elsewhere.leases.remove(&(client, server, address)).unwrap_or(slot.lease);
        }
    }

    /// A server that is not asked, or not any more, gave a client a lease.
    pub(super) fn given_elsewhere(&mut self, client: u32, server: u8, said: Said) {
        let Said::Address { address, is_given: true, .. } = said else { return };
        let slot = &self.slots[client as usize];
        if (slot.server, slot.address(self.family)) == (server, address) {
            return;
        }
        let known = self.elsewhere.leases.insert((client, server, address), Lease::Held);
        self.leases.given += 1;
        self.leases.taken += u64::from(known != Some(Lease::Held));
    }

    /// The leases of slots are given back: the next of each client has its turn; whether there is one.
    pub(super) fn has_more_to_release(&mut self, now: Duration) -> bool {
        let owed: Vec<_> = self.elsewhere.leases.iter().map(|(key, lease)| (*key, *lease)).collect();
        let mut has_more = false;
        for (key, lease) in owed {
            let (client, server, address) = key;
            let slot = &mut self.slots[client as usize];
            if slot.lease.is_due() {
                continue;
            }
            self.elsewhere.unreleased += u64::from(slot.lease == Lease::Unreleased);
            self.elsewhere.released += u64::from(slot.lease == Lease::Released);
            slot.set_address(address);
            (slot.server, slot.lease) = (server, lease);
            self.elsewhere.leases.remove(&key);
            has_more = true;
        }
        if has_more {
            self.release_from(now);
        }
        has_more
    }
}
