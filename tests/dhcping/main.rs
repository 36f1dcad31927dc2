//! dhcping as a whole, in memory: its network and its time are the test's own.
#![allow(clippy::unwrap_used, reason = "a test that meets something unexpected fails")]

mod asked;
mod classic;
mod cut_short;
mod outputs;
mod verdicts;
mod world;
