//! The packet capture that `--pcap` writes.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::installation::LiveFiles;
use crate::net::{Seen, Transport};
use crate::wire::pcap::Writer;
use crate::wire::{LinkSpec, Mac};

/// Keeps what is sent and received, if it is to be kept.
pub(super) struct Capture {
    writer: Option<Writer<OutFile>>,
    /// Unix time at the beginning of the transport's.
    epoch: Duration,
    /// The port that is sent from.
    port: u16,
    /// The hardware address that is sent from.
    mac: Mac,
    /// The virtual network that is sent to.
    vlan: Option<u16>,
    shown: String,
    failure: Option<Error>,
}

impl Capture {
    /// A capture in the file `path`, which appears when it is whole. To be opened before the links, which may cost the
    /// privileges.
    pub(super) fn open(path: Option<&Path>, var: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let shown = path.map_or(String::new(), |path| path.display().to_string());
        let attempted = format!("write {shown}");
        let file = path.map(|path| OutFile::create_with_privileges(path, &LiveFiles::of_this_host(var))).transpose()?;
        let writer = file.map(Writer::new).transpose().map_err(|cause| Error::io(attempted, &cause))?;
        let (epoch, mac) = (Duration::ZERO, Mac::default());
        Ok(Self { writer, epoch, port: 0, mac, vlan: None, shown, failure: None })
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
        let Some(writer) = &mut self.writer else { return };
        let result = match seen {
            Seen::Sent { transmit, at } => {
                writer.sent(self.epoch.saturating_add(at), transmit, self.port, self.mac, self.vlan)
            }
            Seen::Received(datagram) => writer.received(self.epoch.saturating_add(datagram.at), datagram),
        };
        if let Err(cause) = result {
            self.failure.get_or_insert(Error::io(format!("write {}", self.shown), &cause));
        }
    }

    /// Ends it: the file is there, whole.
    pub(super) fn finish(self) -> Result<()> {
        match (self.failure, self.writer) {
            (Some(error), _) => Err(error),
            (None, Some(writer)) => writer.into_inner().commit(),
            (None, None) => Ok(()),
        }
    }
}
