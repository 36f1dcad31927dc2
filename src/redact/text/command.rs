//! Secrets in command lines: `kea-admin -p PASSWORD`, `mysql -pPASSWORD`, `curl -u user:password`, `sudo -S <<< PASSWORD`.
//!
//! A line is read in words as a shell does, so that quotes and blanks are no hiding place; a list of arguments, as JSON and
//! `/proc` have one, is read as it is.

use std::borrow::Cow;
use std::ops::Range;

use super::{Parts, REDACTED, value};

mod programs;

use programs::{Form, PROGRAMS, Program};

/// No command has more arguments before its secret; a line may have the names of many programs.
const MOST_ARGUMENTS: usize = 200;

/// A word of a line.
struct Word<'a> {
    /// Where it is, with its quotes.
    place: Range<usize>,
    text: Cow<'a, str>,
}

/// Finds the secrets in command lines.
pub(super) fn find(text: &str, parts: &mut Parts) {
    let mut start = 0;
    while start < text.len() {
        let end = value::line_end(text, start);
        in_line(text, start..end, parts);
        start = end + 1;
    }
}

fn in_line(text: &str, line: Range<usize>, parts: &mut Parts) {
    let words = words(text, line);
    let plain: Vec<&str> = words.iter().map(|word| &*word.text).collect();
    for (at, secret) in in_words(&plain, true) {
        parts.extend(place(text, &words[at], &secret));
    }
    for command in words.iter().filter_map(|word| command_in(text, word)) {
        in_line(text, command, parts);
    }
}

/// The command in quotes that a word is, as in `sh -c "mysql -p…"`.
fn command_in(text: &str, word: &Word<'_>) -> Option<Range<usize>> {
    let raw = &text[word.place.clone()];
    let quote = raw.chars().next().filter(|c| value::is_quote(*c))?;
    let inner = raw[1..].split(quote).next()?;
    inner.contains(' ').then(|| word.place.start + 1..word.place.start + 1 + inner.len())
}

/// The secrets in a list of arguments: which argument, and which part of it.
pub(in crate::redact) fn in_list(arguments: &[&str]) -> Vec<(usize, Range<usize>)> {
    in_words(arguments, false)
}

/// Where a part of a word is in the text.
fn place(text: &str, word: &Word<'_>, part: &Range<usize>) -> Option<Range<usize>> {
    let raw = &text[word.place.clone()];
    let inner = &word.text[part.clone()];
    // What is hidden already.
    if inner.trim_matches(['(', ')']) == REDACTED.trim_matches(['(', ')']) {
        return None;
    }
    let place = match raw.rfind(inner) {
        Some(at) => word.place.start + at..word.place.start + at + inner.len(),
        // With quotes or escapes in the middle of it.
        None => word.place.clone(),
    };
    (!inner.is_empty()).then_some(place)
}

fn in_words(words: &[&str], is_line: bool) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    let names: Vec<&str> = words.iter().map(program_name).collect();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let after = &words[at..words.len().min(at + MOST_ARGUMENTS)];
        let end = at + after.iter().position(|word| is_operator(word)).unwrap_or(after.len());
        let arguments = at + 1..end;
        for program in PROGRAMS.iter().filter(|program| program.names.contains(name)) {
            of_program(program, words, arguments.clone(), &mut found);
        }
        if *name == "kea-admin" && is_line {
            tail(words, arguments.clone(), &mut found);
        }
        of_others(name, words, arguments, &mut found);
    }
    here_strings(words, &names, &mut found);
    for (at, word) in words.iter().enumerate() {
        // openssl -passin pass:SECRET
        let is_passed = at > 0 && words[at - 1].starts_with("-pass");
        if let Some(secret) = word.strip_prefix("pass:").filter(|_| is_passed) {
            found.push((at, word.len() - secret.len()..word.len()));
        }
    }
    if is_line {
        logins(words, &names, &mut found);
    } else {
        of_unknown(words, &names, &mut found);
    }
    found.retain(|(at, part)| !part.is_empty() && (part.start > 0 || !words[*at].starts_with('-')));
    found.sort_by_key(|(at, part)| (*at, part.start, part.end));
    found.dedup();
    found
}

