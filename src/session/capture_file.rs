//! The file of a packet capture.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::installation::LiveFiles;
use crate::wire::pcap::Writer;

/// The file that `--pcap` names, if there is to be one. A failure to write is reported at the end.
pub struct CaptureFile {
    writer: Option<Writer<OutFile>>,
    shown: String,
    failure: Option<Error>,
}

impl CaptureFile {
    /// The file `path`, which appears when it is whole. To be opened before the links, which may cost the privileges.
    pub fn open(path: Option<&Path>, var: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let shown = path.map_or(String::new(), |path| path.display().to_string());
        let file = path.map(|path| OutFile::create_with_privileges(path, &LiveFiles::of_this_host(var))).transpose()?;
        let writer = file.map(Writer::new).transpose();
        let writer = writer.map_err(|cause| Error::io(format!("write {shown}"), &cause))?;
        Ok(Self { writer, shown, failure: None })
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.writer.is_some()
    }

    /// Writes something into it.
    pub fn keep(&mut self, write: impl FnOnce(&mut Writer<OutFile>) -> io::Result<()>) {
        if let Some(Err(cause)) = self.writer.as_mut().map(write) {
            self.failure.get_or_insert(Error::io(format!("write {}", self.shown), &cause));
        }
    }

    /// Ends it: the file is there, whole.
    pub fn finish(self) -> Result<()> {
        match (self.failure, self.writer) {
            (Some(error), _) => Err(error),
            (None, Some(writer)) => writer.into_inner().commit(),
            (None, None) => Ok(()),
        }
    }
}
