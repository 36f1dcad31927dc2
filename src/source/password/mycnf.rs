//! MySQL's option file: the options for connecting to a server.
//!
//! Groups in brackets, `option=value` lines, comments with `#` (also after a value) and `;`, values in single or double
//! quotes, the escapes `\b \t \n \r \\ \s`, dashes equal to underscores. `!include` and `!includedir` are not followed.
//! (MariaDB and MySQL manuals, "Option files".)

/// The options of the groups `[client]` and `[mysql]`; a later line overrides an earlier one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<String>,
}

/// The groups that the mysql and mariadb clients read.
const GROUPS: [&str; 5] = ["client", "client-server", "client-mariadb", "mysql", "mariadb-client"];

pub(super) fn parse(text: &str) -> Settings {
    let mut settings = Settings::default();
    let mut ours = false;
    for line in text.lines().map(str::trim) {
        if let Some(group) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            ours = GROUPS.contains(&group.trim());
        } else if let Some((option, value)) = line.split_once('=').filter(|_| ours && !is_comment(line)) {
            settings.set(option.trim(), &unquoted(value.trim()));
        }
    }
    settings
}

fn is_comment(line: &str) -> bool {
    line.starts_with(['#', ';', '!'])
}

impl Settings {
    fn set(&mut self, option: &str, value: &str) {
        let text = Some(value.to_owned());
        match option.replace('_', "-").as_str() {
            "user" => self.user = text,
            "password" => self.password = text,
            "host" => self.host = text,
            "socket" => self.socket = text,
            "port" => self.port = value.parse().ok(),
            _ => {}
        }
    }
}

/// The value without the comment after it and without its quotes, its escapes resolved.
fn unquoted(value: &str) -> String {
    let value = without_comment(value).trim_end();
    let quoted = ['"', '\''].iter().find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
    unescaped(quoted.unwrap_or(value))
}

/// A `#` outside of quotes begins a comment; an unclosed quote extends to the end of the line.
fn without_comment(value: &str) -> &str {
    let (mut quote, mut escaped) = (None, false);
    for (index, c) in value.char_indices() {
        match c {
            '#' if quote.is_none() => return &value[..index],
            '"' | '\'' if !escaped && quote.is_none() => quote = Some(c),
            '"' | '\'' if !escaped && quote == Some(c) => quote = None,
            _ => {}
        }
        escaped = quote.is_some() && c == '\\' && !escaped;
    }
    value
}

fn unescaped(value: &str) -> String {
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('s') => out.push(' '),
            Some(other @ ('\\' | '"' | '\'')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn password(line: &str) -> Option<String> {
        parse(&format!("[client]\n{line}\n")).password
    }

    #[test]
    fn only_the_groups_of_the_client_count_and_the_later_line_wins() {
        let text =
            "user=none\n[mysqld]\nuser=mysql\nport=1\n[client]\nuser = a\nport=3307\n!include x\n[ mysql ]\nuser=b\n";
        let settings = parse(text);
        assert_eq!((settings.user.as_deref(), settings.port), (Some("b"), Some(3307)));
    }

    #[test]
    fn quotes_keep_what_would_be_a_comment_or_lost() {
        assert_eq!(password("password = plain # note"), Some("plain".to_owned()));
        assert_eq!(password("password=\"a # b \" # note"), Some("a # b ".to_owned()));
        assert_eq!(password("password='it''s'"), Some("it''s".to_owned()));
        assert_eq!(password("password=\"un#finished"), Some("\"un#finished".to_owned()));
        assert_eq!(password("password=\"ab\"cd"), Some("\"ab\"cd".to_owned()));
        assert_eq!(password("password=a\\#b"), Some("a\\".to_owned()));
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(password(r#"password="a\\b\sc\"d\x""#), Some(r#"a\b c"d\x"#.to_owned()));
    }

    #[test]
    fn comments_and_lines_without_a_value_say_nothing() {
        assert_eq!(parse("[client]\n#password=a\n;password=b\npassword\n"), Settings::default());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String, value in "['\"\\\\a#é]*") {
            parse(&text);
            password(&format!("password={value}"));
        }
    }
}
