//! The messages of an exchange (RFC 8415 section 18.2).

use super::{Mode, Plan};
use crate::dhcp::v6::{Association, Message, MessageType, Opt, code};

/// One message to be sent, but for its elapsed time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) kind: MessageType,
    pub(super) xid: u32,
    pub(super) server: Option<Vec<u8>>,
    pub(super) associations: Vec<Association>,
}

impl Draft {
    /// Its octets, with the relay agents' envelopes around it. `elapsed` is in hundredths of a second.
    pub(super) fn encode(&self, plan: &Plan, mode: Mode, elapsed: u16) -> Vec<u8> {
        let mut message = Message::new(self.kind, self.xid).with(Opt::new(code::CLIENTID, plan.client.clone()));
        if let Some(server) = &self.server {
            message = message.with(Opt::new(code::SERVERID, server.clone()));
        }
        message = message.with(Opt::elapsed(elapsed));
        if mode == Mode::Rapid && self.kind == MessageType::SOLICIT {
            message = message.with(Opt::new(code::RAPID_COMMIT, []));
        }
        message.options.extend(self.associations.iter().map(Association::to_option));
        if !matches!(self.kind, MessageType::RELEASE | MessageType::DECLINE) {
            message.options.extend(plan.options.iter().cloned());
        }
        plan.relays.iter().fold(message.encode(), |inside, relay| relay.encode(&inside))
    }
}

/// The name of a message for the record.
pub(super) fn name(kind: MessageType) -> &'static str {
    kind.name().unwrap_or("message")
}
