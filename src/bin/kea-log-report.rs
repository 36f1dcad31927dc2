//! kea-log-report: what Kea's logs say.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-log-report", kea_tools::cli::log_report::run)
}
