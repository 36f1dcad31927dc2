//! Untrusted text, escaped so that it cannot control a terminal.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// Text on one line and without effect on a terminal: control, format (bidi) and escape characters are shown as
/// `\n`, `\t` or `\u{…}`.
pub struct OneLine<'a>(pub &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| write_harmless(c, f))
    }
}

/// The same text without users and passwords of URLs: `http://***@host`, and of what looks like a URL with its scheme or slashes
/// left out. What a password has in it does not end it.
#[must_use]
pub fn without_logins(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    Cow::Owned(text.split_inclusive(is_end).map(without_login).collect())
}

/// The same of one word.
fn without_login(word: &str) -> Cow<'_, str> {
    let after = |sign: &str| word.find(sign).map(|at| at + sign.len());
    // Where it is taken for a path, two slashes are one.
    let as_path = || ["http:/", "https:/"].into_iter().find_map(after);
    let login = match after("://").or_else(as_path) {
        Some(start) => end_of_login(&word[start..]).map(|end| start..start + end),
        None => bare_login(word),
    };
    login.map_or(Cow::Borrowed(word), |login| Cow::Owned(format!("{}***{}", &word[..login.start], &word[login.end..])))
}

/// Where the login of a URL ends, of which this is what follows the scheme. A password may have slashes in it; after a host
/// and its port, a path.
fn end_of_login(rest: &str) -> Option<usize> {
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let is_port = |port: &str| !port.is_empty() && port.parse::<u16>().is_ok();
    let is_host = !authority.contains('@') && authority.rsplit_once(':').is_none_or(|(_, port)| is_port(port));
    // What looks like a host may be the beginning of a user, and a password follows.
    rest.rfind('@')
        .filter(|end| !is_host || rest[authority.len()..].find(':').is_some_and(|colon| authority.len() + colon < *end))
}

/// Before a colon these are no users.
const NO_USERS: [&str; 12] =
    ["mailto", "sip", "sips", "xmpp", "tel", "acct", "im", "from", "to", "cc", "email", "contact"];

/// The place of `user:password` before an `@`, where no scheme says what it is; it may have been made a whole path.
fn bare_login(word: &str) -> Option<std::ops::Range<usize>> {
    let end = word.rfind('@')?;
    let colon = word[..end].find(':')?;
    let start = word[..colon].rfind('/').map_or(0, |slash| slash + 1);
    let start = start + word[start..colon].find(|c: char| c != '(' && c != '[').unwrap_or(0);
    let (user, password) = (&word[start..colon], &word[colon + 1..end]);
    let is_user = !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "._-@+%\\".contains(c));
    let is_name = NO_USERS.iter().any(|name| name.eq_ignore_ascii_case(user));
    let is_login = is_user && !is_name && !password.is_empty() && !password.starts_with('/');
    (is_login && !is_address_or_time(&word[start..end])).then_some(start..end)
}

/// Whether a word is a hardware address, an IPv6 address or a time of day.
fn is_address_or_time(word: &str) -> bool {
    const SHORTEST: usize = 4;
    let parts: Vec<&str> = word.split(':').collect();
    let is_all = |is: fn(&u8) -> bool| parts.iter().all(|part| part.len() == 2 && part.bytes().all(|c| is(&c)));
    let is_hex = || parts.len() >= SHORTEST && is_all(u8::is_ascii_hexdigit);
    is_hex() || is_all(u8::is_ascii_digit) || word.parse::<std::net::Ipv6Addr>().is_ok()
}

/// `0.412 ms`.
#[must_use]
pub fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}

/// Octets shown as text: valid UTF-8 as in [`OneLine`], every other octet as `\xNN`.
pub struct Octets<'a>(pub &'a [u8]);

impl fmt::Display for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            write!(f, "{}", OneLine(chunk.valid()))?;
            for octet in chunk.invalid() {
                write!(f, "\\x{octet:02x}")?;
            }
        }
        Ok(())
    }
}

