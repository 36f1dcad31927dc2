//! A table that leaves out columns, the least useful first, until it fits.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::cell::{Cell, fitted, fitted_name};
use super::frame_options::{FrameOptions, bold, selected};

/// Between two columns.
const GAP: usize = 2;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    /// The higher, the longer it stays when there is less room.
    pub(super) worth: u8,
    /// Whether it is aligned to the right, as numbers are.
    pub(super) is_right: bool,
    /// It is of no use with fewer columns of the screen than this.
    pub(super) least: usize,
    /// Whether it has names, which are cut in their middle.
    pub(super) has_names: bool,
    /// Whether it has its place in a live view before there is anything in it.
    pub(super) stays: bool,
}

impl Column {
    pub(super) const fn left(title: &'static str, worth: u8, least: usize) -> Self {
        Self { title, worth, is_right: false, least, has_names: false, stays: false }
    }

    pub(super) const fn names(title: &'static str, worth: u8, least: usize) -> Self {
        Self { title, worth, is_right: false, least, has_names: true, stays: false }
    }

    pub(super) const fn right(title: &'static str, worth: u8) -> Self {
        Self { title, worth, is_right: true, least: 0, has_names: false, stays: false }
    }

    pub(super) const fn staying(self) -> Self {
        Self { stays: true, ..self }
    }
}

/// A heading, and rows of as many cells as there are columns.
pub(super) struct Table<'a> {
    pub(super) columns: &'a [Column],
    pub(super) rows: Vec<Vec<Cell>>,
    /// The selected one of these rows.
    pub(super) selected: Option<usize>,
}

impl Table<'_> {
    /// The lines, the heading first.
    pub(super) fn lines(&self, look: FrameOptions) -> Vec<Line<'static>> {
        let widths = self.widths(usize::from(look.width));
        let heading: Vec<Cell> = self.columns.iter().map(|column| Cell::styled(column.title, bold())).collect();
        let mut lines = vec![self.line(&heading, &widths, look, None)];
        for (index, row) in self.rows.iter().enumerate() {
            let style = (self.selected == Some(index)).then(selected);
            lines.push(self.line(row, &widths, look, style));
        }
        lines
    }

    fn line(&self, row: &[Cell], widths: &[Option<usize>], look: FrameOptions, whole: Option<Style>) -> Line<'static> {
        let mut spans = Vec::new();
        let mut used = 0;
        for ((cell, column), width) in row.iter().zip(self.columns).zip(widths) {
            let Some(width) = width else { continue };
            if !spans.is_empty() {
                spans.push(Span::raw(" ".repeat(GAP)));
                used += GAP;
            }
            let text = if column.has_names {
                fitted_name(&cell.text, *width, look.is_ascii)
            } else {
                fitted(&cell.text, *width, column.is_right, look.is_ascii)
            };
            spans.push(Span::styled(text, cell.style));
            used += width;
        }
        let Some(style) = whole else { return Line::from(spans) };
        // The whole line is marked.
        spans.push(Span::raw(" ".repeat(usize::from(look.width).saturating_sub(used))));
        Line::from(spans).style(style)
    }

    /// The widths of the columns that fit into `room`.
    fn widths(&self, room: usize) -> Vec<Option<usize>> {
        let wanted = |index: usize| {
            let cells = self.rows.iter().map(|row| row[index].width());
            cells.chain([self.columns[index].title.width()]).max().unwrap_or(0)
        };
        let wanted: Vec<usize> = (0..self.columns.len()).map(wanted).collect();
        let has_its_place = |index: usize| self.columns[index].stays && self.selected.is_some();
        let has_text = |index: usize| self.rows.iter().any(|row| !matches!(row[index].text.trim(), "" | "-"));
        let is_used = |index: usize| has_its_place(index) || has_text(index);
        let mut order: Vec<usize> = (0..self.columns.len()).filter(|index| is_used(*index)).collect();
        order.sort_by_key(|index| std::cmp::Reverse(self.columns[*index].worth));
        let mut widths = vec![None; self.columns.len()];
        let mut used = 0;
        for index in &order {
            let gap = if used == 0 { 0 } else { GAP };
            let least = if self.columns[*index].least == 0 { wanted[*index] } else { self.columns[*index].least };
            let least = least.min(wanted[*index]);
            if used + gap + least <= room || used == 0 {
                widths[*index] = Some(least.min(room));
                used += gap + least;
            }
        }
        for index in order {
            if let Some(width) = &mut widths[index] {
                let more = wanted[index].saturating_sub(*width).min(room.saturating_sub(used));
                *width += more;
                used += more;
            }
        }
        widths
    }
}

/// The first row that is shown, so that the selected one is among them.
pub(super) fn first_row(cursor: usize, room: usize) -> usize {
    (cursor + 1).saturating_sub(room)
}

#[cfg(test)]
mod tests {
    use super::super::Zone;
    use super::super::frame_options::Colors;
    use super::*;

    const COLUMNS: [Column; 3] = [Column::left("NAME", 9, 6), Column::right("COUNT", 1), Column::right("SIZE", 5)];

    fn text(width: u16) -> Vec<String> {
        let row = |cells: [&str; 3]| cells.map(Cell::new).to_vec();
        let rows = vec![row(["a-long-name", "1", "20"]), row(["b", "100", "3"])];
        let look = FrameOptions {
            width,
            height: 9,
            colors: Colors::None,
            is_ascii: true,
            zone: Zone::from_variable(Some("UTC")),
        };
        let lines = Table { columns: &COLUMNS, rows, selected: None }.lines(look);
        lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect()
    }

    #[test]
    fn columns_of_less_worth_are_left_out_first() {
        assert_eq!(text(40), ["NAME         COUNT  SIZE", "a-long-name      1    20", "b              100     3"]);
        assert_eq!(text(20), ["NAME     COUNT  SIZE", "a-long~      1    20", "b          100     3"]);
        assert_eq!(text(14), ["NAME      SIZE", "a-long-~    20", "b            3"]);
        assert_eq!(text(5), ["NAME", "a-lo~", "b"]);
    }
}
