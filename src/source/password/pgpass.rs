//! PostgreSQL's password file: `hostname:port:database:username:password`, one line each.
//!
//! `*` matches anything in the first four fields; `\:` and `\\` are a colon and a backslash; a line that begins
//! with `#` is a comment. (PostgreSQL manual, "The Password File".)

/// The password of the first line that matches host, port, database and user; an empty one counts as none.
pub(super) fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    let fitting = text.lines().filter(|line| !line.starts_with('#')).find_map(|line| password(line, wanted));
    fitting.filter(|password| !password.is_empty())
}

fn password(line: &str, wanted: [&str; 4]) -> Option<String> {
    let mut rest = line;
    for wanted in wanted {
        let (pattern, after) = field(rest);
        if pattern != "*" && unescaped(pattern) != wanted {
            return None;
        }
        rest = after?;
    }
    Some(unescaped(field(rest).0))
}

/// The text up to the next colon that is not escaped, and what follows it.
fn field(text: &str) -> (&str, Option<&str>) {
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            ':' if !escaped => return (&text[..index], Some(&text[index + 1..])),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    (text, None)
}

fn unescaped(field: &str) -> String {
    let mut out = String::new();
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WANTED: [&str; 4] = ["db.example", "5432", "kea", "reader"];

    #[test]
    fn the_first_line_that_fits_gives_the_password() {
        let text = "# db.example:5432:kea:reader:no\ndb.example:5432:other:reader:a\n*:*:kea:reader:b\n*:*:*:*:c\n";
        assert_eq!(find(text, WANTED), Some("b".to_owned()));
    }

    #[test]
    fn colons_and_backslashes_are_escaped() {
        assert_eq!(find(r"*:*:*:*:a\:b\\c", WANTED), Some(r"a:b\c".to_owned()));
        assert_eq!(find(r"fe80\:\:1:5432:kea:reader:x", ["fe80::1", "5432", "kea", "reader"]), Some("x".to_owned()));
    }

    #[test]
    fn an_escaped_star_fits_only_a_star() {
        assert_eq!(find(r"\*:*:*:*:x", WANTED), None);
    }

    #[test]
    fn a_line_that_is_too_short_or_has_no_password_gives_none() {
        assert_eq!(find("*:*:*:*\n*:*:*\n\n:\n", WANTED), None);
        assert_eq!(find("*:*:*:*:\n", WANTED), None);
    }

    proptest! {
        #[test]
        fn any_password_survives_its_escaping(password in "[^\r\n\\x00]+") {
            let line = format!("*:*:*:*:{}", password.replace('\\', r"\\").replace(':', r"\:"));
            prop_assert_eq!(find(&line, WANTED), Some(password));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            find(&text, WANTED);
        }
    }
}
