//! How a run ended: the exit status, what the report says of it, and what a script must know that reads only stderr.

use super::args::{Args, NAME};
use crate::cli::args::width;
use crate::cli::unless_closed;
use crate::env::Env;
use crate::env::network::Network;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::load::{Ending, Missed, Report, Stop, ending};
use crate::output::load::{self as output, Heading, LoadFormat, Outcome, Style};
use crate::text::count;

/// How a run ended.
pub(super) struct Conclusion {
    exit: Exit,
    because: Vec<String>,
    missed: Vec<Missed>,
}

/// The columns of a report where nothing says how many there are.
const COLUMNS: usize = 80;

impl Conclusion {
    pub(super) fn new(args: &Args, report: &Report, network: &dyn Network) -> Self {
        let expected = args.output.expect.iter().flat_map(|list| &list.0);
        let missed: Vec<_> = expected.filter_map(|it| it.missed(report)).collect();
        let (ending, because) = ending(report, &missed, args.output.expect.is_some());
        let exit = match ending {
            Ending::Good => Exit::Done,
            Ending::Bad => Exit::No,
            Ending::NotValid => Exit::Unknown,
            Ending::Interrupted => Exit::Signal(network.signal()),
        };
        Self { exit, because, missed }
    }

    /// Writes the report.
    pub(super) fn write(&self, args: &Args, heading: &Heading, report: &Report, env: &mut Env<'_>) -> Result<()> {
        let style = Style { width: width::of(None, env).unwrap_or(COLUMNS), ascii: !env.has_utf8() };
        let Self { exit, because, missed } = self;
        let outcome = Outcome { status: exit.code(), because, missed };
        let text = match args.output.format {
            LoadFormat::Text => output::text(heading, report, &outcome, style),
            LoadFormat::Json => output::json(heading, report, &outcome),
            LoadFormat::Csv => output::csv(report),
        };
        let written = env.stdout.write_all(text.as_bytes()).and_then(|()| env.stdout.flush());
        unless_closed(written).map_err(|cause| Error::io("write the report", &cause))
    }

    /// The exit status, and on stderr what a script must know.
    pub(super) fn exit(self, report: &Report, env: &mut Env<'_>) -> Result<Exit> {
        if report.leases.left > 0 && !report.leases.are_kept {
            let left = count(report.leases.left, "lease");
            // A stream that is gone leaves the exit status.
            let _ = writeln!(env.stderr, "{NAME}: {left} may be left at the server");
        }
        if let Some(Stop::UnlistedServer { identity, source }) = &report.stop {
            let cause = format!("stopped: {identity} ({}) answered, which -s does not name", source.ip());
            return Err(Error::new("load", cause)
                .hint(format!("add -s {identity}, or give -s all for every server that answers")));
        }
        if !report.invalid.is_empty() {
            let _ = writeln!(env.stderr, "{NAME}: the run is not valid: {}", report.invalid.join("; "));
        }
        Ok(self.exit)
    }
}
