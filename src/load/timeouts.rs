//! Timeouts of few lengths: those of one length end in the order in which they begin, so that a queue for each is enough.

use std::collections::VecDeque;
use std::time::Duration;

use super::numbering::Ticket;

/// A queue of timeouts for each length.
#[derive(Debug)]
pub(super) struct Timeouts(Vec<VecDeque<(Duration, Ticket)>>);

impl Timeouts {
    /// For so many lengths.
    pub(super) fn new(lengths: usize) -> Self {
        Self((0..lengths).map(|_| VecDeque::new()).collect())
    }

    /// The wait of `ticket` ends then; never before that of an earlier one of the same length.
    pub(super) fn push(&mut self, length: usize, at: Duration, ticket: Ticket) {
        let queue = &mut self.0[length];
        let at = queue.back().map_or(at, |(last, _)| at.max(*last));
        queue.push_back((at, ticket));
    }

    /// One that has ended by now.
    pub(super) fn pop(&mut self, now: Duration) -> Option<Ticket> {
        let is_over = |queue: &&mut VecDeque<(Duration, Ticket)>| queue.front().is_some_and(|(at, _)| *at <= now);
        let queue = self.0.iter_mut().find(is_over)?;
        queue.pop_front().map(|(_, ticket)| ticket)
    }

    /// Forgets the first ones as long as they are of no interest.
    pub(super) fn trim(&mut self, is_of_interest: impl Fn(Ticket) -> bool) {
        for queue in &mut self.0 {
            while queue.front().is_some_and(|(_, ticket)| !is_of_interest(*ticket)) {
                queue.pop_front();
            }
        }
    }

    /// When the next one ends.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.iter().filter_map(|queue| queue.front()).map(|(at, _)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(slot: u32) -> Ticket {
        Ticket { slot, generation: 0, stage: 0 }
    }

    #[test]
    fn timeouts_end_in_the_order_in_which_they_began() {
        let mut timeouts = Timeouts::new(2);
        let second = Duration::from_secs;
        timeouts.push(0, second(2), ticket(1));
        timeouts.push(0, second(1), ticket(2)); // a clock read a moment earlier
        timeouts.push(1, second(4), ticket(3));
        assert_eq!((timeouts.next(), timeouts.pop(second(1))), (Some(second(2)), None));
        assert_eq!((timeouts.pop(second(2)), timeouts.pop(second(3))), (Some(ticket(1)), Some(ticket(2))));
        assert_eq!((timeouts.next(), timeouts.pop(second(4))), (Some(second(4)), Some(ticket(3))));
        assert!(timeouts.next().is_none() && timeouts.pop(second(9)).is_none());
    }

    #[test]
    fn what_is_answered_is_not_waited_for() {
        let mut timeouts = Timeouts::new(1);
        for slot in 0..4 {
            timeouts.push(0, Duration::from_secs(1 + u64::from(slot)), ticket(slot));
        }
        timeouts.trim(|ticket| ticket.slot == 2);
        assert_eq!(timeouts.next(), Some(Duration::from_secs(3)));
    }
}
