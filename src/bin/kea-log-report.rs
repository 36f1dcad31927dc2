//! kea-log-report: what Kea's logs show.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-log-report", kea_tools::cli::log_report::run)
}
