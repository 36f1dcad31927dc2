//! Whether a client can live on what a DHCPv4 answer gives, and what else is odd about it.

use std::net::{IpAddr, Ipv4Addr};

use crate::dhcp::v4::{Message, MessageType, Packet, option};
use crate::probe::AnswerKind;
use crate::probe::rules::{self, Discard, Rejection, Remark};
use crate::text::hex;
use crate::wire::Datagram;

/// So many octets of UDP payload a client takes that does not say otherwise: an IP packet of 576 octets without its headers.
const MOST_OCTETS: usize = 576 - 20 - 8;

/// The type of what was sent.
fn asked(request: &Message) -> Option<MessageType> {
    request.get(option::MESSAGE_TYPE)?.first().copied().map(MessageType)
}

/// Whether an answer of this kind to `request` gives an address.
fn gives_an_address(request: &Message, kind: AnswerKind) -> bool {
    match asked(request) {
        Some(MessageType::DISCOVER | MessageType::REQUEST) => matches!(kind, AnswerKind::Offer | AnswerKind::Ack),
        // With an address of its own it asks for a boot file.
        None => kind == AnswerKind::Bootp && request.ciaddr.is_unspecified(),
        _ => false,
    }
}

/// What no client can use.
pub(super) fn check(
    request: &Message,
    kind: AnswerKind,
    packet: &Packet,
    datagram: &Datagram<'_>,
) -> Result<(), Discard> {
    check_client_id(request, kind, packet)?;
    if !gives_an_address(request, kind) || is_of_boot_files_only(request, packet) {
        return Ok(());
    }
    let address = packet.yiaddr().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let why = why_not(address).or_else(|| why_not_here(address, packet, datagram));
    if let Some(why) = why {
        let found = format!("{} of {address}, {why}", kind.word());
        return Err(Discard::because(Rejection::Address, found));
    }
    if kind == AnswerKind::Ack {
        check_lease_time(packet)?;
    }
    Ok(())
}

/// A client that sent no identifier goes by its hardware address.
fn check_client_id(request: &Message, kind: AnswerKind, packet: &Packet) -> Result<(), Discard> {
    let Some(found) = packet.option(option::CLIENT_ID) else { return Ok(()) };
    let hardware = || [&[request.htype], &request.chaddr[..usize::from(request.hlen).min(16)]].concat();
    let own = request.get(option::CLIENT_ID).map_or_else(hardware, <[u8]>::to_vec);
    if *found == own || !matches!(kind, AnswerKind::Offer | AnswerKind::Ack | AnswerKind::Nak) {
        return Ok(());
    }
    let what = match &*found {
        [] => "client identifier of no octet".to_owned(),
        other => format!("client identifier of another client, {}", hex(other)),
    };
    Err(Discard::because(Rejection::OtherClientId, what))
}

fn check_lease_time(packet: &Packet) -> Result<(), Discard> {
    match packet.number(option::LEASE_TIME) {
        Some(0) => Err(Discard::because(Rejection::LeaseTime, "ACK with a lease time of 0")),
        Some(_) => Ok(()),
        None => Err(Discard::because(Rejection::LeaseTime, "ACK without lease time")),
    }
}

/// A boot server (PXE 2.1) offers no address to those that it boots.
fn is_of_boot_files_only(request: &Message, packet: &Packet) -> bool {
    let is_pxe = |class: &[u8]| class.starts_with(b"PXEClient");
    request.get(option::VENDOR_CLASS).is_some_and(is_pxe)
        && packet.option(option::VENDOR_CLASS).is_some_and(|class| is_pxe(&class))
        && packet.yiaddr().is_some_and(|address| address.is_unspecified())
}

/// Why no host can have this address.
pub(super) fn why_not(address: Ipv4Addr) -> Option<&'static str> {
    match () {
        () if address.is_unspecified() => Some("which is no address"),
        () if address.is_broadcast() => Some("the broadcast address"),
        () if address.is_multicast() => Some("a multicast address"),
        () if address.is_loopback() => Some("a loopback address"),
        () => None,
    }
}

/// Why the client cannot have it in this network.
fn why_not_here(address: Ipv4Addr, packet: &Packet, datagram: &Datagram<'_>) -> Option<&'static str> {
    if packet.server_id() == Some(address) || datagram.source.ip() == IpAddr::V4(address) {
        return Some("the server's own address");
    }
    let host = host_part(packet)?;
    (u32::from(address) & host == host).then_some("the broadcast address of its network (option 1)")
}

/// The bits that the subnet mask leaves to hosts, if it leaves some and has a broadcast address.
fn host_part(packet: &Packet) -> Option<u32> {
    let mask = packet.number(option::SUBNET_MASK)?;
    (is_mask(mask) && !mask > 1).then_some(!mask)
}

/// Whether it is ones and then zeros, and has ones.
fn is_mask(mask: u32) -> bool {
    mask.leading_ones() + mask.trailing_zeros() == u32::BITS && mask != 0
}

/// What is not as it should be, though clients use it.
pub(super) struct Remarks<'a> {
    request: &'a Message,
    kind: AnswerKind,
    packet: &'a Packet,
    list: Vec<Remark>,
}

