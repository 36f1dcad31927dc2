//! The packet capture that `--pcap` writes.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::CaptureFile;
use crate::error::Result;
use crate::net::{Seen, Transport};
use crate::wire::{LinkSpec, Mac};

/// Keeps what is sent and received, if it is to be kept.
pub(super) struct Capture {
    file: CaptureFile,
    /// Unix time at the beginning of the transport's.
    epoch: Duration,
    /// The port that is sent from.
    port: u16,
    /// The hardware address that is sent from.
    mac: Mac,
    /// The virtual network that is sent to.
    vlan: Option<u16>,
}

impl Capture {
    /// A capture in the file `path` ([`CaptureFile::open`]).
    pub(super) fn open(path: Option<&Path>, var: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let file = CaptureFile::open(path, var)?;
        Ok(Self { file, epoch: Duration::ZERO, port: 0, mac: Mac::default(), vlan: None })
    }

    /// The links are open.
    pub(super) fn begin(&mut self, link: &LinkSpec, transport: &dyn Transport) {
        self.epoch = transport.epoch();
        (self.port, self.vlan) = (link.port, link.vlan);
        let hardware = transport.interface(0).and_then(|interface| interface.mac);
        self.mac = link.ethernet_source.or(hardware).unwrap_or_default();
    }

    /// Something passes.
    pub(super) fn see(&mut self, seen: Seen<'_>) {
        let (epoch, port, mac, vlan) = (self.epoch, self.port, self.mac, self.vlan);
        self.file.keep(|writer| match seen {
            Seen::Sent { transmit, at } => writer.sent(epoch.saturating_add(at), transmit, port, mac, vlan),
            Seen::Received(datagram) => writer.received(epoch.saturating_add(datagram.at), datagram),
        });
    }

    /// Ends it: the file is there, whole.
    pub(super) fn finish(self) -> Result<()> {
        self.file.finish()
    }
}
