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

    /// What kea-admin needs in its environment.
    pub(crate) fn kea_admin_variables(&self) -> Vec<(String, String)> {
        let mut variables = self.variables();
        variables.push(("KEA_ADMIN_DB_PASSWORD".to_owned(), given("KEA_TOOLS_DB_PASSWORD")));
        // Not every release passes -P on.
        variables.push(("PGPORT".to_owned(), given("KEA_TOOLS_PG_PORT")));
        variables
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Postgresql(name) | Self::Mysql(name) => name,
        }
    }

    /// What leads kea-admin to it.
    pub(crate) fn kea_admin_arguments(&self) -> Vec<String> {
        let (backend, host) = match self {
            Self::Postgresql(_) => ("pgsql", given("KEA_TOOLS_PG_SOCKET")),
            Self::Mysql(_) => ("mysql", "localhost".to_owned()),
        };
        let user = given("KEA_TOOLS_DB_ADMIN");
        let mut arguments = [backend, "-h", &host, "-u", &user, "-n", self.name()].map(str::to_owned).to_vec();
        if backend == "mysql" {
            arguments.extend(["-x".to_owned(), format!("--socket={}", given("KEA_TOOLS_MYSQL_SOCKET"))]);
        }
        arguments
    }

    /// The folder of the server's socket.
    pub(crate) fn socket_dir(&self) -> PathBuf {
        match self {
            Self::Postgresql(_) => given("KEA_TOOLS_PG_SOCKET").into(),
            Self::Mysql(_) => Path::new(&given("KEA_TOOLS_MYSQL_SOCKET")).parent().unwrap().to_owned(),
        }
    }
}

pub(crate) fn fresh_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("kea_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A variable that `scripts/with-databases` sets.
pub(crate) fn given(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run scripts/test"))
}

pub(crate) fn psql(database: &str) -> Command {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", database]);
    command.args(["--host", &given("KEA_TOOLS_PG_SOCKET"), "--port", &given("KEA_TOOLS_PG_PORT")]);
    command.args(["--username", &given("KEA_TOOLS_DB_ADMIN")]).env("PGPASSWORD", given("KEA_TOOLS_DB_PASSWORD"));
    command
}

pub(crate) fn mariadb() -> Command {
    let mut command = Command::new("mariadb");
    command
        .args(["--no-defaults", "--default-character-set=utf8mb4"])
        .arg(format!("--socket={}", given("KEA_TOOLS_MYSQL_SOCKET")));
    command.args(["--user", &given("KEA_TOOLS_DB_ADMIN")]).env("MYSQL_PWD", given("KEA_TOOLS_DB_PASSWORD"));
    command
}
