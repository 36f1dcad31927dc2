//! Errors of a command line in our own words: the option, the value, what is allowed, and what would help.
//!
//! clap only provides the kind and the place of the error; its sentences are not used.

use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::error::Error;

mod misplaced;
mod perfdhcp;

/// The error for a mistake that clap found in `args`.
pub(super) fn error(found: &clap::Error, command: &mut Command, args: &[OsString]) -> Error {
    let help = format!("see {} --help", command.get_name());
    mistake(found, command, args).or_hint(&help)
}

fn mistake(found: &clap::Error, command: &mut Command, args: &[OsString]) -> Error {
    if matches!(found.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidValue)
        && let Some(error) = after_a_dash(command, args)
    {
        return error;
    }
    let option = texts(found, ContextKind::InvalidArg).iter().map(|text| name(text)).collect::<Vec<_>>().join(", ");
    let value = texts(found, ContextKind::InvalidValue).concat();
    match found.kind() {
        ErrorKind::ValueValidation => {
            let cause = found.source().map_or_else(|| "this value is not allowed".into(), ToString::to_string);
            Error::new(given(&option, &value), cause)
        }
        ErrorKind::InvalidValue if value.is_empty() => missing_value(&option, command, args),
        ErrorKind::InvalidValue => {
            let error = not_one_of(found, &option, &value);
            match perfdhcp::of_value(&option, &value).filter(|_| command.get_name() == "dhcpload") {
                Some(hint) => error.or_hint(hint),
                None => error,
            }
        }
        ErrorKind::UnknownArgument => unknown(found, &option, command),
        ErrorKind::ArgumentConflict => conflict(found, &option),
        ErrorKind::MissingRequiredArgument => missing_option(found, &option, command, args),
        ErrorKind::TooManyValues => Error::new(given(&option, &value), "this option takes no value").hint(option),
        ErrorKind::InvalidUtf8 => not_utf8(args),
        _ => Error::new(option, "this option cannot be used in this way"),
    }
}

