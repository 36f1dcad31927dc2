//! Answers to a load.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use kea_tools::family::Family;
use kea_tools::load::{
    Clients, Exchange, FIRST_HARDWARE, Generator, LoadSpec, LoadTarget, Relays, Report, Step, Steps, Surroundings,
};
use kea_tools::probe::Machine;
use kea_tools::wire::{Checksum, Datagram};

/// Bytes are answers with a byte of their length before each; an odd one gets the transaction and the hardware address of
/// the message that was sent last. Every message has one fate, whatever is answered, and no lease is left that could be
/// given back.
pub fn load_answers(data: &[u8]) {
    for (family, exchange) in [
        (Family::V4, Exchange::Dora),
        (Family::V6, Exchange::Sarr),
        (Family::V6, Exchange::Rapid),
        (Family::V4, Exchange::Inform),
    ] {
        let report = carry(&mut generator(family, exchange), data);
        for message in &report.messages {
            if message.is_answered {
                assert_eq!(message.answered + message.lost.total(), message.sent, "{message:?}");
            }
        }
        assert!(report.completed <= report.started);
    }
}

fn generator(family: Family, exchange: Exchange) -> Generator {
    let to: IpAddr = if family == Family::V4 { Ipv4Addr::BROADCAST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let place =
        LoadTarget { servers: Vec::new(), to, relays: Relays::default(), inform_address: Some(Ipv4Addr::LOCALHOST) };
    let spec = LoadSpec {
        family,
        exchange,
        mix: None,
        place,
        clients: Clients::From { first: FIRST_HARDWARE, count: 2 },
        first_clients: 2,
        steps: Steps::Once(Step { rate: 10.0, length: Duration::from_millis(600) }),
        timeout: Duration::from_millis(150),
        is_storm: false,
        keeps_leases: false,
        bears_loss: true,
        options: Vec::new(),
        profile: None,
        asks_for_broadcast: false,
        seed: 7,
    };
    Generator::new(spec, Vec::new()).expect("nothing is mistyped")
}

/// The whole run in virtual time, with an answer after each message.
fn carry(generator: &mut Generator, data: &[u8]) -> Report {
    let (mut now, mut rest) = (Duration::ZERO, data);
    for _ in 0..10_000 {
        while let Some(transmit) = generator.poll_transmit(now) {
            generator.handle_sent(now);
            let Some((length, after)) = rest.split_first() else { continue };
            let (answer, after) = after.split_at(usize::from(*length).min(after.len()));
            rest = after;
            let payload = if length % 2 == 1 { ours(answer, &transmit.payload) } else { answer.to_vec() };
            generator.handle_datagram(&datagram(&payload, transmit.destination, now));
        }
        if generator.is_done() {
            return generator.report(Surroundings::default());
        }
        now = generator.poll_timeout().expect("there is more to do").max(now);
        generator.handle_timeout(now);
    }
    panic!("no end");
}

/// The answer with the transaction, and in DHCPv4 the hardware address, of what was sent.
fn ours(answer: &[u8], sent: &[u8]) -> Vec<u8> {
    let places = if sent.first() == Some(&1) && sent.len() > 240 { [4..8, 28..34] } else { [1..4, 1..4] };
    let mut answer = answer.to_vec();
    for place in places {
        if let Some(field) = answer.get_mut(place.clone()) {
            field.copy_from_slice(&sent[place]);
        }
    }
    answer
}

fn datagram(payload: &[u8], source: SocketAddr, at: Duration) -> Datagram<'_> {
    Datagram {
        link: 0,
        at,
        source,
        destination: None,
        mac: None,
        vlan: None,
        interface: 1,
        checksum: Checksum::Good,
        in_fragments: false,
        is_for_other_host: false,
        is_in_other_vlan: false,
        frame: None,
        payload,
    }
}
