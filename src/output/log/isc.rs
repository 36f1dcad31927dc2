//! Lines in the manner of ISC dhcpd, as messages come.

use std::io::{self, Write};
use std::net::IpAddr;

use hashbrown::HashMap;

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
    /// What clients asked last, by transaction, as a failure does not say it.
    requests: Vec<(u32, String, (&'static str, String))>,
    /// The address that each client has, from which it sends when it renews.
    own: HashMap<String, IpAddr>,
    /// Whether answers are logged, so that a lease is not yet one.
    logs_answers: bool,
}

/// How many of each are kept.
const MOST: usize = 256;

/// Keeps something of a client's transaction in place of what was kept before.
fn remember<T>(all: &mut Vec<(u32, String, T)>, xid: u32, who: &str, new: T) {
    all.retain(|known| known.0 != xid || known.1 != who);
    if all.len() >= MOST {
        all.remove(0);
    }
    all.push((xid, who.to_owned(), new));
}

/// The name of a message as ISC dhcpd has it: `DHCPDISCOVER`, `Solicit`.
fn named(message: &str, is_v6: bool) -> String {
    if !is_v6 {
        return format!("DHCP{message}");
    }
    let (first, rest) = message.split_at(message.len().min(1));
    format!("{first}{}", rest.to_ascii_lowercase())
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
                remember(&mut self.recent, label.xid, who, lease.address);
                if message.kind != Kind::Offered {
                    self.own.insert(who.to_owned(), lease.address);
                }
                let name = match (message.kind, is_v6) {
                    (Kind::Offered, false) => "OFFER",
                    (Kind::Offered, true) => "ADVERTISE",
                    (_, false) => "ACK",
                    (_, true) => "REPLY",
                };
                (!self.logs_answers).then(|| format!("{} on {} to {who}", named(name, is_v6), lease.address))
            }
            Kind::Released => text::lease(message.text)
                .map(|lease| format!("{} of {} from {who} (found)", named("RELEASE", is_v6), lease.address)),
            Kind::Declined => text::lease(message.text)
                .map(|lease| format!("{} of {} from {who}: abandoned", named("DECLINE", is_v6), lease.address)),
            Kind::Nak1 => {
                let source = text::after(label.rest, b"src ").and_then(text::address)?;
                let request = text::after(label.rest, b"type ").map_or("DISCOVER", names::message);
                Some(format!("{} from {who} via {source}: unknown network segment", named(request, is_v6)))
            }
            Kind::NoAddress | Kind::NoPools => {
                let known = self.requests.iter().find(|known| known.0 == label.xid && known.1 == who);
                let request = known.map_or(if is_v6 { "SOLICIT" } else { "DISCOVER" }, |known| known.2.0);
                let what = if is_v6 { "addresses" } else { "leases" };
                Some(format!("{} from {who}: no free {what}", named(request, is_v6)))
            }
            _ => None,
        }
    }

    fn received(&mut self, label: &Label<'_>, who: &str, is_v6: bool) -> String {
        self.logs_answers = true;
        let name = names::message(label.rest.strip_prefix(b": ").unwrap_or(label.rest));
        let source = text::after(label.rest, b"received from ").and_then(text::address);
        let via = match source {
            Some(source) if !source.is_unspecified() && !is_v6 && self.own.get(who) != Some(&source) => {
                source.to_string()
            }
            _ => interface(label.rest),
        };
        remember(&mut self.requests, label.xid, who, (name, via.clone()));
        format!("{} from {who} via {via}", named(name, is_v6))
    }

    fn sent(&mut self, label: &Label<'_>, who: &str, is_v6: bool) -> Option<String> {
        self.logs_answers = true;
        let packet = text::after(label.rest, b"packet ")?;
        let name = names::message(packet);
        let at = self.recent.iter().position(|known| known.0 == label.xid && known.1 == who);
        let lease = at.map(|at| self.recent.swap_remove(at).2).filter(|_| name != "NAK");
        let on = lease.map_or(String::new(), |address| format!(" on {address}"));
        let asked = self.requests.iter().find(|known| known.0 == label.xid && known.1 == who);
        let via = asked.map_or_else(|| interface(packet), |known| known.2.1.clone());
        Some(format!("{}{on} to {who} via {via}", named(name, is_v6)))
    }
}

fn interface(text: &[u8]) -> String {
    text::after(text, b"interface ")
        .map_or(String::new(), |rest| String::from_utf8_lossy(text::word(rest)).into_owned())
}
