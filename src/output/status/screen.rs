//! Common to the formats for people: colours of states, and lines that fit the screen.

use super::StatusOptions;
use crate::health::State;
use crate::output::wrap;

/// The indentation of a continued line.
const INDENT: &str = "    ";

/// A word in the colour of a state, where there are colours.
pub(super) fn colored(word: &str, state: State, look: StatusOptions) -> String {
    let color = match state {
        State::Ok => 92,
        State::Unknown => 95,
        State::Warning => 93,
        State::Critical => 91,
    };
    if look.color { format!("\x1b[{color}m{word}\x1b[0m") } else { word.to_owned() }
}

/// `text` in lines that fit, broken at blanks only.
pub(super) fn wrapped(text: &str, look: StatusOptions) -> String {
    wrap::wrapped(text, look.width, INDENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: usize, text: &str) -> String {
        wrapped(text, StatusOptions { color: false, width: Some(width) })
    }

    #[test]
    fn lines_are_broken_at_blanks_and_no_word_is() {
        assert_eq!(at(12, "one two three four"), "one two\n    three\n    four");
        assert_eq!(at(12, "a /a/very/long/path b c"), "a\n    /a/very/long/path\n    b c");
        assert_eq!(at(7, "one two"), "one two");
        assert_eq!(wrapped("one two", StatusOptions::default()), "one two");
    }
}
