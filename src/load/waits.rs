//! How long an answer is waited for, and whether a message is sent again.

use std::time::Duration;

use super::numbering::Ticket;

/// How long an answer is waited for.
#[derive(Debug, Clone)]
pub(super) enum Waits {
    /// Once, so long.
    Once(Duration),
    /// As clients do: 4, 8, 16, 32 and 64 seconds, a second more or less (RFC 2131 section 4.1); with how often each
    /// client's message was sent again.
    BackOff(Vec<u8>),
}

/// How often a message is sent.
const TRIES: u8 = 5;
/// Waits are spread over two seconds in so many steps, so that there are few lengths.
const SPREAD: u32 = 16;

impl Waits {
    /// How many lengths there are.
    pub(super) fn lengths(&self) -> usize {
        match self {
            Self::Once(_) => 1,
            Self::BackOff(_) => usize::from(TRIES) * SPREAD as usize,
        }
    }

    /// The number of the length for this message, and the length.
    pub(super) fn of(&self, ticket: Ticket) -> (usize, Duration) {
        match self {
            Self::Once(wait) => (0, *wait),
            Self::BackOff(tries) => {
                let count = tries.get(ticket.slot as usize).copied().unwrap_or(0).min(TRIES - 1);
                // Neighbours have different steps.
                let step = ticket.slot.wrapping_mul(7) % SPREAD;
                let middle = Duration::from_secs(4 << count);
                let wait = middle.saturating_sub(Duration::from_secs(1)) + Duration::from_secs(2) / SPREAD * step;
                (usize::from(count) * SPREAD as usize + step as usize, wait)
            }
        }
    }

    /// Whether the client's message was sent before.
    pub(super) fn is_again(&self, client: u32) -> bool {
        match self {
            Self::Once(_) => false,
            Self::BackOff(tries) => tries.get(client as usize).is_some_and(|count| *count > 0),
        }
    }

    /// The wait is over: whether the message is sent again.
    pub(super) fn tries_again(&mut self, client: u32) -> bool {
        let Self::BackOff(tries) = self else { return false };
        let Some(count) = tries.get_mut(client as usize).filter(|count| **count + 1 < TRIES) else { return false };
        *count += 1;
        true
    }

    /// The client goes on with another message.
    pub(super) fn go_on(&mut self, client: u32) {
        if let Self::BackOff(tries) = self
            && let Some(count) = tries.get_mut(client as usize)
        {
            *count = 0;
        }
    }

    /// After such a time an answer is late; never where clients go on waiting.
    pub(super) fn late_after(&self) -> Duration {
        match self {
            Self::Once(wait) => *wait,
            Self::BackOff(_) => Duration::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_wait_longer_with_each_try_and_not_all_equally_long() {
        let mut waits = Waits::BackOff(vec![0; 3]);
        let ticket = |slot| Ticket { slot, generation: 0, stage: 0 };
        for middle in [4.0, 8.0, 16.0, 32.0, 64.0] {
            let waited = [0, 1, 2].map(|slot| waits.of(ticket(slot)).1.as_secs_f64());
            assert!(waited.iter().all(|wait| (wait - middle).abs() <= 1.0), "{waited:?}");
            assert!(waited[0] < waited[1] || waited[1] < waited[0]);
            let again = [0, 1, 2].map(|slot| waits.tries_again(slot));
            assert_eq!(again, [middle < 64.0; 3]);
        }
        waits.go_on(1);
        assert!(!waits.is_again(1) && waits.is_again(2));
    }
}
