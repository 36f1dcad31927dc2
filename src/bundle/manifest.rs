//! What is in the bundle: `manifest.json`, `redactions.json` and `README.txt`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Missing;
use crate::redact::{Counts, Rule};

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
    /// How long gathering took, in seconds.
    pub seconds: f64,
    /// Whether names and addresses of clients were replaced.
    pub anonymized: bool,
    /// The files.
    pub members: Vec<Entry>,
    /// What is not in it.
    pub missing: Vec<Missing>,
    /// How many secret values were searched for in every file.
    pub secrets_searched: usize,
    /// How many were replaced at their names only, as they have fewer than 8 octets, are usual words, addresses or dates,
    /// or are also the name of a user, database, daemon or host.
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
    /// What was replaced in it, by rule.
    pub redactions: Counts,
}

/// The replacements: all by rule, and those of each file.
#[derive(Debug, Serialize)]
pub(super) struct Redactions<'a> {
    rules: BTreeMap<Rule, &'static str>,
    total: Counts,
    files: BTreeMap<&'a str, &'a Counts>,
}

impl<'a> Redactions<'a> {
    pub(super) fn new(manifest: &'a Manifest) -> Self {
        let rules = [
            (Rule::Name, "it follows the name of a secret, such as \"password\""),
            (Rule::Sentence, "a sentence says that it is one"),
            (Rule::Address, "it is in an address, such as http://user:...@host/"),
            (Rule::CommandLine, "it is an argument of a command"),
            (Rule::PrivateKey, "it is a private key"),
            (Rule::Shape, "it looks like a token, or like secrets in base64 or hex"),
            (Rule::KnownValue, "the same value is a secret elsewhere"),
        ];
        let mut total = Counts::default();
        manifest.members.iter().for_each(|entry| total += &entry.redactions);
        let files = manifest.members.iter().filter(|entry| entry.redactions.total() > 0);
        Self {
            rules: rules.into(),
            total,
            files: files.map(|entry| (entry.path.as_str(), &entry.redactions)).collect(),
        }
    }
}

/// For its reader.
pub(super) const README: &str = "This bundle was made by kea-support-bundle for a support ticket about ISC Kea.

Begin with status.txt, logs/report.txt and pools.txt.

manifest.json    every file with its source, size and SHA-256, and what is missing, with the reason
redactions.json  how many secrets were replaced in each file, by which rule
status.txt       whether each daemon runs and serves, and what is wrong; status.json has all facts, also of high
                 availability and the lease file cleanup
pools.txt        how full the pools are for new clients, and why; pools.json has all counts
config/          configurations: as they are on disk by their own paths, DAEMON.disk.json with what they include,
                 DAEMON.running.json as the daemon runs with it, DAEMON.diff.txt what differs; files.txt names all files
                 next to them
running/         what each daemon answers: version, build report, statistics, status, high availability
commands/        version and build report of the programs on disk, and the test of each configuration
loggers.txt      what is logged where, and what is wrong with it
logs/            report.txt: what the logs say; the ends of the logs, with their rotated siblings, by their own paths;
                 journal/: lines of systemd's journal
leases/          counts of leases by subnet and state, the last or all of them, and the files of the cleanup
databases.txt    version, schema, zone and size of the databases
processes.txt    processes of Kea with their command lines
system/          the system, its packages, network, memory, disks, clock, limits, units and core files
note.txt         what the sender says
capture.pcap     one exchange with the server, if that was asked for

Secrets are replaced by \"(redacted)\": by their names, by their shapes, and wherever a value that is secret in one
place occurs in another, however it is escaped there, also in base64 and hex. Values of fewer than 8 octets, usual
words, addresses and dates, and those that are also the name of a user, database, daemon or host, are replaced at
their names only. Files that only hold a secret
and core files are not in the bundle. Names of users, hosts and clients, and addresses, are as they were, unless the
manifest says that the bundle is anonymized: then the same name has the same replacement everywhere, also in IPv6
addresses that are made of a hardware address, and tables of the kernel with addresses in hex may be missing.

To check it: tar xzf FILE, then compare sha256sum with manifest.json.
";
