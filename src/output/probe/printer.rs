//! Packets as they are sent (on standard error) and received (on standard output), in whatever format.

use std::io::{self, Write};
use std::time::Duration;

use clap::ValueEnum;

use super::document::Document;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::output::packet::{self, Packet4, Packet6, Passage, Selection, Style};
use crate::output::wrap::wrapped;
use crate::probe::Rejection;
use crate::probe::query::typed_option::{format, several, space};
use crate::text::terminal_safe_json;
use crate::time;
use crate::wire::{Datagram, Transmit};

/// The formats of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PacketFormat {
    /// lines for people, with comments
    Verbose,
    /// the same without comments
    Plain,
    /// one document
    Json,
    /// a line for each packet
    Ndjson,
}

/// How packets are to look.
#[derive(Debug)]
pub struct PrintStyle {
    /// The program, which begins lines on standard error.
    pub program: &'static str,
    /// Whether only what was received is printed, and errors.
    pub quiet: bool,
    /// Whether the octets are printed too.
    pub hexdump: bool,
    /// The format.
    pub format: PacketFormat,
    /// What is printed alone.
    pub only: Option<Selection>,
    /// In how many columns lines for people have to fit, if it is known.
    pub width: Option<usize>,
}

/// `OPTION[FORMAT]` of `--print-only`.
///
/// # Errors
/// There is no such option or format.
pub fn selection(family: Family, text: &str) -> Result<Selection> {
    let (name, form) = match text.trim().strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, form)) => (name, Some(form)),
        None => (text, None),
    };
    let space = space(family);
    let form = form.map(|form| format(space, form)).transpose()?;
    let form = form.map(|form| several(form).unwrap_or(form));
    Selection::parse(name, form, space).map_err(|cause| Error::new(format!("--print-only \"{text}\""), cause))
}

/// What a received packet is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// An answer.
    Answer,
    /// An answer that the same server gave before.
    Duplicate,
    /// None, for this reason.
    Rejected(Rejection),
    /// It was not waited for: it passed by.
    Passing,
}

/// The direction of what we send.
const SENT: &str = "sent";

/// Prints packets.
pub struct Printer<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    style: &'a PrintStyle,
    /// Unix time at the beginning of the transport's.
    pub epoch: Duration,
    document: Document,
    /// How many values `--print-only` has printed.
    pub printed: u64,
    failure: Option<io::Error>,
}

impl<'a> Printer<'a> {
    /// A printer for this style.
    pub fn new(style: &'a PrintStyle, out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        let (epoch, document) = (Duration::ZERO, Document::default());
        Self { out, err, style, epoch, document, printed: 0, failure: None }
    }

    /// Whether one option is printed alone.
    #[must_use]
    pub fn prints_one_option(&self) -> bool {
        self.style.only.is_some()
    }

