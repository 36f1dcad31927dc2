//! Messages that several inputs have.

use crate::log::analysis::Input;
use crate::log::assemble::Message;
use crate::log::stamp::Micros;

/// The messages of one moment, by a hash, with the input they came from.
#[derive(Default)]
pub(super) struct Seen {
    time: Micros,
    messages: Vec<(u64, u32, u32)>,
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
        let most_of_others = of_others.map(|known| known.2).max().unwrap_or(0);
        let own = if let Some(known) = self.messages.iter_mut().find(|known| known.0 == hash && known.1 == input.group)
        {
            known.2 += 1;
            known.2
        } else {
            self.messages.push((hash, input.group, 1));
            1
        };
        own <= most_of_others
    }
}
