//! DHCP servers of every kind for tests, in network namespaces of the test's own.
//!
//! A [`Lan`] is a switch with everything plugged in that a test asks for: [`Server`]s ([`ServerKind`]), one or all at once; a
//! [`Client`], with or without an address; a fake server that answers as no server should ([`Fake`]). What a server has
//! given away is read from its own lease file ([`Lease`]). [`Capture`] is tcpdump at the client's interface: the
//! independent witness.
//!
//! Everybody has an interface `eth0` with the addresses 192.0.2.N/24 and `2001:db8::N`/64 and the hardware address
//! 02:00:5e:00:53:NN (in decimal digits). Nothing outlives the test.

mod capture;
mod client;
mod config;
mod engine;
mod fake;
mod lan;
mod leases;
mod server;

pub(crate) use capture::Capture;
pub(crate) use client::Client;
pub(crate) use fake::{Fake, Holder};
pub(crate) use lan::Lan;
pub(crate) use leases::Lease;
pub(crate) use server::{Pace, Server, ServerKind};
