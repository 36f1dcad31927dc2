//! Answers that are odd, wrong, late or missing: a series is right, or it is not there, and the rest is a valid exposition.

use serde_json::{Value, json};

use super::harness::{Ran, Replay, Series, run_at, series};
use crate::control::fake::{Fake, Reply};

const NOW: i64 = 1_795_960_000;

fn ask(fake: &Fake, arguments: &[&str]) -> Ran {
    run_at(NOW, &[&["--server", fake.address()], arguments].concat())
}

/// Whether every line is one of the format, families are in one piece, and no series is there twice.
fn check(ran: &Ran) -> Series {
    let mut seen = Vec::new();
    for line in ran.stdout.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let name = rest.split(' ').next().unwrap();
            assert!(!seen.contains(&name), "{name} begins again");
            seen.push(name);
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            assert_eq!(seen.last(), Some(&name), "{line}");
            assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        }
    }
    series(&ran.stdout)
}

fn with_statistics(statistics: &Value) -> Series {
    let answer = json!({ "result": 0, "arguments": statistics });
    let replay = Replay::new("3.0.4", 4).with("statistic-get-all", answer).without("stat-lease4-get");
    let ran = ask(&replay.serve(), &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    check(&ran)
}

#[test]
fn unknown_statistics_keep_their_own_names() {
    let found = with_statistics(&json!({
        "pkt4-queue-full": [[3, "t"]],
        "subnet[50].new-thing": [[4, "t"]],
        "subnet[50].pool[50].new-thing": [[5, "t"]],
        "odd \"name\"\n\\": [[6, "t"]],
    }));
    assert_eq!(found["kea_statistic{daemon=\"dhcp4\",name=\"pkt4-queue-full\"}"], 3.0);
    assert_eq!(found["kea_statistic{daemon=\"dhcp4\",name=\"new-thing\",subnet_id=\"50\"}"], 4.0);
    assert_eq!(found["kea_statistic{daemon=\"dhcp4\",name=\"new-thing\",pool_id=\"50\",subnet_id=\"50\"}"], 5.0);
    assert_eq!(found["kea_statistic{daemon=\"dhcp4\",name=\"odd \\\"name\\\"\\n\\\\\"}"], 6.0);
}

#[test]
fn values_that_are_no_counts_are_left_out() {
    let found = with_statistics(&json!({
        "pkt4-ack-sent": [["7", "t"]],
        "pkt4-nak-sent": [],
        "pkt4-offer-sent": null,
        "declined-addresses": [[-1, "t"]],
        "subnet[50].assigned-addresses": [[-1, "t"]],
        "reclaimed-leases": [[5, "t"]],
    }));
    let has = |part: &str| found.keys().any(|name| name.contains(part));
    assert!(!has("kea_dhcp4_packets_sent_total") && !has("global4_addresses_declined_total"));
    assert!(!has("kea_dhcp4_addresses_assigned_total"));
    assert_eq!(found["kea_dhcp4_global4_addresses_reclaimed_total{}"], 5.0);
}

#[test]
fn lost_total_addresses_follow_from_the_configuration() {
    let found = with_statistics(
        &json!({ "subnet[50].total-addresses": [[0, "t"]], "subnet[54].total-addresses": [[-1, "t"]] }),
    );
    let size = |subnet: &str| {
        found.iter().find(|(name, _)| name.starts_with("kea_dhcp4_addresses_total") && name.contains(subnet)).unwrap().1
    };
    assert_eq!((*size("subnet_id=\"50\""), *size("subnet_id=\"54\"")), (20.0, 151.0));
}

#[test]
fn answers_of_another_shape_do_no_harm() {
    let odd = [
        json!(null),
        json!([]),
        json!("text"),
        json!({ "result-set": 7 }),
        json!({ "Dhcp4": [] }),
        json!({ "Dhcp4": null }),
    ];
    for command in ["statistic-get-all", "stat-lease4-get", "config-get", "list-commands", "version-get", "status-get"]
    {
        for arguments in &odd {
            let replay = Replay::new("2.6.3", 4).with(command, json!({ "result": 0, "arguments": arguments }));
            let replies = replay.clone();
            // The same in a list, as over HTTP.
            let fakes = [replay.serve(), Fake::web(move |command| Reply::Answer(replies.answer(command)))];
            for fake in fakes {
                let ran = ask(&fake, &[]);
                assert!(
                    ran.status == 0 && check(&ran)["kea_up{daemon=\"dhcp4\"}"] == 1.0,
                    "{command} {arguments}: {ran:?}"
                );
            }
        }
    }
}

#[test]
fn refused_commands_leave_out_what_depends_on_them() {
    for command in ["statistic-get-all", "stat-lease4-get", "config-get", "lease4-get-page", "version-get"] {
        let refused = json!({ "result": 1, "text": "not now" });
        let found = check(&ask(&Replay::new("3.0.4", 4).with(command, refused).serve(), &[]));
        assert_eq!(found["kea_up{daemon=\"dhcp4\"}"], 1.0, "{command}");
        assert!(found.contains_key("kea_dhcp4_packets_sent_total{operation=\"ack\"}"), "{command}");
        let has_pools = found.keys().any(|name| name.starts_with("kea_pool_active"));
        assert_eq!(has_pools, !["config-get", "lease4-get-page"].contains(&command), "{command}");
    }
    // Without its configuration a subnet has its number for a name.
    let refused = json!({ "result": 1, "text": "" });
    let found = check(&ask(&Replay::new("3.0.4", 4).with("config-get", refused).serve(), &[]));
    assert_eq!(found["kea_dhcp4_addresses_assigned_total{shared_network=\"\",subnet=\"50\",subnet_id=\"50\"}"], 9.0);
    assert_eq!(found["kea_config_skipped{daemon=\"dhcp4\",reason=\"refused\"}"], 1.0);
}

#[test]
fn a_server_that_rejects_hangs_or_talks_nonsense_is_down() {
    for (reply, reason) in [
        (Reply::Status(401, json!({ "result": 401, "text": "Unauthorized" })), "unauthorized"),
        (Reply::Status(403, json!({ "result": 403, "text": "Forbidden" })), "forbidden"),
        (Reply::Octets(b"220 mail.example ESMTP\r\n".to_vec()), "not_kea"),
        (Reply::Close, "connection_lost"),
    ] {
        let ran = ask(&Fake::web(move |_| reply.clone()), &[]);
        let found = check(&ran);
        assert_eq!((ran.status, found["kea_up{daemon=\"ctrl_agent\"}"]), (2, 0.0), "{reason}");
        assert_eq!(found[&format!("kea_scrape_error{{daemon=\"ctrl_agent\",reason=\"{reason}\"}}")], 1.0);
    }
    let hung = Fake::unix(|_| Reply::Hang);
    let ran = run_at(NOW, &["--server", hung.address(), "--timeout", "300ms"]);
    assert!(ran.status == 2 && ran.stdout.contains("reason=\"timeout\""), "{ran:?}");
}

/// What one of several servers is called whose sockets have the same name: the directory distinguishes them.
fn name(fake: &Fake) -> String {
    let parts: Vec<&str> = fake.address().rsplit('/').take(2).collect();
    format!("{}/{}", parts[1], parts[0])
}

#[test]
fn one_server_that_hangs_does_not_hide_the_other() {
    let (hung, healthy) = (Fake::unix(|_| Reply::Hang), Replay::new("2.2.0", 6).serve());
    let ran = run_at(NOW, &["--server", hung.address(), "--server", healthy.address(), "--timeout", "10s"]);
    let found = check(&ran);
    assert_eq!(ran.status, 1);
    let up = |daemon: &str, fake: &Fake| found[&format!("kea_up{{daemon=\"{daemon}\",server=\"{}\"}}", name(fake))];
    assert_eq!((up("dhcp6", &healthy), up("unknown", &hung)), (1.0, 0.0));
}

#[test]
fn two_daemons_of_one_kind_are_told_apart() {
    let fakes = [Replay::new("3.0.4", 4).serve(), Replay::new("2.2.0", 4).serve()];
    let found = check(&run_at(NOW, &["--server", fakes[0].address(), "--server", fakes[1].address()]));
    for (version, server) in ["3.0.4", "2.2.0"].iter().zip(fakes.each_ref().map(name)) {
        assert_eq!(found[&format!("kea_info{{daemon=\"dhcp4\",server=\"{server}\",version=\"{version}\"}}")], 1.0);
    }
}

#[test]
fn names_of_networks_may_be_anything() {
    let mut config = Replay::new("3.0.4", 4).answer(&json!({ "command": "config-get" }));
    config["arguments"]["Dhcp4"]["shared-networks"][0]["name"] = "a\"b\\c\n\u{fc}\u{1b}[2J".into();
    let found = check(&ask(&Replay::new("3.0.4", 4).with("config-get", config).serve(), &[]));
    let name = "shared_network=\"a\\\"b\\\\c\\n\u{fc}\\\\u{1b}[2J\"";
    assert!(found.keys().any(|series| series.contains(name)), "{:?}", found.keys().find(|it| it.contains("a\\\"b")));
}

#[test]
fn large_answers_are_read() {
    let mut statistics = serde_json::Map::new();
    for subnet in 1..=20_000 {
        for name in ["total-addresses", "assigned-addresses", "declined-addresses", "reclaimed-leases"] {
            statistics.insert(format!("subnet[{subnet}].{name}"), json!([[subnet, "2026-11-29 08:08:45.079904"]]));
        }
    }
    let found = with_statistics(&Value::Object(statistics));
    assert_eq!(
        found["kea_dhcp4_addresses_reclaimed_total{prefix=\"10.50.0.0/24\",shared_network=\"\",subnet=\"10.50.0.0/24\",subnet_id=\"50\"}"],
        50.0
    );
}

#[test]
fn reservations_that_are_not_known_have_no_series() {
    let mut config = Replay::new("3.0.4", 4).answer(&json!({ "command": "config-get" }));
    config["arguments"]["Dhcp4"]["hosts-database"] = json!({ "type": "mysql", "name": "kea" });
    let found = check(&ask(&Replay::new("3.0.4", 4).with("config-get", config).serve(), &[]));
    let has = |name: &str| found.keys().any(|series| series.starts_with(name));
    assert!(has("kea_pool_active") && has("kea_subnet_size"));
    assert!(!has("kea_pool_reserved_free") && !has("kea_subnet_reserved_free") && !has("kea_pool_effective_free"));
}

#[test]
fn a_state_that_is_not_known_has_its_own_series() {
    let server = Replay::new("3.0.4", 4);
    let mut status = server.answer(&json!({ "command": "status-get" }));
    let local = json!({ "role": "primary", "scopes": [], "state": "dreaming" });
    status["arguments"]["high-availability"] =
        json!([{ "ha-mode": "load-balancing", "ha-servers": { "local": local, "remote": {} } }]);
    let found = check(&ask(&server.with("status-get", status).serve(), &[]));
    let of = |state: &str| found[&format!("kea_ha_state{{daemon=\"dhcp4\",relationship=\"0\",state=\"{state}\"}}")];
    assert_eq!((of("dreaming"), of("load-balancing")), (1.0, 0.0));
}

#[test]
fn pools_of_a_class_are_not_for_all_clients() {
    let subnet = json!({ "id": 1, "subnet": "10.99.0.0/24", "pools": [
        { "pool": "10.99.0.1 - 10.99.0.10" }, { "pool": "10.99.0.11 - 10.99.0.30", "client-class": "voip" }] });
    let config = json!({ "result": 0, "arguments": { "Dhcp4": { "subnet4": [subnet] } } });
    let found = check(&ask(&Replay::new("3.0.4", 4).with("config-get", config).serve(), &[]));
    let of_subnet = |name: &str| {
        let labels = "family=\"4\",kind=\"address\",shared_network=\"\",subnet=\"10.99.0.0/24\",subnet_id=\"1\"";
        found[&format!("kea_subnet_{name}{{{labels}}}")]
    };
    assert_eq!((of_subnet("effective_free"), of_subnet("effective_free_unclassed")), (30.0, 10.0));
    let of_class = |name: &str| {
        let is_it = |series: &&String| series.starts_with(name) && series.contains("client_class=\"voip\"");
        found.keys().filter(is_it).count()
    };
    assert_eq!((of_class("kea_pool_effective_free{"), of_class("kea_pool_effective_free_unclassed{")), (1, 0));
}
