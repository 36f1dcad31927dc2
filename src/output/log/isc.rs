//! Lines in the manner of ISC dhcpd, as messages come.

use std::io::{self, Write};
use std::net::IpAddr;

use hashbrown::HashMap;

use super::Moments;
use crate::log::assemble::Message;
use crate::log::client::Identity;
use crate::log::message::LogMessageKind;
use crate::log::names;
use crate::log::text::{self, Label};
use crate::text::OneLine;

/// Writes a message as ISC dhcpd would have, and says whether there was anything to write.
#[derive(Debug, Default)]
pub(crate) struct Isc {
    /// The leases that the last lines gave, by client and transaction, as the answer follows, and whether they are written.
    recent: Vec<(u32, String, Given)>,
    /// What clients asked last, by transaction, as a failure does not say it.
    requests: Vec<(u32, String, Asked)>,
    /// The addresses that clients were refused last, by transaction.
    refused: Vec<(u32, String, IpAddr)>,
    /// The address that each client has, from which it sends when it renews.
    own: HashMap<String, IpAddr>,
    /// Whether DHCPv4 and DHCPv6 log answers without packets, so that a lease is not yet one.
    logs_answers: [bool; 2],
}

/// A lease of an answer, the message about it, and whether that was written.
type Given = (LogMessageKind, IpAddr, bool);

