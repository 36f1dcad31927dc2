//! How long an answer is waited for, and whether a message is sent again.

use std::time::Duration;

use super::numbering::Ticket;

/// How long an answer is waited for.
#[derive(Debug, Clone)]
pub(super) enum Waits {
    /// Once, so long.
    Once(Duration),
    /// As clients do: 4, 8, 16, 32 and 64 seconds, a second more or less (RFC 2131 section 4.1).
    BackOff(BackOff),
}

/// How often clients have tried.
#[derive(Debug, Clone)]
pub(super) struct BackOff {
    /// How often each client's message was sent again.
    tries: Vec<u8>,
    /// How often each client began again since a server said no.
    restarts: Vec<u8>,
}

/// How often a message is sent.
const TRIES: u8 = 5;
/// Waits are spread over two seconds in so many steps, so that there are few lengths.
const SPREAD: u32 = 16;

impl Waits {
    /// As so many clients do.
    pub(super) fn back_off(clients: u32) -> Self {
        let none = vec![0; clients as usize];
        Self::BackOff(BackOff { tries: none.clone(), restarts: none })
    }

    /// Whether clients go on until they have what they want.
    pub(super) fn are_of_storm(&self) -> bool {
        matches!(self, Self::BackOff(_))
    }

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
            Self::BackOff(BackOff { tries, .. }) => {
                length(ticket.slot, tries.get(ticket.slot as usize).copied().unwrap_or(0).min(TRIES - 1))
            }
        }
    }

    /// A server said no: the number of the length of the client's pause before it begins again, and the length; nothing if
    /// it does not.
    pub(super) fn pause(&mut self, client: u32) -> Option<(usize, Duration)> {
        let Self::BackOff(BackOff { tries, restarts }) = self else { return None };
        let count = restarts.get_mut(client as usize).filter(|count| **count < TRIES)?;
        let found = length(client, *count);
        *count += 1;
        *tries.get_mut(client as usize)? = 0;
        Some(found)
    }

    /// Whether the client's message was sent before.
    pub(super) fn is_again(&self, client: u32) -> bool {
        match self {
            Self::Once(_) => false,
            Self::BackOff(BackOff { tries, .. }) => tries.get(client as usize).is_some_and(|count| *count > 0),
        }
    }

    /// The wait is over: whether the message is sent again.
    pub(super) fn tries_again(&mut self, client: u32) -> bool {
        let Self::BackOff(BackOff { tries, .. }) = self else { return false };
        let Some(count) = tries.get_mut(client as usize).filter(|count| **count + 1 < TRIES) else { return false };
        *count += 1;
        true
    }

    /// The client goes on with another message.
    pub(super) fn go_on(&mut self, client: u32) {
        if let Self::BackOff(BackOff { tries, .. }) = self
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

    /// How long the answer to a question is waited for that is no part of the measurement.
    pub(super) fn of_question(&self) -> Duration {
        match self {
            Self::Once(wait) => (*wait).clamp(Duration::from_secs(1), Duration::from_secs(3)),
            Self::BackOff(_) => Duration::from_secs(3),
        }
    }
}

/// The number of a length, and the length, after so many tries.
fn length(client: u32, count: u8) -> (usize, Duration) {
    // Neighbours have different steps.
    let step = client.wrapping_mul(7) % SPREAD;
    let middle = Duration::from_secs(4 << count);
    let wait = middle.saturating_sub(Duration::from_secs(1)) + Duration::from_secs(2) / SPREAD * step;
    (usize::from(count) * SPREAD as usize + step as usize, wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_wait_longer_with_each_try_and_not_all_equally_long() {
        let mut waits = Waits::back_off(3);
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

    #[test]
    fn pauses_after_a_refusal_grow_and_end() {
        let mut waits = Waits::back_off(1);
        let pauses: Vec<_> = std::iter::from_fn(|| waits.pause(0)).map(|(_, pause)| pause.as_secs()).collect();
        assert_eq!(pauses, [3, 7, 15, 31, 63]);
        assert!(Waits::Once(Duration::from_secs(1)).pause(0).is_none());
    }
}
