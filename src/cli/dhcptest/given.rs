//! Octets that are given, and sent as they are.

use std::io::Read as _;
use std::path::Path;

use super::args::Args;
use crate::dhcp::v4::table::OPTIONS;
use crate::dhcp::value::{self, Format};
use crate::env::files;
use crate::error::{Error, Result};
use crate::packet::pcap::{self, Record};

/// The payloads of `--hex` or `--replay`, if there is one of them.
pub(super) fn octets(args: &Args) -> Result<Option<Vec<Vec<u8>>>> {
    if let Some(path) = &args.task.hex {
        return hex(path).map(|octets| Some(vec![octets]));
    }
    let Some(path) = &args.task.replay else { return Ok(None) };
    clients_messages(path, args.server_port()).map(Some)
}

/// The payloads of a packet capture that went to this port.
pub(super) fn clients_messages(path: &Path, port: u16) -> Result<Vec<Vec<u8>>> {
    let attempted = format!("read {}", path.display());
    let file = files::open(path).map_err(|cause| Error::io(attempted.clone(), &cause))?;
    let mut payloads = Vec::new();
    let mut keep = |record: Record<'_>| {
        let found = record.datagram().filter(|found| found.envelope.destination.port() == port);
        payloads.extend(found.map(|found| found.payload.to_vec()));
        Ok(())
    };
    pcap::read(file, &mut keep).map_err(|cause| Error::new(attempted.clone(), cause))?;
    if payloads.is_empty() {
        return Err(Error::new(attempted, format!("no packet in it went to port {port}")));
    }
    Ok(payloads)
}

/// A file of hexadecimal digits, with blanks, colons or hyphens between octets.
fn hex(path: &Path) -> Result<Vec<u8>> {
    let mut text = String::new();
    let shown = path.display();
    let result = files::open(path).and_then(|mut file| file.read_to_string(&mut text));
    result.map_err(|cause| Error::io(format!("read {shown}"), &cause))?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    value::parse(&Format::Hex, &line, &OPTIONS).map_err(|_| {
        Error::new(format!("read {shown}"), "this is not hexadecimal").hint("octets such as 01 01 06 00 or 01010600")
    })
}
