//! Failures by kind, cause and place.

use super::client_name;
use crate::log::analysis::Analysis;
use crate::log::finding;

/// A failure of any kind, as a record.
pub(crate) struct Failure {
    pub(crate) family: Option<u8>,
    pub(crate) what: &'static str,
    pub(crate) place: String,
    pub(crate) cause: Option<String>,
    pub(crate) tally: crate::log::family::Tally,
}

/// Every failure by kind, cause and place, the most frequent first.
pub(crate) fn failures(analysis: &Analysis) -> Vec<Failure> {
    let mut all = Vec::new();
    for (is_v6, number) in [(false, 4), (true, 6)] {
        let family = analysis.family(is_v6);
        let mut add = |what, place, cause: Option<String>, tally| {
            all.push(Failure { family: Some(number), what, place, cause, tally });
        };
        for ((scope, cause), tally) in &family.failures {
            add("allocation", finding::place(scope, is_v6), Some(cause.word().to_owned()), *tally);
        }
        for (relay, tally) in &family.relays {
            add("unknown-relay", relay.to_string(), None, *tally);
        }
        for ((cause, relay), tally) in &family.naks {
            add(
                "nak",
                relay.map_or(String::new(), |relay| format!("relay {relay}")),
                cause.map(|cause| cause.word().to_owned()),
                *tally,
            );
        }
        for (id, tally) in &family.drops {
            add("drop", String::new(), Some(id.clone()), *tally);
        }
        for (cause, tally) in &family.unanswered {
            add("no-answer", String::new(), cause.map(|cause| cause.word().to_owned()), *tally);
        }
        for declined in &family.declined {
            let mut tally = crate::log::family::Tally::default();
            tally.add(declined.time);
            add("decline", declined.address.to_string(), Some(client_name(&analysis.clients, declined.client)), tally);
        }
    }
    for (what, names) in [("ddns", &analysis.side.ddns.names), ("ddns-no-zone", &analysis.side.ddns.no_zone)] {
        let own = names.iter().map(|(name, tally)| Failure {
            family: None,
            what,
            place: name.clone(),
            cause: None,
            tally: *tally,
        });
        all.extend(own);
    }
    all.sort_by_key(|failure| std::cmp::Reverse(failure.tally.count));
    all
}
