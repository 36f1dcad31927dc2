//! Arguments that several programs share.

pub(super) mod anonymize;
pub(super) mod display;
pub(super) mod duration;
pub(super) mod filter;
pub(super) mod servers;
pub(super) mod source;
pub(super) mod width;
pub(super) mod words;

use clap::ValueEnum as _;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::env::Env;
use crate::output::lease::LeaseFormat;
use crate::time::TimeStyle;

/// Reads the name of one of these formats.
pub(super) fn one_of(formats: &'static [LeaseFormat]) -> impl TypedValueParser<Value = LeaseFormat> {
    let names = formats.iter().filter_map(LeaseFormat::to_possible_value);
    // The parser accepts only these names.
    PossibleValuesParser::new(names).map(|name| LeaseFormat::from_str(&name, false).unwrap_or(LeaseFormat::Csv))
}

/// The style of times, from two mutually exclusive switches.
pub(super) fn time_style(is_utc: bool, is_epoch: bool) -> TimeStyle {
    match (is_utc, is_epoch) {
        (true, _) => TimeStyle::Utc,
        (_, true) => TimeStyle::Epoch,
        _ => TimeStyle::Local,
    }
}

/// Whether there are colours, by the word after `--color`, the terminal and `NO_COLOR`.
pub(super) fn has_color(word: &str, env: &Env<'_>) -> bool {
    match word {
        "always" => true,
        "never" => false,
        _ => (env.screen)().is_some() && (env.var)("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}
