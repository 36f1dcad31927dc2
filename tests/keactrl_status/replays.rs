//! Answers that Kea 2.2.0 cannot give, or no Kea should.

use serde_json::{Value, json};

use crate::keactrl_status::fake::{Fake, Reply};
use crate::keactrl_status::harness::{Machine, PID, Ran, status_with};

/// A machine whose DHCPv4 server says this beside what every release says.
#[track_caller]
fn assert_said(more: Value, verdict: &str, state: &str, id: &str, text: &str) {
    let fake = Fake::unix(status_with(more));
    Machine::behind(&fake).assert_said(verdict, state, id, text);
}

fn dhcp_state(change: (&str, Value)) -> Value {
    let mut state = json!({ "globally-disabled": true, "disabled-by-user": false, "disabled-by-local-command": [],
        "disabled-by-remote-command": [], "disabled-by-db-connection": false });
    state[change.0] = change.1;
    json!({ "dhcp-state": state })
}

#[test]
fn a_server_that_serves_is_well_and_asked_twice_at_most() {
    let fake = Fake::unix(status_with(dhcp_state(("globally-disabled", json!(false)))));
    let machine = Machine::behind(&fake);
    machine.assert_well();
    let before = fake.asked().len();
    machine.run("-s dhcp4");
    let asked: Vec<_> =
        fake.asked().split_off(before).into_iter().map(|mut command| command["command"].take()).collect();
    assert!(asked[0] == "status-get" && asked.len() <= 2, "{asked:?}");
    assert!(asked.iter().all(|name| name != "config-get"), "{asked:?}");
}

#[test]
fn who_switched_dhcp_off_is_reported() {
    let critical = |change, id, text| assert_said(dhcp_state(change), "not-serving", "CRITICAL", id, text);
    critical(("disabled-by-user", json!(true)), "dhcp-disabled", "DHCP was disabled (dhcp-disable)");
    critical(("disabled-by-db-connection", json!(true)), "database-lost", "the connection to its database is lost");
    critical(("disabled-by-local-command", json!([1])), "dhcp-disabled", "DHCP is disabled by command");
}

#[test]
fn sockets_not_opened_are_reported_with_the_reason() {
    let sockets = |status: &str| json!({ "sockets": { "status": status, "errors": ["failed to bind eth1"] } });
    let text = "it could not open all its sockets and tries again: failed to bind eth1";
    assert_said(sockets("retrying"), "serving", "WARNING", "sockets-retrying", text);
    let text = "it could not open all its sockets and has given up: failed to bind eth1";
    // One is open.
    assert_said(sockets("failed"), "serving", "WARNING", "sockets-failed", text);
}

/// A machine whose DHCPv4 server takes commands at `fake`, over HTTP of its own, as releases from 2.7.2 on do.
fn with_own_http(fake: &Fake, authentication: &Value) -> Machine {
    let port: u16 = fake.address().rsplit(':').next().unwrap().parse().unwrap();
    Machine::with_dhcp4(&json!({ "control-sockets": [
        { "socket-type": "http", "socket-address": "127.0.0.1", "socket-port": port, "authentication": authentication }
    ] }))
}

fn clients(clients: &Value) -> Value {
    json!({ "type": "basic", "directory": "/etc/kea/secrets", "clients": clients })
}

#[test]
fn a_server_with_http_of_its_own_answers_in_a_list() {
    let fake = Fake::web(status_with(json!({})));
    let machine = with_own_http(&fake, &clients(&json!([{ "user": "admin", "password-file": "password" }])));
    machine.file("/etc/kea/secrets/password", "s3cret");
    machine.assert_well();
    // "admin:s3cret" in base64, in lower case.
    let heads = fake.heads();
    assert!(heads.iter().all(|head| head.contains("authorization: basic ywrtaw46cznjcmv0\r\n")), "{heads:?}");
    assert_eq!(fake.asked()[0]["service"], json!(["dhcp4"]));
}

#[test]
fn auth_file_replaces_unreadable_configured_credentials() {
    let fake = Fake::web(status_with(json!({})));
    let machine = with_own_http(&fake, &clients(&json!([{ "user": "admin", "password-file": "unreadable" }])));
    machine.file("/mine", "kea:s3cret\n");
    let arguments = format!("-s dhcp4 --auth-file {}", machine.at("/mine").display());
    assert_eq!(machine.run(&arguments).status, 0);
    // "kea:s3cret" in base64, in lower case.
    assert!(fake.heads()[0].contains("basic a2vhonmzy3jlda=="), "{}", fake.heads()[0]);
}

#[test]
fn a_user_without_access_gets_unknown_and_the_reason() {
    for (status, text) in
        [(401, "the server requires a user and a password"), (403, "this user may not send this command there")]
    {
        let fake = Fake::web(move |_| Reply::Status(status, json!({ "result": status, "text": "no" })));
        let machine = with_own_http(&fake, &json!({}));
        machine.assert_said("unknown", "UNKNOWN", "control-declined", text);
        assert_eq!(machine.run("-s dhcp4").status, 2);
    }
}

