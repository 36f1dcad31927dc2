//! keactrl-status in a machine that a test makes up: a root directory, and servers that answer whatever a test wants.

mod bad_input;
mod evidence;
mod first_minutes;
mod harness;
mod high_availability;
mod left_behind;
mod moved_logs;
mod outputs;
mod replays;
mod second_instance;
mod traffic;
mod zombies;

use crate::control::fake;
