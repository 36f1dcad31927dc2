//! Leases in PostgreSQL: `COPY (SELECT …) TO STDOUT (FORMAT binary)` in one read-only snapshot.
//!
//! The server sends raw columns, which costs it least; decoding and formatting happen here, on one reused buffer.
//! Kea's schemas differ only in their columns, so these are looked up, and the version is only printed.
//! Sorting by address is cheap here and expensive on the server (its index accesses the table in random order), so a
//! table below [`SORT_BUDGET`] is sorted in memory.

use std::marker::PhantomData;
use std::net::IpAddr;

mod connect;
mod copy;
mod decode;
mod facts;
mod order;
mod session;
mod words;

use tokio_postgres::error::SqlState;

pub(super) use self::facts::facts;

use self::copy::{Failure, Fields, Stream, cut_off};
use self::decode::{Column, RowLayout, RowLayout4, RowLayout6};
use self::order::Unordered;
use self::session::Session;
use super::database::{Database, lost};
use super::failure;
use super::host::HostRow;
use super::row::{DETAILS, RowPlace};
use super::schema::{Version, remark_on_newer};
use super::{Flow, LeaseSource, Order, Origin, Visited, Visitor};
use crate::error::{Error, Result};
use crate::lease::filter::{Filter, Range};
use crate::lease::{Family, RowError};
use crate::source::sql::{self, Dialect};

/// The newest schema known when this was written (Kea 3.2.0).
const NEWEST: Version = Version { major: 34, minor: 0 };

/// Up to this size (of a table with its out-of-line values) the order is made in memory, which takes about as much:
/// 120 MiB for a million DHCPv4 leases, 175 MiB for as many DHCPv6 ones. Larger tables the server orders while
/// little memory is used.
const SORT_BUDGET: i64 = 512 << 20;

/// As `pg_dump` does it: no limit of time ends a dump half-way, and a row that this user may not see is an error
/// instead of a gap. The exception is a lock on the whole table, for which a user would wait without a sign. Kea writes
/// and reads octets in whatever encoding the database has; `SQL_ASCII` means that the server converts nothing and sends
/// them as they are. The transaction sees the database as it was at its first query.
const SESSION: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
     SET lock_timeout = '10s'; SET row_security = off; SET client_encoding = 'SQL_ASCII'; \
     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The leases of one family in a PostgreSQL database.
pub(super) struct Postgres {
    /// Gone once a visit ended early: to go on, the rest of the table would have to come first.
    session: Option<Session>,
    family: Family,
    location: String,
    /// How it was reached, for what errors say of it.
    database: Database,
    table: Table,
    /// What is asked for of it.
    filter: Filter,
    omits_details: bool,
    version: Option<Version>,
}

/// What the server's catalogue says about a lease table.
struct Table {
    /// Its columns and their types.
    columns: Vec<(String, String)>,
    /// Octets on disk, 0 if that says nothing.
    size: i64,
    /// The planner's estimate of its rows.
    rows: Option<u64>,
}

/// Connects, begins the snapshot and looks at the table.
pub(super) fn open(database: &Database, family: Family) -> Result<Postgres> {
    let (mut session, location) = connect::connect(database)?;
    let table = look_at_table(&mut session, family, &location, database)?;
    let version =
        schema_version(&mut session).map_err(|error| failed(&location, "schema_version", &error, database))?;
    Ok(Postgres {
        session: Some(session),
        family,
        location,
        database: database.clone(),
        table,
        filter: Filter::default(),
        omits_details: false,
        version,
    })
}

/// Every reservation of a family.
pub(super) fn reservations(database: &Database, family: Family) -> Result<Vec<HostRow>> {
    let (mut session, location) = connect::connect(database)?;
    let (address, join) = match family {
        Family::V4 => ("host('0.0.0.0'::inet + nullif(h.ipv4_address, 0)::int8), 0::int8, 32::int8", ""),
        Family::V6 => (
            "host(r.address::text::inet), coalesce(r.type, 0)::int8, coalesce(r.prefix_len, 128)::int8",
            " LEFT JOIN ipv6_reservations r ON r.host_id = h.host_id",
        ),
    };
    let id = format!("h.dhcp{}_subnet_id", family.digit());
    let query = format!(
        "SELECT {id}::int8, h.dhcp_identifier_type::int8, h.dhcp_identifier, h.hostname::text, {address} \
         FROM hosts h{join} WHERE {id} IS NOT NULL"
    );
    let rows = session.query(&query, &[]).map_err(|error| failed(&location, "reservations", &error, database))?;
    let of_row = |row: &tokio_postgres::Row| HostRow {
        subnet_id: row.get(0),
        identifier_type: row.get(1),
        identifier: row.get(2),
        hostname: row.get(3),
        address: row.get(4),
        kind: row.get(5),
        prefix_len: row.get(6),
    };
    Ok(rows.iter().map(of_row).collect())
}

fn failed(location: &str, table: &str, error: &tokio_postgres::Error, database: &Database) -> Error {
    failure::error(format!("{location}: reading {table}"), words::explain(error, database))
}

