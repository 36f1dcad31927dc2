//! What could not be read is never OK, and never replaced by something else without a word.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::pools::fake::{Fake, Reply};
use crate::pools::harness::{Files, NOW, Ran, family, row, run_line};

const SUBNET: &str = r#"{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.10"}]}"#;

/// A server that says how many leases it has in its subnet, of which it gives none by address.
fn counting() -> Fake {
    let table = json!({"columns": ["subnet-id", "assigned-addresses", "declined-addresses"], "rows": [[1, 10, 0]]});
    Fake::unix(move |command| {
        Reply::Answer(match command["command"].as_str().unwrap() {
            "stat-lease4-get" => json!({"result": 0, "arguments": {"result-set": table}}),
            "version-get" => json!({"result": 0, "text": "3.0.4"}),
            "list-commands" => json!({"result": 0, "arguments": ["stat-lease4-get"]}),
            _ => json!({"result": 2, "text": "unknown command"}),
        })
    })
}

/// Arguments for a server with a pool of ten, which answers at this socket.
fn served(files: &Files, socket: &str, rows: &[String]) -> String {
    let members =
        format!(r#""control-socket": {{"socket-type": "unix", "socket-name": "{socket}"}}, "subnet4": [{SUBNET}]"#);
    files.server(&members, rows)
}

fn alone(files: &Files, rows: &[String]) -> String {
    files.server(&format!(r#""subnet4": [{SUBNET}]"#), rows)
}

fn notes(ran: &Ran) -> String {
    ran.document()["notes"].to_string()
}

#[test]
fn a_server_that_keeps_leases_in_memory_is_asked() {
    let lease = json!({"ip-address": "192.0.2.3", "hw-address": "02:00:00:00:00:03", "valid-lft": 3600, "cltt": NOW - 10,
        "subnet-id": 1, "fqdn-fwd": false, "fqdn-rev": false, "hostname": "", "state": 0});
    let table = json!({"columns": ["subnet-id", "assigned-addresses", "declined-addresses"], "rows": [[1, 1, 0]]});
    let fake = Fake::unix(move |command| {
        Reply::Answer(match command["command"].as_str().unwrap() {
            "lease4-get-page" if command["arguments"]["from"] == "start" => {
                json!({"result": 0, "arguments": {"leases": [lease], "count": 1}})
            }
            "lease4-get-page" => {
                json!({"result": 3, "text": "0 IPv4 lease(s) found.", "arguments": {"leases": [], "count": 0}})
            }
            "stat-lease4-get" => json!({"result": 0, "arguments": {"result-set": table}}),
            "version-get" => json!({"result": 0, "text": "2.2.0"}),
            "list-commands" => json!({"result": 0, "arguments": ["lease4-get-page", "stat-lease4-get", "version-get"]}),
            _ => json!({"result": 2, "text": "unknown command"}),
        })
    });
    let files = Files::new();
    let socket = format!(r#""control-socket": {{"socket-type": "unix", "socket-name": "{}"}}, "#, fake.address());
    let config = |socket: &str| {
        let text = format!(
            r#"{{"Dhcp4": {{"lease-database": {{"type": "memfile", "persist": false}}, {socket}"subnet4": [{SUBNET}]}}}}"#
        );
        files.write("kea-dhcp4.conf", text)
    };
    for options in ["", "--basis statistics"] {
        let ran = run_line(&format!("-c {} -f json {options}", config(&socket)));
        let counts = &family(&ran)["total"]["addresses"];
        assert!(ran.status == 0 && counts["active"] == 1, "{options}: {ran:?}");
    }
    let ran = run_line(&format!("-c {}", config("")));
    let words =
        "this server keeps its leases in memory only, there is no lease file (ask the running server with -t api)";
    assert!(ran.status == 2 && ran.stderr.contains(words), "{ran:?}");
}

#[test]
fn an_emptied_lease_file_is_not_a_free_pool() {
    let files = Files::new();
    let server = alone(&files, &[]);
    assert_eq!(run_line(&format!("{server} -f nagios")).status, 0, "a header is enough");
    files.write("kea-leases4.csv", "");
    for choice in ["", "-4", "1", "--state DIR/state", "--at @1", "-4 DIR/kea-leases4.csv"] {
        let choice = choice.replace("DIR", &files.path("."));
        let ran = run_line(&format!("{server} -f nagios {choice}"));
        assert!(ran.status == 3 && ran.stdout.starts_with("kea-pools UNKNOWN - "), "{choice}: {ran:?}");
        assert!(ran.stdout.contains("it is empty, without a header"), "{choice}: {ran:?}");
        let ran = run_line(&format!("{server} {choice}"));
        assert!(
            ran.status == 2 && ran.stdout.is_empty() && ran.stderr.contains("kea-leases4.csv: it is empty"),
            "{choice}: {ran:?}"
        );
    }
    // The running server knows.
    let fake = counting();
    let server = served(&files, fake.address(), &[]);
    files.write("kea-leases4.csv", "");
    let ran = run_line(&format!("{server} -f nagios"));
    assert!(ran.status == 2 && ran.stdout.contains("estimated by statistics"), "{ran:?}");
    assert!(ran.stdout.contains("without a header: "), "{ran:?}");
    let ran = run_line(&format!("{server} -f json"));
    assert!(ran.status == 1 && notes(&ran).contains("estimated from the statistics"), "{ran:?}");
}

#[test]
fn a_monitor_that_joins_both_streams_reads_each_note_once() {
    let files = Files::new();
    alone(&files, &[row("192.0.2.1", 1, 10, 0)]);
    let dhcp6 = format!(
        r#"{{"Dhcp6": {{"lease-database": {{"type": "memfile", "name": "{}"}}}}}}"#,
        files.path("kea-leases6.csv")
    );
    files.write("kea-dhcp6.conf", dhcp6);
    let line = format!("-c {}", files.path("."));
    let (check, table) = (run_line(&format!("{line} -f nagios")), run_line(&line));
    assert_eq!((check.status, check.stderr.as_str()), (0, ""), "{check:?}");
    assert!(check.stdout.lines().skip(1).any(|note| note.starts_with("DHCPv6 is left out: ")), "{check:?}");
    assert!(table.stderr.contains("DHCPv6 is left out: "), "{table:?}");
    // Rows that are no leases, and an estimate instead of leases.
    let server = alone(&files, &["no lease,1".to_owned()]);
    let check = run_line(&format!("{server} -4 -f nagios"));
    assert_eq!((check.status, check.stderr.as_str()), (3, ""), "{check:?}");
    assert!(
        check.stdout.contains("1 row of ") && run_line(&format!("{server} -4")).stderr.contains(":2: 2 columns"),
        "{check:?}"
    );
    let fake = counting();
    let server = served(&files, fake.address(), &[]);
    files.write("kea-leases4.csv", "");
    let check = run_line(&format!("{server} -4 -f nagios"));
    assert!(check.stderr.is_empty() && check.stdout.contains("estimated from the statistics"), "{check:?}");
}

#[test]
fn a_named_lease_file_is_not_replaced_by_the_running_server() {
    let (files, fake) = (Files::new(), counting());
    let server = served(&files, fake.address(), &[row("192.0.2.1", 1, 10, 0)]);
    let garbage = files.write("garbage.csv", [0x92, 0, 0xff, b'\n', 7, 200]);
    let (empty, absent) = (files.write("empty.csv", ""), files.path("absent.csv"));
    for file in [&garbage, &empty, &absent] {
        for named in
            [file.clone(), format!("-n {file}"), format!("-t memfile -n {file}"), format!("{file} --at @{NOW}")]
        {
            for (format, status) in [("table", 2), ("json", 2), ("nagios", 3)] {
                let ran = run_line(&format!("-4 {server} {named} -f {format} --state {}", files.path("state")));
                assert_eq!(ran.status, status, "{named}: {ran:?}");
                assert!(!ran.stdout.contains("192.0.2.0/24"), "{named}: {ran:?}");
            }
        }
    }
    let copy = files.write("copy.csv", fs::read(files.path("kea-leases4.csv")).unwrap());
    let ran = run_line(&format!("-4 {server} {copy} --state {} -f json", files.path("state")));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert!(fake.asked().is_empty(), "{:?}", fake.asked());
    let ran = run_line(&format!("-4 {server} {copy} --basis statistics"));
    assert!(ran.status == 2 && ran.stderr.contains("a lease file is named"), "{ran:?}");
}

#[test]
fn statistics_of_now_do_not_replace_leases_of_the_past() {
    let (files, fake) = (Files::new(), counting());
    let server = served(&files, fake.address(), &[]);
    fs::remove_file(files.path("kea-leases4.csv")).unwrap();
    assert_eq!(run_line(&format!("-4 {server}")).status, 1);
    let ran = run_line(&format!("-4 {server} --at @{}", NOW - 9));
    assert!(ran.status == 2 && ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn rows_that_are_no_leases_leave_the_state_unknown() {
    let files = Files::new();
    for bad in ["192.0.2.2,zz\n192.0.2.3,zz\n", "192.0.2.2,00:08:00:00"] {
        let server = alone(&files, &[row("192.0.2.1", 1, 10, 0), bad.trim_end().to_owned()]);
        let text = fs::read_to_string(files.path("kea-leases4.csv")).unwrap();
        files.write("kea-leases4.csv", if bad.ends_with('\n') { &text } else { text.trim_end() });
        let ran = run_line(&format!("{server} -f nagios"));
        let said = if bad.ends_with('\n') { "UNKNOWN - UNKNOWN 2 rows of " } else { "UNKNOWN - UNKNOWN 1 row of " };
        let said = said.replace("UNKNOWN - UNKNOWN", "POOLS UNKNOWN - UNKNOWN");
        assert!(ran.status == 3 && ran.stdout.starts_with(&said) && ran.stdout.contains("csv:3: "), "{ran:?}");
        let ran = run_line(&format!("{server} -f json"));
        assert_eq!((ran.status, &ran.document()["state"]), (2, &Value::from("UNKNOWN")), "{ran:?}");
        assert!(notes(&ran).contains("csv:3: "), "{ran:?}");
        let ran = run_line(&format!("{server} -f dhcpd-pools --critical 90"));
        assert!(ran.status == 3 && ran.stdout.starts_with("UNKNOWN: "), "{ran:?}");
    }
    // What is worse than unknown stays so.
    let rows: Vec<String> = (1..=10).map(|last| row(&format!("192.0.2.{last}"), 1, 10, 0)).collect();
    let server = alone(&files, &[rows, vec!["192.0.2.2,zz".to_owned()]].concat());
    let ran = run_line(&format!("{server} -f nagios"));
    assert!(ran.status == 2 && ran.stdout.contains("; UNKNOWN 1 row of "), "{ran:?}");
}

#[test]
fn a_shell_leads_no_table_into_a_file_of_kea() {
    let files = Files::new();
    alone(&files, &[row("192.0.2.1", 1, 10, 0)]);
    let copy = files.write("copy.csv", fs::read(files.path("kea-leases4.csv")).unwrap());
    for (file, named) in [("kea-leases4.csv", None), ("kea-dhcp4.conf", None), ("copy.csv", Some(&copy))] {
        let before = fs::read(files.path(file)).unwrap();
        for (operator, format) in [(">>", "table"), ("1<>", "csv"), (">>", "nagios")] {
            let script = format!("\"$@\" {operator} \"$FILE\"");
            let mut command = Command::new("sh");
            command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_kea-pools"), "-4", "-f", format]);
            command.args(["-c", &files.path("kea-dhcp4.conf")]).args(named).env("FILE", files.path(file));
            let ran = command.output().unwrap();
            let (stderr, status) = (String::from_utf8_lossy(&ran.stderr), if format == "nagios" { 3 } else { 2 });
            assert_eq!(ran.status.code(), Some(status), "{file} {operator}: {stderr}");
            assert!(stderr.contains("write standard output: this is "), "{file} {operator}: {stderr}");
            assert_eq!(fs::read(files.path(file)).unwrap(), before, "{file} {operator}");
        }
    }
}

#[test]
fn a_hung_server_is_waited_for_no_longer_than_is_said() {
    let (files, fake) = (Files::new(), Fake::unix(|_| Reply::Hang));
    let server = served(&files, fake.address(), &[]);
    let ran = run_line(&format!("{server} -f nagios --connect-timeout 1 --state {}", files.path("state")));
    assert_eq!(ran.status, 0, "{ran:?}");
    let said = "how many clients the server refused is not known: ";
    assert!(ran.stdout.contains(said) && ran.stdout.contains("no answer within 1 s"), "{ran:?}");
    // Without it, a monitor that waits for 10 seconds has its answer.
    let ran = run_line(&format!("{server} -f nagios --state {}", files.path("state")));
    assert!(ran.stdout.contains(said) && ran.stdout.contains("no answer within 2 s"), "{ran:?}");
}

#[test]
fn leases_that_are_newer_than_the_time_are_noted() {
    let files = Files::new();
    let server = alone(&files, &[row("192.0.2.1", 1, 10, 0)]);
    let said = "leases are known as they were at ";
    let ran = run_line(&format!("{server} --at @{} -f json", NOW - 60));
    assert!(notes(&ran).contains(said) && ran.stderr.contains(said), "{ran:?}");
    assert_eq!(family(&ran)["total"]["addresses"]["active"], 1);
    for options in [format!("--at @{NOW}"), String::new()] {
        assert_eq!(run_line(&format!("{server} {options}")).stderr, "");
    }
}