/// Options of programs that are not known, as most have them.
fn of_unknown(words: &[&str], names: &[&str], found: &mut Vec<(usize, Range<usize>)>) {
    let is_one_known = names.iter().any(|name| is_known(name));
    for (at, pair) in words.windows(2).enumerate() {
        let [option, word] = pair else { continue };
        if matches!(*option, "-p" | "-w") && !is_one_known && is_no_port(word) {
            found.push((at + 1, 0..word.len()));
        }
        if matches!(*option, "-u" | "-U" | "--user") {
            found.extend(login(word, &[':', '%']).map(|part| (at + 1, part)));
        }
    }
}

/// `-u user:password` in a line, whatever the program is; a user and a group are written the same way.
fn logins(words: &[&str], names: &[&str], found: &mut Vec<(usize, Range<usize>)>) {
    const WITH_GROUPS: [&str; 5] = ["docker", "podman", "nerdctl", "docker-compose", "setpriv"];
    if names.iter().any(|name| WITH_GROUPS.contains(name)) {
        return;
    }
    let is_plain = |c: char| c.is_alphanumeric() || "._-@".contains(c);
    for (at, pair) in words.windows(2).enumerate() {
        let [option, word] = pair else { continue };
        let (user, password) = word.split_once(':').unwrap_or_default();
        let is_login = !user.is_empty() && user.chars().all(is_plain) && user != password && is_no_port(password);
        if matches!(*option, "-u" | "-U" | "--user") && is_login {
            found.push((at + 1, user.len() + 1..word.len()));
        }
    }
}

/// The name of a program in a word: without directory and the signs of a sentence.
fn program_name<'a>(word: &&'a str) -> &'a str {
    // `"host":` is a member.
    let is_other = word.starts_with('-') || word.ends_with(':');
    // `ExecStopPost=mysql` in a unit.
    let command = word.strip_prefix("Exec").and_then(|word| Some(word.split_once('=')?.1)).unwrap_or(word);
    let name = command
        .trim_start_matches(['-', '@', ':', '+', '!'])
        .rsplit('/')
        .next()
        .filter(|_| !is_other)
        .unwrap_or_default();
    let name = name.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
    name.strip_suffix(".exe").unwrap_or(name)
}

fn is_known(name: &str) -> bool {
    PROGRAMS.iter().any(|program| program.names.contains(&name)) || programs::OTHERS.contains(&name)
}

fn is_operator(word: &str) -> bool {
    matches!(word, "|" | "||" | "&&" | ";" | "&")
}

/// Whether a value after `-p` can be a password.
fn is_no_port(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['-', '/', '.']) && !value.bytes().all(|c| c.is_ascii_digit())
}

fn of_program(program: &Program, words: &[&str], arguments: Range<usize>, found: &mut Vec<(usize, Range<usize>)>) {
    for at in arguments.clone() {
        for (option, form) in program.options {
            if let Some((at, value)) = value_of(program, option, words, at, arguments.end) {
                let is_attached = value.start > 0;
                let text = &words[at][value.clone()];
                let part = match form {
                    Form::Attached if !is_attached => None,
                    Form::Secret | Form::Attached => Some(0..text.len()),
                    Form::Login(signs) => login(text, signs),
                    Form::After(sign) => text.rfind(*sign).map(|at| at + 1..text.len()),
                };
                found.extend(part.map(|part| (at, value.start + part.start..value.start + part.end)));
            }
        }
    }
    if !program.places.is_empty() {
        let plain: Vec<usize> = arguments.filter(|at| !words[*at].starts_with('-')).collect();
        found.extend(program.places.iter().filter_map(|place| plain.get(*place)).map(|at| (*at, 0..words[*at].len())));
    }
}

