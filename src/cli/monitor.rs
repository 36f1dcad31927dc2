//! Whether the output is for a monitor: it needs its own format even if the rest of the command line is invalid.

use std::ffi::OsString;

/// The programs with this format: a list, since linking all command lines would make each program larger.
const PROGRAMS: [&str; 5] = ["dhcping", "keactrl-status", "kea-log-report", "kea-pools", "kea-loggers"];

/// Whether the arguments of the program `name` select the format `nagios`, and it has that; or the alarms of dhcpd-pools.
pub(super) fn asks(name: &str, args: &[OsString]) -> bool {
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let has_format = |format: &str| {
        let (long, short) = (format!("--format={format}"), format!("f{format}"));
        let together = args.iter().any(|arg| *arg == long || is_short(arg) && arg.ends_with(&short));
        let is_option = |arg: &str| arg == "--format" || is_short(arg) && arg.ends_with('f');
        together || args.windows(2).any(|pair| pair[1] == format && is_option(&pair[0]))
    };
    let is_threshold = |arg: &str| {
        let name = arg.split('=').next().unwrap_or_default();
        name == "--warning" || name == "--critical"
    };
    let is_alarm = || name == "kea-pools" && has_format("dhcpd-pools") && args.iter().any(|arg| is_threshold(arg));
    (PROGRAMS.contains(&name) && has_format("nagios")) || is_alarm()
}

/// `-f`, `-qf`, `-fnagios`; not `--format`.
fn is_short(arg: &str) -> bool {
    arg.starts_with('-') && !arg.starts_with("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_that_format_is_known() {
        for command in crate::cli::commands() {
            let format = command.get_arguments().find(|arg| arg.get_id() == "format");
            let has_it =
                format.is_some_and(|it| it.get_possible_values().iter().any(|value| value.get_name() == "nagios"));
            assert_eq!(PROGRAMS.contains(&command.get_name()), has_it, "{}", command.get_name());
        }
    }
}
