//! Reservations that are not in the configuration: in Kea's tables `hosts` and `ipv6_reservations`, or asked of the running
//! server.

use super::database::{Backend, Database};
use super::host::Host;
use super::location::{LeaseLocation, Location};
use super::options::SourceOptions;
use super::{Variables, api, mysql, password, postgres};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::lease::Family;

/// Every reservation of a family in the hosts databases of a configuration; where these cannot be read, every one that the
/// running server knows.
///
/// # Errors
/// Neither the databases nor the server says it; the error is that of the place that was meant first.
pub fn reservations(place: &LeaseLocation, config: &Config, var: &Variables<'_>) -> Result<Vec<Host>> {
    let of_databases = || in_databases(config, place.family, var);
    if let Location::Api(server) = &place.location {
        return api::hosts(server, place.family).or_else(|error| of_databases().map_err(|_| error));
    }
    of_databases().or_else(|error| match place.running(None, var) {
        Some(server) => api::hosts(&server, place.family).map_err(|_| error),
        None => Err(error),
    })
}

/// Every reservation in the hosts databases of a configuration.
fn in_databases(config: &Config, family: Family, var: &Variables<'_>) -> Result<Vec<Host>> {
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
            Ok(rows) => return Ok(rows.into_iter().filter_map(super::host::HostRow::host).collect()),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or_else(|| Error::new("read reservations", "no host is named")))
}
