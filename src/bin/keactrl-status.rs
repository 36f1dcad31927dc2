//! keactrl-status: not only whether Kea runs, but whether it serves.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("keactrl-status", kea_tools::cli::keactrl_status::run)
}
