//! Clients that were served, and those that ask in vain: kept for the next run, which reads only what is new.

use serde::{Deserialize, Serialize};

use super::analysis::Analysis;
use super::client::{Record, Repeated};
use super::hash::hash;

/// So many clients are kept of each kind.
const MOST: usize = 2000;

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Memory {
    /// Hashes of the labels of clients that had a lease.
    served: Vec<u64>,
    waiting: Vec<Waiting>,
}

/// A client that has got offers or NAKs since it had a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    label: String,
    offers: Repeated,
    naks: Repeated,
}

impl Memory {
    /// What is known at the end of a run.
    pub(crate) fn from_analysis(analysis: &Analysis) -> Self {
        let clients = &analysis.clients;
        let is_served = |record: &Record| record.acknowledged > 0;
        let now = clients.records().filter(|(_, record)| is_served(record));
        let now = now.map(|(client, _)| hash(clients.label(client)));
        let mut served: Vec<u64> = now.chain(clients.served_before.iter().copied()).take(MOST).collect();
        served.sort_unstable();
        served.dedup();
        let waits = |record: &Record| record.offers.count + record.naks.count > 0;
        let waiting = clients.records().filter(|(_, record)| waits(record)).take(MOST);
        let waiting = waiting.map(|(client, record)| Waiting {
            label: String::from_utf8_lossy(clients.label(client)).into_owned(),
            offers: record.offers,
            naks: record.naks,
        });
        Self { served, waiting: waiting.collect() }
    }

    /// Has an analysis take it in.
    pub(crate) fn restore(self, analysis: &mut Analysis) {
        analysis.clients.served_before = self.served.into_iter().collect();
        for Waiting { label, offers, naks } in self.waiting {
            let client = analysis.clients.of(label.as_bytes());
            let record = analysis.clients.record_mut(client);
            (record.offers, record.naks) = (offers, naks);
        }
    }
}
