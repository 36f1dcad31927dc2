//! The views, each with its number and title.

/// A view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// A row for each server.
    Overview,
    /// A row for each shared network and subnet.
    Pools,
    /// What clients are given.
    Clients,
    /// High availability.
    Ha,
    /// What has happened.
    Events,
    /// Messages by type, and drops.
    Messages,
}

impl View {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Overview, Self::Pools, Self::Clients, Self::Ha, Self::Events, Self::Messages];

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Pools => "Pools",
            Self::Clients => "Clients",
            Self::Ha => "HA",
            Self::Events => "Events",
            Self::Messages => "Messages",
        }
    }

    /// Its place among all of them.
    pub(super) fn index(self) -> usize {
        Self::ALL.iter().position(|view| *view == self).unwrap_or(0)
    }
}
