//! keactrl.conf: assignments of a shell, read without a shell.
//!
//! keactrl sources this file, so it may be any shell script. Plain assignments are understood, with quotes and with
//! variables that are assigned above; every other line is named, and what it may assign is not known.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Daemon;
use super::shell::{self, Compounds};

/// How many octets may come out of variables: shell doubles a text in nine characters, again and again.
const MOST_TEXT: usize = 64 << 10;

/// What a keactrl.conf says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keactrl {
    variables: BTreeMap<String, String>,
    /// The lines that are no plain assignments: their numbers from 1, and what they say.
    pub not_understood: Vec<(usize, String)>,
}

impl Keactrl {
    /// Reads the text of a keactrl.conf; octets that are no UTF-8 are taken for U+FFFD.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let mut found = Self::default();
        let room = Cell::new(MOST_TEXT);
        let mut compounds = Compounds::default();
        for (number, line) in shell::lines(&text) {
            // Only a shell knows what happens in a compound command.
            match found.assignments(&line, &room) {
                Some(assigned) if assigned.is_empty() || !compounds.is_open() => found.variables.extend(assigned),
                _ => {
                    compounds.follow(&line);
                    found.forget_what_may_change(&line);
                    found.not_understood.push((number, line.trim().to_owned()));
                }
            }
        }
        found
    }

    /// A variable's value; `None` if it is not assigned, or not in a way that can be understood.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether keactrl is to start the daemon.
    #[must_use]
    pub fn starts(&self, daemon: Daemon) -> Option<bool> {
        self.get(daemon.name()).map(|value| value == "yes")
    }

    /// The daemon's configuration file. Kea before 1.3 had one for all.
    #[must_use]
    pub fn config_file(&self, daemon: Daemon) -> Option<PathBuf> {
        let own = self.get(&format!("kea_{}_config_file", daemon.name()));
        own.or_else(|| self.get("kea_config_file")).map(PathBuf::from)
    }

    /// The daemon's program.
    #[must_use]
    pub fn program(&self, daemon: Daemon) -> Option<PathBuf> {
        self.get(&format!("{}_srv", daemon.name())).map(PathBuf::from)
    }

    /// The directories in which the daemons of this installation may leave their pid files.
    #[must_use]
    pub fn pid_directories(&self) -> Vec<PathBuf> {
        let named = self.get("KEA_PIDFILE_DIR").map(PathBuf::from);
        let prefix = self.get("prefix").map(PathBuf::from);
        let below_prefix = prefix.into_iter().flat_map(|prefix| [prefix.join("var/run/kea"), prefix.join("var/kea")]);
        named.into_iter().chain(below_prefix).collect()
    }

    /// Every `NAME=` in a line that is not understood may have another value now.
    fn forget_what_may_change(&mut self, line: &str) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for (at, _) in line.match_indices('=') {
            let name = line[..at].rsplit(|c| !is_word(c)).next().unwrap_or_default();
            self.variables.remove(name);
        }
    }

    /// What a line of assignments assigns, which takes up `room`; `None` if it does anything else.
    fn assignments(&self, line: &str, room: &Cell<usize>) -> Option<Vec<(String, String)>> {
        let mut assigned: Vec<(String, String)> = Vec::new();
        let mut words = words(line)?;
        if words.first().is_some_and(|word| word.is_plain("export") || word.is_plain("readonly")) {
            words.remove(0);
            words.retain(|word| !word.is_name());
        }
        for word in words {
            let (name, value) = word.assignment()?;
            let known = |name: &str| {
                let here = assigned.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.clone());
                here.or_else(|| self.variables.get(name).cloned())
            };
            let value = expand(value, &known, room)?;
            assigned.push((name, value));
        }
        Some(assigned)
    }
}

/// A character of a word, and whether quotes took its meaning from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    c: char,
    is_literal: bool,
}

struct Word(Vec<Mark>);

impl Word {
    fn is_plain(&self, text: &str) -> bool {
        self.0.iter().map(|mark| mark.c).eq(text.chars())
    }

    fn is_name(&self) -> bool {
        is_name(&self.0.iter().map(|mark| mark.c).collect::<String>())
    }

