//! Facts about a database of Kea: what it is, its schema, zone and size.

use super::database::{Backend, Database, DatabaseFacts};
use super::options::SourceOptions;
use super::{Variables, mysql, password, postgres};
use crate::config::Config;
use crate::error::{Error, Result};

/// The facts about each database of a configuration, with the part of it that names the database.
#[must_use]
pub fn database_facts(config: &Config, var: &Variables<'_>) -> Vec<(String, Result<DatabaseFacts>)> {
    let mut found = Vec::new();
    let own = Config::clone(config);
    if let Some(backend) = Backend::of_lease_database(&own) {
        found.push(("lease-database".to_owned(), of(backend, &own, var)));
    }
    for access in config.server.hosts_databases() {
        let backend = match access.kind.as_deref() {
            Some("mysql") => Backend::Mysql,
            Some("postgresql") => Backend::Postgres,
            _ => continue,
        };
        let mut other = Config::empty(config.daemon);
        other.file.clone_from(&config.file);
        other.server.lease_database = access.as_lease_database();
        found.push(("hosts-databases".to_owned(), of(backend, &other, var)));
    }
    found
}

impl Backend {
    /// What a server keeps its leases in, if that is a database.
    fn of_lease_database(config: &Config) -> Option<Self> {
        match config.server.lease_database.backend {
            crate::config::model::Backend::Memfile => None,
            crate::config::model::Backend::Mysql => Some(Self::Mysql),
            crate::config::model::Backend::Postgresql => Some(Self::Postgres),
        }
    }
}

fn of(backend: Backend, config: &Config, var: &Variables<'_>) -> Result<DatabaseFacts> {
    let mut database = SourceOptions::default().database(backend, config, var)?;
    let _ = password::complete(&mut database, var);
    let mut refused = None;
    for database in database.each_host() {
        match read(&database) {
            Ok(facts) => return Ok(facts),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or_else(|| Error::new("ask a database", "no host is named")))
}

fn read(database: &Database) -> Result<DatabaseFacts> {
    let (location, facts) = match database.backend {
        Backend::Mysql => mysql::facts(database)?,
        Backend::Postgres => postgres::facts(database)?,
    };
    let location = [("database".to_owned(), location)];
    Ok(location.into_iter().chain(facts).collect())
}
