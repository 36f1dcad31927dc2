//! CSV after RFC 4180. Lengths of time are in seconds, moments in RFC 3339, and no cell is a formula.

use std::io::{self, Write};

use super::cells::Cells;
use super::{Column, ListStyle, ListWriter, Lore, Row};
use crate::lease::Family;
use crate::output::csv::defused;
use crate::output::{Buffered, Written};

/// Writes CSV.
pub(super) struct Csv<'a> {
    buffer: Buffered<'a>,
    columns: Vec<Column>,
    cells: Cells<'a>,
    cell: Vec<u8>,
    header: bool,
}

impl<'a> Csv<'a> {
    pub(super) fn new(style: ListStyle, lore: &'a Lore, out: &'a mut dyn Write) -> Self {
        let cells = Cells::new(&style, lore, false);
        let columns = style.columns.unwrap_or_else(Column::all);
        Self { buffer: Buffered::new(out), columns, cells, cell: Vec::new(), header: style.header }
    }

    fn head(&mut self) {
        if std::mem::take(&mut self.header) {
            let names: Vec<_> = self.columns.iter().map(|column| column.name()).collect();
            self.buffer.text.extend_from_slice(names.join(",").as_bytes());
            self.buffer.text.extend_from_slice(b"\r\n");
        }
    }
}

impl ListWriter for Csv<'_> {
    fn begin(&mut self, _family: Family) -> io::Result<()> {
        self.head();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                self.buffer.text.push(b',');
            }
            self.cell.clear();
            self.cells.write(*column, row, &mut self.cell);
            match std::str::from_utf8(&self.cell) {
                Ok(text) if column.is_foreign() => quote(defused(text).as_bytes(), &mut self.buffer.text),
                _ => quote(&self.cell, &mut self.buffer.text),
            }
        }
        self.buffer.text.extend_from_slice(b"\r\n");
        self.buffer.relieve()?;
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.head();
        self.buffer.finish()
    }
}

/// Appends a cell, in quotes where it needs them.
fn quote(cell: &[u8], out: &mut Vec<u8>) {
    if !cell.iter().any(|octet| matches!(octet, b',' | b'"' | b'\r' | b'\n')) {
        return out.extend_from_slice(cell);
    }
    out.push(b'"');
    for octet in cell {
        if *octet == b'"' {
            out.push(b'"');
        }
        out.push(*octet);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_only_where_it_must_be() {
        let quoted = |cell: &str| {
            let mut out = Vec::new();
            quote(cell.as_bytes(), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(quoted("plain text"), "plain text");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"a\""), "\"say \"\"a\"\"\"");
    }
}
