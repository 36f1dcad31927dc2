//! Why and where a client did not get what it asked for.

use crate::log::stamp::Micros;

/// Why a client did not get what it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cause {
    NoFreeAddress,
    NoPools,
    DatabaseError,
    NoSubnet,
    Partner,
    Callout,
    WrongAddress,
    NotGranted,
    NoLease,
    Dropped,
    DroppedEarly,
    Refused,
}

impl Cause {
    /// Those of allocations that fail.
    pub(crate) const OF_ALLOCATION: [Self; 3] = [Self::NoFreeAddress, Self::NoPools, Self::DatabaseError];

    /// The stable word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NoFreeAddress => "no-free-address",
            Self::NoPools => "no-pools",
            Self::DatabaseError => "database-error",
            Self::NoSubnet => "no-subnet",
            Self::Partner => "partner-not-updated",
            Self::Callout => "callout-failed",
            Self::WrongAddress => "wrong-address",
            Self::NotGranted => "not-granted",
            Self::NoLease => "no-lease",
            Self::Dropped => "dropped",
            Self::DroppedEarly => "dropped-early",
            Self::Refused => "not-the-owner",
        }
    }
}

/// Where an allocation failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Scope {
    pub(crate) subnet_id: Option<u32>,
    pub(crate) subnet: Option<String>,
    pub(crate) network: Option<String>,
}

/// An allocation that failed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) scope: Scope,
    pub(crate) cause: Cause,
    pub(crate) time: Option<Micros>,
}
