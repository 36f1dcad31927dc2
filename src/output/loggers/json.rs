//! Loggers as JSON documents with stable names.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::health::loggers::Judged;
use crate::loggers::{
    Composed, Destination, Effective, FileFacts, FileState, Finding, Folder, Output, Route, Site, Subject, Target, Tree,
};
use crate::text::terminal_safe_json;

/// Writes all loggers of all daemons, and what is wrong with them.
pub fn tree_json(judged: &[Judged], unread: &[String], out: &mut dyn Write) -> io::Result<()> {
    let daemons: Vec<_> = judged.iter().map(daemon).collect();
    write(&json!({ "daemons": daemons, "unread": unread }), out)
}

/// Writes where a message goes.
pub fn routes_json(subject: &Subject, routes: &[Route], out: &mut dyn Write) -> io::Result<()> {
    let routes: Vec<_> = routes.iter().map(route).collect();
    write(&json!({ "subject": subject.text, "routes": routes }), out)
}

/// Writes new lists, each under the name of the daemon's map.
pub fn entries_json(all: &[Composed], out: &mut dyn Write) -> io::Result<()> {
    let lists =
        all.iter().map(|composed| (composed.daemon.config_key(), BTreeMap::from([("loggers", &composed.entries)])));
    let lists: BTreeMap<_, _> = lists.collect();
    writeln!(out, "{}", terminal_safe_json(&serde_json::to_string_pretty(&lists)?))
}

fn write(document: &Value, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", terminal_safe_json(&serde_json::to_string_pretty(document)?))
}

fn daemon(judged: &Judged) -> Value {
    let site = &judged.site;
    let around = &site.surroundings;
    json!({
        "daemon": site.config.daemon,
        "configuration": site.config.file.to_string_lossy(),
        "release": around.rules.release.to_string(),
        "release-is-known": around.is_release_known,
        "user": around.user,
        "log-directory": around.rules.has_log_directory().then(|| around.log_directory.to_string_lossy()),
        "loggers": Tree::new(site).loggers.iter().map(|one| logger(site, one)).collect::<Vec<_>>(),
        "findings": judged.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn logger(site: &Site, logger: &Effective) -> Value {
    json!({
        "name": logger.name,
        "severity": logger.threshold.severity(),
        "debuglevel": logger.threshold.level(),
        "entry": logger.entry.as_ref().map(ToString::to_string),
        "inherits-outputs": logger.inherits_outputs,
        "outputs": logger.destinations.iter().map(|one| destination(site, one)).collect::<Vec<_>>(),
    })
}

fn destination(site: &Site, destination: &Destination) -> Value {
    let facts = destination.target.file().and_then(|path| site.surroundings.files.get(path));
    with_facts(destination, facts)
}

fn output(output: &Output) -> Value {
    with_facts(&output.destination, output.facts.as_ref())
}

fn with_facts(destination: &Destination, facts: Option<&FileFacts>) -> Value {
    let mut document = target(destination);
    if let (Value::Object(members), Some(facts)) = (&mut document, facts) {
        members.extend(file(facts));
    }
    document
}

fn target(destination: &Destination) -> Value {
    let kind = match &destination.target {
        Target::Stdout => "stdout",
        Target::Stderr => "stderr",
        Target::Syslog(_) => "syslog",
        Target::File(_) | Target::Relative(_) => "file",
        Target::Missing => "none",
    };
    json!({
        "output": destination.target.to_string(),
        "kind": kind,
        "maxsize": destination.maxsize,
        "maxver": (kind == "file").then_some(destination.maxver),
        "pattern": destination.pattern,
    })
}

fn file(facts: &FileFacts) -> [(String, Value); 5] {
    let (state, reason) = match &facts.state {
        FileState::Writable => ("writable", None),
        FileState::New => ("new", None),
        FileState::Closed => ("not-writable", None),
        FileState::Folder(path, how) => ("no-directory", Some(format!("{}: {}", path.display(), folder(how)))),
        FileState::Unlockable => ("no-lock-file", None),
        FileState::Moved(now) => ("moved", Some(now.display().to_string())),
        FileState::Directory => ("directory", None),
        FileState::Pipe => ("pipe", None),
        FileState::Device => ("device", None),
        FileState::Unseen(why) => ("not-examined", Some(why.clone())),
    };
    let member = |name: &str, value: Value| (name.to_owned(), value);
    [
        member("state", state.into()),
        member("reason", json!(reason)),
        member("size", json!(facts.size)),
        member("rotated", facts.rotated.into()),
        member("available", json!(facts.space)),
    ]
}

fn folder(folder: &Folder) -> &str {
    match folder {
        Folder::Usable => "usable",
        Folder::Missing => "missing",
        Folder::NoDirectory => "no directory",
        Folder::Closed => "not writable",
        Folder::ReadOnly => "read-only",
        Folder::Unseen(why) => why,
    }
}

fn finding(finding: &Finding) -> Value {
    json!({
        "grade": finding.grade.word(),
        "kind": finding.kind,
        "place": finding.place,
        "logger": finding.logger,
        "what": finding.what,
        "effect": finding.effect,
        "remedy": finding.remedy,
    })
}

fn route(route: &Route) -> Value {
    json!({
        "daemon": route.daemon,
        "logger": route.logger.name,
        "logger-severity": route.logger.threshold.severity(),
        "logger-debuglevel": route.logger.threshold.level(),
        "entry": route.logger.entry.as_ref().map(ToString::to_string),
        "message-severity": route.severity,
        "is-logged": route.is_logged,
        "outputs": route.outputs.iter().map(output).collect::<Vec<_>>(),
        "remedy": route.remedy,
    })
}
