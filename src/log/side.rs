//! What is not about one packet: high availability, DNS updates, the lease database.

use std::collections::BTreeMap;

use super::assemble::Message;
use super::family::Tally;
use super::instance::Instance;
use super::message::LogMessageKind;
use super::stamp::Micros;
use super::text;

/// A change of state of a server of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) instance: usize,
    /// The name that the line gives; that of the instance holds if it gives none.
    pub(crate) name: Option<String>,
    pub(crate) time: Option<Micros>,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Transition {
    /// Whether the server works without its partner after it.
    pub(crate) fn is_alone(&self) -> bool {
        let alone = [
            "partner-down",
            "terminated",
            "waiting",
            "in-maintenance",
            "partner-in-maintenance",
            "communication-recovery",
        ];
        alone.contains(&self.to.as_str())
    }
}

/// A time without the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    pub(crate) instance: usize,
    pub(crate) lost: Option<Micros>,
    pub(crate) back: Option<Micros>,
    pub(crate) is_over: bool,
}

/// DNS updates of D2.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ddns {
    pub(crate) is_seen: bool,
    pub(crate) added: u64,
    pub(crate) removed: u64,
    pub(crate) add_failed: u64,
    pub(crate) remove_failed: u64,
    pub(crate) timeouts: u64,
    pub(crate) refused: u64,
    /// Names whose updates failed.
    pub(crate) names: BTreeMap<String, Tally>,
    /// Names for which no zone is configured.
    pub(crate) no_zone: BTreeMap<String, Tally>,
}

const MOST: usize = 10_000;

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Side {
    pub(crate) transitions: Vec<Transition>,
    pub(crate) interrupted: Tally,
    pub(crate) heartbeats_failed: Tally,
    pub(crate) updates_failed: Tally,
    pub(crate) syncs: u64,
    pub(crate) syncs_failed: Tally,
    pub(crate) ha_ended: Tally,
    pub(crate) losses: Vec<Loss>,
    pub(crate) database_given_up: Tally,
    pub(crate) sockets_failed: Tally,
    /// Where no socket is open, because none could be opened or no interface is configured.
    pub(crate) no_sockets: Tally,
    pub(crate) queue_full: Tally,
    pub(crate) ddns: Ddns,
    /// How many changes of state, losses and names were beyond what is kept.
    pub(crate) omitted: u64,
}

impl Side {
    pub(crate) fn observe(&mut self, message: &Message<'_>, at: usize, instance: &mut Instance) {
        let time = message.time;
        match message.kind {
            LogMessageKind::HaTransition => self.transition(message, at, instance),
            LogMessageKind::HaNamed => name(message.text, instance),
            LogMessageKind::HaUpdateFailed => self.updates_failed.add(time),
            LogMessageKind::HaInterrupted => self.interrupted.add(time),
            LogMessageKind::HaHeartbeatFailed => self.heartbeats_failed.add(time),
            LogMessageKind::HaSynced => self.syncs += 1,
            LogMessageKind::HaSyncFailed => self.syncs_failed.add(time),
            LogMessageKind::HaTerminated => self.ha_ended.add(time),
            LogMessageKind::DatabaseLost => self.lost(at, time),
            LogMessageKind::DatabaseBack => self.back(at, time),
            LogMessageKind::DatabaseGivenUp => self.database_given_up.add(time),
            LogMessageKind::SocketsFailed => self.sockets_failed.add(time),
            LogMessageKind::NoInterface => self.no_sockets.add(time),
            LogMessageKind::QueueFull => self.queue_full.add(time),
            _ => self.ddns(message),
        }
    }

