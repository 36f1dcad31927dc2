//! keactrl-status and the real daemons of Kea: what it says when they live, die, and anything between.

mod accidents;
pub(crate) mod callers;
mod cases;
mod closed;
mod foreign;
pub(crate) mod ha;
mod interfaces;
pub(crate) mod machine;
mod releases;
mod rights;
mod surroundings;
mod untrusted;
