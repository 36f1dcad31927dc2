//! kea-log-report: what Kea's logs say.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::CommandFactory as _;

use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::fs::path::is_same_file;
use crate::installation::LiveFiles;
use crate::log::analysis::{self, Analysis};
use crate::log::lasting::{self, Lasting};
use crate::log::memory::Memory;
use crate::log::stamp::Micros;
use crate::output::log::isc::Isc;
use crate::output::log::page::Page;
use crate::output::log::rows::{self, Form, Records};
use crate::output::log::{LogFormat, Moments, json, tables};
use crate::source::logs::{Configured, JOURNAL_READERS, LogSource, Logs, State};
use crate::text::OneLine;

mod args;
mod client;
mod monitor;
mod only;

use args::{Args, View};

const NAME: &str = "kea-log-report";

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let view = args.view.view()?;
    let how = args.read.how(env)?;
    let (files, mut clients): (Vec<String>, Vec<String>) =
        args.named.iter().cloned().partition(|text| args::is_log(text));
    clients.extend(args.read.client.iter().cloned());
    args.check(!clients.is_empty())?;
    let configured = args.read.configured(env)?;
    let wanted = args.read.inputs(&files, &clients, &configured)?;
    args.spare(&wanted)?;
    args.read.check_state(&wanted)?;
    let only = only::Only::new(&clients)?;
    let unread = args.unread(&files, &configured);
    if !clients.is_empty() && !matches!(view, View::Exchanges | View::Leases) {
        return client::run(&args, &clients, (&wanted, &unread), how, env);
    }
    only.check()?;
    let (state, remark) = args.read.state.as_deref().map(State::recall).transpose()?.unzip();
    let kept = args.kept(env)?;
    let mut logs = Logs::open(&wanted, how, state.as_ref());
    logs.notes.extend(remark.flatten());
    logs.lack(&unread);
    let columns = args.shown.width.columns(env).map(|width| width.max(40));
    let mut job = LogReportRun {
        args: &args,
        view,
        width: columns.unwrap_or(80),
        columns,
        logs,
        analysis: Analysis::new(analysis::AnalysisOptions {
            exchanges: view == View::Exchanges,
            stays: view == View::Leases,
            clients: args.read.most_clients(),
        }),
        moments: Moments::new(how.zone),
        until: how.until,
        only,
        records: None,
        seen: Seen::Nothing,
        has_head: false,
        kept: Vec::new(),
    };
    job.analysis.since = how.since;
    job.recall(state);
    job.analysis.is_continued = args.read.state.as_deref().is_some_and(Path::exists);
    job.check()?;
    if args.read.fits(&files, &configured) {
        let libraries = configured.libraries.into_iter();
        job.analysis.libraries = libraries.map(|(daemon, all)| (args::ReadArgs::server(daemon), all)).collect();
    }
    let mut exit = job.run_to(env)?;
    for client in job.only.missing() {
        let _ = writeln!(env.stderr, "{NAME}: {} does not occur in these logs", OneLine(client));
        exit = missing_exit(&job.logs);
    }
    if let Some(mut file) = kept {
        let failed = |cause: io::Error| Error::io("write the state file", &cause);
        let mut state = job.logs.positions();
        state.lasting = job.lasting();
        state.clients = Memory::from_analysis(&job.analysis);
        file.write_all(state.text().as_bytes()).map_err(failed)?;
        file.commit()?;
    }
    Ok(args.exit(exit, &job.logs))
}

impl Args {
    /// Calls `write` with the output that is asked for; a file is replaced when all is written, and if there is a result.
    fn write<T>(
        &self,
        env: &mut Env<'_>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<Option<T>>,
    ) -> Result<Option<T>> {
        let path = &self.shown.output;
        if path.as_os_str() == "-" {
            super::refuse_stdout(|| self.live_files(env))?;
            let failed = |cause: io::Error| Error::io("write standard output", &cause);
            let mut out = BufWriter::with_capacity(1 << 16, &mut *env.stdout);
            let found = write(&mut out).map_err(failed)?;
            super::unless_closed(out.flush()).map_err(failed)?;
            return Ok(found);
        }
        let mut file = OutFile::create(path, &self.live_files(env))?;
        let found = write(&mut file).map_err(|cause| Error::io(format!("write {}", path.display()), &cause))?;
        if found.is_some() {
            file.commit()?;
        }
        Ok(found)
    }

    /// The exit status where a log that was named could not be read at all.
    fn exit(&self, exit: Exit, logs: &Logs) -> Exit {
        let is_partly_unknown = logs.is_one_missing && self.named.iter().any(|text| args::is_log(text));
        if is_partly_unknown && !matches!(exit, Exit::Nagios(_)) { Exit::Unknown } else { exit }
    }

