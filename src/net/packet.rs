//! Packet sockets: they receive every frame on the wire before any filter of this host, and send raw frames.

use std::io;

use socket2::{Domain, SockFilter, Socket, Type};

use super::iface::Interface;
use super::privilege;
use super::sys::{self, Message};
use super::udp::RECEIVE_BUFFER;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::wire::{LinkMode, LinkSpec};

/// A packet socket at one interface.
pub(super) struct Packet(pub(super) Socket);

impl Packet {
    /// A socket that hears what `plan` is about and nothing that was on the wire before.
    pub(super) fn open(plan: &LinkSpec, interface: &Interface) -> Result<Self> {
        let attempted = format!("opening interface \"{}\" for frames", interface.name);
        Self::socket(plan, interface).map(Self).map_err(|cause| {
            if privilege::is_missing(&cause) { privilege::missing(attempted) } else { Error::io(attempted, &cause) }
        })
    }

    fn socket(plan: &LinkSpec, interface: &Interface) -> io::Result<Socket> {
        // With protocol 0 it hears nothing before it is bound, and then the filter is there.
        let socket = Socket::new(Domain::PACKET, Type::RAW, None)?;
        socket.set_nonblocking(true)?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        socket.attach_filter(&filter(plan))?;
        sys::set_option(&socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        sys::set_option(&socket, libc::SOL_PACKET, libc::PACKET_AUXDATA, 1)?;
        if wants_frames_for_others(plan, interface) {
            sys::set_raw_option(&socket, libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &promiscuous(interface.index))?;
        }
        socket.bind(&sys::link_address(interface.index)?)?;
        Ok(socket)
    }

    /// Sends a whole frame.
    pub(super) fn send(&self, frame: &[u8]) -> io::Result<()> {
        self.0.send(frame).map(drop)
    }
}

/// The VLAN tag of a frame, which the kernel has removed from it.
pub(super) fn vlan(message: &Message) -> Option<u16> {
    let auxiliary = message.auxiliary()?;
    (auxiliary.status & libc::TP_STATUS_VLAN_VALID != 0).then_some(auxiliary.vlan_tci & 0x0fff)
}

/// Whether the checksum was left to a network card, which the frame may never have passed.
pub(super) fn lacks_checksum(message: &Message) -> bool {
    message.auxiliary().is_some_and(|auxiliary| auxiliary.status & libc::TP_STATUS_CSUMNOTREADY != 0)
}

/// Whether this host has sent the frame: this program, or a server on this host.
pub(super) fn is_outgoing(message: &Message) -> bool {
    message.link().is_some_and(|link| link.kind == libc::PACKET_OUTGOING)
}

/// Answers may go to a hardware address that is not the interface's, or be kept off by its list of networks.
fn wants_frames_for_others(plan: &LinkSpec, interface: &Interface) -> bool {
    let is_foreign = |mac| interface.mac != Some(mac);
    plan.mode == LinkMode::Listen
        || plan.vlan.is_some()
        || plan.client.is_some_and(is_foreign)
        || plan.ethernet_source.is_some_and(is_foreign)
}

/// A `packet_mreq`: the interface, the mode, and an unused address.
fn promiscuous(interface: u32) -> Vec<u8> {
    let wanted = u16::try_from(libc::PACKET_MR_PROMISC).unwrap_or_default();
    [&interface.to_ne_bytes()[..], &wanted.to_ne_bytes(), &[0; 10]].concat()
}

/// The jumps of a filter instruction.
#[derive(Clone, Copy)]
enum Then {
    GoOn,
    RejectUnless,
    RejectIf,
    AcceptIf,
}

/// The ports whose datagrams are wanted.
fn ports(plan: &LinkSpec) -> std::ops::RangeInclusive<u16> {
    match (plan.mode, plan.family) {
        (LinkMode::Listen, Family::V4) => 67..=68,
        (LinkMode::Listen, Family::V6) => 546..=547,
        _ => plan.port..=plan.port,
    }
}

/// Whether a datagram to this port is one that `plan` is about.
pub(super) fn is_for(plan: &LinkSpec, port: u16) -> bool {
    ports(plan).contains(&port)
}

/// Whether a frame with this tag is in the virtual network of `plan`. A tag with network 0 carries but a priority.
pub(super) fn is_in_vlan(plan: &LinkSpec, vlan: Option<u16>) -> bool {
    plan.mode == LinkMode::Listen || vlan.unwrap_or(0) == plan.vlan.unwrap_or(0)
}

/// IPv6 extension headers that may precede UDP (RFC 8200 section 4).
const HOP_BY_HOP: u32 = 0;
const ROUTING: u32 = 43;
const DESTINATION: u32 = 60;

/// A program for the kernel: UDP datagrams of the plan's family to its port, in whatever virtual network; of those in
/// fragments the first.
///
/// The tag of a frame is not in the frame any more when the program sees it. What has an
/// extension header of IPv6 before UDP passes, whatever it is: there is little of it, and [`is_for`] looks again.
fn filter(plan: &LinkSpec) -> Vec<SockFilter> {
    let (first_port, last_port) = ports(plan).into_inner();
    let (first_port, last_port) = (first_port.into(), last_port.into());
    let mut program = match plan.family {
        Family::V4 => vec![
            load(libc::BPF_H, 12),
            (jump(libc::BPF_JEQ), 0x0800, Then::RejectUnless),
            load(libc::BPF_B, 23),
            (jump(libc::BPF_JEQ), 17, Then::RejectUnless),
            load(libc::BPF_H, 20),
            (jump(libc::BPF_JSET), 0x1fff, Then::RejectIf),
            // After an IP header as long as it says.
            (code(libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH), 14, Then::GoOn),
            (code(libc::BPF_LD | libc::BPF_H | libc::BPF_IND), 16, Then::GoOn),
        ],
        Family::V6 => vec![
            load(libc::BPF_H, 12),
            (jump(libc::BPF_JEQ), 0x86dd, Then::RejectUnless),
            load(libc::BPF_B, 20),
            (jump(libc::BPF_JEQ), HOP_BY_HOP, Then::AcceptIf),
            (jump(libc::BPF_JEQ), ROUTING, Then::AcceptIf),
            (jump(libc::BPF_JEQ), DESTINATION, Then::AcceptIf),
            (jump(libc::BPF_JEQ), 17, Then::RejectUnless),
            load(libc::BPF_H, 56),
        ],
    };
    program.push((jump(libc::BPF_JGE), first_port, Then::RejectUnless));
    program.push((jump(libc::BPF_JGT), last_port, Then::RejectIf));
    assemble(&program)
}

type Instruction = (u16, u32, Then);

fn code(code: u32) -> u16 {
    u16::try_from(code).unwrap_or_default()
}

fn load(size: u32, offset: u32) -> Instruction {
    (code(libc::BPF_LD | size | libc::BPF_ABS), offset, Then::GoOn)
}

fn jump(test: u32) -> u16 {
    code(libc::BPF_JMP | test | libc::BPF_K)
}

/// The program, followed by "take it" and "leave it".
fn assemble(program: &[Instruction]) -> Vec<SockFilter> {
    let resolve = |(at, &(code, value, then)): (usize, &Instruction)| {
        let to_the_end = u8::try_from(program.len() - at).unwrap_or(u8::MAX);
        let to_acceptance = to_the_end - 1;
        let (jump_if, jump_unless) = match then {
            Then::GoOn => (0, 0),
            Then::RejectUnless => (0, to_the_end),
            Then::RejectIf => (to_the_end, 0),
            Then::AcceptIf => (to_acceptance, 0),
        };
        SockFilter::new(code, jump_if, jump_unless, value)
    };
    let result = |octets| SockFilter::new(code(libc::BPF_RET | libc::BPF_K), 0, 0, octets);
    program.iter().enumerate().map(resolve).chain([result(u32::MAX), result(0)]).collect()
}
