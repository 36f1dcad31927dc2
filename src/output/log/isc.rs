//! Lines in the manner of ISC dhcpd, as messages come.

use std::io::{self, Write};
use std::net::IpAddr;

use super::Moments;
use crate::log::assemble::Message;
use crate::log::client::Identity;
use crate::log::message::Kind;
use crate::log::names;
use crate::log::text::{self, Label};
use crate::text::OneLine;

/// Writes a message as ISC dhcpd would have, and says whether there was anything to write.
#[derive(Debug, Default)]
pub(crate) struct Isc {
    /// The leases that the last lines gave, by client and transaction, as the answer follows.
    recent: Vec<(u32, String, IpAddr)>,
    /// Whether answers are logged, so that a lease is not yet one.
    logs_answers: bool,
}

impl Isc {
    pub(crate) fn write(
        &mut self,
        message: &Message<'_>,
        moments: &mut Moments,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        let Some(label) = text::label(message.text) else { return Ok(false) };
        let identity = Identity::of(label.client);
        let is_v6 = identity.duid.is_some();
        let Some(line) = self.line(message, &label, identity.name(), is_v6) else { return Ok(false) };
        let time = message.time.map_or(String::new(), |time| format!("{} ", moments.seconds(time)));
        let daemon = if is_v6 { "kea-dhcp6" } else { "kea-dhcp4" };
        writeln!(out, "{time}{daemon}: {}", OneLine(&line))?;
        Ok(true)
    }

    fn line(&mut self, message: &Message<'_>, label: &Label<'_>, who: &str, is_v6: bool) -> Option<String> {
        match message.kind {
            Kind::Received => Some(self.received(label, who, is_v6)),
            Kind::Sent => self.sent(label, who, is_v6),
            Kind::Offered | Kind::Allocated | Kind::Reused | Kind::Renewed => {
                let lease = text::lease(label.rest)?;
                self.recent.retain(|known| known.0 != label.xid || known.1 != who);
                if self.recent.len() > 256 {
                    self.recent.remove(0);
                }
                self.recent.push((label.xid, who.to_owned(), lease.address));
                let name = match (message.kind, is_v6) {
                    (Kind::Offered, false) => "DHCPOFFER",
                    (Kind::Offered, true) => "Advertise",
                    (_, false) => "DHCPACK",
                    (_, true) => "Reply",
                };
                (!self.logs_answers).then(|| format!("{name} on {} to {who}", lease.address))
            }
            Kind::Released => {
                text::lease(message.text).map(|lease| format!("DHCPRELEASE of {} from {who} (found)", lease.address))
            }
            Kind::Declined => {
                text::lease(message.text).map(|lease| format!("DHCPDECLINE of {} from {who}: abandoned", lease.address))
            }
            Kind::Nak1 => {
                let source = text::after(label.rest, b"src ").and_then(text::address)?;
                Some(format!("DHCPDISCOVER from {who} via {source}: unknown network segment"))
            }
            Kind::NoAddress | Kind::NoPools => Some(format!("DHCPDISCOVER from {who}: no free leases")),
            _ => None,
        }
    }

    fn received(&mut self, label: &Label<'_>, who: &str, is_v6: bool) -> String {
        self.logs_answers = true;
        let name = names::message(label.rest.strip_prefix(b": ").unwrap_or(label.rest));
        let source = text::after(label.rest, b"received from ").and_then(text::address);
        let interface =
            text::after(label.rest, b"interface ").map(|rest| String::from_utf8_lossy(text::word(rest)).into_owned());
        let via = match source {
            Some(source) if !source.is_unspecified() && !is_v6 => source.to_string(),
            _ => interface.unwrap_or_default(),
        };
        if is_v6 { format!("{name} from {who} via {via}") } else { format!("DHCP{name} from {who} via {via}") }
    }

    fn sent(&mut self, label: &Label<'_>, who: &str, is_v6: bool) -> Option<String> {
        self.logs_answers = true;
        let packet = text::after(label.rest, b"packet ")?;
        let name = names::message(packet);
        let interface =
            text::after(packet, b"interface ").map(|rest| String::from_utf8_lossy(text::word(rest)).into_owned());
        let at = self.recent.iter().position(|known| known.0 == label.xid && known.1 == who);
        let lease = at.map(|at| self.recent.swap_remove(at).2).filter(|_| name != "NAK");
        let on = lease.map_or(String::new(), |address| format!(" on {address}"));
        let prefix = if is_v6 { "" } else { "DHCP" };
        Some(format!("{prefix}{name}{on} to {who} via {}", interface.unwrap_or_default()))
    }
}
