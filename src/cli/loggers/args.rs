//! The arguments of kea-loggers.

use std::path::{Path, PathBuf};

use clap::Parser;

use super::NAME;
use crate::cli::number::number;
use crate::error::{Error, Result};
use crate::loggers::{Change, Subject};
use crate::output::loggers::LoggersFormat;
use crate::release::Release;

const EXAMPLES: &str = "Examples:
  kea-loggers                              all loggers, and the problems
  kea-loggers new.conf --for 3.0           how Kea 3.0 interprets this file
  kea-loggers DHCP4_LEASE_ALLOC            whether and where this is logged
  kea-loggers --set '*=INFO'               entries that log everything at INFO
  kea-loggers --set 'kea-dhcp4.*-hooks=DEBUG:55@/var/log/kea/hooks.log'
  kea-loggers --set 'kea-*.callouts=DEBUG:55@/var/log/kea/{daemon}.log'
  kea-loggers -c kea-dhcp4.conf --set leases=DEBUG --whole >new.conf

Exit status: 0 no problem, 1 a problem, 2 an error. With -f nagios 0 to 3.";

/// Show and check what Kea's daemons log, at which level, and to which files
///
/// Prints every logger with the severity and the outputs that the daemon really uses, and then the problems of this
/// configuration with their remedies. See kea-loggers(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Configuration to read, as with --config; or a logger or message, as with --which
    #[arg(value_name = "FILE|LOGGER|MESSAGE-ID")]
    named: Vec<String>,
    /// Configuration to read; may be given more than once [default: those of the daemons that run, or the usual ones]
    #[arg(short, long, value_name = "FILE")]
    pub(super) config: Vec<PathBuf>,
    /// Release of Kea whose rules are applied, such as 2.2 [default: that of the installed daemon]
    #[arg(long = "for", value_name = "RELEASE", value_parser = Release::newest_of)]
    pub(super) release: Option<Release>,
    /// Print whether and where this message, or the messages of this logger, are logged
    #[arg(long, value_name = "LOGGER|MESSAGE-ID", value_parser = subject, conflicts_with = "set")]
    pub(super) which: Option<Subject>,
    /// Print the entries of "loggers" that log this; * and ? are wildcards; may be given more than once
    #[arg(long, value_name = "PATTERN=SEVERITY[:LEVEL][@OUTPUT]", value_parser = change)]
    pub(super) set: Vec<Change>,
    /// With --set: print the whole configuration, with the new entries in it
    #[arg(long, requires = "set")]
    pub(super) whole: bool,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: LoggersFormat,
    /// Width of the table in columns [default: the terminal's, or 80]
    #[arg(long, value_name = "N", value_parser = number::<u16>("a whole number of columns", 40..=1000))]
    pub(super) width: Option<u16>,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

impl Args {
    /// Takes the arguments without an option for what they are.
    ///
    /// # Errors
    /// One is nothing that is known, or there are two loggers.
    pub(super) fn sorted(mut self) -> Result<Self> {
        for word in std::mem::take(&mut self.named) {
            let is_file = word.contains('/') || Path::new(&word).is_file() || word.contains(".conf");
            if is_file {
                self.config.push(word.into());
                continue;
            }
            let subject = Subject::parse(&word).map_err(|cause| Error::new(&word, format!("no file, and {cause}")))?;
            if self.which.is_some() || !self.set.is_empty() {
                let cause = "only one logger or message can be looked up, and not with --set";
                return Err(Error::new(word, cause));
            }
            self.which = Some(subject);
        }
        Ok(self)
    }
}

fn subject(text: &str) -> std::result::Result<Subject, String> {
    Subject::parse(text)
}

fn change(text: &str) -> std::result::Result<Change, String> {
    Change::parse(text)
}
