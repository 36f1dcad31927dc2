//! kea-lease-dump: writes all leases, from every lease backend, to a file that Kea can load.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-lease-dump", kea_tools::cli::lease_dump::run)
}
