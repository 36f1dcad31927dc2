//! What is shown: packets sent on stderr, packets received on stdout, in whatever format.

use std::io::{self, Write};
use std::time::Duration;

use super::args::{Args, Format, NAME};
use super::document::Document;
use super::message::selection;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::output::packet::{self, Packet4, Packet6, Passage, Selection, Style};
use crate::packet::{Datagram, Transmit};
use crate::probe::Rejection;
use crate::text::seemly_json;
use crate::time;

/// What a received packet is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
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

/// Where everything is shown.
pub(super) struct Screen<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    quiet: bool,
    hexdump: bool,
    format: Format,
    /// What is printed alone.
    only: Option<Selection>,
    /// Unix time at the beginning of the transport's.
    pub(super) epoch: Duration,
    document: Document,
    /// How many values `--print-only` has printed.
    pub(super) printed: u64,
    failure: Option<io::Error>,
}

impl<'a> Screen<'a> {
    /// What these arguments ask for; `family` says which options `--print-only` names.
    pub(super) fn new(args: &Args, family: Family, env: &'a mut Env<'_>) -> Result<Self> {
        let output = &args.output;
        let only = output.print_only.as_deref().map(|text| selection(family, text)).transpose()?;
        Ok(Self {
            out: &mut *env.stdout,
            err: &mut *env.stderr,
            quiet: output.quiet,
            hexdump: output.hexdump,
            format: output.format,
            only,
            epoch: Duration::ZERO,
            document: Document::default(),
            printed: 0,
            failure: None,
        })
    }

    /// Whether one option is printed alone.
    pub(super) fn prints_one_option(&self) -> bool {
        self.only.is_some()
    }

    /// Whether lists for people have a place on stdout.
    pub(super) fn is_for_people(&self) -> bool {
        self.only.is_none() && matches!(self.format, Format::Verbose | Format::Plain)
    }

    /// Whether the user wants nothing but what was received.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Something to know, unless the user wants quiet.
    pub(super) fn remark(&mut self, text: &str) {
        if !self.quiet {
            let result = writeln!(self.err, "{text}");
            self.keep(result);
        }
    }

    /// A line on stdout.
    pub(super) fn line(&mut self, text: &str) {
        let result = writeln!(self.out, "{}", text.trim_end());
        self.keep(result);
    }

    /// What the user asked for, on stderr.
    pub(super) fn reply(&mut self, text: &str) {
        let result = writeln!(self.err, "{text}");
        self.keep(result);
    }

    /// What must be said even to who wants quiet.
    pub(super) fn complain(&mut self, text: &str) -> Result<()> {
        writeln!(self.err, "{NAME}: {text}").map_err(|cause| Error::io("write", &cause))
    }

    /// A packet is about to be sent: for people.
    pub(super) fn sending(&mut self, transmit: &Transmit) {
        if !self.quiet {
            let result = self.show_sending(family(transmit.destination.is_ipv4()), &transmit.payload);
            self.keep(result);
        }
    }

    /// A packet has left: for programs.
    pub(super) fn sent(&mut self, transmit: &Transmit, at: Duration) {
        let passage = Passage {
            direction: SENT,
            time: Some(time::precise(self.epoch.saturating_add(at))),
            destination: Some(transmit.destination.to_string()),
            ..Passage::default()
        };
        self.machine_readable(family(transmit.destination.is_ipv4()), &transmit.payload, &passage);
    }

    fn show_sending(&mut self, family: Family, octets: &[u8]) -> io::Result<()> {
        let style = self.style();
        writeln!(self.err, "Sending packet:")?;
        text(family, octets, style, self.err)?;
        if self.hexdump { packet::hexdump(octets, self.err) } else { Ok(()) }
    }

    /// A packet has come.
    pub(super) fn received(&mut self, datagram: &Datagram<'_>, worth: Worth, rtt: Option<Duration>) {
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
        self.remark(&format!("Received packet from {}{what}:", datagram.source));
        let result = self.show_received(family, datagram.payload, &passage);
        self.keep(result);
    }

    fn show_received(&mut self, family: Family, octets: &[u8], passage: &Passage) -> io::Result<()> {
        if let Some(only) = &self.only {
            let shown = match family {
                Family::V4 => only.in4(octets, passage),
                Family::V6 => only.in6(octets, passage),
            };
            return if passage.rejected.is_some() { Ok(()) } else { self.show_alone(shown) };
        }
        if matches!(self.format, Format::Json | Format::Ndjson) {
            return Ok(());
        }
        text(family, octets, self.style(), self.out)?;
        if self.hexdump {
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
                let what = self.only.as_ref().map_or("", |only| &only.text);
                let text = format!("(No option {what} in packet)");
                self.remark(&text);
                Ok(())
            }
        }
    }

    fn machine_readable(&mut self, family: Family, octets: &[u8], passage: &Passage) {
        if self.only.is_some() || !matches!(self.format, Format::Json | Format::Ndjson) {
            return;
        }
        let text = match family {
            Family::V4 => serde_json::to_string(&Packet4 { octets, passage }),
            Family::V6 => serde_json::to_string(&Packet6 { octets, passage }),
        };
        let result = text.map_err(io::Error::from).and_then(|text| {
            let text = seemly_json(&text);
            match self.format {
                Format::Json if passage.direction == SENT => self.document.keep(text.into_owned()),
                Format::Json => self.document.write(&text, self.out)?,
                _ => writeln!(self.out, "{text}")?,
            }
            self.out.flush()
        });
        self.keep(result);
    }

    /// Ends the output: the one document of JSON, with `rest` ready to stand in it.
    ///
    /// # Errors
    /// What could not be written, now or before.
    pub(super) fn finish(&mut self, rest: &str) -> Result<()> {
        if self.format == Format::Json && self.only.is_none() {
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
    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    fn style(&self) -> Style {
        if self.format == Format::Plain { Style::Plain } else { Style::Verbose }
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

fn text(family: Family, octets: &[u8], style: Style, out: &mut dyn Write) -> io::Result<()> {
    match family {
        Family::V4 => packet::text4(octets, style, out),
        Family::V6 => packet::text6(octets, style, out),
    }
}
