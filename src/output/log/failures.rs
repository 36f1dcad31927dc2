//! Failures by kind, cause and place.

use super::client_name;
use crate::log::analysis::Analysis;
use crate::log::exchange::Cause;
use crate::log::family::{FamilyActivity, Tally, Trouble};
use crate::log::finding;

/// A failure of any kind, as a record.
pub(crate) struct Failure {
    pub(crate) family: Option<u8>,
    pub(crate) what: &'static str,
    pub(crate) place: String,
    pub(crate) cause: Option<String>,
    pub(crate) tally: Tally,
    /// Whose packets they were, where the log shows it.
    pub(crate) clients: Vec<String>,
}

/// Every failure by kind, cause and place, the most frequent first.
pub(crate) fn failures(analysis: &Analysis) -> Vec<Failure> {
    let mut all = Vec::new();
    for (is_v6, number) in [(false, 4), (true, 6)] {
        of_family(analysis, is_v6, number, &mut all);
    }
    for (what, names) in [("ddns", &analysis.side.ddns.names), ("ddns-no-zone", &analysis.side.ddns.no_zone)] {
        let own = names.iter().map(|(name, tally)| Failure {
            family: None,
            what,
            place: name.clone(),
            cause: None,
            tally: *tally,
            clients: Vec::new(),
        });
        all.extend(own);
    }
    all.sort_by_key(|failure| std::cmp::Reverse(failure.tally.count));
    all
}

fn of_family(analysis: &Analysis, is_v6: bool, number: u8, all: &mut Vec<Failure>) {
    let family = analysis.family(is_v6);
    let mut add = |what, place, cause: Option<String>, tally, trouble: Option<Trouble>| {
        let clients = trouble.and_then(|trouble| family.clients.get(&trouble)).into_iter().flatten();
        let clients = clients.map(|client| client_name(&analysis.clients, *client)).collect();
        all.push(Failure { family: Some(number), what, place, cause, tally, clients });
    };
    let word = |cause: Cause| cause.word().to_owned();
    for ((scope, cause), tally) in &family.failures {
        let trouble = Trouble::Allocation(scope.clone(), *cause);
        add("allocation", finding::place(scope, is_v6), Some(word(*cause)), *tally, Some(trouble));
    }
    for (relay, tally) in &family.relays {
        add("unknown-relay", relay.to_string(), None, *tally, Some(Trouble::UnknownRelay(*relay)));
    }
    for ((cause, relay), tally) in &family.naks {
        let place = relay.map_or(String::new(), |relay| format!("relay {relay}"));
        add("nak", place, cause.map(word), *tally, Some(Trouble::Nak(*cause, *relay)));
    }
    for (id, tally) in &family.drops {
        add("drop", String::new(), Some(id.clone()), *tally, None);
    }
    for (cause, tally) in family.unanswered.iter().filter(|(cause, _)| !is_listed(family, **cause)) {
        add("no-answer", String::new(), cause.map(word), *tally, Some(Trouble::NoAnswer(*cause)));
    }
    for declined in &family.declined {
        let mut tally = Tally::default();
        tally.add(declined.time);
        let client = client_name(&analysis.clients, declined.client);
        add("decline", declined.address.to_string(), Some(client), tally, None);
    }
}

/// Whether exchanges without an answer for this cause have rows of another kind.
fn is_listed(family: &FamilyActivity, cause: Option<Cause>) -> bool {
    match cause {
        Some(Cause::NoFreeAddress | Cause::NoPools | Cause::DatabaseError) => !family.failures.is_empty(),
        Some(Cause::NoSubnet) => !family.relays.is_empty(),
        Some(Cause::Dropped) => !family.drops.is_empty(),
        _ => false,
    }
}
