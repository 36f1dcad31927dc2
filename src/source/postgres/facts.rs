//! Facts about a database: version, schema, zone, size.

use super::connect;
use crate::error::Result;
use crate::source::database::{Database, DatabaseFacts};

/// What is asked, each with its name and one column of text.
const QUESTIONS: [(&str, &str); 6] = [
    ("server", "SELECT version()::text"),
    ("schema", "SELECT version::text || '.' || coalesce(minor, 0)::text FROM schema_version LIMIT 1"),
    ("zone of the session", "SELECT current_setting('TimeZone')::text"),
    ("local time", "SELECT now()::text"),
    ("size in bytes", "SELECT pg_database_size(current_database())::text"),
    ("connections", "SELECT count(*)::text || ' of ' || current_setting('max_connections') FROM pg_stat_activity"),
];

/// What the server says.
pub(in crate::source) fn facts(database: &Database) -> Result<(String, DatabaseFacts)> {
    let (mut session, location) = connect::connect(database)?;
    let mut facts = DatabaseFacts::new();
    for (name, question) in QUESTIONS {
        let text = match session.query_opt(question, &[]) {
            Ok(row) => row.and_then(|row| row.try_get::<_, String>(0).ok()).unwrap_or_else(|| "nothing".to_owned()),
            Err(error) => format!("not known: {}", error.as_db_error().map_or("no answer", |error| error.message())),
        };
        facts.push((name.to_owned(), text));
    }
    let sizes = "SELECT relname::text, reltuples::bigint::text, pg_total_relation_size(oid)::text FROM pg_class \
         WHERE relkind = 'r' AND relnamespace = to_regnamespace('public') ORDER BY relname";
    for row in session.query(sizes, &[]).unwrap_or_default() {
        let text = |at: usize| row.try_get::<_, String>(at).unwrap_or_default();
        facts.push((format!("table {}", text(0)), format!("about {} rows, {} bytes", text(1), text(2))));
    }
    Ok((location, facts))
}
