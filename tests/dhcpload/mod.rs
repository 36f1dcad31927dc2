//! dhcpload as a user sees it, in a network where time passes only while it waits.

mod given_back;
mod harness;
mod refused;
mod reports;
mod search;
#[path = "../system/dhcpload/server.rs"]
mod server;
mod silence;
