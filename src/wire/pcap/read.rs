//! The pcap and pcapng formats, of any host and program.

use std::io::Read;
use std::time::Duration;

use pcap_parser::traits::{PcapNGPacketBlock as _, PcapReaderIterator};
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};

use crate::error::{Error, Result};
use crate::wire::frame::{self, Found};

/// More than an ordinary packet and what is around it.
const BUFFER: usize = 1 << 14;
/// More than any packet and what is around it.
const LARGEST: usize = 1 << 20;
/// How a pcapng file begins.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
/// The octets around what is in a block of a pcapng file: its kind and twice its length.
const AROUND: u32 = 12;
const DAMAGED: &str = "the capture file is damaged";

/// How the octets of a record begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkType {
    /// With an Ethernet header.
    Ethernet,
    /// With an IP header.
    Ip,
    /// With Linux's own header for "any" interface, of 16 octets.
    Cooked,
    /// The same, of 20 octets.
    Cooked2,
    /// With something else (a number of the registry of link types).
    Other(i32),
}

/// A packet of a capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Unix time at which it was seen; zero if the file does not say.
    pub time: Duration,
    /// How its octets begin.
    pub link: LinkType,
    /// Its octets, as far as they were captured.
    pub octets: &'a [u8],
}

impl<'a> Record<'a> {
    /// The UDP datagram in it, if there is one. Without an Ethernet header its hardware addresses are zeros.
    #[must_use]
    pub fn datagram(&self) -> Option<Found<'a>> {
        match self.link {
            LinkType::Ethernet => frame::parse(self.octets),
            LinkType::Ip => frame::parse_ip(self.octets),
            LinkType::Cooked => frame::parse_ip(self.octets.get(16..)?),
            LinkType::Cooked2 => frame::parse_ip(self.octets.get(20..)?),
            LinkType::Other(_) => None,
        }
    }
}

/// What a pcapng file says of an interface: how packets begin, how many parts a second has, where time begins.
struct Interface {
    link: LinkType,
    parts: u64,
    offset: i64,
}

/// Shows `each` packet of the capture file `input` in order.
///
/// # Errors
/// It is no capture file or is cut short, or `each` fails.
pub fn read(input: impl Read + Send, each: &mut dyn FnMut(Record<'_>) -> Result<()>) -> Result<()> {
    let mut reader = create_reader(BUFFER, input).map_err(|cause| fault(&cause))?;
    let mut context =
        Context { link: LinkType::Ethernet, nanoseconds: false, is_big_endian: false, interfaces: Vec::new() };
    let is_ng = reader.data().starts_with(&SECTION);
    loop {
        if is_ng && is_too_short(reader.data(), context.is_big_endian) {
            return Err(Error::new("", DAMAGED));
        }
        let cause = match reader.next() {
            Ok((length, block)) => {
                context.block(&block, each)?;
                reader.consume(length);
                continue;
            }
            Err(cause) => cause.to_owned_vec(),
        };
        match cause {
            PcapError::Eof => return Ok(()),
            PcapError::Incomplete(_) => refill(&mut *reader)?,
            PcapError::BufferTooSmall if reader.grow(LARGEST) => {}
            _ => return Err(fault(&cause)),
        }
    }
}

/// Whether the next block says that it is shorter than what is around every block; the parser relies on it.
fn is_too_short(next: &[u8], is_big_endian: bool) -> bool {
    let length = next.get(4..8).and_then(|octets| octets.try_into().ok());
    let length = length.map(if is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes });
    !next.starts_with(&SECTION) && length.is_some_and(|length| length < AROUND)
}

fn refill(reader: &mut dyn PcapReaderIterator) -> Result<()> {
    let before = reader.data().len();
    reader.refill().map_err(|cause| fault(&cause))?;
    if before > 0 && reader.reader_exhausted() && reader.data().len() == before {
        return Err(Error::new("", "the capture file is cut short"));
    }
    Ok(())
}

/// What a block means depends on those before it.
struct Context {
    link: LinkType,
    nanoseconds: bool,
    is_big_endian: bool,
    interfaces: Vec<Interface>,
}

