//! Wishes become entries.

use std::io;
use std::path::Path;

use super::*;
use crate::config::Document;
use crate::loggers::{Surroundings, Tree, with_loggers};
use crate::release::Release;

fn document(text: &str) -> Document {
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    Document::parse(Path::new("/c"), text.as_bytes().to_owned(), &mut reader)
}

fn site(release: &str, text: &str) -> Site {
    let document = document(text);
    let surroundings = Surroundings::of_release(Release::newest_of(release).unwrap());
    Site::new(&document, document.config(Daemon::Dhcp4).unwrap(), surroundings)
}

fn list(site: &Site, wishes: &[&str]) -> String {
    let changes: Vec<_> = wishes.iter().map(|wish| Change::parse(wish).unwrap()).collect();
    serde_json::to_string(&compose(site, &changes).entries).unwrap()
}

/// The loggers of the new list that differ from the daemon's own.
fn effect(release: &str, text: &str, wishes: &[&str]) -> Vec<String> {
    let new = format!("{{\"Dhcp4\": {{\"loggers\": {}}}}}", list(&site(release, text), wishes));
    let tree = Tree::new(&site(release, &new));
    let shown = tree.loggers.iter().filter(|logger| logger.entry.is_some()).map(|logger| {
        let targets: Vec<_> = logger.destinations.iter().map(|one| one.target.to_string()).collect();
        format!("{} {} {}", logger.name, logger.threshold, targets.join(","))
    });
    shown.collect()
}

const PLAIN: &str = r#"{"Dhcp4": {"loggers": [
    {"name": "kea-dhcp4", "severity": "WARN", "output_options": [{"output": "/var/log/kea/k.log", "maxver": 8}]}]}}"#;

#[test]
fn a_star_is_every_logger() {
    assert_eq!(effect("2.2", PLAIN, &["*=INFO"]), ["kea-dhcp4 INFO /var/log/kea/k.log"]);
    let with_child =
        PLAIN.replace("]}]}}", r#"]}, {"name": "kea-dhcp4.leases", "severity": "DEBUG", "debuglevel": 99}]}}"#);
    let expected = ["kea-dhcp4 INFO /var/log/kea/k.log", "kea-dhcp4.leases INFO /var/log/kea/k.log"];
    assert_eq!(effect("2.2", &with_child, &["*=INFO"]), expected);
}

#[test]
fn children_get_the_outputs_of_the_daemons_logger() {
    let expected = ["kea-dhcp4 WARN /var/log/kea/k.log", "kea-dhcp4.callouts DEBUG 55 /var/log/kea/k.log"];
    for release in ["2.2", "3.0"] {
        assert_eq!(effect(release, PLAIN, &["kea-*.callouts=DEBUG:55"]), expected);
    }
    assert!(list(&site("2.2", PLAIN), &["*=INFO"]).contains("\"maxver\":8"), "the rest of an output stays");
}

#[test]
fn hooks_are_those_that_are_loaded() {
    let loaded =
        PLAIN.replace("\"loggers\"", r#""hooks-libraries": [{"library": "/x/libdhcp_stat_cmds.so"}], "loggers""#);
    let wish = "kea-dhcp4.*-hooks=DEBUG:55@/var/log/kea/hooks.log";
    let found = effect("2.2", &loaded, &[wish]);
    assert_eq!(found[1..], ["kea-dhcp4.stat-cmds-hooks DEBUG 55 /var/log/kea/hooks.log"]);
    let composed = compose(&site("2.2", PLAIN), &[Change::parse(wish).unwrap()]);
    assert!(composed.entries.len() == 1 && composed.meant.is_empty(), "a pattern is about what there is");
    let named = compose(&site("2.2", PLAIN), &[Change::parse("ha-hooks=DEBUG:55").unwrap()]);
    assert!(named.entries.len() == 2 && named.notes.is_empty(), "{named:?}");
}

#[test]
fn the_most_exact_wish_counts() {
    let found = effect("2.6", PLAIN, &["kea-dhcp4.leases=ERROR", "*=INFO", "kea-dhcp4.*=FATAL"]);
    assert!(found.contains(&"kea-dhcp4 INFO /var/log/kea/k.log".to_owned()));
    assert!(found.contains(&"kea-dhcp4.leases ERROR /var/log/kea/k.log".to_owned()));
    assert!(found.contains(&"kea-dhcp4.packets FATAL /var/log/kea/k.log".to_owned()));
}

#[test]
fn a_wildcard_of_the_configuration_is_left_out() {
    let wild =
        r#"{"Dhcp4": {"loggers": [{"name": "*", "severity": "INFO", "output_options": [{"output": "stdout"}]}]}}"#;
    assert_eq!(effect("2.2", wild, &["*=WARN@syslog"]), ["kea-dhcp4 WARN syslog"]);
}

#[test]
fn a_configuration_keeps_everything_else() {
    let text = "{ # one\n\"Dhcp4\": { // [ \"\n  \"x\": \"]\", \"loggers\": [ /* ] */ {\"name\": \"]\\\"\"} ], \"y\": \"\u{e4}\" }\n}";
    let new = with_loggers(text.as_bytes(), &site("2.2", text), "[1]").unwrap();
    let expected = "{ # one\n\"Dhcp4\": { // [ \"\n  \"x\": \"]\", \"loggers\": [1], \"y\": \"\u{e4}\" }\n}";
    assert_eq!(String::from_utf8(new).unwrap(), expected);
    for (text, expected) in [
        ("{\"Dhcp4\": {}}", "{\"Dhcp4\": {\n    \"loggers\": [1]}}"),
        ("{\"Dhcp4\": { # x\n \"a\": 1}}", "{\"Dhcp4\": {\n    \"loggers\": [1], # x\n \"a\": 1}}"),
    ] {
        let new = with_loggers(text.as_bytes(), &site("2.2", text), "[1]").unwrap();
        assert_eq!(String::from_utf8(new).unwrap(), expected);
    }
}
