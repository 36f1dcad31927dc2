//! The files that a configuration puts into a daemon's hands: leases, logs, and whatever else it names.
//!
//! For those who are about to write a file: it is better to know one too many. So a file with a fault in it tells what it
//! can, and each text that begins with a slash is taken for the name of a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::control::Socket;
use super::json::{self, Data, Value};
use super::network::{as_text, get, list, text};
use super::{Backend, Daemon, Reader, lease_files, model};
use crate::lease::Family;

/// Where a log without a directory goes: Kea 2.6.3 on; source builds.
const LOG_DIRECTORIES: [&str; 2] = ["/var/log/kea", "/usr/local/var/log/kea"];

/// The variable that moves that directory (Kea 2.6.3 on).
const LOG_DIRECTORY_VARIABLE: &str = "KEA_LOG_FILE_DIR";

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
    }
    for daemon in Daemon::ALL {
        let Some(section) = get(top, daemon.config_key()) else { continue };
        found.daemons.push(daemon);
        let loggers = [Some(section), get(top, "Logging")].into_iter().flatten();
        let logs = loggers.flat_map(|map| logs(map, variable));
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

/// Every text that may be the name of a file.
fn walk(value: &Value, found: &mut Vec<PathBuf>, variable: &dyn Fn(&str) -> Option<OsString>) {
    match &value.data {
        Data::Map(members) => {
            let socket = get(value, "socket-name").and_then(as_text).map(|name| Socket::Unix(name.into()));
            found.extend(socket.into_iter().flat_map(|socket| socket.paths(variable)));
            for member in members.values() {
                walk(member, found, variable);
            }
        }
        Data::List(items) => {
            for item in items {
                walk(item, found, variable);
            }
        }
        Data::Text(_) => found.extend(as_text(value).map(PathBuf::from).filter(|path| path.is_absolute())),
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
    fn a_broken_file_names_what_can_be_read_of_it() {
        let (files, families) = of(r#"{"Dhcp6": {"lease-database": {"type": "mysql", "name": "kea"}}}"#);
        assert!(files.is_empty() && families == [Family::V6], "{files:?}");
        let (files, families) =
            of(r#"{"Dhcp4": {"loggers": [{"output-options": [{"output": "/k.log"}]}], "lease-database": {"#);
        assert_eq!((&files[0][..], families), ("dhcp4 Log /k.log", vec![]));
        assert_eq!(of("nonsense"), (vec![], vec![]));
    }
}
