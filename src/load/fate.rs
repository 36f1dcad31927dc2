//! Why a message got no answer that a client can use.

use std::collections::BTreeMap;

use crate::probe::Rejection;

/// A cause of loss. Every message has one fate: an answer, or one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// Nothing came.
    Silence,
    /// The answer came after the timeout.
    Late,
    /// A DHCPNAK.
    Nak,
    /// The answers give no address that a client can use.
    NoAddress,
    /// Another server than the one that was asked answered.
    WrongServer,
    /// What came cannot be read as an answer.
    Malformed,
    /// What came is no answer to a client for another reason.
    Unusable(Rejection),
    /// It could not be sent.
    SendError,
    /// A status code of DHCPv6 that says no.
    Refused(u16),
}

impl Loss {
    /// Those without a number, in the order of reports.
    pub const ALL: [Self; 7] =
        [Self::Silence, Self::Late, Self::Nak, Self::NoAddress, Self::WrongServer, Self::Malformed, Self::SendError];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::Late => "late",
            Self::Nak => "nak",
            Self::NoAddress => "no-address",
            Self::WrongServer => "wrong-server",
            Self::Malformed => "malformed",
            Self::Unusable(_) => "unusable",
            Self::SendError => "send-error",
            Self::Refused(_) => "refused",
        }
    }
}

impl From<Rejection> for Loss {
    /// Where nothing came but what is no answer for this reason.
    fn from(reason: Rejection) -> Self {
        match reason {
            Rejection::Empty
            | Rejection::Truncated
            | Rejection::NotDhcp
            | Rejection::NoType
            | Rejection::OtherType
            | Rejection::Malformed => Self::Malformed,
            Rejection::Address | Rejection::NothingGiven => Self::NoAddress,
            other => Self::Unusable(other),
        }
    }
}

/// How many messages were lost, by cause.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses(BTreeMap<Loss, u64>);

impl Losses {
    /// One more.
    pub fn add(&mut self, loss: Loss) {
        *self.0.entry(loss).or_default() += 1;
    }

    /// What was taken for one loss is another.
    pub fn change(&mut self, from: Loss, to: Loss) {
        if let Some(count) = self.0.get_mut(&from).filter(|count| **count > 0) {
            *count -= 1;
            self.add(to);
        }
    }

    /// How many of this cause; of refusals those with this status code.
    #[must_use]
    pub fn of(&self, loss: Loss) -> u64 {
        self.0.get(&loss).copied().unwrap_or(0)
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The status codes of refusals with their counts.
    pub fn refused(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        self.0.iter().filter_map(|(loss, count)| match loss {
            Loss::Refused(code) if *count > 0 => Some((*code, *count)),
            _ => None,
        })
    }

    /// Why answers were unusable, with the counts.
    pub fn unusable(&self) -> impl Iterator<Item = (Rejection, u64)> + '_ {
        self.0.iter().filter_map(|(loss, count)| match loss {
            Loss::Unusable(reason) if *count > 0 => Some((*reason, *count)),
            _ => None,
        })
    }

    /// All that `other` counted, too.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(loss, count)| *self.0.entry(*loss).or_default() += count);
    }
}