/// The value of an option in the word at `at`, or in the next.
fn value_of(program: &Program, option: &str, words: &[&str], at: usize, end: usize) -> Option<(usize, Range<usize>)> {
    let word = words[at];
    let next = || (at + 1 < end).then(|| (at + 1, 0..words[at + 1].len()));
    if word == option {
        return next();
    }
    if option.starts_with("--") || option.len() > 3 {
        let value = word.strip_prefix(option)?.strip_prefix('=')?;
        return Some((at, word.len() - value.len()..word.len()));
    }
    if let Some(value) = word.strip_prefix(option) {
        return Some((at, word.len() - value.len()..word.len()));
    }
    // `-sku user:password`
    let letter = option.strip_prefix('-')?;
    let cluster = word.strip_prefix('-').filter(|_| !program.flags.is_empty())?;
    let flags = cluster.find(letter)?;
    if !cluster[..flags].chars().all(|flag| program.flags.contains(flag)) {
        return None;
    }
    let start = 1 + flags + letter.len();
    if start == word.len() { next() } else { Some((at, start..word.len())) }
}

/// The part of `user:password` that is secret.
fn login(text: &str, signs: &[char]) -> Option<Range<usize>> {
    let at = text.find(signs)?;
    let is_url = text[at..].starts_with("://");
    (at + 1 < text.len() && !is_url).then(|| at + 1..text.len())
}

/// What follows the password of `kea-admin -p` up to the next option: a password with blanks, where a list of processes
/// has left the quotes out.
fn tail(words: &[&str], arguments: Range<usize>, found: &mut Vec<(usize, Range<usize>)>) {
    let Some(option) = arguments.clone().find(|at| words[*at] == "-p") else { return };
    let rest = option + 2..arguments.end;
    found.extend(rest.take_while(|at| !words[*at].starts_with('-')).map(|at| (at, 0..words[at].len())));
}

/// Programs whose arguments depend on each other.
fn of_others(name: &str, words: &[&str], arguments: Range<usize>, found: &mut Vec<(usize, Range<usize>)>) {
    let (options, plain): (Vec<usize>, Vec<usize>) = arguments.partition(|at| words[*at].starts_with('-'));
    let has = |letter: char| options.iter().any(|at| !words[*at].starts_with("--") && words[*at].contains(letter));
    let place = match name {
        "htpasswd" if has('b') && has('n') => plain.get(1),
        "htpasswd" if has('b') => plain.get(2),
        "rabbitmqctl"
            if plain.first().is_some_and(|at| words[*at].ends_with("_user") || words[*at] == "change_password") =>
        {
            plain.get(2)
        }
        "vault" if plain.first().is_some_and(|at| words[*at] == "login") => plain.get(1),
        "openssl" if plain.first().is_some_and(|at| words[*at] == "passwd") => plain.get(1),
        "mysqladmin" | "mariadb-admin" => {
            plain.iter().position(|at| words[*at] == "password").and_then(|at| plain.get(at + 1))
        }
        "sqlplus" | "sqlldr" | "expdp" | "impdp" => plain.first(),
        _ => None,
    };
    let Some(at) = place.copied() else { return };
    let word = words[at];
    if matches!(name, "sqlplus" | "sqlldr" | "expdp" | "impdp") {
        let end = word.find('@').unwrap_or(word.len());
        found.extend(login(&word[..end], &['/']).map(|part| (at, part)));
    } else {
        found.push((at, 0..word.len()));
    }
}

