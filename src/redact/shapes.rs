//! Values that are secrets by their shape, under any name.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// What tokens of well-known services begin with, and the hashes of passwords.
pub(super) const BEGINNINGS: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxs-",
    "sk-",
    "sk_live_",
    "rk_live_",
    "AKIA",
    "ASIA",
    "AIza",
    "hvs.",
    "npm_",
    "SG.",
    "dop_v1_",
    "$2a$",
    "$2b$",
    "$2y$",
    "$argon2",
    "SCRAM-SHA-",
    "AGE-SECRET-KEY-1",
    "pypi-",
];

/// What the hashes of passwords begin with in directories (RFC 2307).
pub(super) const SCHEMES: &[&str] = &[
    "{SSHA}",
    "{SSHA256}",
    "{SSHA384}",
    "{SSHA512}",
    "{SHA}",
    "{SHA256}",
    "{SHA512}",
    "{SMD5}",
    "{MD5}",
    "{CRYPT}",
    "{PBKDF2}",
    "{PBKDF2-SHA256}",
    "{PBKDF2-SHA512}",
    "{ARGON2}",
    "{BCRYPT}",
];

/// The fewest characters of a token that is known by its beginning.
const SHORTEST_TOKEN: usize = 16;

/// What is in no blob of less characters.
const SHORTEST_BLOB: usize = 12;

/// Whether a word is a token, by its beginning or its parts.
pub(super) fn is_token(word: &str) -> bool {
    let has_beginning = BEGINNINGS.iter().any(|beginning| word.starts_with(beginning));
    let is_crypt = ["$1$", "$5$", "$6$", "$y$"].iter().any(|kind| word.starts_with(kind));
    let is_jwt = word.starts_with("eyJ") && word.split('.').count() == 3;
    word.len() >= SHORTEST_TOKEN && (has_beginning || is_crypt || is_jwt)
}

/// Whether a word is a password's hash of MySQL: a star and 40 digits of hex.
pub(super) fn is_star_hash(word: &[u8]) -> bool {
    const LENGTH: usize = 41;
    word.len() == LENGTH && word[0] == b'*' && word[1..].iter().all(|c| c.is_ascii_digit() || (b'A'..=b'F').contains(c))
}

/// Whether a text ends with what the hash of a password has before it.
pub(super) fn ends_with_scheme(text: &str) -> bool {
    let start = text.ends_with('}').then(|| text.rfind('{')).flatten();
    start.is_some_and(|start| SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(&text[start..])))
}

/// Whether a value looks made at random: one long word of letters and digits, or of hex.
pub(super) fn is_random(value: &str) -> bool {
    const SHORTEST: usize = 8;
    let has = |is: fn(&char) -> bool| value.chars().any(|c| is(&c));
    let is_word = value.bytes().all(|c| c.is_ascii_alphanumeric() || b"+/=-_.!$%&*#@^~".contains(&c));
    let kinds = [
        has(char::is_ascii_digit),
        has(char::is_ascii_lowercase),
        has(char::is_ascii_uppercase),
        has(|c| "+/=!$%&*#@^~".contains(*c)),
    ];
    let count = kinds.iter().filter(|it| **it).count();
    let parts = value.split(['-', '_', '.']).map(str::len).max().unwrap_or(0);
    value.len() >= SHORTEST && is_word && kinds[0] && (count >= 3 || count == 2 && parts >= SHORTEST_TOKEN)
}

/// Whether a value is the path of a file in a usual directory.
pub(super) fn is_path(value: &str) -> bool {
    const ROOTS: [&str; 13] = [
        "/etc/", "/var/", "/usr/", "/opt/", "/home/", "/root/", "/run/", "/tmp/", "/srv/", "/mnt/", "/nix/",
        "/config/", "FILE:/",
    ];
    let is_part = |c: char| c.is_alphanumeric() || "/._-+@:~".contains(c);
    ROOTS.iter().any(|root| value.starts_with(root)) && value.chars().all(is_part)
}

