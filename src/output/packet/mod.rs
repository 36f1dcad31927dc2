//! A packet for people and programs: dhcptest's layout, JSON, a dump of its octets.

use std::io::{self, Write};

use serde::Serialize;

pub use crate::dhcp::value::Style;

mod classic;
mod granted;
mod selection;
mod v4;
mod v4_json;
mod v6;
mod v6_json;

pub use classic::classic4;
pub use granted::{granted4, granted6};
pub use selection::Selection;
pub use v4::{facts as facts4, option, text as text4};
pub use v4_json::Packet4;
pub use v6::{facts as facts6, option as option6, text as text6};
pub use v6_json::Packet6;

/// What is known of a packet besides its octets. What is not known is left out.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Passage {
    /// "sent" or "received".
    pub direction: &'static str,
    /// When, UTC, as in `2026-11-21T07:00:00.123456Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Milliseconds since the message it answers was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<f64>,
    /// Address and port it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Address and port it went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The hardware address its frame came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// The virtual network its frame was tagged with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlan: Option<u16>,
    /// Whether the same server said the same before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
    /// Why it does not count as an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<&'static str>,
}

/// `0000  02 01 06 00 …  ….` sixteen octets a line.
pub fn hexdump(octets: &[u8], out: &mut dyn Write) -> io::Result<()> {
    for (line, chunk) in octets.chunks(16).enumerate() {
        let hex: Vec<_> = chunk.iter().map(|octet| format!("{octet:02x}")).collect();
        let is_shown = |octet: &u8| octet.is_ascii_graphic() || *octet == b' ';
        let text: String = chunk.iter().map(|octet| if is_shown(octet) { char::from(*octet) } else { '.' }).collect();
        writeln!(out, "  {:04x}  {:<47}  {text}", line * 16, hex.join(" "))?;
    }
    Ok(())
}
