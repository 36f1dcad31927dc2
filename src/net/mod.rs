//! Sending and receiving packets.
//!
//! A [`Transport`] is all the links a run of a program uses. [`drive`] is the loop that waits for packets: it
//! carries what machines want to send and shows them what comes. [`open`] makes the real transport from [`LinkSpec`](crate::wire::LinkSpec)s, one
//! for each link, and gives up privileges once its sockets are there.
//!
//! A link has a UDP socket, a packet socket or both. UDP is the kernel's: routes, ARP, fragments put together, but
//! no answer to an address that this host does not have. A packet socket sees every frame on the wire before any
//! filter, and sends from no address at all. `open` chooses ([`LinkMode::Auto`](crate::wire::LinkMode::Auto)).
//!
//! [`Batch`] is one link for many packets: sent and received in batches, for load.
//!
//! This is the only module with unsafe code: a few system calls (`sys`).

use std::time::Duration;

use crate::error::{Error, Result};
use crate::wire::interface::Interface;
use crate::wire::{Datagram, Transmit, Unreachable};

mod batch;
mod channel;
mod choice;
mod clock;
mod drive;
pub mod iface;
mod link;
mod links;
mod name;
mod netlink;
mod packet;

mod privilege;
mod sockets;
mod sys;
mod udp;
mod way_out;

pub use batch::{Batch, interface_towards, open_batch};
pub use channel::{Channel, ServerSockets};
pub use drive::{Seen, drive};
pub use link::Link;
pub use links::{Links, open, open_any, open_on};
pub use name::resolve;

pub use privilege::as_real_user;
pub use sockets::Sockets;
pub use udp::source_towards;
pub use way_out::way_out;

/// Has all threads share one heap, which returns large pieces to the system at once: for programs that read large answers in
/// several threads.
pub fn share_heap() {
    sys::share_heap();
}

/// All links of a run, and its clock.
pub trait Transport {
    /// The time, on a scale that never goes backwards.
    fn now(&self) -> Duration;

    /// The interface of a link, where it is known.
    fn interface(&self, _link: usize) -> Option<&Interface> {
        None
    }

    /// Unix time at the beginning of that scale.
    fn epoch(&self) -> Duration;

    /// Sends a datagram; returns the time of sending.
    fn send(&mut self, transmit: &Transmit) -> Result<Duration>;

    /// Waits for the next event. A datagram that the kernel received before `until` is returned before [`Event::Timeout`],
    /// even if it is read late.
    fn receive(&mut self, until: Option<Duration>) -> Result<Event<'_>>;
}

/// The event that ends a wait.
#[derive(Debug)]
pub enum Event<'a> {
    /// A datagram was received.
    Datagram(Datagram<'a>),
    /// A sent datagram did not arrive.
    Unreachable(Unreachable),
    /// A link no longer receives: its interface is down or gone. Other links continue.
    Failed {
        /// Which.
        link: usize,
        /// Why.
        error: Error,
    },
    /// The user has interrupted the program.
    Interrupted,
    /// The time is over.
    Timeout,
}