/// Whether a value is the name of a domain, as those of keys of TSIG are.
pub(super) fn is_domain(value: &str) -> bool {
    // A longer label of letters and digits was made at random.
    const LONGEST_MIXED: usize = 15;
    let name = value.strip_suffix('.').unwrap_or(value);
    let is_label = |label: &str| {
        let is_mixed = label.bytes().any(|c| c.is_ascii_digit()) && label.bytes().any(|c| c.is_ascii_lowercase());
        let is_part = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        !label.is_empty() && label.bytes().all(is_part) && (!is_mixed || label.len() <= LONGEST_MIXED)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.')
        && name.split('.').all(is_label)
        && last.len() >= 2
        && last.bytes().all(|c| c.is_ascii_lowercase())
}

/// The secret part of a word whose other parts are names: `hmac-sha256:name:c2VjcmV0`, as nsupdate takes a key, and
/// `123456789:AAE…`, a bot's token of Telegram.
pub(super) fn secret_part(word: &str) -> Option<Range<usize>> {
    let (before, last) = word.rsplit_once(':')?;
    let is_tsig = || {
        let mut parts = before.split(':');
        let is_algorithm = parts.next().is_some_and(|first| first.to_ascii_lowercase().starts_with("hmac-"));
        is_algorithm && parts.next().is_some() && last.len() >= 8 && is_base64(last)
    };
    let is_bot = || {
        let number = before.strip_prefix("bot").unwrap_or(before);
        let is_part = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
        (8..=10).contains(&number.len())
            && number.bytes().all(|c| c.is_ascii_digit())
            && (30..=50).contains(&last.len())
            && last.bytes().all(is_part)
    };
    if is_tsig() || is_bot() {
        return Some(before.len() + 1..word.len());
    }
    of_tsig_key(word)
}

/// The secret of a key as Kea prints it: `key.example.:c2VjcmV0:hmac-md5`, which the number of its bits may follow.
fn of_tsig_key(word: &str) -> Option<Range<usize>> {
    let (name, rest) = word.split_once(':')?;
    let (secret, algorithm) = rest.split_once(':')?;
    let is_key = !name.is_empty() && algorithm.to_ascii_lowercase().starts_with("hmac-");
    (is_key && secret.len() >= 8 && is_base64(secret)).then(|| name.len() + 1..name.len() + 1 + secret.len())
}

/// The text in a word of base64 or hex; `None` if it is neither, or what is in it is no text.
pub(super) fn decoded(word: &str) -> Option<String> {
    if word.len() < SHORTEST_BLOB {
        return None;
    }
    let octets = hex(word).or_else(|| from_base64(word))?;
    String::from_utf8(octets).ok().filter(|text| is_plain(text))
}

/// The octets of a value in hex, as options of DHCP have it, or in base64, as keys of TSIG have it.
pub(super) fn octets(value: &str) -> Option<Vec<u8>> {
    const UNIT: usize = 4;
    let plain: String = value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let is_key = value.ends_with('=') && value.len().is_multiple_of(UNIT);
    hex(&plain).or_else(|| if is_key { from_base64(value) } else { None })
}

/// The texts that a run of characters may be in hex and in base64, whose padding may follow it.
pub(super) fn texts(run: &[u8]) -> impl Iterator<Item = String> {
    let run = std::str::from_utf8(run).unwrap_or_default();
    [hex(run), from_base64(run)].into_iter().flatten().filter_map(|octets| String::from_utf8(octets).ok())
}

/// The text that a run of characters may be in base64; what is no whole octet at its end is left out.
pub(super) fn text_in_base64(run: &[u8]) -> Option<String> {
    const UNIT: usize = 4;
    let run = if run.len() % UNIT == 1 { &run[..run.len() - 1] } else { run };
    if run.len() < SHORTEST_BLOB || !begins_as_text(&first_of_base64(run)) {
        return None;
    }
    let octets = from_base64(std::str::from_utf8(run).ok()?)?;
    String::from_utf8(octets).ok().filter(|text| is_plain(text))
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() || c.is_whitespace())
}

/// `user:password` in base64, as HTTP sends it.
pub(super) fn is_login(word: &str) -> bool {
    let is_pair = |text: &str| {
        let (user, password) = text.split_once(':').unwrap_or_default();
        !user.is_empty() && !password.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "._-@\\+".contains(c))
    };
    word.len() >= 4
        && from_base64(word).and_then(|octets| String::from_utf8(octets).ok()).is_some_and(|it| is_pair(&it))
}

