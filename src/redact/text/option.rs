//! Passwords in command lines: `kea-admin -p PASSWORD`, `mysql -pPASSWORD`, `curl -u user:password`.

use super::Parts;

/// Programs, the option of each that has a secret, and whether that is `user:password`.
const OPTIONS: &[(&[&str], &[&str], bool)] = &[
    (
        &["kea-admin", "mysql", "mariadb", "mysqldump", "mysqladmin", "mariadb-dump", "mariadb-admin", "sshpass"],
        &["-p"],
        false,
    ),
    (&["curl", "wget", "http", "kea-shell"], &["-u", "--user", "--proxy-user", "-U"], true),
    (&["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd"], &["-w"], false),
    (&["redis-cli"], &["-a"], false),
    (&["snmpget", "snmpwalk", "snmpbulkwalk", "snmpset", "snmptrap", "snmpgetnext"], &["-c", "-A", "-X"], false),
];

/// Finds the passwords in command lines.
pub(super) fn find(text: &str, parts: &mut Parts) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut found = Parts::new();
        in_line(line, &mut found);
        parts.extend(found.into_iter().map(|part| part.start + start..part.end + start));
        start += line.len();
    }
}

fn in_line(text: &str, parts: &mut Parts) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let name = |word: &&str| {
        word.rsplit('/')
            .next()
            .filter(|_| !word.starts_with('-'))
            .unwrap_or_default()
            .trim_matches(['"', '\'', ':', ';', '('])
            .to_owned()
    };
    let names: Vec<String> = words.iter().map(name).collect();
    let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let mut push = |secret: &str| {
        let secret = secret.trim_matches(['"', '\'']);
        if !secret.is_empty() && !secret.starts_with('-') {
            parts.push(place(secret)..place(secret) + secret.len());
        }
    };
    for (_, options, is_login) in
        OPTIONS.iter().filter(|(programs, ..)| names.iter().any(|name| programs.contains(&name.as_str())))
    {
        for value in values(&words, options) {
            push(if *is_login { value.split_once(':').map_or("", |(_, password)| password) } else { value });
        }
    }
    // radtest USER PASSWORD HOST PORT SECRET; radclient HOST COMMAND SECRET.
    for (program, places) in [("radtest", &[2, 5][..]), ("radclient", &[3])] {
        if let Some(at) = names.iter().position(|name| name == program) {
            let arguments: Vec<&str> = words[at..].iter().copied().filter(|word| !word.starts_with('-')).collect();
            places.iter().filter_map(|place| arguments.get(*place)).for_each(|secret| push(secret));
        }
    }
    // openssl -passin pass:SECRET
    for word in words.iter().filter_map(|word| word.trim_matches(['"', '\'']).strip_prefix("pass:")) {
        push(word);
    }
}

/// The values of options, in the same word or the next.
fn values<'a>(words: &[&'a str], options: &[&str]) -> Vec<&'a str> {
    let value = |(at, word): (usize, &&'a str)| {
        let option = options.iter().find(|option| word.starts_with(**option))?;
        match &word[option.len()..] {
            "" => words.get(at + 1).copied(),
            _ if option.starts_with("--") => None,
            rest => Some(rest),
        }
    };
    words.iter().enumerate().filter_map(value).collect()
}
