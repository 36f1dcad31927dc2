//! Variables of the environment: of all whose values are not shown there are only the names.

use std::iter::Peekable;
use std::str::Chars;

use super::Gathered;
use crate::redact;

/// Learns the value of a variable that is not shown.
pub(super) fn learn(name: &str, value: &str, gathered: &mut Gathered) {
    if !redact::is_shown_variable(name) {
        gathered.secrets.learn_variable(name, value);
    }
}

/// The variables that systemd reads from a file: values in quotes may have several lines, and a backslash makes the next
/// character a part of a value.
pub(super) fn of_file(text: &str) -> Vec<(String, String)> {
    let text = text.replace("\r\n", "\n");
    let mut signs = text.chars().peekable();
    let mut found = Vec::new();
    while signs.peek().is_some() {
        let name = name(&mut signs);
        if signs.next_if_eq(&'=').is_none() {
            signs.next();
            continue;
        }
        let name = name.trim();
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        found.push((name.to_owned(), value(&mut signs)));
    }
    found
}

/// What is before an equals sign; of a remark all of it.
fn name(signs: &mut Peekable<Chars<'_>>) -> String {
    let mut name = String::new();
    let is_part = |name: &str, sign: char| sign != '\n' && (sign != '=' || name.trim_start().starts_with(['#', ';']));
    while let Some(sign) = signs.next_if(|sign| is_part(&name, *sign)) {
        name.push(sign);
    }
    name
}

/// What is after it.
fn value(signs: &mut Peekable<Chars<'_>>) -> String {
    let mut value = String::new();
    let mut quote = None;
    while let Some(sign) = signs.next_if(|sign| quote.is_some() || *sign != '\n') {
        match (quote, sign) {
            (Some(open), _) if open == sign => quote = None,
            (None, '"' | '\'') => quote = Some(sign),
            (Some('"'), '\\') if signs.peek().is_some_and(|next| !"\"\\`$\n".contains(*next)) => value.push(sign),
            (None | Some('"'), '\\') => value.extend(signs.next().filter(|next| *next != '\n')),
            _ => value.push(sign),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_file_are_those_that_systemd_reads() {
        for (text, expected) in [
            ("A=one two\nB=x", &[("A", "one two"), ("B", "x")][..]),
            ("V=\"aaa\nbbb\"\nB=x\n", &[("V", "aaa\nbbb"), ("B", "x")]),
            ("V='aaa\nb\\b'\n", &[("V", "aaa\nb\\b")]),
            ("W=abc\\defgh\n", &[("W", "abcdefgh")]),
            ("W=\"a\\\"b\\c\"d\n", &[("W", "a\"b\\cd")]),
            ("W=abc\\\r\ndef\r\nB=x\r\n", &[("W", "abcdef"), ("B", "x")]),
            ("W=\"abc\\\ndef\"\n", &[("W", "abcdef")]),
            ("# it's W=1\n;'\nexport B=x\nC\n\nD=\"open", &[("B", "x"), ("D", "open")]),
        ] {
            let found = of_file(text);
            let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (&name[..], &value[..])).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