/// Whether a run of characters may be text in base64 or hex, by its first octets.
pub(super) fn may_be_text(run: &[u8]) -> bool {
    let hex = run.strip_prefix(b"0x").unwrap_or(run);
    let is_hex = || hex.iter().all(|c| c.is_ascii_hexdigit() || *c == b':');
    begins_as_text(&first_of_hex(hex)) && is_hex() || begins_as_text(&first_of_base64(run)) && !run.contains(&b':')
}

fn begins_as_text(octets: &[u8]) -> bool {
    // Most are none by the first one.
    if matches!(octets[0], 0..=8 | 0x0e..=0x1f | 0x7f..=0xc1) {
        return false;
    }
    let valid = match std::str::from_utf8(octets) {
        Ok(text) => text,
        // The last character may go on.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&octets[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    is_plain(valid)
}

fn first_of_hex(run: &[u8]) -> [u8; 4] {
    let mut digits = run.iter().filter(|c| **c != b':').map(|c| char::from(*c).to_digit(16).unwrap_or(0));
    let mut octets = [b' '; 4];
    for octet in &mut octets {
        let (Some(high), Some(low)) = (digits.next(), digits.next()) else { break };
        *octet = u8::try_from(high << 4 | low).unwrap_or(0);
    }
    octets
}

fn first_of_base64(run: &[u8]) -> [u8; 6] {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    let mut octets = [0; 6];
    for (four, three) in run.chunks_exact(4).zip(octets.chunks_exact_mut(3)) {
        let bits = four.iter().fold(0_u32, |bits, c| bits << 6 | u32::from(value(*c)));
        three.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    octets
}

fn is_base64(word: &str) -> bool {
    word.bytes().all(|c| c.is_ascii_alphanumeric() || b"+/=-_".contains(&c))
}

fn from_base64(word: &str) -> Option<Vec<u8>> {
    if !is_base64(word) {
        return None;
    }
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if word.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, config).decode(word).ok()
}

/// Octets in hex: `0x6162`, `61:62`, `6162`.
fn hex(word: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = word.strip_prefix("0x").unwrap_or(word).bytes().filter(|c| *c != b':').collect();
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_logins_are_known_by_their_shape() {
        for token in ["ghp_0123456789abcdef0123", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", "$6$salt$0123456789abcdef"] {
            assert!(is_token(token), "{token}");
        }
        assert_eq!(secret_part("hmac-sha256:key.example:c2VjcmV0c2VjcmV0"), Some(24..40));
        assert_eq!(secret_part("123456789:AAEabcdefghijklmnopqrstuvwxyz012345"), Some(10..45));
        assert_eq!(secret_part("key.example.:c2VjcmV0c2VjcmV0:HMAC-MD5:80"), Some(13..29));
        assert_eq!(secret_part("2026:11:29:08"), None);
        for other in ["sk-1", "192.0.2.1", "2001:db8::1", "hmac-sha256", "HMAC-MD5", "DHCP4_LEASE_ALLOC", "AKIA"] {
            assert!(!is_token(other), "{other}");
        }
        // user:pass, and what is no pair.
        assert!(is_login("dXNlcjpwYXNz") && is_login("dTpw"));
        assert!(!is_login("authentication") && !is_login("c2VjcmV0"));
    }

    #[test]
    fn what_was_made_at_random_looks_so() {
        for value in ["aB3dE6gH", "9f86d081884c7d659a2feaa0c55ad015", "s0m3Thing", "c2VjcmV0/c2VjcmV0+9="] {
            assert!(is_random(value), "{value}");
        }
        for value in ["mac-address", "key1", "client-2024-11", "192.0.2.1", "wifi", "X-Api-Key", "4711", "two words 1A"]
        {
            assert!(!is_random(value), "{value}");
        }
    }

    #[test]
    fn text_in_base64_and_hex_is_read() {
        assert_eq!(decoded("cGFzc3dvcmQ9aHVudGVyMg==").as_deref(), Some("password=hunter2"));
        assert_eq!(decoded("0x70617373776f72643d68").as_deref(), Some("password=h"));
        assert_eq!(decoded("70:61:73:73:77:6f").as_deref(), Some("passwo"));
        assert_eq!(decoded("02:00:5e:00:00:aa"), None);
    }
}
