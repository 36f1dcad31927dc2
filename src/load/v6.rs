//! The messages of DHCPv6 clients (RFC 8415), and what servers answer.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use super::given_options;
use super::kind::{Exchange, LoadMessage};
use super::message::{Asking, Question, Said};
use super::spec::LoadSpec;
use crate::dhcp::v6::duid::{DuidKind, ETHERNET};
use crate::dhcp::v6::table::OPTIONS;
use crate::dhcp::v6::{
    ALL_SERVERS, Association, AssociationKind, Header, Item, Message, MessageType, Opt, Packet, Relay, SERVER_PORT,
    Status, StatusCode, code,
};
use crate::error::Result;
use crate::probe::query::{MessageSpec, QuerySpec, v6};
use crate::probe::v6::{Asked, Found, look};
use crate::probe::{Identity, Rejection};
use crate::wire::{Mac, Transmit};

/// What every client says that it is (option 15), unless an option says otherwise.
const USER_CLASS: &[u8] = b"\x00\x12kea-tools dhcpload";
const USER_CLASS_CODE: u16 = 15;
/// The number of each client's association.
const IAID: u32 = 1;

/// How clients of DHCPv6 speak.
#[derive(Debug, Clone)]
pub(super) struct V6 {
    /// Options of each message, but for the identities, the associations and the times.
    options: Vec<Opt>,
    is_rapid: bool,
    /// What every client asks for.
    wanted: [Association; 1],
    /// Where messages go.
    to: Ipv6Addr,
}

impl V6 {
    pub(super) fn new(spec: &LoadSpec) -> Result<Self> {
        given_options::check(&spec.options, &OPTIONS, given_options::REFUSED_V6, given_options::EMPTY_V6)?;
        let sending = v6::described(&query(spec), &[0; 6])?;
        let mut options = sending.plan.options;
        if !options.iter().any(|option| option.code == USER_CLASS_CODE) {
            options.push(Opt::new(USER_CLASS_CODE, USER_CLASS));
        }
        let to = match spec.place.to {
            IpAddr::V6(ip) => ip,
            IpAddr::V4(_) => ALL_SERVERS,
        };
        let wanted = [Association::new(AssociationKind::Addresses, IAID)];
        Ok(Self { options, is_rapid: spec.exchange == Exchange::Rapid, wanted, to })
    }

    /// The datagram with a message.
    pub(super) fn compose(&self, asking: &Asking<'_>) -> Transmit {
        let message = self.message(asking).encode();
        let payload = match asking.relay {
            Some(IpAddr::V6(link)) => relay(link, asking.hardware).encode(&message),
            _ => message,
        };
        let destination = SocketAddrV6::new(self.to, SERVER_PORT, 0, 0).into();
        Transmit { link: 0, source: None, destination, via: None, payload }
    }

    fn message(&self, asking: &Asking<'_>) -> Message {
        let Asking { message, hardware, .. } = *asking;
        let mut built = Message::new(message_type(message), asking.xid).with(Opt::new(code::CLIENTID, duid(hardware)));
        let names_its_server = matches!(message, LoadMessage::Request | LoadMessage::Renew | LoadMessage::Release);
        if let Some(Identity::Duid(server)) = asking.server.map(|server| &server.identity).filter(|_| names_its_server)
        {
            built.options.push(Opt::new(code::SERVERID, server.clone()));
        }
        built.options.push(Opt::elapsed(0));
        if self.is_rapid && message == LoadMessage::Solicit {
            built.options.push(Opt::new(code::RAPID_COMMIT, []));
        }
        if message != LoadMessage::InformationRequest {
            built.options.push(association(message, asking.address).to_option());
        }
        if message != LoadMessage::Release {
            built.options.extend(self.options.iter().cloned());
        }
        built
    }

