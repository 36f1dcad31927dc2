//! Each fault of a server under its own cause, with exact counts.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use kea_tools::lease::Family;

use super::lab::{Lab, Loaded};
use crate::program::{must, signal};
use crate::wait::wait_for;

/// 400 exchanges in two seconds, of 400 clients.
const USUAL: &str = "-I eth0 -s 192.0.2.9 -r 200 -d 2s -R 400";

fn load(behaviour: &str, arguments: &str) -> Loaded {
    let lab = Lab::new();
    let _server = lab.fake(Family::V4, behaviour);
    lab.load(arguments)
}

/// The messages of a kind: sent, answered, and lost by one cause; none is lost by another.
#[track_caller]
fn expect(loaded: &Loaded, message: &str, sent: u64, answered: u64, cause: &str) {
    let at = |name: &str| loaded.number(&format!("messages.{message}.{name}"));
    assert_eq!((at("sent"), at("answered")), (sent, answered), "{message}: {}", loaded.report);
    let lost = loaded.at(&format!("messages.{message}.lost")).as_object().unwrap();
    for (name, count) in lost.iter().filter(|(_, count)| count.is_u64()) {
        let expected = if name == cause { sent - answered } else { 0 };
        assert_eq!(count.as_u64(), Some(expected), "{message} {name}: {}", loaded.report);
    }
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_good_server_loses_nothing_and_keeps_nothing() {
    let loaded = load("delay=1ms", USUAL);
    expect(&loaded, "discover", 400, 400, "");
    expect(&loaded, "request", 400, 400, "");
    assert_eq!(loaded.number("messages.release.sent"), 400);
    assert_eq!((loaded.number("exchanges.completed"), loaded.number("leases-left")), (400, 0));
    assert!(loaded.ended(0), "{loaded:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn what_is_lost_is_lost_by_its_own_cause() {
    for (fault, cause) in [
        ("drop", "silence"),
        ("nak", "nak"),
        ("no-address", "no-address"),
        ("cut:200", "malformed"),
        ("late:1500ms", "late"),
    ] {
        let loaded = load(&format!("request/10={fault}"), USUAL);
        expect(&loaded, "discover", 400, 400, "");
        expect(&loaded, "request", 400, 360, cause);
        assert!(loaded.ended(1) && loaded.number("leases-left") == 0, "{fault}: {loaded:?}");
    }
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn answers_that_are_odd_are_counted_apart() {
    let twice = load("request/8=twice", USUAL);
    expect(&twice, "request", 400, 400, "");
    assert!(twice.ended(0) && twice.number("messages.request.duplicates") == 50, "{twice:?}");
    let wrong = load("discover/20=wrong-transaction", USUAL);
    expect(&wrong, "discover", 400, 380, "silence");
    assert!(wrong.ended(1) && wrong.number("unknown-transaction") == 20, "{wrong:?}");
    let other = load("request/20=other-server", &USUAL.replace("192.0.2.9", "all"));
    expect(&other, "request", 400, 380, "wrong-server");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn no_time_is_shorter_than_the_servers() {
    // Of 4000 answers to DISCOVER 100 take 200 ms, the others 5 ms.
    let loaded = load("delay=5ms discover/40=late:200ms", "-I eth0 -s 192.0.2.9 -r 1000 -d 4s -R 4000");
    let at = |name: &str| loaded.ms(&format!("messages.discover.latency-since-sending-ms.{name}"));
    for (name, expected) in [("p50", 5.0), ("p90", 5.0), ("p99", 200.0), ("p999", 200.0)] {
        let found = at(name);
        // How much longer it is depends on the machine; `tests/dhcpload` compares exactly.
        assert!(found >= expected && found < 1000.0, "{name} {found}: {}", loaded.report);
    }
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_stall_of_the_server_is_seen_and_loses_nothing_here() {
    let loaded = load("stall=1000ms:1500ms", "-I eth0 -s 192.0.2.9 -r 1000 -d 4s -R 4000 -t 3s");
    assert_eq!(loaded.number("own-drops"), 0, "{}", loaded.report);
    assert_eq!(loaded.number("exchanges.completed"), 4000, "{}", loaded.report);
    let (p99, max) = (loaded.ms("messages.discover.latency-ms.p99"), loaded.ms("messages.discover.latency-ms.max"));
    assert!(p99 >= 1000.0 && (1400.0..3000.0).contains(&max), "{p99} {max}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_stall_of_its_own_is_counted_and_the_run_is_not_valid() {
    let lab = Lab::new();
    let _server = lab.fake(Family::V4, "delay=0ms");
    let mut command = lab.dhcpload("-I eth0 -s 192.0.2.9 -r 1000 -d 6s -R 6000 -t 3s -f json");
    // nsenter becomes the program, so that the signal is for that.
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_secs(2));
    signal(process.id(), "STOP");
    sleep(Duration::from_millis(1500));
    signal(process.id(), "CONT");
    let loaded = Loaded::from(crate::program::Outcome::from(process.wait_with_output().unwrap()));
    assert!(loaded.ms("messages.discover.latency-ms.p99") >= 1000.0, "{}", loaded.report);
    assert!(loaded.number("late-sent") >= 1400, "{}", loaded.report);
    assert_eq!((loaded.at("valid").as_bool(), loaded.outcome.status), (Some(false), 2), "{}", loaded.report);
    assert!(loaded.outcome.stderr.contains("the run is not valid: "), "{}", loaded.outcome.stderr);
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn short_leases_are_remarked() {
    let loaded = load("lease=1", USUAL);
    assert_eq!(loaded.number("shortest-lease-time-s"), 1, "{}", loaded.report);
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn dhcpv6_has_the_same_causes_and_status_codes() {
    let lab = Lab::new();
    for (exchange, message) in [("sarr", "request"), ("solicit", "solicit"), ("rapid", "solicit")] {
        let _server = lab.fake(Family::V6, &format!("{message}/10=drop {message}/9=no-address"));
        let loaded = lab.load(&format!("-6 -I eth0 -s all -r 200 -d 2s -R 400 --exchange {exchange}"));
        let at = |name: &str| loaded.number(&format!("messages.{message}.{name}"));
        let refused = loaded.at(&format!("messages.{message}.lost.refused")).clone();
        // Each tenth is dropped, but not the 90th, which is a ninth as well and has the fault that is named first.
        assert_eq!((at("sent"), at("lost.silence")), (400, 40), "{}", loaded.report);
        assert_eq!(refused["NoAddrsAvail"].as_u64(), Some(40), "{}", loaded.report);
        assert_eq!((at("answered"), loaded.number("leases-left")), (320, 0), "{}", loaded.report);
    }
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn relay_agents_and_clients_have_the_same_counts() {
    let lab = Lab::new();
    let v4 = lab.fake(Family::V4, "request/10=nak");
    let relayed = lab.load("-s 192.0.2.9 --relay 192.0.2.50 -r 200 -d 2s -R 400");
    expect(&relayed, "discover", 400, 400, "");
    expect(&relayed, "request", 400, 360, "nak");
    drop(v4);
    let _v6 = lab.fake(Family::V6, "delay=0ms");
    let relayed = lab.load("-6 -s 2001:db8::9 --relay 2001:db8::50 -r 200 -d 2s -R 400");
    expect(&relayed, "request", 400, 400, "");
    assert!(relayed.ended(0) && relayed.number("leases-left") == 0, "{relayed:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_mixture_renews_rebinds_and_releases() {
    let loaded = load("delay=0ms", &format!("{USUAL} --mix new=70,renew=20,rebind=2,release=8"));
    let at = |name: &str| loaded.number(&format!("messages.{name}.sent"));
    assert!((60..=80).contains(&at("renew")) && (4..=8).contains(&at("rebind")), "{}", loaded.report);
    assert!(at("discover") >= 280 && at("release") >= 280, "{}", loaded.report);
    assert!(loaded.ended(0) && loaded.number("leases-left") == 0, "{loaded:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_closed_port_is_reported_and_no_message_is_lost_by_it() {
    let lab = Lab::new();
    let loaded = lab.load("-s 192.0.2.9 --relay 192.0.2.50 -r 50 -d 2s -R 100");
    expect(&loaded, "discover", 100, 0, "silence");
    assert!(loaded.number("unreachable") > 0 && loaded.ended(1), "{loaded:?}");
    let because = loaded.at("unreachable-because").as_str();
    assert_eq!(because, Some("ICMP port unreachable from 192.0.2.9"), "{}", loaded.report);
    // As long as the error queue is not empty, no wait lasts.
    assert!(loaded.ms("cpu-share") < 0.5, "{}", loaded.report);
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn what_the_servers_own_socket_dropped_is_counted() {
    let lab = Lab::new();
    let _server = lab.deaf();
    let namespace = format!("/proc/{}/ns/net", lab.server.process());
    let relay = "-s 192.0.2.9 --relay 192.0.2.50 --exchange discover -r 500 -d 2s -R 1000";
    let loaded = lab.load(&format!("{relay} --server-netns {namespace}"));
    expect(&loaded, "discover", 1000, 0, "silence");
    let dropped = loaded.number("server-drops");
    assert!((300..1000).contains(&dropped), "{}", loaded.report);
    assert!(lab.load(relay).at("server-drops").is_null(), "no server is here");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn an_interface_that_goes_down_or_away_ends_the_run() {
    for act in [&["link", "set", "eth0", "down"][..], &["link", "del", "eth0"]] {
        let lab = Lab::new();
        let _server = lab.fake(Family::V4, "delay=0ms");
        let mut command = lab.dhcpload("-I eth0 -s 192.0.2.9 -r 50 -d 60s -f json");
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for("the load", || {
            let figures = must(lab.client.command("cat").arg("/proc/net/dev"));
            let eth0 = figures.lines().find(|line| line.contains("eth0:"))?.split_whitespace().nth(2)?;
            (eth0.parse::<u64>().ok()? > 20).then_some(())
        });
        must(lab.client.command("ip").args(act));
        let loaded = Loaded::from(crate::program::Outcome::from(process.wait_with_output().unwrap()));
        assert_eq!((loaded.at("valid").as_bool(), loaded.outcome.status), (Some(false), 2), "{loaded:?}");
        assert!(loaded.outcome.stderr.contains("interface \"eth0\": it is down or gone"), "{loaded:?}");
        assert!(loaded.number("exchanges.completed") > 5 && loaded.number("leases-left") > 0, "{loaded:?}");
    }
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_server_that_dies_leaves_leases_that_are_not_confirmed() {
    let lab = Lab::new();
    let _server = lab.fake(Family::V4, "delay=0ms dies=2000ms");
    let loaded = lab.load("-I eth0 -s 192.0.2.9 -r 10 -d 1s");
    assert!((loaded.number("leases-unconfirmed"), loaded.number("leases-left")) == (10, 10), "{loaded:?}");
    assert_eq!(loaded.outcome.status, 1, "{loaded:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn the_highest_rate_of_a_limited_server_is_found() {
    // A DISCOVER and a REQUEST each: the limit is 400 exchanges a second.
    let loaded = load("most=800", "-I eth0 -s 192.0.2.9 -R 4000 --find-max loss<1%");
    assert!(loaded.ended(0), "{loaded:?}");
    let found = loaded.at("rate-found").as_f64();
    assert!(loaded.outcome.status == 2 || found.is_some_and(|rate| (360.0..=440.0).contains(&rate)), "{loaded:?}");
    assert_eq!(loaded.number("leases-left"), 0, "{loaded:?}");
}
