//! Listening: nothing is sent, whatever passes is shown.

use std::time::Duration;

use super::Request;
use super::capture::Capture;
use crate::dhcp::{v4, v6};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::net::drive;
use crate::output::probe::answers;
use crate::output::probe::printer::{Printer, Worth};
use crate::probe::Machine;
use crate::probe::query::message::QueryType;
use crate::text::count;
use crate::wire::{Datagram, LinkMode, LinkSpec, Transmit};

/// Shows packets of both families until the time is over or the user ends it.
pub(super) fn run(request: &Request, filter: &Filter, limit: Option<Duration>, env: &mut Env<'_>) -> Result<Exit> {
    let mut printer = Printer::new(&request.style, &mut *env.stdout, &mut *env.stderr);
    let links = [LinkSpec::v4(), LinkSpec::v6()].map(|link| {
        let (interface, vlan) = (request.spec.link.interface.clone(), request.spec.link.vlan);
        LinkSpec { interface, vlan, mode: LinkMode::Listen, ..link }
    });
    let mut capture = Capture::open(request.pcap.as_deref(), env.var)?;
    let mut transport = env.network.open(&links)?;
    capture.begin(&links[0], transport.as_ref());
    printer.epoch = transport.epoch();
    let until = limit.map(|limit| transport.now().saturating_add(limit));
    printer.remark("Listening for DHCP and DHCPv6 packets.");
    let mut listener = Listener { printer: &mut printer, filter, until, is_over: false, interrupted: false, heard: 0 };
    drive(transport.as_mut(), &mut [&mut listener], &mut |seen| capture.see(seen))?;
    let (heard, interrupted) = (listener.heard, listener.interrupted);
    let captured = capture.finish();
    printer.finish(&answers::json(heard > 0, &request.expectations, &[]))?;
    if interrupted {
        printer.remark(&format!("Interrupted after {}.", count(heard, "packet")));
    }
    captured.map(|()| match (heard, interrupted) {
        (0, true) => Exit::Signal(env.network.signal()),
        (0, false) => Exit::No,
        _ => Exit::Done,
    })
}

/// Which packets are shown.
#[derive(Debug)]
pub struct Filter {
    mac: Option<Vec<u8>>,
    types: Vec<Type>,
}

/// A type by name, which may be one in both families, or by number, which means each family's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Type {
    v4: Option<QueryType>,
    v6: Option<v6::MessageType>,
}

impl Type {
    fn read(text: &str) -> Result<Self> {
        let number = text.trim().parse().ok();
        let named = || v4::MessageType::by_name(text.trim()).or(number.map(v4::MessageType)).map(QueryType::Typed);
        let v4 = if text.trim().eq_ignore_ascii_case("bootp") { Some(QueryType::Bootp) } else { named() };
        let found = Self { v4, v6: v6::MessageType::parse(text) };
        if found.v4.is_none() && found.v6.is_none() {
            return Err(Error::new(format!("--only-type \"{text}\""), "there is no message of this type").hint(
                "discover, offer, request, ack, nak, …, bootp, solicit, advertise, reply, … or a number up to 255",
            ));
        }
        Ok(found)
    }
}

impl Filter {
    /// Packets from or about this hardware address and of these types, each if there is any.
    pub fn new(mac: Option<Vec<u8>>, types: &[String]) -> Result<Self> {
        let types = types.iter().map(|text| Type::read(text)).collect::<Result<_>>()?;
        Ok(Self { mac, types })
    }

    fn passes(&self, datagram: &Datagram<'_>) -> bool {
        if datagram.source.is_ipv6() {
            let packet = v6::Packet::parse(datagram.payload);
            let message = packet.innermost();
            // A relay agent's envelope and what is in it.
            let kinds = [packet.kind(), message.kind()];
            return self.is_wanted(|wanted| wanted.v6.is_some_and(|kind| kinds.contains(&Some(kind))))
                && self.is_about(datagram, |mac| message.client().unwrap_or_default().ends_with(mac));
        }
        let packet = v4::Packet::parse(datagram.payload);
        let kind = packet.message_type().map_or(QueryType::Bootp, QueryType::Typed);
        self.is_wanted(|wanted| wanted.v4 == Some(kind))
            && self.is_about(datagram, |mac| packet.hardware() == Some(mac))
    }

    fn is_wanted(&self, is_it: impl Fn(&Type) -> bool) -> bool {
        self.types.is_empty() || self.types.iter().any(is_it)
    }

