//! Interactive mode: commands from the terminal, and every packet that comes.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::capture::Capture;
use super::{Request, rng};
use crate::dhcp::v4::{BOOTREPLY, BROADCAST, Message, MessageType, Packet, option};
use crate::env::Env;
use crate::env::typed::Typed;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::net::drive;
use crate::output::probe::answers;
use crate::output::probe::printer::{Printer, Worth};
use crate::probe::query::{QuerySpec, message, random_rest, v4};
use crate::probe::{Machine, Rng};
use crate::text::count;
use crate::wire::{Datagram, LinkSpec, Transmit, parse_hardware};

const HELP: &str = "Commands:
  d / discover [MAC]
        Sends a DHCP discover packet.
        Part of a hardware address may be given, or a whole one, for the field
        chaddr: with \"d 01:23:45\" the other octets are random.
  r / request
        Asks for the address of the latest offer.
  h / help / ?
        Shows this.
  q / quit / exit
        Ends the program.";

/// So many questions are remembered, for an offer may come late.
const MOST_ASKED: usize = 256;

/// Reads commands until there are no more.
pub(super) fn run(request: &Request, env: &mut Env<'_>) -> Result<Exit> {
    let spec = &request.spec;
    let mut rng = rng(env)?;
    let hardware = spec.hardware(&mut rng);
    // A mistake in an option is reported before anything is typed.
    let flags = message::build(spec, &hardware)?.flags;
    let is_relay = spec.message.giaddr.is_some();
    let mut printer = Printer::new(&request.style, &mut *env.stdout, &mut *env.stderr);
    let link_spec = LinkSpec { answered_by_broadcast: flags & BROADCAST != 0, ..v4::link(spec, &hardware, is_relay)? };
    let mut capture = Capture::open(request.pcap.as_deref(), env.var)?;
    let mut transport = env.network.open_with_commands(std::slice::from_ref(&link_spec))?;
    capture.begin(&link_spec, transport.as_ref());
    printer.epoch = transport.epoch();
    printer.remark(&format!("Listening for DHCP replies on port {}.", link_spec.port));
    printer.remark("Type \"d\" to broadcast a DHCP discover packet, or \"help\" for details.");
    let mut console = Console {
        spec,
        printer: &mut printer,
        to_send: None,
        leaving: None,
        own: Vec::new(),
        asked: VecDeque::new(),
        offer: None,
        is_woken: false,
        unsent: None,
        received: 0,
    };
    let mut exit = Exit::Done;
    loop {
        console.is_woken = false;
        drive(transport.as_mut(), &mut [&mut console], &mut |seen| capture.see(seen))?;
        if console.printer.has_failed() {
            break;
        }
        if let Some(error) = console.unsent.take() {
            console.printer.complain(&error.to_string())?;
            continue;
        }
        match env.network.command() {
            Typed::Line(line) if console.obey(&line, &hardware, &mut rng)? => {}
            Typed::Line(_) | Typed::End => break,
            Typed::Interrupted => {
                let packets = count(console.received, "packet");
                console.printer.complain(&format!("interrupted after {packets} received"))?;
                exit = Exit::Signal(env.network.signal());
                break;
            }
        }
    }
    let captured = capture.finish();
    printer.finish(&answers::json(exit == Exit::Done, &request.expectations, &[]))?;
    captured.map(|()| exit)
}

/// Sends what is asked for, and shows every packet that comes.
struct Console<'a, 'w> {
    spec: &'a QuerySpec,
    printer: &'a mut Printer<'w>,
    to_send: Option<Transmit>,
    /// What is being sent.
    leaving: Option<Transmit>,
    /// What was sent last: a relay's broadcast comes back to the port that it is sent from.
    own: Vec<u8>,
    /// The latest questions: transaction and hardware address.
    asked: VecDeque<(u32, Vec<u8>)>,
    /// The latest offer to one of them.
    offer: Option<Packet>,
    is_woken: bool,
    unsent: Option<Error>,
    /// How many packets have come.
    received: u64,
}

