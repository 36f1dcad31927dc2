//! Leases in MySQL and MariaDB: one prepared SELECT of raw columns in one read-only snapshot, row by row.
//!
//! Prepared statements transfer numbers in binary, which saves both sides the conversion. The order by address is the
//! table's own and costs nothing, except in schemas with addresses as text. Kea's schemas differ only in their columns,
//! so these are looked up, and the version is only printed.

use std::mem;

use mysql::prelude::Queryable;
use mysql::{Conn, Row};

mod connect;
mod decode;
mod facts;
mod tls_proxy;
mod words;
mod zone;

use self::decode::{row4, row6};
use self::zone::WallClock;

pub(super) use self::facts::facts;
pub use self::tls_proxy::Greeting;
use super::database::{Database, lost};
use super::failure;
use super::host::HostRow;
use super::row::{DETAILS, DatabaseRow, RowPlace};
use super::schema::{Version, remark_on_newer};
use super::{Flow, LeaseSource, Order, Origin, Visited, Visitor};
use crate::error::{Error, Result};
use crate::lease::filter::{Filter, Range};
use crate::lease::{Family, RowError};
use crate::memfile::{COLUMNS4, COLUMNS6};
use crate::source::sql::{self, Dialect};

/// The newest schema known when this was written (Kea 3.2.0).
const NEWEST: Version = Version { major: 35, minor: 0 };

/// A slow reader of the dump must not make the server close the connection, nor a time limit end a dump half-way. A lock
/// on the whole table is not waited for without end.
const SESSION: [&str; 5] = [
    "SET NAMES utf8mb4",
    "SET SESSION lock_wait_timeout = 10",
    "SET SESSION net_write_timeout = 86400 /*M!100100 , SESSION max_statement_time = 0 */ \
     /*!50708 , SESSION max_execution_time = 0 */",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
];

/// What older schemas lack of the columns of a lease file.
const LATER: [&str; 6] = ["hwaddr", "hwtype", "hwaddr_source", "state", "user_context", "pool_id"];

/// The leases of one family in a MySQL or MariaDB database.
pub(super) struct Mysql {
    conn: Conn,
    family: Family,
    location: String,
    /// How it was reached, for what errors say of it.
    database: Database,
    clock: WallClock,
    /// The table's columns and their types.
    columns: Vec<(String, String)>,
    rows: Option<u64>,
    /// What is asked for of them.
    filter: Filter,
    omits_details: bool,
    version: Option<Version>,
}

/// Connects, begins the snapshot and looks at the table.
pub(super) fn open(database: &Database, family: Family) -> Result<Mysql> {
    let (conn, location) = connect::connect(database)?;
    let clock = WallClock::new(database.kea_zone, database.zone);
    let mut source = Mysql {
        conn,
        family,
        location,
        database: database.clone(),
        clock,
        columns: Vec::new(),
        rows: None,
        filter: Filter::default(),
        omits_details: false,
        version: None,
    };
    source.look_around().map_err(|error| source.failed(&error))?;
    if source.columns.is_empty() {
        return Err(Error::new(
            &source.location,
            format_args!("has no table {} that this user can see", family.table()),
        )
        .hint("check that it is Kea's database"));
    }
    Ok(source)
}

/// Every reservation of a family.
pub(super) fn reservations(database: &Database, family: Family) -> Result<Vec<HostRow>> {
    let (mut conn, location) = connect::connect(database)?;
    let failed = |error: &mysql::Error| {
        failure::error(format!("{location}: reading reservations"), words::explain(error, database))
    };
    let (address, join) = match family {
        Family::V4 => ("INET_NTOA(NULLIF(h.ipv4_address, 0)), 0, 32", ""),
        Family::V6 => {
            let query = "SELECT data_type FROM information_schema.columns WHERE table_schema = DATABASE() \
                 AND table_name = 'ipv6_reservations' AND column_name = 'address'";
            let kind = conn.query_first::<String, _>(query).map_err(|error| failed(&error))?.unwrap_or_default();
            let is_binary = kind.contains("binary");
            let address = if is_binary {
                "INET6_NTOA(r.address), COALESCE(r.type, 0), COALESCE(r.prefix_len, 128)"
            } else {
                "r.address, COALESCE(r.type, 0), COALESCE(r.prefix_len, 128)"
            };
            (address, " LEFT JOIN ipv6_reservations r ON r.host_id = h.host_id")
        }
    };
    let id = format!("h.dhcp{}_subnet_id", family.digit());
    let query = format!(
        "SELECT CAST({id} AS SIGNED), CAST(h.dhcp_identifier_type AS SIGNED), h.dhcp_identifier, \
         CAST(h.hostname AS CHAR), {address} FROM hosts h{join} WHERE {id} IS NOT NULL"
    );
    let of_row = |(subnet_id, identifier_type, identifier, hostname, address, kind, prefix_len)| HostRow {
        subnet_id,
        identifier_type,
        identifier,
        hostname,
        address,
        kind,
        prefix_len,
    };
    conn.query_map(query, of_row).map_err(|error| failed(&error))
}

