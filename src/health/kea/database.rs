//! Databases that are lost: what a server cannot do without them.

use super::facts::{Database, Instance, LostDatabase};
use super::{Finding, Verdict, logged};
use crate::health::State;

/// What a lost database means, by the log. What the server is configured to do then (`on-fail`) says nothing about
/// leases: a server that goes on without them answers no client.
pub(super) fn lost(instance: &Instance, lost: &LostDatabase, now: i64) -> Finding {
    let only_troubles = instance.log.as_ref().is_some_and(|log| log.only_troubles);
    // This one is of severity INFO, and so is its opposite.
    let is_complete = lost.line.id.ends_with("_LOST_CONNECTION");
    let when = logged::at(&lost.line);
    // A log without INFO says that something is lost, and not that it is found again.
    if only_troubles && !is_complete && !logged::is_recent(&lost.last, now) {
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

/// Where the log does not say what is lost, there may be only one it can be; it is the leases if they can be meant.
fn what(instance: &Instance, said: Database) -> Database {
    let databases = instance.configuration.as_ref().map(|file| file.databases).unwrap_or_default();
    match said {
        Database::Unknown if databases.holds_leases => Database::Leases,
        Database::Unknown if databases.holds_hosts => Database::Hosts,
        Database::Unknown if databases.holds_configuration => Database::Configuration,
        // It runs on another configuration than this.
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
