//! What is written in each format, and where.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt};

use serde_json::{Value, json};

use crate::keactrl_status::fake::{Fake, Reply};
use crate::keactrl_status::harness::{HEADER, Machine, PID, status_with};

/// What a server says that has everything to tell.
fn everything() -> Value {
    let remote = json!({ "role": "standby", "last-state": "hot-standby", "age": 1, "last-scopes": [],
        "communication-interrupted": false, "unacked-clients": 3, "unacked-clients-left": 7, "clock-skew": 2 });
    let local = json!({ "role": "primary", "scopes": ["a"], "state": "hot-standby" });
    json!({
        "multi-threading-enabled": true, "thread-pool-size": 4, "packet-queue-statistics": [0.5, 0.25, 0.125],
        "high-availability": [{ "ha-mode": "hot-standby", "ha-servers": { "local": local, "remote": remote } }],
    })
}

#[test]
fn every_family_of_metrics_has_its_help_and_its_value() {
    let fake = Fake::unix(status_with(everything()));
    let machine = Machine::behind(&fake);
    machine.file("/var/lib/kea/kea-leases4.csv", HEADER);
    machine.file("/var/lib/kea/kea-leases4.csv.2", "");
    let ran = machine.run("-s dhcp4 -f prometheus");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let labels = "daemon=\"dhcp4\",config=\"/etc/kea/kea-dhcp4.conf\"";
    for (name, more, value) in [
        ("kea_up", "", "1"),
        ("kea_serving", "", "1"),
        ("kea_expected", "", "1"),
        ("kea_health", "", "0"),
        ("kea_process_start_time_seconds", "", "1795171000"),
        ("kea_config_reload_seconds", "", "1795173000"),
        ("kea_info", ",version=\"3.0.1\"", "1"),
        ("kea_dhcp_sockets", "", "1"),
        ("kea_threads", "", "4"),
        ("kea_packet_queue", "", "0.5"),
        ("kea_lease_file_bytes", "", "103"),
        ("kea_lfc_last_run_timestamp_seconds", "", "1795172000"),
        ("kea_ha_state", ",relationship=\"0\",state=\"hot-standby\"", "1"),
        ("kea_ha_state", ",relationship=\"0\",state=\"waiting\"", "0"),
        ("kea_ha_scopes", ",relationship=\"0\"", "1"),
        ("kea_ha_communication_interrupted", ",relationship=\"0\"", "0"),
        ("kea_ha_partner_age_seconds", ",relationship=\"0\"", "1"),
        ("kea_ha_unacked_clients", ",relationship=\"0\"", "3"),
        ("kea_ha_clock_skew_seconds", ",relationship=\"0\"", "2"),
    ] {
        let sample = format!("{name}{{{labels}{more}}} {value}");
        assert!(ran.stdout.lines().any(|line| line == sample), "{sample} is not in\n{}", ran.stdout);
        assert!(ran.stdout.contains(&format!("# HELP {name} ")) && ran.stdout.contains(&format!("# TYPE {name} ")));
    }
    assert!(ran.stdout.ends_with("\nkea_status_last_run_timestamp_seconds 1795176000\n"), "{}", ran.stdout);
}

#[test]
fn prometheus_file_is_readable_and_replaced_atomically() {
    let machine = Machine::with_dhcp4(&json!({}));
    let path = machine.at("/kea.prom");
    fs::write(&path, "old\n").unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let kept = fs::File::open(&path).unwrap();
    let ran = machine.run(&format!("-s dhcp4 -f prometheus -o {}", path.display()));
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
    assert!(fs::read_to_string(&path).unwrap().starts_with("# HELP kea_up "));
    assert_eq!(std::io::read_to_string(kept).unwrap(), "old\n", "whoever reads the old one has all of it");
    let left: Vec<_> = fs::read_dir(machine.at("/")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".kea-tools")), "{left:?}");
}

