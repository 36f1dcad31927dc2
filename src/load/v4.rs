//! The messages of DHCPv4 clients (RFC 2131), and what servers answer.

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use super::given_options;
use super::kind::LoadMessage;
use super::message::{Asking, Question, Said};
use super::spec::LoadSpec;
use crate::dhcp::v4::{BOOTREPLY, BROADCAST, Message, MessageType, Packet, option, table};
use crate::error::Result;
use crate::probe::query::{MessageSpec, QuerySpec, v4};
use crate::probe::v4::{SERVER_PORT, look, why_no_address};
use crate::probe::{AnswerKind, Identity, Rejection};
use crate::wire::{Mac, Transmit};

/// What every client says that it is, unless a profile or an option says otherwise.
const VENDOR_CLASS: &[u8] = b"kea-tools dhcpload";
/// What every client asks for: subnet mask, routers, DNS servers, name, domain, broadcast address, times.
const REQUESTED: [u8; 8] = [1, 3, 6, 12, 15, 28, 58, 59];
/// A hardware address that is replaced by that of each client.
const MARKER: Mac = Mac([0x02, 0x00, 0x5e, 0xd5, 0x9b, 0xc3]);

/// How clients of DHCPv4 speak.
#[derive(Debug, Clone)]
pub(super) struct V4 {
    /// The first message of a client with the hardware address [`MARKER`].
    template: Message,
    /// The message of a client that was answered last.
    asked: Message,
    /// Options that a REQUEST does not have.
    first_only: Vec<u8>,
    /// Where in the client identifier parts of the hardware address are, and how many of its last octets.
    places: Vec<(usize, usize)>,
    /// Where first messages go.
    to: Ipv4Addr,
    inform_address: Option<Ipv4Addr>,
}

impl V4 {
    pub(super) fn new(spec: &LoadSpec) -> Result<Self> {
        let sending = v4::described(&query(spec), &MARKER.0)?;
        let mut template = sending.plan.template;
        let is_given = |code: u8| template.get(code).is_some();
        given_options::check(&spec.options, &table::OPTIONS, given_options::REFUSED_V4, &[])?;
        let defaults: [(u8, Vec<u8>); 3] = [
            (option::CLIENT_ID, [&[1], &MARKER.0[..]].concat()),
            (option::VENDOR_CLASS, VENDOR_CLASS.to_vec()),
            (option::PARAMETER_REQUEST_LIST, REQUESTED.to_vec()),
        ];
        let without_profile = spec.profile.is_none();
        let missing: Vec<_> = defaults.into_iter().filter(|(code, _)| without_profile && !is_given(*code)).collect();
        template.options.extend(missing);
        let places = places(template.get(option::CLIENT_ID).unwrap_or_default());
        let to = match spec.place.to {
            IpAddr::V4(ip) => ip,
            IpAddr::V6(_) => Ipv4Addr::BROADCAST,
        };
        let inform_address = spec.place.inform_address;
        Ok(Self { asked: template.clone(), template, first_only: sending.plan.first_only, places, to, inform_address })
    }

    /// The datagram with a message.
    pub(super) fn compose(&self, asking: &Asking<'_>) -> Transmit {
        let Asking { message, relay, .. } = *asking;
        let address = ipv4(asking.address);
        let mut built = self.of_client(asking);
        let server = asking.server.map(|server| ipv4(server_address(server)));
        let identifier = server.unwrap_or(self.to).octets();
        let has_lease = matches!(message, LoadMessage::Renew | LoadMessage::Rebind | LoadMessage::Release);
        if has_lease {
            built.ciaddr = address;
        }
        match message {
            LoadMessage::Request => {
                built.set(option::REQUESTED_ADDRESS, address.octets());
                built.set(option::SERVER_ID, identifier);
            }
            LoadMessage::Release => built.set(option::SERVER_ID, identifier),
            LoadMessage::Inform => built.ciaddr = self.inform_address.unwrap_or(Ipv4Addr::UNSPECIFIED),
            _ => {}
        }
        let is_for_its_server = matches!(message, LoadMessage::Renew | LoadMessage::Release) || asking.as_release;
        let to = if relay.is_none() && is_for_its_server { server.unwrap_or(self.to) } else { self.to };
        let source = match relay {
            Some(relay) => relay,
            None if asking.as_release => address.into(),
            None => built.ciaddr.into(),
        };
        Transmit {
            link: 0,
            source: Some(source),
            destination: SocketAddrV4::new(to, SERVER_PORT).into(),
            via: asking.via,
            payload: built.encode(),
        }
    }

    /// The message without what it says of addresses.
    fn of_client(&self, asking: &Asking<'_>) -> Message {
        let Asking { message, hardware, relay, .. } = *asking;
        let mut built = self.template.clone();
        built.xid = asking.xid;
        identify(&mut built, &self.places, hardware);
        if !matches!(message, LoadMessage::Discover | LoadMessage::Inform) {
            built.options.retain(|(code, _)| !self.first_only.contains(code));
        }
        if message == LoadMessage::Release {
            built.options.retain(|(code, _)| matches!(*code, option::MESSAGE_TYPE | option::CLIENT_ID));
        }
        built.set(option::MESSAGE_TYPE, [message_type(message).0]);
        if let Some(IpAddr::V4(relay)) = relay {
            (built.giaddr, built.hops) = (relay, 1);
        }
        built
    }

