//! Where the leases are, by a configuration that may have a fault in it.
//!
//! Kea does not start with a file that has an error of syntax, or continues with what it read before; its leases are where
//! they were. What is known for certain is used: the whole `lease-database` map, before or after the error, or that there
//! is none. Anything else is refused, as an old lease file is not what a server with a database has.

use std::io;
use std::path::Path;

use memchr::memmem;

use super::de;
use super::json::{self, Data, SyntaxError, Value};
use super::model::LeaseDatabase;
use super::{Config, Daemon, Document};
use crate::error::Result;

const SERVERS: [Daemon; 2] = [Daemon::Dhcp4, Daemon::Dhcp6];
const DATABASE: &str = "lease-database";

impl Document {
    /// The DHCP servers that it configures, for programs that read their leases: one today, both in files for Kea before
    /// 1.7.10. A file with an error of syntax says nevertheless where the leases are, if that can be read.
    ///
    /// # Errors
    /// It configures none, or does not say where its leases are.
    pub fn dhcp_servers(&self) -> Result<Vec<Config>> {
        if let Some(fault) = self.fault() {
            return rescued(self, fault).map(|config| vec![config]);
        }
        let found: Vec<_> = self.daemons().filter(|daemon| daemon.family().is_some()).collect();
        if found.is_empty() {
            return Err(self.no_dhcp_server());
        }
        found.into_iter().map(|daemon| self.config(daemon).and_then(checked)).collect()
    }
}

/// Fails if the configuration does not say where the leases are.
fn checked(config: Config) -> Result<Config> {
    config.check(&[DATABASE, "data-directory"]).map(|()| config)
}

/// The configuration of the only server in a file with an error of syntax.
fn rescued(document: &Document, fault: &SyntaxError) -> Result<Config> {
    let unknown = || {
        let error = fault.error.clone();
        error.or_hint("where the leases are cannot be read; name a lease file with -t memfile -n FILE")
    };
    let daemon = only_server(document.file(), &fault.text).ok_or_else(unknown)?;
    let read = document.config(daemon).ok();
    let mut config = read.unwrap_or_else(|| Config::empty(daemon));
    document.file().clone_into(&mut config.file);
    config.syntax_error = Some(fault.error.clone());
    let is_in_it = fault.inside.iter().rev().nth(1).is_some_and(|name| name == DATABASE.as_bytes());
    if is_in_it {
        return Err(unknown());
    }
    if config.server.lease_database.position.is_none() && config.check(&[DATABASE]).is_ok() {
        config.server.lease_database = following(fault).ok_or_else(unknown)?;
    }
    checked(config)
}

/// The only DHCP server that is in the file, as it is written there; where nothing is, as the file is called.
fn only_server(file: &Path, text: &[u8]) -> Option<Daemon> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let written = SERVERS.map(|it| memmem::find(text, format!("\"{}\"", it.config_key()).as_bytes()).is_some());
    let called = SERVERS.map(|it| name.contains(&it.config_key().to_lowercase()));
    match if written == [false; 2] { called } else { written } {
        [true, false] => Some(Daemon::Dhcp4),
        [false, true] => Some(Daemon::Dhcp6),
        _ => None,
    }
}

/// The `lease-database` that follows the error, or that there is none; `None` if it is not known.
fn following(fault: &SyntaxError) -> Option<LeaseDatabase> {
    match &written_after(fault)[..] {
        [Some(map)] => match de::read(DATABASE, map) {
            (Some(database), faults) if faults.is_empty() => Some(database),
            _ => None,
        },
        // An include may hold it.
        [] if memmem::find(&fault.text, b"<?").is_none() => Some(LeaseDatabase::default()),
        _ => None,
    }
}

/// What follows each `"lease-database":` after the error; `None` for one that cannot be read. What precedes the error was
/// read.
fn written_after(fault: &SyntaxError) -> Vec<Option<Value>> {
    let name = format!("\"{DATABASE}\"");
    let rest = &fault.text[fault.at.min(fault.text.len())..];
    // A comment may hold what was in use once.
    let may_be_in_a_comment = |at: usize| {
        let line = rest[..at].rsplit(|octet| *octet == b'\n').next().unwrap_or_default();
        line.contains(&b'#') || memmem::find(line, b"//").is_some() || memmem::find(rest, b"/*").is_some()
    };
    let value = |at: usize| {
        let after = rest[at + name.len()..].trim_ascii_start();
        after.strip_prefix(b":").filter(|_| !may_be_in_a_comment(at)).and_then(map_at_the_beginning)
    };
    memmem::find_iter(rest, name.as_bytes()).map(value).collect()
}

