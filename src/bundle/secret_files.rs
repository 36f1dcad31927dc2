//! Files that only hold a secret: passwords, keys. They are never copied; what is in them is looked for in everything else.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Gathered;
use super::unit_files::matching;
use crate::config::json::{Data, Value};
use crate::error::io_cause;
use crate::fs::access::is_absent;
use crate::inspect::Root;
use crate::redact;

/// More than any file with a secret.
const LARGEST: u64 = 64 << 10;

/// Members that name a file with a secret.
const MEMBERS: [&str; 6] =
    ["password-file", "basic-auth-password-file", "secret-file", "key-file", "client-keytab", "credentials-cache"];

/// Files of clients of databases in a user's directory.
const IN_HOMES: [&str; 5] = [".pgpass", ".my.cnf", ".mylogin.cnf", ".netrc", ".pg_service.conf"];

/// Directories of Kea and of databases that no user may have.
const HOMES: [&str; 5] = ["/root", "/var/lib/kea", "/var/lib/_kea", "/etc/kea", "/var/lib/postgresql"];

/// Files of clients of databases that are of no user.
const OF_CLIENTS: [&str; 7] = [
    "/etc/mysql/debian.cnf",
    "/etc/my.cnf",
    "/etc/my.cnf.d/*.cnf",
    "/etc/mysql/my.cnf",
    "/etc/mysql/conf.d/*.cnf",
    "/etc/mysql/mariadb.conf.d/*.cnf",
    "/etc/postgresql-common/pg_service.conf",
];

/// Learns what is in the files with secrets that a configuration names; names without a directory are in `folder`.
pub(super) fn named(root: &Root, value: &Value, folder: &Path, gathered: &mut Gathered) {
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| named(root, item, folder, gathered)),
        Data::Map(members) => {
            let own = members.get("directory").and_then(path);
            let folder = own.as_deref().unwrap_or(folder);
            for (name, value) in members.iter() {
                let is_file = names_a_file(&String::from_utf8_lossy(name));
                match path(value).filter(|_| is_file) {
                    Some(path) => of_member(root, &folder.join(path), gathered),
                    None => named(root, value, folder, gathered),
                }
            }
        }
        _ => {}
    }
}

/// Learns what is in a file that a configuration names. Each line is a part of the secret, whatever it begins with; those
/// of a key in PEM are known by their shape.
fn of_member(root: &Root, path: &Path, gathered: &mut Gathered) {
    learn(root, path, gathered);
    let Ok(octets) = root.regular_file(path, LARGEST) else { return };
    let text = redact::text_of(&octets);
    let is_pem = text.contains("-----BEGIN ") && text.contains("-----END ");
    for line in text.lines().filter(|line| !line.trim().is_empty() && !is_pem) {
        gathered.secrets.learn_whole(line);
        gathered.secrets.learn_whole(line.trim());
    }
}

/// Whether a member with this name names a file with a secret: those of Kea, and `token-file` and the like of other hooks.
fn names_a_file(name: &str) -> bool {
    let of_what = name.strip_suffix("-file").or_else(|| name.strip_suffix("_file"));
    MEMBERS.contains(&name) || of_what.is_some_and(redact::is_name_of_a_secret)
}

fn path(value: &Value) -> Option<PathBuf> {
    match &value.data {
        Data::Text(octets) => Some(PathBuf::from(String::from_utf8_lossy(octets).trim_start_matches("FILE:"))),
        _ => None,
    }
}

/// Learns what is in the files of clients of databases: those of every user, and those that `named` are in variables.
pub(super) fn of_clients(root: &Root, named: &[PathBuf], gathered: &mut Gathered) {
    /// More users than a server has.
    const MOST: usize = 1000;
    let passwd = root.regular_file("/etc/passwd", 1 << 20).unwrap_or_default();
    let passwd = redact::text_of(&passwd);
    let homes = passwd.lines().filter_map(|line| line.split(':').nth(5)).filter(|home| home.len() > 1).take(MOST);
    let homes: BTreeSet<&str> = homes.chain(HOMES).collect();
    let in_homes = homes.iter().flat_map(|home| IN_HOMES.map(|name| Path::new(home).join(name)));
    let all: BTreeSet<PathBuf> = in_homes.chain(named.iter().cloned()).collect();
    for file in all.iter().filter(|file| root.metadata(file).is_ok_and(|found| found.is_file())) {
        learn(root, file, gathered);
    }
    for file in OF_CLIENTS.iter().flat_map(|pattern| matching(root, pattern)) {
        match root.regular_file(&file, LARGEST) {
            Ok(octets) => gathered.secrets.learn_text(&redact::text_of(&octets)),
            Err(cause) if is_absent(&cause) => {}
            Err(cause) => unread(&file, &cause, gathered),
        }
    }
}

