//! The tree, where a message goes, and what a monitor sees.

use std::fs;

use super::{Folder, GOOD, kinds, run, shown, with};

#[test]
fn every_logger_is_shown_with_its_outputs() {
    let folder = Folder::new();
    let child =
        r#"{ "name": "leases", "severity": "DEBUG", "debuglevel": 55, "output_options": [ { "output": "syslog" } ] }"#;
    let file = folder.configuration("c", &with("Dhcp4", &format!("{GOOD}, {child}")));
    fs::write(folder.at("k.log"), "x".repeat(2000)).unwrap();
    fs::write(folder.at("k.log.1"), "x").unwrap();
    let ran = run(&["-c", &file, "--for", "2.2"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let line = |name: &str| ran.stdout.lines().find(|line| line.trim_start().starts_with(name)).unwrap().to_owned();
    assert!(line("kea-dhcp4  ").ends_with("writable, 2 kB of 10.2 MB, 1 rotated"), "{}", ran.stdout);
    assert!(line("leases").contains("DEBUG 55  syslog"), "{}", ran.stdout);
    let rest = ran.stdout.split("the same as kea-dhcp4:").nth(1).unwrap();
    assert!(rest.contains("alloc-engine") && rest.contains("packets"), "{rest}");
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80 || line.contains("k.log")), "{}", ran.stdout);
}

#[test]
fn json_has_each_logger_after_inheritance() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", GOOD));
    let document = run(&["-c", &file, "--for", "3.0", "-f", "json"]).document();
    let loggers = document["daemons"][0]["loggers"].as_array().unwrap().clone();
    let leases = loggers.iter().find(|logger| logger["name"] == "kea-dhcp4.leases").unwrap();
    assert_eq!((&leases["severity"], &leases["entry"]), (&"INFO".into(), &serde_json::Value::Null));
    assert_eq!(leases["outputs"][0]["output"], shown(&folder.at("k.log")));
    assert_eq!(leases["outputs"][0]["maxver"], 4);
    assert_eq!(document["daemons"][0]["release"], "3.0");
}

#[test]
fn where_a_message_goes_depends_on_release_and_level() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", GOOD));
    let which = |release: &str, what: &str| run(&["-c", &file, "--for", release, "--which", what]);
    let old = which("2.2", "DHCP4_PACKET_RECEIVED");
    assert_eq!(old.status, 1);
    assert!(old.stdout.contains("not logged") && old.stdout.contains("--set 'kea-dhcp4.packets=DEBUG:45'"), "{old:?}");
    let new = which("2.6.2", "DHCP4_PACKET_RECEIVED");
    assert!(new.status == 0 && new.stdout.contains("k.log"), "{new:?}");
    assert_eq!(which("2.2", "kea-dhcp4.leases").status, 0);
    assert_eq!(which("2.2", "leases").status, 0);
    let other = which("2.2", "DHCP4_LEASE_OFFER");
    assert!(other.status == 2 && other.stderr.contains("Kea 2.2 has no such message"), "{other:?}");
    let slip = which("2.2", "DHCP4_LEASE_ALOC");
    assert!(slip.status == 2 && slip.stderr.contains("DHCP4_LEASE_ALLOC may be meant"), "{slip:?}");
}

#[test]
fn a_message_for_a_file_that_cannot_be_written_is_lost() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", &GOOD.replace("k.log", "none/k.log")));
    let ran = run(&["-c", &file, "--for", "2.2", "--which", "DHCP4_LEASE_ALLOC"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("is lost") && ran.stdout.contains("k.log (no usable directory)"), "{ran:?}");
    let route = run(&["-c", &file, "--for", "2.2", "--which", "leases", "-f", "json"]).document()["routes"][0].clone();
    assert_eq!((&route["is-logged"], &route["outputs"][0]["state"]), (&false.into(), &"no-directory".into()));
}

#[test]
fn a_slip_in_the_name_of_a_logger_is_recognised() {
    for slip in ["lease", "LEASES", "kea-dhcp44.leases"] {
        let ran = run(&["--which", slip]);
        assert!(ran.status == 2 && ran.stderr.contains("leases"), "{ran:?}");
    }
}

#[test]
fn a_monitor_gets_a_state_for_each_daemon() {
    let folder = Folder::new();
    let good = folder.configuration("c", &with("Dhcp4", GOOD));
    let ran = run(&["-c", &good, "--for", "2.2", "-f", "nagios"]);
    assert_eq!(
        (ran.status, ran.stdout.lines().next().unwrap()),
        (0, "KEA LOGGERS OK - kea-dhcp4: its loggers are as they should be | 'kea-dhcp4_findings'=0;0;;0")
    );
    let bad = folder.configuration("bad", &with("Dhcp4", &GOOD.replace("INFO", "LOUD")));
    let ran = run(&["-c", &bad, "--for", "2.2", "-f", "nagios"]);
    assert!(ran.status == 1 && ran.stdout.starts_with("KEA LOGGERS WARNING"), "{ran:?}");
    let lost = folder.configuration("lost", &with("Dhcp4", &GOOD.replace("k.log", "none/k.log")));
    assert_eq!(run(&["-c", &lost, "--for", "2.2", "-f", "nagios"]).status, 2);
    let none = run(&["-c", "/nowhere", "-f", "nagios"]);
    assert!(none.status == 3 && none.stdout.contains("No such file"), "{none:?}");
}

#[test]
fn two_daemons_with_one_file_are_found() {
    let folder = Folder::new();
    let one = folder.configuration("one", &with("Dhcp4", GOOD));
    let other = folder.configuration("other", &with("Dhcp6", &GOOD.replace("dhcp4", "dhcp6")));
    let ran = run(&["-c", &one, "-c", &other, "--for", "2.2", "-f", "json"]);
    assert_eq!((ran.status, kinds(&ran)), (1, vec!["shared-file".to_owned()]));
}

#[test]
fn two_daemons_of_a_kind_have_two_names_for_a_monitor() {
    let folder = Folder::new();
    let [one, other] = ["one", "other"].map(|name| folder.configuration(name, &with("Dhcp4", GOOD)));
    let ran = run(&["-c", &one, "-c", &other, "--for", "2.2", "-f", "json"]);
    assert_eq!(kinds(&ran), ["shared-file"]);
    let ran = run(&["-c", &one, "-c", &other, "--for", "2.2", "-f", "nagios"]);
    for label in [&one, &other].map(|file| format!("'kea-dhcp4 ({file})_findings'=")) {
        assert_eq!(ran.stdout.matches(&label).count(), 1, "{ran:?}");
    }
}
