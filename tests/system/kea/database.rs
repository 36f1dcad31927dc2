//! Fresh lease databases in the private servers of `scripts/with-databases`.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::Kea;
use crate::program::must;

/// A database of its own; it goes with the server.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    Postgresql(String),
    Mysql(String),
}

impl Database {
    /// A PostgreSQL database with the tables that `kea` makes for itself.
    pub(crate) fn postgresql(kea: &Kea) -> Self {
        let name = fresh_name();
        must(psql("postgres").args(["-c", &format!("CREATE DATABASE {name}")]));
        must(psql(&name).arg("-f").arg(kea.schema_script("pgsql")));
        Self::Postgresql(name)
    }

    /// A MariaDB database with the tables that `kea` makes for itself.
    pub(crate) fn mysql(kea: &Kea) -> Self {
        let name = fresh_name();
        must(mariadb().args(["-e", &format!("CREATE DATABASE {name}")]));
        must(mariadb().arg(&name).stdin(File::open(kea.schema_script("mysql")).unwrap()));
        Self::Mysql(name)
    }

    /// Its `lease-database` in Kea's configuration. The way there is a socket: a server in a network namespace of
    /// its own sees no port of the machine.
    pub(crate) fn configuration(&self) -> Value {
        let (user, password) = (given("KEA_TOOLS_DB_ADMIN"), given("KEA_TOOLS_DB_PASSWORD"));
        match self {
            Self::Postgresql(name) => json!({
                "type": "postgresql", "name": name, "user": user, "password": password,
                "host": given("KEA_TOOLS_PG_SOCKET"), "port": given("KEA_TOOLS_PG_PORT").parse::<u16>().unwrap(),
            }),
            Self::Mysql(name) => json!({ "type": "mysql", "name": name, "user": user, "password": password }),
        }
    }

    /// What a client of the database needs in its environment besides the configuration.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        match self {
            Self::Postgresql(_) => Vec::new(),
            Self::Mysql(_) => vec![("MYSQL_UNIX_PORT".to_owned(), given("KEA_TOOLS_MYSQL_SOCKET"))],
        }
    }

    /// The folder of the server's socket.
    pub(crate) fn socket_dir(&self) -> PathBuf {
        match self {
            Self::Postgresql(_) => given("KEA_TOOLS_PG_SOCKET").into(),
            Self::Mysql(_) => Path::new(&given("KEA_TOOLS_MYSQL_SOCKET")).parent().unwrap().to_owned(),
        }
    }
}

fn fresh_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("kea_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A variable that `scripts/with-databases` sets.
fn given(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run scripts/test"))
}

fn psql(database: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", database]);
    command.args(["--host", &given("KEA_TOOLS_PG_SOCKET"), "--port", &given("KEA_TOOLS_PG_PORT")]);
    command.args(["--username", &given("KEA_TOOLS_DB_ADMIN")]).env("PGPASSWORD", given("KEA_TOOLS_DB_PASSWORD"));
    command
}

fn mariadb() -> Command {
    let mut command = Command::new("mariadb");
    command.arg("--no-defaults").arg(format!("--socket={}", given("KEA_TOOLS_MYSQL_SOCKET")));
    command.args(["--user", &given("KEA_TOOLS_DB_ADMIN")]).env("MYSQL_PWD", given("KEA_TOOLS_DB_PASSWORD"));
    command
}
