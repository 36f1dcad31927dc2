//! Servers that serve no client any more.

use super::super::unserved::Unserved;
use super::{Findings, Grade};
use crate::text::count;

impl Findings<'_> {
    pub(super) fn unserved(&mut self) {
        for (at, instance) in self.analysis.instances.iter().enumerate() {
            let unserved = &instance.unserved;
            let grade = match () {
                () if unserved.is_outage() => Grade::Critical,
                () if unserved.may_be_outage() => Grade::Warning,
                () => continue,
            };
            let word = if unserved.has_served { "serves no client any more" } else { "serves no client" };
            let packets = count(unserved.tally.count, "packet");
            let clients = count(unserved.clients.len() as u64, "client");
            let what = format!("{} {word}: {packets} of {clients}, {}", self.name(at), outcome(unserved));
            self.add(grade, what, advice(unserved), Some(unserved.tally));
        }
    }
}

/// What they came to.
fn outcome(unserved: &Unserved) -> String {
    let counted = [
        (unserved.no_answer, "without an answer"),
        (unserved.offered, "offered a lease and never acknowledged"),
        (unserved.naks, "refused (NAK)"),
        (unserved.without_lease(), "answered without a lease"),
    ];
    let some: Vec<_> = counted.iter().filter(|(count, _)| *count > 0).collect();
    match some.as_slice() {
        [(_, word)] => (*word).to_owned(),
        several => several.iter().map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", "),
    }
}

/// What it most often is.
fn advice(unserved: &Unserved) -> &'static str {
    let rest = unserved.without_lease();
    match () {
        () if unserved.offered > rest.max(unserved.naks).max(unserved.no_answer) => {
            "They ask again after an offer: offers or acknowledgements do not reach them, or another server was faster. \
             Check the way to the clients, and hooks and the lease database."
        }
        () if rest >= unserved.naks && rest >= unserved.no_answer => {
            "Most often, no subnet is configured for their link or relay, or it has no pool for these clients."
        }
        () if unserved.naks >= unserved.no_answer => {
            "Their addresses do not fit their subnets, or the leases are lost: check relays, subnets and the lease database."
        }
        () => {
            "They may be clients of another server. Otherwise, check client classes that drop packets, hooks and the lease database."
        }
    }
}
