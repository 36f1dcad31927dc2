//! The arguments of kea-support-bundle.

use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use super::NAME;
use crate::anonymize::Anonymizer;
use crate::bundle::{Leases, Request, Variables};
use crate::cli::args::anonymize::anonymizer;
use crate::cli::number::number;
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::fs::atomic::names_a_descriptor;
use crate::fs::path::is_same_file;
use crate::inspect::Root;
use crate::installation::LiveFiles;
use crate::log;
use crate::time::{TimeStyle, show};

const EXAMPLES: &str = "Examples:
  kea-support-bundle                         writes a bundle in this directory
  kea-support-bundle --dry-run               lists what would be in it
  kea-support-bundle --since 6h -o /tmp      logs of the last six hours
  kea-support-bundle --anonymize --note 'no address since the update'

Exit status: 0 complete, 1 parts are missing, 2 an error or nothing to gather,
3 a secret was left and nothing was written.";

/// Names of standard output.
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Collect what a support ticket about Kea needs, without secrets
///
/// Writes configurations, logs, the state of the daemons, leases and data about the system to one .tar.gz file. Passwords,
/// keys and other secrets are replaced. See kea-support-bundle(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// File or directory to write to, or - for standard output [default: the current directory]
    #[arg(short, long, value_name = "FILE|DIR", default_value = ".", hide_default_value = true)]
    output: PathBuf,
    /// Configuration to collect; may be given more than once [default: those of this machine]
    #[arg(short, long, value_name = "FILE")]
    config: Vec<PathBuf>,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    clients: Clients,
    /// Time limit for the whole run, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "120", help_heading = "Collecting")]
    #[arg(value_parser = number::<u64>("a whole number of seconds", 1..=86400))]
    timeout: u64,
    /// Collect from the machine with this root directory
    #[arg(long, value_name = "DIR", default_value = "/", hide_default_value = true, help_heading = "Collecting")]
    pub(super) root: PathBuf,
    /// List what would be in the bundle, and write nothing
    #[arg(long, help_heading = "Collecting")]
    pub(super) dry_run: bool,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// What is in it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Contents")]
struct What {
    /// Only logs from this time on: 24h (before now), 2026-11-29 08:00, yesterday
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Size of the part to collect from the end of each log
    #[arg(long, value_name = "SIZE", default_value = "25M", value_parser = size)]
    log_size: u64,
    /// Collect no logs
    #[arg(long)]
    no_logs: bool,
    /// Leases: none, a summary with the last ones, or all
    #[arg(long, value_name = "WHAT", default_value = "summary", value_parser = ["none", "summary", "all"])]
    #[arg(hide_possible_values = true)]
    leases: String,
    /// Text for the reader of the bundle
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Name to use in the file name instead of the host name
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    /// Make and capture one DHCPv4 exchange on this interface; its lease is released
    #[arg(long, value_name = "INTERFACE")]
    pcap: Option<String>,
    /// Further text file to collect; may be given more than once
    #[arg(long, value_name = "FILE")]
    include: Vec<PathBuf>,
}

/// What is replaced.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Clients")]
struct Clients {
    /// Replace host names, hardware addresses, client identifiers and DUIDs, consistently in all files
    #[arg(long)]
    anonymize: bool,
    /// Replace addresses and prefixes too, preserving common prefixes
    #[arg(long, requires = "anonymize")]
    anonymize_addresses: bool,
    /// File with a secret of at least 16 bytes; every run with it makes the same replacements
    #[arg(long, value_name = "FILE", requires = "anonymize")]
    anonymize_key: Option<PathBuf>,
}

