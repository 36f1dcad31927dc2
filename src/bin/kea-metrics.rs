//! kea-metrics: every statistic of Kea for Prometheus.

use std::process::ExitCode;

fn main() -> ExitCode {
    kea_tools::cli::main("kea-metrics", kea_tools::cli::metrics::run)
}
