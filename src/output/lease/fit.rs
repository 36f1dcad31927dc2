//! Which columns a terminal has room for, and how wide they are.

use super::Column;
use super::cells::Moments;

/// Blanks between two columns.
pub(super) const GAP: usize = 2;

/// A column as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fitted {
    pub(super) column: Column,
    /// Cells are filled up to this width.
    pub(super) width: usize,
}

/// A column, the width of its widest cell and the least it can do with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) column: Column,
    pub(super) natural: usize,
    pub(super) least: usize,
}

impl Wish {
    fn least(&self) -> usize {
        self.least
    }

    /// The width at which hardly a host name is cut.
    fn comfortable(&self) -> usize {
        if self.column == Column::Hostname { self.natural.min(24) } else { self.least }
    }

    /// The width it should have for moments to be told like that: all of it for full moments; for short ones what it
    /// can do with, if it is no column that can be spared.
    pub(super) fn wanted(&self, moments: Moments) -> usize {
        match moments {
            Moments::Full => self.natural,
            _ if Column::SPARED_FIRST.contains(&self.column) => 0,
            _ => self.least,
        }
    }
}

/// Fits columns into `width`: first those of `dispensable` go, then the rest share what there is, the first of them first.
/// Where even that is too wide, the lines are.
pub(super) fn fit(mut wishes: Vec<Wish>, width: usize, dispensable: &[Column]) -> Vec<Fitted> {
    let needed = |wishes: &[Wish], width_of: fn(&Wish) -> usize| {
        wishes.iter().map(|wish| width_of(wish) + GAP).sum::<usize>().saturating_sub(GAP)
    };
    for (index, column) in dispensable.iter().enumerate() {
        let width_of = if index < Column::LEAST_WORTH { Wish::comfortable } else { Wish::least };
        if needed(&wishes, width_of) <= width {
            continue;
        }
        wishes.retain(|wish| wish.column != *column);
    }
    let mut spare = width.saturating_sub(needed(&wishes, Wish::least));
    let widen = |wish: &Wish| {
        let more = (wish.natural - wish.least).min(spare);
        spare -= more;
        Fitted { column: wish.column, width: wish.least + more }
    };
    wishes.iter().map(widen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes() -> Vec<Wish> {
        vec![
            Wish { column: Column::Address, natural: 11, least: 11 },
            Wish { column: Column::Hostname, natural: 30, least: 14 },
            Wish { column: Column::HwAddr, natural: 17, least: 17 },
            Wish { column: Column::Client, natural: 20, least: 17 },
            Wish { column: Column::Expires, natural: 16, least: 16 },
        ]
    }

    fn widths(width: usize, may_drop: bool) -> Vec<usize> {
        let dispensable = if may_drop { &Column::DISPENSABLE[..] } else { &[] };
        fit(wishes(), width, dispensable).iter().map(|fitted| fitted.width).collect()
    }

    #[test]
    fn everything_stays_where_there_is_room() {
        assert_eq!(widths(102, true), [11, 30, 17, 20, 16]);
        assert_eq!(widths(101, true), [11, 30, 17, 19, 16]);
    }

    #[test]
    fn what_can_be_spared_goes_before_the_rest_is_cut_to_nothing() {
        assert_eq!(widths(82, true), [11, 30, 17, 16]);
        assert_eq!(widths(40, true), [11, 14, 16]);
    }

    #[test]
    fn columns_that_were_asked_for_stay() {
        assert_eq!(widths(40, false), [11, 14, 17, 17, 16]);
    }
}
