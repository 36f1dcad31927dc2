//! What servers say of their partners, as recorded with Kea 2.2.0 and as newer releases say it.

use std::fs;

use serde_json::{Value, json};

use crate::keactrl_status::fake::Fake;
use crate::keactrl_status::harness::{Machine, PID, status_with};

/// A server that says this of its partners.
fn server(relationships: &Value) -> Fake {
    Fake::unix(status_with(json!({ "high-availability": relationships })))
}

#[track_caller]
fn assert_said(relationships: &Value, verdict: &str, state: &str, id: &str, text: &str) {
    let fake = server(relationships);
    Machine::behind(&fake).assert_said(verdict, state, id, text);
}

/// What a server of Kea 2.2.0 said at this moment of its life.
fn recorded(moment: &str) -> Value {
    let path = format!("{}/tests/data/control/ha-2.2.0-{moment}.json", env!("CARGO_MANIFEST_DIR"));
    let mut answer: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    answer["arguments"]["high-availability"].take()
}

/// A relationship of a server in `state` with the partner `name`, as Kea 2.7.2 and later tell of it.
fn with_partner(name: &str, kind: &str, state: &str, more: &Value) -> Value {
    let mut remote = json!({ "role": "standby", "server-name": name, "in-touch": true, "last-state": state, "age": 1,
        "last-scopes": [], "communication-interrupted": false, "connecting-clients": 0, "unacked-clients": 0,
        "unacked-clients-left": 0, "analyzed-packets": 0, "system-time": "2026-11-20 12:00:00", "clock-skew": 0 });
    remote.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let local = json!({ "role": "primary", "server-name": "hub", "scopes": [name], "state": state });
    json!({ "ha-mode": kind, "ha-servers": { "local": local, "remote": remote } })
}

#[test]
fn the_life_of_a_pair_of_kea_2_2_is_reported() {
    let fake = server(&recorded("load-balancing"));
    Machine::behind(&fake).assert_well();
    let waiting = recorded("waiting-alone");
    assert_said(
        &waiting,
        "not-serving",
        "CRITICAL",
        "ha-not-ready",
        "it serves no client in state waiting, for too long",
    );
    let stopped = recorded("partner-stopped");
    assert_said(&stopped, "serving", "WARNING", "ha-communication-recovery", "its partner does not answer");
    let down = recorded("partner-down");
    assert_said(&down, "serving", "CRITICAL", "ha-partner-down", "it serves alone because its partner is down");
}

#[test]
fn a_hub_tells_of_the_one_spoke_that_is_silent() {
    let silent =
        json!({ "communication-interrupted": true, "age": 75, "unacked-clients": 2, "unacked-clients-left": 8 });
    let both = json!([
        with_partner("north", "hot-standby", "hot-standby", &json!({})),
        with_partner("south", "hot-standby", "hot-standby", &silent),
    ]);
    let text = "partner south does not answer, last answer 1 min 15 s ago; 2 clients not served by it, 8 more until it counts as down";
    assert_said(&both, "serving", "WARNING", "ha-communication-interrupted", text);
    let fake = server(&both);
    let classic = Machine::behind(&fake).run("-s dhcp4");
    assert!(!classic.stdout.contains("north"), "{classic:?}");
    let well = json!([
        with_partner("north", "hot-standby", "hot-standby", &json!({})),
        with_partner("south", "load-balancing", "load-balancing", &json!({})),
    ]);
    let fake = server(&well);
    let machine = Machine::behind(&fake);
    machine.assert_well();
    let told = machine.run("-s dhcp4 -f nagios --expect-ha hot-standby");
    assert!(told.status == 2 && told.stdout.contains("hot-standby is expected, not load-balancing"), "{told:?}");
}

#[test]
fn ha_clock_skew_is_a_warning_before_it_ends_ha() {
    let skewed = |skew: i64| json!([with_partner("b", "hot-standby", "hot-standby", &json!({ "clock-skew": skew }))]);
    let fake = server(&skewed(29));
    Machine::behind(&fake).assert_well();
    assert_said(&skewed(35), "serving", "WARNING", "ha-clock-skew", "the partners' clocks differ by 35 s");
    assert_said(&skewed(-65), "serving", "CRITICAL", "ha-clock-skew", "the partners' clocks differ by -65 s");
}

#[test]
fn a_partnership_that_has_ended_and_two_masters_are_critical() {
    let ended = json!([with_partner("b", "hot-standby", "terminated", &json!({}))]);
    assert_said(&ended, "serving", "CRITICAL", "ha-terminated", "high availability has ended");
    let twice = json!([with_partner("b", "hot-standby", "partner-down", &json!({ "last-scopes": ["b"] }))]);
    assert_said(&twice, "serving", "CRITICAL", "ha-split-brain", "both servers serve scope b");
}