    /// `NAME` and what follows the `=`.
    fn assignment(&self) -> Option<(String, &[Mark])> {
        let at = self.0.iter().position(|mark| mark.c == '=' && !mark.is_literal)?;
        let name: String = self.0[..at].iter().map(|mark| mark.c).collect();
        let is_bare = self.0[..at].iter().all(|mark| !mark.is_literal);
        (is_bare && is_name(&name)).then_some((name, &self.0[at + 1..]))
    }
}

fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The words of a line without its comment; `None` if it holds anything but words (a pipe, a command substitution, a
/// quote that does not end).
fn words(line: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<Mark>> = None;
    let mut chars = line.chars();
    let literal = |c| Mark { c, is_literal: true };
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | ';' => words.extend(word.take().map(Word)),
            '#' if word.is_none() => break,
            '`' | '|' | '&' | '(' | ')' | '<' | '>' => return None,
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(literal(c)),
                    }
                }
            }
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(literal(chars.next()?)),
            c => word.get_or_insert_default().push(Mark { c, is_literal: false }),
        }
    }
    words.extend(word.map(Word));
    Some(words)
}

/// Up to the closing quotation mark; a `$` within keeps its meaning.
fn double_quoted(chars: &mut std::str::Chars<'_>, word: &mut Vec<Mark>) -> Option<()> {
    loop {
        let mark = match chars.next()? {
            '"' => return Some(()),
            '`' => return None,
            '\\' => {
                let c = chars.next()?;
                if !matches!(c, '$' | '`' | '"' | '\\') {
                    word.push(Mark { c: '\\', is_literal: true });
                }
                Mark { c, is_literal: true }
            }
            '$' => Mark { c: '$', is_literal: false },
            // In quotes these mean themselves, but after `$` they are part of a name.
            c => Mark { c, is_literal: !(is_name(&c.to_string()) || c.is_ascii_digit() || c == '{' || c == '}') },
        };
        word.push(mark);
    }
}

