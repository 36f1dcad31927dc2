//! dhcping: whether a DHCP server answers, and how fast.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main_of_probe("dhcping", kea_tools::cli::dhcping::run)
}