/// The texts that clap has of a kind.
fn texts(found: &clap::Error, kind: ContextKind) -> Vec<String> {
    match found.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// The name of an argument without the name of its value: `--mac` of `--mac <MAC>`, `FILE` of `[FILE]...`.
fn name(argument: &str) -> &str {
    let option = argument.split([' ', '=']).next().filter(|_| argument.starts_with('-'));
    option.unwrap_or_else(|| argument.trim_end_matches("...").trim_matches(['[', ']', '<', '>']))
}

fn given(option: &str, value: &str) -> String {
    format!("{option} \"{value}\"")
}

fn missing_value(option: &str, command: &Command, args: &[OsString]) -> Error {
    let arg = command.get_arguments().find(|arg| is_named(arg, option.as_ref()));
    let value = arg.and_then(Arg::get_value_names).and_then(|names| names.first());
    let remedy = format!("{option} {}", value.map_or("VALUE", |value| value.trim_end_matches(",...")));
    if arg.is_some_and(|arg| arg.get_short() == Some('h')) && args.iter().any(|arg| arg == "-h") {
        return Error::new("-h", format!("a value is needed: it means {option}"))
            .hint(format!("{remedy}, or --help for help"));
    }
    Error::new(option, "a value is needed").hint(remedy)
}

/// A required option is missing. The option that requires it is found by parsing each one alone.
fn missing_option(found: &clap::Error, missing: &str, command: &mut Command, args: &[OsString]) -> Error {
    let wanted = texts(found, ContextKind::InvalidArg);
    let mut needs_it = |some: &[OsString]| {
        let alone = command.try_get_matches_from_mut(args[..1].iter().chain(some));
        alone.is_err_and(|found| {
            found.kind() == ErrorKind::MissingRequiredArgument && texts(&found, ContextKind::InvalidArg) == wanted
        })
    };
    let is_option = |at: usize| args.get(at).is_some_and(|arg| arg.as_encoded_bytes().starts_with(b"-"));
    let needing = (1..args.len()).filter(|at| is_option(*at)).find(|at| {
        let end = if is_option(at + 1) { at + 1 } else { at + 2 };
        needs_it(&args[*at..=*at]) || args.get(*at..end).is_some_and(&mut needs_it)
    });
    let needing = needing.map_or_else(|| "the command line".into(), |at| args[at].display().to_string());
    let needing = needing.split('=').next().unwrap_or_default();
    Error::new(needing, format!("{missing} is missing, which it needs")).hint(wanted.join(" ").replace(['<', '>'], ""))
}

fn not_one_of(found: &clap::Error, option: &str, value: &str) -> Error {
    let allowed = match &texts(found, ContextKind::ValidValue)[..] {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        all => all.concat(),
    };
    let error = Error::new(given(option, value), format!("expected {allowed}"));
    match texts(found, ContextKind::SuggestedValue).first() {
        Some(similar) => error.hint(format!("did you mean \"{similar}\"?")),
        None => error,
    }
}

/// The programs that ask servers again and again.
const ASKING: [&str; 2] = ["kea-top", "kea-metrics"];

fn unknown(found: &clap::Error, option: &str, command: &Command) -> Error {
    let program = command.get_name();
    let error = Error::new("", format!("unexpected argument \"{option}\""));
    if let Some(hint) = perfdhcp::counterpart(option).filter(|_| program == "dhcpload") {
        return error.hint(hint);
    }
    if ASKING.contains(&program) {
        match option {
            "--socket" | "--url" | "--host" => return error.hint("--server names a control socket or a URL"),
            _ if !option.starts_with('-') && Path::new(option).is_file() => {
                return error.hint(format!("did you mean -c {option}?"));
            }
            _ if option.contains('/') && !option.starts_with('-') => {
                return error.hint(format!("ask the server there with --server {option}"));
            }
            _ => {}
        }
    }
    match similar(found, option, command) {
        Some(similar) => error.hint(format!("did you mean {similar}?")),
        None => match misplaced::remedy(program, option) {
            Some(hint) => error.hint(hint),
            None => error,
        },
    }
}

/// The option that may have been meant: clap's if it is near, else one that begins with what was typed.
fn similar(found: &clap::Error, typed: &str, command: &Command) -> Option<String> {
    let all = texts(found, ContextKind::SuggestedArg);
    let near = all.first().map(|text| name(text).to_owned()).filter(|option| is_near(typed, option));
    let longs = command.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(Arg::get_long);
    let begins = longs.map(|long| format!("--{long}")).find(|long| typed.len() > 4 && long.starts_with(typed));
    near.or(begins)
}

/// Whether an option begins with what was typed, or differs in few letters.
fn is_near(typed: &str, option: &str) -> bool {
    let (typed, option) = (typed.trim_start_matches('-'), option.trim_start_matches('-'));
    let is_short = typed.len() < 3;
    is_short || option.starts_with(typed) || strsim::damerau_levenshtein(typed, option) <= 1.max(typed.len() / 4)
}

fn conflict(found: &clap::Error, option: &str) -> Error {
    let others = texts(found, ContextKind::PriorArg);
    let others: Vec<_> = others.iter().map(|text| name(text)).collect();
    if others == [option] {
        return Error::new(option, "it is given twice").hint("give it once");
    }
    let others = if others.is_empty() { "the other options".to_owned() } else { others.join(", ") };
    Error::new(option, format!("cannot be used with {others}")).hint("leave one of them out")
}

fn not_utf8(args: &[OsString]) -> Error {
    let bad = args.iter().position(|arg| arg.to_str().is_none()).unwrap_or_default();
    let before = args[..bad].last().filter(|arg| arg.as_encoded_bytes().starts_with(b"-"));
    let option = before.map(|arg| format!("{} ", arg.display())).unwrap_or_default();
    let value = args.get(bad).map(|arg| arg.display().to_string()).unwrap_or_default();
    Error::new(format!("{option}\"{value}\""), "it is not UTF-8").hint("names and values here are text in UTF-8")
}

/// A value that begins with `-` and a digit, such as a negative number, was parsed as an option: the error is the one of
/// the option before it.
fn after_a_dash(command: &mut Command, args: &[OsString]) -> Option<Error> {
    let is_number = |arg: &OsStr| matches!(arg.as_encoded_bytes(), [b'-', digit, ..] if digit.is_ascii_digit());
    let flags: Vec<char> = command.get_arguments().filter_map(Arg::get_short).collect();
    let is_flags = |arg: &OsStr| arg.as_encoded_bytes()[1..].iter().all(|octet| flags.contains(&char::from(*octet)));
    let at = (1..args.len()).find(|at| {
        let takes_values = |arg: &Arg| arg.get_action().takes_values() && is_named(arg, &args[at - 1]);
        is_number(&args[*at]) && !is_flags(&args[*at]) && command.get_arguments().any(takes_values)
    })?;
    let (option, value) = (args[at - 1].clone(), args[at].clone());
    let mut joined = option.clone();
    joined.push(if option.as_encoded_bytes().starts_with(b"--") { "=" } else { "" });
    joined.push(&value);
    let mut args = args.to_vec();
    args.splice(at - 1..=at, [joined.clone()]);
    let cause = "a value that begins with - is written together with its option";
    let together = || Error::new(given(&option.display().to_string(), &value.display().to_string()), cause);
    Some(match command.try_get_matches_from_mut(&args) {
        Err(found) if matches!(found.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) => {
            mistake(&found, command, &args)
        }
        _ => together().hint(joined.display().to_string()),
    })
}

fn is_named(arg: &Arg, typed: &OsStr) -> bool {
    names(arg).iter().any(|name| typed == name.as_str())
}

fn names(arg: &Arg) -> Vec<String> {
    let longs = arg.get_long().into_iter().chain(arg.get_all_aliases().unwrap_or_default());
    let letters = arg.get_short().into_iter().chain(arg.get_all_short_aliases().unwrap_or_default());
    longs.map(|name| format!("--{name}")).chain(letters.map(|letter| format!("-{letter}"))).collect()
}

#[cfg(test)]
mod tests;
