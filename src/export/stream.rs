//! Leases into a stream, with nothing else.

use std::io::{self, Write};

use super::dump::{DumpRequest, dump};
use super::observer::Observer;
use crate::anonymize::Anonymizer;
use crate::error::{Error, Result};
use crate::lease::{Family, Lease, LeaseStatus};
use crate::output::lease::{ListContext, Row, Style, lease_writer};
use crate::source::{LeaseSource, Order};

/// Writes every lease of a source, as it is stored.
///
/// # Errors
/// The source cannot be read, or the stream not written.
pub fn write_all(
    source: &mut dyn LeaseSource,
    family: Family,
    style: Style,
    anonymizer: Option<&Anonymizer>,
    out: &mut dyn Write,
    observer: &mut dyn Observer,
) -> Result<()> {
    let request = DumpRequest { family, style, filter: None, order: Order::Stored, is_strict: false, anonymizer };
    dump(source, &request, out, "the leases", observer).map(|_| ())
}

/// Writes these leases.
///
/// # Errors
/// The stream cannot be written.
pub fn write_leases<'a>(
    family: Family,
    style: Style,
    leases: impl Iterator<Item = Lease<'a>>,
    anonymizer: Option<&Anonymizer>,
    out: &mut dyn Write,
) -> Result<()> {
    let failed = |cause: io::Error| Error::io("write the leases", &cause);
    let context = ListContext::default();
    let mut writer = lease_writer(style, &context, out);
    writer.begin(family).map_err(failed)?;
    for lease in leases {
        let mut write = |lease: &Lease<'_>| writer.row(&Row::new(lease, LeaseStatus::Active)).map(|_| ());
        match anonymizer {
            Some(anonymizer) => anonymizer.lease(&lease, write),
            None => write(&lease),
        }
        .map_err(failed)?;
    }
    writer.finish().map_err(failed)
}