fn look_at_table(session: &mut Session, family: Family, location: &str, database: &Database) -> Result<Table> {
    let name = family.table();
    let failed = |error: tokio_postgres::Error| failed(location, name, &error, database);
    session.batch_execute(SESSION).map_err(failed)?;
    let query = "SELECT pg_table_size(c.oid), c.reltuples::float8, c.relkind::text, \
         has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') \
         FROM pg_class c WHERE c.oid = to_regclass($1)";
    let Some(row) = session.query_opt(query, &[&name]).map_err(failed)? else {
        return Err(Error::new(location, format_args!("has no table {name} that this user can see"))
            .hint("check that it is Kea's database, and that the user has the privilege USAGE on its schema"));
    };
    if !row.get::<_, bool>(3) {
        return Err(Error::new(location, format_args!("no right to read the table {name}"))
            .hint(format!("GRANT SELECT ON {name} TO \"{}\"", database.login()?)));
    }
    // Kea's columns have plain names; a column that a user has added may have a name that is not UTF-8.
    let query = "SELECT attname::text, atttypid::regtype::text FROM pg_attribute \
         WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attname ~ '^[a-z0-9_]+$'";
    let columns = session.query(query, &[&name]).map_err(failed)?;
    let ordinary = row.get::<_, &str>(2) == "r";
    Ok(Table {
        columns: columns.iter().map(|row| (row.get(0), row.get(1))).collect(),
        size: if ordinary { row.get(0) } else { 0 },
        rows: estimate(row.get(1)),
    })
}

/// The planner's estimate; negative where it has none yet.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn estimate(tuples: f64) -> Option<u64> {
    (tuples > 0.0).then_some(tuples as u64)
}

/// `None` where there is no such table or no right to read it; a dump does not need it.
fn schema_version(session: &mut Session) -> Result<Option<Version>, tokio_postgres::Error> {
    let query = "SELECT coalesce(has_table_privilege(to_regclass('schema_version'), 'SELECT'), false)";
    if !session.query_opt(query, &[])?.is_some_and(|row| row.get(0)) {
        return Ok(None);
    }
    let row = session.query_opt("SELECT version::int8, coalesce(minor, 0)::int8 FROM schema_version LIMIT 1", &[])?;
    Ok(row.map(|row| Version { major: row.get(0), minor: row.get(1) }))
}

impl Table {
    /// The query for `columns`, with NULL for what this schema does not have or is `omitted`.
    fn query(
        &self,
        family: Family,
        columns: &[Column],
        omitted: &[&str],
        filter: &Filter,
        sort: Sort,
    ) -> Result<String, RowError> {
        let table = family.table();
        let mut terms = Vec::new();
        for column in columns {
            let expected = column.read_as.stored_as();
            terms.push(match self.type_of(column.name) {
                Some(_) if omitted.contains(&column.name) => "NULL".to_owned(),
                Some(stored) if expected.contains(&stored) => column.name.to_owned(),
                Some(_) => format!("{}::{}", column.name, expected[0]),
                None if column.base => return Err(RowError::row(format!("there is no column {}", column.name))),
                None => "NULL".to_owned(),
            });
        }
        let order = match (sort, self.type_of("address")) {
            (Sort::None | Sort::Here, _) => "",
            // A text order would put ::10 before ::9.
            (Sort::Server, Some("character varying")) => " ORDER BY address::inet",
            (Sort::Server, _) => " ORDER BY address",
        };
        let conditions = sql::conditions(filter, family, self);
        let select = format!("SELECT {} FROM {table}{conditions}{order}", terms.join(", "));
        Ok(format!("COPY ({select}) TO STDOUT (FORMAT binary)"))
    }

    fn type_of(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, kind)| kind.as_str())
    }
}

impl Dialect for Table {
    fn has(&self, column: &str) -> bool {
        self.type_of(column).is_some()
    }

    fn within(&self, range: &Range) -> Option<String> {
        match (range.first(), range.last()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                Some(format!("address BETWEEN {} AND {}", first.to_bits(), last.to_bits()))
            }
            // A text that is no address would end the whole query.
            _ if self.type_of("address") != Some("inet") => None,
            (first, last) => Some(format!("address BETWEEN inet '{first}' AND inet '{last}'")),
        }
    }

    fn begins(&self, column: &str, octets: &[u8]) -> String {
        format!("substring({column} FROM 1 FOR {}) = decode('{}', 'hex')", octets.len(), sql::hex(octets))
    }

    fn lower_hostname(&self) -> String {
        "lower(hostname COLLATE \"C\")".to_owned()
    }

    fn expire(&self) -> String {
        "extract(epoch FROM expire)".to_owned()
    }

    /// Its moments are moments, rounded to seconds here.
    fn leeway(&self) -> i64 {
        1
    }
}

/// Who brings the rows into order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    None,
    Server,
    Here,
}

