//! Everything that the logs say about some clients, in order.

use std::io::{self, Write};

use serde_json::json;

use super::NAME;
use super::args::Args;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::log::assemble::Message;
use crate::log::client::Identity;
use crate::log::line::Server;
use crate::log::message::{LogMessageKind, Severity};
use crate::log::text::label;
use crate::log::trace::step::{self, Step};
use crate::log::trace::{Trace, Who};
use crate::output::log::rows::{Form, Records};
use crate::output::log::{LogFormat, Moments};
use crate::output::wrap::wrapped;
use crate::source::logs::{How, LogSource, Logs};
use crate::text::{Octets, OneLine};

const COLUMNS: &[&str] = &["time", "server", "severity", "id", "words", "text"];

/// Follows clients through the logs.
pub(super) fn run(
    args: &Args,
    clients: &[String],
    (wanted, unread): (&[LogSource], &[String]),
    how: How,
    env: &mut Env<'_>,
) -> Result<Exit> {
    let form = match args.shown.format {
        LogFormat::Text => None,
        LogFormat::Json => Some(Form::Json),
        LogFormat::Ndjson => Some(Form::Ndjson),
        LogFormat::Csv => Some(Form::Csv),
        LogFormat::Html | LogFormat::Nagios => {
            let hint = "use text, json, ndjson or csv";
            return Err(Error::new(format!("--format {}", args.shown.format.name()), "not for a client").hint(hint));
        }
    };
    if let Some(option) = args.view.view()?.option().or_else(|| args.read.state.is_some().then_some("--state")) {
        let step = clients.iter().find(|text| option == "--rates" && crate::time::parse_span(text).is_ok());
        let hint = step.map_or("leave it out, or name no client".to_owned(), |step| {
            format!("write {option}={step} for steps of {step}")
        });
        return Err(Error::new(option, "not for a client").hint(hint));
    }
    let mut trace = Trace::new(clients.iter().map(|text| Who::parse(text)).collect(), args.read.most_clients());
    learn(&mut trace, wanted, how);
    let mut logs = Logs::open(wanted, how, None);
    logs.lack(unread);
    if logs.is_empty() {
        return Err(super::nothing_to_read(&logs));
    }
    let mut shown = Shown {
        is_verbose: args.shown.verbose,
        has_several: trace.has_several(),
        width: args.shown.width.columns(env),
        moments: Moments::new(how.zone),
        records: form.map(|form| Records::new(form, COLUMNS)),
        packet: Packet::default(),
        count: 0,
    };
    args.write(env, |out| {
        let mut written = Ok(());
        logs.each(&mut |message, _, is_wanted| {
            if is_wanted && args.read.takes(message.server) && trace.is_about(message) {
                written = shown.message(message, trace.is_by_part(message), out);
            }
            written.is_ok()
        });
        written.and_then(|()| shown.end(&trace, out)).map(Some)
    })?;
    if trace.unfollowed > 0 {
        let messages = crate::text::count(trace.unfollowed, "message");
        logs.notes.push(format!("{messages} of further clients not followed (--max-clients)"));
    }
    super::print_notes(&logs, env);
    let exit = if name_missing(&trace, clients, env) { super::missing_exit(&logs) } else { Exit::Done };
    Ok(args.exit(exit, &logs))
}

/// Says which clients do not occur; whether there is one.
fn name_missing(trace: &Trace, clients: &[String], env: &mut Env<'_>) -> bool {
    let mut is_one_missing = false;
    for at in trace.missing() {
        let remark = match (trace.is_name(at), trace.seen.contains(&Step::Name)) {
            (true, false) => " (and it is no file; Kea logs host names at DEBUG, not at INFO)",
            (true, true) => " (and it is no file)",
            _ => "",
        };
        let _ = writeln!(env.stderr, "{NAME}: {} does not occur in these logs{remark}", OneLine(&clients[at]));
        is_one_missing = true;
    }
    is_one_missing
}

/// Whose an address or a name is turns up after what was said of them first, so that files are read twice.
fn learn(trace: &mut Trace, wanted: &[LogSource], how: How) {
    let is_again = wanted.iter().all(|one| matches!(one, LogSource::File(_)));
    if trace.has_to_learn() && is_again {
        learn_once(trace, wanted, how);
        if trace.knows_addresses() {
            learn_once(trace, wanted, how);
        }
    }
}

