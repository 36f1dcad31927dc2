//! Real Kea servers for tests.
//!
//! [`Network`] is two network namespaces joined by a cable: servers on one side, clients on the other; no packet
//! leaves them. A [`Kea`] is a release of Kea: Debian 12's own, or another one unpacked into a folder. An
//! [`Instance`] is the folder of one server: its configuration (made here), lease file, log and control socket.
//! [`Instance::start`] gives a [`Server`], which is asked over its control socket and ends when dropped. Lease
//! databases are made afresh in the private servers of `scripts/with-databases` ([`database`]). [`hostile`] holds
//! leases that are hard to write down, [`traffic`] makes clients ask for some. What a server has in memory is the
//! truth that a dump is compared with ([`leases`]).
//!
//! Everything is made as root, or in user namespaces where root is not to be had. Nothing outlives the test: each
//! value ends what it started when it goes out of scope, also when the test fails.

pub(crate) mod agent;
mod config;
mod control;
pub(crate) mod database;
pub(crate) mod hostile;
mod instance;
pub(crate) mod leases;
mod network;
mod release;
pub(crate) mod scenario;
mod server;
pub(crate) mod traffic;

pub(crate) use control::ControlSocket;
pub(crate) use instance::Instance;
pub(crate) use network::Network;
pub(crate) use release::Kea;
pub(crate) use server::Server;
