//! kea-list-leases: which client has which address.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-list-leases", kea_tools::cli::list_leases::run)
}
