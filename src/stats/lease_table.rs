//! The table in an answer to stat-lease4-get or stat-lease6-get.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::number::Number;
use crate::family::Family;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Arguments {
    result_set: ResultSet,
}

#[derive(Deserialize)]
struct ResultSet {
    columns: Vec<String>,
    rows: Rows,
}

/// The cells of all rows, and where each row ends.
#[derive(Default)]
struct Rows {
    cells: Vec<Number>,
    ends: Vec<usize>,
}

/// Calls `each` with every subnet, statistic and value. `is_apart` says that "assigned" has no declined leases in it.
pub(super) fn each(arguments: &str, family: Family, is_apart: bool, each: &mut dyn FnMut(u32, &str, f64)) {
    let Ok(Arguments { result_set: ResultSet { columns, rows } }) = serde_json::from_str(arguments) else { return };
    let assigned = match family {
        Family::V4 => "assigned-addresses",
        Family::V6 => "assigned-nas",
    };
    let names: Vec<&str> = columns.iter().map(|column| statistic(column)).collect();
    let first = |name: &str| names.iter().position(|other| *other == name);
    // A name that comes twice has the value of the first.
    let places: Vec<(&str, usize)> = names.iter().filter_map(|name| Some((*name, first(name)?))).collect();
    let (subnet_id, declined) = (first("subnet-id"), first("declined-addresses"));
    let mut start = 0;
    for end in rows.ends {
        let row = &rows.cells[start..end];
        start = end;
        let value = |place: usize| row.get(place)?.0;
        let Some(subnet) = subnet_id.and_then(value).and_then(whole) else { continue };
        let apart = declined.filter(|_| is_apart).and_then(value).unwrap_or(0.0);
        for (name, place) in &places {
            match value(*place) {
                Some(_) if *name == "subnet-id" => {}
                Some(count) if *name == assigned => each(subnet, name, count + apart),
                Some(count) => each(subnet, name, count),
                None => {}
            }
        }
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowsVisitor;

        impl<'de> Visitor<'de> for RowsVisitor {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("rows")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Rows, A::Error> {
                let mut all = Rows::default();
                while rows.next_element_seed(Row(&mut all.cells))?.is_some() {
                    all.ends.push(all.cells.len());
                }
                Ok(all)
            }
        }

        deserializer.deserialize_seq(RowsVisitor)
    }
}

/// Where the cells of a row go.
struct Row<'a>(&'a mut Vec<Number>);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        while let Some(cell) = cells.next_element()? {
            self.0.push(cell);
        }
        Ok(())
    }
}

/// The statistic of a column. Kea 2.2 has a name of its own for one of them.
fn statistic(column: &str) -> &str {
    if column == "declined-nas" { "declined-addresses" } else { column }
}

fn whole(value: f64) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked to be in range")]
    (value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value)).then_some(value as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str, family: Family, is_apart: bool) -> Vec<(u32, String, f64)> {
        let mut found = Vec::new();
        each(arguments, family, is_apart, &mut |subnet, name, value| found.push((subnet, name.to_owned(), value)));
        found
    }

    #[test]
    fn declined_leases_are_assigned_too() {
        let table =
            r#"{"result-set": {"columns": ["subnet-id", "assigned-nas", "declined-nas"], "rows": [[7, 4, 3]]}}"#;
        let found = |is_apart| read(table, Family::V6, is_apart)[0].clone();
        assert_eq!(found(true), (7, "assigned-nas".to_owned(), 7.0));
        assert_eq!(found(false), (7, "assigned-nas".to_owned(), 4.0));
        assert_eq!(read(table, Family::V6, true)[1].1, "declined-addresses");
    }

    #[test]
    fn rows_that_say_nothing_are_left_out() {
        let table = r#"{"result-set": {"columns": ["subnet-id", "total-addresses", "x"],
            "rows": [[], [1], [2, -1], [3, null, 5], [1.5, 2], [-1, 2], [4294967296, 2]]}}"#;
        assert_eq!(read(table, Family::V4, true), [(3, "x".to_owned(), 5.0)]);
        for odd in ["", "null", "{}", r#"{"result-set": {"columns": 1, "rows": []}}"#] {
            assert_eq!(read(odd, Family::V4, true), []);
        }
    }
}
