//! One target of a probe, and the exchange with it.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::probe::expect::Network;
use crate::probe::{Exchange, Identity, Machine, Record, Rng, v4, v6};
use crate::wire::{Datagram, Transmit};

/// A server, or all servers of a link.
#[derive(Debug)]
pub struct Target {
    /// A server or an interface.
    pub name: String,
    /// Who must answer.
    pub required: Vec<Identity>,
    /// Where the address must be from; anywhere, if there is none.
    pub networks: Vec<Network>,
    /// What is asked.
    pub exchange: ExchangeSpec,
}

/// An exchange that has not begun.
#[derive(Debug, Clone)]
pub enum ExchangeSpec {
    /// In DHCPv4.
    V4(Box<v4::ProbePlanV4>, v4::ProbeModeV4),
    /// In DHCPv6.
    V6(Box<v6::ProbePlanV6>, v6::ProbeModeV6),
    /// It cannot be asked from here, for this reason.
    Impossible(Error),
}

/// An exchange that cannot be made.
struct NoExchange(Record);

impl Machine for NoExchange {
    fn poll_transmit(&mut self, _now: Duration) -> Option<Transmit> {
        None
    }

    fn handle_unsent(&mut self, _now: Duration, _error: Error) {}

    fn handle_failed(&mut self, _link: usize, _error: &Error) -> Result<()> {
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        None
    }

    fn handle_timeout(&mut self, _now: Duration) {}

    fn handle_datagram(&mut self, _datagram: &Datagram<'_>) {}

    fn handle_interrupt(&mut self, _now: Duration) {}

    fn is_done(&self) -> bool {
        true
    }
}

impl Exchange for NoExchange {
    fn record(&self) -> &Record {
        &self.0
    }
}

impl ExchangeSpec {
    /// Whether it goes on from an offer to the lease.
    #[must_use]
    pub fn takes_what_is_offered(&self) -> bool {
        match self {
            Self::V4(_, mode) => *mode == v4::ProbeModeV4::Full,
            Self::V6(_, mode) => matches!(mode, v6::ProbeModeV6::Full | v6::ProbeModeV6::Rapid),
            Self::Impossible(_) => false,
        }
    }

    /// Whether an answer gives an address.
    #[must_use]
    pub fn asks_for_an_address(&self) -> bool {
        match self {
            Self::V4(_, mode) => *mode != v4::ProbeModeV4::Inform,
            Self::V6(_, mode) => !matches!(mode, v6::ProbeModeV6::InformationRequest | v6::ProbeModeV6::Confirm),
            Self::Impossible(_) => false,
        }
    }

    /// A new exchange: another transaction.
    pub fn start(&self, rng: &mut Rng) -> Box<dyn Exchange> {
        match self {
            Self::V4(plan, mode) => {
                let plan = v4::ProbePlanV4 { xid: rng.xid(), seed: rng.next_u64(), ..(**plan).clone() };
                Box::new(v4::Client::new(plan, *mode))
            }
            Self::V6(plan, mode) => {
                let plan = v6::ProbePlanV6 { xid: rng.xid(), seed: rng.next_u64(), ..(**plan).clone() };
                Box::new(v6::Client::new(plan, *mode))
            }
            Self::Impossible(error) => Box::new(NoExchange(Record::of_nothing(error.clone()))),
        }
    }
}
