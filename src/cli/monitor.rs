//! Whether a monitor asks: it must be answered in its own way even if the rest of the command line makes no sense.

use std::ffi::OsString;

/// Whether the arguments of the program called `name` ask for the format `nagios`, and it has that.
pub(super) fn asks(name: &str, args: &[OsString]) -> bool {
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let together = args.iter().any(|arg| arg == "--format=nagios" || is_short(arg) && arg.ends_with("fnagios"));
    let apart = args
        .windows(2)
        .any(|pair| pair[1] == "nagios" && (pair[0] == "--format" || is_short(&pair[0]) && pair[0].ends_with('f')));
    (together || apart) && offers(name)
}

/// `-f`, `-qf`, `-fnagios`; not `--format`.
fn is_short(arg: &str) -> bool {
    arg.starts_with('-') && !arg.starts_with("--")
}

fn offers(name: &str) -> bool {
    let commands = super::commands();
    let command = commands.iter().find(|command| command.get_name() == name);
    let format = command.and_then(|command| command.get_arguments().find(|arg| arg.get_id() == "format"));
    format.is_some_and(|format| format.get_possible_values().iter().any(|value| value.get_name() == "nagios"))
}
