//! Outputs as they are written: their names, sizes and patterns.

use super::{Finding, FindingKind, Grade, UNSEEN_BY_T};
use crate::config::model::LogOutput;
use crate::loggers::entry::Entry;
use crate::loggers::target::Target;
use crate::loggers::tree::LEAST_SIZE;

const NO_OUTPUTS: FindingKind = FindingKind(Grade::Critical, "no-outputs");
const DEFAULT_OUTPUT: FindingKind = FindingKind(Grade::Warning, "no-outputs");
const NO_OUTPUT: FindingKind = FindingKind(Grade::Critical, "no-output");
const EMPTY_OUTPUT: FindingKind = FindingKind(Grade::Critical, "empty-output");
const STREAM_NAME: FindingKind = FindingKind(Grade::Warning, "file-named-as-stream");
const RELATIVE: FindingKind = FindingKind(Grade::Warning, "relative-path");
const FACILITY: FindingKind = FindingKind(Grade::Warning, "syslog-facility");
const FACILITY_FILE: FindingKind = FindingKind(Grade::Warning, "syslog-file");
const NO_ROTATION: FindingKind = FindingKind(Grade::Warning, "no-rotation");
const WANTED_NO_ROTATION: FindingKind = FindingKind(Grade::Note, "no-rotation");
const TWICE: FindingKind = FindingKind(Grade::Warning, "output-twice");
const NO_LINE_BREAK: FindingKind = FindingKind(Grade::Warning, "pattern-without-newline");
const NO_TIME: FindingKind = FindingKind(Grade::Warning, "pattern-without-time");
const NO_MESSAGE: FindingKind = FindingKind(Grade::Critical, "pattern-without-message");

/// The names of facilities, as Kea reads them.
const FACILITIES: [&str; 20] = [
    "auth", "authpriv", "cron", "daemon", "ftp", "kern", "local0", "local1", "local2", "local3", "local4", "local5",
    "local6", "local7", "lpr", "mail", "news", "syslog", "user", "uucp",
];

/// An entry without outputs.
pub(super) fn of_entry(entry: &Entry<'_>) -> Option<Finding> {
    let inherits = entry.site.surroundings.rules.outputs_are_inherited();
    let written = entry.site.written_of(entry.logger)?;
    let has_list = ["output_options", "output-options"].iter().any(|key| written.get(key).is_some());
    let same = || Entry::all(entry.site).into_iter().filter(|other| other.name() == entry.name());
    if has_list || (inherits && !entry.is_root()) || (!inherits && same().any(|other| !other.outputs().is_empty())) {
        return None;
    }
    let release = entry.site.surroundings.rules.release;
    let key = entry.site.surroundings.rules.outputs_key();
    let remedy = format!("give it \"{key}\" with an \"output\"");
    Some(match (entry.is_root(), inherits) {
        (false, _) => {
            let what = "the entry has no outputs".to_owned();
            let effect =
                format!("its messages vanish: Kea {release} does not write them to those of the daemon's logger");
            NO_OUTPUTS.at(entry, what, effect, remedy)
        }
        (true, true) => {
            let what = "the daemon's logger has no outputs".to_owned();
            NO_OUTPUTS.at(entry, what, "all messages after the first lines vanish", remedy)
        }
        (true, false) => {
            let what = "the daemon's logger has no outputs".to_owned();
            DEFAULT_OUTPUT.at(entry, what, "the messages go to standard error", remedy)
        }
    })
}

/// What is wrong with an output.
pub(super) fn findings(entry: &Entry<'_>, output: &LogOutput) -> Vec<Finding> {
    let found = [name(entry, output), twice(entry, output), rotation(entry, output), pattern(entry, output)];
    found.into_iter().flatten().map(|finding| placed(finding, entry, output)).collect()
}

/// A finding at the output rather than at the entry.
pub(super) fn placed(finding: Finding, entry: &Entry<'_>, output: &LogOutput) -> Finding {
    Finding { place: entry.site.config.place(output.position).to_string(), ..finding }
}

fn name(entry: &Entry<'_>, output: &LogOutput) -> Option<Finding> {
    let around = &entry.site.surroundings;
    let target = entry.site.target(output);
    let Some(path) = &output.output else { return Some(nameless(entry, output)) };
    let text = path.to_string_lossy();
    if let Some(facility) = text.strip_prefix("syslog:") {
        return syslog(entry, facility);
    }
    if !matches!(target, Target::File(_) | Target::Relative(_)) || path.is_absolute() {
        return None;
    }
    let directory = match &target {
        Target::File(path) => path.parent().map(|parent| parent.display().to_string()),
        _ => None,
    };
    let place = directory.unwrap_or_else(|| "the directory that the daemon is started in".to_owned());
    let lower = text.to_ascii_lowercase();
    if let Some(stream) = ["console", "stdout", "stderr", "syslog"].into_iter().find(|stream| lower == *stream) {
        let what = format!("\"{text}\" is the name of a file");
        let meant = if stream == "console" { "stdout" } else { stream };
        let effect = format!("Kea logs into a file \"{text}\" in {place}");
        return Some(STREAM_NAME.at(entry, what, effect, format!("write \"{meant}\", or the whole path of a file")));
    }
    (!around.rules.has_log_directory()).then(|| {
        let what = format!("\"{text}\" is no whole path");
        let effect = format!("Kea logs into {place}, which changes with how it is started");
        let name = path.file_name().map_or(text, |name| name.to_string_lossy());
        RELATIVE.at(entry, what, effect, format!("write a whole path, such as /var/log/kea/{name}"))
    })
}

