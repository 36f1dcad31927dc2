//! Kea's logs: from bytes to messages, and from messages to what happened.
//!
//! `assemble` makes messages of lines of any shape, `analysis` takes them in the order of time. Memory grows with
//! clients and open exchanges, not with lines. What a log cannot show at its level is not guessed.

pub(crate) mod analysis;
pub(crate) mod assemble;
pub(crate) mod client;
pub(crate) mod command;
pub(crate) mod exchange;
pub(crate) mod family;
pub(crate) mod finding;
pub(crate) mod hash;
pub(crate) mod histogram;
pub(crate) mod hook;
pub(crate) mod host;
pub(crate) mod instance;
pub(crate) mod lasting;
pub(crate) mod life;
pub(crate) mod line;
pub(crate) mod memory;
pub(crate) mod message;
pub(crate) mod names;
pub(crate) mod offer;
pub(crate) mod rates;
pub(crate) mod record;
pub(crate) mod running;
pub(crate) mod side;
pub(crate) mod since;
pub(crate) mod stamp;
pub(crate) mod tenancy;
pub(crate) mod text;
pub(crate) mod trace;
pub(crate) mod unserved;
pub(crate) mod warning;