#[test]
fn an_answer_of_another_process_is_not_taken_for_the_servers() {
    assert_said(json!({ "pid": 4711 }), "unknown", "UNKNOWN", "control-declined", "process 4711 answers there");
}

/// Takes the server's process away, and leaves no pid file.
fn end_process(machine: &Machine) {
    std::fs::remove_dir_all(machine.at(&format!("/proc/{PID}"))).unwrap();
    std::fs::remove_file(machine.at("/run/kea/kea-dhcp4.kea-dhcp4.pid")).unwrap();
}

#[test]
fn an_answer_does_not_replace_a_missing_process() {
    let refusal = json!({ "result": 1, "text": "no" });
    for (answer, told) in [
        (Reply::Answer(refusal), "no"),
        (Reply::Answer(json!({ "result": 2, "text": "unknown" })), "down"),
        (Reply::Answer(json!({ "result": 0, "arguments": { "pid": 4711 } })), "process 4711 answers there"),
        (Reply::Octets(b"220 mail\r\n".to_vec()), "down"),
    ] {
        let fake = Fake::unix(move |_| answer.clone());
        let machine = Machine::behind(&fake);
        machine.file("/proc/4711/comm", "sleep\n");
        end_process(&machine);
        let facts = machine.facts("");
        assert_eq!((&facts["verdict"], &facts["state"]), (&json!("down"), &json!("CRITICAL")), "{facts:#}");
        assert!(facts["reason"].as_str().unwrap().contains(told), "{facts:#}");
        assert!(machine.run("-s dhcp4").stdout.starts_with("DHCPv4 server: inactive\n"));
    }
}

#[test]
fn the_password_of_a_server_without_a_process_is_not_sent() {
    let fake = Fake::web(status_with(json!({})));
    let machine = with_own_http(&fake, &clients(&json!([{ "user": "admin", "password": "s3cret" }])));
    machine.file("/mine", "kea:s3cret\n");
    end_process(&machine);
    for arguments in ["", &format!("--auth-file {}", machine.at("/mine").display())] {
        machine.run(&format!("-s dhcp4 {arguments}"));
    }
    let heads = fake.heads();
    assert!(!heads.is_empty() && heads.iter().all(|head| !head.contains("authorization")), "{heads:?}");
}

#[test]
fn hidepid_is_active_with_an_answer_and_unknown_without() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    end_process(&machine);
    std::fs::remove_dir_all(machine.at("/proc/1")).unwrap();
    machine.file("/proc/self/mounts", "proc /proc proc rw,hidepid=2 0 0\n");
    assert!(machine.run("-s dhcp4").stdout.starts_with("DHCPv4 server: active\n"));
    let up = |machine: &Machine| {
        let text = machine.run("-s dhcp4 -f prometheus").stdout;
        text.lines().find_map(|line| line.strip_prefix("kea_up{")?.rsplit(' ').next().map(str::to_owned))
    };
    assert_eq!(up(&machine).as_deref(), Some("1"));
    std::fs::remove_file(machine.at("/run/kea/kea4-ctrl-socket")).unwrap();
    assert!(machine.run("-s dhcp4").stdout.starts_with("DHCPv4 server: unknown\n"));
    assert_eq!(up(&machine), None);
}

#[test]
fn a_server_that_is_stopped_is_not_asked() {
    for state in ["T", "t", "Z", "X"] {
        let fake = Fake::unix(status_with(json!({})));
        let machine = Machine::behind(&fake);
        let stat = std::fs::read_to_string(machine.at(&format!("/proc/{PID}/stat"))).unwrap();
        machine.file(&format!("/proc/{PID}/stat"), stat.replace(") S ", &format!(") {state} ")));
        let facts = machine.facts("");
        assert_eq!(facts["verdict"], "stopped", "{facts:#}");
        assert!(fake.asked().is_empty(), "{state}");
    }
}

#[test]
fn unanswered_second_command_keeps_the_first_answer() {
    for web in [false, true] {
        let status = status_with(json!({}));
        let script = move |command: &Value| match command["command"].as_str() {
            Some("status-get") => status(command),
            _ => Reply::Hang,
        };
        let fake = if web { Fake::web(script) } else { Fake::unix(script) };
        let machine = if web { with_own_http(&fake, &json!({})) } else { Machine::behind(&fake) };
        for arguments in ["-f json", "-f json --with-config"] {
            // On a busy machine the first answer may take a while; the second never comes.
            let in_time = |ran: &Ran| ran.status == 0;
            let ran = machine.run_until(in_time, &format!("-s dhcp4 {arguments}"));
            let document: Value = serde_json::from_str(&ran.stdout).unwrap();
            let facts = &document["daemons"][0];
            assert_eq!((&facts["verdict"], &facts["control"]["version"]), (&json!("serving"), &Value::Null));
        }
    }
}

