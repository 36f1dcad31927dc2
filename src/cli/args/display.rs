//! The display arguments of a list of leases.

use std::path::{Path, PathBuf};

use super::width::WidthArgs;
use super::words::words;
use super::{one_of, time_style};
use crate::cli::number::number;
use crate::env::Env;
use crate::export::ListOptions;
use crate::lease::sort::SortKey;
use crate::output::lease::{Column, LeaseFormat};

/// The display options.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(in crate::cli) struct DisplayArgs {
    /// List leases in any state, not only active ones
    #[arg(long, conflicts_with = "state")]
    all: bool,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = one_of(&LeaseFormat::OF_LIST))]
    format: LeaseFormat,
    /// Columns of table and csv, by name and in this order
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', value_parser = words(Column::names(), |text| text.parse::<Column>().ok()), hide_possible_values = true)]
    columns: Option<Vec<Column>>,
    /// Sort by address, hostname, hwaddr, subnet, state, started, expires, none [default: address; none for json, ndjson]
    #[arg(long, value_name = "KEY", value_parser = words(SortKey::names(), |text| text.parse::<SortKey>().ok()), hide_possible_values = true)]
    sort: Option<SortKey>,
    /// Reverse the order
    #[arg(long, hide_short_help = true)]
    reverse: bool,
    /// List at most this many leases of each family
    #[arg(long, value_name = "N", value_parser = number::<u64>("a whole number of leases", 0..=u64::MAX), hide_short_help = true)]
    limit: Option<u64>,
    /// Print no header line
    #[arg(long, hide_short_help = true)]
    no_header: bool,
    /// List every row of the lease file, including replaced ones, oldest first
    #[arg(long, conflicts_with_all = ["all", "sort", "watch"])]
    history: bool,
    /// Redraw the table every SECONDS; q quits
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = number::<u32>("a whole number of seconds", 1..=86400))]
    watch: Option<u32>,
    /// Print no summary on stderr
    #[arg(short, long, hide_short_help = true)]
    quiet: bool,
    /// Exit with status 1 if no lease is listed
    #[arg(long, hide_short_help = true)]
    fail_if_empty: bool,
    #[command(flatten)]
    width: WidthArgs,
    /// Print times in UTC
    #[arg(long, conflicts_with = "epoch", hide_short_help = true)]
    utc: bool,
    /// Print times in seconds since 1970
    #[arg(long, hide_short_help = true)]
    epoch: bool,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"], hide_possible_values = true, hide_short_help = true)]
    color: String,
    /// File with vendors of hardware addresses [default: the system's]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    vendors: Option<PathBuf>,
}

impl DisplayArgs {
    /// What is asked for.
    pub(in crate::cli) fn options(&self, is_verbose: bool) -> ListOptions {
        ListOptions {
            format: self.format,
            all: self.all,
            columns: self.columns.clone(),
            sort: self.sort,
            is_reversed: self.reverse,
            limit: self.limit,
            header: !self.no_header,
            is_history: self.history,
            is_quiet: self.quiet,
            is_verbose,
            time: time_style(self.utc, self.epoch),
        }
    }

    /// Whether colours are wanted on a terminal, if there is one.
    pub(in crate::cli) fn has_color(&self, env: &Env<'_>) -> bool {
        super::has_color(&self.color, env)
    }

    /// How wide a table may be; any width in a pipe without `COLUMNS`.
    pub(in crate::cli) fn width(&self, env: &Env<'_>) -> Option<usize> {
        self.width.columns(env)
    }

    pub(in crate::cli) fn watch(&self) -> Option<u32> {
        self.watch
    }

    pub(in crate::cli) fn fail_if_empty(&self) -> bool {
        self.fail_if_empty
    }

    pub(in crate::cli) fn vendors(&self) -> Option<&Path> {
        self.vendors.as_deref()
    }
}
