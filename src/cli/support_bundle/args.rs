//! The arguments of kea-support-bundle.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use super::NAME;
use crate::bundle::Request;
use crate::cli::number::number;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::inspect::Root;
use crate::time::{TimeStyle, show};

const EXAMPLES: &str = "Examples:
  kea-support-bundle                         everything, in one file here
  kea-support-bundle --dry-run               what would be in it
  kea-support-bundle -o /tmp --no-logs       without logs
  kea-support-bundle --note 'since the update clients get no address'

Exit status: 0 complete, 1 parts are missing, 2 an error or nothing to gather,
3 a secret was left and nothing was written.";

/// Gather what a support ticket about Kea needs, without secrets
///
/// Writes configurations, logs, states, counts of leases and facts of the system into one .tar.gz. Passwords, keys and other
/// secrets are replaced. See kea-support-bundle(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// File or directory to write to [default: the current directory]
    #[arg(short, long, value_name = "FILE|DIR", default_value = ".", hide_default_value = true)]
    output: PathBuf,
    /// Configuration to gather; may be given more than once [default: those of this machine]
    #[arg(short, long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Leave logs out
    #[arg(long)]
    no_logs: bool,
    /// How much of the end of each log
    #[arg(long, value_name = "SIZE", default_value = "25M", value_parser = size)]
    log_size: u64,
    /// Leases: none, or a summary
    #[arg(long, value_name = "WHAT", default_value = "summary", value_parser = ["none", "summary"])]
    #[arg(hide_possible_values = true)]
    leases: String,
    /// A text for the reader
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Name in the file's name, instead of the host's
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    /// A further file; may be given more than once
    #[arg(long, value_name = "FILE")]
    include: Vec<PathBuf>,
    /// Seconds that the daemons may take to answer
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    #[arg(value_parser = number::<u64>("a whole number of seconds", 1..=3600))]
    timeout: u64,
    /// Gather from the machine with this root directory
    #[arg(long, value_name = "DIR", default_value = "/", hide_default_value = true)]
    pub(super) root: PathBuf,
    /// List what would be in it, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
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
    pub(super) fn request<'a>(&self, root: Root, now: i64, env: &Env<'a>) -> Request<'a> {
        Request {
            root,
            configurations: self.config.clone(),
            include: self.include.clone(),
            logs: !self.no_logs,
            log_size: self.log_size,
            leases: self.leases != "none",
            note: self.note.clone(),
            patience: Duration::from_secs(self.timeout),
            now,
            variable: env.var,
        }
    }

    /// The name of the bundle: `kea-support-HOST-YYYYMMDDTHHMMSSZ`.
    pub(super) fn name(&self, root: &Root, now: i64) -> Result<String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if let Some(label) = self.label.as_ref().filter(|label| label.is_empty() || !label.chars().all(is_plain)) {
            let cause = "only letters, digits, dots, hyphens and underscores make a name";
            return Err(Error::new(format!("--label {label}"), cause));
        }
        let host = root.host_name().filter(|name| !name.is_empty() && name.chars().all(is_plain));
        let label = self.label.clone().or(host).unwrap_or_else(|| "host".to_owned());
        let time: String = show(now, TimeStyle::Utc).chars().filter(|c| !"-:".contains(*c)).collect();
        Ok(format!("kea-support-{label}-{time}"))
    }

    /// Where the bundle of this name goes.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        if self.output.is_dir() { self.output.join(format!("{name}.tar.gz")) } else { self.output.clone() }
    }
}
