//! kea-lease-dump on lease files, run in-process: what goes in, what comes out, what is said.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod anonymous;
mod bad_files;
mod formats;
mod outputs;
mod recorded;
mod terminal;
mod world;