impl Context {
    fn block(&mut self, block: &PcapBlockOwned<'_>, each: &mut dyn FnMut(Record<'_>) -> Result<()>) -> Result<()> {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                self.link = link_type(header.network);
                self.nanoseconds = header.is_nanosecond_precision();
                Ok(())
            }
            PcapBlockOwned::Legacy(record) => {
                let part = if self.nanoseconds { record.ts_usec } else { record.ts_usec.saturating_mul(1000) };
                let time = Duration::from_secs(record.ts_sec.into()) + Duration::from_nanos(part.into());
                each(Record { time, link: self.link, octets: record.data })
            }
            PcapBlockOwned::NG(Block::SectionHeader(section)) => {
                self.is_big_endian = section.big_endian();
                self.interfaces.clear();
                Ok(())
            }
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                let parts = interface.ts_resolution().filter(|parts| *parts > 0).unwrap_or(1_000_000);
                let (link, offset) = (link_type(interface.linktype), interface.ts_offset());
                self.interfaces.push(Interface { link, parts, offset });
                Ok(())
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let interface = usize::try_from(packet.if_id).ok().and_then(|at| self.interfaces.get(at));
                let interface =
                    interface.ok_or_else(|| Error::new("", "the capture file names an unknown interface"))?;
                let time = time(u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low), interface);
                each(Record { time, link: interface.link, octets: packet.packet_data() })
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                let Some(interface) = self.interfaces.first() else { return Ok(()) };
                each(Record { time: Duration::ZERO, link: interface.link, octets: packet.packet_data() })
            }
            PcapBlockOwned::NG(_) => Ok(()),
        }
    }
}

fn time(stamp: u64, interface: &Interface) -> Duration {
    let seconds = i64::try_from(stamp / interface.parts).unwrap_or(i64::MAX).saturating_add(interface.offset);
    let nanoseconds = u128::from(stamp % interface.parts) * 1_000_000_000 / u128::from(interface.parts);
    Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanoseconds).unwrap_or(0))
}

fn link_type(number: Linktype) -> LinkType {
    match number {
        Linktype::ETHERNET => LinkType::Ethernet,
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | Linktype(12) => LinkType::Ip,
        Linktype::LINUX_SLL => LinkType::Cooked,
        Linktype::LINUX_SLL2 => LinkType::Cooked2,
        Linktype(other) => LinkType::Other(other),
    }
}

