//! kea-lease-dump on lease files, run in-process: what goes in, what comes out, what is said.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod anonymous;
mod answers;
mod bad_files;
mod databases;
mod faithful;
#[path = "../control/fake.rs"]
mod fake;
mod first_try;
mod formats;
mod live_files;
mod outputs;
mod recorded;
mod running_server;
mod terminal;
mod world;
