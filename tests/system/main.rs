//! System tests: the real programs against real peers. Each test says what it needs; `scripts/test` provides it.
#![allow(clippy::unwrap_used, reason = "a test that meets something unexpected fails")]
#![allow(clippy::disallowed_methods, reason = "tests are the outside world: they read variables and wait by the clock")]

mod bundle;
mod clients;
mod configuration;
mod copy;
mod databases;
mod dhcp;
mod dhcping4;
mod dhcping6;
mod dhcpload;
mod dhcptest4;
mod dhcptest6;
mod examples;
mod kea;
mod list_leases;
mod loads_in_kea;
mod loggers;
mod logs;
mod memfile_faults;
mod memfile_signals;
mod metrics;
mod namespace;
mod odd_rows;
mod packages;
mod places;
mod pools;
mod program;
#[path = "../recipes/mod.rs"]
mod recipes;
mod releases;
mod running_server;
mod status;
mod terminal;
mod top;
mod under_load;
mod upload;
mod valgrind;
mod wait;
