//! Messages at WARN and above: how often each occurred, and which of them no finding is made of.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::assemble::Message;
use super::family::Tally;
use super::instance::one_line;
use super::message::{self, LogMessageKind, Severity};

/// An id at WARN or above, how often it occurred, and what it said first.
#[derive(Debug, Clone)]
pub(crate) struct LogWarning {
    pub(crate) severity: Severity,
    pub(crate) tally: Tally,
    pub(crate) sample: String,
}

/// How many different ids are kept; further ones are counted together.
const MOST: usize = 1000;
const FURTHER: &str = "(further ids)";

/// What servers that are well warn of at every start.
const HARMLESS: [&str; 6] = [
    "CTRL_AGENT_IS_DEPRECATED",
    "DHCP4_MULTI_THREADING_INFO",
    "DHCP4_RESERVATIONS_LOOKUP_FIRST_ENABLED",
    "DHCP6_MULTI_THREADING_INFO",
    "DHCP6_RESERVATIONS_LOOKUP_FIRST_ENABLED",
    "DHCPSRV_MT_DISABLED_QUEUE_CONTROL",
];

/// All of them, by id.
#[derive(Debug, Default)]
pub(crate) struct LogWarnings(BTreeMap<String, LogWarning>);

impl LogWarnings {
    pub(super) fn add(&mut self, message: &Message<'_>) {
        let mut id = String::from_utf8_lossy(message.id);
        if self.0.len() >= MOST && !self.0.contains_key(id.as_ref()) {
            id = Cow::Borrowed(FURTHER);
        }
        if let Some(known) = self.0.get_mut(id.as_ref()) {
            known.tally.add(message.time);
            known.severity = known.severity.max(message.severity);
        } else {
            let mut tally = Tally::default();
            tally.add(message.time);
            let warning = LogWarning { severity: message.severity, tally, sample: one_line(message) };
            self.0.insert(id.into_owned(), warning);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &LogWarning)> {
        self.0.iter().map(|(id, warning)| (id.as_str(), warning))
    }

    /// Those of which no finding is made, the worst first.
    pub(crate) fn others(&self) -> Vec<(&str, &LogWarning)> {
        let mut all: Vec<_> = self.iter().filter(|(id, _)| is_other(id)).collect();
        all.sort_by_key(|(_, warning)| (Reverse(warning.severity), Reverse(warning.tally.count)));
        all
    }
}

fn is_other(id: &str) -> bool {
    let kind = message::known(id.as_bytes()).map_or(LogMessageKind::Other, |(kind, _)| kind);
    let is_without_finding = matches!(
        kind,
        LogMessageKind::Other
            | LogMessageKind::ReceiveFailed
            | LogMessageKind::CalloutFailed
            | LogMessageKind::DatabaseError
            | LogMessageKind::DeclineRefused
            | LogMessageKind::Dropped
            | LogMessageKind::HaHeartbeatFailed
            | LogMessageKind::CommandUnreadable
    );
    is_without_finding && !HARMLESS.contains(&id)
}
