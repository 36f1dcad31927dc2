//! What the user is shown, in whatever format.

use super::args::Args;
use super::rounds::Aim;
use super::text::Text;
use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::net::Seen;
use crate::probe::Record;

/// Shows a run of the program as it goes.
pub(super) trait Show {
    /// Something to know of how it is done.
    fn remark(&mut self, _remark: &str) {}
    /// A packet goes by.
    fn packet(&mut self, _seen: &Seen<'_>) {}
    /// An exchange is over.
    fn round(&mut self, number: u64, aim: &Aim<'_>, record: &Record) -> Result<()>;
    /// All are; gives the exit status.
    fn finish(&mut self, aims: &[Aim<'_>]) -> Result<Exit>;
}

/// What these arguments ask for.
pub(super) fn choose<'a>(args: &'a Args, env: &'a mut Env<'_>) -> Box<dyn Show + 'a> {
    Box::new(Text::new(args, &mut *env.stdout, &mut *env.stderr))
}
