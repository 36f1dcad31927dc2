//! The loggers of each daemon as a table, and what is wrong with them.

use std::io::{self, Write};

use super::size::shown;
use crate::health::loggers::Judged;
use crate::loggers::{Destination, Effective, FileState, Finding, Site, Tree};
use crate::output::wrap::wrapped;
use crate::text::{OneLine, count};

/// Writes the loggers of all daemons.
pub fn write(judged: &[Judged], width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    for (at, one) in judged.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        daemon(&one.site, width, out)?;
    }
    let findings: Vec<_> = judged.iter().flat_map(|one| &one.findings).collect();
    writeln!(out)?;
    if findings.is_empty() {
        return writeln!(out, "No problem was found.");
    }
    writeln!(out, "{}", count(findings.len() as u64, "finding"))?;
    findings.into_iter().try_for_each(|one| finding(one, width, out))
}

fn daemon(site: &Site, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let tree = Tree::new(site);
    writeln!(out, "{}", wrapped(&heading(site), width, "    "))?;
    let (own, inherited): (Vec<_>, Vec<_>) =
        tree.loggers.iter().partition(|logger| logger.entry.is_some() || logger.name == tree.loggers[0].name);
    let rows: Vec<_> = own.into_iter().flat_map(|logger| rows(site, logger)).collect();
    let longest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (longest(0), longest(1), longest(2));
    for row in &rows {
        let line = format!("  {:first$}  {:second$}  {:third$}  {}", row[0], row[1], row[2], row[3]);
        writeln!(out, "{}", OneLine(line.trim_end()))?;
    }
    let names: Vec<_> = inherited.iter().map(|logger| child(&logger.name)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let text = format!("  the same as {}: {}", tree.loggers[0].name, names.join(" "));
    writeln!(out, "{}", wrapped(&text, width, "    "))
}

fn heading(site: &Site) -> String {
    let around = &site.surroundings;
    let release = around.rules.release;
    let assumed = if around.is_release_known { "" } else { " (assumed; give another with --for)" };
    let user = around.user.as_ref().map_or(String::new(), |user| format!(", user {user}"));
    let text =
        format!("{}: {}, Kea {release}{assumed}{user}", site.config.daemon.process_name(), site.config.file.display());
    OneLine(&text).to_string()
}

/// The name without that of the daemon.
fn child(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, child)| child)
}

/// A line for each destination of a logger.
fn rows(site: &Site, logger: &Effective) -> Vec<[String; 4]> {
    let name = if logger.name.contains('.') { format!("  {}", child(&logger.name)) } else { logger.name.clone() };
    let threshold = logger.threshold.to_string();
    let whole = |target: String, state: String| [name.clone(), threshold.clone(), target, state];
    if logger.destinations.is_empty() {
        return vec![whole("nowhere".to_owned(), String::new())];
    }
    let destinations = logger.destinations.iter().enumerate();
    let rows = destinations.map(|(at, destination)| {
        let (target, state) = (destination.target.to_string(), state(site, destination));
        if at == 0 { whole(target, state) } else { [String::new(), String::new(), target, state] }
    });
    rows.collect()
}

/// Whether a file can be written, in a few words.
pub(super) fn state_word(state: &FileState) -> &'static str {
    match state {
        FileState::Writable => "writable",
        FileState::New => "does not exist yet",
        FileState::Closed => "not writable",
        FileState::Folder(..) => "no usable directory",
        FileState::Unlockable => "no lock file",
        FileState::Moved(_) => "renamed or deleted",
        FileState::Directory => "a directory",
        FileState::Pipe => "a pipe",
        FileState::Device => "a device",
        FileState::Unseen(_) => "not examined",
    }
}

/// Whether the file can be written, and its size against that at which it is rotated.
fn state(site: &Site, destination: &Destination) -> String {
    let facts = destination.target.file().and_then(|path| site.surroundings.files.get(path));
    let Some(facts) = facts else { return String::new() };
    let length = facts.size.map(|size| match destination.maxsize {
        Some(most) => format!(", {} of {}", shown(size), shown(most)),
        None => format!(", {}, never rotated", shown(size)),
    });
    let rotated = facts.rotated.filter(|count| *count > 0).map(|count| format!(", {count} rotated"));
    [Some(state_word(&facts.state).to_owned()), length, rotated].into_iter().flatten().collect()
}

/// A text with a capital letter at its beginning.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

fn finding(finding: &Finding, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let line = |indent: &str, text: &str| wrapped(&format!("{indent}{}", OneLine(text)), width, "      ");
    let what = format!("{}: {}: {}", finding.place, finding.grade.word(), finding.what);
    writeln!(out, "{}", line("  ", what.trim_start_matches(": ")))?;
    writeln!(out, "{}", line("    ", &format!("{}.", sentence(&finding.effect))))?;
    writeln!(out, "{}", line("    ", &format!("Remedy: {}.", finding.remedy)))
}
