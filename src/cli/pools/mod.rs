//! kea-pools: how full pools are, why, and until when.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::CommandFactory as _;

use super::args::source::refuse_typed_password;
use super::reporter::Reporter;
use super::unless_closed;
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::export::{self, Observer as _, Survey};
use crate::health;
use crate::health::pools::{self, Limits, Row};
use crate::installation::{LiveFiles, is_stdout_a_file};
use crate::output::usage::{self, All, Pools, UsageFormat, UsageTableOptions};
use crate::source::LeaseLocation;
use crate::usage::{LayoutPlace, PoolSelector};

mod args;
mod state;

use args::Args;
use state::State;

const NAME: &str = "kea-pools";

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    let usage = format!("{NAME} [OPTIONS] [SUBNET|NETWORK|POOL|ADDRESS|FILE]...");
    Args::command().override_usage(usage).mut_arg("words", |word| {
        word.value_name("WHAT").help(
            "Only this subnet (prefix or id), shared network, pool, or the pool of this address; a lease file to read",
        )
    })
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    refuse_typed_password(&env.args, &command())?;
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    args.check()?;
    let (at, limits, choices) = (args.judged.at(env)?, args.judged.limits()?, args.choices()?);
    let found = args.source.locate_each(None, env)?;
    let look = args.shown.look(env);
    let live = args.live_files(&found, env)?;
    let mut state = args.judged.state.as_deref().map(|path| read_state(path, &live, args.shown.format)).transpose()?;
    let now = env.clock.now();
    let (mut nowhere, is_check) = (io::sink(), args.shown.format == UsageFormat::Nagios);
    // A monitor may take both streams as one text, and a check has its notes on stdout.
    let stderr: &mut dyn Write = if is_check { &mut nowhere } else { &mut *env.stderr };
    let mut reporter = Reporter::new(NAME, stderr, env.stderr_is_terminal && !is_check, env.clock);
    let mut survey = export::survey(found, args.wanted(at), env.var, &mut reporter);
    if survey.families.is_empty() && !survey.failures.is_empty() {
        return Err(survey.failures.swap_remove(0));
    }
    let (chosen, missing) = choose(&survey, &choices);
    if args.is_plugin() && !missing.is_empty() {
        return Err(absent(&survey, &missing));
    }
    for word in &missing {
        reporter.remark(&absent(&survey, &[word]).to_string());
    }
    if missing.len() == choices.len() && !choices.is_empty() {
        return Ok(if is_whole(&survey) { Exit::No } else { Exit::Unknown });
    }
    if let Some(state) = &mut state {
        state.add(&survey, at, now);
    }
    let remarks = state.iter().flat_map(|state| state.remarks.clone());
    let of_families = survey.families.iter().flat_map(|family| family.notes.clone());
    let mut notes: Vec<String> = limits.note().into_iter().chain(remarks).chain(of_families).collect();
    let mut kept = state.as_ref().map_or(Ok(()), |state| state.keep(&live, now));
    if is_check && let Err(error) = std::mem::replace(&mut kept, Ok(())) {
        // The verdict is what a monitor is for.
        notes.push(error.to_string());
    }
    for note in &notes {
        reporter.remark(note);
    }
    for failure in &survey.failures {
        reporter.remark(&failure.to_string());
    }
    let all = judge(&survey, &chosen, &args, state.as_ref(), &limits, at, &notes);
    write(&args, &all, look, &live, env)?;
    kept?;
    Ok(match args.shown.format {
        UsageFormat::Nagios => Exit::Nagios(all.state().nagios_code()),
        UsageFormat::DhcpdPools if all.is_alarm => Exit::Nagios(all.alarm_state().nagios_code()),
        _ => match exit(&survey, &all) {
            Exit::Done if !missing.is_empty() => Exit::No,
            exit => exit,
        },
    })
}

/// What was chosen of each family, everything if nothing was, and the words that nothing is called.
fn choose<'a>(survey: &Survey, choices: &'a [(String, PoolSelector)]) -> (Vec<Option<Vec<LayoutPlace>>>, Vec<&'a str>) {
    if choices.is_empty() {
        return (survey.families.iter().map(|_| None).collect(), Vec::new());
    }
    let mut missing = Vec::new();
    let mut chosen: Vec<Vec<LayoutPlace>> = vec![Vec::new(); survey.families.len()];
    for (word, choice) in choices {
        let mut is_found = false;
        for (family, places) in survey.families.iter().zip(&mut chosen) {
            let found = choice.places(&family.layout);
            is_found |= !found.is_empty();
            places.extend(found);
        }
        if !is_found {
            missing.push(word.as_str());
        }
    }
    (chosen.into_iter().map(Some).collect(), missing)
}