fn map_at_the_beginning(text: &[u8]) -> Option<Value> {
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let parsed = json::parse(Path::new(""), text.to_vec(), &mut reader);
    let is_whole = parsed.fault.is_none_or(|fault| fault.is_after_all);
    (is_whole && matches!(parsed.value.data, Data::Map(_))).then_some(parsed.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::Backend;

    fn read_all(text: &str) -> Result<Vec<Config>, String> {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let document = Document::parse(Path::new("/etc/kea/kea-dhcp4.conf"), text.into(), &mut reader);
        document.dhcp_servers().map_err(|error| error.to_string())
    }

    fn read(text: &str) -> Result<Config, String> {
        read_all(text).map(|mut configs| configs.remove(0))
    }

    const MYSQL: &str = r#""lease-database": {"type": "mysql", "name": "kea", "user": "k"}"#;

    #[test]
    fn a_whole_lease_database_counts_wherever_the_fault_is() {
        for text in [
            format!(r#"{{"Dhcp4": {{{MYSQL}, "subnet4": [{{"subnet": }}]}}}}"#),
            format!(r#"{{"Dhcp4": {{"subnet4": [{{"subnet" "x"}}], {MYSQL}}}}}"#),
            format!("{{\"Dhcp4\": {{\n\"valid-lifetime\": 4000\n{MYSQL}\n"),
            format!(r#"{{"Dhcp4": {{{MYSQL}}}, }} }}"#),
            format!(r#"{{"Dhcp4" {{{MYSQL}}}}}"#),
            format!(r#"{{"Dhcp4": {{{MYSQL}, "authoritative": yes}}}}"#),
            format!(r#"{{"Dhcp4": {{{MYSQL}, <?include "/gone"?>}}}}"#),
        ] {
            let found = read(&text).unwrap();
            assert_eq!(found.server.lease_database.backend, Backend::Mysql, "{text}");
            let error = found.syntax_error.map(|error| error.to_string());
            assert!(error.is_some_and(|error| error.starts_with("/etc/kea/kea-dhcp4.conf:")), "{text}");
        }
    }

    #[test]
    fn old_files_with_several_servers_have_one_configuration_each() {
        let old = read_all(r#"{"Logging": {}, "Dhcp6": {"lease-database": {"type": "mysql"}}, "Dhcp4": {}}"#).unwrap();
        let found: Vec<_> = old.iter().map(|config| (config.daemon, config.server.lease_database.backend)).collect();
        assert_eq!(found, [(Daemon::Dhcp4, Backend::Memfile), (Daemon::Dhcp6, Backend::Mysql)]);
    }

    #[test]
    fn the_configuration_of_another_daemon_is_refused() {
        let error = read(r#"{"Control-agent": {}}"#).unwrap_err();
        assert!(
            error.ends_with(r#"expected "Dhcp4" or "Dhcp6" in the outermost map, found "Control-agent""#),
            "{error}"
        );
        assert!(read("[]").unwrap_err().ends_with(":1:1: the outermost value is a list, expected a map"));
    }

    #[test]
    fn a_lease_database_that_is_wrong_is_refused() {
        let error = read(r#"{"Dhcp4": {"lease-database": {"type": "cql"}}}"#).unwrap_err();
        assert!(error.ends_with(r#":39: "type" is "cql", none of memfile, mysql, postgresql"#), "{error}");
        assert!(read(r#"{"Dhcp4": {"subnet4": 1}}"#).is_ok());
    }

    #[test]
    fn a_file_that_names_no_lease_database_has_the_usual_one() {
        for text in [r#"{"Dhcp4": {"data-directory": "/d", "subnet4": [}}"#, r#"{"Dhcp4": {"data-directory": "/d""#] {
            let found = read(text).unwrap();
            assert_eq!(found.server.lease_database, LeaseDatabase::default());
            assert_eq!(found.server.data_directory.as_deref(), Some(Path::new("/d")), "{text}");
        }
        assert_eq!(read("").unwrap().server.lease_database, LeaseDatabase::default());
    }

    #[test]
    fn where_it_is_not_certain_nothing_is_assumed() {
        for text in [
            r#"{"Dhcp4": {"lease-database": {"type": "mysql", "name" "kea"}}}"#.to_owned(),
            r#"{"Dhcp4": {"lease-database": {"type": "mysql", "name": "kea""#.to_owned(),
            r#"{"Dhcp4": {"lease-database": }}"#.to_owned(),
            r#"{"Dhcp4": {<?include "/gone"?>}}"#.to_owned(),
            format!("{{\"Dhcp4\": {{ x\n// {MYSQL}\n}}"),
            format!("{{\"Dhcp4\": {{ x\n/*\n{MYSQL}\n*/ }}"),
            format!("{{\"Dhcp4\": {{ /* {MYSQL} }}}}"),
            format!(r#"{{"Dhcp4": {{ x {MYSQL} "lease-database": {{"type": "memfile"}}}}}}"#),
            format!(r#"{{"Dhcp4": {{{MYSQL}, "lease-database": {{"type": "memfile"}}}}}}"#),
            format!(r#"{{"Dhcp4": {{{MYSQL}}}, "Dhcp6": }}"#),
        ] {
            let refused = read(&text).unwrap_err();
            assert!(refused.contains("where the leases are cannot be read"), "{text}: {refused}");
        }
    }
}
