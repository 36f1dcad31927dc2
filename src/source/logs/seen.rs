//! Messages that several inputs have.

use crate::log::analysis::Input;
use crate::log::assemble::Message;
use crate::log::stamp::Micros;

/// The messages of one moment, by a hash, with the log they came from; and which logs are copies of each other.
#[derive(Default)]
pub(super) struct Seen {
    time: Micros,
    messages: Vec<(u64, u32, u32)>,
    /// Logs that have messages of another log, and that one.
    copies: Vec<(u32, u32)>,
}

impl Seen {
    /// Whether another input had this message at this moment already.
    pub(super) fn is_again(&mut self, message: &Message<'_>, input: Input) -> bool {
        let Some(time) = message.time.filter(|_| message.pid != 0 || message.thread != 0) else { return false };
        if time != self.time {
            self.time = time;
            self.messages.clear();
        }
        let hash = crate::log::line::hash(message.id) ^ crate::log::line::hash(message.text).rotate_left(1);
        let hash = hash ^ message.thread.rotate_left(2) ^ u64::from(message.pid).rotate_left(40);
        let of_others = self.messages.iter().filter(|known| known.0 == hash && known.1 != input.group);
        let other = of_others.max_by_key(|known| known.2).map(|known| (known.1, known.2));
        let own = if let Some(known) = self.messages.iter_mut().find(|known| known.0 == hash && known.1 == input.group)
        {
            known.2 += 1;
            known.2
        } else {
            self.messages.push((hash, input.group, 1));
            1
        };
        let Some((group, _)) = other.filter(|(_, count)| own <= *count) else { return false };
        self.link(input.group, group);
        true
    }

    /// Two logs are of the same daemons.
    fn link(&mut self, one: u32, other: u32) {
        let (one, other) = (self.original(one), self.original(other));
        if one != other {
            self.copies.push((one, other));
        }
    }

    /// The input, with the log that its own is a copy of.
    pub(super) fn whose(&self, input: Input) -> Input {
        Input { group: self.original(input.group), ..input }
    }

    /// The log that a log is a copy of, or itself.
    fn original(&self, group: u32) -> u32 {
        let mut group = group;
        while let Some((_, original)) = self.copies.iter().find(|(copy, _)| *copy == group) {
            group = *original;
        }
        group
    }
}