/// More about the form of one packet is not kept.
const MOST_OF_FORM: usize = 16;

impl<'a> Remarks<'a> {
    pub(super) fn about(
        request: &'a Message,
        kind: AnswerKind,
        packet: &'a Packet,
        datagram: &Datagram<'_>,
    ) -> Vec<Remark> {
        let mut remarks = Self { request, kind, packet, list: Vec::new() };
        if matches!(kind, AnswerKind::Offer | AnswerKind::Ack | AnswerKind::Nak) {
            remarks.server_id();
        }
        if gives_an_address(request, kind) {
            remarks.address();
            remarks.times();
            remarks.mask();
        }
        remarks.length(datagram);
        let faults = packet.anomalies().iter().filter(|anomaly| anomaly.is_fault()).take(MOST_OF_FORM);
        remarks.list.extend(faults.map(|anomaly| Remark::new(&rules::FORM, anomaly.to_string())));
        remarks.list
    }

    fn say(&mut self, rule: &'static rules::Rule, found: String) {
        self.list.push(Remark::new(rule, found));
    }

    fn server_id(&mut self) {
        let word = self.kind.word();
        let Some(server) = self.packet.server_id() else {
            return self.say(&rules::SERVER_ID, format!("{word} without server identifier"));
        };
        if let Some(why) = why_not(server) {
            return self.say(&rules::SERVER_ID, format!("{word} with the server identifier {server}, {why}"));
        }
        let asked = self.request.get(option::SERVER_ID).and_then(|octets| octets.first_chunk::<4>());
        if let Some(asked) = asked.map(|octets| Ipv4Addr::from(*octets)).filter(|asked| *asked != server) {
            self.say(&rules::OTHER_SERVER, format!("{word} of {server}, asked was {asked}"));
        }
    }

    fn address(&mut self) {
        let (word, address) = (self.kind.word(), self.packet.yiaddr().unwrap_or(Ipv4Addr::UNSPECIFIED));
        let asked = self.request.get(option::REQUESTED_ADDRESS).and_then(|octets| octets.first_chunk::<4>());
        let asked = asked.map_or(self.request.ciaddr, |octets| Ipv4Addr::from(*octets));
        if self.kind == AnswerKind::Ack && !asked.is_unspecified() && asked != address {
            self.say(&rules::OTHER_ADDRESS, format!("{word} of {address}, asked was for {asked}"));
        }
        let [first, ..] = address.octets();
        let reserved = match first {
            0 => Some("0.0.0.0/8"),
            240.. => Some("240.0.0.0/4, which few systems take"),
            _ if address.is_link_local() => Some("169.254.0.0/16, which hosts give to themselves"),
            _ => None,
        };
        if let Some(network) = reserved {
            self.say(&rules::RESERVED, format!("{word} of {address}, which is in {network}"));
        }
        if host_part(self.packet).is_some_and(|host| u32::from(address) & host == 0) {
            self.say(&rules::RESERVED, format!("{word} of {address}, the first address of its network"));
        }
    }

    fn mask(&mut self) {
        if let Some(mask) = self.packet.number(option::SUBNET_MASK).filter(|mask| !is_mask(*mask)) {
            let why = if mask == 0 { "which leaves no network" } else { "which is not ones followed by zeros" };
            let (word, mask) = (self.kind.word(), Ipv4Addr::from(mask));
            self.say(&rules::MASK, format!("{word} with the subnet mask {mask}, {why}"));
        }
    }

    fn times(&mut self) {
        let [lease, t1, t2] =
            [option::LEASE_TIME, option::RENEWAL_TIME, option::REBINDING_TIME].map(|code| self.packet.number(code));
        if self.kind == AnswerKind::Offer && lease.unwrap_or(0) == 0 {
            let what = if lease.is_none() { "without lease time" } else { "with a lease time of 0" };
            self.say(&rules::OFFER_LEASE_TIME, format!("{} {what}", self.kind.word()));
        }
        let shown = |time: Option<u32>| time.map_or_else(|| "none".to_owned(), |time| format!("{time} s"));
        let is_before = |first: Option<u32>, second: Option<u32>| match (first, second) {
            (Some(first), Some(second)) => first < second || second == u32::MAX,
            _ => true,
        };
        if !(is_before(t1, t2) && is_before(t2, lease) && is_before(t1, lease)) {
            let found = format!("T1 {}, T2 {}, lease time {}", shown(t1), shown(t2), shown(lease));
            self.say(&rules::TIMES, format!("{} with {found}", self.kind.word()));
        }
    }

    fn length(&mut self, datagram: &Datagram<'_>) {
        let said = self.request.get(option::MAX_MESSAGE_SIZE).and_then(|octets| octets.first_chunk::<2>());
        let most = said.map_or(MOST_OCTETS, |octets| usize::from(u16::from_be_bytes(*octets)).saturating_sub(28));
        let octets = datagram.payload.len();
        if datagram.in_fragments {
            self.say(&rules::FRAGMENTS, format!("{} in fragments", self.kind.word()));
        } else if octets > most.max(MOST_OCTETS) {
            self.say(&rules::LONG, format!("{} of {octets} octets, more than some clients take", self.kind.word()));
        }
    }
}

#[cfg(test)]
mod tests;
