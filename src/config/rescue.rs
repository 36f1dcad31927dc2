//! Where the leases are, of a configuration with a fault in it.
//!
//! Kea does not start with such a file, or goes on with what it read before; its leases are where they were. What is
//! known without doubt is used: the whole `lease-database` map, before or after the fault, or that there is none. Anything
//! else is refused, as a lease file of former times is not what a server with a database has.

use std::io;
use std::path::Path;

use memchr::memmem;

use super::json::{self, Data, Fault, Value};
use super::model::lease_database;
use super::network::get;
use super::section::Section;
use super::{KeaConfig, LeaseDatabase};
use crate::error::Result;
use crate::lease::Family;

const SERVERS: [(&str, Family); 2] = [("Dhcp4", Family::V4), ("Dhcp6", Family::V6)];
const DATABASE: &str = "lease-database";

/// The configuration of the only server in the file `path`, of which `top` could be read.
pub(super) fn config(path: &Path, top: &Value, fault: &Fault) -> Result<KeaConfig> {
    let unknown = || {
        let error = fault.error.clone();
        error.or_hint("where the leases are cannot be read; -t memfile -n FILE names a lease file")
    };
    let family = family(path, &fault.text).ok_or_else(unknown)?;
    let key = SERVERS.iter().find(|(_, other)| *other == family).map_or("", |(key, _)| key);
    let server = get(top, key);
    let lease_database = database(server, fault).ok_or_else(unknown)??;
    let section = server.and_then(|server| Section::new(key, server).ok());
    let data_directory = section.and_then(|section| section.path("data-directory").ok()).flatten();
    let fault = Some(fault.error.to_string());
    Ok(KeaConfig { file: path.to_owned(), family, lease_database, data_directory, fault })
}

/// The only family whose server is in the file, as it is written there; where nothing is, as the file is called.
fn family(path: &Path, text: &[u8]) -> Option<Family> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let written = SERVERS.map(|(key, _)| memmem::find(text, format!("\"{key}\"").as_bytes()).is_some());
    let called = SERVERS.map(|(key, _)| name.contains(&key.to_lowercase()));
    match if written == [false; 2] { called } else { written } {
        [true, false] => Some(Family::V4),
        [false, true] => Some(Family::V6),
        _ => None,
    }
}

/// The server's `lease-database`; `None` if it is not known.
fn database(server: Option<&Value>, fault: &Fault) -> Option<Result<LeaseDatabase>> {
    let is_in_it = fault.inside.iter().rev().nth(1).is_some_and(|name| name == DATABASE.as_bytes());
    match server.and_then(|server| get(server, DATABASE)) {
        _ if is_in_it => None,
        Some(map) => Some(lease_database(map)),
        None => match &written_after(fault)[..] {
            [Some(map)] => lease_database(map).ok().map(Ok),
            // An include may hold it.
            [] if memmem::find(&fault.text, b"<?").is_none() => Some(Ok(LeaseDatabase::default())),
            _ => None,
        },
    }
}

/// What follows each `"lease-database":` after the fault; `None` for one that cannot be read. What comes before the fault
/// was read.
fn written_after(fault: &Fault) -> Vec<Option<Value>> {
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
    let partly = json::parse_partly(Path::new(""), text.to_vec(), &mut reader);
    let is_whole = partly.fault.is_none_or(|fault| fault.is_after_all);
    (is_whole && matches!(partly.value.data, Data::Map(_))).then_some(partly.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Backend, parse};

    fn read(text: &str) -> Result<KeaConfig, String> {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let configs = parse(Path::new("/etc/kea/kea-dhcp4.conf"), text.into(), &mut reader);
        configs.map(|mut configs| configs.remove(0)).map_err(|error| error.to_string())
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
            assert_eq!((found.family, found.lease_database.backend), (Family::V4, Backend::Mysql), "{text}");
            assert!(found.fault.is_some_and(|fault| fault.starts_with("/etc/kea/kea-dhcp4.conf:")), "{text}");
        }
    }

    #[test]
    fn a_file_that_names_no_lease_database_has_the_usual_one() {
        for text in [r#"{"Dhcp4": {"data-directory": "/d", "subnet4": [}}"#, r#"{"Dhcp4": {"data-directory": "/d""#] {
            let found = read(text).unwrap();
            assert_eq!(found.lease_database, LeaseDatabase::default());
            assert_eq!(found.data_directory.as_deref(), Some(Path::new("/d")), "{text}");
        }
        assert_eq!(read("").unwrap().lease_database, LeaseDatabase::default());
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
