//! CSV after RFC 4180. Lengths of time are in seconds, moments in RFC 3339, and no cell is a formula.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula. Clients choose host names and parts
//! of contexts, so such a cell gets an apostrophe in front, which spreadsheets take as "this is text".

use std::io::{self, Write};

use super::cells::Cells;
use super::{Buffer, Column, LeaseWriter, ListContext, Row, Style, View, Written};
use crate::lease::Family;
use crate::output::csv_cause;
use crate::text::defused;

/// Writes CSV.
pub(super) struct Csv<'a> {
    writer: csv::Writer<&'a mut dyn Write>,
    /// The columns with their names; empty until the family is known.
    columns: Vec<(Column, &'static str)>,
    view: View,
    chosen: Option<Vec<Column>>,
    cells: Cells<'a>,
    cell: Vec<u8>,
    header: bool,
}

impl<'a> Csv<'a> {
    pub(super) fn new(style: Style, context: &'a ListContext, out: &'a mut dyn Write) -> Self {
        let writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(Buffer::FULL).from_writer(out);
        let cells = Cells::new(&style, context, false);
        let Style { view, columns: chosen, header, .. } = style;
        Self { writer, columns: Vec::new(), view, chosen, cells, cell: Vec::new(), header }
    }
}

impl LeaseWriter for Csv<'_> {
    fn begin(&mut self, family: Family) -> io::Result<()> {
        self.columns = match (&self.chosen, self.view) {
            (Some(chosen), _) => named(chosen),
            (None, View::Stored) => Column::of_dump(family).to_vec(),
            (None, View::Present) => named(&Column::all()),
        };
        if std::mem::take(&mut self.header) {
            self.writer.write_record(self.columns.iter().map(|(_, name)| name)).map_err(csv_cause)?;
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        for (column, _) in &self.columns {
            self.cell.clear();
            self.cells.write(*column, row, &mut self.cell);
            match std::str::from_utf8(&self.cell) {
                Ok(text) if column.is_foreign() => self.writer.write_field(defused(text).as_bytes()),
                _ => self.writer.write_field(&self.cell),
            }
            .map_err(csv_cause)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(csv_cause)?;
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

fn named(columns: &[Column]) -> Vec<(Column, &'static str)> {
    columns.iter().map(|column| (*column, column.name())).collect()
}
