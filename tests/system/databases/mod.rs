//! Databases whose tables the tests make themselves, and what `kea-lease-dump` makes of them.

use std::process::Command;

use kea_tools::lease::Family;

use crate::kea::database::{fresh_name, given, mariadb, psql};
use crate::program::{kea_lease_dump, must};

mod bad_luck;
mod clocks;
mod columns;
mod encodings;
mod every_schema;
mod filters;
mod limits;
mod listeners;
mod logins;
mod other_servers;
mod passwords;
mod protected_logins;
mod protection;
mod restarts;
mod rows4;
mod rows6;
pub(crate) mod schema;
mod sockets;

/// The two kinds of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatabaseKind {
    Postgresql,
    Mysql,
}

/// Both, for tests that ask the same of either.
pub(crate) const BOTH: [DatabaseKind; 2] = [DatabaseKind::Postgresql, DatabaseKind::Mysql];

impl DatabaseKind {
    /// The port of the server that speaks TLS.
    pub(crate) fn port(self) -> String {
        match self {
            Self::Postgresql => given("KEA_TOOLS_PG_PORT"),
            Self::Mysql => given("KEA_TOOLS_MYSQL_PORT"),
        }
    }

    /// The port of the server that does not.
    pub(crate) fn plain_port(self) -> String {
        match self {
            Self::Postgresql => given("KEA_TOOLS_PG_PLAIN_PORT"),
            Self::Mysql => given("KEA_TOOLS_MYSQL_PLAIN_PORT"),
        }
    }

    /// `-t` of `kea-lease-dump`.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Postgresql => "pgsql",
            Self::Mysql => "mysql",
        }
    }
}

/// An empty database of its own; it goes with the server.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) kind: DatabaseKind,
    pub(crate) name: String,
}

impl Database {
    pub(crate) fn new(kind: DatabaseKind) -> Self {
        let name = fresh_name();
        let create = format!("CREATE DATABASE {name}");
        match kind {
            DatabaseKind::Postgresql => must(psql("postgres").args(["-c", &create])),
            DatabaseKind::Mysql => must(mariadb().args(["-e", &create])),
        };
        Self { kind, name }
    }

    /// Runs statements as the administrator; gives what they print.
    pub(crate) fn run(&self, statements: &str) -> String {
        match self.kind {
            DatabaseKind::Postgresql => must(psql(&self.name).args(["--tuples-only", "--no-align", "-c", statements])),
            DatabaseKind::Mysql => must(mariadb().args(["--skip-column-names", &self.name, "-e", statements])),
        }
    }

    /// `kea-lease-dump` of this database, through the server's socket and as the administrator.
    pub(crate) fn dump(&self, family: Family) -> Command {
        let mut command = self.dump_without_place(family);
        match self.kind {
            DatabaseKind::Postgresql => {
                command.args(["-h", &given("KEA_TOOLS_PG_SOCKET"), "-P", &given("KEA_TOOLS_PG_PORT")])
            }
            DatabaseKind::Mysql => command.args(["-h", &given("KEA_TOOLS_MYSQL_SOCKET")]),
        };
        command.args(["-u", &given("KEA_TOOLS_DB_ADMIN")]);
        command.env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD"));
        command
    }

    /// The same over TCP.
    pub(crate) fn dump_from(&self, host: &str, port: &str) -> Command {
        let mut command = self.dump_without_place(Family::V4);
        command.args(["-h", host, "-P", port, "-u", &given("KEA_TOOLS_DB_ADMIN")]);
        command.env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD"));
        command
    }

    /// The same without the way there: neither host nor port, user nor password.
    pub(crate) fn dump_without_place(&self, family: Family) -> Command {
        let mut command = kea_lease_dump();
        // The database's own zone is UTC only where the machine's is; what it is does not matter in most tests.
        command.args(["-t", self.kind.option(), "-n", &self.name, "--time-zone", "database"]);
        command.arg(format!("-{}", family.digit()));
        command
    }
}

impl Database {
    /// A database with the newest schema's `lease4` and one lease in it.
    pub(crate) fn with_a_lease(kind: DatabaseKind) -> Self {
        let database = Self::new(kind);
        database.fill();
        database
    }

    /// Makes the newest schema's `lease4` with one lease.
    pub(crate) fn fill(&self) {
        self.make_table();
        self.run(match self.kind {
            DatabaseKind::Postgresql => {
                "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id) \
                 VALUES (3221225985, '\\x020000000001', 3600, to_timestamp(1790000000), 7)"
            }
            DatabaseKind::Mysql => {
                "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id) \
                 VALUES (3221225985, x'020000000001', 3600, FROM_UNIXTIME(1790000000), 7)"
            }
        });
    }

    fn make_table(&self) {
        let schema = schema::Schema { kind: self.kind, major: schema::newest(self.kind) };
        self.run(&schema.statements(Family::V4));
    }

    /// A database with the newest schema's `lease4`, empty.
    pub(crate) fn with_table(kind: DatabaseKind) -> Self {
        let database = Self::new(kind);
        database.make_table();
        database
    }

    /// Makes a user of this server with `password` and no rights, called like the database with `suffix` behind.
    pub(crate) fn user(&self, suffix: &str, password: &str) -> String {
        let user = format!("{}_{suffix}", self.name);
        self.run(&match self.kind {
            DatabaseKind::Postgresql => format!("CREATE ROLE {user} LOGIN PASSWORD '{password}'"),
            DatabaseKind::Mysql => format!("CREATE USER {user} IDENTIFIED BY '{password}'"),
        });
        user
    }

    /// Lets `user` read `table`.
    pub(crate) fn let_read(&self, user: &str, table: &str) {
        self.run(&format!("GRANT SELECT ON {table} TO {user}"));
    }
}

/// The one lease of [`Database::with_a_lease`] in a lease file.
pub(crate) const A_LEASE: &str = "192.0.2.1,02:00:00:00:00:01,,3600,1790000000,7,0,0,,0,,0\n";
