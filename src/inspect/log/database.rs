//! Which databases are lost, according to a log.
//!
//! Kea 2.6 and later name the connection that is lost or restored; Kea 2.2 does not, and it is identified by the line
//! before or after: an attempt to open it. A server that continues without the connection logs that for every packet.

use std::collections::BTreeMap;

use crate::health::kea::facts::{Database, LogLine, LostDatabase};

/// The lost databases, and the state between lines.
#[derive(Debug, Default)]
pub(super) struct Databases {
    lost: BTreeMap<Database, (usize, LostDatabase)>,
    /// The last one that the server tried to open.
    tried: Option<Database>,
    /// The last attempt that failed.
    failed: Option<LogLine>,
}

impl Databases {
    /// Processes the line at this index.
    pub(super) fn read(&mut self, line: &LogLine, at: usize) {
        let named = of_text(&line.text);
        match line.id.as_str() {
            // Its lease file, which is no connection.
            _ if line.text.contains("memfile") => {}
            id if id.ends_with("_DB_RECONNECT_SUCCEEDED") => self.found(named),
            id if id.ends_with("_DB_RECONNECT_LOST_CONNECTION") => {
                let known = named.or_else(|| self.lost.keys().next().copied());
                self.add(known.unwrap_or(Database::Unknown), line, at);
            }
            id if id.contains("_RECONNECT_ATTEMPT_") => {
                self.tried = Some(of_id(id));
                self.identify(of_id(id));
                self.add(of_id(id), line, at);
                if id.contains("_FAILED") {
                    self.failed = Some(line.clone());
                }
            }
            id if id.ends_with("_DB_RECONNECT_FAILED") && self.lost.is_empty() => self.add(Database::Unknown, line, at),
            id if is_opening(line) => {
                self.tried = Some(of_opening(id, &line.text));
                self.identify(of_opening(id, &line.text));
            }
            _ if is_without_leases(line) => self.add(Database::Leases, line, at),
            _ => {}
        }
    }

    /// An unidentified lost connection is the one that is opened now.
    fn identify(&mut self, database: Database) {
        if let Some((at, lost)) = self.lost.remove(&Database::Unknown) {
            self.lost.entry(database).or_insert((at, LostDatabase { database, ..lost }));
        }
    }

    fn add(&mut self, database: Database, line: &LogLine, at: usize) {
        let new = || (at, LostDatabase { database, line: line.clone(), last: line.clone() });
        let (place, lost) = self.lost.entry(database).or_insert_with(new);
        *place = at;
        lost.last = line.clone();
    }

    fn found(&mut self, named: Option<Database>) {
        match named.or(self.tried.take()) {
            Some(database) => {
                self.lost.remove(&database);
                self.lost.remove(&Database::Unknown);
            }
            None => self.lost.clear(),
        }
    }

    /// Why it gave up.
    pub(super) fn reason(&self) -> Option<LogLine> {
        self.failed.clone()
    }

    /// The most important one. A server that answered a client afterwards has its leases.
    pub(super) fn worst(self, answered: Option<usize>) -> Option<LostDatabase> {
        let is_after = |at: usize| answered.is_none_or(|answered| at > answered);
        let holds = |(at, lost): &(usize, LostDatabase)| is_after(*at) || lost.database > Database::Unknown;
        self.lost.into_values().find(holds).map(|(_, lost)| lost)
    }
}

/// Whether the daemon then ends, or continues without the database.
pub(super) fn is_end(id: &str) -> bool {
    id.ends_with("_DB_RECONNECT_FAILED") || id.ends_with("_DB_RECONNECT_DISABLED")
}

/// `…: manager ID: 3002, timer: PgSqlLeaseMgr[94443195841664]DbReconnectTimer.`
fn of_text(text: &str) -> Option<Database> {
    let timer = text.split("timer: ").nth(1)?;
    [
        ("LeaseMgr", Database::Leases),
        ("Host", Database::Hosts),
        ("ConfigBackend", Database::Configuration),
        ("Store", Database::LegalLog),
    ]
    .into_iter()
    .find_map(|(part, database)| timer.contains(part).then_some(database))
}

/// `DHCPSRV_PGSQL_HOST_DB_RECONNECT_ATTEMPT_FAILED`, `MYSQL_LB_DB_RECONNECT_ATTEMPT_SCHEDULE`,
/// `PGSQL_CB_RECONNECT_ATTEMPT_FAILED4` …
fn of_id(id: &str) -> Database {
    [
        ("_LEASE_DB_", Database::Leases),
        ("_LB_", Database::Leases),
        ("_HOST_DB_", Database::Hosts),
        ("_HB_", Database::Hosts),
        ("_CB_", Database::Configuration),
        ("_FB_", Database::LegalLog),
        ("LEGAL_LOG", Database::LegalLog),
        ("FORENSIC", Database::LegalLog),
    ]
    .into_iter()
    .find_map(|(part, database)| id.contains(part).then_some(database))
    .unwrap_or(Database::Unknown)
}

/// `DHCPSRV_PGSQL_DB opening PostgreSQL lease database: …`
fn is_opening(line: &LogLine) -> bool {
    line.id.ends_with("_DB") && line.text.to_ascii_lowercase().starts_with("opening ")
}

fn of_opening(id: &str, text: &str) -> Database {
    let what = text.split("database").next().unwrap_or_default();
    match of_id(&format!("{id}_")) {
        Database::Unknown if what.contains("lease") => Database::Leases,
        Database::Unknown if what.contains("hosts") => Database::Hosts,
        Database::Unknown if what.contains("configuration") => Database::Configuration,
        other => other,
    }
}

/// The identifiers of clients without a lease because of the lease database.
pub(super) fn is_without_leases(line: &LogLine) -> bool {
    let is_of_leases = line.id.starts_with("ALLOC_ENGINE_") || line.id.ends_with("_RECLAIM_EXPIRED_LEASES_FAIL");
    let is_lost = is_of_leases && line.text.contains("database error or connectivity lost");
    line.severity == "ERROR" && (is_lost || line.text.contains("no current lease manager"))
}
