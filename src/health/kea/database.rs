//! Lost databases, and what a server cannot do without them.

use super::facts::{Database, Instance, Log, LostDatabase};
use super::{Finding, Verdict, logged};
use crate::health::State;

/// The finding for a database that is lost according to the log. The configured reaction (`on-fail`) does not matter for
/// leases: a server that continues without them answers no client.
pub(super) fn lost(instance: &Instance, lost: &LostDatabase, now: i64) -> Finding {
    let is_old = |log: &Log| log.only_troubles && !logged::is_recent(log, &lost.last, now);
    let is_old = instance.log.as_ref().is_some_and(is_old);
    // This one is of severity INFO, and so is its opposite.
    let is_complete = lost.line.id.ends_with("_LOST_CONNECTION");
    let when = logged::at(&lost.line);
    // A log without INFO reports a lost connection, but not that it is restored.
    if is_old && !is_complete {
        let text = format!(
            "the connection to a database was lost{when}; whether it was found again is not in its log, which has no lines \
             of severity INFO"
        );
        return Finding::new("database-lost", State::Warning, text);
    }
    match what(instance, lost.database) {
        Database::Leases => critical(&format!("the connection to its lease database was lost{when}")),
        Database::Hosts if stops_without_hosts(instance) => {
            critical(&format!("the connection to its database of reservations was lost{when}"))
        }
        Database::Hosts => warning(&format!(
            "the connection to its database of reservations was lost{when} and not found again, by its log: clients get \
             no reserved address"
        )),
        Database::Configuration => warning(&format!(
            "the connection to the database of its configuration was lost{when} and not found again, by its log: it does \
             not see changes"
        )),
        Database::LegalLog | Database::Unknown => warning(&format!(
            "the connection to the database of its legal log was lost{when} and not found again, by its log"
        )),
    }
}

/// The lost database if the log does not name it: the only configured one, or the lease database if that is one of them.
fn what(instance: &Instance, said: Database) -> Database {
    let databases = instance.configuration.as_ref().map(|file| file.databases).unwrap_or_default();
    match said {
        Database::Unknown if databases.holds_leases => Database::Leases,
        Database::Unknown if databases.holds_hosts => Database::Hosts,
        Database::Unknown if databases.holds_configuration => Database::Configuration,
        // It runs with another configuration.
        Database::Unknown => Database::Leases,
        said => said,
    }
}

fn stops_without_hosts(instance: &Instance) -> bool {
    instance.configuration.as_ref().is_some_and(|file| file.databases.stops_without_hosts)
}

fn critical(what: &str) -> Finding {
    let text = format!("it serves no client: {what} and not found again, by its log");
    Finding::new("database-lost", State::Critical, text).verdict(Verdict::NotServing)
}

fn warning(text: &str) -> Finding {
    Finding::new("database-lost", State::Warning, text)
}