/// An output that the entry has already.
fn twice(entry: &Entry<'_>, output: &LogOutput) -> Option<Finding> {
    let target = entry.site.target(output);
    let outputs = entry.outputs();
    let earlier = outputs.iter().take_while(|other| other.position != output.position);
    let is_earlier = earlier.filter(|other| other.output.is_some()).any(|other| entry.site.target(other) == target);
    is_earlier.then(|| {
        let what = format!("the entry has the output {target} already");
        TWICE.at(entry, what, "each message is written there twice", "remove one of them")
    })
}

fn nameless(entry: &Entry<'_>, output: &LogOutput) -> Finding {
    let is_written = entry.site.written_of(entry.logger).is_some_and(|written| has_empty_output(written, output));
    let remedy = "write \"stdout\", \"syslog\" or the path of a file";
    if !is_written {
        return NO_OUTPUT.at(entry, "an output has no \"output\"".to_owned(), UNSEEN_BY_T, remedy);
    }
    let effect = if entry.site.surroundings.rules.has_log_directory() {
        UNSEEN_BY_T
    } else {
        "the messages are lost: no file has an empty name"
    };
    EMPTY_OUTPUT.at(entry, "the output is an empty text".to_owned(), effect, remedy)
}

/// Whether the item of the written list that an output was read from has a member `output`.
fn has_empty_output(written: &crate::config::json::Value, output: &LogOutput) -> bool {
    let lists = ["output_options", "output-options"].into_iter().filter_map(|key| written.get(key));
    let items = lists.flat_map(|list| match &list.data {
        crate::config::json::Data::List(items) => &items[..],
        _ => &[],
    });
    items.into_iter().any(|item| item.position == output.position && item.get("output").is_some())
}

fn syslog(entry: &Entry<'_>, facility: &str) -> Option<Finding> {
    let rules = entry.site.surroundings.rules;
    if rules.takes_facility_for_file() {
        let what = format!("Kea {} takes \"syslog:{facility}\" for the name of a file", rules.release);
        let effect = "nothing reaches the system log";
        return Some(FACILITY_FILE.at(entry, what, effect, "write \"syslog\"; 2.6.4 and 3.0.0 know facilities again"));
    }
    let is_known = facility.is_empty() || FACILITIES.iter().any(|known| known.eq_ignore_ascii_case(facility));
    (!is_known).then(|| {
        let what = format!("\"{facility}\" is no facility of syslog");
        let effect = "the messages go to the facility \"user\"; the name of the program is not changed by it";
        FACILITY.at(entry, what, effect, "write a facility, such as \"syslog:local0\", or \"syslog\"")
    })
}

fn rotation(entry: &Entry<'_>, output: &LogOutput) -> Option<Finding> {
    let size = output.maxsize.filter(|size| *size < LEAST_SIZE)?;
    if !matches!(entry.site.target(output), Target::File(_) | Target::Relative(_)) {
        return None;
    }
    let kind = if size == 0 { WANTED_NO_ROTATION } else { NO_ROTATION };
    let what = format!("\"maxsize\" is {size}, less than {LEAST_SIZE}");
    let remedy = "write 204800 or more, or let logrotate do it with copytruncate";
    Some(kind.at(entry, what, "Kea never rotates the file, which grows without end", remedy))
}

fn pattern(entry: &Entry<'_>, output: &LogOutput) -> Option<Finding> {
    let pattern = output.pattern.as_deref().filter(|pattern| !pattern.is_empty())?;
    let conversions = conversions(pattern);
    if !conversions.contains(&'m') {
        let what = "the pattern has no %m".to_owned();
        return Some(NO_MESSAGE.at(entry, what, "lines are written without any message", "add %m to the pattern"));
    }
    let is_syslog = matches!(entry.site.target(output), Target::Syslog(_));
    if !is_syslog && !pattern.contains('\n') && !conversions.contains(&'n') {
        let what = "the pattern does not end a line".to_owned();
        let effect = "all messages are on one line, without end";
        return Some(NO_LINE_BREAK.at(entry, what, effect, "write \\n at its end"));
    }
    // What reads a stream may add the time, as the journal does.
    let target = entry.site.target(output);
    let is_file = matches!(target, Target::File(_) | Target::Relative(_)) && !target.is_own_stream();
    (is_file && !conversions.iter().any(|letter| matches!(letter, 'd' | 'D'))).then(|| {
        let what = "the pattern has no %D".to_owned();
        let effect = "the lines of the file have no time, so kea-log-report --since cannot choose among them";
        NO_TIME.at(entry, what, effect, "leave the pattern out, or begin it with %D{%Y-%m-%d %H:%M:%S.%q}")
    })
}

/// The letters of the conversions in a pattern: `m` of `%-5m`; `%%` is none, and neither is what is in the braces of `%D{%m}`.
fn conversions(pattern: &str) -> Vec<char> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some((_, after)) = rest.split_once('%') {
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'));
        let Some(letter) = after.chars().next() else { break };
        rest = &after[letter.len_utf8()..];
        found.extend(Some(letter).filter(|letter| *letter != '%'));
        if matches!(letter, 'c' | 'd' | 'D' | 'E' | 'X') && rest.starts_with('{') {
            // Without a closing brace, the rest of the pattern is not used.
            rest = rest.split_once('}').map_or("", |(_, rest)| rest);
        }
    }
    found
}
