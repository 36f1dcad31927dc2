//! Packets out and in.
//!
//! A [`Transport`] is all the links a run of a program uses. [`drive`] is the only loop that waits for packets: it
//! carries what machines want to send and shows them what comes. [`open`] makes the real transport from [`Plan`]s, one
//! for each link, and gives up privileges once its sockets are there.
//!
//! A link has a UDP socket, a packet socket or both. UDP is the kernel's: routes, ARP, fragments put together, but
//! no answer to an address that this host does not have. A packet socket sees every frame on the wire before any
//! filter, and sends from no address at all. `open` chooses ([`Mode::Auto`]).
//!
//! This is the one room with unsafe code: a few lines at the edge of the kernel (`sys`).

use std::time::Duration;

use crate::error::{Error, Result};
use crate::packet::{Datagram, Transmit, Unreachable};

mod choice;
mod clock;
mod drive;
pub mod iface;
mod link;
mod links;
mod name;
mod packet;
mod plan;
mod privilege;
mod sys;
mod udp;

pub use drive::{Seen, drive};
pub use link::Link;
pub use links::{Links, open, open_any, open_on};
pub use name::resolve;
pub use plan::{Mode, Plan};
pub use privilege::as_real_user;
pub use udp::source_towards;

/// All links of a run, and the time that passes meanwhile.
pub trait Transport {
    /// The time, on a scale that never goes backwards.
    fn now(&self) -> Duration;

    /// Unix time at the beginning of that scale.
    fn epoch(&self) -> Duration;

    /// Sends a datagram; says when it left.
    fn send(&mut self, transmit: &Transmit) -> Result<Duration>;

    /// Waits for what comes next. What the kernel received before `until` comes before [`Event::Timeout`], however
    /// late it is read.
    fn receive(&mut self, until: Option<Duration>) -> Result<Event<'_>>;
}

/// What ends a wait.
#[derive(Debug)]
pub enum Event<'a> {
    /// A datagram has come.
    Datagram(Datagram<'a>),
    /// Something that was sent did not arrive.
    Unreachable(Unreachable),
    /// A link can no longer be heard: its interface is down or gone. Others go on.
    Failed {
        /// Which.
        link: usize,
        /// Why.
        error: Error,
    },
    /// The user wants an end.
    Interrupted,
    /// Nothing has come in time.
    Timeout,
}
