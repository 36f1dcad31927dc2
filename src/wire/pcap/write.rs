//! The plain pcap format, with nanoseconds, of Ethernet frames.

use std::borrow::Cow;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::wire::frame::{self, Envelope};
use crate::wire::{Datagram, Mac, Transmit};

/// The format with nanoseconds, in this host's order of octets.
const MAGIC: u32 = 0xa1b2_3c4d;
/// No packet is longer.
const SNAPLEN: u32 = 262_144;
/// `LINKTYPE_ETHERNET`.
const ETHERNET: u32 = 1;

/// Writes packets to a capture file, each at once.
///
/// What went through the kernel's UDP was never seen as a frame: it gets one made up, with hardware addresses of zeros
/// where they are not known.
pub struct Writer<W: Write>(W);

impl<W: Write> Writer<W> {
    /// A file without packets.
    pub fn new(mut file: W) -> io::Result<Self> {
        let version = [2_u16.to_ne_bytes(), 4_u16.to_ne_bytes()].concat();
        let header = [&MAGIC.to_ne_bytes()[..], &version, &[0; 8], &SNAPLEN.to_ne_bytes(), &ETHERNET.to_ne_bytes()];
        file.write_all(&header.concat())?;
        file.flush()?;
        Ok(Self(file))
    }

    /// What it wrote into.
    pub fn into_inner(self) -> W {
        self.0
    }

    /// Adds a datagram that came at Unix time `time`.
    pub fn received(&mut self, time: Duration, datagram: &Datagram<'_>) -> io::Result<()> {
        let frame = match (datagram.frame, datagram.vlan) {
            (Some(frame), Some(vlan)) => Some(Cow::Owned(tagged(frame, vlan))),
            (Some(frame), None) => Some(Cow::Borrowed(frame)),
            (None, _) => {
                let destination = datagram.destination.unwrap_or_else(|| anywhere(datagram.source.ip(), 0));
                let from = datagram.mac.unwrap_or_default();
                let (vlan, to, source) = (datagram.vlan, Mac::default(), datagram.source);
                let envelope = Envelope { from, to, vlan, source, destination };
                frame::build(&envelope, datagram.payload).map(Cow::Owned)
            }
        };
        frame.map_or(Ok(()), |frame| self.frame(time, &frame))
    }

    /// Adds a datagram that left at Unix time `time` from UDP `port` of an interface with this hardware address, in this
    /// virtual network.
    pub fn sent(
        &mut self,
        time: Duration,
        transmit: &Transmit,
        port: u16,
        from: Mac,
        vlan: Option<u16>,
    ) -> io::Result<()> {
        let destination = transmit.destination;
        let source = transmit.source.map_or_else(|| anywhere(destination.ip(), port), |ip| SocketAddr::new(ip, port));
        let to = Mac::of_group(destination.ip()).unwrap_or_default();
        let envelope = Envelope { from, to, vlan, source, destination };
        frame::build(&envelope, &transmit.payload).map_or(Ok(()), |frame| self.frame(time, &frame))
    }

    /// Adds a frame that was on the wire at Unix time `time`.
    pub fn frame(&mut self, time: Duration, frame: &[u8]) -> io::Result<()> {
        let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let header = [seconds, time.subsec_nanos(), length, length].map(u32::to_ne_bytes).concat();
        self.0.write_all(&header)?;
        self.0.write_all(frame)?;
        self.0.flush()
    }
}

/// No address in particular, of the family of `ip`.
fn anywhere(ip: IpAddr, port: u16) -> SocketAddr {
    match ip {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, port).into(),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, port).into(),
    }
}

/// The frame as it was on the wire, with its tag (IEEE 802.1Q) after its two addresses.
fn tagged(frame: &[u8], vlan: u16) -> Vec<u8> {
    let (addresses, rest) = frame.split_at(frame.len().min(12));
    [addresses, &[0x81, 0x00], &vlan.to_be_bytes(), rest].concat()
}