/// A value with its variables replaced; `None` where one is not known, or where there is no more room for it.
fn expand(value: &[Mark], known: &dyn Fn(&str) -> Option<String>, room: &Cell<usize>) -> Option<String> {
    let mut text = String::new();
    let mut rest = value;
    while let [mark, after @ ..] = rest {
        rest = after;
        if mark.is_literal || mark.c != '$' {
            text.push(mark.c);
            continue;
        }
        let (braces, after) = match rest {
            [Mark { c: '{', is_literal: false }, after @ ..] => (true, after),
            _ => (false, rest),
        };
        let length = after.iter().take_while(|mark| mark.c.is_ascii_alphanumeric() || mark.c == '_').count();
        let name: String = after[..length].iter().map(|mark| mark.c).collect();
        rest = &after[length..];
        if braces {
            let [Mark { c: '}', .. }, after @ ..] = rest else { return None };
            rest = after;
        }
        // Without room a value need not be looked up.
        let value = (room.get() > 0).then(|| known(&name)).flatten()?;
        room.set(room.get().saturating_sub(value.len()));
        (room.get() > 0).then(|| text.push_str(&value))?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> Vec<usize> {
        Keactrl::parse(text.as_bytes()).not_understood.iter().map(|(line, _)| *line).collect()
    }

    #[test]
    fn assignments_are_read_with_quotes_comments_and_variables() {
        let found = Keactrl::parse(
            b"# c\nprefix=/usr\nexec_prefix=${prefix} # c\ndhcp4_srv=\"$exec_prefix/sbin/kea dhcp4\"\n\
            kea_dhcp4_config_file='/etc/$x/a b.conf'; dhcp4=yes\nexport KEA_PIDFILE_DIR=/run/k\\ ea\ndhcp6=no\n",
        );
        assert_eq!(found.not_understood, []);
        assert_eq!(found.program(Daemon::Dhcp4), Some("/usr/sbin/kea dhcp4".into()));
        assert_eq!(found.config_file(Daemon::Dhcp4), Some("/etc/$x/a b.conf".into()));
        assert_eq!(
            [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns].map(|it| found.starts(it)),
            [Some(true), Some(false), None]
        );
        let directories = ["/run/k ea", "/usr/var/run/kea", "/usr/var/kea"];
        assert_eq!(found.pid_directories(), directories.map(PathBuf::from));
    }

    #[test]
    fn kea_before_1_3_had_one_configuration_file_for_all() {
        let found = Keactrl::parse(b"kea_config_file=/etc/kea/kea.conf\n");
        assert_eq!(found.config_file(Daemon::Dhcp6), Some("/etc/kea/kea.conf".into()));
    }

    #[test]
    fn nothing_is_executed_and_what_is_not_understood_is_named() {
        assert_eq!(refused("a=1\n. /etc/default/kea\nb=$(id)\nc=`id`\nd=$e\necho x\nf=1\ng=\"x\n"), [2, 3, 4, 5, 6, 8]);
    }

    #[test]
    fn what_a_condition_may_have_assigned_is_not_known() {
        let found = Keactrl::parse(
            b"dhcp4=yes\nif [ -f /x ]; then\n  dhcp4=no\nfi\ndhcp6=yes\nf() {\n dhcp6=no\n}\nnetconf=no\n",
        );
        assert_eq!((found.starts(Daemon::Dhcp4), found.starts(Daemon::Dhcp6)), (None, None));
        assert_eq!(found.starts(Daemon::Netconf), Some(false));
        let lines: Vec<_> = found.not_understood.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 6, 7, 8]);
    }

    #[test]
    fn a_value_that_is_not_understood_replaces_the_one_before() {
        assert_eq!(Keactrl::parse(b"dhcp4=yes\ndhcp4=$(maybe)\n").starts(Daemon::Dhcp4), None);
    }

    #[test]
    fn shell_keywords_count_only_in_command_position() {
        let found = Keactrl::parse(b"x=\"wait for y\"\ndhcp4=yes\ny='\ndhcp4=no\n'\necho <<<if\ndhcp6=yes\n");
        assert_eq!((found.starts(Daemon::Dhcp4), found.starts(Daemon::Dhcp6)), (Some(true), Some(true)));
        assert_eq!(found.get("x"), Some("wait for y"));
        assert_eq!(found.not_understood, [(6, "echo <<<if".to_owned())]);
    }

    #[test]
    fn what_follows_a_here_document_is_not_known() {
        let found = Keactrl::parse(b"dhcp4=yes\nnetconf=no\ncat <<EOF\ndhcp4=no\nEOF\ndhcp6=yes\n");
        let daemons = [Daemon::Netconf, Daemon::Dhcp4, Daemon::Dhcp6];
        assert_eq!(daemons.map(|daemon| found.starts(daemon)), [Some(false), None, None]);
        assert_eq!(found.not_understood.len(), 4);
    }

    #[test]
    fn a_text_that_doubles_itself_comes_to_an_end() {
        let text = format!("dhcp4=yes\nx=0123456789\n{}dhcp6=yes\n", "x=$x$x\n".repeat(100_000));
        let found = Keactrl::parse(text.as_bytes());
        assert_eq!((found.starts(Daemon::Dhcp4), found.starts(Daemon::Dhcp6)), (Some(true), Some(true)));
        assert!(found.get("x").is_none() && found.not_understood[0].0 < 20, "{:?}", found.not_understood[0]);
        let one_line = format!("x={}\n{}", "a".repeat(60_000), "y=$x ".repeat(100_000));
        assert!(Keactrl::parse(one_line.as_bytes()).get("y").is_none());
    }

    #[test]
    fn a_line_may_be_continued() {
        let found = Keactrl::parse(b"dhcp4=y\\\nes\nx=(\n");
        assert_eq!(found.starts(Daemon::Dhcp4), Some(true));
        assert_eq!(found.not_understood, [(3, "x=(".to_owned())]);
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_panic(text: Vec<u8>) {
            let _ = Keactrl::parse(&text);
        }

        #[test]
        fn any_shell_is_read_without_panic(text in "[a-c=$ {}'\"\\\\;#\n()]{0,60}") {
            let _ = Keactrl::parse(text.as_bytes());
        }
    }
}