#[test]
fn what_a_partner_served_before_its_maintenance_is_no_claim() {
    let maintained =
        json!([with_partner("b", "hot-standby", "partner-in-maintenance", &json!({ "last-scopes": ["b"] }))]);
    assert_said(
        &maintained,
        "serving",
        "WARNING",
        "ha-maintenance",
        "it serves alone because partner b is in maintenance",
    );
}

#[test]
fn a_server_with_mere_backups_has_no_partner_to_lose() {
    let local = json!({ "role": "primary", "scopes": ["a"], "state": "passive-backup" });
    let fake = server(&json!([{ "ha-mode": "passive-backup", "ha-servers": { "local": local } }]));
    Machine::behind(&fake).assert_well();
}

#[test]
fn states_that_no_release_has_yet_are_unknown() {
    let odd = json!([with_partner("b", "hot-standby", "quantum", &json!({}))]);
    assert_said(&odd, "serving", "UNKNOWN", "ha-unknown", "unknown state quantum");
}

/// What the servers of three releases said in every role and at every moment: files, and verdict, state and the finding
/// that decides.
const RECORDED: &[(&str, &str, &str, &str)] = &[
    ("hot-standby.s1", "serving", "OK", ""),
    ("hot-standby.s2", "serving", "OK", ""),
    ("hot-standby.maintenance.s1", "serving", "WARNING", "ha-maintenance"),
    ("hot-standby.maintenance.s2", "not-serving", "WARNING", "ha-maintenance"),
    ("hot-standby.partner-killed.s1", "serving", "CRITICAL", "ha-partner-down"),
    ("hot-standby.starting.s1", "not-serving", "", "ha-not-ready"),
    ("load-balancing.s1", "serving", "OK", ""),
    ("load-balancing.s2", "serving", "OK", ""),
    ("load-balancing.partner-killed.s1", "serving", "CRITICAL", "ha-partner-down"),
    ("load-balancing.starting.s1", "not-serving", "", "ha-not-ready"),
    ("passive-backup.s1", "serving", "OK", ""),
    ("passive-backup.s2", "serving", "OK", "ha-backup"),
    ("passive-backup.partner-killed.s1", "serving", "OK", ""),
    ("passive-backup.starting.s1", "serving", "OK", ""),
    ("hub-both-up", "serving", "OK", ""),
    ("hub-spoke2-down", "serving", "CRITICAL", "ha-partner-down"),
];

#[test]
fn every_role_of_three_releases_is_judged_by_itself() {
    let folder = format!("{}/tests/data/control/ha", env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (release, moment) = name.trim_end_matches(".json").split_at("2.2.0".len());
        let expected = RECORDED.iter().find(|row| format!(".{}", row.0) == moment).unwrap();
        let mut answer: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        answer["arguments"]["pid"] = json!(crate::keactrl_status::harness::PID);
        let fake = Fake::unix(status_with(answer["arguments"].take()));
        let facts = Machine::behind(&fake).facts("");
        let findings: Vec<&str> =
            facts["findings"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(facts["verdict"], expected.1, "{name}: {facts:#}");
        assert!(expected.2.is_empty() || facts["state"] == expected.2, "{name}: {facts:#}");
        // One reason, and not two for the same thing.
        let decisive: Vec<&str> = Some(expected.3).filter(|id| !id.is_empty()).into_iter().collect();
        assert_eq!(findings, decisive, "{release} {moment}: {facts:#}");
        seen += 1;
    }
    assert_eq!(seen, 46);
}

#[test]
fn a_backup_server_is_well_in_its_role() {
    for release in ["2.2.0", "2.6.3", "3.0.4"] {
        let path = format!("{}/tests/data/control/ha/{release}.passive-backup.s2.json", env!("CARGO_MANIFEST_DIR"));
        let mut answer: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        answer["arguments"]["pid"] = json!(crate::keactrl_status::harness::PID);
        let fake = Fake::unix(status_with(answer["arguments"].take()));
        let machine = Machine::behind(&fake);
        let nagios = machine.run("-s dhcp4 -f nagios");
        let text = "KEA OK - dhcp4: high availability: it is a backup server, which keeps the leases";
        assert!(nagios.status == 0 && nagios.stdout.starts_with(text), "{nagios:?}");
        assert_eq!(machine.run("-s dhcp4").status, 0, "{release}");
    }
}

#[test]
fn a_backup_server_without_its_sockets_is_not_well() {
    let local = json!({ "role": "backup", "scopes": [], "state": "backup" });
    let sockets = json!({ "status": "failed", "errors": ["failed to bind eth0"] });
    let said = json!({ "sockets": sockets, "high-availability": [
        { "ha-mode": "passive-backup", "ha-servers": { "local": local } } ] });
    let fake = Fake::unix(status_with(said));
    let machine = Machine::behind(&fake);
    for table in ["packet", "udp"] {
        machine.file(&format!("/proc/{PID}/net/{table}"), "");
    }
    machine.assert_said("not-serving", "CRITICAL", "sockets-closed", "failed to bind eth0");
}
