//! A configuration file, parsed once, and what it says of each daemon.

use std::path::{Path, PathBuf};

use super::de::{self, ConfigProblem};
use super::json::{self, Data, Parsed, Value};
use super::model::{Logger, Server};
use super::position::{FilePosition, Files, Position};
use super::{Daemon, Reader};
use crate::error::{Error, Result};
use crate::family::Family;

/// The port of a DHCP-DDNS server if none is configured.
const DDNS_PORT: u16 = 53001;
/// The port of a Control Agent if none is configured.
const AGENT_PORT: u16 = 8000;

/// A configuration file. It may configure several daemons: up to Kea 1.7 it often does.
pub struct Document {
    file: PathBuf,
    parsed: Parsed,
}

/// What a configuration file says of one daemon.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was opened.
    pub file: PathBuf,
    /// The daemon.
    pub daemon: Daemon,
    /// What is set.
    pub server: Server,
    /// What is wrong, and left out of `server`.
    pub faults: Vec<ConfigProblem>,
    /// Why the file could not be read to its end; `server` has what precedes that.
    pub syntax_error: Option<Error>,
    files: Files,
}

impl Document {
    /// Parses the text of the configuration file `file`. It has whatever precedes the first error of syntax.
    pub fn parse(file: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Self {
        Self { file: file.to_owned(), parsed: json::parse(file, text, reader) }
    }

    /// The whole text as it is written.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.parsed.value
    }

    /// Why the file could not be read to its end.
    #[must_use]
    pub fn syntax_error(&self) -> Option<&Error> {
        self.fault().map(|fault| &fault.error)
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Where reading ended early.
    pub(super) fn fault(&self) -> Option<&json::SyntaxError> {
        self.parsed.fault.as_ref()
    }

    /// Why no DHCP server is found.
    pub(super) fn no_dhcp_server(&self) -> Error {
        let top = &self.parsed.value;
        let cause = match &top.data {
            Data::Map(members) => {
                let found = members.iter().next().map(|(name, _)| format!("\"{}\"", String::from_utf8_lossy(name)));
                let found = found.unwrap_or_else(|| "nothing".to_owned());
                format!("expected \"Dhcp4\" or \"Dhcp6\" in the outermost map, found {found}")
            }
            _ => format!("the outermost value is {}, expected a map", top.kind()),
        };
        self.parsed.files.error(top.position, cause)
    }

    /// The daemons that it configures.
    pub fn daemons(&self) -> impl Iterator<Item = Daemon> {
        Daemon::ALL.into_iter().filter(|daemon| self.parsed.value.get(daemon.config_key()).is_some())
    }

    /// What it says of a daemon.
    ///
    /// # Errors
    /// It says nothing of it.
    pub fn config(&self, daemon: Daemon) -> Result<Config> {
        let top = &self.parsed.value;
        let error = |value: &Value, cause: String| Err(self.parsed.files.error(value.position, cause));
        let Data::Map(members) = &top.data else {
            let cause = format!("the outermost value is {}, expected a map", top.kind());
            return self.syntax_error().cloned().map_or_else(|| error(top, cause), Err);
        };
        let key = daemon.config_key();
        let Some(value) = members.get(key) else {
            let cause = format!("expected \"{key}\" in the outermost map");
            return self.syntax_error().cloned().map_or_else(|| error(top, cause), Err);
        };
        let (server, mut faults) = de::read::<Server>(key, value);
        let Some(mut server) = server else {
            let Some(fault) = faults.first() else { return error(value, format!("\"{key}\" cannot be read")) };
            return Err(self.parsed.files.error(fault.position, &fault.cause));
        };
        // Kea before 1.6 has the loggers of all daemons in a map of its own.
        if let Some(logging) = members.get("Logging") {
            let (found, wrong) = de::read::<Logging>("Logging", logging);
            server.loggers.extend(found.unwrap_or_default().loggers);
            faults.extend(wrong);
        }
        complete(daemon, &mut server, &mut faults);
        Ok(Config {
            file: self.file.clone(),
            daemon,
            server,
            faults,
            syntax_error: self.syntax_error().cloned(),
            files: self.parsed.files.clone(),
        })
    }

    /// What it says of each daemon that it configures.
    pub fn configs(&self) -> impl Iterator<Item = Result<Config>> {
        self.daemons().map(|daemon| self.config(daemon))
    }
}

/// The map of the loggers of all daemons (Kea before 1.6).
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Logging {
    #[serde(deserialize_with = "de::list")]
    loggers: Vec<Logger>,
}

/// Checks and sets what depends on more than one value.
fn complete(daemon: Daemon, server: &mut Server, faults: &mut Vec<ConfigProblem>) {
    if let Some(family) = daemon.family() {
        let removed = server.retain_family(family).into_iter();
        let part = format!("subnet{}", family.digit());
        faults.extend(removed.map(|(position, cause)| ConfigProblem { position, part: part.clone(), cause }));
        server.number_subnets();
    }
    let database = &server.lease_database;
    if let (Some(_), Some(_), Some(position)) = (&database.password, &database.password_file, database.position) {
        let cause = "\"password\" and \"password-file\" exclude each other".to_owned();
        faults.push(ConfigProblem { position, part: "lease-database".to_owned(), cause });
    }
}

impl Config {
    /// What applies where no configuration says anything.
    #[must_use]
    pub fn empty(daemon: Daemon) -> Self {
        Self {
            file: PathBuf::new(),
            daemon,
            server: Server::default(),
            faults: Vec::new(),
            syntax_error: None,
            files: Files::default(),
        }
    }

    /// DHCPv4 or DHCPv6; `None` of the other daemons.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        self.daemon.family()
    }

    /// The port of a DHCP-DDNS server or a Control Agent.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self.daemon {
            Daemon::Ddns => Some(self.server.port.unwrap_or(DDNS_PORT)),
            Daemon::CtrlAgent => Some(self.server.http_port.unwrap_or(AGENT_PORT)),
            Daemon::Dhcp4 | Daemon::Dhcp6 | Daemon::Netconf => None,
        }
    }

    /// Drops subnets, reservations and classes, which may be many thousands.
    pub fn forget_subnets(&mut self) {
        self.server.forget_subnets();
    }

    /// The place at a position, for a message.
    #[must_use]
    pub fn place(&self, position: Position) -> FilePosition {
        self.files.place(position)
    }

    /// The files that were read, the outermost first.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter()
    }

    /// Fails with the first fault in these members of the server's map.
    ///
    /// # Errors
    /// One of them has a fault.
    pub fn check(&self, parts: &[&str]) -> Result<()> {
        let fault = self.faults.iter().find(|fault| parts.contains(&fault.part.as_str()));
        fault.map_or(Ok(()), |fault| Err(self.error(fault)))
    }

    /// A fault as an error: `file:line:column: cause`.
    #[must_use]
    pub fn error(&self, fault: &ConfigProblem) -> Error {
        self.files.error(fault.position, &fault.cause)
    }
}

#[cfg(test)]
mod tests;
