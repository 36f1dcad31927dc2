//! The recipes of README and the manual pages, for the tests that run them.

#[allow(dead_code, reason = "each ring reads its part")]
pub(crate) mod list;
pub(crate) mod text;
