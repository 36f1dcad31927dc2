//! kea-pools as its user meets it: recorded leases and configurations of real servers, compared with what a script of its
//! own counted and with what Kea served until it refused.

mod bad_input;
mod clients;
mod forecast;
mod formats;
mod halves;
mod harness;
mod monitor;
mod pair;
mod plugin;
mod refused;
mod state;
mod truth;
mod unread;
mod views;

use crate::control::fake;
