//! High availability: which servers belong together, and where they contradict each other.

use std::time::Duration;

use super::model::Model;
use crate::health::kea::answer::Relationship;

/// A relationship, as one server or both report it.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The server that reports it.
    pub one: Side<'a>,
    /// Its partner, if that is watched too.
    pub other: Option<Side<'a>>,
}

/// What a server reports of a relationship.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The server.
    pub server: usize,
    /// The number of its daemon.
    pub daemon: usize,
    /// What it reports.
    pub relationship: &'a Relationship,
    /// For how long it has not answered, so that this is old; `None` while it answers.
    pub silent_for: Option<Duration>,
}

impl Model {
    /// All relationships, each once.
    #[must_use]
    pub fn pairs(&self) -> Vec<Pair<'_>> {
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for side in self.sides() {
            let partner = pairs.iter_mut().find(|pair| pair.other.is_none() && self.belong_together(&pair.one, &side));
            match partner {
                Some(pair) => pair.other = Some(side),
                None => pairs.push(Pair { one: side, other: None }),
            }
        }
        pairs
    }

    fn sides(&self) -> Vec<Side<'_>> {
        let mut sides = Vec::new();
        for (server, it) in self.servers.iter().enumerate() {
            for (daemon, state) in it.daemons().enumerate() {
                let silent_for = state.silent_for(self.moment.monotonic, self.interval);
                let relationships = state.answers.iter().flat_map(|answers| &answers.status.high_availability);
                sides.extend(relationships.map(|relationship| Side { server, daemon, relationship, silent_for }));
            }
        }
        sides
    }

    /// Whether two servers are partners: by their names, where they report them, else by their roles.
    fn belong_together(&self, one: &Side<'_>, other: &Side<'_>) -> bool {
        let daemon = |side: &Side<'_>| self.servers[side.server].daemon(side.daemon).and_then(|daemon| daemon.daemon);
        let (here, there) = (one.relationship, other.relationship);
        let (Some(seen), Some(counterpart)) = (&here.partner, &there.partner) else { return false };
        if daemon(one) != daemon(other) || here.mode != there.mode || one.server == other.server {
            return false;
        }
        match (&here.name, &seen.name, &there.name, &counterpart.name) {
            (Some(name), Some(partner), Some(other_name), Some(other_partner)) => {
                (name, partner) == (other_partner, other_name)
            }
            _ => here.role == counterpart.role && there.role == seen.role,
        }
    }
}

impl Pair<'_> {
    /// Where the two reports contradict each other, a sentence each; `names` are those of the servers.
    #[must_use]
    pub fn disagreements(&self, names: [&str; 2]) -> Vec<String> {
        let Some(other) = self.other.filter(|other| other.silent_for.is_none() && self.one.silent_for.is_none()) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (one, two, [name, partner]) in [(self.one, other, names), (other, self.one, [names[1], names[0]])] {
            let (here, there) = (one.relationship, two.relationship);
            let Some(seen) = &there.partner else { continue };
            // What a partner has heard is as old as its last heartbeat.
            if seen.last_state != here.state && seen.age.is_none_or(|age| age <= FRESH) && !seen.last_state.is_empty() {
                found
                    .push(format!("{name} is in state {}, and {partner} takes it for {}", here.state, seen.last_state));
            }
            if seen.communication_interrupted {
                found.push(format!("{partner} gets no answer from {name}, which answers here"));
            }
        }
        let both: Vec<&str> = self.one.relationship.scopes.iter().map(String::as_str).collect();
        let both: Vec<&str> =
            both.into_iter().filter(|scope| other.relationship.scopes.iter().any(|it| it == scope)).collect();
        if !both.is_empty() {
            found.push(format!("both serve {}", both.join(", ")));
        }
        found
    }
}

/// A heartbeat is sent every 10 seconds, unless another delay is configured.
const FRESH: i64 = 30;

/// Which clients a server with these scopes serves.
#[must_use]
pub fn served(relationship: &Relationship, scopes: &[String]) -> &'static str {
    match (relationship.mode.as_str(), scopes.len()) {
        (_, 0) => "no clients",
        ("load-balancing", 1) => "half of the clients",
        _ => "all clients",
    }
}
