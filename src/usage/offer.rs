//! What some clients can get of the pools of a place.

use std::fmt;

use super::counts::{Basis, Counts};

/// Some clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clients {
    /// All of them.
    Any,
    /// Those of no class.
    Unclassed,
    /// Those of this server of a pair.
    OfServer(String),
    /// Those of these classes.
    OfClass(String),
    /// There are none now: the pools are those of a standby.
    None,
}

/// What clients can get.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The clients.
    pub clients: Clients,
    /// What their pools have; of statistics only the total, if these are not all pools.
    pub counts: Counts,
    /// What is left for new ones at the most.
    pub most: u128,
    /// The same at the least.
    pub least: u128,
    /// Whether only clients with a reservation are served.
    pub is_for_known: bool,
    /// The pools that these clients can get something of, if these are not all.
    pub(super) pools: Option<Vec<usize>>,
}

impl Clients {
    /// Whether these are not all clients.
    #[must_use]
    pub fn are_some(&self) -> bool {
        *self != Self::Any
    }
}

impl fmt::Display for Clients {
    /// `clients of server1`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("clients"),
            Self::Unclassed => f.write_str("clients of no class"),
            Self::OfServer(name) => write!(f, "clients of {name}"),
            Self::OfClass(text) => write!(f, "clients of class {text}"),
            Self::None => f.write_str("clients of a standby, of which there are none now"),
        }
    }
}

impl Offer {
    /// The used share of what there is to give, in percent, if as much is left as can be; `None` if there is nothing to give, or
    /// nothing is known.
    ///
    /// Where reservations are not known, none are assumed: the share is the least that it can be.
    #[must_use]
    pub fn used_percent(&self) -> Option<f64> {
        self.share(self.most)
    }

    /// The same if as little is left as can be.
    #[must_use]
    pub fn used_percent_most(&self) -> Option<f64> {
        self.share(self.least)
    }

    fn share(&self, left: u128) -> Option<f64> {
        if self.counts.basis == Basis::Configuration {
            return None;
        }
        let whole = self.counts.to_give();
        let used = whole.saturating_sub(left);
        // Multiplied first: 55 of 100 would be more than 55 % otherwise.
        #[expect(clippy::cast_precision_loss, reason = "a percentage is shown with one digit")]
        (whole > 0).then(|| used as f64 * 100.0 / whole as f64)
    }

    /// The used share in tenths of a percent, rounded down: full is full, and almost full is not.
    #[must_use]
    pub fn used_tenths(&self) -> Option<u128> {
        self.used_percent()?;
        let whole = self.counts.to_give();
        let used = whole.saturating_sub(self.most);
        // Of very large numbers the last digits show in no tenth.
        let shift = 12 * u32::from(whole >= 1 << 116);
        Some(if used >= whole { 1000 } else { ((used >> shift) * 1000 / (whole >> shift)).min(999) })
    }

    /// What is left, if that is known: the least and the most.
    #[must_use]
    pub fn left(&self) -> Option<(u128, u128)> {
        let is_known = self.counts.is_complete && self.counts.basis < Basis::Configuration;
        is_known.then_some((self.least, self.most))
    }
}

impl Counts {
    /// The used share of what there is to give, in percent; `None` if there is nothing to give.
    ///
    /// Where reservations are not known, none are assumed: the share is the least that it can be.
    #[must_use]
    pub fn used_percent(&self) -> Option<f64> {
        self.offer().used_percent()
    }

    /// What there is for clients that can get something of all of it.
    #[must_use]
    pub fn offer(&self) -> Offer {
        let (most, least) = (self.available_max(), self.available_min());
        Offer { clients: Clients::Any, counts: *self, most, least, is_for_known: false, pools: None }
    }
}
