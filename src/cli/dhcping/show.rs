//! What the user is shown, in whatever format.

use std::io::{self, Write};

use super::args::Format;
use super::json::Json;
use super::monitor::{Nagios, Prometheus};
use super::rounds::Aim;
use super::text::Text;
use super::verdict::Judge;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::health::State;
use crate::net::Seen;
use crate::probe::Record;

/// Shows a run of the program as it goes.
pub(super) trait Show {
    /// Something to know of how it is done.
    fn remark(&mut self, _remark: &str) {}
    /// Something to know in any case.
    fn notice(&mut self, _notice: &str) {}
    /// A packet goes by.
    fn packet(&mut self, _seen: &Seen<'_>) {}
    /// An exchange is over.
    fn round(&mut self, number: u64, aim: &Aim<'_>, record: &Record) -> Result<()>;
    /// All are; gives the exit status.
    fn finish(&mut self, aims: &[Aim<'_>]) -> Result<Exit>;
}

/// What these arguments ask for.
pub(super) fn choose<'a>(judge: &'a Judge<'a>, env: &'a mut Env<'_>) -> Box<dyn Show + 'a> {
    let stdout: &'a mut dyn Write = &mut *env.stdout;
    match judge.args.output.format {
        Format::Text => Box::new(Text::new(judge, stdout, &mut *env.stderr)),
        Format::Json => Box::new(Json::new(judge, stdout)),
        Format::Nagios => Box::new(Nagios::new(judge, stdout)),
        Format::Prometheus => Box::new(Prometheus::new(judge, stdout)),
    }
}

/// What a state means as an exit status, but to a monitor.
pub(super) fn exit(state: State) -> Exit {
    match state {
        State::Ok => Exit::Done,
        State::Unknown => Exit::Unknown,
        State::Warning | State::Critical => Exit::No,
    }
}

/// An error of writing what is shown.
pub(super) fn unwritten(cause: &io::Error) -> Error {
    Error::io("write standard output", cause)
}
