//! A place with leases, and how it is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::database::Database;
use super::{Api, LeaseSource, api, memfile, open, snapshot};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::lease::Family;

/// A place with leases of one family.
#[derive(Debug)]
pub struct LeaseLocation {
    /// The family.
    pub family: Family,
    /// The place.
    pub location: Location,
    /// The configuration that names it, if one does.
    pub config: Option<PathBuf>,
    /// What that says, if it was read.
    pub(super) server: Option<Arc<Config>>,
    /// What a user should know about the files that were looked into, one line each.
    pub remarks: Vec<String>,
    /// What the lease file held, if it can be read but once.
    pub(super) stream: Option<memfile::Stream>,
    /// Whether its lease file is the one of the configuration, and not one that was named.
    pub(super) is_configured: bool,
    /// Whether the server keeps its leases in memory alone, so that its lease file is not there, or is an old one.
    pub(super) is_in_memory: bool,
    /// How long an answer of a running server may take, if the user said it.
    pub(super) patience: Option<Duration>,
}

/// A place with leases.
#[derive(Debug)]
pub enum Location {
    /// A lease file.
    Memfile(PathBuf),
    /// A database.
    Database(Box<Database>),
    /// A running server.
    Api(Box<Api>),
}

impl LeaseLocation {
    /// Opens the place; a database is connected to.
    pub fn open(&self) -> Result<Box<dyn LeaseSource>> {
        match &self.location {
            Location::Memfile(_) if self.is_in_memory => Err(self.kept_in_memory()),
            Location::Memfile(path) if self.is_configured && snapshot::is_absent(path) => Err(self.never_started(path)),
            // A server that was started once has written a header.
            Location::Memfile(path) if self.is_configured && snapshot::is_empty(path) => {
                Err(memfile::emptied(path, self.family))
            }
            Location::Memfile(path) => Ok(Box::new(match &self.stream {
                Some(stream) => stream.open(self.family)?,
                None => memfile::open(path, self.family)?,
            })),
            Location::Database(database) => open::database(database, self.family),
            Location::Api(api) => Ok(Box::new(api::open(api, self.family)?)),
        }
    }

    /// Whether the server keeps its leases in memory alone, as its configuration says.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.is_in_memory
    }

    /// Whether its lease file was named, and so may be of another machine or time than the server that runs here.
    #[must_use]
    pub fn is_named_file(&self) -> bool {
        matches!(self.location, Location::Memfile(_)) && !self.is_configured
    }

    /// That there is no lease file.
    fn kept_in_memory(&self) -> Error {
        let config = self.config.as_ref().map_or(String::new(), |config| config.display().to_string());
        let cause = "\"persist\" is false: this server keeps its leases in memory only, there is no lease file";
        Error::new(config, cause).hint("ask the running server with -t api")
    }

    /// Why a configured lease file is not there.
    fn never_started(&self, path: &Path) -> Error {
        let of = self.config.as_ref().map_or(String::new(), |config| format!(" of {}", config.display()));
        let cause =
            format!("it does not exist: the {} server{of} was never started, or the file was moved", self.family);
        Error::new(format!("read lease file {}", path.display()), cause).hint("name another with -n FILE")
    }

    /// With what its configuration says, where that was read with the files that it includes on another machine.
    #[must_use]
    pub fn with_configuration(mut self, config: Config) -> Self {
        self.server = Some(Arc::new(config));
        self
    }

    /// What the running server says of its own configuration, and of its neighbour's: where it was asked, and the text. It
    /// may hold secrets.
    #[must_use]
    pub fn running_configurations(&self) -> Vec<(String, Vec<u8>)> {
        match &self.location {
            Location::Api(api) => api::configurations(api),
            Location::Memfile(_) | Location::Database(_) => Vec::new(),
        }
    }
}
