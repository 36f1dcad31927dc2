//! The files that a configuration puts into a daemon's hands: leases, logs, and whatever else it names.
//!
//! For those who are about to write a file: it is better to know one too many. So a file with a fault in it tells what it
//! can, and each text that begins with a slash is taken for the name of a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::control::Socket;
use super::json::{self, Data, Value};
use super::network::{as_text, get, list, text};
use super::{Backend, Daemon, KeaConfig, Reader, lease_files, model};
use crate::lease::Family;

/// Where a log without a directory goes: Kea 2.6.3 on; source builds.
const LOG_DIRECTORIES: [&str; 2] = ["/var/log/kea", "/usr/local/var/log/kea"];

/// The variable that moves that directory (Kea 2.6.3 on).
const LOG_DIRECTORY_VARIABLE: &str = "KEA_LOG_FILE_DIR";

/// Where the log for legal purposes goes; the second before Kea 2.7.
const LEGAL_LOG_DIRECTORIES: [&str; 2] = ["/var/log/kea", "/var/lib/kea"];

/// What a daemon does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileUse {
    /// It keeps its leases there.
    Leases,
    /// It writes its log there, and renames old logs beside it.
    Log,
    /// Something else.
    Other,
}

/// A file that a configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// The daemon.
    pub daemon: Daemon,
    /// What it does with it.
    pub used_as: FileUse,
    /// The file, or one of the places where it may be.
    pub path: PathBuf,
}

/// What a configuration says of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The daemons it configures.
    pub daemons: Vec<Daemon>,
    /// The files it names.
    pub files: Vec<NamedFile>,
    /// The families of which it says where the leases are, in files or in a database.
    pub families: Vec<Family>,
}

/// The files that the text of the configuration file `path` names, for any daemon.
#[must_use]
pub fn named(
    path: &Path,
    content: Vec<u8>,
    reader: &mut Reader<'_>,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Named {
    let partly = json::parse_partly(path, content, reader);
    let top = &partly.value;
    let mut found = Named::default();
    for config in model::configs(path, &partly).unwrap_or_default() {
        found.families.push(config.family);
        let daemon = if config.family == Family::V4 { Daemon::Dhcp4 } else { Daemon::Dhcp6 };
        let keeps_a_file = config.lease_database.backend == Backend::Memfile && config.lease_database.persist;
        let files = if keeps_a_file { lease_files(&config, variable) } else { Vec::new() };
        found.files.extend(files.into_iter().map(|path| NamedFile { daemon, used_as: FileUse::Leases, path }));
        if config.family == Family::V6 {
            let files = server_id_files(config, variable);
            found.files.extend(files.into_iter().map(|path| NamedFile { daemon, used_as: FileUse::Other, path }));
        }
    }
    for daemon in Daemon::ALL {
        let Some(section) = get(top, daemon.config_key()) else { continue };
        found.daemons.push(daemon);
        let loggers = [Some(section), get(top, "Logging")].into_iter().flatten();
        let logs = loggers.flat_map(|map| logs(map, variable)).chain(legal_logs(section));
        found.files.extend(logs.map(|path| NamedFile { daemon, used_as: FileUse::Log, path }));
        let mut others = Vec::new();
        walk(section, &mut others, variable);
        found.files.extend(others.into_iter().map(|path| NamedFile { daemon, used_as: FileUse::Other, path }));
    }
    found
}

/// Where the loggers of a daemon may write.
fn logs(section: &Value, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let outputs = list(section, "loggers").flat_map(|logger| {
        ["output-options", "output_options"]
            .into_iter()
            .flat_map(|key| list(logger, key))
            .filter_map(|output| text(output, "output"))
    });
    let is_file =
        |name: &String| !matches!(name.as_str(), "stdout" | "stderr" | "syslog") && !name.starts_with("syslog:");
    let from_variable = variable(LOG_DIRECTORY_VARIABLE).map(PathBuf::from);
    let directories: Vec<PathBuf> = from_variable.into_iter().chain(LOG_DIRECTORIES.map(PathBuf::from)).collect();
    // Joined to a directory, an absolute name is itself.
    outputs
        .filter(is_file)
        .flat_map(|name| directories.iter().map(move |folder| folder.join(&name)).collect::<Vec<_>>())
        .collect()
}

/// Where a DHCPv6 server keeps its DUID: with another one it is another server to its clients.
fn server_id_files(mut config: KeaConfig, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    config.lease_database.name = Some("kea-dhcp6-serverid".to_owned());
    lease_files(&config, variable)
}