impl Console<'_, '_> {
    /// Does what `line` says; false if it says to end.
    fn obey(&mut self, line: &str, hardware: &[u8], rng: &mut Rng) -> Result<bool> {
        let mut words = line.split_whitespace();
        let command = words.next().unwrap_or_default().to_ascii_lowercase();
        match command.as_str() {
            "" => self.printer.reply("Enter a command."),
            "d" | "discover" => match words.next().map(parse_hardware) {
                None => self.send(message::build(self.spec, hardware)?, rng),
                Some(Ok(typed)) => {
                    let address = random_rest(&typed, rng);
                    self.send(message::build(self.spec, &address)?, rng);
                }
                Some(Err(cause)) => self.printer.complain(&cause)?,
            },
            "r" | "request" => self.request(hardware, rng)?,
            "h" | "help" | "?" => self.printer.reply(HELP),
            "q" | "quit" | "exit" => return Ok(false),
            _ => self.printer.reply("Unrecognized command."),
        }
        Ok(true)
    }

    fn send(&mut self, mut message: Message, rng: &mut Rng) {
        message.xid = rng.xid();
        if self.asked.len() == MOST_ASKED {
            self.asked.pop_front();
        }
        let packet = Packet::parse(&message.encode());
        self.asked.push_back((message.xid, packet.hardware().unwrap_or_default().to_vec()));
        self.queue(&message);
    }

    /// Whether a packet offers an address, to us.
    fn is_our_offer(&self, packet: &Packet) -> bool {
        let is_offer = packet.op() == Some(BOOTREPLY) && packet.message_type() == Some(MessageType::OFFER);
        let has_address = packet.yiaddr().is_some_and(|address| !address.is_unspecified());
        let asked = |(xid, hardware): &(u32, Vec<u8>)| {
            packet.xid() == Some(*xid) && packet.hardware() == Some(hardware.as_slice())
        };
        is_offer && has_address && self.asked.iter().any(asked)
    }

    /// Asks for what was offered, in the same transaction (RFC 2131 section 4.3.2, SELECTING).
    fn request(&mut self, hardware: &[u8], rng: &mut Rng) -> Result<()> {
        let Some(offer) = &self.offer else {
            return self.printer.complain("there is no offer to ask for; \"d\" asks for one");
        };
        let hardware = offer.hardware().unwrap_or(hardware).to_vec();
        let address = offer.yiaddr().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let (xid, server) = (offer.xid().unwrap_or_else(|| rng.xid()), offer.server_id());
        let mut message = message::build(self.spec, &hardware)?;
        (message.xid, message.ciaddr) = (xid, Ipv4Addr::UNSPECIFIED);
        message.set(option::MESSAGE_TYPE, [MessageType::REQUEST.0]);
        message.set(option::REQUESTED_ADDRESS, address.octets());
        if let Some(server) = server {
            message.set(option::SERVER_ID, server.octets());
        }
        self.queue(&message);
        Ok(())
    }

    fn queue(&mut self, message: &Message) {
        let link = &self.spec.link;
        let target = link.target.unwrap_or(Ipv4Addr::BROADCAST.into());
        let payload = message.encode_padded(self.spec.message.pad);
        self.to_send = Some(Transmit {
            link: 0,
            source: link.bind,
            destination: (target, link.target_port).into(),
            via: None,
            payload,
        });
    }
}

impl Machine for Console<'_, '_> {
    fn poll_transmit(&mut self, _now: Duration) -> Option<Transmit> {
        let transmit = self.to_send.take()?;
        self.printer.sending(&transmit);
        self.leaving = Some(transmit.clone());
        self.own.clone_from(&transmit.payload);
        Some(transmit)
    }

    fn handle_sent(&mut self, at: Duration) {
        if let Some(transmit) = self.leaving.take() {
            self.printer.sent(&transmit, at);
        }
    }

    fn handle_unsent(&mut self, _now: Duration, error: Error) {
        self.unsent = Some(error);
    }

    fn poll_timeout(&self) -> Option<Duration> {
        None
    }

    fn handle_timeout(&mut self, _now: Duration) {}

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        if self.own == datagram.payload {
            return;
        }
        self.received += 1;
        self.printer.received(datagram, Worth::Passing, None);
        let packet = Packet::parse(datagram.payload);
        if self.is_our_offer(&packet) {
            self.offer = Some(packet);
        }
    }

    fn handle_interrupt(&mut self, _now: Duration) {
        self.is_woken = true;
    }

    fn is_done(&self) -> bool {
        self.to_send.is_none() && (self.is_woken || self.unsent.is_some() || self.printer.has_failed())
    }
}
