//! What a list of leases shall be like.

use crate::error::{Error, Result};
use crate::lease::filter::{Filter, LeaseSelector};
use crate::lease::sort::SortKey;
use crate::memfile::version::Target;
use crate::output::lease::{Column, LeaseFormat, Style, View};
use crate::source::Order;
use crate::time::{TimeStyle, Zone};

/// How leases are listed.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone)]
pub struct ListOptions {
    /// The format.
    pub format: LeaseFormat,
    /// Whether all leases are listed, not only active ones.
    pub all: bool,
    /// The columns, if some were chosen.
    pub columns: Option<Vec<Column>>,
    /// The order, if one was chosen.
    pub sort: Option<SortKey>,
    /// Whether the order is reversed.
    pub is_reversed: bool,
    /// No more than so many leases of each family.
    pub limit: Option<u64>,
    /// Whether columns get headings.
    pub header: bool,
    /// Whether every row of a lease file is listed, oldest first.
    pub is_history: bool,
    /// Whether only errors are reported.
    pub is_quiet: bool,
    /// Whether it is said what was read.
    pub is_verbose: bool,
    /// How moments are shown.
    pub time: TimeStyle,
}

impl ListOptions {
    /// Whether vendors are shown at all; the lists are large.
    #[must_use]
    pub fn wants_vendors(&self) -> bool {
        match self.format {
            LeaseFormat::Table | LeaseFormat::Csv => {
                self.columns.as_ref().is_none_or(|columns| columns.contains(&Column::Vendor))
            }
            LeaseFormat::Json | LeaseFormat::Ndjson => true,
            _ => false,
        }
    }

    /// The one address that everything known is listed about, if that is what the filter asks for.
    pub fn address_asked_for(&self, filter: &Filter) -> Result<Option<std::net::IpAddr>> {
        let asked = filter.address.filter(|_| self.format == LeaseFormat::Table && !self.is_history);
        let Some(address) = asked else { return Ok(None) };
        if (Filter { address: None, ..filter.clone() }).is_empty() {
            return Ok(Some(address));
        }
        // "Has no lease" must not mean "has none that was asked for".
        let cause = "everything known about an address is listed, which leaves no choice";
        Err(Error::new(address.to_string(), cause).hint("leave the choice out, or list it with -f csv"))
    }

    /// Whether leases of any status are listed: if that was asked for, or if the format is of no use otherwise.
    #[must_use]
    pub fn shows_all(&self, filter: &Filter) -> bool {
        let by_address = |wanted: &LeaseSelector| matches!(wanted, LeaseSelector::Address(_));
        self.all
            || self.is_history
            || !filter.statuses.is_empty()
            || filter.address.is_some()
            || filter.wanted.iter().any(by_address)
            || self.format == LeaseFormat::Prometheus
    }

    /// Whether a summary is written: only to readers of a table.
    #[must_use]
    pub fn is_summarized(&self) -> bool {
        !self.is_quiet && self.format == LeaseFormat::Table && !self.is_history
    }

    /// What leases are ordered by: programs have their own order, people look for addresses.
    #[must_use]
    pub fn sort_key(&self) -> SortKey {
        let usual = match self.format {
            LeaseFormat::Json | LeaseFormat::Ndjson | LeaseFormat::Ansible | LeaseFormat::Prometheus => SortKey::None,
            _ => SortKey::Address,
        };
        if self.is_history { SortKey::None } else { self.sort.unwrap_or(usual) }
    }

    /// The order a source is asked for, and whether that is the whole order.
    #[must_use]
    pub(super) fn source_order(&self) -> (Order, bool) {
        match self.sort_key() {
            SortKey::None => (Order::Stored, !self.is_reversed),
            SortKey::Address if !self.is_reversed => (Order::Address, true),
            _ => (Order::Stored, false),
        }
    }

    /// How the list of these leases looks, on a terminal so wide if it goes to one.
    #[must_use]
    pub fn style(&self, filter: &Filter, width: Option<usize>, color: bool, zone: Zone) -> Style {
        Style {
            format: self.format,
            view: View::Present,
            target: Target::NEWEST,
            columns: self.columns.clone().or_else(|| self.is_history.then(Column::of_history)),
            may_drop: self.columns.is_none(),
            header: self.header,
            shows_state: self.shows_all(filter),
            is_history: self.is_history,
            has_marks: false,
            width,
            color,
            time: self.time,
            zone,
            now: filter.now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(format: LeaseFormat) -> ListOptions {
        ListOptions {
            format,
            all: false,
            columns: None,
            sort: None,
            is_reversed: false,
            limit: None,
            header: true,
            is_history: false,
            is_quiet: false,
            is_verbose: false,
            time: TimeStyle::Utc,
        }
    }

    #[test]
    fn people_get_addresses_in_order_and_programs_the_stored_order() {
        assert_eq!(options(LeaseFormat::Table).source_order(), (Order::Address, true));
        assert_eq!(options(LeaseFormat::Json).source_order(), (Order::Stored, true));
        assert_eq!(
            ListOptions { is_reversed: true, ..options(LeaseFormat::Csv) }.source_order(),
            (Order::Stored, false)
        );
        let by_name = ListOptions { sort: Some(SortKey::Hostname), ..options(LeaseFormat::Json) };
        assert_eq!(by_name.source_order(), (Order::Stored, false));
    }

    #[test]
    fn one_address_is_asked_for_only_in_a_table_and_alone() {
        let filter = Filter { address: Some([192, 0, 2, 1].into()), ..Filter::default() };
        assert_eq!(options(LeaseFormat::Table).address_asked_for(&filter).unwrap(), filter.address);
        assert_eq!(options(LeaseFormat::Csv).address_asked_for(&filter).unwrap(), None);
        let both = Filter { fresh: Some(60), ..filter };
        options(LeaseFormat::Table).address_asked_for(&both).unwrap_err();
        assert!(
            options(LeaseFormat::Table).shows_all(&both) && !options(LeaseFormat::Table).shows_all(&Filter::default())
        );
    }
}
