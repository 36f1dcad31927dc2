//! The packet counts of a server.

use serde::{Deserialize, Serialize};

/// The packet counts of a server since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counters {
    /// Packets that ask for a lease: DISCOVER and REQUEST, Solicit and Request.
    pub asked: u64,
    /// Packets that offer or grant one: OFFER and ACK, Advertise and Reply.
    pub answered: u64,
}

/// The packet counts of a server, now and in an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Traffic {
    /// Now.
    #[serde(flatten)]
    pub now: Counters,
    /// In the last run that saw an answer, or in the first one.
    pub before: Option<Earlier>,
}

/// The packet counts of a server at an earlier time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Earlier {
    /// Seconds since 1970.
    pub time: i64,
    /// The counts.
    #[serde(flatten)]
    pub counters: Counters,
}
