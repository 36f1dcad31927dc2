//! Texts that fit into columns.

use ratatui::style::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A cell of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::new() }
    }

    pub(super) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }

    pub(super) fn width(&self) -> usize {
        self.text.width()
    }
}

/// A text in exactly so many columns; what does not fit ends in `…`.
pub(super) fn fitted(text: &str, width: usize, is_right: bool, is_ascii: bool) -> String {
    let missing = width.checked_sub(text.width());
    match missing {
        Some(missing) if is_right => " ".repeat(missing) + text,
        Some(missing) => text.to_owned() + &" ".repeat(missing),
        None => shortened(text, width, is_ascii),
    }
}

/// The same for names, which often differ at their ends: the middle is left out.
pub(super) fn fitted_name(text: &str, width: usize, is_ascii: bool) -> String {
    if text.width() <= width || width < 3 {
        return fitted(text, width, false, is_ascii);
    }
    let end: String = text.chars().rev().scan(0, |used, c| taken(used, c, (width - 1) / 2)).collect();
    let end: String = end.chars().rev().collect();
    shortened(text, width - end.width(), is_ascii).trim_end().to_owned() + &end
}

/// A character, as long as there is room for it.
fn taken(used: &mut usize, c: char, room: usize) -> Option<char> {
    *used += c.width().unwrap_or(0);
    (*used <= room).then_some(c)
}

/// A text that is too long, in exactly so many columns.
pub(super) fn shortened(text: &str, width: usize, is_ascii: bool) -> String {
    let Some(room) = width.checked_sub(1) else { return String::new() };
    let (mut short, mut used) = (String::new(), 0);
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        short.push(c);
        used += wide;
    }
    short.push(if is_ascii { '~' } else { '…' });
    short + &" ".repeat(room - used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_exactly_the_width_of_its_column() {
        assert_eq!(fitted("ab", 4, false, false), "ab  ");
        assert_eq!(fitted("ab", 4, true, false), "  ab");
        assert_eq!(fitted("abcdef", 4, true, false), "abc…");
        assert_eq!(fitted("abcdef", 4, true, true), "abc~");
        assert_eq!(fitted("一二三", 4, false, false), "一… ");
        assert_eq!(fitted("abc", 0, false, false), "");
    }

    #[test]
    fn names_with_the_same_beginning_stay_apart() {
        assert_eq!(fitted_name("campus-east-building-7", 12, false), "campus…ing-7");
        assert_eq!(fitted_name("campus-east-building-8", 9, true), "camp~ng-8");
        assert_eq!(fitted_name("campus", 8, false), "campus  ");
    }
}
