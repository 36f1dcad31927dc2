//! Kea's lease file.

use std::io::{self, Write};

use super::{Buffer, LeaseWriter, Row, Written};
use crate::lease::Family;
use crate::memfile::version::{Fit, Target};
use crate::memfile::{write_header, write_row};
use crate::text::count;

/// Writes the lease file of one Kea release.
pub(super) struct Memfile<'a> {
    target: Target,
    buffer: Buffer<'a>,
    /// Leases that lost a detail for which the target has no column.
    shortened: u64,
}

impl<'a> Memfile<'a> {
    pub(super) fn new(target: Target, out: &'a mut dyn Write) -> Self {
        Self { target, buffer: Buffer::new(out), shortened: 0 }
    }
}

impl LeaseWriter for Memfile<'_> {
    fn begin(&mut self, family: Family) -> io::Result<()> {
        write_header(family, self.target, &mut self.buffer.text);
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        match self.target.check(row.lease) {
            Fit::Fits => {}
            Fit::MeansDeletion => return Ok(Written::LeftOut),
            Fit::Refused(error) => return Ok(Written::Refused(error)),
        }
        write_row(row.lease, self.target, &mut self.buffer.text);
        self.shortened += u64::from(self.target.loses(row.lease));
        self.buffer.relieve()?;
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.buffer.finish()
    }

    fn remarks(&self) -> Vec<String> {
        let (leases, target) = (count(self.shortened, "lease"), self.target);
        let text =
            format!("{leases} without what the lease file of Kea {target} has no column for (states, contexts, pools)");
        (self.shortened > 0).then_some(text).into_iter().collect()
    }
}
