//! kea-lease-dump on lease files, run in-process: what goes in, what comes out, what is said.

mod anonymous;
pub(crate) mod answers;
mod bad_files;
mod databases;
mod faithful;
mod first_try;
mod formats;
mod harness;
mod live_files;
mod outputs;
mod recorded;
mod running_server;
mod terminal;

use crate::control::fake;
