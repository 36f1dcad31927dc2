//! A load-balancing pair with a half of the pools for each server: recorded answers of both servers, as the pools filled
//! until every new client was refused, and after one of them was stopped.

use serde_json::{Value, json};

use crate::pools::fake::{Fake, Reply};
use crate::pools::harness::{family, json_of, paged, recording, run_line};

const RELEASES: [&str; 3] = ["2.2.0", "2.6.3", "3.0.4"];

/// The addresses of subnet 30 in the order in which 10 clients got them; the next two were refused, as the half of server2
/// was full, and the two after them got the last of server1.
const GIVEN: [u8; 10] = [20, 21, 22, 23, 10, 11, 12, 24, 25, 13];

fn file(release: &str, name: &str) -> Value {
    json_of(&recording(&format!("{release}/ha")).join(name))
}

fn leases(release: &str, server: u8) -> Vec<Value> {
    let all = file(release, &format!("server{server}-lease4-get-all.json"));
    all["arguments"]["leases"].as_array().unwrap().clone()
}

/// A server of the pair, with these leases and this answer to status-get.
fn server(release: &str, number: u8, leases: Vec<Value>, status: Value) -> Fake {
    let config = file(release, &format!("server{number}-config-get.json"));
    let statistics = file(release, &format!("server{number}-stat-lease4-get.json"));
    let version = json!({"result": 0, "text": release});
    Fake::unix(move |command| match command["command"].as_str().unwrap() {
        "config-get" => Reply::Answer(config.clone()),
        "stat-lease4-get" => Reply::Answer(statistics.clone()),
        "status-get" => Reply::Answer(status.clone()),
        "version-get" => Reply::Answer(version.clone()),
        "lease4-get-page" => paged(command, &leases),
        "statistic-get" => Reply::Answer(json!({"result": 0, "arguments": {"pkt4-received": [[1, "x"]]}})),
        _ => Reply::Answer(json!({"result": 2, "text": "unknown command"})),
    })
}

fn status(release: &str, number: u8) -> Value {
    file(release, &format!("server{number}-status-get.json"))
}

fn at(leases: &[Value]) -> i64 {
    leases.iter().map(|lease| lease["cltt"].as_i64().unwrap()).max().unwrap()
}

/// The counts of a subnet, and the reasons of its row.
fn look(fake: &Fake, at: i64, subnet: u32, options: &str) -> (Value, Vec<Value>) {
    let line = format!("-4 --socket {} --at @{at} {options}", fake.address());
    let family = family(&run_line(&format!("{line} -f json")));
    let all = family["subnets"].as_array().unwrap();
    let found = all.iter().find(|other| other["id"] == subnet).unwrap().clone();
    let row: Value = serde_json::from_str(run_line(&format!("{line} -f ndjson {subnet}")).stdout.trim()).unwrap();
    (found, row["causes"].as_array().unwrap().clone())
}

#[test]
fn both_servers_have_every_number_of_their_answers() {
    for (release, number) in RELEASES.into_iter().flat_map(|release| [(release, 1), (release, 2)]) {
        let all = leases(release, number);
        let place = format!("{release}, server{number}");
        let fake = server(release, number, all.clone(), status(release, number));
        let table = file(release, &format!("server{number}-stat-lease4-get.json"));
        for row in table["arguments"]["result-set"]["rows"].as_array().unwrap() {
            let [id, total, _, assigned, declined] = [0, 1, 2, 3, 4].map(|column| row[column].as_u64().unwrap());
            let id = u32::try_from(id).unwrap();
            for basis in ["leases", "statistics"] {
                let (subnet, _) = look(&fake, at(&all), id, &format!("--basis {basis}"));
                let counts = &subnet["addresses"];
                let found = ["total", "active", "declined", "free", "effective-free", "effective-free-unclassed"];
                let expected = [total, assigned, declined, total - assigned - declined, 0, 0];
                assert_eq!(found.map(|name| counts[name].as_u64().unwrap()), expected, "{place}, subnet {id}, {basis}");
            }
            let (subnet, _) = look(&fake, at(&all), id, "");
            for pool in subnet["pools"].as_array().unwrap() {
                // Every address of every pool was given.
                assert_eq!(pool["total"], pool["active"], "{place}: {pool}");
                assert_eq!(pool["client-class"].is_null(), id == 31, "{place}: {pool}");
            }
        }
    }
}

#[test]
fn clients_are_refused_when_their_half_is_full() {
    for release in RELEASES {
        let all = leases(release, 1);
        let first = |count: usize| -> Vec<Value> {
            let is_given = |lease: &&Value| {
                let address = lease["ip-address"].as_str().unwrap();
                GIVEN[..count].iter().any(|last| address == format!("10.30.0.{last}"))
            };
            all.iter().filter(is_given).cloned().collect()
        };
        // Before the tenth client each half had something, and the fuller one a single address.
        for (count, free, unclassed) in [(0, 12, 6), (8, 4, 1), (9, 3, 0), (10, 2, 0)] {
            let fake = server(release, 1, first(count), status(release, 1));
            let (subnet, causes) = look(&fake, at(&all), 30, "");
            let counts = &subnet["addresses"];
            let found = (&counts["effective-free"], &counts["effective-free-unclassed"]);
            assert_eq!(found, (&free.into(), &unclassed.into()), "{release}, {count} leases");
            let is_named = causes.iter().any(|cause| cause["reason"] == "ha-half");
            assert_eq!(is_named, unclassed == 0, "{release}, {count} leases: {causes:?}");
        }
        let fake = server(release, 1, first(10), status(release, 1));
        let ran = run_line(&format!("-4 --socket {} --at @{} -f nagios 30", fake.address(), at(&all)));
        assert!(ran.status == 2 && ran.stdout.contains("the pools of server2 are full (6 of 6 used)"), "{ran:?}");
    }
}

#[test]
fn the_halves_stay_apart_when_one_server_serves_both() {
    for release in RELEASES {
        let all = leases(release, 1);
        let partner_down = file(release, "server1-partner-down-status-get.json");
        let full: Vec<Value> = all.iter().filter(|lease| lease["ip-address"] != "10.30.0.10").cloned().collect();
        let fake = server(release, 1, full.clone(), partner_down);
        let (subnet, causes) = look(&fake, at(&all), 30, "");
        assert_eq!(subnet["addresses"]["effective-free"], 1);
        assert_eq!(subnet["addresses"]["effective-free-unclassed"], 0);
        assert!(causes[0]["evidence"].as_str().unwrap().starts_with("the pools of server2 are full"), "{causes:?}");
        // A survivor that waits serves its own half alone.
        let mut alone = file(release, "server1-partner-down-status-get.json");
        alone["arguments"]["high-availability"][0]["ha-servers"]["local"]["scopes"] = json!(["server1"]);
        let fake = server(release, 1, Vec::new(), alone);
        let (subnet, causes) = look(&fake, at(&all), 30, "");
        assert_eq!(subnet["addresses"]["effective-free-unclassed"], 0);
        assert_eq!(causes[0]["evidence"], "no server serves the clients of server2 now (status-get)");
        // What has no class is for the clients of both.
        assert_eq!(look(&fake, at(&all), 31, "").0["addresses"]["effective-free-unclassed"], 10);
    }
}
