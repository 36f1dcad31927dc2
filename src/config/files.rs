//! The files that a configuration names: leases, logs, and others.
//!
//! For programs that are about to write a file: it is better to know one too many. So a configuration with a fault says
//! what it can, and each text that begins with a slash counts as the name of a file.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use super::control::{DIRECTORY_VARIABLE, Socket};
use super::json::{Data, Map, Value};
use super::locate::{DATA_DIRECTORY_VARIABLE, PID_DIRECTORY_VARIABLE};
use super::model::{Backend, Hook, LogOutput, Logger};
use super::{Config, Daemon, Document, lease_files};
use crate::family::Family;

/// Where a log without a directory goes: Kea 2.6.3 on; source builds.
const LOG_DIRECTORIES: [&str; 2] = ["/var/log/kea", "/usr/local/var/log/kea"];

/// The variable that moves that directory (Kea 2.6.3 on).
const LOG_DIRECTORY_VARIABLE: &str = "KEA_LOG_FILE_DIR";

/// The variables that say where files are whose names have no directory.
pub const PATH_VARIABLES: [&str; 4] =
    [LOG_DIRECTORY_VARIABLE, DATA_DIRECTORY_VARIABLE, PID_DIRECTORY_VARIABLE, DIRECTORY_VARIABLE];

/// Where the log for legal purposes goes; the second before Kea 2.7.
const LEGAL_LOG_DIRECTORIES: [&str; 2] = ["/var/log/kea", "/var/lib/kea"];

/// What a daemon does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileUse {
    /// It keeps its leases there.
    Leases,
    /// It writes its log there, and rotates it in the same directory.
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

impl Document {
    /// The files that it names, for any daemon.
    #[must_use]
    pub fn named(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> Named {
        let mut found = Named::default();
        for config in self.dhcp_servers().unwrap_or_default() {
            let Some(family) = config.family() else { continue };
            found.families.push(family);
            let files = if config.keeps_lease_file() { lease_files(&config, variable) } else { Vec::new() };
            let daemon = config.daemon;
            found.files.extend(files.into_iter().map(|path| NamedFile { daemon, used_as: FileUse::Leases, path }));
            if family == Family::V6 {
                let files = server_id_files(config, variable);
                found.files.extend(files.into_iter().map(|path| NamedFile { daemon, used_as: FileUse::Other, path }));
            }
        }
        for daemon in self.daemons() {
            found.daemons.push(daemon);
            let Some(value) = self.value().get(daemon.config_key()) else { continue };
            let config = self.config(daemon).ok();
            let server = || config.iter().map(|config| &config.server);
            let outputs = server().flat_map(|server| &server.loggers).flat_map(Logger::outputs);
            let legal_logs = server().flat_map(|server| &server.hooks).flat_map(legal_logs);
            let logs = outputs.flat_map(|output| places(output, variable)).chain(legal_logs);
            found.files.extend(logs.map(|path| NamedFile { daemon, used_as: FileUse::Log, path }));
            let mut others = Vec::new();
            walk(value, &mut others, variable);
            found.files.extend(others.into_iter().map(|path| NamedFile { daemon, used_as: FileUse::Other, path }));
        }
        found
    }
}

impl Config {
    /// Whether a DHCP server has its leases in a file.
    #[must_use]
    pub fn keeps_lease_file(&self) -> bool {
        let database = &self.server.lease_database;
        self.family().is_some() && database.backend == Backend::Memfile && database.persist
    }

