//! The messages of an exchange (RFC 8415 section 18.2).

use super::{ProbeModeV6, ProbePlanV6};
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
    pub(super) fn encode(&self, plan: &ProbePlanV6, mode: ProbeModeV6, elapsed: u16) -> Vec<u8> {
        if let Some(octets) = plan.verbatim.as_ref().filter(|_| self.xid == plan.first_xid()) {
            return octets.clone();
        }
        let mut message = Message::new(self.kind, self.xid);
        let options = self.options(plan, mode, elapsed);
        let given = if self.is_final(mode) { &[][..] } else { &plan.options };
        let is_given = |option: &Opt| given.iter().any(|other| other.code == option.code);
        message.options = options.into_iter().filter(|option| !is_given(option)).chain(given.iter().cloned()).collect();
        plan.relays.iter().fold(message.encode(), |inside, relay| relay.encode(&inside))
    }

    /// Whether it gives back what the exchange took.
    fn is_final(&self, mode: ProbeModeV6) -> bool {
        self.kind == MessageType::RELEASE && mode.first() != MessageType::RELEASE
    }

    /// The options that the message has by itself.
    fn options(&self, plan: &ProbePlanV6, mode: ProbeModeV6, elapsed: u16) -> Vec<Opt> {
        let mut options = Vec::new();
        if !plan.client.is_empty() {
            options.push(Opt::new(code::CLIENTID, plan.client.clone()));
        }
        options.extend(self.server.iter().map(|server| Opt::new(code::SERVERID, server.clone())));
        options.push(Opt::elapsed(elapsed));
        if mode == ProbeModeV6::Rapid && self.kind == MessageType::SOLICIT {
            options.push(Opt::new(code::RAPID_COMMIT, []));
        }
        options.extend(self.associations.iter().map(Association::to_option));
        options
    }
}

/// The name of a message for the record.
pub(super) fn name(kind: MessageType) -> &'static str {
    kind.name().unwrap_or("message")
}
