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
        let sides = self.sides();
        let partners: Vec<_> = sides.iter().map(|side| self.partner(&sides, side)).collect();
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for (at, (one, partner)) in sides.iter().zip(&partners).enumerate() {
            match partner.filter(|other| partners[*other] == Some(at)) {
                Some(other) if other < at => {}
                other => pairs.push(Pair { one: *one, other: other.map(|other| sides[other]) }),
            }
        }
        pairs
    }

    /// The only one that can be the partner of `one`, or that the file of servers names as that, or that agrees with it. Two pairs
    /// may use the same names.
    fn partner(&self, sides: &[Side<'_>], one: &Side<'_>) -> Option<usize> {
        let all: Vec<usize> = (0..sides.len()).filter(|at| self.belong_together(one, &sides[*at])).collect();
        let those = |is_it: &dyn Fn(&Side<'_>) -> bool| all.iter().copied().filter(|at| is_it(&sides[*at])).collect();
        let named: Vec<usize> = those(&|other| self.are_named(one, other) == Some(true));
        let agreeing: Vec<usize> = those(&|other| agree(one, other));
        [&all, &named, &agreeing].into_iter().find(|found| found.len() == 1)?.first().copied()
    }

    /// Whether the file of servers says that these are partners, or that they are not.
    fn are_named(&self, one: &Side<'_>, other: &Side<'_>) -> Option<bool> {
        let named = |one: &Side<'_>, other: &Side<'_>| {
            self.servers[one.server].pair.as_ref().map(|pair| *pair == self.servers[other.server].name)
        };
        let both = [named(one, other), named(other, one)];
        both.into_iter().flatten().reduce(|one, other| one && other)
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
        let are_others = self.are_named(one, other) == Some(false);
        if are_others || daemon(one) != daemon(other) || here.mode != there.mode || one.server == other.server {
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

/// Whether each is in the state, and serves the scopes, that the other one has heard of.
fn agree(one: &Side<'_>, other: &Side<'_>) -> bool {
    let has_heard = |one: &Relationship, other: &Relationship| {
        let partner = other.partner.as_ref();
        partner.is_some_and(|seen| (&seen.last_state, &seen.last_scopes) == (&one.state, &one.scopes))
    };
    has_heard(one.relationship, other.relationship) && has_heard(other.relationship, one.relationship)
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