    /// What a server's message with this transaction says, and the server's identifier.
    pub(super) fn read(&self, packet: &Packet<'_>, xid: u32, question: &Question<'_>) -> (Said, Option<Identity>) {
        let message = packet.innermost();
        let (kind, client) = (message_type(question.message), duid(question.hardware));
        let relay = match question.relay {
            Some(IpAddr::V6(link)) => Some(relay(link, question.hardware)),
            _ => None,
        };
        let (is_rapid, relay) = (self.is_rapid, relay.as_ref());
        let asked = Asked { client: &client, xid, kind, is_rapid, associations: &self.wanted, relay };
        let found = look(&asked, packet, question.datagram);
        // Of what is cut its identifier may be cut, too.
        let is_whole = !matches!(&found, Err(discard) if discard.reason == Rejection::Truncated);
        let server = message.server().filter(|_| is_whole).map(|octets| Identity::Duid(octets.to_vec()));
        let said = match found {
            Err(discard) => Said::Unusable(discard.reason),
            Ok(found) if found.is_refusal => refused(message, question.message),
            Ok(Found { item: Some(item), is_reply, .. }) => {
                Said::Address { address: item.address.into(), seconds: item.valid, is_given: is_reply }
            }
            Ok(_) => Said::Information,
        };
        (said, server)
    }
}

/// What a refusal of this message means.
fn refused(message: &Packet<'_>, asked: LoadMessage) -> Said {
    let own = || message.associations().find_map(|granted| granted.status.filter(Status::is_failure));
    match message.status().filter(Status::is_failure).or_else(own) {
        // A server that does not know the lease any more has ended it (RFC 8415 section 18.3.7).
        Some(Status { code: StatusCode(3), .. }) | None if asked == LoadMessage::Release => Said::Information,
        status => Said::Refused(status.map_or(1, |status| status.code.0)),
    }
}

fn duid(hardware: Mac) -> Vec<u8> {
    DuidKind::Ll { hardware_type: ETHERNET, address: &hardware.0 }.to_octets()
}

fn association(message: LoadMessage, address: IpAddr) -> Association {
    let mut association = Association::new(AssociationKind::Addresses, IAID);
    if let (true, IpAddr::V6(address)) = (message != LoadMessage::Solicit, address) {
        association.items.push(Item { address, prefix_length: 128, preferred: 0, valid: 0 });
    }
    association
}

fn message_type(message: LoadMessage) -> MessageType {
    match message {
        LoadMessage::Discover | LoadMessage::Solicit => MessageType::SOLICIT,
        LoadMessage::Request => MessageType::REQUEST,
        LoadMessage::Renew => MessageType::RENEW,
        LoadMessage::Rebind => MessageType::REBIND,
        LoadMessage::Inform | LoadMessage::InformationRequest => MessageType::INFORMATION_REQUEST,
        LoadMessage::Release => MessageType::RELEASE,
    }
}

/// The envelope of the relay agent with this link address; the peer is the client's link-local address.
fn relay(link: Ipv6Addr, hardware: Mac) -> Relay {
    let mut peer = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0];
    peer[8..11].copy_from_slice(&hardware.0[..3]);
    peer[13..].copy_from_slice(&hardware.0[3..]);
    peer[8] ^= 2;
    let peer = Ipv6Addr::from(peer);
    Relay { kind: MessageType::RELAY_FORW, hops: 0, link, peer, options: Vec::new() }
}

/// The message as `dhcptest` would have it described.
fn query(spec: &LoadSpec) -> QuerySpec {
    let kind = (spec.exchange == Exchange::InformationRequest).then(|| "information-request".to_owned());
    let message = MessageSpec { kind, options: spec.options.clone(), ..MessageSpec::default() };
    QuerySpec::of_one_message(message, SERVER_PORT)
}

/// The type and the transaction of a message.
pub(super) const HEADER: usize = 4;

/// Transaction and client of a server's message, if it has a transaction.
pub(super) fn header(packet: &Packet<'_>) -> Option<(u32, Option<Mac>)> {
    let message = packet.innermost();
    let Header::Message { xid, kind } = message.header else { return None };
    let is_answer = matches!(kind, MessageType::ADVERTISE | MessageType::REPLY | MessageType::RECONFIGURE);
    let client = message.client().map(|octets| match DuidKind::from_octets(octets) {
        DuidKind::Ll { hardware_type: ETHERNET, address } => address.try_into().map(Mac).unwrap_or_default(),
        _ => Mac::default(),
    });
    is_answer.then_some((xid, client))
}
