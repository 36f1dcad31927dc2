//! The key that identifiers of clients are replaced with.

use std::path::Path;

use crate::anonymize::Anonymizer;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::source;

/// What replaces the identifiers of clients: by the key in this file, else by one of this run alone.
pub(in crate::cli) fn anonymizer(key: Option<&Path>, addresses: bool, env: &mut Env<'_>) -> Result<Option<Anonymizer>> {
    let key = if let Some(path) = key {
        source::secret_key(path)?
    } else {
        let mut key = vec![0; 32];
        (env.random)(&mut key).map_err(|cause| Error::io("make a random key", &cause))?;
        key
    };
    Ok(Anonymizer::new(&key, addresses))
}
