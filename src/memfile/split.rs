//! From a row of a lease file to its fields.

use super::Header;
use crate::lease::RowError;
use crate::text::count;

/// A row in pieces.
pub(super) struct Fields<'a> {
    row: &'a [u8],
    /// Where each field ends; what a newer Kea appended is not looked at.
    ends: [usize; MOST_COLUMNS],
    count: usize,
    /// Whether there is an `&`, so that there may be an escape.
    pub(super) may_have_escapes: bool,
}

const MOST_COLUMNS: usize = 18;

impl<'a> Fields<'a> {
    /// How many columns the row has.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether the row has this column. A server that meets an old header appends rows with all columns below it.
    pub(super) fn has(&self, column: usize) -> bool {
        column < self.count
    }

    /// The text of a column; empty if the row does not have it.
    pub(super) fn get(&self, column: usize) -> &'a [u8] {
        if !self.has(column) {
            return b"";
        }
        let start = if column == 0 { 0 } else { self.ends[column - 1] + 1 };
        &self.row[start..self.ends[column]]
    }
}

/// The fields of a row.
pub(super) fn split(row: &[u8], header: Header) -> Result<Fields<'_>, RowError> {
    let may_have_escapes = memchr::memchr(b'&', row).is_some();
    let mut fields = Fields { row, ends: [0; MOST_COLUMNS], count: 0, may_have_escapes };
    let mut end_field = |comma: usize| {
        if let Some(end) = fields.ends.get_mut(fields.count) {
            *end = comma;
            fields.count += 1;
        }
    };
    each_comma(row, &mut end_field);
    end_field(row.len());
    if fields.count < header.least_columns() {
        let found = count(fields.count as u64, "column");
        return Err(RowError::row(format!("{found} where the header has {}", header.columns + header.surplus())));
    }
    Ok(fields)
}

/// Finds the position of each comma. Eight octets are examined in one step: commas are so close to each other that a
/// search for the next one takes longer to begin than to find it.
fn each_comma(row: &[u8], tell: &mut impl FnMut(usize)) {
    const COMMAS: u64 = u64::from_ne_bytes([b','; 8]);
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    let (chunks, rest) = row.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        // A comma becomes a zero octet; of those, and of no other, the top bit is then set.
        let octets = u64::from_le_bytes(*chunk) ^ COMMAS;
        let mut commas = !(((octets & LOW) + LOW) | octets | LOW);
        while commas != 0 {
            tell(index * 8 + commas.trailing_zeros() as usize / 8);
            commas &= commas - 1;
        }
    }
    for (index, _) in rest.iter().enumerate().filter(|(_, octet)| **octet == b',') {
        tell(chunks.len() * 8 + index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_comma_is_found(row in proptest::collection::vec(prop_oneof![Just(b','), Just(b'-'), any::<u8>()], 0..60)) {
            let mut found = Vec::new();
            each_comma(&row, &mut |at| found.push(at));
            let expected: Vec<_> = row.iter().enumerate().filter(|(_, octet)| **octet == b',').map(|(at, _)| at).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
