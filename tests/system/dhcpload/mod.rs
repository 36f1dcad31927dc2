//! dhcpload against a server with known faults, and against real ones.

mod faults;
mod lab;
mod real;
mod refusals;
#[path = "server.rs"]
mod server;
