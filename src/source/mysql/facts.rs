//! Facts about a database: version, schema, zone, size.

use mysql::prelude::Queryable as _;

use super::connect;
use crate::error::Result;
use crate::source::database::{Database, DatabaseFacts};

/// What is asked, each with its name and one column of text.
const QUESTIONS: [(&str, &str); 8] = [
    ("server", "SELECT CONCAT(VERSION(), ' ', @@version_comment)"),
    ("schema", "SELECT CONCAT(version, '.', COALESCE(minor, 0)) FROM schema_version LIMIT 1"),
    ("zone of the session", "SELECT CAST(@@session.time_zone AS CHAR)"),
    ("zone of the server's system", "SELECT CAST(@@system_time_zone AS CHAR)"),
    ("local time", "SELECT CAST(NOW() AS CHAR)"),
    ("time in UTC", "SELECT CAST(UTC_TIMESTAMP() AS CHAR)"),
    (
        "size in bytes",
        "SELECT CAST(SUM(data_length + index_length) AS CHAR) FROM information_schema.tables WHERE table_schema = DATABASE()",
    ),
    ("connections", "SELECT CONCAT(COUNT(*), ' of ', @@max_connections) FROM information_schema.processlist"),
];

/// What the server says.
pub(in crate::source) fn facts(database: &Database) -> Result<(String, DatabaseFacts)> {
    let (mut conn, location) = connect::connect(database)?;
    let mut facts = DatabaseFacts::new();
    for (name, question) in QUESTIONS {
        let answer = conn.query_first::<Option<String>, _>(question);
        let text = match answer {
            Ok(row) => row.flatten().unwrap_or_else(|| "nothing".to_owned()),
            Err(mysql::Error::MySqlError(error)) => format!("not known: {}", error.message),
            Err(_) => "not known".to_owned(),
        };
        facts.push((name.to_owned(), text));
    }
    let sizes = "SELECT table_name, CAST(COALESCE(table_rows, 0) AS CHAR), CAST(COALESCE(data_length + index_length, 0) AS CHAR) \
         FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name";
    for (table, rows, bytes) in conn.query::<(String, String, String), _>(sizes).unwrap_or_default() {
        facts.push((format!("table {table}"), format!("about {rows} rows, {bytes} bytes")));
    }
    Ok((location, facts))
}
