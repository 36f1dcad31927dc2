//! What a server is asked in many rounds, at chosen moments.

use std::fs;
use std::time::Duration;

use kea_tools::config::Daemon;
use kea_tools::control::Deadline;
use kea_tools::fleet::{Fleet, Leases, Moment, PollOptions, ServerEndpoint};
use kea_tools::stats::reading::Answers;
use serde_json::{Value, json};

use super::asking::{commands, large};
use super::harness::Replay;
use crate::control::fake::{Fake, Reply};

const NOW: i64 = 1_795_960_000;

/// How long after its start a server is asked first, in seconds.
const AGE: u64 = 100_000;

/// Counts are asked for again after this time, so that each second round has those of before.
const PAUSE: u64 = 15;

fn wanted() -> PollOptions {
    let seconds = Duration::from_secs;
    PollOptions {
        subnets: true,
        leases: Leases::Auto,
        pause: seconds(PAUSE),
        longest_wait: seconds(30),
        file_pause: seconds(30),
        follow: false,
        keep_configuration: false,
    }
}

/// Asks a fake server that answers as this one does in so many rounds; its last answers.
fn rounds(fleet: &Fleet, from: u64, count: u64) -> Option<Answers> {
    let mut last = None;
    for round in from..from + count {
        let seconds = round * 10;
        let moment = Moment { now: NOW + i64::try_from(seconds).unwrap(), monotonic: Duration::from_secs(seconds) };
        let readings = fleet.poll_each(moment, Deadline::after(Duration::from_secs(300)));
        last = readings.into_iter().flatten().next().and_then(|reading| reading.answers).map(|answers| *answers);
    }
    last
}

/// A server whose status has an age that grows by ten seconds with each question, as that of `rounds` does.
fn aging(server: Replay) -> Fake {
    let asked = std::sync::atomic::AtomicU64::new(0);
    Fake::unix(move |command| {
        let is_status = command["command"] == "status-get";
        let before = asked.fetch_add(u64::from(is_status), std::sync::atomic::Ordering::SeqCst);
        Reply::Answer(server.answer_after(command, AGE + before * 10))
    })
}

fn fleet_of(fake: &Fake) -> Fleet {
    let place = ServerEndpoint { daemon: Some(Daemon::Dhcp4), ..ServerEndpoint::at(fake.address().parse().unwrap()) };
    Fleet::new(vec![place], wanted())
}

/// The same server, whose statistics have subnets that were removed.
fn with_removed_subnets(server: &Replay) -> Replay {
    let mut all = server.answer(&json!({ "command": "statistic-get-all" }));
    for subnet in [7001, 7002] {
        all["arguments"][format!("subnet[{subnet}].assigned-addresses")] = json!([[1, "2026-11-29 10:00:00.000000"]]);
    }
    server.clone().with("statistic-get-all", all)
}

#[test]
fn the_configuration_of_an_unchanged_server_is_read_once() {
    let plain = Replay::new("3.0.4", 4);
    for (name, server) in [
        ("as recorded", plain.clone()),
        ("with removed subnets", with_removed_subnets(&plain)),
        ("without counts of leases", plain.clone().without("stat-lease4-get")),
        ("both", with_removed_subnets(&plain).without("stat-lease4-get")),
        ("without any statistics", plain.clone().without("stat-lease4-get").without("statistic-get-all")),
        ("large", large(1000)),
    ] {
        let fake = aging(server);
        let fleet = fleet_of(&fake);
        let answers = rounds(&fleet, 0, 60).unwrap();
        assert!(answers.layout.is_some(), "{name}");
        assert_eq!(commands(&fake)["config-get"], 1, "{name}");
        assert_eq!(commands(&fake)["version-get"], 1, "{name}");
    }
}

#[test]
fn a_subnet_that_is_added_or_removed_is_noticed() {
    for is_counted in [true, false] {
        let mut server = Replay::new("3.0.4", 4);
        if !is_counted {
            server = server.without("stat-lease4-get");
        }
        let other = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = std::sync::Arc::clone(&other);
        let asked = std::sync::atomic::AtomicU64::new(0);
        let fake = Fake::unix(move |command| {
            let is_status = command["command"] == "status-get";
            let before = asked.fetch_add(u64::from(is_status), std::sync::atomic::Ordering::SeqCst);
            let mut answer = server.answer_after(command, AGE + before * 10);
            if seen.load(std::sync::atomic::Ordering::SeqCst) {
                add_subnet(&mut answer);
            }
            Reply::Answer(answer)
        });
        let fleet = fleet_of(&fake);
        rounds(&fleet, 0, 10);
        assert_eq!(commands(&fake)["config-get"], 1, "{is_counted}");
        other.store(true, std::sync::atomic::Ordering::SeqCst);
        rounds(&fleet, 10, 60);
        assert_eq!(commands(&fake)["config-get"], 2, "{is_counted}");
    }
}

fn add_subnet(answer: &mut Value) {
    let arguments = &mut answer["arguments"];
    if let Some(columns) = arguments["result-set"]["columns"].as_array().map(Vec::len) {
        let mut row = vec![json!(0); columns];
        row[0] = json!(7003);
        arguments["result-set"]["rows"].as_array_mut().unwrap().push(json!(row));
    } else if arguments.get("pkt4-received").is_some() && arguments.as_object().unwrap().len() > 5 {
        arguments["subnet[7003].total-addresses"] = json!([[10, "2026-11-29 10:00:00.000000"]]);
    }
}

#[test]
fn a_large_configuration_file_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let (server, file) = (large(1000), folder.path().join("kea-dhcp4.conf"));
    let mut config = server.answer(&json!({ "command": "config-get" }))["arguments"].clone();
    for subnet in config["Dhcp4"]["subnet4"].as_array_mut().unwrap() {
        let start = subnet["subnet"].as_str().unwrap().strip_suffix("0/24").unwrap().to_owned();
        subnet["pools"] = json!([{ "pool": format!("{start}0 - {start}199") }]);
    }
    fs::write(&file, config.to_string()).unwrap();
    // The file was written before the server has loaded it.
    let ahead = i64::from(u16::MAX) * 100_000;
    let fake = aging(server);
    let place = ServerEndpoint {
        daemon: Some(Daemon::Dhcp4),
        config: Some(file.clone()),
        ..ServerEndpoint::at(fake.address().parse().unwrap())
    };
    let fleet = Fleet::new(vec![place], wanted());
    let ask = |round: u64| {
        let seconds = round * 10;
        let now = NOW + ahead + i64::try_from(seconds).unwrap();
        let moment = Moment { now, monotonic: Duration::from_secs(seconds) };
        let readings = fleet.poll_each(moment, Deadline::after(Duration::from_secs(300)));
        readings.into_iter().flatten().next().unwrap().answers.unwrap().layout
    };
    let first = ask(0).unwrap();
    assert!(!commands(&fake).contains_key("config-get"));
    for round in 1..30 {
        assert!(std::sync::Arc::ptr_eq(&first, &ask(round).unwrap()), "round {round}");
    }
    assert!(!commands(&fake).contains_key("config-get"));
}