impl Mysql {
    fn look_around(&mut self) -> Result<(), mysql::Error> {
        for statement in SESSION {
            self.conn.query_drop(statement)?;
        }
        let table = self.family.table();
        let query = "SELECT column_name, data_type FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = ?";
        self.columns = self.conn.exec(query, (table,))?;
        if self.columns.is_empty() {
            // The catalogue does not distinguish a missing table from a missing privilege; this does.
            self.conn.query_drop(format!("SELECT 1 FROM {table} LIMIT 0"))?;
        }
        self.look_for_hidden_columns()?;
        let query = "SELECT table_rows FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = ?";
        self.rows = self.conn.exec_first::<Option<u64>, _, _>(query, (table,))?.flatten();
        self.version = self.schema_version()?;
        Ok(())
    }

    /// The catalogue does not show columns that this user may not read: as missing ones they would be taken for NULL.
    fn look_for_hidden_columns(&mut self) -> Result<(), mysql::Error> {
        let (table, wanted) = match self.family {
            Family::V4 => (self.family.table(), &COLUMNS4[..]),
            Family::V6 => (self.family.table(), &COLUMNS6[..]),
        };
        for column in wanted {
            if self.type_of(column).is_some() {
                continue;
            }
            match self.conn.query_drop(format!("SELECT {column} FROM {table} LIMIT 0")) {
                Err(mysql::Error::MySqlError(said)) if said.code == NO_SUCH_COLUMN => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// `None` where there is no such table or no right to read it; a dump does not need it.
    fn schema_version(&mut self) -> Result<Option<Version>, mysql::Error> {
        match self.conn.query_first("SELECT version, COALESCE(minor, 0) FROM schema_version LIMIT 1") {
            Ok(row) => Ok(row.map(|(major, minor)| Version { major, minor })),
            Err(mysql::Error::MySqlError(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn failed(&mut self, error: &mysql::Error) -> Error {
        let table = self.family.table();
        let error_code = if let mysql::Error::MySqlError(error) = error { error.code } else { 0 };
        match error_code {
            NO_SUCH_TABLE => {
                Error::new(&self.location, format_args!("has no table {table}")).hint("check that it is Kea's database")
            }
            TABLE_ACCESS_DENIED | COLUMN_ACCESS_DENIED => {
                let grant = self.grant(table);
                failure::no_right(&self.location, self.family, grant)
            }
            _ => failure::error(format!("{}: reading {table}", self.location), words::explain(error, &self.database)),
        }
    }

    fn grant(&mut self, table: &str) -> String {
        let account = self.conn.query_first::<String, _>("SELECT CURRENT_USER()").ok().flatten().unwrap_or_default();
        let (user, host) = account.rsplit_once('@').unwrap_or((&account, "%"));
        format!("GRANT SELECT ON {table} TO '{user}'@'{host}'")
    }

    fn query(&self, columns: &[&str], order: Order) -> Result<String, RowError> {
        let mut terms = Vec::new();
        for &column in columns {
            terms.push(match self.type_of(column) {
                None if LATER.contains(&column) => "NULL",
                None => return Err(RowError::row(format!("there is no column {column}"))),
                Some(_) if self.omits_details && DETAILS.contains(&column) => "NULL",
                Some(_) if column == "expire" && !self.clock.reads_the_wall() => "UNIX_TIMESTAMP(expire)",
                Some(_) => column,
            });
        }
        let order = match (order, self.type_of("address")) {
            (Order::Stored, _) => "",
            // A text order would put ::10 before ::9.
            (Order::Address, Some("varchar")) => " ORDER BY INET6_ATON(address)",
            (Order::Address, _) => " ORDER BY address",
        };
        let conditions = sql::conditions(&self.filter, self.family, self);
        Ok(format!("SELECT {} FROM {}{conditions}{order}", terms.join(", "), self.family.table()))
    }

    fn type_of(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, kind)| kind.as_str())
    }
}

impl Dialect for Mysql {
    fn has(&self, column: &str) -> bool {
        self.type_of(column).is_some()
    }

    fn within(&self, range: &Range) -> Option<String> {
        let (first, last) = (sql::octets(range.first()), sql::octets(range.last()));
        let column = match (self.family, self.type_of("address")) {
            (Family::V6, Some("varchar")) => "INET6_ATON(address)",
            (Family::V6, _) => "address",
            (Family::V4, _) => {
                return Some(format!("address BETWEEN 0x{} AND 0x{}", sql::hex(&first), sql::hex(&last)));
            }
        };
        Some(format!("{column} BETWEEN x'{}' AND x'{}'", sql::hex(&first), sql::hex(&last)))
    }

    fn begins(&self, column: &str, octets: &[u8]) -> String {
        format!("LEFT({column}, {}) = x'{}'", octets.len(), sql::hex(octets))
    }

    fn lower_hostname(&self) -> String {
        "LOWER(CONVERT(hostname USING utf8mb4))".to_owned()
    }

    fn expire(&self) -> String {
        "UNIX_TIMESTAMP(expire)".to_owned()
    }

    /// The session's time zone need not be Kea's.
    fn leeway(&self) -> i64 {
        2 * 86_400
    }
}

/// What helps where the connection broke while rows came.
const LOST: &str = "run it again; the server's log may say why";
const TABLE_ACCESS_DENIED: u16 = 1142;
const COLUMN_ACCESS_DENIED: u16 = 1143;
const NO_SUCH_COLUMN: u16 = 1054;
const NO_SUCH_TABLE: u16 = 1146;

/// Reads the columns of a row.
type Decode = fn(&Row, WallClock) -> Result<DatabaseRow<'_>, RowError>;

impl Mysql {
    fn select(&mut self, columns: &[&str], order: Order, visitor: &mut dyn Visitor, decode: Decode) -> Result<Visited> {
        let attempted = format!("{}: reading {}", self.location, self.family.table());
        let query = self
            .query(columns, order)
            .map_err(|fault| Error::new(&attempted, fault).hint("check that it is Kea's database"))?;
        let statement = self.conn.prep(&query).map_err(|error| self.failed(&error))?;
        let database = self.database.clone();
        let failed = |error: mysql::Error| failure::error(&attempted, words::explain(&error, &database));
        let mut rows = self.conn.exec_iter(&statement, ()).map_err(failed)?;
        let mut visited = Visited::default();
        while let Some(row) = rows.next() {
            let row = row.map_err(|error| match error {
                mysql::Error::MySqlError(_) => failed(error),
                broken => Error::new(&attempted, lost(&words::lost(&broken))).hint(LOST),
            })?;
            visited.seen += 1;
            let lease = decode(&row, self.clock).and_then(|row| row.lease());
            let flow = match lease {
                Ok(lease) => visitor.lease(&lease),
                Err(error) => {
                    visited.malformed += 1;
                    let place = RowPlace { family: self.family, address: decode::address(self.family, &row) };
                    visitor.bad_row(&place, &error).map(|()| Flow::Continue)
                }
            };
            if !matches!(flow, Ok(Flow::Continue)) {
                // Dropped, the result would fetch the rest of the table first.
                mem::forget(rows);
                return flow.map(|_| visited);
            }
        }
        Ok(visited)
    }
}

impl LeaseSource for Mysql {
    fn visit(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited> {
        remark_on_newer("MySQL", self.version, NEWEST, visitor);
        if let Some(text) = zone::difference(&mut self.conn, self.clock).map_err(|error| self.failed(&error))? {
            visitor.remark(&text);
        }
        if let Some(rows) = self.rows.filter(|_| self.filter.is_empty()) {
            visitor.expect_rows(rows);
        }
        match self.family {
            Family::V4 => self.select(&COLUMNS4, order, visitor, row4),
            Family::V6 => self.select(&COLUMNS6, order, visitor, row6),
        }
    }

    fn narrow(&mut self, filter: &Filter) {
        self.filter = filter.clone();
    }

    fn omit_details(&mut self) {
        self.omits_details = true;
    }

    fn origin(&self) -> Origin {
        Origin {
            backend: "mysql",
            location: self.location.clone(),
            version: self.version.map(|version| version.to_string()),
        }
    }
}
