//! Connecting to the database of either kind.

use super::database::{Backend, Database};
use super::{LeaseSource, mysql, postgres};
use crate::error::{Error, Result};
use crate::lease::Family;

/// Connects to a database with Kea's leases and reads the columns of its tables. Of several hosts, the first that accepts
/// the login is used.
pub(super) fn database(database: &Database, family: Family) -> Result<Box<dyn LeaseSource>> {
    let mut errors = Vec::new();
    for database in database.each_host() {
        let opened: Result<Box<dyn LeaseSource>> = match database.backend {
            Backend::Postgres => postgres::open(&database, family).map(|source| Box::new(source) as _),
            Backend::Mysql => mysql::open(&database, family).map(|source| Box::new(source) as _),
        };
        match opened {
            Ok(source) => return Ok(source),
            Err(error) => errors.push(error),
        }
    }
    match <[Error; 1]>::try_from(errors) {
        Ok([error]) => Err(error),
        Err(errors) => {
            let each: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Err(Error::new("", each.join("; ")))
        }
    }
}
