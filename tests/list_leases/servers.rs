//! Running servers, asked over their control sockets.

use serde_json::{Value, json};

use crate::list_leases::fake::{Fake, Reply};
use crate::list_leases::harness::{Files, NOON, run};

/// A server with two leases, of which the second is past.
fn answer(command: &Value) -> Reply {
    let lease = |last: u8, ends: i64| {
        json!({
            "ip-address": format!("192.0.2.{last}"), "subnet-id": 1, "hw-address": "08:00:2b:00:00:01",
            "cltt": NOON + ends - 3600, "valid-lft": 3600, "fqdn-fwd": false, "fqdn-rev": false, "hostname": "anna",
            "state": 0
        })
    };
    match (command["command"].as_str().unwrap(), command["arguments"]["from"].as_str()) {
        ("lease4-get-page", Some("start")) => Reply::Answer(
            json!({"result": 0, "text": "2 IPv4 lease(s) found.", "arguments": {"count": 2, "leases": [lease(9, 60), lease(10, -60)]}}),
        ),
        ("lease4-get-page", _) => Reply::Answer(
            json!({"result": 3, "text": "0 IPv4 lease(s) found.", "arguments": {"count": 0, "leases": []}}),
        ),
        ("list-commands", _) => Reply::Answer(json!({"result": 0, "arguments": ["lease4-get-page", "list-commands"]})),
        _ => Reply::Answer(json!({"result": 2, "text": "unknown command"})),
    }
}

#[test]
fn a_running_server_lists_its_active_leases() {
    for fake in [Fake::unix(answer), Fake::web(answer)] {
        let ran = run(&format!("-4 --socket {} --columns address,hostname,expires --utc", fake.address()));
        let expected = "ADDRESS    HOSTNAME  EXPIRES\n192.0.2.9  anna      2026-11-20T12:01:00Z\n";
        assert_eq!(ran.expect(0, "1 active, 1 expired of 2\n").stdout, expected);
        assert!(fake.asked().iter().all(|command| command["command"] != "lease4-get-all"));
    }
}

#[test]
fn running_server_is_asked_if_lease_file_is_unreadable() {
    let files = Files::new();
    let fake = Fake::unix(answer);
    let leases = files.path("no-file").display().to_string();
    let socket = fake.address();
    let config = files.write(
        "kea-dhcp4.conf",
        format!(
            r#"{{"Dhcp4": {{"lease-database": {{"type": "memfile", "name": "{leases}"}},
                "control-socket": {{"socket-type": "unix", "socket-name": "{socket}"}}}}}}"#
        ),
    );
    for is_emptied in [false, true] {
        if is_emptied {
            files.write("no-file", "");
        }
        let ran = run(&format!("-c {config} --no-header"));
        assert_eq!((ran.status, ran.first_words()), (0, vec!["192.0.2.9"]), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(&leases) && ran.stderr.contains("; asked the running server at "),
            "{}",
            ran.stderr
        );
        let named = run(&format!("-4 -c {config} {leases} --no-header"));
        assert!(!named.stderr.contains("asked the running server"), "{}", named.stderr);
    }
}