#[test]
fn with_config_shows_config_get_without_secrets() {
    let status = status_with(json!({}));
    let fake = Fake::unix(move |command| match command["command"].as_str() {
        Some("config-get") => {
            let database = json!({ "type": "mysql", "user": "kea", "password": "s3cret" });
            let configuration =
                json!({ "Dhcp4": { "lease-database": database, "user-context": { "api_token": "t0ken" } } });
            Reply::Answer(json!({ "result": 0, "arguments": configuration }))
        }
        _ => status(command),
    });
    let machine = Machine::behind(&fake);
    let asked = machine.run("-s dhcp4 -f json --with-config");
    let document: Value = serde_json::from_str(&asked.stdout).unwrap();
    let shown = &document["daemons"][0]["control"]["configuration"]["Dhcp4"];
    assert_eq!(shown["lease-database"], json!({ "type": "mysql", "user": "kea", "password": "(redacted)" }));
    assert!(!asked.stdout.contains("s3cret") && !asked.stdout.contains("t0ken"), "{}", asked.stdout);
    let before = fake.asked().len();
    let usual = machine.facts("");
    assert!(usual["control"].get("configuration").is_none(), "{usual:#}");
    assert!(fake.asked()[before..].iter().all(|command| command["command"] != "config-get"));
}

/// A file of the planted secrets.
fn planted(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/data/secrets/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn no_planted_secret_is_shown_in_any_format() {
    let status = status_with(json!({}));
    let fake = Fake::unix(move |command| match command["command"].as_str() {
        Some("config-get") => {
            let running: Value = serde_json::from_str(&planted("kea-dhcp4.json")).unwrap();
            Reply::Answer(json!({ "result": 0, "arguments": running }))
        }
        _ => status(command),
    });
    let machine = Machine::behind(&fake);
    machine.file(
        crate::keactrl_status::harness::LOG,
        planted("kea-dhcp4.log").replace("DHCP4_STARTED", "BEFORE_STARTED").replace("/812.", "/77."),
    );
    machine.file("/etc/kea/keactrl.conf", "dhcp4=yes\nexport PGPASSWORD=PLANTED-secret-70 DB=x; true\n");
    let mut shown = String::new();
    for format in ["classic", "table", "json", "nagios", "prometheus"] {
        let ran = machine.run(&format!("-s dhcp4 -v --with-config -f {format}"));
        shown += &(ran.stdout + &ran.stderr);
    }
    // What has no name, no shape and no word before it: a literal in the test of a class.
    let left = shown.replace("option[60].text == 'PLANTED-secret-17'", "");
    let at = left.find("PLANTED");
    assert!(at.is_none(), "{}", &left[at.unwrap().saturating_sub(200)..]);
    assert!(shown.contains("DATABASE_INVALID_ACCESS") && shown.contains("leasedb"), "{shown}");
}

#[test]
fn colours_are_for_terminals_and_for_who_wants_them() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    let first = |columns: Option<usize>, variables: &[(&str, &str)], arguments: &str| {
        let ran = machine.run_on(columns, variables, &format!("-s dhcp4 {arguments}"));
        ran.stdout.lines().next().unwrap().to_owned()
    };
    let (plain, coloured) = ("DHCPv4 server: active", "DHCPv4 server: \u{1b}[92mactive\u{1b}[0m");
    assert_eq!(first(None, &[], ""), plain);
    assert_eq!(first(Some(80), &[], ""), coloured);
    assert_eq!(first(Some(80), &[("NO_COLOR", "1")], ""), plain);
    assert_eq!(first(Some(80), &[("NO_COLOR", "")], ""), coloured);
    assert_eq!(first(Some(80), &[("NO_COLOR", "1")], "--color always"), coloured);
    assert_eq!(first(None, &[], "--color always"), coloured);
    assert_eq!(first(Some(80), &[], "--color never"), plain);
    let table = machine.run_on(Some(80), &[], "-s dhcp4 -f table").stdout;
    assert!(table.contains("\u{1b}[92mOK\u{1b}[0m"), "{table}");
}

#[test]
fn a_table_fits_a_screen_of_eighty_columns_and_says_everything() {
    let fake = Fake::unix(status_with(json!({ "sockets": { "status": "retrying", "errors": ["why"] } })));
    let machine = Machine::behind(&fake);
    let ran = machine.run_on(Some(80), &[], "-s dhcp4 -f table --color never");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let (last, table) = lines.split_last().unwrap();
    assert!(table.iter().all(|line| line.chars().count() <= 80), "{ran:?}");
    assert_eq!(*last, "dhcp4: WARNING: it could not open all its sockets and tries again: why");
    let pid = PID.to_string();
    let words = ["DAEMON", "dhcp4", "WARNING", "serving", &pid, "root", "3.0.1", "eth0"];
    assert!(words.iter().all(|word| table.iter().any(|line| line.contains(word))), "{ran:?}");
}
