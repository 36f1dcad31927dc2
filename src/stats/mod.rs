//! Kea's statistics: what each is about, and what monitoring programs call it. Pure.
//!
//! Every release of Kea adds statistics, so a name is taken apart and never looked up in a list of all there are. The
//! names of Stork's agent and of kea-exporter are a table ([`names`]); what is not in it is passed on by its own name.

mod lease_table;
pub mod names;
mod number;
pub mod reading;
pub mod scope;
pub mod snapshot;
