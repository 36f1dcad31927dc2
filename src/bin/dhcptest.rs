//! dhcptest: sends any DHCP message and prints every answer.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main_of_probe("dhcptest", kea_tools::cli::dhcptest::run)
}
