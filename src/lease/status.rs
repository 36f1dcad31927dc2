//! What a lease is at a moment: its state judged together with its end.
//!
//! Kea writes state 0 and does not change it unless it cleans up: a row that says "assigned" may be long past. A lease
//! counts until the second of its end is over, as Kea counts.

use std::fmt;
use std::str::FromStr;

use super::{LeaseState, Lifetime};

/// What a lease is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeaseStatus {
    /// Assigned, and not past: the client may use it.
    Active,
    /// A client found the address in use; it is kept back for a while.
    Declined,
    /// Assigned once, past now, and not taken back yet.
    Expired,
    /// Past and taken back.
    Reclaimed,
    /// Given back by the client.
    Released,
    /// Registered by the client for an address it made itself.
    Registered,
    /// A row that takes an address away; only the history of a lease file has such.
    Removed,
    /// A state no Kea has given a meaning so far.
    Other(u32),
}

impl LeaseStatus {
    /// Those with names.
    pub const NAMED: [Self; 6] =
        [Self::Active, Self::Declined, Self::Expired, Self::Reclaimed, Self::Released, Self::Registered];

    /// Their names.
    pub const NAMES: [&str; 6] = ["assigned", "declined", "expired", "expired-reclaimed", "released", "registered"];

    /// What a lease of `state` that ends at `expire` is at `now` (epoch seconds).
    #[must_use]
    pub fn new(state: LeaseState, lifetime: Lifetime, expire: i64, now: i64) -> Self {
        match state {
            LeaseState::Assigned if lifetime != Lifetime::Infinite && expire < now => Self::Expired,
            LeaseState::Assigned => Self::Active,
            LeaseState::Declined => Self::Declined,
            LeaseState::ExpiredReclaimed => Self::Reclaimed,
            LeaseState::Released => Self::Released,
            LeaseState::Registered => Self::Registered,
            LeaseState::Other(number) => Self::Other(number),
        }
    }

    /// The state that Kea stores for it.
    #[must_use]
    pub fn state(self) -> LeaseState {
        match self {
            Self::Active | Self::Expired | Self::Removed => LeaseState::Assigned,
            Self::Declined => LeaseState::Declined,
            Self::Reclaimed => LeaseState::ExpiredReclaimed,
            Self::Released => LeaseState::Released,
            Self::Registered => LeaseState::Registered,
            Self::Other(number) => LeaseState::Other(number),
        }
    }

    /// The one of this name, as [`LeaseStatus`] is displayed; `active` is the same as `assigned`.
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "active" => Some(Self::Active),
            _ => Self::NAMED.into_iter().find(|known| known.to_string() == name),
        }
    }
}

impl FromStr for LeaseStatus {
    type Err = String;

    /// Reads a name, or the number of a state without one.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
        let number = || text.parse().ok().map(Self::Other).filter(|_| is_number);
        Self::from_name(text).or_else(number).ok_or_else(|| format!("the states are {}", Self::NAMES.join(", ")))
    }
}

impl fmt::Display for LeaseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("expired"),
            Self::Removed => f.write_str("removed"),
            other => other.state().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_active_until_the_second_of_its_end_is_over() {
        let at = |now| LeaseStatus::new(LeaseState::Assigned, Lifetime::Seconds(60), 1000, now);
        assert_eq!([at(999), at(1000), at(1001)], [LeaseStatus::Active, LeaseStatus::Active, LeaseStatus::Expired]);
        assert_eq!(LeaseStatus::new(LeaseState::Assigned, Lifetime::Infinite, 0, 5000), LeaseStatus::Active);
        assert_eq!(LeaseStatus::new(LeaseState::Declined, Lifetime::Seconds(60), 1000, 5000), LeaseStatus::Declined);
    }

    #[test]
    fn every_status_is_known_by_its_name() {
        assert_eq!(LeaseStatus::NAMED.map(|status| status.to_string()), LeaseStatus::NAMES);
        for status in LeaseStatus::NAMED {
            assert_eq!(LeaseStatus::from_name(&status.to_string()), Some(status));
        }
        assert_eq!(LeaseStatus::from_name("active"), Some(LeaseStatus::Active));
        assert_eq!(LeaseStatus::from_name("default"), None);
        assert_eq!("7".parse(), Ok(LeaseStatus::Other(7)));
        assert!("default".parse::<LeaseStatus>().unwrap_err().starts_with("the states are assigned, declined"));
    }
}
