//! One frame, as text and as JSON.

use kea_tools::top::Key;
use serde_json::{Value, json};

use super::frames::{frame, look};
use super::harness::{asked, place, recorded_at, run_at, servers};
use crate::control::fake::{Fake, Reply};
use crate::metrics::harness::{RELEASES, Replay, truth};

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|cause| panic!("{cause}: {text}"))
}

fn of_both(release: &str, more: &[&str]) -> super::harness::Ran {
    let [four, six] = servers(release);
    let arguments = ["--once", "--server", four.address(), "--server", six.address()];
    run_at(recorded_at(release), &[&arguments, more].concat())
}

#[test]
fn the_numbers_of_json_are_those_of_another_program() {
    for release in RELEASES {
        let truth = truth(release);
        for (server, family) in servers(release).iter().zip(["dhcp4", "dhcp6"]) {
            let now = truth[family]["now"].as_i64().unwrap();
            let ran = run_at(now, &["--once", "--server", server.address(), "-f", "json"]);
            assert_eq!((ran.status, ran.stderr.as_str()), (1, ""), "pools of the campus are full");
            let shown = document(&ran.stdout);
            let families = shown["servers"][0]["families"].as_array().unwrap();
            assert_eq!(families.len(), 1);
            let subnets = families[0]["subnets"].as_array().unwrap();
            for expected in truth[family]["subnets"].as_array().unwrap() {
                let found = subnets.iter().find(|subnet| subnet["id"] == expected["id"]).unwrap();
                for (name, member) in [
                    ("total", "total"),
                    ("active", "active"),
                    ("declined", "declined"),
                    ("expired", "expired"),
                    ("reserved-free", "reserved_free"),
                    ("effective-free", "effective_free"),
                ] {
                    let (here, there) = (&found["addresses"][name], &expected["addresses"][member]);
                    assert_eq!(here, there, "{release} {family} {} {name}", expected["subnet"]);
                }
            }
        }
    }
}

#[test]
fn text_shows_the_state_and_the_worst_pools() {
    let ran = of_both("2.2.0", &["--width", "100"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("pool full") && ran.stdout.contains("100 %"), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
}

#[test]
fn what_is_free_without_leases_is_an_estimate() {
    let fake = Replay::new("2.2.0", 4).without("lease4-get-page").serve();
    let arguments = ["--once", "--server", fake.address()];
    let text = run_at(recorded_at("2.2.0"), &arguments).stdout;
    assert!(text.contains(" ~"), "{text}");
    let shown = document(&run_at(recorded_at("2.2.0"), &[&arguments[..], &["-f", "json"]].concat()).stdout);
    let family = &shown["servers"][0]["families"][0];
    assert_eq!(family["basis"], "statistics");
    for subnet in family["subnets"].as_array().unwrap() {
        assert_eq!(subnet["addresses"]["effective-free"], Value::Null, "{subnet}");
        assert!(subnet["addresses"]["active"].is_u64(), "{subnet}");
    }
}

#[test]
fn the_exit_status_is_the_health_of_all() {
    let small = json!({ "result": 0, "arguments": { "Dhcp4": { "subnet4": [
        { "id": 1, "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.10 - 192.0.2.250" }] }] } } });
    let well = Replay::new("2.2.0", 4).with("config-get", small).serve();
    let locked = Fake::web(|_| Reply::Status(401, json!({ "result": 401, "text": "Unauthorized" })));
    let status = |servers: &[&str]| {
        let servers = servers.iter().flat_map(|server| ["--server", server]).collect::<Vec<_>>();
        run_at(recorded_at("2.2.0"), &[&["--once"], &servers[..]].concat()).status
    };
    assert_eq!(status(&[well.address()]), 0);
    assert_eq!(status(&[locked.address()]), 2);
    assert_eq!(status(&[well.address(), "/nowhere/kea4"]), 1);
    assert_eq!(status(&[well.address(), locked.address()]), 2);
}

