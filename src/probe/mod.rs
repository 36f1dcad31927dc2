//! How an exchange goes: machines that say what to send next and what the answers mean.
//!
//! A [`Machine`] has no socket and no clock; `net::drive` carries its packets and gives it the time. What came of it is
//! a [`Record`], the same for every exchange: what was sent, which [`ProbeAnswer`]s count, what did not and why
//! ([`Rejection`]). [`plan`] says which exchanges there are to be; a [`TargetResult`] sums up what came of them.

pub mod expect;
mod identity;
mod machine;
pub mod plan;
pub mod query;
mod record;
mod rejection;
mod result;
mod rules;
mod schedule;
mod sighting;
pub mod tally;
pub mod v4;
pub mod v6;

pub use identity::Identity;
pub use machine::Machine;
pub use record::{AnswerKind, Exchange, Leased, ProbeAnswer, Record, Sent, Until};
pub use rejection::Rejected;
pub use result::TargetResult;
pub use rules::{Discard, Rejection, Remark, Rule};
pub use schedule::{Pace, Rng, Schedule, Spread};
pub use sighting::{Sender, Sighting, Sightings};
