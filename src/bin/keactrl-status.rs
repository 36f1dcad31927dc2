//! keactrl-status: whether each Kea daemon runs, and whether it serves clients.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("keactrl-status", kea_tools::cli::keactrl_status::run)
}
