//! Whether only the servers answer that may.

use crate::probe::plan::Target;
use crate::probe::{Identity, ProbeAnswer, Record, Sender, Sighting};

/// The servers of one exchange, and which of them may answer.
pub(super) struct Heard<'a> {
    /// Those whose answers count.
    answering: Vec<Sender>,
    /// Those that are there, though what they send is no answer.
    seen: Vec<&'a Sighting>,
    target: &'a Target,
}

impl<'a> Heard<'a> {
    pub(super) fn new(record: &'a Record, target: &'a Target) -> Self {
        let answering = record.answers.iter().map(Sender::from).collect();
        Self { answering, seen: record.sightings.iter().collect(), target }
    }

    /// What is wrong if the server of this answer is not given with `--server`.
    pub(super) fn uninvited(&self, answer: &ProbeAnswer) -> Option<String> {
        let server = Sender::from(answer);
        let what = |shown: &str| format!("another server answers: {} (from {shown})", server.identity());
        self.foreign(&server).then(|| self.other_identifier(&server).unwrap_or_else(|| what(&shown(&server))))
    }

    /// The same of servers of which only something was heard that is no answer.
    pub(super) fn unusable(&self) -> impl Iterator<Item = String> + '_ {
        let is_new = |sighting: &&&Sighting| !self.answering.iter().any(|known| is_of(&sighting.sender, known));
        let foreign = self.seen.iter().filter(is_new).filter(|sighting| self.foreign(&sighting.sender));
        foreign.map(|Sighting { sender, why }| {
            format!("another server sends what is no answer: {} (from {}): {why}", sender.identity(), shown(sender))
        })
    }

    /// Servers with the identifier of another. A server may answer one message by several relays, which have hardware
    /// addresses of their own; the direct answers are all from one, or from interfaces of which each address is given with
    /// `--server`.
    pub(super) fn under_one_name(&self) -> Vec<String> {
        let all = self.answering.iter().chain(self.seen.iter().map(|sighting| &sighting.sender));
        let direct: Vec<_> = all.filter(|server| server.source.is_ipv4() && server.relay.is_none()).collect();
        let mut faults = Vec::new();
        for (place, server) in direct.iter().enumerate() {
            let before: Vec<_> = direct[..place].iter().filter(|other| has_one_name(other, server)).collect();
            let is_known = before.iter().any(|other| other.shares_interface(server));
            let other = before.into_iter().find(|other| !self.are_interfaces(other, server));
            faults.extend(other.filter(|_| !is_known).map(|other| both(other, server)));
        }
        faults
    }

    /// Whether `--server` does not name the server: by its identifier. By the address that it sends from only where that is
    /// all there is to go by: in DHCPv6, where the identifier is a DUID; and through a relay, which is named then.
    fn foreign(&self, server: &Sender) -> bool {
        let identity = server.identity();
        let by_source = matches!(identity, Identity::Duid(_)) || server.relay.is_some();
        !self.target.required.iter().any(|named| *named == identity || (by_source && *named == source(server)))
    }

    /// What is said if an address that is given sends, with another identifier.
    fn other_identifier(&self, server: &Sender) -> Option<String> {
        // If the server that has this address as its identifier answers too, the other is not that server.
        let has_own = self.answering.iter().any(|other| other.identity() == source(server));
        let is_given = self.target.required.contains(&source(server)) && !has_own;
        let (from, identity) = (server.source.ip(), server.identity());
        let mac = server.mac.map_or_else(String::new, |mac| format!(" ({mac})"));
        let what = format!("{from}{mac} answers with the identifier {identity}");
        is_given.then(|| format!("{what}: give -s {identity} as well if that is your server"))
    }

    /// Whether both may answer, each by its own address.
    fn are_interfaces(&self, a: &Sender, b: &Sender) -> bool {
        source(a) != source(b) && [a, b].iter().all(|server| self.target.required.contains(&source(server)))
    }
}

/// Whether what was seen is of a server that answers too: it may come without its identifier.
fn is_of(seen: &Sender, answering: &Sender) -> bool {
    let is_from_there = seen.source.ip() == answering.source.ip() && seen.shares_interface(answering);
    is_from_there && (seen.server.is_none() || seen.server == answering.server)
}

fn has_one_name(a: &Sender, b: &Sender) -> bool {
    (a.link, a.identity()) == (b.link, b.identity())
}

/// What is said of two that have one identifier.
fn both(a: &Sender, b: &Sender) -> String {
    let kind = if a.mac.is_some() && b.mac.is_some() { "hardware addresses" } else { "addresses" };
    let hint = if source(a) == source(b) { "" } else { " (-s for each address accepts it)" };
    let senders = format!("{} and {}", shown(a), shown(b));
    format!("answers as {} come from two {kind} ({senders}): two servers, or two interfaces of one{hint}", a.identity())
}

fn source(server: &Sender) -> Identity {
    Identity::Address(server.source.ip())
}

/// `192.0.2.1, 02:00:5e:00:53:01`.
fn shown(server: &Sender) -> String {
    let mac = server.mac.map_or_else(String::new, |mac| format!(", {mac}"));
    format!("{}{mac}", server.source.ip())
}
