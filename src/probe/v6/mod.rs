//! DHCPv6 exchanges (RFC 8415 section 18.2), in the client's place or in that of a client and its relay agents.

mod build;
mod client;
mod envelope;
mod judge;
mod look;
mod plan;
mod usable;

pub use client::Client;
pub use look::{Asked, Found, look};
pub use plan::{ProbeModeV6, ProbePlanV6};
pub use usable::why_no_address;
