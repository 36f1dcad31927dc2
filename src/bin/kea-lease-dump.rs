//! kea-lease-dump: every lease, from every backend, as a file that Kea itself loads.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-lease-dump", kea_tools::cli::lease_dump::run)
}