    /// Whether lists for people have a place on stdout.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        self.style.only.is_none() && !self.is_machine_readable()
    }

    /// What goes on, for people: programs have it in the packets that they get.
    pub fn announce(&mut self, text: &str) {
        if !self.is_machine_readable() {
            self.remark(text);
        }
    }

    /// Whether packets are printed for programs.
    fn is_machine_readable(&self) -> bool {
        self.style.only.is_none() && matches!(self.style.format, PacketFormat::Json | PacketFormat::Ndjson)
    }

    /// Whether the user wants nothing but what was received.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.style.quiet
    }

    /// Something to know, unless the user wants quiet.
    pub fn remark(&mut self, text: &str) {
        if !self.style.quiet {
            let result = writeln!(self.err, "{text}");
            self.keep(result);
        }
    }

    /// A line on stdout.
    pub fn line(&mut self, text: &str) {
        let result = writeln!(self.out, "{}", text.trim_end());
        self.keep(result);
    }

    /// What the user asked for, on stderr.
    pub fn reply(&mut self, text: &str) {
        let result = writeln!(self.err, "{text}");
        self.keep(result);
    }

    /// A line on standard error in any case.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn complain(&mut self, text: &str) -> Result<()> {
        writeln!(self.err, "{}: {text}", self.style.program).map_err(|cause| Error::io("write", &cause))
    }

    /// A packet is about to be sent: for people.
    pub fn sending(&mut self, transmit: &Transmit) {
        if !self.style.quiet && !self.is_machine_readable() {
            let result = self.show_sending(family(transmit.destination.is_ipv4()), &transmit.payload);
            self.keep(result);
        }
    }

    /// A packet has left: for programs.
    pub fn sent(&mut self, transmit: &Transmit, at: Duration) {
        let passage = Passage {
            direction: SENT,
            time: Some(time::precise(self.epoch.saturating_add(at))),
            destination: Some(transmit.destination.to_string()),
            ..Passage::default()
        };
        self.machine_readable(family(transmit.destination.is_ipv4()), &transmit.payload, &passage);
    }

    fn show_sending(&mut self, family: Family, octets: &[u8]) -> io::Result<()> {
        let style = self.packet_style();
        writeln!(self.err, "Sending packet:")?;
        text(family, octets, style, self.style.width, self.err)?;
        if self.style.hexdump { packet::hexdump(octets, self.err) } else { Ok(()) }
    }

    /// A packet has come.
    pub fn received(&mut self, datagram: &Datagram<'_>, worth: Worth, rtt: Option<Duration>) {
        let rejected = match worth {
            Worth::Rejected(reason) => Some(reason),
            _ => None,
        };
        let passage = Passage {
            direction: "received",
            time: Some(time::precise(self.epoch.saturating_add(datagram.at))),
            rtt_ms: rtt.map(|rtt| (rtt.as_secs_f64() * 1e6).round() / 1e3),
            source: Some(datagram.source.to_string()),
            destination: datagram.destination.map(|destination| destination.to_string()),
            mac: datagram.mac.map(|mac| mac.to_string()),
            vlan: datagram.vlan,
            duplicate: worth == Worth::Duplicate,
            rejected: rejected.map(Rejection::name),
        };
        let family = family(datagram.source.is_ipv4());
        self.machine_readable(family, datagram.payload, &passage);
        let what = match (rejected, worth) {
            (Some(reason), _) => format!(" (not counted: {})", reason.words()),
            (None, Worth::Duplicate) => " (a duplicate)".to_owned(),
            _ => String::new(),
        };
        self.announce(&format!("Received packet from {}{what}:", datagram.source));
        let result = self.show_received(family, datagram.payload, &passage);
        self.keep(result);
    }

    fn show_received(&mut self, family: Family, octets: &[u8], passage: &Passage) -> io::Result<()> {
        if let Some(only) = &self.style.only {
            let shown = match family {
                Family::V4 => only.in4(octets, passage),
                Family::V6 => only.in6(octets, passage),
            };
            return if passage.rejected.is_some() { Ok(()) } else { self.show_alone(shown) };
        }
        if self.is_machine_readable() {
            return Ok(());
        }
        text(family, octets, self.packet_style(), self.style.width, self.out)?;
        if self.style.hexdump {
            packet::hexdump(octets, self.out)?;
        }
        self.out.flush()
    }

    fn show_alone(&mut self, shown: Option<std::result::Result<String, String>>) -> io::Result<()> {
        match shown {
            Some(Ok(value)) => {
                self.printed += 1;
                writeln!(self.out, "{value}")?;
                self.out.flush()
            }
            Some(Err(cause)) => writeln!(self.err, "{cause}"),
            None => {
                let what = self.style.only.as_ref().map_or("", |only| &only.text);
                let text = format!("(No option {what} in packet)");
                self.remark(&text);
                Ok(())
            }
        }
    }

    fn machine_readable(&mut self, family: Family, octets: &[u8], passage: &Passage) {
        if !self.is_machine_readable() {
            return;
        }
        let text = match family {
            Family::V4 => serde_json::to_string(&Packet4 { octets, passage }),
            Family::V6 => serde_json::to_string(&Packet6 { octets, passage }),
        };
        let result = text.map_err(io::Error::from).and_then(|text| {
            let text = terminal_safe_json(&text);
            match self.style.format {
                PacketFormat::Json if passage.direction == SENT => self.document.keep(text.into_owned()),
                PacketFormat::Json => self.document.write(&text, self.out)?,
                _ => writeln!(self.out, "{text}")?,
            }
            self.out.flush()
        });
        self.keep(result);
    }

    /// Ends the output: the one document of JSON, with `rest` in it.
    ///
    /// # Errors
    /// What could not be written, now or before.
    pub fn finish(&mut self, rest: &str) -> Result<()> {
        if self.style.format == PacketFormat::Json && self.style.only.is_none() {
            let result = self.document.end(rest, self.out);
            self.keep(result);
        }
        let result = self.out.flush();
        self.keep(result);
        match self.failure.take() {
            Some(cause) => Err(Error::io("write", &cause)),
            None => Ok(()),
        }
    }

    /// Whether nothing can be shown any more.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    fn packet_style(&self) -> Style {
        if self.style.format == PacketFormat::Plain { Style::Plain } else { Style::Verbose }
    }

    fn keep(&mut self, result: io::Result<()>) {
        if let Err(cause) = result {
            self.failure.get_or_insert(cause);
        }
    }
}

fn family(is_v4: bool) -> Family {
    if is_v4 { Family::V4 } else { Family::V6 }
}

fn text(family: Family, octets: &[u8], style: Style, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    match family {
        Family::V4 => packet::text4(octets, style, &mut text)?,
        Family::V6 => packet::text6(octets, style, &mut text)?,
    }
    String::from_utf8_lossy(&text).lines().try_for_each(|line| {
        let indent = line.len() - line.trim_start().len() + 2;
        writeln!(out, "{}", wrapped(line, width, &" ".repeat(indent)))
    })
}
