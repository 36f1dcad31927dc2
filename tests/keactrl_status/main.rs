//! keactrl-status in a machine that a test makes up: a root directory, and servers that answer whatever a test wants.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod bad_input;
mod evidence;
#[path = "../control/fake.rs"]
mod fake;
mod first_minutes;
mod high_availability;
mod left_behind;
mod outputs;
mod replays;
mod traffic;
mod world;
