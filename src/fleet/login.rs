//! A user and a password in a file, which may change while the program runs.

use std::path::PathBuf;

use crate::control::Credentials;
use crate::error::{Error, Result};
use crate::source;

/// Where a user and a password are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user, if the file does not name one.
    pub user: Option<String>,
    /// The file with the password in its first line.
    pub file: PathBuf,
}

impl Login {
    /// What the file has now.
    pub(super) fn read(&self) -> Result<Credentials> {
        let password = source::password_in(&self.file)?;
        match &self.user {
            Some(user) => Ok(Credentials { user: user.clone(), password }),
            None => Credentials::pair(&password).ok_or_else(|| {
                let attempted = format!("read password file {}", self.file.display());
                Error::new(attempted, "it has a password and no user").hint("add user = \"NAME\" to the server")
            }),
        }
    }
}
