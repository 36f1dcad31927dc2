//! Kea's lease file.

use std::io::{self, Write};

use super::{Buffered, LeaseWriter, Written};
use crate::lease::csv::{write_header, write_row4, write_row6};
use crate::lease::target::{Fit, Target};
use crate::lease::{Family, Lease4, Lease6};

/// Writes the lease file of one Kea release.
pub(super) struct Memfile<'a> {
    target: Target,
    buffer: Buffered<'a>,
}

impl<'a> Memfile<'a> {
    pub(super) fn new(family: Family, target: Target, out: &'a mut dyn Write) -> Self {
        let mut buffer = Buffered::new(out);
        write_header(family, target, &mut buffer.text);
        Self { target, buffer }
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
        self.write(target.check4(lease), |row| write_row4(lease, target, row))
    }

    fn lease6(&mut self, lease: &Lease6<'_>) -> io::Result<Written> {
        let target = self.target;
        self.write(target.check6(lease), |row| write_row6(lease, target, row))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.buffer.finish()
    }
}
