//! dhcpload: how many clients a DHCP server can serve, and how long they wait.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main_of_probe("dhcpload", kea_tools::cli::dhcpload::run)
}