    /// The files that the daemon logs into, those of its own logger first; names without a directory in the one that the
    /// variable names, or the usual one.
    #[must_use]
    pub fn log_files(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
        let directory = variable(LOG_DIRECTORY_VARIABLE).map_or_else(|| LOG_DIRECTORIES[0].into(), PathBuf::from);
        let mut files = Vec::new();
        for logger in &self.server.loggers {
            let is_own = logger.name.as_deref() == Some(self.daemon.process_name());
            let outputs = logger.outputs().filter_map(LogOutput::file);
            files.extend(outputs.map(|file| (!is_own, directory.join(file))));
        }
        files.sort();
        files.dedup();
        files.into_iter().map(|(_, file)| file).collect()
    }
}

/// Where a log may be.
fn places(output: &LogOutput, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let from_variable = variable(LOG_DIRECTORY_VARIABLE).map(PathBuf::from);
    let directories = from_variable.into_iter().chain(LOG_DIRECTORIES.map(PathBuf::from));
    // Joined to a directory, an absolute name is itself.
    output.file().map_or_else(Vec::new, |file| directories.map(|directory| directory.join(file)).collect())
}

/// Where a DHCPv6 server keeps its DUID: with another one it is another server to its clients.
fn server_id_files(mut config: Config, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    config.server.lease_database.name = Some("kea-dhcp6-serverid".to_owned());
    lease_files(&config, variable)
}

/// The logs of the hook library for legal purposes; each day's has the date after this name.
fn legal_logs(hook: &Hook) -> Vec<PathBuf> {
    if !hook.file_name().contains("legal_log") {
        return Vec::new();
    }
    let parameter = |key| hook.parameters.rest.get(key).and_then(path);
    let name = parameter("base-name").unwrap_or_else(|| "kea-legal".into());
    let directories = parameter("path").map_or(LEGAL_LOG_DIRECTORIES.map(PathBuf::from).to_vec(), |path| vec![path]);
    directories.into_iter().map(|directory| directory.join(&name)).collect()
}

/// The files of a list of clients whose names and passwords are in a directory.
fn credentials(map: &Map) -> Vec<PathBuf> {
    let directory = map.get("directory").and_then(path).unwrap_or_default();
    let clients = match map.get("clients").map(|value| &value.data) {
        Some(Data::List(clients)) => &clients[..],
        _ => &[],
    };
    let of_client = |client: &Value| ["user-file", "password-file"].map(|key| client.get(key).and_then(path));
    clients.iter().flat_map(of_client).flatten().map(|name| directory.join(name)).collect()
}

/// Every text that may be the name of a file.
fn walk(value: &Value, found: &mut Vec<PathBuf>, variable: &dyn Fn(&str) -> Option<OsString>) {
    match &value.data {
        Data::Map(members) => {
            let socket = members.get("socket-name").and_then(path).map(Socket::Unix);
            found.extend(socket.into_iter().flat_map(|socket| socket.paths(variable)));
            found.extend(credentials(members).into_iter().filter(|path| path.is_absolute()));
            for (_, member) in members.iter() {
                walk(member, found, variable);
            }
        }
        Data::List(items) => {
            for item in items {
                walk(item, found, variable);
            }
        }
        Data::Text(octets) => {
            // Kerberos has the type of a keytab before its name.
            let name = octets.strip_prefix(b"FILE:").unwrap_or(octets);
            found.extend(Some(PathBuf::from(OsString::from_vec(name.to_vec()))).filter(|path| path.is_absolute()));
        }
        _ => {}
    }
}

fn path(value: &Value) -> Option<PathBuf> {
    match &value.data {
        Data::Text(octets) if !octets.is_empty() => Some(OsString::from_vec(octets.to_vec()).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;

    fn of(text: &str) -> (Vec<String>, Vec<Family>) {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let found = Document::parse(Path::new("/etc/kea/c.conf"), text.into(), &mut reader).named(&|_| None);
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
    fn a_log_without_a_directory_is_where_the_variable_says() {
        let text = r#"{"Dhcp4": {"loggers": [{"name": "kea-dhcp4.leases", "output-options": [{"output": "b.log"}]},
                {"name": "kea-dhcp4", "output-options": [{"output": "a.log"}, {"output": "/x/c.log"}]}]}}"#;
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let config = Document::parse(Path::new("c.conf"), text.into(), &mut reader).config(Daemon::Dhcp4).unwrap();
        let usual = ["/var/log/kea/a.log", "/x/c.log", "/var/log/kea/b.log"].map(PathBuf::from);
        assert_eq!(config.log_files(&|_| None), usual);
        let moved = ["/logs/a.log", "/x/c.log", "/logs/b.log"].map(PathBuf::from);
        assert_eq!(config.log_files(&|name| (name == "KEA_LOG_FILE_DIR").then(|| "/logs".into())), moved);
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
