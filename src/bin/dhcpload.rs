//! dhcpload: how much a DHCP server takes, and how long its clients wait.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main_of_probe("dhcpload", kea_tools::cli::dhcpload::run)
}
