//! Passwords in command lines: `kea-admin -p PASSWORD`, `mysql -pPASSWORD`, `curl -u user:password`.

use super::Parts;

/// Programs whose `-p` is a password.
const PASSWORDS: &[&str] =
    &["kea-admin", "mysql", "mariadb", "mysqldump", "mysqladmin", "mariadb-dump", "mariadb-admin", "sshpass"];

/// Programs whose `-u` is user:password.
const LOGINS: &[&str] = &["curl", "wget", "http", "kea-shell"];

/// Finds the passwords in a command line.
pub(super) fn find(text: &str, parts: &mut Parts) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_run = |programs: &[&str]| {
        words.iter().any(|word| programs.contains(&word.rsplit('/').next().unwrap_or(word).trim_matches(['"', '\''])))
    };
    let (has_password, has_login) = (is_run(PASSWORDS), is_run(LOGINS));
    if !has_password && !has_login {
        return;
    }
    let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let (value, is_login) = match *word {
            "-p" if has_password => (next, false),
            "-u" | "--user" | "--proxy-user" | "-U" if has_login => (next, true),
            word if has_password && word.starts_with("-p") => (&word[2..], false),
            word if has_login && word.starts_with("-u") => (&word[2..], true),
            _ => continue,
        };
        let secret = if is_login { value.split_once(':').map_or("", |(_, password)| password) } else { value };
        if !secret.is_empty() && !secret.starts_with('-') {
            parts.push(place(secret)..place(secret) + secret.len());
        }
    }
}