    /// Whether it comes from the hardware address, or from a client that has it; a DUID of the kinds LLT and LL ends
    /// with it.
    fn is_about(&self, datagram: &Datagram<'_>, is_client: impl Fn(&[u8]) -> bool) -> bool {
        let Some(mac) = &self.mac else { return true };
        datagram.mac.is_some_and(|sender| sender.0[..] == mac[..]) || is_client(mac)
    }
}

struct Listener<'a, 'w> {
    printer: &'a mut Printer<'w>,
    filter: &'a Filter,
    until: Option<Duration>,
    is_over: bool,
    interrupted: bool,
    heard: u64,
}

impl Machine for Listener<'_, '_> {
    fn poll_transmit(&mut self, _now: Duration) -> Option<Transmit> {
        None
    }

    fn handle_unsent(&mut self, _now: Duration, _error: Error) {}

    fn poll_timeout(&self) -> Option<Duration> {
        self.until
    }

    fn handle_timeout(&mut self, _now: Duration) {
        self.is_over = true;
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        if self.filter.passes(datagram) {
            self.heard += 1;
            self.printer.received(datagram, Worth::Passing, None);
        }
    }

    fn handle_interrupt(&mut self, _now: Duration) {
        (self.is_over, self.interrupted) = (true, true);
    }

    fn is_done(&self) -> bool {
        self.is_over || self.printer.has_failed()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

    use super::*;
    use crate::wire::{Checksum, Mac};

    const HARDWARE: [u8; 6] = [2, 0, 0x5e, 0, 0x53, 0x50];

    fn passes(filter: &Filter, source: SocketAddr, payload: &[u8]) -> bool {
        filter.passes(&Datagram {
            link: 0,
            at: Duration::ZERO,
            source,
            destination: None,
            mac: Some(Mac([2; 6])),
            vlan: None,
            interface: 1,
            checksum: Checksum::Good,
            in_fragments: false,
            is_for_other_host: false,
            is_in_other_vlan: false,
            frame: None,
            payload,
        })
    }

    fn of_types(types: &[&str]) -> Filter {
        Filter { mac: None, types: types.iter().map(|text| Type::read(text).unwrap()).collect() }
    }

    fn v4(kind: Option<v4::MessageType>) -> Vec<u8> {
        let message = v4::Message::request(1, &HARDWARE);
        kind.map_or(message.clone(), |kind| message.with(53, [kind.0])).encode()
    }

    /// A Solicit in a relay agent's envelope.
    fn relayed() -> Vec<u8> {
        let duid = v6::Opt::new(1, [&[0, 3, 0, 1], &HARDWARE[..]].concat());
        let solicit = v6::Message::new(v6::MessageType::SOLICIT, 1).with(duid).encode();
        let (link, peer) = (Ipv6Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
        v6::Relay { kind: v6::MessageType::RELAY_FORW, hops: 0, link, peer, options: Vec::new() }.encode(&solicit)
    }

    const V4: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 68);
    const V6: SocketAddr = SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::LOCALHOST), 546);

    #[test]
    fn a_number_is_a_type_of_the_packets_own_family() {
        let second = of_types(&["2"]);
        assert!(passes(&second, V4, &v4(Some(v4::MessageType::OFFER))));
        assert!(passes(&second, V6, &v6::Message::new(v6::MessageType::ADVERTISE, 1).encode()));
        assert!(!passes(&second, V4, &v4(Some(v4::MessageType::DISCOVER))));
        assert!(!passes(&of_types(&["discover"]), V6, &v6::Message::new(v6::MessageType::SOLICIT, 1).encode()));
        assert!(passes(&of_types(&["offer", "bootp"]), V4, &v4(None)) && !passes(&second, V4, &v4(None)));
        assert!(Type::read("ofer").is_err());
    }

    #[test]
    fn relay_message_passes_by_its_own_type_and_inner_type() {
        for (types, wanted) in [(["solicit"], true), (["relay-forw"], true), (["reply"], false)] {
            assert_eq!(passes(&of_types(&types), V6, &relayed()), wanted, "{types:?}");
        }
    }

    #[test]
    fn a_hardware_address_is_that_of_the_sender_or_of_the_client() {
        let about = |mac: &[u8]| Filter { mac: Some(mac.to_vec()), types: Vec::new() };
        for (mac, wanted) in [(HARDWARE, true), ([2; 6], true), ([3; 6], false)] {
            assert_eq!(passes(&about(&mac), V4, &v4(None)), wanted, "{mac:?}");
            assert_eq!(passes(&about(&mac), V6, &relayed()), wanted, "{mac:?}");
        }
    }
}
