//! kea-top in memory, with servers that answer as recorded ones did.

mod chosen;
mod damaged;
mod far;
mod filters;
mod frames;
mod harness;
mod host;
mod keys;
mod moving;
mod once;
mod pictures;
mod recording;