/// Bytes: `25M`, `500k`, `1G`.
fn size(text: &str) -> std::result::Result<u64, String> {
    let wrong = || "expected a size such as 500k, 25M or 1G".to_owned();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let shift = match unit {
        "" => 0,
        "k" | "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err(wrong()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    bytes.filter(|size| *size > 0).ok_or_else(wrong)
}

impl Args {
    pub(super) fn request(&self, root: Root, now: i64, env: &mut Env<'_>) -> Result<Request> {
        let leases = match self.what.leases.as_str() {
            "none" => Leases::None,
            "all" => Leases::All,
            _ => Leases::Summary,
        };
        let configurations = self.configurations(&root)?;
        self.what.check_names(&root)?;
        Ok(Request {
            root,
            configurations,
            include: self.what.include.clone(),
            logs: !self.what.no_logs,
            log_size: self.what.log_size,
            since: self.since(now, env)?,
            leases,
            note: self.what.note.clone(),
            time: Duration::from_secs(self.timeout),
            now,
            zone: env.zone(),
            variables: Variables::read(env.var),
            anonymizer: self.clients.anonymizer(env)?.map(Arc::new),
            capture: self.what.capture(env)?,
            spool: self.folder().to_owned(),
        })
    }

    fn since(&self, now: i64, env: &Env<'_>) -> Result<Option<i64>> {
        let Some(text) = &self.what.since else { return Ok(None) };
        let failed = |cause: String| Error::new(format!("--since \"{text}\""), cause);
        let moment = log::since::seconds(text, now, env.zone()).map_err(&failed)?;
        if moment > now {
            return Err(failed(format!("it is in the future; now it is {}", show(now, TimeStyle::Local))));
        }
        Ok(Some(moment))
    }

    /// The configurations that are named; one that is not there was meant otherwise.
    fn configurations(&self, root: &Root) -> Result<Vec<PathBuf>> {
        for file in &self.config {
            let absolute = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            match root.metadata(absolute) {
                Err(cause) if cause.kind() == ErrorKind::NotFound => {
                    return Err(Error::io(format!("read {}", file.display()), &cause));
                }
                _ => {}
            }
        }
        Ok(self.config.clone())
    }

    /// Whether the bundle goes to standard output, whatever that is called.
    pub(super) fn is_stdout(&self) -> bool {
        STDOUT.iter().any(|name| self.output == Path::new(name))
    }

    /// The name of the bundle: `kea-support-HOST-YYYYMMDDTHHMMSSZ`.
    pub(super) fn name(&self, root: &Root, now: i64) -> Result<String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if let Some(label) = self.what.label.as_ref().filter(|label| label.is_empty() || !label.chars().all(is_plain)) {
            let cause = "only letters, digits, dots, hyphens and underscores make a name";
            return Err(Error::new(format!("--label \"{label}\""), cause));
        }
        let is_shown = !self.clients.anonymize;
        let host = root.host_name().filter(|name| is_shown && !name.is_empty() && name.chars().all(is_plain));
        let label = self.what.label.clone().or(host).unwrap_or_else(|| "host".to_owned());
        let time: String = show(now, TimeStyle::Utc).chars().filter(|c| !"-:".contains(*c)).collect();
        Ok(format!("kea-support-{label}-{time}"))
    }

    /// Where the bundle of this name goes.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        if self.output.is_dir() { self.output.join(format!("{name}.tar.gz")) } else { self.output.clone() }
    }

    /// Begins the bundle; no file that Kea uses and none that is read is replaced by it.
    pub(super) fn create(&self, path: &Path, root: &Root, env: &Env<'_>) -> Result<OutFile> {
        let mut live = LiveFiles::of_this_host(env.var);
        for config in &self.config {
            let absolute = std::path::absolute(config).unwrap_or_else(|_| config.clone());
            live.add_configuration(&root.at(absolute), env.var);
        }
        if !root.is_own() {
            live.add_machine(&|path: &Path| root.at(path));
        }
        let key = self.clients.anonymize_key.iter();
        live.refuse(path)?;
        if let Some(read) = self.what.include.iter().chain(key).find(|file| is_same_file(file, path)) {
            let cause = format!("{} is read for it", read.display());
            return Err(Error::new(format!("write {}", path.display()), cause).hint("name another file with -o"));
        }
        refuse_existing(path)?;
        OutFile::create(path, &live)
    }

    /// The directory that the bundle goes to; of standard output that of devices.
    fn folder(&self) -> &Path {
        if self.is_stdout() {
            return Path::new("/dev");
        }
        let parent = || self.output.parent().filter(|folder| !folder.as_os_str().is_empty());
        if self.output.is_dir() { &self.output } else { parent().unwrap_or(Path::new(".")) }
    }
}

/// Refuses what is already there: only a device, an open descriptor and an empty file are written to.
fn refuse_existing(path: &Path) -> Result<()> {
    let Ok(found) = path.symlink_metadata() else { return Ok(()) };
    let kind = found.file_type();
    let is_empty = kind.is_file() && found.len() == 0;
    if is_empty || kind.is_char_device() || names_a_descriptor(path) {
        return Ok(());
    }
    let (cause, remedy) = match () {
        () if kind.is_file() => ("there is a file already", "choose another name, or remove it first"),
        () if kind.is_symlink() => ("there is a symbolic link already", "choose another name, or remove it first"),
        () => ("it is no file", "write to standard output with -o -"),
    };
    Err(Error::new(format!("write {}", path.display()), cause).hint(remedy))
}

impl What {
    /// Refuses names without a directory where it is not that of this machine.
    fn check_names(&self, root: &Root) -> Result<()> {
        match self.include.iter().find(|file| !root.is_own() && !file.is_absolute()) {
            Some(file) => {
                let cause = "a file of the machine that --root names must begin with a slash";
                Err(Error::new(format!("--include \"{}\"", file.display()), cause))
            }
            None => Ok(()),
        }
    }

    fn capture(&self, env: &mut Env<'_>) -> Result<Option<(String, u64)>> {
        let Some(interface) = &self.pcap else { return Ok(None) };
        let mut seed = [0; 8];
        (env.random)(&mut seed).map_err(|cause| Error::io("make a random number", &cause))?;
        Ok(Some((interface.clone(), u64::from_be_bytes(seed))))
    }
}

impl Clients {
    fn anonymizer(&self, env: &mut Env<'_>) -> Result<Option<Anonymizer>> {
        if !self.anonymize {
            return Ok(None);
        }
        anonymizer(self.anonymize_key.as_deref(), self.anonymize_addresses, env)
    }
}
