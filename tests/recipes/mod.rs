//! The recipes of README and the manual pages, for the tests that run them.

#[expect(dead_code, reason = "the test of the list itself reads the rest")]
pub(crate) mod list;
pub(crate) mod text;
