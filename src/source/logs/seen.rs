//! Messages that several inputs have.

use std::collections::VecDeque;

use crate::log::analysis::Input;
use crate::log::assemble::Message;
use crate::log::stamp::{Micros, SECOND};

/// The messages of the last moments, by a hash, with the log they came from; and which logs are copies of each other.
#[derive(Default)]
pub(super) struct Seen {
    /// In the order of time: threads of Kea write out of order.
    moments: VecDeque<Moment>,
    /// Memory of moments that are gone.
    spare: Vec<Vec<Known>>,
    /// Logs that have messages of another log, and that one.
    copies: Vec<(u32, u32)>,
}

/// The messages of one moment.
struct Moment {
    time: Micros,
    messages: Vec<Known>,
}

/// How long a message is kept.
const KEPT: Micros = 2 * SECOND;

/// A message, and how often it came.
struct Known {
    hash: u64,
    /// The log, and which of several files with the same place in it.
    log: (u32, u32),
    count: u32,
}

impl Seen {
    /// Whether another log, or another file with the same place in this one, had this message at this moment already.
    pub(super) fn is_again(&mut self, message: &Message<'_>, group: u32, copy: u32) -> bool {
        let Some(time) = message.time.filter(|_| message.pid != 0 || message.thread != 0) else { return false };
        let hash = crate::log::hash::hash(message.id) ^ crate::log::hash::hash(message.text).rotate_left(1);
        let hash = hash ^ message.thread.rotate_left(2) ^ u64::from(message.pid).rotate_left(40);
        let log = (group, copy);
        let messages = self.moment(time);
        let of_others = messages.iter().filter(|known| known.hash == hash && known.log != log);
        let other = of_others.max_by_key(|known| known.count).map(|known| (known.log.0, known.count));
        let own = if let Some(known) = messages.iter_mut().find(|known| known.hash == hash && known.log == log) {
            known.count += 1;
            known.count
        } else {
            messages.push(Known { hash, log, count: 1 });
            1
        };
        let Some((other, _)) = other.filter(|(_, count)| own <= *count) else { return false };
        self.link(group, other);
        true
    }

    /// The messages of a moment. A step back in time begins anew.
    fn moment(&mut self, time: Micros) -> &mut Vec<Known> {
        let newest = self.moments.back().map_or(time, |last| last.time);
        let is_gone = |first: &Moment| first.time < time - KEPT || time < newest - KEPT;
        while self.moments.front().is_some_and(is_gone) {
            let mut gone = self.moments.pop_front().map(|first| first.messages).unwrap_or_default();
            gone.clear();
            self.spare.push(gone);
        }
        let at = match self.moments.back() {
            Some(last) if last.time == time => self.moments.len() - 1,
            _ => self.moments.partition_point(|moment| moment.time < time),
        };
        if self.moments.get(at).is_none_or(|moment| moment.time != time) {
            self.moments.insert(at, Moment { time, messages: self.spare.pop().unwrap_or_default() });
        }
        &mut self.moments[at].messages
    }

    /// Two logs are of the same daemons.
    pub(super) fn link(&mut self, one: u32, other: u32) {
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
