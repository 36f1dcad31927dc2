//! Kea's lease file.

use std::io::{self, Write};

use super::{Buffered, LeaseWriter, Written};
use crate::lease::csv::{write_header, write_row4, write_row6};
use crate::lease::target::{Fit, Target};
use crate::lease::{Family, Lease4, Lease6};
use crate::text::count;

/// Writes the lease file of one Kea release.
pub(super) struct Memfile<'a> {
    target: Target,
    buffer: Buffered<'a>,
    /// Leases that lost a detail for which the target has no column.
    shortened: u64,
}

impl<'a> Memfile<'a> {
    pub(super) fn new(family: Family, target: Target, out: &'a mut dyn Write) -> Self {
        let mut buffer = Buffered::new(out);
        write_header(family, target, &mut buffer.text);
        Self { target, buffer, shortened: 0 }
    }

    fn write(&mut self, fit: Fit, row: impl FnOnce(&mut Vec<u8>)) -> io::Result<Written> {
        match fit {
            Fit::Fits => {
                row(&mut self.buffer.text);
                self.buffer.relieve()?;
                Ok(Written::Row)
            }
            Fit::MeansDeletion => Ok(Written::LeftOut),
            Fit::Refused(fault) => Ok(Written::Refused(fault)),
        }
    }
}

impl LeaseWriter for Memfile<'_> {
    fn lease4(&mut self, lease: &Lease4<'_>) -> io::Result<Written> {
        let target = self.target;
        let written = self.write(target.check4(lease), |row| write_row4(lease, target, row));
        self.shortened += u64::from(matches!(written, Ok(Written::Row)) && target.loses4(lease));
        written
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> io::Result<Written> {
        let target = self.target;
        let written = self.write(target.check6(lease), |row| write_row6(lease, target, row));
        self.shortened += u64::from(matches!(written, Ok(Written::Row)) && target.loses6(lease));
        written
    }

    fn finish(&mut self) -> io::Result<()> {
        self.buffer.finish()
    }

    fn remark(&self) -> Option<String> {
        let leases = count(self.shortened, "lease");
        let target = self.target;
        let text =
            format!("{leases} without what the lease file of Kea {target} has no column for (states, contexts, pools)");
        (self.shortened > 0).then_some(text)
    }
}
