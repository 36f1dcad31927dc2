//! How wide tables may be.

use crate::cli::number::number;
use crate::env::Env;

/// The option `--width`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct WidthArgs {
    /// Width in columns [default: the terminal's; in a pipe that of the variable COLUMNS]
    #[arg(long, value_name = "N", value_parser = number::<u16>("a whole number of columns", 40..=1000))]
    width: Option<u16>,
}

impl WidthArgs {
    /// The width that is given; else that of the terminal; else, in a pipe, that of `COLUMNS`, if there is one.
    pub(in crate::cli) fn columns(&self, env: &Env<'_>) -> Option<usize> {
        of(self.width, env)
    }
}

/// The same for a width of `given` columns.
pub(in crate::cli) fn of(given: Option<u16>, env: &Env<'_>) -> Option<usize> {
    let screen = || (env.screen)().map(|screen| screen.columns);
    let variable = || (env.var)("COLUMNS")?.to_str()?.parse().ok().filter(|columns| *columns > 0);
    given.map(usize::from).or_else(screen).or_else(variable)
}