impl LeaseSource for Postgres {
    fn visit(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited> {
        remark_on_newer("PostgreSQL", self.version, NEWEST, visitor);
        if let Some(rows) = self.table.rows.filter(|_| self.filter.is_empty()) {
            visitor.expect_rows(rows);
        }
        match self.family {
            Family::V4 => self.copy::<12, RowLayout4>(order, visitor),
            Family::V6 => self.copy::<18, RowLayout6>(order, visitor),
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
            backend: "postgresql",
            location: self.location.clone(),
            version: self.version.map(|version| version.to_string()),
        }
    }
}

/// What helps where the connection broke while rows came.
const LOST: &str = "run it again; the server's log may say why";

impl Postgres {
    /// What the server says instead of rows.
    fn reading_failed(&self, attempted: &str, family: Family, error: &tokio_postgres::Error) -> Error {
        let table = family.table();
        match error.as_db_error() {
            // A policy that hides rows is another matter.
            Some(said) if *said.code() == SqlState::INSUFFICIENT_PRIVILEGE && !said.message().contains("row-level") => {
                let user = self.database.login().unwrap_or_default();
                failure::no_right(&self.location, family, format!("GRANT SELECT ON {table} TO \"{user}\""))
            }
            _ => failure::error(attempted, words::explain(error, &self.database)),
        }
    }

    fn copy<const N: usize, L: RowLayout<N>>(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited> {
        let table = L::FAMILY.table();
        let sort = match order {
            Order::Stored => Sort::None,
            Order::Address if (1..=SORT_BUDGET).contains(&self.table.size) => Sort::Here,
            Order::Address => Sort::Server,
        };
        let attempted = format!("{}: reading {table}", self.location);
        let omitted = if self.omits_details { &DETAILS[..] } else { &[] };
        let query = self
            .table
            .query(L::FAMILY, &L::COLUMNS, omitted, &self.filter, sort)
            .map_err(|fault| Error::new(&attempted, fault).hint("check that it is Kea's database"))?;
        let failed = |cause: String| Error::new(&attempted, cause);
        let session = self.session.as_mut().ok_or_else(|| failed("the connection was closed".to_owned()))?;
        let mut leases = Leases::<N, L>::new(visitor);
        let read = match sort {
            Sort::None | Sort::Server => each_tuple(session, &query, &mut |fields| leases.take(fields)),
            Sort::Here => {
                let mut rows = Unordered::<L::Address>::new(self.table.rows.unwrap_or(0), self.table.size);
                each_tuple(session, &query, &mut |fields| {
                    rows.add(L::address(fields).ok(), fields);
                    rows.show_progress(leases.visitor);
                    Ok(Flow::Continue)
                })
                .and_then(|_| rows.hand_out::<N, L>(&mut leases))
            }
        };
        let visited = leases.visited;
        if !matches!(read, Ok(Flow::Continue)) {
            self.session.take().into_iter().for_each(Session::abandon);
        }
        read.map(|_| visited).map_err(|failure| match failure {
            Failure::Taker(error) => error,
            Failure::Stream(error) => failed(lost(&words::lost_stream(&error))).hint(LOST),
            Failure::Server(error) if error.as_db_error().is_some() => {
                self.reading_failed(&attempted, L::FAMILY, &error)
            }
            Failure::Server(error) => failed(lost(&words::lost(&error))).hint(LOST),
        })
    }
}

/// Hands each tuple of a COPY to `take`, until it has enough; says whether the stream was read to its end.
fn each_tuple<const N: usize>(
    session: &mut Session,
    query: &str,
    take: &mut dyn FnMut(&Fields<'_, N>) -> Result<Flow>,
) -> Result<Flow, Failure> {
    let mut stream = Stream::<N>::default();
    session.copy_out(query, |piece| stream.feed(piece, take))?.ok_or_else(cut_off)
}

/// Makes leases of tuples for a visitor.
struct Leases<'a, const N: usize, L> {
    visitor: &'a mut dyn Visitor,
    visited: Visited,
    layout: PhantomData<L>,
}

impl<'a, const N: usize, L: RowLayout<N>> Leases<'a, N, L> {
    fn new(visitor: &'a mut dyn Visitor) -> Self {
        Self { visitor, visited: Visited::default(), layout: PhantomData }
    }

    fn take(&mut self, fields: &Fields<'_, N>) -> Result<Flow> {
        self.take_at(L::address(fields), fields)
    }

    fn take_at(&mut self, address: Result<L::Address, RowError>, fields: &Fields<'_, N>) -> Result<Flow> {
        self.visited.seen += 1;
        let known = address.as_ref().ok().copied();
        let lease = address.and_then(|address| L::row(address, fields)?.lease());
        match lease {
            Ok(lease) => self.visitor.lease(&lease),
            Err(error) => {
                self.visited.malformed += 1;
                let place = RowPlace { family: L::FAMILY, address: known.map(Into::into) };
                self.visitor.bad_row(&place, &error).map(|()| Flow::Continue)
            }
        }
    }
}
