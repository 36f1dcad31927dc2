//! A table for people. The first rows say how wide the columns are; then it streams.
//!
//! On a terminal the columns are fitted into its width and cells too long are cut, which `…` shows. In a pipe nothing
//! is cut: a longer cell further down pushes its own line to the right. An empty cell is a dash, so that every line
//! has as many cells.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cells::{Cells, Moments};
use super::fit::{Fitted, GAP, Wish, fit};
use super::{Buffer, Column, LeaseWriter, ListContext, Mark, Row, Style, Written};
use crate::lease::{Family, Lease, LeaseStatus, OwnedLease};

/// How many rows are looked at before the first is written.
const SAMPLE: usize = 1000;

/// A row that waits.
type Kept = (OwnedLease, LeaseStatus, Mark);

/// The row of a kept lease.
fn row_of<'a>(lease: &'a Lease<'a>, (_, status, mark): &Kept) -> Row<'a> {
    Row { lease, status: *status, mark: *mark }
}

/// Writes a table for each family.
pub(super) struct Table<'a> {
    buffer: Buffer<'a>,
    style: Style,
    cells: Cells<'a>,
    family: Family,
    sample: Vec<Kept>,
    /// The columns, once they are known.
    layout: Option<Vec<Fitted>>,
    /// Whether there are lines already.
    is_begun: bool,
    cell: Vec<u8>,
}

impl<'a> Table<'a> {
    pub(super) fn new(style: Style, context: &'a ListContext, out: &'a mut dyn Write) -> Self {
        let cells = Cells::new(&style, context, true);
        let (sample, cell) = (Vec::new(), Vec::new());
        let buffer = Buffer::new(out);
        Self { buffer, style, cells, family: Family::V4, sample, layout: None, is_begun: false, cell }
    }

    /// Finds the widths, and writes the heading and the rows there are so far.
    fn settle(&mut self) -> io::Result<()> {
        let sample = std::mem::take(&mut self.sample);
        if sample.is_empty() {
            return Ok(());
        }
        let layout = self.lay_out(&sample);
        if self.is_begun {
            self.buffer.text.push(b'\n');
        }
        self.is_begun = true;
        if self.style.header {
            self.heading(&layout);
        }
        self.layout = Some(layout);
        for kept in &sample {
            let lease = kept.0.lease();
            self.write(&row_of(&lease, kept))?;
        }
        Ok(())
    }

    fn lay_out(&mut self, sample: &[Kept]) -> Vec<Fitted> {
        let usual = || Column::USUAL.into_iter().filter(|column| self.style.shows_state || *column != Column::State);
        let columns = self.style.columns.clone().unwrap_or_else(|| usual().collect());
        let mut wishes = self.wishes(&columns, sample);
        let marks = if self.style.has_marks { GAP } else { 0 };
        let Some(width) = self.style.width.map(|width| width.saturating_sub(marks)) else {
            return wishes
                .iter()
                .map(|wish| Fitted { column: wish.column, width: wish.natural.min(wish.column.most()) })
                .collect();
        };
        let dispensable = match (self.style.may_drop, self.style.is_history) {
            (true, true) => &Column::DISPENSABLE_IN_HISTORY[..],
            (true, false) => &Column::DISPENSABLE,
            (false, _) => &[],
        };
        if !dispensable.is_empty() && sample.len() < SAMPLE {
            wishes.retain(|wish| wish.natural > 0 || wish.column == Column::Address);
        }
        // The last to try is what is left if nothing fits.
        for moments in [Moments::Full, Moments::Short, Moments::Brief] {
            self.cells.moments = moments;
            let columns: Vec<_> = wishes.iter().map(|wish| wish.column).collect();
            wishes = self.wishes(&columns, sample);
            let needed: usize = wishes.iter().map(|wish| wish.wanted(moments) + GAP).sum();
            if needed <= width + GAP {
                break;
            }
        }
        for wish in wishes.iter_mut().filter(|wish| wish.natural == 0) {
            wish.natural = if self.style.header { wish.column.heading(self.family).len() } else { 1 };
            wish.least = wish.natural;
        }
        fit(wishes, width, dispensable)
    }