/// The logs of the hook library for legal purposes; each day's has the date after this name.
fn legal_logs(section: &Value) -> Vec<PathBuf> {
    let is_legal_log = |hook: &&Value| text(hook, "library").is_some_and(|library| library.contains("legal_log"));
    let of_hook = |hook: &Value| {
        let said = |key| get(hook, "parameters").and_then(|parameters| text(parameters, key));
        let name = said("base-name").unwrap_or_else(|| "kea-legal".to_owned());
        let directories =
            said("path").map_or_else(|| LEGAL_LOG_DIRECTORIES.map(PathBuf::from).to_vec(), |path| vec![path.into()]);
        directories.into_iter().map(move |directory| directory.join(&name)).collect::<Vec<_>>()
    };
    list(section, "hooks-libraries").filter(is_legal_log).flat_map(of_hook).collect()
}

/// The files of a list of clients whose names and passwords are in a directory.
fn credentials(value: &Value) -> Vec<PathBuf> {
    let directory = PathBuf::from(text(value, "directory").unwrap_or_default());
    let of_client = |client: &Value| ["user-file", "password-file"].map(|key| text(client, key));
    list(value, "clients").flat_map(of_client).flatten().map(|name| directory.join(name)).collect()
}

/// Every text that may be the name of a file.
fn walk(value: &Value, found: &mut Vec<PathBuf>, variable: &dyn Fn(&str) -> Option<OsString>) {
    match &value.data {
        Data::Map(members) => {
            let socket = get(value, "socket-name").and_then(as_text).map(|name| Socket::Unix(name.into()));
            found.extend(socket.into_iter().flat_map(|socket| socket.paths(variable)));
            found.extend(credentials(value).into_iter().filter(|path| path.is_absolute()));
            for member in members.values() {
                walk(member, found, variable);
            }
        }
        Data::List(items) => {
            for item in items {
                walk(item, found, variable);
            }
        }
        Data::Text(_) => {
            // Kerberos has the kind of a keytab before its name.
            let name = as_text(value).map(|name| PathBuf::from(name.strip_prefix("FILE:").unwrap_or(&name)));
            found.extend(name.filter(|path| path.is_absolute()));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn of(text: &str) -> (Vec<String>, Vec<Family>) {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let found = named(Path::new("/etc/kea/c.conf"), text.into(), &mut reader, &|_| None);
        let line = |file: &NamedFile| format!("{} {:?} {}", file.daemon.name(), file.used_as, file.path.display());
        (found.files.iter().map(line).collect(), found.families)
    }

    #[test]
    fn leases_logs_sockets_and_secrets_of_a_server_are_named() {
        let (files, families) = of(r#"{"Dhcp4": {"lease-database": {"type": "memfile", "name": "/l.csv"},
                "control-socket": {"socket-type": "unix", "socket-name": "s4"},
                "hosts-database": {"type": "mysql", "password-file": "/secret"},
                "loggers": [{"output_options": [{"output": "a.log"}, {"output": "stdout"}, {"output": "syslog:x"}]}]}}"#);
        for file in
            ["dhcp4 Leases /l.csv", "dhcp4 Log /var/log/kea/a.log", "dhcp4 Other /secret", "dhcp4 Other /run/kea/s4"]
        {
            assert!(files.contains(&file.to_owned()), "{file}: {files:?}");
        }
        assert_eq!(families, [Family::V4]);
        assert!(!files.iter().any(|file| file.contains("stdout") || file.contains("syslog")), "{files:?}");
    }

    #[test]
    fn what_makes_a_server_the_one_that_it_is_is_named() {
        let (files, _) = of(r#"{"Dhcp6": {"data-directory": "/data",
                "hooks-libraries": [{"library": "/x/libdhcp_legal_log.so", "parameters": {"path": "/legal"}}],
                "control-sockets": [{"socket-type": "http", "authentication": {"directory": "/creds",
                    "clients": [{"user": "a", "password-file": "a.pw"}]}}],
                "user-context": {"keytab": "FILE:/etc/kea.keytab"}}}"#);
        for file in [
            "dhcp6 Other /data/kea-dhcp6-serverid",
            "dhcp6 Other /var/lib/kea/kea-dhcp6-serverid",
            "dhcp6 Log /legal/kea-legal",
            "dhcp6 Other /creds/a.pw",
            "dhcp6 Other /etc/kea.keytab",
        ] {
            assert!(files.contains(&file.to_owned()), "{file}: {files:?}");
        }
    }

    #[test]
    fn a_broken_file_names_what_can_be_read_of_it() {
        let (files, families) = of(r#"{"Dhcp6": {"lease-database": {"type": "mysql", "name": "kea"}}}"#);
        assert!(
            files.iter().all(|file| file.ends_with("/kea-dhcp6-serverid")) && families == [Family::V6],
            "{files:?}"
        );
        let (files, families) =
            of(r#"{"Dhcp4": {"loggers": [{"output-options": [{"output": "/k.log"}]}], "lease-database": {"#);
        assert_eq!((&files[0][..], families), ("dhcp4 Log /k.log", vec![]));
        assert_eq!(of("nonsense"), (vec![], vec![]));
    }
}