/// That nothing is called so.
fn absent(survey: &Survey, words: &[&str]) -> Error {
    let cause = "no subnet, shared network or pool matches";
    let layouts = || survey.families.iter().map(|family| &family.layout);
    let near: Vec<String> = words
        .iter()
        .filter_map(|word| PoolSelector::nearest(layouts(), word))
        .map(|name| format!("\"{name}\" is there"))
        .collect();
    let hint = if near.is_empty() { "list all with kea-pools --by pool".to_owned() } else { near.join(", ") };
    let named: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    Error::new(named.join(", "), cause).hint(hint)
}

fn judge<'a>(
    survey: &'a Survey,
    chosen: &[Option<Vec<LayoutPlace>>],
    args: &Args,
    state: Option<&State>,
    limits: &Limits,
    at: i64,
    notes: &'a [String],
) -> All<'a> {
    let families =
        survey.families.iter().zip(chosen).filter(|(_, chosen)| chosen.as_ref().is_none_or(|it| !it.is_empty()));
    let families = families.map(|(family, chosen)| Pools {
        family: family.family,
        layout: &family.layout,
        usage: &family.usage,
        rows: {
            let rows = pools::rows(&family.layout, &family.usage, args.judged.by(), chosen.as_deref(), limits);
            let refused = |row: Row| match state.and_then(|state| state.refused(family, row.place, row.kind, at)) {
                Some(cause) => row.because(cause, limits),
                None => row,
            };
            let expected = |row: Row| {
                let forecast = state::expect(state, family, row.place, row.kind, at);
                row.expecting(forecast, limits)
            };
            let rows = rows.into_iter().map(refused);
            if args.judged.forecast { rows.map(expected).collect() } else { rows.collect() }
        },
        chosen: chosen.clone(),
        origin: family.origin.location.clone(),
    });
    let failures = survey.gaps();
    All {
        at,
        families: families.collect(),
        notes,
        failures,
        limits: limits.clone(),
        is_alarm: args.judged.has_thresholds(),
    }
}

impl Args {
    /// The files that must not be written: those of Kea here and of the configuration that was given, and the lease files that are
    /// read. Nothing is searched if nothing is written.
    fn live_files(&self, found: &[Result<LeaseLocation>], env: &Env<'_>) -> Result<LiveFiles> {
        let is_stdout = self.shown.output.as_os_str() == "-";
        let is_redirected = is_stdout && is_stdout_a_file();
        if is_stdout && self.judged.state.is_none() && !is_redirected {
            return Ok(LiveFiles::default());
        }
        let places = found.iter().filter_map(|place| place.as_ref().ok());
        let live = export::live_files(places, self.source.config(), false, env.var);
        if is_redirected {
            live.refuse_stdout()?;
        }
        Ok(live)
    }

    /// Whether the exit status is that of a monitoring plugin.
    fn is_plugin(&self) -> bool {
        match self.shown.format {
            UsageFormat::Nagios => true,
            UsageFormat::DhcpdPools => self.judged.has_thresholds(),
            _ => false,
        }
    }
}

/// The state file. For a monitor one that cannot be read is a note: the verdict is what matters.
fn read_state(path: &Path, live: &LiveFiles, format: UsageFormat) -> Result<State> {
    let mut state = State::read(path, live)?;
    match state.failure.clone() {
        Some(error) if format == UsageFormat::Nagios => state.remarks.push(error.to_string()),
        Some(error) => return Err(error),
        None => {}
    }
    Ok(state)
}

fn write(args: &Args, all: &All<'_>, look: UsageTableOptions, live: &LiveFiles, env: &mut Env<'_>) -> Result<()> {
    let path = &args.shown.output;
    let name = if path.as_os_str() == "-" { "standard output".to_owned() } else { path.display().to_string() };
    let failed = |cause: io::Error| Error::io(format!("write {name}"), &cause);
    if path.as_os_str() == "-" {
        let mut out = BufWriter::with_capacity(1 << 16, &mut *env.stdout);
        let written = usage::write(args.shown.format, all, look, &mut out).and_then(|()| out.flush());
        return unless_closed(written).map_err(failed);
    }
    let mut file = OutFile::create(path, live)?;
    usage::write(args.shown.format, all, look, &mut file).map_err(failed)?;
    file.commit()
}

fn is_whole(survey: &Survey) -> bool {
    survey.gaps().is_empty()
}

fn exit(survey: &Survey, all: &All<'_>) -> Exit {
    match all.state() {
        _ if !is_whole(survey) => Exit::Unknown,
        health::State::Ok => Exit::Done,
        health::State::Warning | health::State::Critical => Exit::No,
        health::State::Unknown => Exit::Unknown,
    }
}
