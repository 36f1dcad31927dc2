//! What counting pools needs of a location: the configuration, and what a server counts.

use std::time::Duration;

use super::location::{LeaseLocation, Location};
use super::options::{SourceKind, SourceOptions};
use super::{Api, Variables, api};
use crate::config::Config;
use crate::error::Result;

/// How long an answer may take that the user did not ask for, unless he said it.
pub(super) const UNASKED: Duration = Duration::from_secs(2);

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

    /// Where the running server takes commands, if that is known; of a lease file that was named it is not. Unless the user
    /// said how long an answer may take, it is `patience`, or as long as usual.
    pub(super) fn running(&self, patience: Option<Duration>, var: &Variables<'_>) -> Option<Api> {
        if let Location::Api(api) = &self.location {
            return Some((**api).clone());
        }
        let config = Some(self.config.clone().filter(|_| !self.is_named_file())?);
        let connect_timeout = self.patience.or(patience);
        let choice = SourceOptions { config, kind: Some(SourceKind::Api), connect_timeout, ..SourceOptions::default() };
        match choice.locate(&[self.family], var).ok()?.pop()?.location {
            Location::Api(api) => Some(*api),
            Location::Memfile(_) | Location::Database(_) => None,
        }
    }

    /// What the running server counts in each subnet; `None` if where it takes commands is not known. If it was not asked
    /// for, it is not waited for long.
    #[must_use]
    pub fn statistics(&self, is_asked_for: bool, var: &Variables<'_>) -> Option<Result<api::ServerCounts>> {
        let patience = (!is_asked_for).then_some(UNASKED);
        Some(api::statistics(&self.running(patience, var)?, self.family))
    }

    /// The scopes that the server and its partner serve now, of a pair for high availability; `None` if where it takes
    /// commands is not known, or these leases may have been copied from elsewhere.
    #[must_use]
    pub fn scopes(&self, var: &Variables<'_>) -> Option<Result<Vec<String>>> {
        Some(api::scopes(&self.running(Some(UNASKED), var)?, self.family))
    }

    /// How many new clients the running server refused since its start, on all subnets and on each of these; `None` if where
    /// it takes commands is not known.
    #[must_use]
    pub fn refused(&self, subnets: &[u32], var: &Variables<'_>) -> Option<Result<(u64, Vec<u64>)>> {
        Some(api::failures(&self.running(Some(UNASKED), var)?, self.family, subnets))
    }
}
