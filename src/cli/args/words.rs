//! Values that are words of a list: shells complete them, and an error suggests the one that was meant.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command};

/// A parser for values that `read` understands; `names` are those to complete and to suggest.
pub(in crate::cli) fn words<T>(
    names: impl IntoIterator<Item = &'static str>,
    read: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T>
where
    T: Clone + Send + Sync + 'static,
{
    Words { names: PossibleValuesParser::new(names), read }
}

#[derive(Clone)]
struct Words<T> {
    names: PossibleValuesParser,
    read: fn(&str) -> Option<T>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Words<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        if let Some(read) = value.to_str().and_then(self.read) {
            return Ok(read);
        }
        // Its error has the names and the most similar one.
        self.names.parse_ref(command, arg, value).and(Err(clap::Error::new(ErrorKind::InvalidValue)))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.names.possible_values()
    }
}
