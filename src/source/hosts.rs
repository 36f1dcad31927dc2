//! Reservations in databases: Kea's tables `hosts` and `ipv6_reservations`.

use super::database::{Backend, Database};
use super::host::Host;
use super::options::SourceOptions;
use super::{Variables, mysql, password, postgres};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::lease::Family;

/// Every reserved address and prefix of a family in the hosts databases of a configuration.
pub fn reservations(config: &Config, family: Family, var: &Variables<'_>) -> Result<Vec<Host>> {
    let mut hosts = Vec::new();
    for access in config.server.hosts_databases() {
        let backend = match access.kind.as_deref() {
            Some("mysql") => Backend::Mysql,
            Some("postgresql") => Backend::Postgres,
            other => {
                let kind = other.unwrap_or("without a type");
                return Err(Error::new(
                    "read reservations",
                    format!("a hosts database \"{kind}\" is none that is known"),
                ));
            }
        };
        let mut own = Config::empty(config.daemon);
        own.file.clone_from(&config.file);
        own.server.lease_database = access.as_lease_database();
        let mut database = SourceOptions::default().database(backend, &own, var)?;
        let _ = password::complete(&mut database, var);
        hosts.extend(read(&database, family)?);
    }
    Ok(hosts)
}

/// The reservations in the first of the hosts that answers.
fn read(database: &Database, family: Family) -> Result<Vec<Host>> {
    let mut refused = None;
    for database in database.each_host() {
        let read = match database.backend {
            Backend::Mysql => mysql::reservations(&database, family),
            Backend::Postgres => postgres::reservations(&database, family),
        };
        match read {
            Ok(hosts) => return Ok(hosts),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or_else(|| Error::new("read reservations", "no host is named")))
}
