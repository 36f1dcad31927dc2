//! Files that units name: those with variables, and those with credentials.

use std::collections::BTreeSet;

/// Where credentials are that a unit names without a directory (systemd.exec(5)).
const STORES: [&str; 7] = [
    "/etc/credstore",
    "/etc/credstore.encrypted",
    "/run/credstore",
    "/run/credstore.encrypted",
    "/usr/lib/credstore",
    "/usr/lib/credstore.encrypted",
    "/usr/local/lib/credstore",
];

/// Directories of services that a unit may write as a specifier.
const SPECIFIERS: [(char, &str); 8] = [
    ('E', "/etc"),
    ('S', "/var/lib"),
    ('C', "/var/cache"),
    ('L', "/var/log"),
    ('t', "/run"),
    ('T', "/tmp"),
    ('V', "/var/tmp"),
    ('h', "/root"),
];

/// Paths, which may have `*` and `?` in them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) variables: BTreeSet<String>,
    pub(super) credentials: BTreeSet<String>,
}

impl Named {
    /// Adds those of a unit.
    pub(super) fn add(&mut self, unit: &str) {
        let unit = unit.replace("\\\r\n", " ").replace("\\\n", " ");
        for (name, value) in unit.lines().filter_map(|line| line.trim().split_once('=')) {
            let value = unquoted(value);
            match name.trim_matches([' ', '\t', '#', ';']) {
                "EnvironmentFile" => self.variables.extend(absolute(value.trim_start_matches('-'))),
                "LoadCredential" | "LoadCredentialEncrypted" => self.credential(value),
                "ImportCredential" => self.in_stores(value.split(':').next().unwrap_or_default()),
                _ => {}
            }
        }
    }

    /// `name:/path`, of which the path may be a directory, or the name of one that is in a store.
    fn credential(&mut self, value: &str) {
        let (name, path) = value.split_once(':').unwrap_or((value, value));
        match absolute(path) {
            Some(path) => self.credentials.extend([format!("{path}/*"), path]),
            None => self.in_stores(if path.is_empty() { name } else { path }),
        }
    }

    fn in_stores(&mut self, name: &str) {
        let name = resolved(name);
        self.credentials.extend(STORES.iter().filter(|_| !name.is_empty()).map(|store| format!("{store}/{name}")));
    }
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches(['"', '\'']).trim()
}

fn absolute(path: &str) -> Option<String> {
    let path = resolved(unquoted(path));
    path.starts_with('/').then_some(path)
}

/// A path with the specifiers that are directories; any other may be anything.
fn resolved(path: &str) -> String {
    let mut out = String::new();
    let mut signs = path.chars();
    while let Some(sign) = signs.next() {
        match (sign == '%').then(|| signs.next()).flatten() {
            None => out.push(sign),
            Some('%') => out.push('%'),
            Some(letter) => match SPECIFIERS.iter().find(|(known, _)| *known == letter) {
                Some((_, folder)) => out.push_str(folder),
                None => out.push('*'),
            },
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_variables_are_known() {
        for (value, expected) in [
            ("/etc/kea/env", Some("/etc/kea/env")),
            ("-/etc/kea/env", Some("/etc/kea/env")),
            ("\"-/etc/kea/my env\"", Some("/etc/kea/my env")),
            ("-\"/etc/kea/env\"", Some("/etc/kea/env")),
            ("-/etc/kea/env.d/*.conf", Some("/etc/kea/env.d/*.conf")),
            ("\\\n  /etc/kea/env", Some("/etc/kea/env")),
            ("-%E/kea/%i.env", Some("/etc/kea/*.env")),
            ("/etc/100%%", Some("/etc/100%")),
            ("relative", None),
        ] {
            let mut named = Named::default();
            named.add(&format!("[Service]\nEnvironmentFile={value}\nX=y\n"));
            assert_eq!(named.variables.iter().next().map(String::as_str), expected, "{value}");
        }
    }

    #[test]
    fn credentials_of_all_settings_are_known() {
        for (setting, expected) in [
            ("LoadCredential=pw:/etc/creds/pw", "/etc/creds/pw"),
            ("LoadCredential=pw:/etc/creds", "/etc/creds/*"),
            ("LoadCredential=pw", "/etc/credstore/pw"),
            ("LoadCredential=pw:other", "/run/credstore/other"),
            ("LoadCredentialEncrypted=pw:/etc/creds/pw.cred", "/etc/creds/pw.cred"),
            ("ImportCredential=kea.*", "/etc/credstore/kea.*"),
        ] {
            let mut named = Named::default();
            named.add(&format!("[Service]\n{setting}\n"));
            assert!(named.credentials.contains(expected), "{setting}: {named:?}");
        }
    }
}
