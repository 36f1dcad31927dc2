//! What a look at a daemon from outside needs of its configuration: where it takes commands, what it listens on,
//! where it writes.

use std::path::{Path, PathBuf};

use super::control::{self, Socket};
use super::databases::Databases;
use super::json::{self, Data, Value};
use super::model::lease_database;
use super::section::Section;
use super::supply::Supply;
use super::{Backend, Daemon, KeaConfig, LeaseDatabase, Reader};
use crate::error::Result;
use crate::lease::Family;

/// The port of a DHCP-DDNS server if none is configured.
const DDNS_PORT: u16 = 53001;
/// The port of a Control Agent if none is configured.
const AGENT_PORT: u16 = 8000;
/// Where a log without a directory goes (Kea 2.6.3 on).
const LOG_DIRECTORY: &str = "/var/log/kea";

/// A daemon, from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Where it takes commands.
    pub channels: Vec<Socket>,
    /// The interfaces a DHCP server is to serve, as they are written: `eth0`, `eth0/192.0.2.1`, `*`.
    pub interfaces: Option<Vec<String>>,
    /// The port of a DHCP-DDNS server or Control Agent.
    pub port: Option<u16>,
    /// The lease file of a server that keeps one: for [`super::lease_files`].
    pub lease_file: Option<KeaConfig>,
    /// The files it logs into.
    pub logs: Vec<PathBuf>,
    /// The databases of a DHCP server.
    pub databases: Databases,
    /// What a DHCP server has to give.
    pub supply: Option<Supply>,
    /// The hook libraries, as they are written.
    pub hooks: Vec<PathBuf>,
}