fn learn_once(trace: &mut Trace, wanted: &[LogSource], how: How) {
    let mut logs = Logs::open(wanted, how, None);
    logs.each(&mut |message, _, _| {
        trace.learn(message);
        true
    });
}

/// What is shown of messages.
struct Shown {
    is_verbose: bool,
    has_several: bool,
    /// The width of lines, which are not broken where it is not known.
    width: Option<usize>,
    moments: Moments,
    records: Option<Records>,
    packet: Packet,
    count: u64,
}

/// What was shown of the packet that the last message is about.
#[derive(Default)]
struct Packet {
    is_received: bool,
    is_answered: bool,
    words: Vec<String>,
}

impl Packet {
    /// Whether a message begins another one.
    fn is_over(&self, message: &Message<'_>) -> bool {
        let is_next = self.is_answered && label(message.text).is_some();
        is_next || (message.kind == LogMessageKind::Received && self.is_received)
    }

    /// Takes in a message; false of a decision that was shown already, as servers look at a packet more than once.
    fn takes(&mut self, message: &Message<'_>, words: &str) -> bool {
        self.is_received |= message.kind == LogMessageKind::Received;
        self.is_answered |= message.kind == LogMessageKind::Sent;
        let is_decision =
            message.severity == Severity::Debug && matches!(message.server, Server::Dhcp4 | Server::Dhcp6);
        if !is_decision {
            return true;
        }
        let is_new = !self.words.iter().any(|known| known == words);
        if is_new {
            self.words.push(words.to_owned());
        }
        is_new
    }
}

impl Shown {
    /// Shows a message, with its client where it is not clear whose it is.
    fn message(&mut self, message: &Message<'_>, is_unclear: bool, out: &mut dyn Write) -> io::Result<()> {
        let words = step::words(message);
        if let Some(records) = &mut self.records {
            let record = json!({
                "time": message.time.map(|time| self.moments.precise(time)),
                "server": message.server.name(),
                "severity": message.severity.name(),
                "id": String::from_utf8_lossy(message.id),
                "words": words.as_deref().map(str::trim),
                "text": step::unchanged(message),
            });
            return records.write(&record, out);
        }
        let text = if self.is_verbose {
            Some(format!("{} {}", Octets(message.id), OneLine(&step::unchanged(message))))
        } else {
            words.map(|words| OneLine(&words).to_string())
        };
        let Some(text) = text else { return Ok(()) };
        if self.packet.is_over(message) {
            self.packet = Packet::default();
            writeln!(out)?;
        }
        if !self.packet.takes(message, &text) && !self.is_verbose {
            return Ok(());
        }
        self.count += 1;
        let time = self.moments.line(message.time, out)?;
        let whose = label(message.text).filter(|_| self.has_several || is_unclear);
        let whose = whose.map_or(String::new(), |label| format!("{}  ", Identity::from_label(label.client).name()));
        let line = format!("{time}  {}{text}", OneLine(&whose));
        writeln!(out, "{}", wrapped(&line, self.width, "                "))
    }

    /// The steps that these logs do not hold, with what would show them.
    fn end(&mut self, trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
        if let Some(records) = &self.records {
            return records.end(out);
        }
        let missing: Vec<_> = Step::ALL.into_iter().filter(|step| !trace.seen.contains(step)).collect();
        let partial = [Step::Received, Step::Subnet].into_iter();
        let partial: Vec<_> =
            partial.filter(|step| trace.partial.contains(step) && trace.seen.contains(step)).collect();
        if (missing.is_empty() && partial.is_empty()) || self.count == 0 {
            return Ok(());
        }
        writeln!(out, "\nNot in these logs, and the logger that would show it")?;
        let root = if trace.is_v6 && !trace.is_v4 { "kea-dhcp6" } else { "kea-dhcp4" };
        let partial = partial.into_iter().map(|step| match step {
            Step::Subnet => format!("  how the server decided, for a part of the time: {root} at DEBUG 55"),
            _ => format!("  packets and answers, for a part of the time: {root}.{}", step.shown_by(false).1),
        });
        let missing = missing.into_iter().map(|step| {
            let (what, logger) = step.shown_by(root == "kea-dhcp6");
            format!("  {what}: {root}.{logger}")
        });
        partial.chain(missing).try_for_each(|line| writeln!(out, "{}", wrapped(&line, self.width, "    ")))
    }
}
