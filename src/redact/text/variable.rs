//! Variables of Kea in commands and settings: `env KEA_X=… kea-dhcp4`. Only those with known names have their values shown.

use super::{Parts, answer, value};
use crate::redact::variables::is_shown_variable;

const PREFIX: &str = "KEA_";

/// Finds the values of all others.
pub(super) fn find(text: &str, parts: &mut Parts) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, _) in text.match_indices(PREFIX) {
        let length = text[at..].find(|c| !is_part(c)).unwrap_or(text.len() - at);
        let (name, start) = (&text[at..at + length], at + length + 1);
        let is_set = text[at + length..].starts_with('=') && !text[..at].ends_with(is_part);
        if !is_set || is_shown_variable(name) {
            continue;
        }
        let around = text[..at].chars().next_back().filter(|c| value::is_quote(*c));
        let quoted = around.and_then(|quote| value::close_of(text, start, quote)).map(|end| start..end);
        let place =
            quoted.or_else(|| value::quoted(text, start)).unwrap_or_else(|| start..start + word(&text[start..]));
        if !place.is_empty() && !answer::is_hidden(&text[place.clone()]) {
            parts.push(place);
        }
    }
}

/// How long a value without quotes is.
fn word(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || value::is_quote(c)).unwrap_or(text.len());
    text[..end].trim_end_matches([';', ',', ')']).len()
}

#[cfg(test)]
mod tests {
    use crate::redact::line;

    #[test]
    fn values_of_variables_without_a_known_name_are_hidden() {
        for (text, expected) in [
            (
                "ExecStart=/usr/bin/env KEA_A=Zw12 kea-dhcp4 -c x",
                "ExecStart=/usr/bin/env KEA_A=(redacted) kea-dhcp4 -c x",
            ),
            (
                "ExecStartPre=/bin/sh -c \"export KEA_SH=Zw13; true\"",
                "ExecStartPre=/bin/sh -c \"export KEA_SH=(redacted); true\"",
            ),
            ("seen KEA_OTHER=Zw14 KEA_LOG_FILE_DIR=/srv/log", "seen KEA_OTHER=(redacted) KEA_LOG_FILE_DIR=/srv/log"),
            ("KEA_B='two words' \"KEA_C=two words\" x", "KEA_B='(redacted)' \"KEA_C=(redacted)\" x"),
            ("KEA_D=(redacted) MY_KEA_E=f KEA_G is set", "KEA_D=(redacted) MY_KEA_E=f KEA_G is set"),
        ] {
            assert_eq!(line(text), expected);
        }
    }

    #[test]
    fn a_directory_in_a_variable_stays_elsewhere() {
        let mut secrets = crate::redact::Secrets::default();
        secrets.learn_text("env KEA_A=/srv/kea-logs KEA_B=Zw12kT7mQx9rLp kea-dhcp4");
        let shown = secrets.finder().hidden(b"/srv/kea-logs Zw12kT7mQx9rLp").text.into_owned();
        assert_eq!(String::from_utf8_lossy(&shown), "/srv/kea-logs (redacted)");
    }
}