    fn transition(&mut self, message: &Message<'_>, at: usize, instance: &mut Instance) {
        let text = message.text;
        let state = |octets: &[u8]| String::from_utf8_lossy(text::word(octets)).to_ascii_lowercase();
        let found = text::between(text, b"transitions from ", b" state").and_then(|states| {
            let at = memchr::memmem::find(states, b" to ")?;
            Some((state(&states[..at]), state(&states[at + 4..])))
        });
        let Some((from, to)) = found else { return };
        // From 2.5.8 on the text begins with the server's name.
        let own = memchr::memmem::find(text, b": server transitions").map(|end| &text[..end]);
        let own = own.map(|name| String::from_utf8_lossy(name).into_owned());
        if own.is_some() {
            instance.ha_name.clone_from(&own);
        }
        if self.transitions.len() < MOST {
            self.transitions.push(Transition { instance: at, name: own, time: message.time, from, to });
        } else {
            self.omitted += 1;
        }
    }

    /// The last change of state of each server of a pair.
    pub(crate) fn last_transitions(&self) -> impl Iterator<Item = &Transition> {
        let all: BTreeMap<usize, &Transition> =
            self.transitions.iter().map(|change| (change.instance, change)).collect();
        all.into_values()
    }

    /// Of the changes of state before the wanted time only the last one of each server matters.
    pub(super) fn forget_before(&mut self, is_past: impl Fn(Option<Micros>) -> bool) {
        let past = self.transitions.iter().enumerate().filter(|(_, change)| is_past(change.time));
        let last: BTreeMap<usize, usize> = past.map(|(at, change)| (change.instance, at)).collect();
        let mut at = 0;
        self.transitions.retain(|change| {
            at += 1;
            !is_past(change.time) || last.get(&change.instance) == Some(&(at - 1))
        });
    }

    /// The database is lost; the line is repeated with every attempt.
    fn lost(&mut self, at: usize, time: Option<Micros>) {
        let is_known = self.losses.iter().rev().any(|loss| loss.instance == at && !loss.is_over);
        if is_known {
            return;
        }
        if self.losses.len() < MOST {
            self.losses.push(Loss { instance: at, lost: time, back: None, is_over: false });
        } else {
            self.omitted += 1;
        }
    }

    /// The database is there again, as it is when a daemon has started.
    pub(super) fn back(&mut self, at: usize, time: Option<Micros>) {
        if let Some(loss) = self.losses.iter_mut().rfind(|loss| loss.instance == at && !loss.is_over) {
            (loss.back, loss.is_over) = (time, true);
        }
    }

    fn ddns(&mut self, message: &Message<'_>) {
        let ddns = &mut self.ddns;
        let counter = match message.kind {
            LogMessageKind::DdnsAdded => &mut ddns.added,
            LogMessageKind::DdnsRemoved => &mut ddns.removed,
            LogMessageKind::DdnsAddFailed => &mut ddns.add_failed,
            LogMessageKind::DdnsRemoveFailed => &mut ddns.remove_failed,
            LogMessageKind::DdnsTimeout => &mut ddns.timeouts,
            LogMessageKind::DdnsRefused => &mut ddns.refused,
            LogMessageKind::DdnsNoZone => {
                let name = text::after(message.text, b"match FQDN ").map(text::word);
                self.omitted += add(&mut ddns.no_zone, name, message.time);
                return;
            }
            _ => return,
        };
        *counter += 1;
        ddns.is_seen = true;
        if matches!(message.kind, LogMessageKind::DdnsAddFailed | LogMessageKind::DdnsRemoveFailed) {
            self.omitted += add(&mut ddns.names, text::between(message.text, b"FQDN: [", b"]"), message.time);
        }
    }
}

/// Counts a name; 1 if there are too many others.
fn add(names: &mut BTreeMap<String, Tally>, name: Option<&[u8]>, time: Option<Micros>) -> u64 {
    let Some(name) = name.map(|name| String::from_utf8_lossy(name).into_owned()) else { return 0 };
    let is_kept = names.len() < MOST || names.contains_key(&name);
    if is_kept {
        names.entry(name).or_default().add(time);
    }
    u64::from(!is_kept)
}

/// The server's name in `local DHCP service is disabled while the alpha is in the WAITING state`.
fn name(text: &[u8], instance: &mut Instance) {
    if let Some(name) = text::between(text, b" while the ", b" is in ") {
        instance.ha_name = Some(String::from_utf8_lossy(name).into_owned());
    }
}