fn fault(cause: &PcapError<&[u8]>) -> Error {
    let text = match cause {
        PcapError::HeaderNotRecognized => "this is no capture file (pcap or pcapng)",
        PcapError::Eof => "the file is empty",
        PcapError::Incomplete(_) | PcapError::UnexpectedEof => "the capture file is cut short",
        PcapError::ReadError => "the file cannot be read",
        PcapError::BufferTooSmall => "a packet of the capture file is longer than 1 MiB",
        PcapError::NomError(..) | PcapError::OwnedNomError(..) => DAMAGED,
    };
    Error::new("", text)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;
    use crate::wire::frame::Envelope;
    use crate::wire::pcap::Writer;
    use crate::wire::{Checksum, Datagram, Mac, Transmit};

    const TIME: Duration = Duration::new(1_700_000_000, 123_456_789);

    fn records(file: &[u8]) -> Vec<(Duration, LinkType, Vec<u8>)> {
        let mut records = Vec::new();
        read(file, &mut |record| {
            records.push((record.time, record.link, record.octets.to_vec()));
            Ok(())
        })
        .unwrap();
        records
    }

    fn offer() -> (Envelope, Vec<u8>) {
        let (source, destination) = ((Ipv4Addr::new(192, 0, 2, 1), 67).into(), (Ipv4Addr::BROADCAST, 68).into());
        let envelope = Envelope { from: Mac([2; 6]), to: Mac::BROADCAST, vlan: None, source, destination };
        (envelope, frame::build(&envelope, b"offer").unwrap())
    }

    /// What was written of what came and what was sent.
    fn file() -> Vec<u8> {
        let (envelope, frame) = offer();
        let whole = Datagram {
            link: 0,
            at: Duration::ZERO,
            source: envelope.source,
            destination: Some(envelope.destination),
            mac: Some(envelope.from),
            vlan: None,
            interface: 2,
            checksum: Checksum::Good,
            in_fragments: false,
            is_for_other_host: false,
            is_in_other_vlan: false,
            frame: Some(&frame),
            payload: b"offer",
        };
        let transmit = Transmit {
            link: 0,
            source: None,
            destination: (Ipv4Addr::BROADCAST, 67).into(),
            via: None,
            payload: b"discover".into(),
        };
        let mut file = Vec::new();
        let mut writer = Writer::new(&mut file).unwrap();
        writer.sent(TIME, &transmit, 68, Mac([4; 6]), None).unwrap();
        writer.received(TIME, &whole).unwrap();
        writer.received(TIME, &Datagram { vlan: Some(7), ..whole }).unwrap();
        writer.received(TIME, &Datagram { frame: None, mac: None, ..whole }).unwrap();
        file
    }

    #[test]
    fn what_was_written_is_read() {
        let records = records(&file());
        let found: Vec<_> =
            records.iter().map(|(time, link, octets)| Record { time: *time, link: *link, octets }).collect();
        let texts: Vec<_> = found.iter().map(|record| record.datagram().unwrap().payload).collect();
        assert_eq!(texts, [&b"discover"[..], b"offer", b"offer", b"offer"]);
        assert!(found.iter().all(|record| (record.time, record.link) == (TIME, LinkType::Ethernet)));
        let envelope = |at: usize| found[at].datagram().unwrap().envelope;
        assert_eq!((envelope(0).source, envelope(0).to), ((Ipv4Addr::UNSPECIFIED, 68).into(), Mac::BROADCAST));
        assert_eq!((envelope(1), envelope(2)), (offer().0, Envelope { vlan: Some(7), ..offer().0 }));
        assert_eq!(envelope(3), Envelope { from: Mac::default(), to: Mac::default(), ..offer().0 });
    }

    /// A pcapng file: a section, an interface (with microseconds) and an enhanced packet.
    fn pcapng(link: u16, octets: &[u8]) -> Vec<u8> {
        let block = |kind: u32, body: &[u8]| {
            let length = u32::try_from(body.len() + 12).unwrap().to_le_bytes();
            [&kind.to_le_bytes()[..], &length, body, &length].concat()
        };
        let section = block(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat());
        let interface = block(1, &[&link.to_le_bytes()[..], &[0; 6]].concat());
        let stamp = 1_700_000_000_123_456_u64;
        let length = u32::try_from(octets.len()).unwrap();
        let [high, low] = [stamp >> 32, stamp & 0xffff_ffff].map(|half| u32::try_from(half).unwrap().to_le_bytes());
        let mut packet = [&[0; 4][..], &high, &low, &length.to_le_bytes(), &length.to_le_bytes(), octets].concat();
        packet.resize(packet.len().next_multiple_of(4), 0);
        [section, interface, block(6, &packet)].concat()
    }

    #[test]
    fn pcapng_is_read_with_and_without_ethernet_headers() {
        let (envelope, frame) = offer();
        let cooked = [&[0; 16][..], &frame[14..]].concat();
        for (link, octets) in [(1, &frame[..]), (101, &frame[14..]), (113, &cooked)] {
            let records = records(&pcapng(link, octets));
            let [(time, link, octets)] = &records[..] else { panic!("{records:?}") };
            assert_eq!(*time, Duration::new(1_700_000_000, 123_456_000));
            let found = Record { time: *time, link: *link, octets }.datagram().unwrap();
            assert_eq!((found.payload, found.envelope.source), (&b"offer"[..], envelope.source), "{link:?}");
        }
    }

    #[test]
    fn what_is_no_capture_file_or_is_cut_is_said() {
        let file = file();
        let message = |octets: &[u8]| read(octets, &mut |_| Ok(())).unwrap_err().to_string();
        assert_eq!(message(b""), "the file is empty");
        assert_eq!(message(b"no such thing at all, but long enough"), "this is no capture file (pcap or pcapng)");
        assert_eq!(message(&file[..file.len() - 1]), "the capture file is cut short");
        let short_process = [&0x8000_0001_u32.to_le_bytes()[..], &7_u32.to_le_bytes(), &[0; 32]].concat();
        assert_eq!(message(&[pcapng(1, &offer().1), short_process].concat()), "the capture file is damaged");
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_a_crash(octets in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..400, value: u8) {
            let mut take = |record: Record<'_>| {
                let _ = record.datagram();
                Ok(())
            };
            let _ = read(&octets[..], &mut take);
            for mut file in [file(), pcapng(1, &offer().1), pcapng(113, &octets)] {
                let length = file.len();
                file[at % length] = value;
                let _ = read(&file[..], &mut take);
            }
        }
    }
}
