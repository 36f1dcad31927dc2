//! Credentials in units of systemd: `SetCredential=name:…`, also over several lines.

use super::{Parts, value};

const SETTINGS: [&str; 2] = ["SetCredential=", "SetCredentialEncrypted="];

/// Finds what credentials are set to; their names stay.
pub(super) fn find(text: &str, parts: &mut Parts) {
    for setting in SETTINGS {
        for (at, _) in text.match_indices(setting) {
            let is_setting = text[value::line_start(text, at)..at].trim().is_empty();
            let start = at + setting.len();
            let end = value::line_end(text, start);
            if let Some(colon) = text[start..end].find(':').filter(|_| is_setting) {
                let written = text[start + colon + 1..end].trim_end();
                let from = start + colon + 1 + written.len() - written.trim_start().len();
                parts.extend(
                    (from < start + colon + 1 + written.len()).then(|| from..start + colon + 1 + written.len()),
                );
            }
        }
    }
}
