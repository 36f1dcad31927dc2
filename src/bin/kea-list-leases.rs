//! kea-list-leases: who has which address, at a glance.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-list-leases", kea_tools::cli::list_leases::run)
}
