//! kea-list-leases as a whole, run in-process at a chosen clock.

mod bad_input;
mod examples;
mod formats;
mod harness;
mod one_address;
mod order;
mod recorded;
mod reservations;
mod selection;
mod servers;
mod table;
mod terminal;
mod times;
mod watching;
mod words;

use crate::control::fake;
use crate::lease_dump::answers;
