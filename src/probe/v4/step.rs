//! One message of an exchange: what it looks like each time it is sent.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::{ProbeModeV4, ProbePlanV4};
use crate::dhcp::v4::{Message, MessageType, option};
use crate::probe::Pace;

/// A message that is sent until it is answered.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Complete but for xid and secs.
    pub(super) message: Message,
    pub(super) name: &'static str,
    pub(super) accepts: Accepts,
    pub(super) phase: u8,
    pub(super) pace: Pace,
    /// Only this server's answers count.
    pub(super) server: Option<Ipv4Addr>,
}

/// Which message types answer a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepts {
    Offers,
    /// With rapid commit.
    OffersAndAcks,
    /// And refusals.
    Acks,
    /// An ACK, and nothing else.
    Information,
    /// Replies without type.
    Bootp,
    Everything,
    /// Servers do not answer it.
    Nothing,
}

impl Accepts {
    /// What answers a message by its type.
    pub(super) fn of(message: &Message) -> Self {
        match message.get(option::MESSAGE_TYPE).and_then(|octets| octets.first()).map(|kind| MessageType(*kind)) {
            Some(MessageType::DISCOVER) => Self::to_discover(message),
            Some(MessageType::REQUEST) => Self::Acks,
            Some(MessageType::INFORM) => Self::Information,
            _ => Self::Everything,
        }
    }

    fn to_discover(message: &Message) -> Self {
        if message.get(option::RAPID_COMMIT).is_some() { Self::OffersAndAcks } else { Self::Offers }
    }
}

impl Step {
    /// The first message of an exchange.
    pub(super) fn first(plan: &ProbePlanV4, mode: ProbeModeV4) -> Self {
        let mut message = plan.template.clone();
        if let Some(message_type) = mode.message_type() {
            set_type(&mut message, message_type);
        }
        let accepts = match mode {
            ProbeModeV4::Discover | ProbeModeV4::Full => Accepts::to_discover(&message),
            ProbeModeV4::Request => Accepts::Acks,
            ProbeModeV4::Inform => Accepts::Information,
            ProbeModeV4::Decline | ProbeModeV4::Release => Accepts::Nothing,
            ProbeModeV4::Bootp => Accepts::Bootp,
            ProbeModeV4::Other => Accepts::Everything,
        };
        Self { name: name(&message), message, accepts, phase: 0, pace: Pace::new(plan.schedule), server: plan.server }
    }

    /// The REQUEST for what `server` has offered (RFC 2131 section 4.3.2, SELECTING).
    pub(super) fn select(plan: &ProbePlanV4, address: Ipv4Addr, server: Ipv4Addr) -> Self {
        let mut message = plan.template.clone();
        message.ciaddr = Ipv4Addr::UNSPECIFIED;
        message.options.retain(|(code, _)| !plan.first_only.contains(code) && *code != option::RAPID_COMMIT);
        set_type(&mut message, MessageType::REQUEST);
        message.set(option::REQUESTED_ADDRESS, address.octets());
        message.set(option::SERVER_ID, server.octets());
        let name = name(&message);
        Self { message, name, accepts: Accepts::Acks, phase: 1, pace: Pace::new(plan.schedule), server: Some(server) }
    }

    /// Which types a client takes for an answer: whatever the message is sent for, a DISCOVER is not answered by a NAK.
    pub(super) fn answered_by(&self) -> Accepts {
        if self.accepts == Accepts::Everything { Accepts::of(&self.message) } else { self.accepts }
    }

    /// The octets of the next try, `passed` after the first.
    pub(super) fn encode(&mut self, plan: &ProbePlanV4, passed: Duration) -> Vec<u8> {
        self.message.xid = plan.xid;
        let seconds = u16::try_from(passed.as_secs()).unwrap_or(u16::MAX);
        self.message.secs = plan.secs.saturating_add(seconds);
        plan.verbatim.clone().unwrap_or_else(|| self.message.encode_padded(plan.pad))
    }
}

/// The RELEASE of `address`, which `server` has leased (RFC 2131 section 4.4.6): to the server itself, through no
/// relay, and always with its identifier, without which dnsmasq keeps the lease.
pub(super) fn release(template: &Message, xid: u32, address: Ipv4Addr, server: Ipv4Addr) -> Message {
    let mut message =
        Message::of_type(MessageType::RELEASE, xid, template.hardware()).with(option::SERVER_ID, server.octets());
    message.htype = template.htype;
    message.ciaddr = address;
    if let Some(client_id) = template.get(option::CLIENT_ID) {
        message.set(option::CLIENT_ID, client_id);
    }
    message
}

/// The type belongs before all other options: some servers look for it there.
fn set_type(message: &mut Message, message_type: MessageType) {
    message.options.retain(|(code, _)| *code != option::MESSAGE_TYPE);
    message.options.insert(0, (option::MESSAGE_TYPE, vec![message_type.0]));
}

/// What the message is called.
fn name(message: &Message) -> &'static str {
    match message.get(option::MESSAGE_TYPE).and_then(|octets| octets.first()).map(|number| MessageType(*number)) {
        Some(MessageType::DISCOVER) => "DISCOVER",
        Some(MessageType::REQUEST) => "REQUEST",
        Some(MessageType::DECLINE) => "DECLINE",
        Some(MessageType::RELEASE) => "RELEASE",
        Some(MessageType::INFORM) => "INFORM",
        Some(_) => "message",
        None => "BOOTP request",
    }
}
