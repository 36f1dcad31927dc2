//! Help and version, in every program the same.
//!
//! `--help` prints what a program does, the usual options, examples and the exit status, on at most 60 lines; `--help all`
//! prints every option. In a program's arguments, the less usual options have `hide_short_help`.

use std::ffi::OsString;

use clap::Command;

use crate::env::Env;
use crate::error::{Error, Result};
use crate::memfile::version;

/// Wider lines are hard to read.
const WIDEST: usize = 100;

/// The help of a program in lines of `width` columns: with its usual options, or with all of them.
#[must_use]
pub fn help(command: Command, is_whole: bool, width: usize) -> String {
    let mut command = command.term_width(width.min(WIDEST));
    let name = command.get_name().to_owned();
    if is_whole {
        command = command.mut_args(|arg| arg.hide_short_help(false));
    } else if command.get_arguments().any(|arg| arg.is_hide_short_help_set() && !arg.is_hide_set()) {
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let more = format!("Every option: {name} --help all; man {name}");
        command = command.after_help([examples, more].join("\n\n").trim_start().to_owned());
    }
    command.render_help().to_string()
}

/// Prints the help that the arguments ask for.
pub(super) fn write(command: Command, env: &mut Env<'_>) -> Result<()> {
    let text = help(command, asks_for_all(&env.args), super::args::width::of(None, env).unwrap_or(80));
    env.stdout.write_all(text.as_bytes()).map_err(|cause| Error::io("write help", &cause))
}

/// Whether `all` follows the option.
fn asks_for_all(args: &[OsString]) -> bool {
    args.windows(2).any(|pair| (pair[0] == "--help" || pair[0] == "-h") && pair[1] == "all")
}

/// Prints the version, the commit and the releases of Kea that the program knows.
pub(super) fn write_version(name: &str, env: &mut Env<'_>) -> Result<()> {
    let text = version(name);
    env.stdout.write_all(text.as_bytes()).map_err(|cause| Error::io("write the version", &cause))
}

fn version(name: &str) -> String {
    let commit = option_env!("KEA_TOOLS_COMMIT").map(|commit| format!(" (commit {commit})")).unwrap_or_default();
    format!("{name} {}{commit}\nreleases of Kea known: {}\n", env!("CARGO_PKG_VERSION"), version::known())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::commands;

    #[test]
    fn help_is_short_and_has_examples() {
        for command in commands() {
            let name = command.get_name().to_owned();
            let text = help(command, false, 80);
            let lines = text.lines().count();
            assert!(lines <= 60, "{name} --help has {lines} lines:\n{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            for part in ["Usage:", "Examples:", "Exit status:"] {
                assert!(text.contains(part), "{name} --help has no \"{part}\":\n{text}");
            }
        }
    }

    #[test]
    fn help_all_has_every_option() {
        for command in commands() {
            let shown: Vec<_> = command.get_arguments().filter(|arg| !arg.is_hide_set()).collect();
            let longs = shown.iter().filter_map(|arg| arg.get_long()).map(|name| format!("--{name}"));
            let shorts = shown.iter().filter_map(|arg| arg.get_short()).map(|letter| format!("-{letter}"));
            let names: BTreeSet<_> = longs.chain(shorts).collect();
            let text = help(command.clone(), true, 80);
            let words: BTreeSet<_> = text.split([' ', ',', '\n', '[', '=']).collect();
            let missing: Vec<_> = names.iter().filter(|name| !words.contains(name.as_str())).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", command.get_name());
        }
    }

    #[test]
    fn the_letter_h_is_help_unless_the_namesake_uses_it() {
        let own = ["kea-lease-dump", "kea-list-leases", "kea-pools", "dhcping"];
        for command in commands() {
            let help = command.get_arguments().find(|arg| arg.get_id() == "help").unwrap();
            assert_eq!(help.get_short(), (!own.contains(&command.get_name())).then_some('h'), "{}", command.get_name());
        }
    }

    #[test]
    fn all_counts_only_after_the_option() {
        let asks = |line: &str| asks_for_all(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(asks("x --help all") && asks("x -q -h all"));
        assert!(!asks("x --help") && !asks("x all --help"));
    }
}