/// A machine whose server takes commands at both.
fn with_two_channels(first: &str, second: &Fake) -> Machine {
    let socket = |path: &str| json!({ "socket-type": "unix", "socket-name": path });
    let machine = Machine::with_dhcp4(&json!({ "control-sockets": [socket(first), socket("/run/kea/second")] }));
    std::fs::hard_link(second.path(), machine.at("/run/kea/second")).unwrap();
    machine
}

#[test]
fn the_most_informative_of_several_channels_is_reported() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = with_two_channels("/run/kea/none", &fake);
    machine.assert_well();
    let refusing = Fake::unix(|_| Reply::Answer(json!({ "result": 1, "text": "not today" })));
    let machine = with_two_channels("/run/kea/first", &fake);
    std::fs::hard_link(refusing.path(), machine.at("/run/kea/first")).unwrap();
    let before = fake.asked().len();
    machine.assert_well();
    // In one run there was a refusal before; that leaves one command.
    let asked: Vec<_> = fake.asked().split_off(before).iter().map(|it| it["command"].to_string()).collect();
    assert!(asked.iter().all(|name| name == "\"status-get\""), "{asked:?}");
    let machine = with_two_channels("/run/kea/none", &refusing);
    machine.assert_said("unknown", "UNKNOWN", "control-declined", "not today");
    let machine = Machine::with_dhcp4(&json!({ "control-sockets": [
        { "socket-type": "unix", "socket-name": "/run/kea/first" },
        { "socket-type": "unix", "socket-name": "/run/kea/none" }
    ] }));
    std::fs::hard_link(refusing.path(), machine.at("/run/kea/first")).unwrap();
    machine.assert_said("unknown", "UNKNOWN", "control-declined", "not today");
}

#[test]
fn an_answer_that_is_none_is_unknown_and_reported() {
    let depth = 100_000;
    let deep = format!("{{\"result\": 0, \"arguments\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    for (octets, text) in [
        ("{\"result\": 0, \"arguments\": {", "ends in its middle"),
        ("220 mail.example ESMTP\r\n", "not JSON"),
        ("{\"hello\": 1}", "not an answer of Kea"),
        ("[[[[[[[[[[[[[[[", "ends in its middle"),
        ("", "closed without an answer"),
        ("{\"result\": 0}", "does not say which process answers"),
        ("{\"result\": 0, \"arguments\": { \"uptime\": 7 } }", "does not say which process answers"),
        // So deep that nobody could read it.
        (deep.as_str(), "its arguments are not readable"),
    ] {
        let octets = octets.to_owned();
        let fake = Fake::unix(move |_| Reply::Octets(octets.as_bytes().to_vec()));
        Machine::behind(&fake).assert_said("unknown", "UNKNOWN", "control-garbled", text);
    }
}

#[test]
fn an_answer_without_end_is_left_after_its_limit() {
    for web in [false, true] {
        let endless = |_: &Value| Reply::Endless;
        let fake = if web { Fake::web(endless) } else { Fake::unix(endless) };
        let machine = if web { with_own_http(&fake, &json!({})) } else { Machine::behind(&fake) };
        let facts = machine.facts("");
        assert!(facts["reason"].as_str().unwrap().contains("is longer than"), "{facts:#}");
    }
}

#[test]
fn hanging_or_slow_server_is_given_up_after_the_timeout() {
    for web in [false, true] {
        for reply in [Reply::Hang, Reply::Drip] {
            let script = move |_: &Value| reply.clone();
            let fake = if web { Fake::web(script) } else { Fake::unix(script) };
            let machine = if web { with_own_http(&fake, &json!({})) } else { Machine::behind(&fake) };
            // That it ends at all shows that the server is given up.
            machine.run_until(|ran| ran.stdout.starts_with("KEA CRITICAL - dhcp4: hung: "), "-s dhcp4 -f nagios");
        }
    }
}

#[test]
fn what_a_server_says_has_no_effect_on_a_terminal_or_a_monitor() {
    let nasty = json!({ "sockets": { "status": "retrying", "errors": ["a\u{1b}[2J|b\n'c'=1"] } });
    let fake = Fake::unix(status_with(nasty));
    let machine = Machine::behind(&fake);
    for format in ["classic", "table", "nagios", "prometheus"] {
        let ran = machine.run(&format!("-s dhcp4 -f {format}"));
        assert!(!ran.stdout.contains('\u{1b}'), "{format}: {ran:?}");
    }
    let nagios = machine.run("-s dhcp4 -f nagios").stdout;
    assert_eq!(nagios.matches('|').count(), 1, "{nagios}");
}