    /// What could not be read of the configurations that are to name the logs, or that were given.
    fn unread(&self, files: &[String], configured: &Configured) -> Vec<String> {
        let is_used = files.is_empty() && self.read.journal.is_none() || self.read.config.is_some();
        let all = configured.unread.iter().filter(|_| is_used);
        all.map(ToString::to_string).collect()
    }

    /// Where it is kept how far the logs were read; begun before anything is written, as it may be impossible.
    fn kept(&self, env: &Env<'_>) -> Result<Option<OutFile>> {
        let path = self.read.state.as_ref();
        path.map(|path| OutFile::create(path, &self.live_files(env))).transpose()
    }

    /// The files that must not be written: those of Kea here and of the configuration that was given.
    fn live_files(&self, env: &Env<'_>) -> LiveFiles {
        let mut live = LiveFiles::of_this_host(env.var);
        if let Some(config) = &self.read.config {
            live.add_configuration(config, env.var);
        }
        live
    }

    /// Refuses to write over one of the logs, or the state file.
    fn spare(&self, wanted: &[LogSource]) -> Result<()> {
        let output = &self.shown.output;
        if self.read.state.as_ref().is_some_and(|state| state == output || is_same_file(state, output)) {
            let cause = "--state names the same file";
            return Err(Error::new(format!("write {}", output.display()), cause).hint("name another file for --output"));
        }
        let is_stdout = output.as_os_str() == "-";
        let target = if is_stdout { Path::new("/dev/stdout") } else { output };
        let is_it = |one: &LogSource| matches!(one, LogSource::File(log) if is_same_file(log, target));
        if !target.is_file() || !wanted.iter().any(is_it) {
            return Ok(());
        }
        let why = "it is one of the logs to read";
        Err(if is_stdout {
            Error::new("write standard output", why).hint("redirect it to another file").of_stdout()
        } else {
            Error::new(format!("write {}", output.display()), why).hint("name another file for --output")
        })
    }

    /// Refuses options that would have no effect.
    fn check(&self, has_clients: bool) -> Result<()> {
        let shown = &self.shown;
        if shown.verbose && !has_clients {
            return Err(Error::new("--verbose", "it is only for the messages of a client").hint("name a client"));
        }
        let limits = [("--warning", &shown.warning), ("--critical", &shown.critical)];
        match limits.into_iter().find(|(_, limits)| !limits.is_empty()) {
            Some((option, _)) if shown.format != LogFormat::Nagios => {
                Err(Error::new(option, "it is only for -f nagios").hint("add -f nagios"))
            }
            _ => Ok(()),
        }
    }
}

/// One run.
struct LogReportRun<'a> {
    args: &'a Args,
    view: View,
    width: usize,
    /// The width of lists, which are not broken into lines where it is not known.
    columns: Option<usize>,
    logs: Logs,
    analysis: Analysis,
    moments: Moments,
    until: Option<Micros>,
    /// The clients whose exchanges or leases are wanted.
    only: only::Only,
    records: Option<Records>,
    seen: Seen,
    has_head: bool,
    /// What lasts by logs that are not read now.
    kept: Vec<Lasting>,
}

/// Which messages there are in the logs, in whatever time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    /// Only of daemons that were not chosen.
    Others,
    Wanted,
}

