//! Faults as Kea 2.2.0, 2.6.3 and 3.0.4 were seen to treat them.

use std::io;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::{Daemon, Document};
use crate::loggers::{FileFacts, FileState, Folder, Surroundings, Tree};
use crate::release::Release;

fn site_with(release: &str, text: &str, files: &[(&str, FileState)]) -> Site {
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let document = Document::parse(Path::new("/c"), text.as_bytes().to_owned(), &mut reader);
    let facts = |state: &FileState| FileFacts { state: state.clone(), size: None, rotated: Some(0), space: None };
    let mut surroundings = Surroundings::of_release(Release::newest_of(release).unwrap());
    surroundings.files = files.iter().map(|(path, state)| (PathBuf::from(path), facts(state))).collect();
    Site::new(&document, document.config(Daemon::Dhcp4).unwrap(), surroundings)
}

fn site(release: &str, loggers: &str) -> Site {
    site_with(release, &format!("{{\"Dhcp4\": {{\"loggers\": [{loggers}]}}}}"), &[])
}

/// The kinds of findings, with the lines of their places.
fn kinds(site: &Site) -> Vec<&'static str> {
    findings(site).into_iter().map(|finding| finding.kind).collect()
}

const OUT: &str = r#""output_options": [{"output": "/var/log/kea/k.log"}]"#;

