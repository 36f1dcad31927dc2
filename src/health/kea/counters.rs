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

/// What a DHCPv4 server has answered to clients that request a lease. Its count of requests is none of these: it has also those
/// for other servers on the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Grants {
    /// OFFER.
    pub offered: u64,
    /// ACK.
    pub granted: u64,
    /// NAK.
    pub refused: u64,
}

/// The same at an earlier time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EarlierGrants {
    /// Seconds since 1970.
    pub time: i64,
    /// The counts.
    #[serde(flatten)]
    pub grants: Grants,
}

/// The packet counts of a server, now and in an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Traffic {
    /// Now.
    #[serde(flatten)]
    pub now: Counters,
    /// In the last run that saw an answer, or in the first one.
    pub before: Option<Earlier>,
    /// What it has answered to requests, of a DHCPv4 server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
    /// The same in the last run that saw a grant, or in the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants_before: Option<EarlierGrants>,
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
