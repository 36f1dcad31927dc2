//! Answers that Kea 2.2.0 cannot give, or no Kea should.

use std::time::Duration;

use serde_json::{Value, json};

use crate::fake::{Fake, Reply};
use crate::world::{Machine, status_with};

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
fn who_switched_dhcp_off_is_told() {
    let critical = |change, id, text| assert_said(dhcp_state(change), "not-serving", "CRITICAL", id, text);
    critical(("disabled-by-user", json!(true)), "dhcp-disabled", "DHCP was switched off (dhcp-disable)");
    critical(("disabled-by-db-connection", json!(true)), "database-lost", "the connection to its database is lost");
    critical(("disabled-by-local-command", json!([1])), "dhcp-disabled", "DHCP is switched off by command");
}

#[test]
fn sockets_that_could_not_be_opened_are_told_with_the_reason() {
    let sockets = |status: &str| json!({ "sockets": { "status": status, "errors": ["failed to bind eth1"] } });
    let text = "it could not open all its sockets and tries again: failed to bind eth1";
    assert_said(sockets("retrying"), "serving", "WARNING", "sockets-retrying", text);
    let text = "it could not open all its sockets and has given up: failed to bind eth1";
    assert_said(sockets("failed"), "not-serving", "CRITICAL", "sockets-failed", text);
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
fn user_and_password_may_be_given_where_the_configuration_does_not_tell() {
    let fake = Fake::web(status_with(json!({})));
    let machine = with_own_http(&fake, &clients(&json!([{ "user": "admin", "password-file": "unreadable" }])));
    machine.file("/mine", "kea:s3cret\n");
    let arguments = format!("-s dhcp4 --auth-file {}", machine.at("/mine").display());
    assert_eq!(machine.run(&arguments).status, 0);
    // "kea:s3cret" in base64, in lower case.
    assert!(fake.heads()[0].contains("basic a2vhonmzy3jlda=="), "{}", fake.heads()[0]);
}

#[test]
fn who_may_not_ask_does_not_know_and_is_told_why() {
    for (status, text) in [(401, "it wants to know who asks"), (403, "this user may not send this command there")] {
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

#[test]
fn an_answer_that_is_none_is_unknown_and_told() {
    let depth = 100_000;
    let deep = format!("{{\"result\": 0, \"arguments\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    for (octets, text) in [
        ("{\"result\": 0, \"arguments\": {", "ends in its middle"),
        ("220 mail.example ESMTP\r\n", "not JSON"),
        ("{\"hello\": 1}", "no answer of Kea"),
        ("[[[[[[[[[[[[[[[", "ends in its middle"),
        ("", "closed without an answer"),
    ] {
        let fake = Fake::unix(move |_| Reply::Octets(octets.as_bytes().to_vec()));
        Machine::behind(&fake).assert_said("unknown", "UNKNOWN", "control-garbled", text);
    }
    // So deep that nobody could read it, and yet an answer: it says nothing.
    let fake = Fake::unix(move |_| Reply::Octets(deep.clone().into_bytes()));
    assert_eq!(Machine::behind(&fake).run("-s dhcp4 -t 5").status, 0);
}

#[test]
fn an_answer_without_end_is_left_after_its_limit() {
    for web in [false, true] {
        let endless = |_: &Value| Reply::Endless;
        let fake = if web { Fake::web(endless) } else { Fake::unix(endless) };
        let machine = if web { with_own_http(&fake, &json!({})) } else { Machine::behind(&fake) };
        let facts = machine.facts("-t 10");
        assert!(facts["reason"].as_str().unwrap().contains("is longer than"), "{facts:#}");
    }
}

#[test]
fn a_server_that_hangs_or_drips_costs_no_more_than_the_time_given() {
    for web in [false, true] {
        for reply in [Reply::Hang, Reply::Drip] {
            let script = move |_: &Value| reply.clone();
            let fake = if web { Fake::web(script) } else { Fake::unix(script) };
            let machine = if web { with_own_http(&fake, &json!({})) } else { Machine::behind(&fake) };
            let ran = machine.run("-s dhcp4 -t 0.5 -f nagios");
            assert!(ran.took < Duration::from_millis(1500), "{ran:?}");
            assert!(ran.status == 2 && ran.stdout.starts_with("KEA CRITICAL - dhcp4: hung: "), "{ran:?}");
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
