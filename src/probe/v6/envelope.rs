//! Relay agents' envelopes: what must be on those of an answer so that relay agents deliver it (RFC 8415 section 19.2).

use std::net::Ipv6Addr;

use super::ProbePlanV6;
use crate::dhcp::v6::{Header, MessageType, Packet, Relay, code};
use crate::probe::{Discard, Rejection};

/// What a relay agent wrote on its envelope, and finds again on that of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    link: Ipv6Addr,
    peer: Ipv6Addr,
    interface: Option<Vec<u8>>,
}

impl From<&Relay> for Envelope {
    fn from(relay: &Relay) -> Self {
        let interface = relay.options.iter().find(|option| option.code == code::INTERFACE_ID);
        Self { link: relay.link, peer: relay.peer, interface: interface.map(|option| option.octets.clone()) }
    }
}

/// Those around the messages of `plan`, the outermost first.
pub(super) fn around(plan: &ProbePlanV6) -> Vec<Envelope> {
    match &plan.verbatim {
        Some(octets) => of(&Packet::parse(octets), MessageType::RELAY_FORW),
        None => plan.relays.iter().rev().map(Envelope::from).collect(),
    }
}

/// Those of this kind around the message in a packet.
fn of(packet: &Packet<'_>, direction: MessageType) -> Vec<Envelope> {
    let each = std::iter::successors(Some(packet), |packet| packet.inside());
    let envelope = |packet: &Packet<'_>| match packet.header {
        Header::Relay { kind, link, peer, .. } if kind == direction => {
            let interface = packet.option(code::INTERFACE_ID).map(|option| option.octets.to_vec());
            Some(Envelope { link, peer, interface })
        }
        _ => None,
    };
    each.map_while(envelope).collect()
}

/// Whether the relay agents that sent these deliver an answer.
pub(super) fn check(answer: &Packet<'_>, sent: &[Envelope]) -> Result<(), Discard> {
    let came = of(answer, MessageType::RELAY_REPL);
    let other = |found: String| Err(Discard::because(Rejection::OtherRelay, found));
    if came.len() != sent.len() {
        return other(format!("through {} relay agents, not {}", came.len(), sent.len()));
    }
    for (came, sent) in came.iter().zip(sent) {
        // Where the identifier of the interface is missing, the link says which it is.
        let is_its_interface = came.interface == sent.interface
            || (came.interface.is_none() && !came.link.is_unspecified() && came.link == sent.link);
        if came.peer != sent.peer {
            return other(format!("for the peer {}, not for {}", came.peer, sent.peer));
        } else if came.link != sent.link {
            return other(format!("for the link {}, not for {}", came.link, sent.link));
        } else if !is_its_interface {
            return other("for another interface of the relay agent, option 18".to_owned());
        }
    }
    Ok(())
}