fn root(members: &str) -> String {
    format!(r#"{{"name": "kea-dhcp4", {members}}}"#)
}

fn with_root(entry: &str) -> String {
    format!("{}, {entry}", root(&format!(r#""severity": "INFO", {OUT}"#)))
}

#[test]
fn a_good_configuration_has_no_finding() {
    let good = with_root(&format!(r#"{{"name": "kea-dhcp4.leases", "severity": "debug", "debuglevel": 55, {OUT}}}"#));
    assert_eq!(kinds(&site("2.2", &good)), [] as [&str; 0]);
    assert_eq!(
        kinds(&site("2.2", &with_root(&format!(r#"{{"name": "leases", "severity": "WARN", {OUT}}}"#)))),
        [] as [&str; 0]
    );
}

#[test]
fn names_that_are_no_logger_are_found() {
    let entry = |name: &str| with_root(&format!(r#"{{"name": "{name}", "severity": "INFO", {OUT}}}"#));
    for (name, kind) in [
        ("*", "wildcard"),
        ("kea-dhcp4.*", "wildcard"),
        ("kea-dhcp4.comands", "typo"),
        ("comands", "typo"),
        ("KEA-DHCP4", "case"),
        ("kea-dhcp4.LEASES", "case"),
        ("kea-dhcp4.", "case"),
        ("kea-dhcp6", "other-daemon"),
        ("kea-dhcp6.leases", "other-daemon"),
        ("kea-dhcp4.d2-to-dns", "other-daemon"),
        ("kea-dhcp4.ha-hooks", "hook-not-loaded"),
        ("kea-dhcp4.perfmon-hooks", "not-in-release"),
        ("kea-dhcp4.something-else", "unknown-logger"),
    ] {
        assert_eq!(kinds(&site("2.2", &entry(name))), [kind], "{name}");
    }
}

#[test]
fn the_logger_of_a_loaded_library_is_one() {
    let text = |library: &str, name: &str| {
        format!(
            r#"{{"Dhcp4": {{"hooks-libraries": [{{"library": "/usr/lib/kea/hooks/{library}"}}], "loggers": [{}]}}}}"#,
            with_root(&format!(r#"{{"name": "{name}", "severity": "INFO", {OUT}}}"#))
        )
    };
    assert_eq!(kinds(&site_with("2.2", &text("libdhcp_ha.so", "kea-dhcp4.ha-hooks"), &[])), [] as [&str; 0]);
    assert_eq!(kinds(&site_with("2.2", &text("libdhcp_mine.so", "kea-dhcp4.mine-hooks"), &[])), ["unknown-hook"]);
}

#[test]
fn severities_and_levels_are_checked() {
    for (members, kind) in [
        (r#""severity": "DEBUG","#, "debug-without-level"),
        (r#""severity": "WARNING","#, "bad-severity"),
        (r#""severity": "","#, "bad-severity"),
        (r#""severity": "none","#, "severity-none"),
        (r#""severity": "DEBUG", "debuglevel": 100,"#, "bad-level"),
        ("", "no-severity"),
        (r#""severity": "INFO", "debuglevel": "9","#, "refused"),
        (r#""severity": "INFO", "nope": 1,"#, "refused"),
    ] {
        assert_eq!(kinds(&site("2.2", &root(&format!("{members} {OUT}")))), [kind], "{members}");
    }
}

#[test]
fn outputs_are_checked() {
    let outputs = |members: &str| root(&format!(r#""severity": "INFO", "output_options": [{{{members}}}]"#));
    for (members, kind) in [
        (r#""output": "console""#, "file-named-as-stream"),
        (r#""output": "STDOUT""#, "file-named-as-stream"),
        (r#""output": "kea.log""#, "relative-path"),
        (r#""output": "syslog:foo""#, "syslog-facility"),
        (r#""output": """#, "empty-output"),
        (r#""flush": true"#, "no-output"),
        (r#""output": "/l", "maxsize": 1000"#, "no-rotation"),
        (r#""output": "/l", "maxsize": -1"#, "refused"),
        (r#""output": "/l", "maxver": -1"#, "bad-maxver"),
        (r#""output": "/l", "pattern": "%m""#, "pattern-without-newline"),
        (r#""output": "/l", "pattern": "%d %%m %-5p\\n""#, "pattern-without-message"),
        (r#""output": "/l", "pattern": "%D{%m} %p\\n""#, "pattern-without-message"),
        (r#""output": "/l", "pattern": "%D{%Y %m\\n""#, "pattern-without-message"),
        (r#""output": "/l", "pattern": "%-5p %m\n""#, "pattern-without-time"),
        (r#""output": "/l"}, {"output": "syslog"}, {"output": "/l""#, "output-twice"),
        (r#""output": "stdout"}, {"output": "stdout""#, "output-twice"),
    ] {
        assert_eq!(kinds(&site("2.2", &outputs(members))), [kind], "{members}");
    }
    for fine in [
        r#""output": "syslog:local3""#,
        r#""output": "/l", "pattern": "%d %-5m%n""#,
        r#""output": "stdout", "pattern": "%-5p %m\n""#,
        r#""output": "/dev/stderr", "pattern": "%-5p %m\n""#,
        r#""output": "stderr", "maxsize": 1"#,
        r#""output": "/l", "pattern": "%D{%H:%M} %p{%m}%n""#,
        r#""output": "/l"}, {"output": "stdout""#,
    ] {
        assert_eq!(kinds(&site("2.2", &outputs(fine))), [] as [&str; 0], "{fine}");
    }
}

#[test]
fn releases_differ() {
    let child = with_root(r#"{"name": "kea-dhcp4.leases", "severity": "INFO"}"#);
    assert_eq!((kinds(&site("2.2", &child)), kinds(&site("2.6", &child))), (vec!["no-outputs"], vec![]));
    let bare = root(r#""severity": "INFO""#);
    let [old, new] = ["2.2", "3.0"].map(|release| findings(&site(release, &bare)).remove(0));
    assert_eq!((old.grade, new.grade), (Grade::Warning, Grade::Critical));
    let outside = root(r#""severity": "INFO", "output_options": [{"output": "/srv/k.log"}]"#);
    assert_eq!(
        (kinds(&site("2.6.2", &outside)), kinds(&site("2.6.3", &outside))),
        (vec![], vec!["outside-log-directory"])
    );
    let hyphens = root(r#""severity": "INFO", "output-options": [{"output": "/var/log/kea/k.log"}]"#);
    assert_eq!((kinds(&site("2.2", &hyphens)), kinds(&site("3.0", &hyphens))), (vec!["spelling"], vec![]));
    let facility = root(r#""severity": "INFO", "output_options": [{"output": "syslog:local3"}]"#);
    assert_eq!(kinds(&site("2.6.3", &facility)), ["syslog-file"]);
}

#[test]
fn the_entry_that_counts_depends_on_the_release() {
    let both = format!(
        "{}, {}",
        root(r#""severity": "INFO", "output_options": [{"output": "/var/log/kea/one"}]"#),
        root(r#""severity": "ERROR", "output_options": [{"output": "/var/log/kea/two"}]"#)
    );
    let counts = |release: &str| {
        let tree = Tree::new(&site(release, &both));
        (tree.loggers[0].threshold.to_string(), tree.loggers[0].destinations[0].target.to_string())
    };
    assert_eq!(counts("2.2"), ("ERROR".into(), "/var/log/kea/two".into()));
    assert_eq!(counts("2.6"), ("INFO".into(), "/var/log/kea/one".into()));
    assert_eq!(kinds(&site("2.2", &both)), ["duplicate"]);
}

#[test]
fn files_are_checked() {
    let text = format!("{{\"Dhcp4\": {{\"loggers\": [{}]}}}}", root(&format!(r#""severity": "INFO", {OUT}"#)));
    for (state, kind) in [
        (FileState::Closed, "not-writable"),
        (FileState::Unlockable, "not-writable"),
        (FileState::Folder("/var/log/kea".into(), Folder::Missing), "no-directory"),
        (FileState::Folder("/var/log/kea".into(), Folder::Closed), "not-writable"),
        (FileState::Moved("/var/log/kea/k.log (deleted)".into()), "moved"),
        (FileState::Directory, "is-directory"),
        (FileState::Pipe, "is-pipe"),
        (FileState::Device, "is-device"),
        (FileState::Unseen("Permission denied".into()), "not-examined"),
    ] {
        assert_eq!(kinds(&site_with("2.2", &text, &[("/var/log/kea/k.log", state)])), [kind]);
    }
}

#[test]
fn a_finding_names_file_and_line() {
    let text = "{\"Dhcp4\": {\n \"loggers\": [\n  {\"name\": \"*\", \"severity\": \"INFO\",\n   \"output_options\": [\n    {\"output\": \"x.log\"}]}]}}";
    let places: Vec<_> = findings(&site_with("2.2", text, &[])).into_iter().map(|finding| finding.place).collect();
    assert_eq!(places, ["/c:2:13", "/c:3:3", "/c:5:5"]);
}

#[test]
fn what_this_user_cannot_look_at_is_neither_good_nor_bad() {
    let good = with_root("").trim_end_matches(", ").to_owned();
    let mut of_good = site("2.2", &good);
    of_good.surroundings.lock_directory = Some(("/run/lock/kea".into(), Folder::Missing));
    assert_eq!(kinds(&of_good), ["lock-directory"]);
    of_good.surroundings.is_environment_hidden = true;
    assert_eq!(kinds(&of_good), ["not-examined"], "the daemon may use another");
    of_good.surroundings.lock_directory = Some(("/run/lock/kea".into(), Folder::Usable));
    assert_eq!(kinds(&of_good), [] as [&str; 0]);
    of_good.surroundings.is_environment_hidden = false;
    of_good.surroundings.lock_directory = Some(("/run/lock/kea".into(), Folder::Unseen("Permission denied".into())));
    assert_eq!(kinds(&of_good), ["not-examined"]);
    let elsewhere = good.replace("/var/log/kea/", "/srv/").replace("output_options", "output-options");
    let mut outside = site("3.0", &elsewhere);
    assert_eq!(kinds(&outside), ["outside-log-directory"]);
    outside.surroundings.is_environment_hidden = true;
    assert_eq!(kinds(&outside), ["not-examined"]);
}
