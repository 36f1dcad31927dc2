//! Whether the server answers at all, or has stopped.

use std::time::Duration;

use super::report::Silence;

/// Fewer messages in a row are lost by chance.
const LEAST: u64 = 5;

/// When the server was heard last, and what it has not answered since.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hearing {
    last: Option<Duration>,
    /// Messages sent later that were not answered.
    unanswered: u64,
    /// Whether one of them was sent to find out whether the server answers.
    is_checked: bool,
}

impl Hearing {
    /// The server sent something.
    pub(super) fn heard(&mut self, at: Duration) {
        *self = Self { last: Some(at), ..Self::default() };
    }

    /// A message that was sent at this moment is not answered.
    pub(super) fn lost(&mut self, sent: Duration) {
        self.unanswered += u64::from(self.last.is_none_or(|last| sent > last));
    }

    /// So many messages are not answered that were sent to find out whether the server answers.
    pub(super) fn checked(&mut self, messages: u32) {
        self.unanswered += u64::from(messages);
        self.is_checked = true;
    }

    /// Whether so many messages in a row are lost that the server may have stopped.
    pub(super) fn is_doubtful(&self) -> bool {
        self.unanswered >= LEAST
    }

    /// Whether it was heard at this moment or later.
    pub(super) fn is_since(&self, moment: Duration) -> bool {
        self.last.is_some_and(|last| last >= moment)
    }

    /// Whether it answers no more. What looks like an exhausted pool needs the check.
    pub(super) fn silence(&self, looks_exhausted: bool) -> Option<Silence> {
        match self.last {
            None => Some(Silence::Never),
            Some(last) if self.is_doubtful() && (self.is_checked || !looks_exhausted) => Some(Silence::Since(last)),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_stopped_where_nothing_in_a_row_is_answered() {
        let at = Duration::from_secs;
        let mut hearing = Hearing::default();
        assert_eq!(hearing.silence(true), Some(Silence::Never));
        hearing.heard(at(3));
        (0..9).for_each(|_| hearing.lost(at(2)));
        assert!(!hearing.is_doubtful(), "they were sent before");
        (4..9).for_each(|second| hearing.lost(at(second)));
        assert_eq!((hearing.silence(false), hearing.silence(true)), (Some(Silence::Since(at(3))), None));
        hearing.checked(3);
        assert_eq!(hearing.silence(true), Some(Silence::Since(at(3))));
        hearing.heard(at(10));
        assert_eq!((hearing.silence(false), hearing.is_since(at(10))), (None, true));
    }
}
