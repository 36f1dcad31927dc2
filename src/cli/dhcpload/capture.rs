//! The packet capture that `--pcap` writes: the first packets of each second.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::error::Result;
use crate::session::CaptureFile;
use crate::wire::{Datagram, Mac, Transmit};

/// How many packets of each second are kept.
const EACH_SECOND: u32 = 100;

/// A capture, if there is to be one.
pub(super) struct Capture {
    file: CaptureFile,
    /// Unix time at the beginning of the link's.
    pub(super) epoch: Duration,
    /// The port that is sent from.
    port: u16,
    /// The current second, and how many of its packets are kept.
    second: (u64, u32),
}

impl Capture {
    /// A capture in the file `path`, which appears when it is whole.
    pub(super) fn open(path: Option<&Path>, port: u16, var: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        Ok(Self { file: CaptureFile::open(path, var)?, epoch: Duration::ZERO, port, second: (0, 0) })
    }

    /// Whether a packet of this moment is kept.
    fn takes(&mut self, at: Duration) -> bool {
        if self.second.0 != at.as_secs() {
            self.second = (at.as_secs(), 0);
        }
        self.second.1 += 1;
        self.file.is_open() && self.second.1 <= EACH_SECOND
    }

    /// A datagram is sent.
    pub(super) fn sent(&mut self, transmit: &Transmit, at: Duration) {
        if self.takes(at) {
            let (time, port) = (self.epoch.saturating_add(at), self.port);
            self.file.keep(|writer| writer.sent(time, transmit, port, Mac::default(), None));
        }
    }

    /// A datagram came.
    pub(super) fn received(&mut self, datagram: &Datagram<'_>) {
        if self.takes(datagram.at) {
            let time = self.epoch.saturating_add(datagram.at);
            self.file.keep(|writer| writer.received(time, datagram));
        }
    }

    /// Ends it: the file is there, whole.
    pub(super) fn finish(self) -> Result<()> {
        self.file.finish()
    }
}
