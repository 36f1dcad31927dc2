//! kea-tools: programs for people who run ISC Kea.
//!
//! Data flows *the world → facts → decisions → text*; the floors of the house are listed from the ground up, and nothing
//! names a floor above its own (`tests/layers.rs` holds the table of who may name whom).

// Ground floor: what everything may use.
pub mod error;
pub mod exit;
pub mod family;
pub mod panics;
pub mod secret;
pub mod text;
pub mod time;

// Pure: no I/O, no clock, no randomness.
pub mod anonymize;
pub mod config;
pub mod dhcp;
pub mod health;
pub mod lease;
pub mod memfile;
pub mod packet;
pub mod probe;
pub mod redact;

// Text for people and programs.
pub mod output;

// The world: files, databases, running servers, packets.
pub mod control;
pub mod env;
pub mod export;
pub mod fs;
pub mod inspect;
pub mod installation;
pub mod net;
pub mod source;
pub mod tls;

// The programs.
pub mod cli;