    /// How wide the columns would be; a column without any content is 0 wide on a terminal.
    fn wishes(&mut self, columns: &[Column], sample: &[Kept]) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for &column in columns {
            let mut widest = 0;
            for kept in sample {
                self.cell.clear();
                let lease = kept.0.lease();
                self.cells.write(column, &row_of(&lease, kept), &mut self.cell);
                widest = widest.max(width_of(&self.cell));
            }
            let heading = if self.style.header { column.heading(self.family).len() } else { 1 };
            let natural = if widest == 0 && self.style.width.is_some() { 0 } else { widest.max(heading) };
            wishes.push(Wish { column, natural, least: column.least().map_or(natural, |least| least.min(natural)) });
        }
        wishes
    }

    fn heading(&mut self, layout: &[Fitted]) {
        let text = &mut self.buffer.text;
        let start = text.len();
        if self.style.has_marks {
            text.extend_from_slice(b"  ");
        }
        for (index, fitted) in layout.iter().enumerate() {
            let heading = fitted.column.heading(self.family).as_bytes();
            self.cell.clear();
            self.cell.extend_from_slice(heading);
            place(&mut self.cell, *fitted, self.style.width.is_some(), index + 1 == layout.len(), text);
        }
        trim(start, text);
        if self.style.color {
            text.splice(start..start, *b"\x1b[1m");
            text.extend_from_slice(b"\x1b[0m");
        }
        text.push(b'\n');
    }

    fn write(&mut self, row: &Row<'_>) -> io::Result<()> {
        let Some(layout) = &self.layout else { return Ok(()) };
        let text = &mut self.buffer.text;
        let start = text.len();
        if self.style.has_marks {
            write_mark(row.mark, self.style.color, text);
        }
        for (index, fitted) in layout.iter().enumerate() {
            self.cell.clear();
            self.cells.write(fitted.column, row, &mut self.cell);
            let color = if self.style.color { color_of(fitted.column, row, &self.cell) } else { "" };
            let at = text.len();
            place(&mut self.cell, *fitted, self.style.width.is_some(), index + 1 == layout.len(), text);
            if !color.is_empty() {
                text.splice(at..at, color.bytes());
                text.extend_from_slice(b"\x1b[0m");
            }
        }
        trim(start, text);
        text.push(b'\n');
        self.buffer.relieve()
    }
}

impl LeaseWriter for Table<'_> {
    fn begin(&mut self, family: Family) -> io::Result<()> {
        self.settle()?;
        self.layout = None;
        self.cells.moments = Moments::Full;
        self.family = family;
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        if self.layout.is_some() {
            self.write(row)?;
        } else {
            self.sample.push((OwnedLease::from(row.lease), row.status, row.mark));
            if self.sample.len() == SAMPLE {
                self.settle()?;
            }
        }
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.settle()?;
        self.buffer.finish()
    }
}

/// Appends a cell to a line, filled up to its column's width, or cut to it.
fn place(cell: &mut Vec<u8>, fitted: Fitted, may_cut: bool, is_last: bool, line: &mut Vec<u8>) {
    if cell.is_empty() {
        cell.push(b'-');
    }
    let mut width = width_of(cell);
    if may_cut && width > fitted.width && fitted.column.least().is_some() {
        cut(cell, fitted.width);
        width = width_of(cell);
    }
    let blanks = fitted.width.saturating_sub(width);
    if fitted.column.is_number() {
        line.resize(line.len() + blanks, b' ');
    }
    line.extend_from_slice(cell);
    if is_last {
        return;
    }
    let padding = if fitted.column.is_number() { 0 } else { blanks };
    line.resize(line.len() + padding + GAP, b' ');
}

/// Cuts a cell to `width`, the last place being the sign for that.
pub(super) fn cut(cell: &mut Vec<u8>, width: usize) {
    let text = String::from_utf8_lossy(cell);
    let mut left = width.saturating_sub(1);
    let kept: String = text
        .chars()
        .take_while(|c| {
            let fits = left.checked_sub(c.width().unwrap_or(0));
            left = fits.unwrap_or(0);
            fits.is_some()
        })
        .collect();
    *cell = (kept + "…").into_bytes();
}

fn trim(start: usize, line: &mut Vec<u8>) {
    while line.len() > start && line.last() == Some(&b' ') {
        line.pop();
    }
}

/// The places a cell takes on a terminal.
pub(super) fn width_of(cell: &[u8]) -> usize {
    if cell.is_ascii() { cell.len() } else { String::from_utf8_lossy(cell).width() }
}

fn write_mark(mark: Mark, is_colored: bool, line: &mut Vec<u8>) {
    let (sign, color) = match mark {
        Mark::None => return line.extend_from_slice(b"  "),
        Mark::New => ("+", "\x1b[32m"),
        Mark::Changed => ("~", "\x1b[33m"),
        Mark::Gone => ("-", "\x1b[31m"),
    };
    let sign = if is_colored { format!("{color}{sign}\x1b[0m ") } else { format!("{sign} ") };
    line.extend_from_slice(sign.as_bytes());
}

/// What is unusual gets a colour.
fn color_of(column: Column, row: &Row<'_>, cell: &[u8]) -> &'static str {
    match (column, row.status) {
        (Column::State, LeaseStatus::Declined) => "\x1b[31m",
        (Column::State, LeaseStatus::Active) => "",
        (Column::State, _) => "\x1b[33m",
        (Column::Vendor, _) if cell == super::cells::LOCAL.as_bytes() => "\x1b[2m",
        _ => "",
    }
}
