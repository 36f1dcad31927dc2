//! What is known of one client: 40 octets, so that a million of them take 40 MB.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::kind::LoadMessage;
use crate::family::Family;

/// What became of one message of the current exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    /// It is not sent.
    #[default]
    Unsent,
    /// It is about to be sent.
    Queued,
    /// Its answer is waited for.
    Waiting,
    /// It is answered.
    Answered,
    /// The timeout is over.
    TimedOut,
    /// It is lost in another way.
    Lost,
    /// The answer said no; after a pause the client begins again.
    Pausing,
}

/// Whether the client has a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lease {
    /// It has none.
    #[default]
    None,
    /// A server was asked for one and has not answered: it may count it as given.
    Perhaps,
    /// It has one.
    Held,
    /// A RELEASE is on its way.
    Releasing,
    /// A RELEASE was sent that is not answered: the server has ended the lease, if it was heard.
    Released,
    /// Its RELEASE at the end of the run got no answer, which DHCPv6 has for it: the server may still count it.
    Unreleased,
}

impl Lease {
    /// Whether a server may count it as given.
    pub(super) fn is_owed(self) -> bool {
        !matches!(self, Self::None | Self::Released)
    }

    /// Whether a RELEASE is due that was not tried yet.
    pub(super) fn is_due(self) -> bool {
        self.is_owed() && self != Self::Unreleased
    }
}

/// A client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// The address offered or leased; of IPv4 the first four octets.
    address: [u8; 16],
    /// When the current message should have left, in nanoseconds.
    intended: u64,
    /// How many microseconds later it left.
    delay: u32,
    /// How many microseconds before `intended` the exchange should have begun.
    begun: u32,
    /// Which of the client's exchanges this is.
    pub(super) generation: u16,
    /// The server, by its place.
    pub(super) server: u8,
    /// The first message of the exchange, by its place.
    first: u8,
    /// What became of the first and the second message.
    pub(super) stages: [Stage; 2],
    /// Its lease.
    pub(super) lease: Lease,
    /// Whether a REQUEST follows the first answer.
    pub(super) has_request: bool,
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            address: [0; 16],
            intended: 0,
            delay: 0,
            begun: 0,
            generation: 0,
            server: 0,
            first: 0,
            stages: [Stage::Unsent; 2],
            lease: Lease::None,
            has_request: false,
        }
    }
}

impl Slot {
    /// Whether an exchange is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.stages.iter().any(|stage| matches!(stage, Stage::Queued | Stage::Waiting | Stage::Pausing))
    }

    /// Begins an exchange with `first`, which should leave at this moment.
    pub(super) fn begin(&mut self, first: LoadMessage, has_request: bool, intended: Duration, generations: u16) {
        self.generation = (self.generation + 1) & generations;
        self.first = first as u8;
        self.has_request = has_request;
        self.stages = [Stage::Queued, Stage::Unsent];
        (self.intended, self.begun, self.delay) = (nanos(intended), 0, 0);
    }

    /// The exchange is interrupted; what comes of it is of another generation.
    pub(super) fn pause(&mut self, generations: u16) {
        self.generation = (self.generation + 1) & generations;
        self.stages = [Stage::Pausing, Stage::Unsent];
    }

    /// Begins the same exchange again.
    pub(super) fn begin_again(&mut self, intended: Duration, generations: u16) {
        let began = self.began();
        self.begin(self.message(0), self.has_request, intended, generations);
        self.begun = micros(intended.saturating_sub(began));
    }

    /// A message of it is sent to a server that may count the address as leased.
    pub(super) fn asks(&mut self) {
        // A lease that the client has stays one whatever is answered but a NAK.
        if self.lease != Lease::Held {
            self.lease = Lease::Perhaps;
        }
    }

    /// No exchange is under way.
    pub(super) fn rest(&mut self) {
        self.stages = [Stage::Lost; 2];
    }

    /// The first message is answered: the REQUEST should leave at this moment.
    pub(super) fn go_on(&mut self, intended: Duration) {
        self.begun = micros(intended.saturating_sub(self.intended()).saturating_add(self.before()));
        self.stages[1] = Stage::Queued;
        (self.intended, self.delay) = (nanos(intended), 0);
    }

    /// The current message left.
    pub(super) fn left(&mut self, stage: u8, at: Duration) {
        self.stages[usize::from(stage)] = Stage::Waiting;
        self.delay = micros(at.saturating_sub(self.intended()));
    }

    /// When the current message should have left.
    pub(super) fn intended(&self) -> Duration {
        Duration::from_nanos(self.intended)
    }

    /// When it left, to a microsecond.
    pub(super) fn sent(&self) -> Duration {
        self.intended().saturating_add(Duration::from_micros(self.delay.into()))
    }

    /// When the exchange should have begun.
    pub(super) fn began(&self) -> Duration {
        self.intended().saturating_sub(self.before())
    }

    fn before(&self) -> Duration {
        Duration::from_micros(self.begun.into())
    }

    /// The message of a stage.
    pub(super) fn message(&self, stage: u8) -> LoadMessage {
        let first = LoadMessage::ALL.get(usize::from(self.first)).copied().unwrap_or(LoadMessage::Discover);
        if stage == 0 { first } else { LoadMessage::Request }
    }

    /// The address offered or leased.
    pub(super) fn address(&self, family: Family) -> IpAddr {
        let [a, b, c, d, ..] = self.address;
        match family {
            Family::V4 => Ipv4Addr::new(a, b, c, d).into(),
            Family::V6 => Ipv6Addr::from(self.address).into(),
        }
    }

    /// An address is offered or leased.
    pub(super) fn set_address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(ip) => self.address[..4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) => self.address = ip.octets(),
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_clients_take_40_mb() {
        assert_eq!(size_of::<Slot>(), 40);
    }

    #[test]
    fn the_beginning_of_an_exchange_is_known_at_its_end() {
        let mut slot = Slot::default();
        let ms = Duration::from_millis;
        slot.begin(LoadMessage::Discover, true, ms(1000), 7);
        slot.left(0, ms(1001));
        assert_eq!((slot.sent(), slot.is_busy()), (ms(1001), true));
        slot.go_on(ms(1010));
        assert_eq!((slot.began(), slot.intended(), slot.message(1)), (ms(1000), ms(1010), LoadMessage::Request));
        slot.begin_again(ms(5000), 7);
        assert_eq!((slot.began(), slot.intended(), slot.message(0)), (ms(1000), ms(5000), LoadMessage::Discover));
    }
}
