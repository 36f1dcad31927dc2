//! Ring 1: every test that needs no other program, in one binary. Two binaries are apart: `allocations` has an allocator
//! of its own, `panics` a process of its own that ends. `system` is the ring of real peers.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod configuration;
mod control;
mod corpora;
mod dhcping;
mod dhcpload;
mod dhcptest;
mod every_recipe;
mod field;
mod keactrl_status;
mod language;
mod layers;
mod lease_dump;
mod list_leases;
mod log_report;
mod loggers;
mod manual;
mod metrics;
mod oracle;
mod pools;
mod recipes;
mod redact;
mod scripts;
mod support_bundle;
mod top;
mod transcripts;