/// What the configuration file `path` with this text says of `daemon`.
pub fn parse(daemon: Daemon, path: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Result<Overview> {
    let top = json::parse(path, text, reader)?;
    let servers = Section::new("the outermost value", &top)?;
    let key = daemon.config_key();
    let Some(value) = servers.get(key) else {
        return Err(top.place.error(format!("expected \"{key}\" in the outermost map")));
    };
    let section = Section::new(&format!("\"{key}\""), value)?;
    let channels = control::channels(&top)?.into_iter().find(|found| found.daemon == daemon);
    // Kea before 1.6 has the loggers of all in a map beside.
    let logging = servers.get("Logging").map(|value| Section::new("\"Logging\"", value)).transpose()?;
    let mut loggers = section.maps("loggers")?;
    if let Some(logging) = &logging {
        loggers.extend(logging.maps("loggers")?);
    }
    Ok(Overview {
        channels: channels.map_or_else(Vec::new, |found| found.sockets),
        interfaces: interfaces(daemon, &section)?,
        port: match daemon {
            Daemon::Ddns => Some(section.port("port")?.unwrap_or(DDNS_PORT)),
            Daemon::CtrlAgent => Some(section.port("http-port")?.unwrap_or(AGENT_PORT)),
            _ => None,
        },
        lease_file: lease_file(daemon, path, &section)?,
        logs: logs(daemon, &loggers)?,
        databases: Databases::read(&section)?,
        supply: Supply::read(daemon, value),
        hooks: hooks(&section)?,
    })
}

fn hooks(section: &Section<'_>) -> Result<Vec<PathBuf>> {
    let libraries = section.maps("hooks-libraries")?;
    let paths = libraries.iter().map(|library| library.path("library")).collect::<Result<Vec<_>>>()?;
    Ok(paths.into_iter().flatten().collect())
}

fn interfaces(daemon: Daemon, section: &Section<'_>) -> Result<Option<Vec<String>>> {
    if !matches!(daemon, Daemon::Dhcp4 | Daemon::Dhcp6) {
        return Ok(None);
    }
    let map = section.get("interfaces-config").map(|value| Section::new("\"interfaces-config\"", value)).transpose()?;
    let list = map.as_ref().and_then(|map| map.get("interfaces")).map(|value| &value.data);
    Ok(Some(match list {
        Some(Data::List(names)) => names.iter().filter_map(text).collect(),
        _ => Vec::new(),
    }))
}

fn lease_file(daemon: Daemon, path: &Path, section: &Section<'_>) -> Result<Option<KeaConfig>> {
    let family = match daemon {
        Daemon::Dhcp4 => Family::V4,
        Daemon::Dhcp6 => Family::V6,
        _ => return Ok(None),
    };
    let database = section.get("lease-database").map_or_else(|| Ok(LeaseDatabase::default()), lease_database)?;
    let config = KeaConfig {
        file: path.to_owned(),
        family,
        data_directory: section.path("data-directory")?,
        lease_database: database,
        fault: None,
    };
    let keeps_one = config.lease_database.backend == Backend::Memfile && config.lease_database.persist;
    Ok(keeps_one.then_some(config))
}

/// The files of the daemon's own logger first.
fn logs(daemon: Daemon, loggers: &[Section<'_>]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for logger in loggers {
        let is_own = logger.text("name")?.as_deref() == Some(daemon.process_name());
        let outputs = logger.maps("output-options")?.into_iter().chain(logger.maps("output_options")?);
        for output in outputs {
            let Some(name) = output.path("output")? else { continue };
            let shown = name.to_string_lossy();
            let is_file = !matches!(&*shown, "stdout" | "stderr" | "syslog") && !shown.starts_with("syslog:");
            if is_file {
                files.push((!is_own, Path::new(LOG_DIRECTORY).join(&name)));
            }
        }
    }
    files.sort();
    files.dedup();
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

fn text(value: &Value) -> Option<String> {
    match &value.data {
        Data::Text(octets) => Some(String::from_utf8_lossy(octets).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn read(daemon: Daemon, text: &str) -> Result<Overview, String> {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        parse(daemon, Path::new("/c"), text.into(), &mut reader).map_err(|error| error.to_string())
    }

    #[test]
    fn a_dhcp_server_is_seen_from_outside() {
        let found = read(
            Daemon::Dhcp4,
            r#"{"Dhcp4": {"interfaces-config": {"interfaces": ["eth0", "eth1/192.0.2.1"]},
                "control-socket": {"socket-type": "unix", "socket-name": "/run/kea/s"},
                "lease-database": {"type": "memfile", "lfc-interval": 60},
                "loggers": [{"name": "kea-dhcp4.leases", "output-options": [{"output": "/log/leases"}]},
                    {"name": "kea-dhcp4", "output_options": [{"output": "syslog"}, {"output": "server.log"}]}]}}"#,
        )
        .unwrap();
        assert_eq!(found.channels, [Socket::Unix("/run/kea/s".into())]);
        assert_eq!(found.interfaces, Some(vec!["eth0".to_owned(), "eth1/192.0.2.1".to_owned()]));
        assert_eq!(found.logs, [Path::new("/var/log/kea/server.log"), Path::new("/log/leases")]);
        assert_eq!(found.lease_file.unwrap().lease_database.lfc_interval.as_secs(), 60);
    }

    #[test]
    fn a_server_without_interfaces_or_lease_file_says_so() {
        let found = read(Daemon::Dhcp6, r#"{"Dhcp6": {"lease-database": {"type": "mysql", "name": "k"}}}"#).unwrap();
        assert_eq!((found.interfaces, found.lease_file), (Some(vec![]), None));
    }

    #[test]
    fn what_a_server_does_without_its_databases_is_configured() {
        let found = |members: &str| read(Daemon::Dhcp4, &format!(r#"{{"Dhcp4": {{{members}}}}}"#)).unwrap().databases;
        assert!(!found(r#""lease-database": {"type": "memfile"}"#).holds_leases);
        assert!(found(r#""lease-database": {"type": "mysql", "on-fail": "serve-retry-exit"}"#).holds_leases);
        let hosts = found(r#""hosts-databases": [{"type": "mysql", "on-fail": "serve-retry-continue"}]"#);
        assert!(hosts.holds_hosts && !hosts.stops_without_hosts);
        assert!(found(r#""hosts-database": {"type": "mysql"}"#).stops_without_hosts);
        assert!(!found(r#""config-control": {"config-databases": []}"#).holds_configuration);
        assert!(found(r#""config-control": {"config-databases": [{"type": "mysql"}]}"#).holds_configuration);
    }

    #[test]
    fn the_other_daemons_have_their_ports() {
        assert_eq!(read(Daemon::Ddns, r#"{"DhcpDdns": {}}"#).unwrap().port, Some(53001));
        assert_eq!(read(Daemon::CtrlAgent, r#"{"Control-agent": {"http-port": 8080}}"#).unwrap().port, Some(8080));
    }

    #[test]
    fn the_configuration_of_another_daemon_is_refused() {
        let refusal = r#"/c:1:1: expected "Dhcp4" in the outermost map"#;
        assert_eq!(read(Daemon::Dhcp4, r#"{"Dhcp6": {}}"#).unwrap_err(), refusal);
    }
}
