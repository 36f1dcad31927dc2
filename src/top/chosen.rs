//! The row that the user has chosen: it is found again where rows are added, or sorted anew.

use std::sync::Arc;

use super::clients::Given;
use super::event::Event;
use super::model::Model;
use super::rows::{PoolRef, Sort};
use super::view::View;
use crate::usage::ResourceKind;

/// What a row is about.
#[derive(Debug, Clone)]
pub(super) enum Chosen {
    Server(usize),
    Pool(PoolKey),
    Client(Given),
    Event(Event),
    Counter(String),
}

/// A row of pools has another number after each count, and another place after each change of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PoolKey {
    server: usize,
    daemon: usize,
    kind: ResourceKind,
    name: String,
}

impl Model {
    /// What the row of this number in a view is about.
    pub(super) fn chosen(&self, view: View, filter: &str, sort: Sort, row: usize) -> Option<Chosen> {
        Some(match view {
            View::Overview => Chosen::Server(*self.server_rows(filter, sort).get(row)?),
            View::Pools => Chosen::Pool(self.pool_key(*self.pool_rows(filter, sort).get(row)?)?),
            View::Clients => Chosen::Client(self.client_rows(filter).nth(row)?.clone()),
            View::Events => Chosen::Event(self.event_rows(filter).nth(row)?.clone()),
            View::Messages => Chosen::Counter(self.counters(filter).get(row)?.name.to_owned()),
            View::Ha => return None,
        })
    }

    /// The number of the row that is about this; `None` where there is none any more.
    pub(super) fn row_of(&self, chosen: &Chosen, filter: &str, sort: Sort) -> Option<usize> {
        match chosen {
            Chosen::Server(server) => self.server_rows(filter, sort).iter().position(|it| it == server),
            Chosen::Pool(key) => self.pool_rows(filter, sort).iter().position(|it| self.is_pool(*it, key)),
            Chosen::Client(given) => self.client_rows(filter).position(|it| Arc::ptr_eq(&it.lease, &given.lease)),
            Chosen::Event(event) => self.event_rows(filter).position(|it| it == event),
            Chosen::Counter(name) => self.counters(filter).iter().position(|it| it.name == name),
        }
    }

    fn pool_key(&self, place: PoolRef) -> Option<PoolKey> {
        let (row, name) = (self.pool(place)?, self.pool_name(place)?.to_owned());
        Some(PoolKey { server: place.server, daemon: place.daemon, kind: row.kind(), name })
    }

    fn is_pool(&self, place: PoolRef, key: &PoolKey) -> bool {
        (place.server, place.daemon) == (key.server, key.daemon)
            && self.pool(place).is_some_and(|row| row.kind() == key.kind)
            && self.pool_name(place) == Some(&key.name)
    }
}
