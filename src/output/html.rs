//! Text in a page.

use crate::text::OneLine;

/// Text on one line without meaning to a browser.
pub(super) fn escaped(text: &str) -> String {
    escaped_lines(&OneLine(text).to_string())
}

/// The same, with its lines.
pub(super) fn escaped_lines(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
