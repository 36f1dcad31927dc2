//! The packet capture that `--pcap` writes: the first packets of each second.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::installation::LiveFiles;
use crate::wire::pcap::Writer;
use crate::wire::{Datagram, Mac, Transmit};

/// How many packets of each second are kept.
const EACH_SECOND: u32 = 100;

/// A capture, if there is to be one.
pub(super) struct Capture {
    writer: Option<Writer<OutFile>>,
    /// Unix time at the beginning of the link's.
    pub(super) epoch: Duration,
    /// The port that is sent from.
    port: u16,
    /// The current second, and how many of its packets are kept.
    second: (u64, u32),
    shown: String,
    failure: Option<Error>,
}

impl Capture {
    /// A capture in the file `path`, which appears when it is whole.
    pub(super) fn open(path: Option<&Path>, port: u16, var: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let shown = path.map_or(String::new(), |path| path.display().to_string());
        let file = path.map(|path| OutFile::create_with_privileges(path, &LiveFiles::of_this_host(var))).transpose()?;
        let writer = file.map(Writer::new).transpose();
        let writer = writer.map_err(|cause| Error::io(format!("write {shown}"), &cause))?;
        Ok(Self { writer, epoch: Duration::ZERO, port, second: (0, 0), shown, failure: None })
    }

    /// Whether a packet of this moment is kept.
    fn takes(&mut self, at: Duration) -> bool {
        if self.second.0 != at.as_secs() {
            self.second = (at.as_secs(), 0);
        }
        self.second.1 += 1;
        self.writer.is_some() && self.second.1 <= EACH_SECOND
    }

    /// A datagram is sent.
    pub(super) fn sent(&mut self, transmit: &Transmit, at: Duration) {
        if self.takes(at) {
            let (time, port) = (self.epoch.saturating_add(at), self.port);
            self.keep(|writer| writer.sent(time, transmit, port, Mac::default(), None));
        }
    }

    /// A datagram came.
    pub(super) fn received(&mut self, datagram: &Datagram<'_>) {
        if self.takes(datagram.at) {
            let time = self.epoch.saturating_add(datagram.at);
            self.keep(|writer| writer.received(time, datagram));
        }
    }

    fn keep(&mut self, write: impl FnOnce(&mut Writer<OutFile>) -> std::io::Result<()>) {
        if let Some(Err(cause)) = self.writer.as_mut().map(write) {
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
