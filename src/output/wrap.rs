//! Lines that fit the screen.

use unicode_width::UnicodeWidthStr as _;

/// `text` in lines of this width, broken at blanks only, all but the first with this indentation: a word that is longer
/// than a line goes beyond it. Without a width it is one line.
pub(crate) fn wrapped(text: &str, width: Option<usize>, indent: &str) -> String {
    let Some(width) = width else { return text.to_owned() };
    let mut lines = String::with_capacity(text.len());
    let (mut column, mut is_first) = (0, true);
    for word in text.split(' ') {
        if !is_first && column + 1 + word.width() > width {
            lines.push('\n');
            lines.push_str(indent);
            column = indent.len();
        } else if !is_first {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += word.width();
        is_first = false;
    }
    lines
}
