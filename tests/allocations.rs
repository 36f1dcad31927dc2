//! However much others say, a probe holds no more memory for it.
//!
//! A test binary of its own: its allocator counts, for each thread, as the one that runs tests allocates too.
#![expect(unsafe_code, reason = "an allocator is unsafe by its nature; this one only counts and passes on")]
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use kea_tools::dhcp::{v4 as wire4, v6 as wire6};
use kea_tools::error::Result;
use kea_tools::net::{Event, Transport, drive};
use kea_tools::probe::{Exchange as _, Machine, Schedule, Until, v4, v6};
use kea_tools::wire::{Checksum, Datagram, Transmit};

/// Counts the octets that a thread holds.
struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

fn count(change: impl FnOnce(usize) -> usize) {
    HELD.set(change(HELD.get()));
}

// SAFETY: everything is passed on as it comes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|held| held.wrapping_add(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(|held| held.wrapping_sub(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const DATAGRAMS: usize = 10_000;
const XID: u32 = 0x0012_3456;

/// A network in which only others speak, a datagram each tenth of a millisecond.
struct Others {
    payloads: Vec<Vec<u8>>,
    source: SocketAddr,
    heard: usize,
    /// What was held when everything had been heard once, and at the end.
    held: [usize; 2],
}

impl Others {
    fn new(payloads: Vec<Vec<u8>>, source: SocketAddr) -> Self {
        Self { payloads, source, heard: 0, held: [0; 2] }
    }
}

impl Transport for Others {
    fn now(&self) -> Duration {
        Duration::from_micros(100) * u32::try_from(self.heard).unwrap()
    }

    fn epoch(&self) -> Duration {
        Duration::ZERO
    }

    fn send(&mut self, _: &Transmit) -> Result<Duration> {
        Ok(self.now())
    }

    fn receive(&mut self, _: Option<Duration>) -> Result<Event<'_>> {
        if self.heard == self.payloads.len() {
            self.held[0] = HELD.get();
        }
        if self.heard == DATAGRAMS {
            self.held[1] = HELD.get();
            return Ok(Event::Interrupted);
        }
        self.heard += 1;
        Ok(Event::Datagram(Datagram {
            link: 0,
            at: self.now(),
            source: self.source,
            destination: None,
            mac: None,
            vlan: None,
            interface: 1,
            checksum: Checksum::Good,
            in_fragments: false,
            is_for_other_host: false,
            is_in_other_vlan: false,
            frame: None,
            payload: &self.payloads[self.heard % self.payloads.len()],
        }))
    }
}

#[track_caller]
fn expect_no_growth(machine: &mut dyn Machine, mut others: Others) {
    drive(&mut others, &mut [machine], &mut |_| {}).unwrap();
    assert_eq!(others.heard, DATAGRAMS);
    assert_eq!(others.held[0], others.held[1], "octets held after each was heard once, and after {DATAGRAMS}");
}

/// One after the other: they share an allocator.
#[test]
fn ten_thousand_datagrams_of_others_take_no_memory() {
    dhcpv4();
    dhcpv6();
}

fn dhcpv4() {
    let hardware = [2, 0, 0x5e, 0, 0x53, 1];
    let plan =
        v4::ProbePlanV4::new(wire4::Message::request(0, &hardware), XID, Schedule::tries(1, Duration::from_secs(60)));
    let mut client = v4::Client::new(v4::ProbePlanV4 { until: Until::End, ..plan }, v4::ProbeModeV4::Discover);
    let offer = |xid, hardware: &[u8]| {
        let mut offer = wire4::Message::of_type(wire4::MessageType::OFFER, xid, hardware);
        offer.op = wire4::BOOTREPLY;
        offer.yiaddr = Ipv4Addr::new(192, 0, 2, 100);
        offer.encode()
    };
    let good = offer(XID, &hardware);
    let request = wire4::Message::request(XID, &hardware).encode();
    let (other_client, other_xid) = (offer(XID, &[2, 0, 0, 0, 0, 9]), offer(7, &hardware));
    let cut = good[..100].to_vec();
    let payloads = vec![other_xid, other_client, request, cut, vec![], vec![0xff; 1500], good];
    expect_no_growth(&mut client, Others::new(payloads, SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 67).into()));
    assert_eq!((client.record().answers.len(), client.record().rejected.total()), (1, 8572));
}

fn dhcpv6() {
    let duid = vec![0, 3, 0, 1, 2, 0, 0x5e, 0, 0x53, 1];
    let plan = v6::ProbePlanV6::new(duid.clone(), Schedule::tries(1, Duration::from_secs(60)));
    let mut client = v6::Client::new(v6::ProbePlanV6 { until: Until::End, xid: XID, ..plan }, v6::ProbeModeV6::Solicit);
    let advertise = |xid, client: &[u8]| {
        let message = wire6::Message::new(wire6::MessageType::ADVERTISE, xid);
        message.with(wire6::Opt::new(1, client)).with(wire6::Opt::new(2, [0, 2, 0, 0, 0, 1, 9])).encode()
    };
    let good = advertise(XID, &duid);
    let solicit = wire6::Message::new(wire6::MessageType::SOLICIT, XID).encode();
    let nested = wire6::Opt::new(3, [[0; 12], [0, 3, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]].concat());
    let broken = wire6::Message::new(wire6::MessageType::ADVERTISE, XID).with(nested).encode();
    let payloads =
        vec![advertise(7, &duid), advertise(XID, &[0, 3, 0, 1, 9]), solicit, broken, vec![], vec![0xff; 1500], good];
    expect_no_growth(&mut client, Others::new(payloads, "[fe80::9]:547".parse().unwrap()));
    assert_eq!((client.record().answers.len(), client.record().rejected.total()), (1, 8572));
}