#[test]
fn why_a_server_does_not_answer_is_said_with_what_helps() {
    let ran = run_at(0, &["--once", "--width", "120", "--server", "/nowhere/kea4"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("no socket"), "{}", ran.stdout);
    assert!(ran.stdout.contains("the server is not running"), "{}", ran.stdout);
}

#[test]
fn a_server_that_its_control_agent_does_not_reach_is_critical() {
    let agent = crate::metrics::asking::agent_without("dhcp4");
    let ran = run_at(recorded_at("2.6.3"), &["--once", "--width", "200", "--server", agent.address()]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("refused"), "{}", ran.stdout);
    let why = " dhcp4: http://127.0.0.1:";
    assert!(ran.stdout.contains(why), "the daemon and the agent are named: {}", ran.stdout);
    assert!(
        ran.stdout.contains("unable to forward command to the dhcp4 service: Connection refused"),
        "{}",
        ran.stdout
    );
}

#[test]
fn mistakes_on_the_command_line_are_reported() {
    for (arguments, expected) in [
        (&["-f", "json"][..], "it is only for --once (add --once)"),
        (&["--once", "--server", "east"], "this is neither a path nor a URL"),
        (&["--once", "--interval", "0"], "expected a time such as 2s"),
        (&["--server", "/nowhere/kea4"], "standard output is no terminal (print an overview with --once)"),
        (&["--onec"], "did you mean --once?"),
        (&["/run/kea/kea4.sock"], "ask the server there with --server /run/kea/kea4.sock"),
        (&["/etc/passwd"], "did you mean -c /etc/passwd?"),
        (&["--once", "--server", "/etc/passwd"], "this is a file, not a control socket (did you mean -c /etc/passwd?)"),
        (&["--socket", "/run/kea/kea4.sock"], "--server names a control socket or a URL"),
    ] {
        let ran = run_at(0, arguments);
        assert!(ran.status == 2 && ran.stderr.contains(expected), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn an_answer_that_no_server_of_kea_gives_is_not_kept() {
    let names = vec!["statistic-get"; 100_000];
    let fake = Fake::unix(move |_| Reply::Answer(json!({ "result": 0, "arguments": names })));
    let ran = run_at(recorded_at("2.2.0"), &["--once", "--server", fake.address()]);
    assert!(ran.status == 2 && ran.stdout.contains("unusable"), "{ran:?}");
}

#[test]
fn a_file_of_servers_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("servers.toml");
    let [four, _] = servers("2.2.0");
    std::fs::write(&file, format!("[server.east]\nsocket = {:?}\n[server.west]\nsocket = \"/x\"\n", four.address()))
        .unwrap();
    let file = file.to_str().unwrap();
    let at = recorded_at("2.2.0");
    for server in [&["--server", "east"][..], &["--server", "east", "--server", "east"]] {
        let ran = run_at(at, &[&["--once", "--servers", file], server].concat());
        assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("east ")).count(), 1, "{}", ran.stdout);
        assert!(!ran.stdout.contains("(2)"), "{}", ran.stdout);
    }
    let unreadable = "[server.north]\nurl = \"http://127.0.0.1:1\"\nuser = \"u\"\npassword-file = \"/nowhere\"\n";
    std::fs::write(file, format!("[server.east]\nsocket = {:?}\n{unreadable}", four.address())).unwrap();
    let ran = run_at(at, &["--once", "--width", "200", "--servers", file]);
    let row = |name: &str| ran.stdout.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("east ").contains("pool full") && row("north ").contains("unreadable"), "{}", ran.stdout);
    std::fs::write(file, "[server.east]\nsockets = \"/x\"\n").unwrap();
    let ran = run_at(at, &["--once", "--servers", file]);
    assert!(ran.status == 2 && ran.stderr.starts_with(&format!("kea-top: {file}:2: unknown field")), "{}", ran.stderr);
}

#[test]
fn the_word_of_json_is_that_of_the_row() {
    let [four, _] = servers("2.2.0");
    let arguments = ["--once", "--server", four.address()];
    let shown = document(&run_at(recorded_at("2.2.0"), &[&arguments[..], &["-f", "json"]].concat()).stdout);
    assert_eq!(
        (&shown["servers"][0]["service"], &shown["servers"][0]["state"]),
        (&json!("pool full"), &json!("CRITICAL"))
    );
    assert_eq!(shown["servers"][0]["daemons"][0]["service"], "serving");
    assert!(run_at(recorded_at("2.2.0"), &arguments).stdout.contains("pool full"));
}

/// A server with these subnets whose leases cannot be read, and with so many addresses in use in the first one.
fn uncounted(subnets: &Value, assigned: u32) -> Fake {
    let rows: Vec<Value> = (1..=subnets.as_array().unwrap().len())
        .map(|id| json!([id, 40, assigned, if id == 1 { assigned } else { 0 }, 0]))
        .collect();
    let columns =
        ["subnet-id", "total-addresses", "cumulative-assigned-addresses", "assigned-addresses", "declined-addresses"];
    Replay::new("2.2.0", 4)
        .without("lease4-get-page")
        .with("config-get", json!({ "result": 0, "arguments": { "Dhcp4": { "subnet4": subnets } } }))
        .with(
            "stat-lease4-get",
            json!({ "result": 0, "arguments": { "result-set": { "columns": columns, "rows": rows } } }),
        )
        .serve()
}

#[test]
fn what_may_be_in_pools_of_a_class_is_used() {
    let subnets = json!([
        { "id": 1, "subnet": "10.40.0.0/24", "pools": [
            { "pool": "10.40.0.10 - 10.40.0.29", "client-class": "voip" }, { "pool": "10.40.0.30 - 10.40.0.49" }] },
        { "id": 2, "subnet": "11.0.0.0/8", "pools": [{ "pool": "11.0.0.1 - 11.255.255.254" }] },
    ]);
    let fake = uncounted(&subnets, 20);
    let ran = run_at(recorded_at("2.2.0"), &["--once", "--width", "120", "--server", fake.address()]);
    let row = |name: &str| ran.stdout.lines().rfind(|line| line.contains(name)).unwrap();
    assert!(row("10.40.0.0/24").contains("50.0 %"), "half of all is leased: {}", ran.stdout);
    assert!(row("11.0.0.0/8").contains(" ~2^24"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("~~"), "{}", ran.stdout);
}

#[test]
fn a_subnet_without_a_pool_is_not_low() {
    let subnets = json!([
        { "id": 1, "subnet": "10.40.0.0/24", "pools": [{ "pool": "10.40.0.10 - 10.40.0.49" }] },
        { "id": 2, "subnet": "10.60.0.0/24" },
    ]);
    let fake = uncounted(&subnets, 2);
    let ran = run_at(recorded_at("2.2.0"), &["--once", "--width", "120", "--server", fake.address()]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("no pool 10.60.0.0/24") && !ran.stdout.contains("pools low"), "{}", ran.stdout);
    let mut app = asked(vec![place("east", fake.address())], recorded_at("2.2.0"));
    app.key(Key::Enter);
    let shown = frame(&app, look(), (120, 40));
    assert!(shown.contains("WARNING: 10.60.0.0/24 has no pool"), "{shown}");
}