impl LogReportRun<'_> {
    /// Whether there is anything to read, and whether the format fits.
    fn check(&mut self) -> Result<()> {
        if self.logs.is_empty() {
            return Err(nothing_to_read(&self.logs));
        }
        let is_page = self.view == View::Page;
        let fits = match self.args.shown.format {
            LogFormat::Text => true,
            LogFormat::Json => self.view != View::Isc,
            LogFormat::Ndjson | LogFormat::Csv => !is_page && self.view != View::Isc,
            LogFormat::Html | LogFormat::Nagios => is_page,
        };
        if fits {
            return Ok(());
        }
        let hint = "use ndjson and csv with --exchanges, --leases, --unanswered-offers, --failures, --hooks or --rates";
        Err(Error::new(format!("--format {}", self.args.shown.format.name()), "not for this view").hint(hint))
    }

    fn run_to(&mut self, env: &mut Env<'_>) -> Result<Exit> {
        let args = self.args;
        let exit = args.write(env, |out| self.run(out))?;
        let failed = exit.is_none().then(|| self.nothing_found());
        if !self.is_whole() || failed.is_some() {
            print_notes(&self.logs, env);
        }
        exit.ok_or_else(|| failed.unwrap_or_else(|| nothing_to_read(&self.logs)))
    }

    /// Why there is nothing to report on; what could not be read is the reason that helps.
    fn nothing_found(&mut self) -> Error {
        if let Some(why) = self.logs.unread.first().cloned() {
            self.logs.notes.retain(|note| *note != why);
            return Error::new("", why);
        }
        let whose = if self.seen == Seen::Others { "the daemons that were chosen" } else { "Kea" };
        let error = Error::new("read logs", format!("no message of {whose} in them"));
        if self.logs.has_journal() { error.hint(JOURNAL_READERS) } else { error }
    }

    /// Whether there is nothing to report on.
    fn is_void(&self) -> bool {
        self.seen != Seen::Wanted && self.view != View::Isc && self.args.read.state.is_none()
    }

    /// Whether what is shown has the notes in it.
    fn is_whole(&self) -> bool {
        self.view == View::Page && matches!(self.args.shown.format, LogFormat::Text | LogFormat::Json | LogFormat::Html)
    }

    /// Reads everything, and writes what is wanted; nothing is written if there is nothing to report on.
    fn run(&mut self, out: &mut dyn Write) -> io::Result<Option<Exit>> {
        self.records = self.form().map(|form| Records::new(form, self.columns()));
        let mut written = Ok(());
        let mut isc = Isc::default();
        let mut logs = std::mem::replace(&mut self.logs, Logs::none());
        self.analysis.gaps.clone_from(&logs.gaps);
        logs.each(&mut |message, input, is_wanted| {
            if self.seen != Seen::Wanted {
                self.seen = if self.args.read.takes(message.server) { Seen::Wanted } else { Seen::Others };
            }
            if !self.args.read.takes(message.server) {
                return true;
            }
            if !is_wanted {
                // What follows the wanted time is none of its past.
                if message.time.zip(self.until).is_none_or(|(time, until)| time <= until) {
                    self.analysis.prepare(message, input);
                }
                return true;
            }
            if self.view == View::Isc {
                // What follows a log is seen as it comes.
                written = isc
                    .write(message, &mut self.moments, out)
                    .and_then(|is_line| if is_line { out.flush() } else { Ok(()) });
                return written.is_ok();
            }
            self.analysis.observe(message, input);
            written = self.drain(out);
            written.is_ok()
        });
        self.logs = logs;
        self.analysis.logs = self.logs.named();
        written?;
        self.analysis.finish();
        self.moments.spanning(self.analysis.first, self.analysis.last);
        self.note();
        if self.is_void() {
            return Ok(None);
        }
        self.drain(out)?;
        if self.view == View::Leases && self.args.shown.format == LogFormat::Text {
            self.head(out)?;
        }
        self.end(out).map(Some)
    }

    /// Takes in what lasted when the last run was over.
    fn recall(&mut self, state: Option<State>) {
        let Some(state) = state else { return };
        state.clients.restore(&mut self.analysis);
        for lasting in state.lasting {
            let input = self.logs.input_of(&lasting.log).filter(|_| self.args.read.takes(lasting.server()));
            match input {
                Some(input) => lasting.replay(&mut self.analysis, input),
                None => self.kept.push(lasting),
            }
        }
    }

    /// What lasts for the next run.
    fn lasting(&mut self) -> Vec<Lasting> {
        let own = lasting::all(&self.analysis, |instance| self.logs.name_of(instance.group));
        std::mem::take(&mut self.kept).into_iter().chain(own).collect()
    }

    /// What there is to say of the analysis.
    fn note(&mut self) {
        let forged = self.logs.forged();
        if forged > 0 {
            let lines = crate::text::count(forged, "line");
            self.logs.notes.push(format!("{lines} that clients wrote to look like messages: not counted"));
        }
        if self.analysis.unfollowed > 0 {
            let messages = crate::text::count(self.analysis.unfollowed, "message");
            self.logs.notes.push(format!("{messages} of further clients not followed (--max-clients)"));
        }
        if self.analysis.omitted() > 0 {
            let things = crate::text::count(self.analysis.omitted(), "message");
            self.logs.notes.push(format!("{things} with more names, addresses or starts than are kept: in no table"));
        }
        if self.analysis.exchanges.forced > 0 {
            let exchanges = crate::text::count(self.analysis.exchanges.forced, "exchange");
            self.logs.notes.push(format!("{exchanges} closed early, as too many were open at once"));
        }
    }

    fn form(&self) -> Option<Form> {
        match self.args.shown.format {
            LogFormat::Json => Some(Form::Json),
            LogFormat::Ndjson => Some(Form::Ndjson),
            LogFormat::Csv => Some(Form::Csv),
            _ => None,
        }
    }

    fn columns(&self) -> &'static [&'static str] {
        match self.view {
            View::Exchanges => rows::EXCHANGE,
            View::Leases => rows::STAY,
            View::Offers => rows::OFFER,
            View::Failures => rows::FAILURE,
            View::Hooks => rows::HOOK,
            View::Rates(_) => rows::RATE,
            View::Page | View::Isc => &[],
        }
    }

    /// Writes the heading of leases, once.
    fn head(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.has_head, true) { Ok(()) } else { tables::stays_head(self.columns, out) }
    }

    /// Writes what is over by now.
    fn drain(&mut self, out: &mut dyn Write) -> io::Result<()> {
        for exchange in std::mem::take(&mut self.analysis.closed) {
            let addresses: Vec<_> = exchange.leases().chain(&exchange.given_up).map(|lease| lease.address).collect();
            if !self.only.takes(&self.analysis.clients, exchange.client, &addresses) {
                continue;
            }
            match &mut self.records {
                Some(records) => records.write(&rows::exchange(&exchange, &self.analysis, &mut self.moments), out)?,
                None => tables::exchange(&exchange, &self.analysis, &mut self.moments, self.columns, out)?,
            }
        }
        if self.analysis.stays.is_empty() {
            return Ok(());
        }
        if self.records.is_none() {
            self.head(out)?;
        }
        for stay in std::mem::take(&mut self.analysis.stays) {
            if !self.only.takes(&self.analysis.clients, stay.client, &[stay.address]) {
                continue;
            }
            match &mut self.records {
                Some(records) => records.write(&rows::stay(&stay, &self.analysis.clients, &mut self.moments), out)?,
                None => tables::stay(&stay, &self.analysis, &mut self.moments, self.columns, out)?,
            }
        }
        Ok(())
    }

    /// What is only known at the end.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<Exit> {
        let analysis = &self.analysis;
        if self.view == View::Page {
            return self.page(out);
        }
        if let Some(records) = &mut self.records {
            let all = match self.view {
                View::Offers => rows::offers(analysis, &mut self.moments),
                View::Failures => rows::failures(analysis, &mut self.moments),
                View::Hooks => rows::hooks(analysis),
                View::Rates(step) => rows::rates(&analysis.rates.in_nice_steps(step), analysis, &mut self.moments),
                _ => Vec::new(),
            };
            all.iter().try_for_each(|record| records.write(record, out))?;
            records.end(out)?;
            return Ok(Exit::Done);
        }
        match self.view {
            View::Offers => tables::offers(analysis, &mut self.moments, self.columns, out)?,
            View::Failures => tables::failure_lines(analysis, &mut self.moments, self.columns, out)?,
            View::Hooks => tables::hooks(analysis, self.columns, out)?,
            View::Rates(step) => {
                tables::rates(&analysis.rates.in_nice_steps(step), analysis, &mut self.moments, self.width, out)?;
            }
            _ => {}
        }
        Ok(Exit::Done)
    }

    fn page(&mut self, out: &mut dyn Write) -> io::Result<Exit> {
        let (analysis, notes) = (&self.analysis, self.logs.notes.as_slice());
        match self.args.shown.format {
            LogFormat::Nagios => return monitor::write(analysis, &self.logs, &self.args.shown, &mut self.moments, out),
            LogFormat::Json => {
                let document = json::document(analysis, notes, &mut self.moments);
                let text = serde_json::to_string_pretty(&document).unwrap_or_default();
                writeln!(out, "{}", crate::text::terminal_safe_json(&text))?;
            }
            LogFormat::Html => crate::output::log::html::write(analysis, notes, &mut self.moments, out)?,
            _ => Page { analysis, notes, moments: &mut self.moments, width: self.width }.write(out)?,
        }
        Ok(Exit::Done)
    }
}

/// The exit status where a client does not occur in what could be read.
fn missing_exit(logs: &Logs) -> Exit {
    if logs.unread.is_empty() { Exit::No } else { Exit::Unknown }
}

/// Why there is nothing to read.
fn nothing_to_read(logs: &Logs) -> Error {
    match logs.notes.first().and_then(|note| note.split_once(": ")) {
        Some((attempted, cause)) => Error::new(attempted, cause),
        None => Error::new("read logs", "there is none"),
    }
}

/// Writes what there is to say of single inputs.
fn print_notes(logs: &Logs, env: &mut Env<'_>) {
    for note in &logs.notes {
        // A stream that is gone leaves the exit status.
        let _ = writeln!(env.stderr, "{NAME}: {}", OneLine(note));
    }
}