    /// What a server's message with this transaction says, and the server's identifier.
    pub(super) fn read(&mut self, xid: u32, question: &Question<'_>) -> (Said, Option<Identity>) {
        let Question { message, hardware, relay, datagram } = *question;
        let packet = Packet::without_values(datagram.payload);
        let server = packet.server_id().filter(|server| why_no_address(*server).is_none());
        let server = server.map(|server| Identity::Address(server.into()));
        self.asked.xid = xid;
        self.asked.giaddr = relay.map_or(Ipv4Addr::UNSPECIFIED, ipv4);
        identify(&mut self.asked, &self.places, hardware);
        self.asked.set(option::MESSAGE_TYPE, [message_type(message).0]);
        let said = match look(&self.asked, &packet, datagram) {
            Err(discard) => Said::Unusable(discard.reason),
            Ok(AnswerKind::Nak) => Said::Nak,
            Ok(_) if message == LoadMessage::Inform => Said::Information,
            // Without its server's identifier no REQUEST can accept it.
            Ok(AnswerKind::Offer) if server.is_none() => Said::Unusable(Rejection::Malformed),
            Ok(kind) => address(&packet, kind == AnswerKind::Ack),
        };
        (said, server)
    }
}

/// What an OFFER offers or an ACK gives.
fn address(packet: &Packet, is_given: bool) -> Said {
    let address = packet.yiaddr().unwrap_or(Ipv4Addr::UNSPECIFIED);
    Said::Address { address: address.into(), seconds: packet.number(option::LEASE_TIME).unwrap_or(0), is_given }
}

/// Puts the hardware address of a client into a message, also where its identifier has it.
fn identify(message: &mut Message, places: &[(usize, usize)], hardware: Mac) {
    message.chaddr[..6].copy_from_slice(&hardware.0);
    if let Some((_, id)) = message.options.iter_mut().find(|(code, _)| *code == option::CLIENT_ID) {
        for (at, count) in places {
            id[*at..at + count].copy_from_slice(&hardware.0[6 - count..]);
        }
    }
}

fn message_type(message: LoadMessage) -> MessageType {
    match message {
        LoadMessage::Discover | LoadMessage::Solicit => MessageType::DISCOVER,
        LoadMessage::Request | LoadMessage::Renew | LoadMessage::Rebind => MessageType::REQUEST,
        LoadMessage::Inform | LoadMessage::InformationRequest => MessageType::INFORM,
        LoadMessage::Release => MessageType::RELEASE,
    }
}

/// The message as `dhcptest` would have it described.
fn query(spec: &LoadSpec) -> QuerySpec {
    let message = MessageSpec {
        options: spec.options.clone(),
        profile: spec.profile.clone(),
        flags: Some(if spec.asks_for_broadcast { BROADCAST } else { 0 }),
        ..MessageSpec::default()
    };
    QuerySpec::of_one_message(message, SERVER_PORT)
}

/// Where in a client identifier the marker is: all of it, or its last four octets after a type of 255 (RFC 4361).
fn places(id: &[u8]) -> Vec<(usize, usize)> {
    let find = |octets: &[u8]| -> Vec<(usize, usize)> {
        let found = id.windows(octets.len()).enumerate().filter(|(_, window)| *window == octets);
        found.map(|(at, _)| (at, octets.len())).collect()
    };
    let mut places = find(&MARKER.0);
    if id.first() == Some(&255) && id.get(1..5) == Some(&MARKER.0[2..]) {
        places.push((1, 4));
    }
    places
}

fn ipv4(address: IpAddr) -> Ipv4Addr {
    match address {
        IpAddr::V4(ip) => ip,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}

/// What a server calls itself, and where it is reached.
fn server_address(server: &super::servers::Server) -> IpAddr {
    match server.identity {
        Identity::Address(address) => address,
        Identity::Duid(_) => server.source.ip(),
    }
}

/// Transaction and client of a server's message, if it has both.
pub(super) fn header(payload: &[u8]) -> Option<(u32, Mac)> {
    let hardware = payload.get(..HEADER)?.last_chunk::<6>()?;
    Some((xid(payload)?, Mac(*hardware)))
}

/// Up to the end of a client's hardware address.
pub(super) const HEADER: usize = 34;

/// The transaction of a server's message.
pub(super) fn xid(payload: &[u8]) -> Option<u32> {
    let xid = *payload.get(4..)?.first_chunk::<4>()?;
    (payload.first() == Some(&BOOTREPLY)).then_some(u32::from_be_bytes(xid))
}

/// Whether a server's message is an OFFER.
pub(super) fn is_offer(payload: &[u8]) -> bool {
    Packet::without_values(payload).message_type() == Some(MessageType::OFFER)
}
