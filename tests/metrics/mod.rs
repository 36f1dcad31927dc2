//! kea-metrics as Prometheus meets it: recorded servers, odd ones, and what other programs made of them.

#![expect(clippy::float_cmp, reason = "counts are whole numbers, which floating point numbers hold exactly")]

pub(crate) mod asking;
mod bad_input;
mod exporters;
mod files;
pub(crate) mod harness;
mod listening;
mod packaging;
mod rounds;
mod secrets;
mod truth;
