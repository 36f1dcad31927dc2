//! What stands in a column of a test's row, and what of it the dump has to show.

use std::fmt::Write as _;

use kea_tools::lease::Family;

use super::DatabaseKind;
use super::schema::Schema;

/// The end of every lease that says nothing else: a Kea in 2026 gave it for an hour.
pub(crate) const EXPIRE: i64 = 1_790_000_000;

/// A value in SQL.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    Null,
    Number(i64),
    Flag(bool),
    Octets(Vec<u8>),
    Text(&'static str),
    /// Epoch seconds.
    Moment(i64),
    /// As it stands.
    Sql(&'static str),
}

impl Stored {
    pub(crate) fn sql(&self, kind: DatabaseKind) -> String {
        match (self, kind) {
            (Self::Null, _) => "NULL".to_owned(),
            (Self::Number(number), _) => number.to_string(),
            (Self::Flag(flag), _) => flag.to_string(),
            (Self::Octets(octets), DatabaseKind::Postgresql) => format!("decode('{}', 'hex')", hex(octets)),
            (Self::Octets(octets), DatabaseKind::Mysql) => format!("x'{}'", hex(octets)),
            (Self::Text(text), DatabaseKind::Postgresql) => {
                format!("convert_from(decode('{}', 'hex'), 'UTF8')", hex(text.as_bytes()))
            }
            (Self::Text(text), DatabaseKind::Mysql) => format!("CONVERT(x'{}' USING utf8mb4)", hex(text.as_bytes())),
            (Self::Moment(epoch), DatabaseKind::Postgresql) => format!("to_timestamp({epoch})"),
            (Self::Moment(epoch), DatabaseKind::Mysql) => format!("FROM_UNIXTIME({epoch})"),
            (Self::Sql(sql), _) => (*sql).to_owned(),
        }
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut hex, octet| {
        let _ = write!(hex, "{octet:02x}");
        hex
    })
}

/// `02:00:5e` of the octets.
pub(crate) fn colon_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

/// A column: its name, what is stored, what the lease file shows.
pub(crate) type Column = (&'static str, Stored, String);

pub(crate) fn column(name: &'static str, stored: Stored, shown: &str) -> Column {
    (name, stored, shown.to_owned())
}

/// What becomes of a row.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It stands in the dump.
    Dumped,
    /// It is named on stderr with this, and left out.
    Refused(&'static str),
    /// It is left out in silence: the lease file would read it as a deletion.
    LeftOut,
}

/// A row that a test puts into a table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What is wrong or odd about it, for whoever reads the test.
    pub(crate) about: &'static str,
    pub(crate) address: &'static str,
    /// What differs from the ordinary lease.
    pub(crate) columns: Vec<Column>,
    pub(crate) fate: Fate,
    /// Which schemas can hold the row, and hold it so that its fate is this one.
    pub(crate) holds: fn(Schema) -> bool,
}

pub(crate) fn row(about: &'static str, address: &'static str, columns: Vec<Column>) -> Row {
    Row { about, address, columns, fate: Fate::Dumped, holds: |_| true }
}

impl Row {
    pub(crate) fn refused(self, why: &'static str) -> Self {
        Self { fate: Fate::Refused(why), ..self }
    }

    pub(crate) fn left_out(self) -> Self {
        Self { fate: Fate::LeftOut, ..self }
    }

    pub(crate) fn only(self, holds: fn(Schema) -> bool) -> Self {
        Self { holds, ..self }
    }

    /// The columns of the table with what is stored, and the line of the lease file.
    pub(crate) fn make(
        &self,
        schema: Schema,
        family: Family,
        ordinary: &[Column],
    ) -> (Vec<(&'static str, String)>, String) {
        let mut stored = Vec::new();
        let mut line = vec![self.address.to_owned()];
        for (name, usual, usually_shown) in ordinary {
            if !schema.has(family, name) {
                line.push(neutral(name).to_owned());
                continue;
            }
            let own = self.columns.iter().find(|(own, ..)| own == name);
            let (value, shown) = own.map_or((usual, usually_shown), |(_, value, shown)| (value, shown));
            stored.push((*name, value.sql(schema.kind)));
            line.push(shown.clone());
        }
        (stored, line.join(","))
    }
}

/// What a lease file shows of a column that the schema does not have.
fn neutral(column: &str) -> &'static str {
    if matches!(column, "state" | "pool_id") { "0" } else { "" }
}

pub(crate) fn is_postgresql(schema: Schema) -> bool {
    schema.kind == DatabaseKind::Postgresql
}

pub(crate) fn is_mysql(schema: Schema) -> bool {
    schema.kind == DatabaseKind::Mysql
}