/// Passwords that a program reads: `sudo -S <<< PASSWORD`, `echo PASSWORD | sudo -S`, `echo user:PASSWORD | chpasswd`.
fn here_strings(words: &[&str], names: &[&str], found: &mut Vec<(usize, Range<usize>)>) {
    for (at, word) in words.iter().enumerate() {
        if *word == "<<<" && at + 1 < words.len() {
            found.push((at + 1, 0..words[at + 1].len()));
        } else if let Some(secret) = word.strip_prefix("<<<") {
            found.push((at, word.len() - secret.len()..word.len()));
        }
    }
    for pipe in words.iter().enumerate().filter(|(_, word)| **word == "|").map(|(at, _)| at) {
        let after = &words[pipe + 1..];
        let is_reader =
            match after.iter().position(|word| !program_name(word).is_empty()).map(|at| program_name(&after[at])) {
                Some("sudo") => {
                    after.contains(&"-S") || after.iter().any(|word| *word == "chpasswd" || *word == "passwd")
                }
                Some(name) => {
                    ["passwd", "chpasswd", "kinit", "su", "cryptsetup", "smbpasswd"].contains(&name)
                        || after.contains(&"--password-stdin")
                }
                None => false,
            };
        let Some(echo) =
            names[..pipe].iter().rposition(|name| matches!(*name, "echo" | "printf")).filter(|_| is_reader)
        else {
            continue;
        };
        for at in (echo + 1..pipe).filter(|at| !words[*at].starts_with('-')) {
            let is_login = after.contains(&"chpasswd");
            found.push((at, login(words[at], &[':']).filter(|_| is_login).unwrap_or(0..words[at].len())));
        }
    }
}

/// The words of a line as a shell reads them; a comma between quoted words parts them too, as in JSON and Python.
fn words(text: &str, line: Range<usize>) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = line.start;
    loop {
        let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | '(' | ']' | ')' | '{' | '}');
        at += text[at..line.end].chars().take_while(|c| is_between(*c)).map(char::len_utf8).sum::<usize>();
        if at >= line.end {
            return words;
        }
        let end = word_end(text, at, line.end);
        words.push(Word { place: at..end, text: unquoted(&text[at..end]) });
        at = end;
    }
}

/// Where the word ends that begins at `start`.
fn word_end(text: &str, start: usize, end: usize) -> usize {
    const OPENINGS: [&str; 7] = [":'", ":\"", "='", "=\"", "%'", "%\"", "\\"];
    let is_quoted = text[start..].starts_with(value::is_quote);
    // A line of JSON may be one word of many megabytes.
    let rest = if is_quoted { "" } else { &text[start..end] };
    let plain = rest.split_whitespace().next().unwrap_or_default();
    // An apostrophe in a sentence begins nothing.
    if !is_quoted && !plain.starts_with('-') && !OPENINGS.iter().any(|opening| plain.contains(opening)) {
        return start + plain.len().max(1);
    }
    let is_closed = |at: usize| is_quoted && text[..at].ends_with(value::is_quote);
    let is_end = |at: usize, c: char| c.is_whitespace() || matches!(c, ',' | ']' | ')' | '}') && is_closed(at);
    let found = value::word_before(text, start..end, None, &is_end);
    found.max(start + text[start..].chars().next().map_or(1, char::len_utf8))
}

