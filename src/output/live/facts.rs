//! What several views show of a daemon.

use crate::config::model::Backend;
use crate::health::pools::Row;
use crate::top::DaemonState;
use crate::usage::{Basis, Layout, Offer};

/// Its subnets and pools, if its configuration is known.
pub(super) fn layout(daemon: &DaemonState) -> Option<&Layout> {
    daemon.answers.as_ref()?.layout.as_deref()
}

/// The same marked as an estimate, where leases were not read.
pub(super) fn estimated(basis: Basis, number: String) -> String {
    if basis == Basis::Leases || number.starts_with('~') { number } else { format!("~{number}") }
}

/// What is said of a place. Where some pools are for some clients, and it is not known which of them the leases are in, those
/// clients may have from nothing to everything: the share of all pools says more.
pub(super) fn likely(row: &Row) -> Offer {
    let whole = row.counts.offer();
    let is_range = row.counts.basis == Basis::Statistics && row.offer.least < row.offer.most;
    if is_range && whole.used_percent() > row.offer.used_percent() { whole } else { row.offer.clone() }
}

/// Where its leases are, and whether that is lost.
pub(super) fn backend_of(daemon: &DaemonState) -> Option<&'static str> {
    let answers = daemon.answers.as_ref()?;
    let is_lost = answers.status.dhcp_state.as_ref().is_some_and(|state| state.by_database);
    Some(match (answers.backend?, is_lost) {
        (Backend::Memfile, _) => "memfile",
        (Backend::Mysql, false) => "mysql",
        (Backend::Mysql, true) => "mysql lost",
        (Backend::Postgresql, false) => "postgresql",
        (Backend::Postgresql, true) => "postgresql lost",
    })
}
