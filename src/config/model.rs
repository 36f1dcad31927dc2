//! The parts of a Kea configuration that tell where the leases are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::json::{self, Partly, Place, Value};
use super::section::Section;
use super::{Reader, rescue};
use crate::error::Result;
use crate::lease::Family;
use crate::secret::Secret;

/// Where a server keeps its leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// A lease file.
    #[default]
    Memfile,
    /// MySQL or MariaDB.
    Mysql,
    /// PostgreSQL.
    Postgresql,
}

/// What the programs use of the configuration of one DHCP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeaConfig {
    /// The file it was read from.
    pub file: PathBuf,
    /// `Dhcp4` or `Dhcp6`.
    pub family: Family,
    /// Where the leases are.
    pub lease_database: LeaseDatabase,
    /// Where the server keeps files whose names say no directory.
    pub data_directory: Option<PathBuf>,
    /// Why the file could not be read to its end; it is known where the leases are nevertheless.
    pub fault: Option<String>,
}

impl KeaConfig {
    /// What holds where no configuration says anything.
    #[must_use]
    pub fn of_nothing(family: Family) -> Self {
        let lease_database = LeaseDatabase::default();
        Self { file: PathBuf::new(), family, lease_database, data_directory: None, fault: None }
    }
}

/// Kea's `lease-database` map; an absent map is a lease file of the usual name. Empty strings and zeros that mean
/// "not set" to Kea are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseDatabase {
    /// Where the map stands, if there is one.
    pub place: Option<Place>,
    /// `type`
    pub backend: Backend,
    /// The database's name, or the lease file's.
    pub name: Option<String>,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password; never together with a password file.
    pub password: Option<Secret>,
    /// A file that holds the password.
    pub password_file: Option<PathBuf>,
    /// A host name or address; with PostgreSQL also a socket directory.
    pub host: Option<String>,
    /// The TCP port.
    pub port: Option<u16>,
    /// How long to wait for the server when connecting.
    pub connect_timeout: Option<Duration>,
    /// The trusted authorities: a PEM file or a directory.
    pub trust_anchor: Option<PathBuf>,
    /// The client's certificate, PEM.
    pub cert_file: Option<PathBuf>,
    /// The key to it, PEM.
    pub key_file: Option<PathBuf>,
    /// OpenSSL's list of ciphers (MySQL).
    pub cipher_list: Option<String>,
    /// PostgreSQL's `sslmode`: disable, prefer, require, verify-ca or verify-full.
    pub ssl_mode: Option<String>,
    /// Whether a memfile server writes a lease file at all.
    pub persist: bool,
    /// How often the lease file is cleaned up; zero is never.
    pub lfc_interval: Duration,
    /// How many bad rows a memfile server bears with; 0 is any number.
    pub max_row_errors: u32,
}

/// What `ssl-mode` may be.
const SSL_MODES: [&str; 5] = ["disable", "prefer", "require", "verify-ca", "verify-full"];

impl Default for LeaseDatabase {
    fn default() -> Self {
        Self {
            place: None,
            backend: Backend::Memfile,
            name: None,
            user: None,
            password: None,
            password_file: None,
            host: None,
            port: None,
            connect_timeout: None,
            trust_anchor: None,
            cert_file: None,
            key_file: None,
            cipher_list: None,
            ssl_mode: None,
            persist: true,
            lfc_interval: Duration::from_secs(3600),
            max_row_errors: 0,
        }
    }
}

