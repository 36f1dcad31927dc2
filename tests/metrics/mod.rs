//! kea-metrics as Prometheus meets it: recorded servers, odd ones, and what other programs made of them.

mod asking;
mod bad_input;
mod exporters;
mod listening;
mod truth;
mod world;
