//! The columns of the scripts that people listed leases with before: bars between them, the number of leases on top.
//!
//! That number is known only at the end, so the lines wait in memory.

use std::io::{self, Write};

use super::cells::Cells;
use super::{Buffer, Column, LeaseWriter, ListContext, Row, Style, Written};
use crate::lease::Family;

const COLUMNS: [(Column, &str, usize); 7] = [
    (Column::Address, "IP Address", 15),
    (Column::Hostname, "Hostname", 24),
    (Column::HwAddr, "HW Addr", 17),
    (Column::Client, "Client-ID", 20),
    (Column::SubnetId, "Subnet ID", 9),
    (Column::Lifetime, "lifetime", 8),
    (Column::Expires, "expire", 0),
];

/// Writes lines between bars.
pub(super) struct Classic<'a> {
    buffer: Buffer<'a>,
    cells: Cells<'a>,
    family: Option<Family>,
    header: bool,
    lines: Vec<u8>,
    rows: u64,
    cell: Vec<u8>,
}

impl<'a> Classic<'a> {
    pub(super) fn new(style: &Style, context: &'a ListContext, out: &'a mut dyn Write) -> Self {
        let cells = Cells::new(style, context, false);
        let (lines, cell) = (Vec::new(), Vec::new());
        Self { buffer: Buffer::new(out), cells, family: None, header: style.header, lines, rows: 0, cell }
    }

    /// Writes the lines there are.
    fn settle(&mut self) -> io::Result<()> {
        let Some(family) = self.family else { return Ok(()) };
        if self.header {
            writeln!(self.buffer.text, "{family} leases:  {}", self.rows)?;
            for (index, (_, name, width)) in COLUMNS.iter().enumerate() {
                place(name.as_bytes(), *width, index, &mut self.buffer.text);
            }
            self.buffer.text.push(b'\n');
        }
        self.buffer.text.append(&mut self.lines);
        self.rows = 0;
        self.buffer.relieve()
    }
}

fn place(cell: &[u8], width: usize, index: usize, line: &mut Vec<u8>) {
    if index > 0 {
        line.extend_from_slice(b" | ");
    }
    let start = line.len();
    for octet in cell {
        match octet {
            // A reader that splits at the bars must find no more columns than there are.
            b'|' => line.extend_from_slice(b"\\u{7c}"),
            octet => line.push(*octet),
        }
    }
    line.resize(line.len().max(start + width), b' ');
}

impl LeaseWriter for Classic<'_> {
    fn begin(&mut self, family: Family) -> io::Result<()> {
        self.settle()?;
        self.family = Some(family);
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        for (index, (column, _, width)) in COLUMNS.iter().enumerate() {
            self.cell.clear();
            self.cells.write(*column, row, &mut self.cell);
            place(&self.cell, *width, index, &mut self.lines);
        }
        self.lines.push(b'\n');
        self.rows += 1;
        Ok(Written::Row)
    }

    /// Their number is not known.
    fn break_off(&mut self) {
        if self.rows == 0 {
            self.family = None;
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.settle()?;
        self.buffer.finish()
    }
}
