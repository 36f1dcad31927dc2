//! What is counted: a pool, a subnet, a shared network or everything, its addresses or its prefixes.

/// Addresses or delegated prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceKind {
    /// Addresses.
    Addresses,
    /// Delegated prefixes.
    Prefixes,
}

impl ResourceKind {
    /// `address` or `prefix`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Addresses => "address",
            Self::Prefixes => "prefix",
        }
    }

    /// `addresses` or `prefixes`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Addresses => "addresses",
            Self::Prefixes => "prefixes",
        }
    }
}

/// A level of counting, from the coarsest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// A shared network.
    Network,
    /// A subnet.
    Subnet,
    /// A pool.
    Pool,
}

/// A shared network, subnet or pool, by its place in the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayoutPlace {
    /// What it is.
    pub level: Level,
    /// Which of these.
    pub index: usize,
}

impl LayoutPlace {
    /// A shared network.
    #[must_use]
    pub fn network(index: usize) -> Self {
        Self { level: Level::Network, index }
    }

    /// A subnet.
    #[must_use]
    pub fn subnet(index: usize) -> Self {
        Self { level: Level::Subnet, index }
    }

    /// A pool.
    #[must_use]
    pub fn pool(index: usize) -> Self {
        Self { level: Level::Pool, index }
    }
}
