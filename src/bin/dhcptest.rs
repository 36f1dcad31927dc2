//! dhcptest: send any DHCP message, see everything that comes back.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main_of_probe("dhcptest", kea_tools::cli::dhcptest::run)
}
