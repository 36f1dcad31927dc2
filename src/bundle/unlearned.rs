//! What could not be learned: secrets, and names of clients, which texts would be searched for.

use std::collections::BTreeMap;

use super::Member;

/// What could not be learned, and why.
#[derive(Debug, Default)]
pub(super) struct Unlearned {
    /// What secrets are in.
    secrets: BTreeMap<String, String>,
    /// What names of clients are in.
    names: BTreeMap<String, String>,
}

impl Unlearned {
    /// Notes that secrets are not known.
    pub(super) fn secrets(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.secrets.insert(what.into(), why.into());
    }

    /// Notes that names of clients are not known.
    pub(super) fn names(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.names.insert(what.into(), why.into());
    }

    /// Takes over what another step has noted.
    pub(super) fn merge(&mut self, other: Self) {
        self.secrets.extend(other.secrets);
        self.names.extend(other.names);
    }

    /// Whether something is not known.
    pub(super) fn is_any(&self) -> bool {
        !self.secrets.is_empty() || !self.names.is_empty()
    }

    /// Whether secrets are not known.
    pub(super) fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Whether free texts are left out.
    pub(super) fn hides_texts(&self, is_anonymized: bool) -> bool {
        self.has_secrets() || is_anonymized && !self.names.is_empty()
    }

    /// Why a file of the bundle is left out; `None` of one that is not.
    pub(super) fn reason(&self, member: &Member, is_anonymized: bool) -> Option<String> {
        let of_secrets = self.secrets.iter().next().filter(|_| !is_of_kernel(&member.path));
        if let Some((what, why)) = of_secrets {
            return Some(format!("it cannot be searched for the secrets of {what}: {why}"));
        }
        let (what, why) = self.names.iter().next().filter(|_| is_anonymized && has_free_text(member))?;
        Some(format!("it cannot be searched for the names of clients in {what}: {why}"))
    }
}

/// Whether a file has nothing but facts of the kernel, of packages and of the clock.
fn is_of_kernel(path: &str) -> bool {
    const OTHERS: [&str; 6] = ["etc-", "usr-", "lib-", "run-", "processes/", "cores"];
    path.strip_prefix("system/").is_some_and(|rest| !OTHERS.iter().any(|other| rest.starts_with(other)))
}

/// Whether sentences in a file may have names of clients: in configurations they are known by their places.
fn has_free_text(member: &Member) -> bool {
    let is_table = member.path.starts_with("leases/") && member.path.ends_with("/files.txt");
    let is_configuration = member.path.starts_with("config/") || member.path.starts_with("system/");
    !member.is_anonymized && !is_configuration && !is_table
}
