//! kea-loggers: what Kea logs, at which level, to where.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-loggers", kea_tools::cli::loggers::run)
}
