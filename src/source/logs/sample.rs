//! What is compared of messages to find logs with the same ones.

use crate::log::assemble::Message;
use crate::log::hash::hash;
use crate::log::line::Server;
use crate::log::stamp::{Micros, SECOND};

/// Forms differ by at most this: a second without its fraction, or the time until another program wrote it.
pub(super) const APART: Micros = 2 * SECOND;
/// How much of a text is compared.
const COMPARED: usize = 240;

/// What is compared of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trait {
    pub(super) time: Micros,
    pub(super) server: Server,
    pub(super) hash: u64,
    pub(super) pid: u32,
    pub(super) thread: u64,
}

impl Trait {
    pub(super) fn from_message(message: &Message<'_>) -> Option<Self> {
        let end = memchr::memchr2(b'\n', b'#', message.text).unwrap_or(message.text.len()).min(COMPARED);
        let hash = hash(message.id) ^ hash(message.text[..end].trim_ascii_end()).rotate_left(1);
        let (server, pid, thread) = (message.server, message.pid, message.thread);
        Some(Self { time: message.time?, server, hash, pid, thread })
    }

    /// Whether it may be the same message in another form.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        let agree = |one: u64, other: u64| one == other || one == 0 || other == 0;
        (self.time - other.time).abs() <= APART && agree(self.pid.into(), other.pid.into())
    }
}