/// Whether a file by its name holds nothing but a secret.
pub(super) fn is_one(path: &Path) -> bool {
    const ENDS: [&str; 9] = ["key", "keytab", "pem", "p12", "pfx", "jks", "psk", "secret", "passwd"];
    const FOLDERS: [&str; 6] = ["auth", "secrets", "secret", "tsig", "private", "credentials"];
    let lower = |text: &std::ffi::OsStr| text.to_string_lossy().to_ascii_lowercase();
    let end = path.extension().map(lower).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).map(lower).unwrap_or_default();
    let name = path.file_name().map(lower).unwrap_or_default();
    let is_named = redact::is_name_of_a_secret(path.file_stem().unwrap_or_default().to_string_lossy().as_ref());
    let is_hidden = [".pgpass", ".my.cnf", ".netrc", ".htpasswd"].contains(&name.as_str());
    ENDS.contains(&end.as_str()) || FOLDERS.contains(&folder.as_str()) || is_named || is_hidden
}

/// Learns the lines of a file with a secret: each as it is, what is after each colon, and what follows the name of a secret.
pub(super) fn learn(root: &Root, path: &Path, gathered: &mut Gathered) {
    let octets = match root.regular_file(path, LARGEST) {
        Ok(octets) => octets,
        Err(cause) => return unread(path, &cause, gathered),
    };
    let text = redact::text_of(&octets);
    let is_public = text.contains("-----BEGIN CERTIFICATE") && !text.contains("PRIVATE KEY");
    if is_public {
        return;
    }
    gathered.left_out(path.display().to_string(), "it holds a secret");
    gathered.secrets.learn_text(&text);
    // `[client]` and `user=x` are no secrets, nor are remarks.
    let has_settings = text.lines().any(|line| line.starts_with('[') && line.ends_with(']'));
    let is_meant = |line: &&str| !line.is_empty() && !line.starts_with('#') && !line.starts_with("-----");
    for line in text.lines().map(str::trim).filter(is_meant).filter(|_| !has_settings) {
        gathered.secrets.learn(line);
        if let [_, _, database, user, .., password] = &fields(line)[..] {
            // host:port:database:user:password
            gathered.secrets.keep(database);
            gathered.secrets.keep(user);
            gathered.secrets.learn(password);
        }
        match line.split(':').collect::<Vec<_>>()[..] {
            [_, _, _, _, .., password] => gathered.secrets.learn(password),
            [user, .., password] => {
                gathered.secrets.keep(user);
                gathered.secrets.learn(password);
                gathered.secrets.learn(&line[user.len() + 1..]);
            }
            _ => {}
        }
    }
}

/// The fields of a line of .pgpass, in which a backslash is before a colon or a backslash of a field.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut signs = line.chars();
    while let Some(sign) = signs.next() {
        match (sign, fields.last_mut()) {
            (':', _) => fields.push(String::new()),
            ('\\', Some(field)) => field.extend(signs.next()),
            (sign, Some(field)) => field.push(sign),
            (_, None) => {}
        }
    }
    fields
}

/// Reports a file with secrets that cannot be read. Those of a file that this user may not read may therefore be left in
/// the bundle; where reading fails, what may have them is left out.
pub(super) fn unread(path: &Path, cause: &io::Error, gathered: &mut Gathered) {
    let what = path.display().to_string();
    let why = io_cause(cause);
    match cause.kind() {
        _ if is_absent(cause) => gathered.left_out(what, "it is not there"),
        ErrorKind::PermissionDenied => {
            gathered
                .missing(what, format!("{why}; the secrets in it are not searched for in the bundle (run as root)"));
        }
        _ => {
            gathered.unlearned.secrets(what.clone(), why.clone());
            gathered.missing(what, why);
        }
    }
}
