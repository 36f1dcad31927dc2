//! The rows of views, after filter and order.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::clients::Given;
use super::daemon::is_out;
use super::event::Event;
use super::model::Model;
use super::pool_row::PoolRow;
use super::private::anonymous_name;
use crate::health::State;
use crate::text::natural_order;
use crate::usage::Level;

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The worst first.
    #[default]
    Worst,
    /// By name.
    Name,
    /// Servers by the packets that they answer, pools by what is free.
    Amount,
}

impl Sort {
    pub(super) fn next(self) -> Self {
        match self {
            Self::Worst => Self::Name,
            Self::Name => Self::Amount,
            Self::Amount => Self::Worst,
        }
    }
}

/// A row of pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolRef {
    /// The server.
    pub server: usize,
    /// The number of its daemon.
    pub daemon: usize,
    /// The number of its row.
    pub row: usize,
}

/// Counters of what servers grant.
pub const GRANTED: [&str; 2] = ["pkt4-ack-sent", "pkt6-reply-sent"];

impl Model {
    /// The servers whose name or state has `filter` in it.
    #[must_use]
    pub fn server_rows(&self, filter: &str, sort: Sort) -> Vec<usize> {
        let fits = |index: &usize| {
            let server = &self.servers[*index];
            has(&self.shown_name(*index), filter) || has(self.word(server).0, filter)
        };
        let mut rows: Vec<usize> = (0..self.servers.len()).filter(fits).collect();
        let rate = |index: usize| self.rate(&self.servers[index], &GRANTED).unwrap_or(-1.0);
        match sort {
            Sort::Worst => rows.sort_by_key(|index| {
                let word = self.word(&self.servers[*index]);
                std::cmp::Reverse((word.1, is_out(word)))
            }),
            Sort::Name => {
                rows.sort_by(|one, other| natural_order(&self.servers[*one].name, &self.servers[*other].name));
            }
            Sort::Amount => rows.sort_by(|one, other| rate(*other).total_cmp(&rate(*one))),
        }
        rows
    }

    /// A row of pools.
    #[must_use]
    pub fn pool(&self, place: PoolRef) -> Option<&PoolRow> {
        self.servers.get(place.server)?.daemon(place.daemon)?.rows.get(place.row)
    }

    /// The name of the place of a row.
    #[must_use]
    pub fn pool_name(&self, place: PoolRef) -> Option<&str> {
        let daemon = self.servers.get(place.server)?.daemon(place.daemon)?;
        let layout = daemon.answers.as_ref()?.layout.as_ref()?;
        Some(layout.name(daemon.rows.get(place.row)?.place()))
    }

    /// Shared networks and subnets of all servers, each with its parts after it; with a filter those that have it in their row,
    /// and all parts of a shared network that does.
    #[must_use]
    pub fn pool_rows(&self, filter: &str, sort: Sort) -> Vec<PoolRef> {
        let mut groups: Vec<(PoolRef, usize)> = Vec::new();
        for (server, it) in self.servers.iter().enumerate() {
            for (daemon, state) in it.daemons().enumerate() {
                for (row, found) in state.rows.iter().enumerate() {
                    match groups
                        .last_mut()
                        .filter(|(first, _)| found.is_part() && (first.server, first.daemon) == (server, daemon))
                    {
                        Some((_, count)) => *count += 1,
                        None => groups.push((PoolRef { server, daemon, row }, 1)),
                    }
                }
            }
        }
        let is_one = self.servers.iter().map(|server| server.daemons().count()).sum::<usize>() == 1;
        if !is_one || sort != Sort::Worst {
            groups.sort_by(|(one, _), (other, _)| self.compare(*one, *other, sort));
        }
        let wanted = groups.into_iter().flat_map(|(first, count)| {
            let is_whole = self.is_named(first, filter);
            let all = (0..count).map(move |more| PoolRef { row: first.row + more, ..first });
            all.filter(move |place| is_whole || self.is_wanted(*place, filter))
        });
        wanted.collect()
    }

