//! What counting pools needs of a location: the configuration, and a server's statistics.

use super::location::{LeaseLocation, Location};
use super::options::{Kind, SourceOptions};
use super::{Variables, api};
use crate::config::Config;
use crate::error::Result;

impl LeaseLocation {
    /// What its file says of the server, if that was read.
    #[must_use]
    pub fn file_configuration(&self) -> Option<&Config> {
        self.server.as_deref()
    }

    /// Drops what was read of the configuration, which may be large.
    pub fn forget_configuration(&mut self) {
        self.server = None;
    }

    /// What the running server counts in each subnet; `None` if where it takes commands is not known.
    #[must_use]
    pub fn statistics(&self, var: &Variables<'_>) -> Option<Result<api::ServerCounts>> {
        if let Location::Api(api) = &self.location {
            return Some(api::statistics(api, self.family));
        }
        let config = Some(self.config.clone()?);
        let choice = SourceOptions { config, kind: Some(Kind::Api), ..SourceOptions::default() };
        match choice.locate(&[self.family], var).ok()?.pop()?.location {
            Location::Api(api) => Some(api::statistics(&api, self.family)),
            Location::Memfile(_) | Location::Database(_) => None,
        }
    }
}
