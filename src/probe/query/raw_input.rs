//! Octets that the user gives, and that are sent as they are.

use std::io::Read;

use crate::dhcp::v4::table::OPTIONS;
use crate::dhcp::value::{self, ValueFormat};
use crate::wire::pcap::{self, Record};

/// The payloads of a packet capture that went to this port.
///
/// # Errors
/// It is no packet capture, or nothing in it went there.
pub fn clients_messages(capture: impl Read + Send, port: u16) -> Result<Vec<Vec<u8>>, String> {
    let mut payloads = Vec::new();
    let mut keep = |record: Record<'_>| {
        let found = record.datagram().filter(|found| found.envelope.destination.port() == port);
        payloads.extend(found.map(|found| found.payload.to_vec()));
        Ok(())
    };
    pcap::read(capture, &mut keep).map_err(|cause| cause.to_string())?;
    if payloads.is_empty() { Err(format!("no packet in it went to port {port}")) } else { Ok(payloads) }
}

/// Hexadecimal digits, with blanks, colons or hyphens between octets.
///
/// # Errors
/// It is something else.
pub fn hexadecimal(text: &str) -> Result<Vec<u8>, String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    value::parse(&ValueFormat::Hex, &line, &OPTIONS)
        .map_err(|_| "this is not hexadecimal (octets such as 01 01 06 00 or 01010600)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_may_be_apart_or_not() {
        for text in ["0101 06\n00", "01:01:06:00", "01010600\n"] {
            assert_eq!(hexadecimal(text).unwrap(), [1, 1, 6, 0], "{text}");
        }
        assert!(hexadecimal("0g").is_err());
    }
}
