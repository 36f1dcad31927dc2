//! Interactive mode: commands from the terminal, and every packet that comes.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::args::Args;
use super::job;
use super::message;
use super::report;
use super::screen::{Screen, Worth};
use super::tape::Tape;
use super::world::World;
use crate::cli::hardware::Hardware;
use crate::dhcp::v4::{BOOTREPLY, BROADCAST, Message, MessageType, Packet, option};
use crate::env::Env;
use crate::env::typed::Typed;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::lease::Family;
use crate::net::{Plan, drive};
use crate::packet::{Datagram, Transmit};
use crate::probe::{Dice, Machine};
use crate::text::count;

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
pub(super) fn run(args: &Args, env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    let mut dice = job::dice(env)?;
    let hardware = job::hardware(args, &mut dice);
    // A mistake in an option is told before anything is typed.
    let flags = message::build(args, &hardware)?.flags;
    let is_relay = !args.message.giaddr.is_unspecified();
    let var = env.var;
    let mut screen = Screen::new(args, Family::V4, env)?;
    let plan = Plan { answered_by_broadcast: flags & BROADCAST != 0, ..job::link(args, &hardware, is_relay)? };
    let mut tape = Tape::open(args.output.pcap.as_deref(), var)?;
    let mut transport = world.open_with_commands(std::slice::from_ref(&plan))?;
    tape.begin(&plan, transport.as_ref(), world);
    screen.epoch = transport.epoch();
    screen.remark(&format!("Listening for DHCP replies on port {}.", plan.port));
    screen.remark("Type \"d\" to broadcast a DHCP discover packet, or \"help\" for details.");
    let mut console = Console {
        args,
        screen: &mut screen,
        to_send: None,
        leaving: None,
        asked: VecDeque::new(),
        offer: None,
        is_woken: false,
        unsent: None,
        received: 0,
    };
    let mut exit = Exit::Done;
    loop {
        console.is_woken = false;
        drive(transport.as_mut(), &mut [&mut console], &mut |seen| tape.see(seen))?;
        if console.screen.has_failed() {
            break;
        }
        if let Some(error) = console.unsent.take() {
            console.screen.complain(&error.to_string())?;
            continue;
        }
        match world.command() {
            Typed::Line(line) if console.obey(&line, &hardware, &mut dice)? => {}
            Typed::Line(_) | Typed::End => break,
            Typed::Interrupted => {
                let packets = count(console.received, "packet");
                console.screen.complain(&format!("interrupted after {packets} received"))?;
                exit = Exit::Signal(world.signal());
                break;
            }
        }
    }
    tape.finish()?;
    screen.finish(&report::json(exit == Exit::Done, args, &[]))?;
    Ok(exit)
}

/// Sends what is asked for, and shows every packet that comes.
struct Console<'a, 'w> {
    args: &'a Args,
    screen: &'a mut Screen<'w>,
    to_send: Option<Transmit>,
    /// What is being sent.
    leaving: Option<Transmit>,
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
    fn obey(&mut self, line: &str, hardware: &[u8], dice: &mut Dice) -> Result<bool> {
        let mut words = line.split_whitespace();
        let command = words.next().unwrap_or_default().to_ascii_lowercase();
        match command.as_str() {
            "" => self.screen.reply("Enter a command."),
            "d" | "discover" => match words.next().map(str::parse::<Hardware>) {
                None => self.send(message::build(self.args, hardware)?, dice),
                Some(Ok(typed)) => {
                    let address = job::random_rest(&typed.0, dice);
                    self.send(message::build(self.args, &address)?, dice);
                }
                Some(Err(cause)) => self.screen.complain(&cause)?,
            },
            "r" | "request" => self.request(hardware, dice)?,
            "h" | "help" | "?" => self.screen.reply(HELP),
            "q" | "quit" | "exit" => return Ok(false),
            _ => self.screen.reply("Unrecognized command."),
        }
        Ok(true)
    }

    fn send(&mut self, mut message: Message, dice: &mut Dice) {
        message.xid = dice.xid();
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
    fn request(&mut self, hardware: &[u8], dice: &mut Dice) -> Result<()> {
        let Some(offer) = &self.offer else {
            return self.screen.complain("there is no offer to ask for; \"d\" asks for one");
        };
        let hardware = offer.hardware().unwrap_or(hardware).to_vec();
        let address = offer.yiaddr().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let (xid, server) = (offer.xid().unwrap_or_else(|| dice.xid()), offer.server_id());
        let mut message = message::build(self.args, &hardware)?;
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
        let link = &self.args.link;
        let source = Some(link.bind).filter(|bind| !bind.is_unspecified());
        let payload = message.encode_padded(usize::from(self.args.message.pad));
        self.to_send = Some(Transmit {
            link: 0,
            source,
            destination: (link.target, self.args.target_port()).into(),
            via: None,
            payload,
        });
    }
}

impl Machine for Console<'_, '_> {
    fn poll_transmit(&mut self, _now: Duration) -> Option<Transmit> {
        let transmit = self.to_send.take()?;
        self.screen.sending(&transmit);
        self.leaving = Some(transmit.clone());
        Some(transmit)
    }

    fn handle_sent(&mut self, at: Duration) {
        if let Some(transmit) = self.leaving.take() {
            self.screen.sent(&transmit, at);
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
        self.received += 1;
        self.screen.received(datagram, Worth::Passing, None);
        let packet = Packet::parse(datagram.payload);
        if self.is_our_offer(&packet) {
            self.offer = Some(packet);
        }
    }

    fn handle_interrupt(&mut self, _now: Duration) {
        self.is_woken = true;
    }

    fn is_done(&self) -> bool {
        self.to_send.is_none() && (self.is_woken || self.unsent.is_some() || self.screen.has_failed())
    }
}
