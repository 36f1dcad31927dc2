//! New clients that the server refused since the last look.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::pools::fake::{Fake, Reply};
use crate::pools::harness::{Files, run_line};

/// A server with two subnets, in the second of which so many clients were refused.
fn server(refused: Arc<AtomicU64>) -> Fake {
    let subnet = |id: u32| json!({"id": id, "subnet": format!("192.0.{id}.0/24"), "pools": [{"pool": format!("192.0.{id}.0/28")}]});
    let config = json!({"Dhcp4": {"subnet4": [subnet(1), subnet(2)]}});
    Fake::unix(move |command| {
        let number = refused.load(Ordering::SeqCst);
        let counter = |value: u64| json!([[value, "2026-11-29 08:00:00.0"]]);
        Reply::Answer(match (command["command"].as_str().unwrap(), command["arguments"]["name"].as_str()) {
            ("config-get", _) => json!({"result": 0, "arguments": config}),
            ("lease4-get-page", _) => json!({"result": 3, "arguments": {"count": 0, "leases": []}}),
            ("statistic-get", Some("pkt4-received")) => {
                json!({"result": 0, "arguments": {"pkt4-received": counter(9)}})
            }
            ("statistic-get", Some("v4-allocation-fail")) => {
                json!({"result": 0, "arguments": {"v4-allocation-fail": counter(number)}})
            }
            ("statistic-get", Some("subnet[2].v4-allocation-fail")) if number > 0 => {
                json!({"result": 0, "arguments": {"subnet[2].v4-allocation-fail": counter(number)}})
            }
            ("statistic-get", _) => json!({"result": 0, "arguments": {}}),
            _ => json!({"result": 2, "text": "unknown command"}),
        })
    })
}

fn reasons(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["causes"].clone()).collect()
}

#[test]
fn clients_that_were_refused_since_the_last_look_are_a_reason() {
    let (files, refused) = (Files::new(), Arc::new(AtomicU64::new(0)));
    let fake = server(Arc::clone(&refused));
    let state = files.path("state");
    // The looks of a run are at the moment of its clock, which stays the same here: the state file is made older.
    let look = || {
        let ran = run_line(&format!("-4 --socket {} --state {state} -f ndjson 1 2", fake.address()));
        let text = std::fs::read_to_string(&state).unwrap();
        std::fs::write(&state, text.replace("\"at\":17959", "\"at\":17958")).unwrap();
        ran
    };
    let first = look();
    assert_eq!((first.status, reasons(&first.stdout)), (0, vec![json!([]), json!([])]));
    refused.store(7, Ordering::SeqCst);
    let ran = look();
    let found =
        ran.stdout.lines().find(|line| line.contains("allocation-failures")).unwrap_or_else(|| panic!("{ran:?}"));
    let row: Value = serde_json::from_str(found).unwrap();
    assert_eq!((ran.status, &row["subnet-id"], &row["state"]), (1, &2.into(), &"WARNING".into()), "{ran:?}");
    let evidence = row["causes"][0]["evidence"].as_str().unwrap();
    assert!(evidence.contains("refused 7 ") && evidence.ends_with(" ago"), "{evidence}");
    assert!(fake.asked().iter().all(|command| command["command"] != "statistic-get-all"));
}

#[test]
fn a_server_that_does_not_answer_leaves_them_unknown() {
    let files = Files::new();
    let socket = files.path("no-socket");
    let members = format!(
        r#""control-socket": {{"socket-type": "unix", "socket-name": "{socket}"}}, "subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "pools": [{{"pool": "192.0.2.0/28"}}]}}]"#
    );
    let line = files.server(&members, &[]);
    let ran = run_line(&format!("{line} --state {}", files.path("state")));
    assert!(ran.status == 0 && ran.stderr.contains("how many clients the server refused is not known: "), "{ran:?}");
    assert_eq!(run_line(&line).stderr, "");
}
