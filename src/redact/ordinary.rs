//! Words that stand for themselves: what some machine has as a password is a word of messages and manuals on others.
//!
//! They are hidden where a name says that they are secret, and nowhere else.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::OnceLock;

/// Words that are usual in manuals, the keywords of Kea's configurations and statistics, and the names of its programs.
const WORDS: &str = include_str!("ordinary.txt");

/// How English words end that are in no short list.
const ENDS: [&str; 14] = [
    "able", "ible", "ally", "ated", "ating", "ation", "ations", "ction", "ement", "ically", "ified", "iness", "ously",
    "ully",
];

/// Whether a value is a word, an address or a date, which occurs for other reasons than being a secret.
pub(super) fn is_ordinary(value: &str) -> bool {
    is_word(value) || is_number(value)
}

/// Whether a value is a usual word.
pub(super) fn is_word(value: &str) -> bool {
    static ALL: OnceLock<HashSet<&str>> = OnceLock::new();
    let all = ALL.get_or_init(|| WORDS.lines().collect());
    let lower = value.trim_end_matches(['.', ',', ':', ';', '!', '?']).to_ascii_lowercase();
    all.contains(lower.as_str())
}

/// Whether a value may be an English word by its end.
pub(super) fn may_be_word(value: &str) -> bool {
    is_word(value) || value.bytes().all(|c| c.is_ascii_lowercase()) && ENDS.iter().any(|end| value.ends_with(end))
}

/// An address, a prefix, a hardware address, a date or a time.
fn is_number(value: &str) -> bool {
    let address = value.split('/').next().unwrap_or_default();
    let is_octets = value.len() >= 11 && value.split(':').all(|part| part.len() == 2 && is_hex(part));
    address.parse::<IpAddr>().is_ok() || is_octets || is_time(value)
}

/// A date of the form 2026-11-29, a time of the form 08:25, or one after the other.
fn is_time(value: &str) -> bool {
    let is_form = |form: &str| {
        let fits = |(c, form): (u8, u8)| if form == b'0' { c.is_ascii_digit() } else { c == form };
        value.len() >= form.len() && value.bytes().zip(form.bytes()).all(fits)
    };
    let is_part = |c: u8| c.is_ascii_digit() || b"-:.T Z+".contains(&c);
    (is_form("0000-00-00") || is_form("00:00")) && value.bytes().all(is_part)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_has_no_word_twice() {
        let words: Vec<&str> = WORDS.lines().collect();
        assert!(words.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn words_of_messages_and_addresses_are_ordinary() {
        for value in [
            "interfaces",
            "Required",
            "kea-dhcp4",
            "lease-database",
            "192.0.2.1",
            "2001:db8::/32",
            "02:00:5e:00:00:aa",
            "2026-11-29 08:25:28",
            "08:25:28.079",
        ] {
            assert!(is_ordinary(value), "{value}");
        }
        for value in
            ["swordfish", "correct-horse", "S3cr3tValue99", "12345678", "aa:bb", "5512-8830-1177", "blue.horse.staple"]
        {
            assert!(!is_ordinary(value), "{value}");
        }
    }
}
