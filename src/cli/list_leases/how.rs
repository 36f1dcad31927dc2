//! How leases are shown: the arguments of a list, and what follows from them.

use std::path::{Path, PathBuf};

use super::order::SortKey;
use crate::cli::number::number;
use crate::env::Env;
use crate::lease::filter::{Filter, Wanted};
use crate::output::list::{Column, ListFormat, ListStyle};
use crate::source::Order;
use crate::time::{TimeStyle, Zone};

/// How they are shown.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How they are shown")]
pub(super) struct HowArgs {
    /// Every lease, not only active ones
    #[arg(long, conflicts_with = "state")]
    all: bool,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    format: ListFormat,
    /// Columns of table and csv, by name and in this order
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    columns: Option<Vec<Column>>,
    /// Order: address, hostname, hwaddr, subnet, state, started, expires, none [default: address; none for json, ndjson]
    #[arg(long, value_name = "KEY")]
    sort: Option<SortKey>,
    /// The other way round
    #[arg(long)]
    reverse: bool,
    /// No more than so many leases of each family
    #[arg(long, value_name = "N", value_parser = number::<u64>("a whole number of leases", 0..=u64::MAX))]
    limit: Option<u64>,
    /// No heading above the columns
    #[arg(long)]
    no_header: bool,
    /// What the lease file says of the past too, oldest first
    #[arg(long, conflicts_with_all = ["all", "sort", "watch"])]
    history: bool,
    /// Draw the table anew every so many seconds, with changes marked, until q is typed
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = number::<u32>("a whole number of seconds", 1..=86400))]
    watch: Option<u32>,
    /// No summary on stderr
    #[arg(short, long)]
    quiet: bool,
    /// Status 1 if nothing is listed
    #[arg(long)]
    fail_if_empty: bool,
    /// Times in UTC
    #[arg(long, conflicts_with = "epoch")]
    utc: bool,
    /// Times in seconds since 1970
    #[arg(long)]
    epoch: bool,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"], hide_possible_values = true)]
    color: String,
    /// List of hardware address prefixes and their vendors [default: the system's]
    #[arg(long, value_name = "FILE")]
    vendors: Option<PathBuf>,
}

impl HowArgs {
    pub(super) fn format(&self) -> ListFormat {
        self.format
    }

    pub(super) fn is_history(&self) -> bool {
        self.history
    }

    pub(super) fn watch(&self) -> Option<u32> {
        self.watch
    }

    pub(super) fn fail_if_empty(&self) -> bool {
        self.fail_if_empty
    }

    pub(super) fn limit(&self) -> Option<u64> {
        self.limit
    }

    pub(super) fn vendors(&self) -> Option<&Path> {
        self.vendors.as_deref()
    }

    /// Whether vendors are shown at all; the lists are large.
    pub(super) fn wants_vendors(&self) -> bool {
        match self.format {
            ListFormat::Table | ListFormat::Csv => {
                self.columns.as_ref().is_none_or(|columns| columns.contains(&Column::Vendor))
            }
            ListFormat::Json | ListFormat::Ndjson => true,
            _ => false,
        }
    }

    /// Whether leases of any standing are shown: if that was asked for, or if the format is of no use otherwise.
    pub(super) fn shows_all(&self, filter: &Filter) -> bool {
        let asked = self.all || self.history || !filter.standings.is_empty();
        let by_address = |wanted: &Wanted| matches!(wanted, Wanted::Address(_));
        asked
            || filter.address.is_some()
            || filter.wanted.iter().any(by_address)
            || self.format == ListFormat::Prometheus
    }

    /// Whether nothing is said on stderr but what went wrong.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A summary is for whoever reads a table.
    pub(super) fn is_summarized(&self) -> bool {
        !self.quiet && self.format == ListFormat::Table && !self.history
    }

    /// What rows are ordered by: programs have their own order, people look for addresses.
    pub(super) fn sort_key(&self) -> SortKey {
        let usual = match self.format {
            ListFormat::Json | ListFormat::Ndjson | ListFormat::Ansible | ListFormat::Prometheus => SortKey::None,
            _ => SortKey::Address,
        };
        if self.history { SortKey::None } else { self.sort.unwrap_or(usual) }
    }

    pub(super) fn is_reversed(&self) -> bool {
        self.reverse
    }

    /// The order a source is asked for.
    pub(super) fn source_order(&self) -> Order {
        self.sort_key().of_source(self.reverse).0
    }

    /// How the list is to look.
    pub(super) fn style(&self, now: i64, shows_state: bool, env: &Env<'_>) -> ListStyle {
        let time = match (self.utc, self.epoch) {
            (true, _) => TimeStyle::Utc,
            (_, true) => TimeStyle::Epoch,
            _ => TimeStyle::Local,
        };
        let screen = (env.screen)();
        let no_color = (env.var)("NO_COLOR").is_some_and(|value| !value.is_empty());
        let zone = (env.var)("TZ");
        ListStyle {
            format: self.format,
            columns: self.columns.clone().or_else(|| self.history.then(Column::of_history)),
            header: !self.no_header,
            is_history: self.history,
            has_marks: false,
            shows_state,
            width: screen.map(|screen| screen.columns),
            color: match self.color.as_str() {
                "always" => true,
                "never" => false,
                _ => screen.is_some() && !no_color,
            },
            time,
            zone: Zone::from_variable(zone.as_ref().and_then(|zone| zone.to_str())),
            now,
        }
    }
}