    /// Whether a row has `filter` in its label, its words or the name of its server.
    fn is_wanted(&self, place: PoolRef, filter: &str) -> bool {
        self.is_named(place, filter) || self.pool(place).is_some_and(|row| has(&words(row), filter))
    }

    fn is_named(&self, place: PoolRef, filter: &str) -> bool {
        filter.is_empty()
            || has(&self.shown_name(place.server), filter)
            || self.pool_label(place).is_some_and(|label| has(&label, filter))
    }

    /// What the place of a row is called.
    fn pool_label(&self, place: PoolRef) -> Option<String> {
        let daemon = self.servers.get(place.server)?.daemon(place.daemon)?;
        let layout = daemon.answers.as_ref()?.layout.as_ref()?;
        let place = daemon.rows.get(place.row)?.place();
        Some(if self.is_private { anonymous_name(layout, place) } else { layout.label(place) })
    }

    fn compare(&self, one: PoolRef, other: PoolRef, sort: Sort) -> Ordering {
        let badness = |place| self.pool(place).map_or((None, -1.0), badness);
        let ((state, share), (other_state, other_share)) = (badness(one), badness(other));
        match sort {
            Sort::Worst => other_state.cmp(&state).then(other_share.total_cmp(&share)),
            Sort::Name => self.compare_names(one, other),
            Sort::Amount => {
                let free = |place| self.pool(place).map_or(u128::MAX, PoolRow::most);
                free(one).cmp(&free(other))
            }
        }
    }

    /// Subnets by their addresses, then shared networks by their names.
    fn compare_names(&self, one: PoolRef, other: PoolRef) -> Ordering {
        match (self.first_address(one), self.first_address(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => {
                let name = |place| self.pool_name(place).unwrap_or_default();
                natural_order(name(one), name(other))
            }
        }
    }

    fn first_address(&self, place: PoolRef) -> Option<IpAddr> {
        let daemon = self.servers.get(place.server)?.daemon(place.daemon)?;
        let layout = daemon.answers.as_ref()?.layout.as_ref()?;
        let place = daemon.rows.get(place.row)?.place();
        (place.level == Level::Subnet).then(|| layout.subnets[place.index].range.first())
    }

    /// The events whose text or server has `filter` in it, the newest first.
    pub fn event_rows(&self, filter: &str) -> impl Iterator<Item = &Event> {
        let fits = move |event: &&Event| {
            filter.is_empty() || has(&self.shown(&event.text), filter) || has(&self.shown_name(event.server), filter)
        };
        self.events.newest().filter(fits)
    }
}

impl Model {
    /// The leases with `filter` in an address, an identifier, a name or the name of the server; the newest first.
    pub fn client_rows(&self, filter: &str) -> impl Iterator<Item = &Given> {
        self.clients.newest().filter(move |given| filter.is_empty() || self.fits(given, filter))
    }

    fn fits(&self, given: &Given, filter: &str) -> bool {
        if has(&self.shown_name(given.server), filter) || has(given.deed.word(), filter) {
            return true;
        }
        let lease = given.lease.lease();
        let texts = [
            lease.address().to_string(),
            lease.hwaddr.to_string(),
            String::from_utf8_lossy(lease.hostname).into_owned(),
        ];
        let identifier = || crate::text::hex(lease.identifier());
        let has_it = || texts.iter().any(|text| has(text, filter)) || has(&identifier(), &filter.replace(':', ""));
        !self.is_private && has_it()
    }
}

/// What a row says of itself in words.
fn words(row: &PoolRow) -> String {
    let full = if row.used_percent().is_some() && row.most() == 0 { " full" } else { "" };
    row.state().map_or("", State::word).to_owned() + full
}

fn badness(row: &PoolRow) -> (Option<State>, f64) {
    (row.state(), row.used_percent().unwrap_or(0.0))
}

/// Whether a text has another in it, whatever the case of letters.
pub(super) fn has(text: &str, part: &str) -> bool {
    part.is_empty() || text.to_lowercase().contains(&part.to_lowercase())
}
