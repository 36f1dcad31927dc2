//! Open-loop load on a DHCP server: which client sends what at which intended time, and what became of each message.
//!
//! A [`Generator`] is a [`Machine`](crate::probe::Machine): it has no socket and no clock. `net::batch` carries its packets
//! in batches. Every message has a time at which a client would have sent it, whatever the generator managed to do; times
//! of answers count from there, so that a stall of the server, or of the generator, is not hidden by messages that were
//! never sent.
//!
//! A client is an index into an array, never a key of a map: its transaction numbers carry the index ([`Numbering`]).

mod clients;
mod dialect;
mod expectation;
mod fate;
mod generator;
mod given_options;
mod hearing;
mod interval_log;
mod kind;
mod latency;
mod message;
mod numbering;
mod past;
mod report;
mod search;
mod servers;
mod slot;
mod spec;
mod stalls;
mod step;
mod steps;
mod tally;
mod timeouts;
mod v4;
mod v6;
mod verdict;
mod waits;

pub use clients::{Clients, FIRST_HARDWARE, MOST_CLIENTS};
pub use expectation::{Expectation, Missed};
pub use fate::{Loss, Losses};
pub use generator::{Generator, GivingBack, Now};
pub use interval_log::interval_log;
pub use kind::{Exchange, LoadMessage};
pub use latency::{Latency, Quantiles};
pub use numbering::Numbering;
pub use report::{Leases, MessageReport, Own, Report, Second, ServerReport, Silence, StepReport, Stop, Surroundings};
pub use search::{Search, SearchEnd};
pub use spec::{LoadSpec, LoadTarget, Mix, Relays, answered_messages};
pub use stalls::Stall;
pub use step::{Limit, Step, StepResult};
pub use steps::{Ramp, Steps};
pub use verdict::{Ending, ending, hints, invalid_because, silence};
