//! kea-top: live view of one or many servers.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-top", kea_tools::cli::top::run)
}
