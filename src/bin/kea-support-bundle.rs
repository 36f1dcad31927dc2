//! kea-support-bundle: one file for a support ticket, without secrets.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-support-bundle", kea_tools::cli::support_bundle::run)
}
