//! DHCPv6 exchanges (RFC 8415 section 18.2), in the client's place or in that of a client and its relay agents.

mod build;
mod client;
mod judge;
mod plan;
mod usable;

pub use client::Client;
pub use plan::{ProbeModeV6, ProbePlanV6};
pub use usable::why_no_address;
