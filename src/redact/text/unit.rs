//! Credentials in units of systemd: `SetCredential=name:…`, also over several lines and in comments.

use super::{Parts, value};

const SETTINGS: [&str; 2] = ["SetCredential", "SetCredentialEncrypted"];

/// Finds what credentials are set to; their names stay.
pub(super) fn find(text: &str, parts: &mut Parts) {
    for setting in SETTINGS {
        for (at, _) in text.match_indices(setting) {
            let before = &text[value::line_start(text, at)..at];
            let is_setting = before.trim_matches([' ', '\t', '#', ';']).is_empty();
            let rest = text[at + setting.len()..].trim_start_matches([' ', '\t']);
            let Some(rest) = rest.strip_prefix('=').filter(|_| is_setting) else { continue };
            let rest = &rest[..value::line_end(rest, 0)];
            let Some((_, written)) = rest.split_once(':') else { continue };
            lines(text, written, parts);
        }
    }
}

/// Each line of a value, without what says that it goes on.
fn lines(text: &str, written: &str, parts: &mut Parts) {
    for line in written.lines() {
        let line = line.trim_start_matches([' ', '\t', '#']).trim_end().trim_end_matches('\\').trim_end();
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        parts.extend((!line.is_empty()).then(|| start..start + line.len()));
    }
}