/// A word without its quotes and backslashes.
fn unquoted(word: &str) -> Cow<'_, str> {
    if !word.contains(['"', '\'', '\\']) {
        return Cow::Borrowed(word.trim_end_matches([',', ';', ']', ')']));
    }
    let mut text = String::new();
    let mut quote = None;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            ('\\', None | Some('"')) => text.extend(chars.next().filter(|c| *c != '\n')),
            (c, _) => text.push(c),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a line if each secret in it is a star.
    fn starred(text: &str) -> String {
        let mut parts = Vec::new();
        find(text, &mut parts);
        parts.sort_by_key(|part| std::cmp::Reverse(part.start));
        parts.dedup();
        let mut text = text.to_owned();
        for part in parts {
            text.replace_range(part, "*");
        }
        text
    }

    #[test]
    fn secrets_of_known_commands_are_found() {
        for (text, expected) in [
            ("kea-admin db-init mysql -u kea -p 'a b' -n kea", "kea-admin db-init mysql -u kea -p '*' -n kea"),
            ("kea-admin db-init mysql -u kea -p a b -n kea", "kea-admin db-init mysql -u kea -p * * -n kea"),
            ("/usr/bin/mysql -ukea -phunter22 kea", "/usr/bin/mysql -ukea -p* kea"),
            ("mysql -p'a b' kea", "mysql -p'*' kea"),
            ("ExecStopPost=mysql -phunter22 kea", "ExecStopPost=mysql -p* kea"),
            ("ExecStop=/bin/sh -c \"mysql -phunter22 kea\"", "ExecStop=/bin/sh -c \"mysql -p* kea\""),
            ("sh -c 'cd /x; bash -c \"mysql -phunter22 kea\"' x", "sh -c 'cd /x; bash -c \"mysql -p* kea\"' x"),
            ("ExecStopPost=-/usr/bin/mysql -phunter22 kea", "ExecStopPost=-/usr/bin/mysql -p* kea"),
            ("curl -sku bob:hunter22 https://x/", "curl -sku bob:* https://x/"),
            ("curl -u \"bob:a b\" https://x/", "curl -u \"bob:*\" https://x/"),
            ("smbclient -U bob%hunter22 //h/s", "smbclient -U bob%* //h/s"),
            ("ssh-keygen -t ed25519 -N hunter22 -f x", "ssh-keygen -t ed25519 -N * -f x"),
            ("htpasswd -b /etc/x bob hunter22", "htpasswd -b /etc/x bob *"),
            ("htpasswd -nbB bob hunter22", "htpasswd -nbB bob *"),
            ("ipmitool -I lanplus -H h -U a -P hunter22 sdr", "ipmitool -I lanplus -H h -U a -P * sdr"),
            ("sudo -S <<< 'a b'", "sudo -S <<< '*'"),
            ("echo hunter22 | sudo -S true", "echo * | sudo -S true"),
            ("echo bob:hunter22 | chpasswd", "echo bob:* | chpasswd"),
            ("nsupdate -y hmac-sha256:k.name:c2VjcmV0", "nsupdate -y hmac-sha256:k.name:*"),
            ("radtest bob hunter22 r1 10 testing123", "radtest bob * r1 10 *"),
            ("mysqladmin -u root password hunter22", "mysqladmin -u root password *"),
            ("sqlplus kea/hunter22@db", "sqlplus kea/*@db"),
            ("exec \"mysql\",\"-u\",\"bob\",\"-p\",\"x y\"", "exec \"mysql\",\"-u\",\"bob\",\"-p\",\"*\""),
            ("call it with -u kea:hunter22 for now", "call it with -u kea:* for now"),
            ("docker run -u kea:adm kea", "docker run -u kea:adm kea"),
            ("x -u 0:0 y -u kea:kea", "x -u 0:0 y -u kea:kea"),
            ("psql -p 5432 -U kea", "psql -p 5432 -U kea"),
            ("don't say dig won't do", "don't say dig won't do"),
        ] {
            assert_eq!(starred(text), expected);
        }
    }

    #[test]
    fn secrets_of_lists_of_arguments_are_found() {
        assert_eq!(in_list(&["curl", "-u", "bob:pw"]), [(2, 4..6)]);
        assert_eq!(in_list(&["-u", "bob:pw"]), [(1, 4..6)]);
        assert_eq!(in_list(&["kea-admin", "-p", "a b", "c"]), [(2, 0..3)]);
        assert_eq!(in_list(&["x", "-p", "y"]), [(2, 0..1)]);
        assert!(in_list(&["kea-dhcp4", "-p", "6767", "-c", "/x"]).is_empty());
        assert_eq!(programs::names().filter(|name| name.contains(' ')).count(), 0);
    }
}
