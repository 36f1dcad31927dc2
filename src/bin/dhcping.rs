//! dhcping: is this DHCP server answering, and how well.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main_of_probe("dhcping", kea_tools::cli::dhcping::run)
}
