//! kea-list-leases as a whole, run in-process at a chosen clock.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "../lease_dump/answers.rs"]
mod answers;
#[path = "../control/fake.rs"]
mod fake;

mod bad_input;
mod examples;
mod formats;
mod one_address;
mod order;
mod recorded;
mod selection;
mod servers;
mod table;
mod terminal;
mod times;
mod watching;
mod words;
mod world;
