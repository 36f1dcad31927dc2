//! The messages of DHCPv6 clients (RFC 8415), and what servers answer.

use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};

use super::given_options;
use super::kind::{Exchange, LoadMessage};
use super::message::{Asking, Said};
use super::spec::LoadSpec;
use crate::dhcp::Anomaly;
use crate::dhcp::v6::duid::{DuidKind, ETHERNET};
use crate::dhcp::v6::table::OPTIONS;
use crate::dhcp::v6::{
    ALL_SERVERS, Association, AssociationKind, Header, Item, Message, MessageType, Opt, Packet, Relay, SERVER_PORT,
    Status, StatusCode, code,
};
use crate::error::Result;
use crate::probe::Identity;
use crate::probe::query::{MessageSpec, QuerySpec, v6};
use crate::probe::v6::why_no_address;
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
        Ok(Self { options, is_rapid: spec.exchange == Exchange::Rapid, to })
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
        let duid = DuidKind::Ll { hardware_type: ETHERNET, address: &hardware.0 }.to_octets();
        let mut built = Message::new(message_type(message), asking.xid).with(Opt::new(code::CLIENTID, duid));
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

/// What a server's message says in answer to `asked`, and the server's identifier.
pub(super) fn read(packet: &Packet<'_>, asked: LoadMessage) -> (Said, Option<Identity>) {
    let message = packet.innermost();
    let server = message.server().map(|octets| Identity::Duid(octets.to_vec()));
    let is_cut = |anomaly: &Anomaly| matches!(anomaly, Anomaly::TruncatedOption { .. } | Anomaly::Stray { .. });
    if packet.anomalies.iter().any(is_cut) {
        // Its identifier may be cut, too.
        return (Said::Malformed, None);
    }
    if server.is_none() || message.client().is_none() {
        return (Said::Malformed, server);
    }
    let kind = message.kind();
    let is_rapid = message.option(code::RAPID_COMMIT).is_some();
    let fits = match asked {
        LoadMessage::Solicit => kind == Some(MessageType::ADVERTISE) || (kind == Some(MessageType::REPLY) && is_rapid),
        _ => kind == Some(MessageType::REPLY),
    };
    let refusal = message.status().filter(Status::is_failure);
    let said = match (fits, refusal, asked) {
        (false, ..) => Said::Malformed,
        // A server that does not know the lease any more has ended it (RFC 8415 section 18.3.7).
        (_, Some(Status { code: StatusCode(3), .. }) | None, LoadMessage::Release)
        | (_, None, LoadMessage::InformationRequest) => Said::Information,
        (_, Some(status), _) => Said::Refused(status.code.0),
        _ => address(message, kind == Some(MessageType::REPLY)),
    };
    (said, server)
}

fn address(message: &Packet<'_>, is_given: bool) -> Said {
    let ours =
        message.associations().find(|granted| granted.kind == AssociationKind::Addresses && granted.iaid == IAID);
    let Some(granted) = ours else { return Said::NoAddress };
    let usable = |item: &&Item| item.valid > 0 && why_no_address(item.address).is_none();
    match (granted.items.iter().find(usable), granted.status.filter(Status::is_failure)) {
        (Some(item), _) if !granted.is_refused => {
            Said::Address { address: item.address.into(), seconds: item.valid, is_given }
        }
        (_, Some(status)) => Said::Refused(status.code.0),
        _ => Said::NoAddress,
    }
}