/// What a client asked, from where, and whether it was answered.
type Asked = (&'static str, String, bool);

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
        if matches!(
            message.kind,
            LogMessageKind::Reloading
                | LogMessageKind::Reloaded
                | LogMessageKind::ConfigComplete
                | LogMessageKind::Started
        ) {
            self.logs_answers = [false; 2];
        }
        let Some(label) = text::label(message.text) else { return Ok(false) };
        let identity = Identity::from_label(label.client);
        let is_v6 = identity.duid.is_some();
        let Some(line) = self.line(message, &label, identity.name(), is_v6) else { return Ok(false) };
        let time = message.time.map_or(String::new(), |time| format!("{} ", moments.seconds(time)));
        let daemon = if is_v6 { "kea-dhcp6" } else { "kea-dhcp4" };
        writeln!(out, "{time}{daemon}: {}", OneLine(&line))?;
        Ok(true)
    }

    fn line(&mut self, message: &Message<'_>, label: &Label<'_>, who: &str, is_v6: bool) -> Option<String> {
        match message.kind {
            LogMessageKind::Received => Some(self.received(label, who, is_v6)),
            LogMessageKind::Sent => self.sent(label, who, is_v6),
            LogMessageKind::Offered | LogMessageKind::Allocated | LogMessageKind::Reused | LogMessageKind::Renewed => {
                let address = text::lease(label.rest)?.address;
                // The answer follows where the packet was logged, which says so at any level.
                let mut asked = self.requests.iter().filter(|known| known.0 == label.xid && known.1 == who);
                let is_packet = asked.any(|known| !known.2.2) || self.logs_answers[usize::from(is_v6)];
                let is_new = self.given(label.xid, who, (message.kind, address, !is_packet));
                let name = match (message.kind, is_v6) {
                    (LogMessageKind::Offered, false) => "OFFER",
                    (LogMessageKind::Offered, true) => "ADVERTISE",
                    (_, false) => "ACK",
                    (_, true) => "REPLY",
                };
                (is_new && !is_packet).then(|| format!("{} on {address} to {who}", named(name, is_v6)))
            }
            LogMessageKind::Nak2 | LogMessageKind::Nak3 | LogMessageKind::Nak4 => {
                let address = [&b"invalid address "[..], b"requested-ip-address ", b"ciaddr "]
                    .iter()
                    .filter_map(|before| text::after(message.text, before).and_then(text::address))
                    .find(|address| !address.is_unspecified())?;
                remember(&mut self.refused, label.xid, who, address);
                None
            }
            LogMessageKind::Released => text::lease(message.text)
                .map(|lease| format!("{} of {} from {who} (found)", named("RELEASE", is_v6), lease.address)),
            LogMessageKind::Declined => text::lease(message.text)
                .map(|lease| format!("{} of {} from {who}: abandoned", named("DECLINE", is_v6), lease.address)),
            LogMessageKind::Nak1 => {
                let source = text::after(label.rest, b"src ").and_then(text::address)?;
                let request = text::after(label.rest, b"type ").map_or("DISCOVER", names::message);
                Some(format!("{} from {who} via {source}: unknown network segment", named(request, is_v6)))
            }
            LogMessageKind::NoAddress | LogMessageKind::NoPools => {
                let known = self.requests.iter().find(|known| known.0 == label.xid && known.1 == who);
                let request = known.map_or(if is_v6 { "SOLICIT" } else { "DISCOVER" }, |known| known.2.0);
                let what = if is_v6 { "addresses" } else { "leases" };
                Some(format!("{} from {who}: no free {what}", named(request, is_v6)))
            }
            _ => None,
        }
    }

    /// Keeps a lease that a message gives; false if the message only repeats what the one before said of the packet.
    fn given(&mut self, xid: u32, who: &str, (kind, address, is_written): Given) -> bool {
        if kind != LogMessageKind::Offered {
            self.own.insert(who.to_owned(), address);
        }
        let is_same = |known: &(u32, String, Given)| known.0 == xid && known.1 == who && known.2.1 == address;
        let before = self.recent.iter().position(is_same).map(|at| self.recent.remove(at).2.0);
        if self.recent.len() >= MOST {
            self.recent.remove(0);
        }
        self.recent.push((xid, who.to_owned(), (kind, address, is_written)));
        !(before == Some(LogMessageKind::Allocated) && kind == LogMessageKind::Reused)
    }

    fn received(&mut self, label: &Label<'_>, who: &str, is_v6: bool) -> String {
        self.logs_answers[usize::from(is_v6)] = false;
        let name = names::message(label.rest.strip_prefix(b": ").unwrap_or(label.rest));
        let source = text::after(label.rest, b"received from ").and_then(text::address);
        let via = match source {
            Some(source) if !source.is_unspecified() && !is_v6 && self.own.get(who) != Some(&source) => {
                source.to_string()
            }
            _ => interface(label.rest),
        };
        remember(&mut self.requests, label.xid, who, (name, via.clone(), false));
        format!("{} from {who} via {via}", named(name, is_v6))
    }

    fn sent(&mut self, label: &Label<'_>, who: &str, is_v6: bool) -> Option<String> {
        let packet = text::after(label.rest, b"packet ")?;
        let name = names::message(packet);
        let is_own = |xid: u32, known: &str| xid == label.xid && known == who;
        let asked = self.requests.iter_mut().find(|known| is_own(known.0, &known.1));
        self.logs_answers[usize::from(is_v6)] |= asked.is_none();
        let asked = asked.map(|known| {
            known.2.2 = true;
            known.2.1.clone()
        });
        let given: Vec<_> = self.recent.extract_if(.., |known| is_own(known.0, &known.1)).map(|it| it.2).collect();
        if !given.is_empty() && given.iter().all(|given| given.2) {
            return None;
        }
        let given: Vec<_> = given.iter().map(|given| given.1).collect();
        let refused: Vec<_> = self.refused.extract_if(.., |known| is_own(known.0, &known.1)).map(|it| it.2).collect();
        let all: Vec<_> = if name == "NAK" { refused } else { given }.iter().map(ToString::to_string).collect();
        let on = if all.is_empty() { String::new() } else { format!(" on {}", all.join(" ")) };
        let via = asked.unwrap_or_else(|| interface(packet));
        Some(format!("{}{on} to {who} via {via}", named(name, is_v6)))
    }
}

fn interface(text: &[u8]) -> String {
    text::after(text, b"interface ")
        .map_or(String::new(), |rest| String::from_utf8_lossy(text::word(rest)).into_owned())
}