fn write_harmless(c: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match c {
        '\n' => f.write_str("\\n"),
        '\t' => f.write_str("\\t"),
        '\r' => f.write_str("\\r"),
        _ if is_terminal_unsafe(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
        _ => f.write_char(c),
    }
}

/// Whether a character is unsafe on a terminal: a control character, or one that is invisible or reorders its neighbours.
#[must_use]
pub fn is_terminal_unsafe(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// JSON with all terminal-unsafe characters in its strings as `\u202e`: equal for a parser, harmless on a terminal. The
/// only white space between values may be line breaks.
#[must_use]
pub fn terminal_safe_json(json: &str) -> Cow<'_, str> {
    let is_rare = |c: char| is_terminal_unsafe(c) && c != '\n';
    // Without a branch for each byte, many are examined in one step.
    let is_plain = json.bytes().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~' | b'\n'));
    if is_plain || !json.contains(is_rare) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_rare(c) { push_json_escape(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Appends a character as JSON spells it by number: `\u001b`, in two parts beyond U+FFFF.
pub fn push_json_escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// The text of a cell with an apostrophe before whatever a spreadsheet would take for the beginning of a formula, also
/// where it splits the cell: many read a semicolon, some a bar or tab as the end of one.
#[must_use]
pub fn defused(text: &str) -> Cow<'_, str> {
    const BEGINNINGS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if !text.contains(BEGINNINGS) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 1);
    let mut is_beginning = true;
    for c in text.chars() {
        if is_beginning && BEGINNINGS.contains(&c) {
            safe.push('\'');
        }
        is_beginning = matches!(c, ';' | '|' | '\t') || is_beginning && c.is_whitespace();
        safe.push(c);
    }
    Cow::Owned(safe)
}

/// Characters that change how their neighbours are shown: bidi controls, joiners, separators, tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Octets in lower-case hex, without separators.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// `n` with its noun in the singular or plural: `1 row`, `3 rows`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// The order of names in which numbers are in order too: `kea9` before `kea10`.
#[must_use]
pub fn natural_order(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    while !left.is_empty() && !right.is_empty() {
        let ((a, left_rest), (b, right_rest)) = (first_part(left), first_part(right));
        let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let order = if is_number(a) && is_number(b) {
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then(a.cmp(b))
        } else {
            a.cmp(b)
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len().cmp(&right.len()).then(one.cmp(other))
}

/// The digits that a text begins with, or what is before the first digit; and the rest.
fn first_part(text: &str) -> (&str, &str) {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(text.len());
    text.split_at(end)
}

/// Whether `text` is what the pattern with `*` and `?` describes. Time is limited by the product of both lengths: on a mismatch only the
/// last `*` takes one octet more.
#[must_use]
pub fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(octet) if *octet == b'?' || *octet == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, t) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|octet| *octet == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_in_order() {
        let mut names = ["kea10", "kea9", "10.0.10.0/24", "kea", "10.0.9.0/24", "kea09", "a", ""];
        names.sort_by(|one, other| natural_order(one, other));
        assert_eq!(names, ["", "10.0.9.0/24", "10.0.10.0/24", "a", "kea", "kea09", "kea9", "kea10"]);
    }

    #[test]
    fn passwords_of_urls_are_hidden() {
        for (text, shown) in [
            ("read http://u:p@h:8000/: gone", "read http://***@h:8000/: gone"),
            ("(--server https://u:a/b?c@d@h asks)", "(--server https://***@h asks)"),
            ("read /etc/http:/u:p@h: gone", "read /etc/http:/***@h: gone"),
            ("\"u:p@h\" and pgsql://u@h", "\"***@h\" and pgsql://***@h"),
            ("read /home/x/u:p/q@h: gone", "read /home/x/***@h: gone"),
            ("(kea:p:w@h)", "(***@h)"),
            ("user@realm:p@h", "***@h"),
            ("http://mo?n:p@h and https://a/b:p@h", "http://***@h and https://***@h"),
            ("http://a#b:p@h and http://1:2/c:p@h", "http://***@h and http://***@h"),
        ] {
            assert_eq!(without_logins(text), shown);
        }
    }

    #[test]
    fn what_is_no_login_is_shown() {
        for text in [
            "a@b.example, /run/a/b@c and root@h: no",
            "kea@dhcp1: permission denied",
            "02:aa:00:00:00:01@eth0 and fe80::1@eth0",
            "00:03:00:01:02:aa@2026-11-29",
            "mailto:admin@b.example, From:admin@b.example",
            "<a@b.example>:<c@d.example>",
            "root@dhcp1:/etc/kea/a@b",
            "at 08:25@dhcp1",
            "http://127.0.0.1:8000/a@b and https://b.example/@c",
            "file:///run/kea/a@b",
        ] {
            assert_eq!(without_logins(text), text);
        }
    }

    #[test]
    fn ordinary_text_is_shown_as_it_is() {
        assert_eq!(OneLine("zürich-αβ 一").to_string(), "zürich-αβ 一");
    }

    #[test]
    fn control_and_bidi_characters_are_spelled_out() {
        assert_eq!(OneLine("a\u{1b}[2J\u{202e}b\r\n").to_string(), "a\\u{1b}[2J\\u{202e}b\\r\\n");
    }

    #[test]
    fn octets_that_are_no_text_are_shown_in_hex() {
        assert_eq!(Octets(b"a\xff\xc3\xbc\xc3").to_string(), "a\\xffü\\xc3");
    }

    #[test]
    fn json_says_the_same_without_a_character_that_acts_or_hides() {
        for text in [
            "plain \"quoted\" z\u{fc}rich \u{4f8b} \u{1f600}",
            "\u{1b}[31m \u{7f} \u{9b}31m \u{85} \u{202e}x \u{feff}\u{e0041}",
        ] {
            let json = serde_json::to_string_pretty(&[text]).unwrap();
            let safe = terminal_safe_json(&json);
            assert!(!safe.contains(|c| is_terminal_unsafe(c) && c != '\n'), "{safe}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&safe).unwrap(), [text]);
        }
        assert_eq!(terminal_safe_json("\"\u{202e}\u{e0041}\""), r#""\u202e\udb40\udc41""#);
    }

    #[test]
    fn no_cell_is_a_formula_however_it_is_split() {
        for (text, safe) in [
            ("=cmd", "'=cmd"),
            ("  @x", "  '@x"),
            ("a;=1+1", "a;'=1+1"),
            ("a;b| -1", "a;b| '-1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("b-c, d=e", "b-c, d=e"),
            ("zürich", "zürich"),
        ] {
            assert_eq!(defused(text), safe);
        }
    }
}
