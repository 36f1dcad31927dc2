//! kea-tools: programs for administrators of ISC Kea.
//!
//! Data flows *the world → facts → decisions → text*. The modules are listed from the lowest layer to the highest, and no
//! module uses one of a higher layer (`tests/layers.rs` has the table).

// Ground floor: what everything may use.
pub mod error;
pub mod exit;
pub mod family;
pub mod panics;
pub mod release;
pub mod secret;
pub mod text;
pub mod time;

// Pure: no I/O, no clock, no randomness.
pub mod anonymize;
pub mod config;
pub mod dhcp;
pub mod health;
pub mod lease;
pub mod load;
pub mod log;
pub mod loggers;
pub mod memfile;
pub mod probe;
pub mod redact;
pub mod stats;
pub mod top;
pub mod usage;
pub mod wire;

// Text for people and programs.
pub mod output;

// The world: files, databases, running servers, packets.
pub mod bundle;
pub mod control;
pub mod env;
pub mod export;
pub mod fleet;
pub mod fs;
pub mod inspect;
pub mod installation;
pub mod net;
pub mod serve;
pub mod session;
pub mod source;
pub mod tls;

// The programs.
pub mod cli;

// Tests.
#[doc(hidden)]
pub mod testing;