/// The DHCP servers that the text of the configuration file `path` configures: one today, both in files for Kea
/// before 1.7.10. A file with a fault in it tells nevertheless where the leases are, if that can be read.
pub fn parse(path: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Result<Vec<KeaConfig>> {
    configs(path, &json::parse_partly(path, text, reader))
}

/// The same of a text that is read already.
pub(super) fn configs(path: &Path, partly: &Partly) -> Result<Vec<KeaConfig>> {
    if let Some(fault) = &partly.fault {
        return rescue::config(path, &partly.value, fault).map(|config| vec![config]);
    }
    let top = &partly.value;
    let servers = Section::new("the outermost value", top)?;
    let mut configs = Vec::new();
    for (name, family) in [("Dhcp4", Family::V4), ("Dhcp6", Family::V6)] {
        if let Some(server) = servers.get(name) {
            configs.push(server_config(path, family, &Section::new(&format!("\"{name}\""), server)?)?);
        }
    }
    if configs.is_empty() {
        let found = servers.map.keys().next().map(|name| String::from_utf8_lossy(name));
        let found = found.map_or_else(|| "nothing".to_owned(), |name| format!("\"{name}\""));
        return Err(top.place.error(format!("expected \"Dhcp4\" or \"Dhcp6\" in the outermost map, found {found}")));
    }
    Ok(configs)
}

fn server_config(path: &Path, family: Family, server: &Section<'_>) -> Result<KeaConfig> {
    let lease_database = match server.get("lease-database") {
        Some(map) => lease_database(map)?,
        None => LeaseDatabase::default(),
    };
    let data_directory = server.path("data-directory")?;
    Ok(KeaConfig { file: path.to_owned(), family, lease_database, data_directory, fault: None })
}

pub(super) fn lease_database(value: &Value) -> Result<LeaseDatabase> {
    let map = Section::new("\"lease-database\"", value)?;
    let defaults = LeaseDatabase::default();
    if let (Some(_), Some(file)) = (map.get("password"), map.get("password-file")) {
        return Err(file.place.error("\"password\" and \"password-file\" exclude each other"));
    }
    Ok(LeaseDatabase {
        place: Some(value.place.clone()),
        backend: backend(&map)?,
        name: map.text("name")?,
        user: map.text("user")?,
        password: map.text("password")?.map(Secret::new),
        password_file: map.path("password-file")?,
        host: map.text("host")?,
        port: map.port("port")?.filter(|port| *port != 0),
        connect_timeout: map.seconds("connect-timeout")?.filter(|wait| !wait.is_zero()),
        trust_anchor: map.path("trust-anchor")?,
        cert_file: map.path("cert-file")?,
        key_file: map.path("key-file")?,
        cipher_list: map.text("cipher-list")?,
        ssl_mode: ssl_mode(&map)?,
        persist: map.flag("persist")?.unwrap_or(defaults.persist),
        lfc_interval: map.seconds("lfc-interval")?.unwrap_or(defaults.lfc_interval),
        max_row_errors: map.number("max-row-errors", u32::MAX)?.unwrap_or(defaults.max_row_errors),
    })
}

fn backend(map: &Section<'_>) -> Result<Backend> {
    match map.text("type")?.as_deref() {
        Some("memfile") => Ok(Backend::Memfile),
        Some("mysql") => Ok(Backend::Mysql),
        Some("postgresql") => Ok(Backend::Postgresql),
        Some(other) => Err(map
            .place("type")
            .error(format!("lease-database type \"{other}\" is none of memfile, mysql, postgresql"))),
        None => Err(map.place("type").error("lease-database has no \"type\" (memfile, mysql or postgresql)")),
    }
}

fn ssl_mode(map: &Section<'_>) -> Result<Option<String>> {
    let mode = map.text("ssl-mode")?;
    match &mode {
        Some(other) if !SSL_MODES.contains(&other.as_str()) => {
            let cause = format!("ssl-mode \"{other}\" is none of {}", SSL_MODES.join(", "));
            Err(map.place("ssl-mode").error(cause))
        }
        _ => Ok(mode),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn read(text: &str) -> Result<Vec<KeaConfig>, String> {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        parse(Path::new("/c"), text.into(), &mut reader).map_err(|error| error.to_string())
    }

    fn database(members: &str) -> Result<LeaseDatabase, String> {
        read(&format!("{{\"Dhcp4\":{{\"lease-database\":{{{members}}}}}}}")).map(|mut all| all.remove(0).lease_database)
    }

    #[test]
    fn a_server_without_lease_database_has_a_lease_file_of_the_usual_name() {
        let configs = read(r#"{"Dhcp6": {"data-directory": "/data"}}"#).unwrap();
        let [config] = &configs[..] else { panic!("{configs:?}") };
        assert_eq!(config.family, Family::V6);
        assert_eq!(config.lease_database, LeaseDatabase::default());
        assert_eq!(config.data_directory.as_deref(), Some(Path::new("/data")));
        assert!(config.lease_database.persist);
    }

    #[test]
    fn a_database_is_read_with_all_its_facts() {
        let found = database(
            r#""type": "postgresql", "name": "kea", "user": "k", "password": "pass word", "host": "db", "port": 5433,
               "connect-timeout": 7, "trust-anchor": "/ca", "cert-file": "/crt", "key-file": "/key",
               "cipher-list": "AES", "ssl-mode": "verify-full", "max-reconnect-tries": 3, "on-fail": "stop-retry-exit""#,
        )
        .unwrap();
        assert_eq!(found.place.as_ref().unwrap().to_string(), "/c:1:28");
        let expected = LeaseDatabase {
            place: found.place.clone(),
            backend: Backend::Postgresql,
            name: Some("kea".into()),
            user: Some("k".into()),
            password: Some(Secret::new("pass word".into())),
            host: Some("db".into()),
            port: Some(5433),
            connect_timeout: Some(Duration::from_secs(7)),
            trust_anchor: Some("/ca".into()),
            cert_file: Some("/crt".into()),
            key_file: Some("/key".into()),
            cipher_list: Some("AES".into()),
            ssl_mode: Some("verify-full".into()),
            ..LeaseDatabase::default()
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_kea_takes_as_not_set_is_absent() {
        let found =
            database(r#""type": "mysql", "host": "", "password": "", "port": 0, "connect-timeout": 0"#).unwrap();
        assert_eq!((found.host, found.password, found.port, found.connect_timeout), (None, None, None, None));
    }

    #[test]
    fn a_memfile_that_is_not_kept_on_disk_says_so() {
        let found = database(r#""type": "memfile", "persist": false, "lfc-interval": 0, "max-row-errors": 9"#).unwrap();
        assert!(!found.persist);
        assert_eq!((found.lfc_interval, found.max_row_errors), (Duration::ZERO, 9));
    }

    #[test]
    fn files_of_old_with_several_servers_give_one_configuration_each() {
        let old = read(r#"{"Logging": {}, "Dhcp6": {"lease-database": {"type": "mysql"}}, "Dhcp4": {}}"#).unwrap();
        let found: Vec<_> = old.iter().map(|config| (config.family, config.lease_database.backend)).collect();
        assert_eq!(found, [(Family::V4, Backend::Memfile), (Family::V6, Backend::Mysql)]);
    }

    #[test]
    fn the_configuration_of_another_daemon_is_refused() {
        assert_eq!(
            read(r#"{"Control-agent": {}}"#).unwrap_err(),
            r#"/c:1:1: expected "Dhcp4" or "Dhcp6" in the outermost map, found "Control-agent""#
        );
        assert_eq!(read("[]").unwrap_err(), "/c:1:1: the outermost value is a list, expected a map");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let wrong = [
            (r#""type": "mysql", "port": "x""#, r#"54: "port" is a string, expected an integer"#),
            (r#""type": "mysql", "port": 65536"#, r#"54: "port" is 65536, expected 0 to 65535"#),
            (r#""type": "mysql", "connect-timeout": -1"#, r#"65: "connect-timeout" is -1, expected 0 to 4294967295"#),
            (r#""type": "mysql", "persist": 1"#, r#"57: "persist" is an integer, expected true or false"#),
            (r#""type": "mysql", "password": 1234"#, r#"58: "password" is an integer, expected a string"#),
            (r#""type": "mysql", "name": "\u00ff""#, r#"54: "name" is not UTF-8"#),
            (r#""type": "cql""#, r#"37: lease-database type "cql" is none of memfile, mysql, postgresql"#),
            (r#""name": "kea""#, r#"28: lease-database has no "type" (memfile, mysql or postgresql)"#),
            (
                r#""type": "mysql", "ssl-mode": "on""#,
                r#"58: ssl-mode "on" is none of disable, prefer, require, verify-ca, verify-full"#,
            ),
            (
                r#""type": "mysql", "password": "x", "password-file": "/p""#,
                r#"80: "password" and "password-file" exclude each other"#,
            ),
        ];
        for (members, error) in wrong {
            assert_eq!(database(members).unwrap_err(), format!("/c:1:{error}"));
        }
    }

    #[test]
    fn no_password_is_ever_printed() {
        let found = database(r#""type": "mysql", "password": "hunter2""#).unwrap();
        assert!(!format!("{found:?}").contains("hunter2"));
        assert_eq!(found.password.unwrap().expose(), "hunter2");
    }
}
