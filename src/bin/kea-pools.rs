//! kea-pools: how full pools are, why, and until when.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-pools", kea_tools::cli::pools::run)
}
