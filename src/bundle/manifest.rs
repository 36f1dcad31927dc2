//! What is in the bundle: `manifest.json`, `redactions.json` and `README.txt`.

use serde::Serialize;

use super::Missing;

/// The manifest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// The program and its version.
    pub tool: String,
    /// The command line, without secrets.
    pub arguments: Vec<String>,
    /// When it was made, UTC.
    pub time: String,
    /// The same in local time.
    pub local_time: String,
    /// The files.
    pub members: Vec<Entry>,
    /// What is not in it.
    pub missing: Vec<Missing>,
    /// How many secret values were searched for in every file.
    pub secrets_searched: usize,
    /// How many were replaced at their names only, as they are shorter than 8 characters, or the name of a user,
    /// database or host.
    pub secrets_only_at_their_names: usize,
}

/// A file of the bundle.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// Where it comes from.
    pub source: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// Whether it has only the end of its source.
    pub is_cut: bool,
    /// How many secrets were replaced in it.
    pub redacted: usize,
}

/// For its reader.
pub(super) const README: &str = "This bundle was made by kea-support-bundle for a support ticket about ISC Kea.

manifest.json    every file with its source, size and SHA-256, and what is missing, with the reason
redactions.json  how many secrets were replaced in each file
config/          configurations as they are on disk, and the names of all files next to them
status.json      whether each daemon runs and serves, with its running configuration; status.txt is a summary
loggers.txt      what is logged where, and what is wrong with it
logs/            the ends of the logs, with their rotated siblings
leases/          counts of leases and the files of the lease file cleanup; no lease itself
system/          the system, its packages, network, memory, mounts and the units of Kea

Secrets are replaced by \"(redacted)\": by their names, by their shapes, and wherever a value that is secret in one
place occurs in another, also in base64, hex, JSON and URLs. Files that only hold a secret are not in the bundle.
Names of users, hosts and clients, and addresses, are as they were.

To check it: tar xzf FILE, then compare sha256sum with manifest.json.
";
