//! Which rate a server holds, and what else may limit it.

use std::time::Duration;

use super::harness::{RunConditions, USUAL, run, run_in};
use super::reports::json;

/// Conditions in which messages leave 100 ms late from one millisecond to another.
fn late(from: u64, to: u64) -> RunConditions {
    let (from, to) = (Duration::from_millis(from), Duration::from_millis(to));
    RunConditions { late: Some((from, to.saturating_sub(from), Duration::from_millis(100))), ..USUAL }
}

#[test]
fn the_highest_rate_that_holds_is_found() {
    let line = "-I eth0 -s all --find-max loss<1% --limit-rate 10000 -R 10000 -f json";
    let ran = run("delay=1ms most=3000", line);
    let document = json(&ran);
    // Of each exchange both messages count for what the server bears.
    let found = document["rate-found"].as_f64().unwrap();
    assert!((1400.0..=1600.0).contains(&found), "{document}");
    assert_eq!((document["limited"].as_bool(), document["search"].as_str()), (Some(false), Some("server")));
    assert!(ran.took < Duration::from_secs(60), "{:?}", ran.took);
    assert_eq!((document["leases-left"].as_u64(), ran.status), (Some(0), 0), "{}", ran.stderr);
    let none = run("discover/2=drop", "-I eth0 -s all --find-max loss<1% -d 1s");
    assert!(none.status == 1 && none.stdout.contains("no rate was found that holds"), "{}", none.stdout);
}

#[test]
fn what_the_cap_allows_is_not_presented_as_the_servers_limit() {
    let line = "-I eth0 -s all --find-max loss<1%";
    let ran = run("delay=1ms", &format!("{line} --limit-rate 150.5"));
    let expected = "highest rate that holds: at least 150.5/s, confirmed three times; limited by --limit-rate";
    assert!(ran.stdout.replace("\n  ", " ").contains(expected), "{}", ran.stdout);
    let document = json(&run("delay=1ms", &format!("{line} --limit-rate 150.5 -f json")));
    assert_eq!((document["rate-found"].as_f64(), document["limited"].as_bool()), (Some(150.5), Some(true)));
}

#[test]
fn a_late_moment_of_this_machine_is_not_the_servers_limit() {
    let line = "-I eth0 -s all --find-max loss<1%,p99<50ms --limit-rate 400 -f json";
    for relay_or_family in ["", "-6 "] {
        let ran = run_in(late(0, 2000), "delay=1ms", &format!("{relay_or_family}{line}"));
        let document = json(&ran);
        assert_eq!((document["rate-found"].as_f64(), ran.status), (Some(400.0), 0), "{document}");
        assert_eq!(document["steps"][0]["valid"].as_bool(), Some(false), "{document}");
        assert_eq!(document["steps"][1]["rate"], document["steps"][0]["rate"], "{document}");
    }
}

#[test]
fn a_machine_that_is_late_gets_no_verdict_about_the_server() {
    let line = "-I eth0 -s all --find-max loss<1%,p99<200ms -r 400 -d 1s --limit-rate 10000";
    let ran = run_in(late(0, 999_000), "delay=1ms", line);
    let text = ran.stdout.replace("\n  ", " ");
    assert!(text.contains("NOT VALID: this machine: messages left late in each try, down to 200.0"), "{text}");
    assert!(ran.status == 2 && ran.stderr.contains("this machine: messages left late"), "{}", ran.stderr);
    let document = json(&run_in(late(0, 999_000), "delay=1ms", &format!("{line} -f json")));
    assert_eq!((document["search"].as_str(), document["limited"].as_bool()), (Some("this-machine"), Some(true)));
    assert!(document["rate-found"].is_null() && document["valid"] == false, "{document}");
}

#[test]
fn a_ramp_whose_step_left_late_gets_no_verdict() {
    // Of the whole run that is less than 1 %.
    let ran = run_in(late(4005, 4040), "delay=1ms", "-I eth0 -s all --ramp 50:150:50 -d 6s");
    let expected = "NOT VALID: this machine: messages left late at 150.0 exchanges/s\nexit status 2";
    assert!(ran.status == 2 && ran.stdout.contains(expected), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nheld up to 100/s\n"), "{}", ran.stdout);
}

#[test]
fn a_search_without_a_goal_or_a_number_of_clients_is_a_search() {
    let ran = run("delay=300ms", "-I eth0 -s all --find-max -r 400 -f json");
    let document = json(&ran);
    // A thousand exchanges per second that take 0.6 s need 600 clients.
    assert_eq!(
        (document["rate-found"].as_f64(), document["clients"].as_u64()),
        (Some(1000.0), Some(800)),
        "{document}"
    );
    assert_eq!((document["search"].as_str(), ran.status), (Some("limit-rate"), 0), "{document}");
    let few = run("delay=300ms", "-I eth0 -s all --find-max -R 100");
    let expected = "limited by the number of clients, of which all 100 were waiting: -R takes more";
    assert!(few.stdout.replace("\n  ", " ").contains(expected), "{}", few.stdout);
    assert!(few.stdout.contains(" s at rates up to "), "{}", few.stdout);
}

#[test]
fn a_search_ends_where_the_server_does() {
    let lines = [
        "-I eth0 -s all",
        "-6 -I eth0 -s all",
        "-6 -I eth0 -s all --exchange rapid",
        "-s 192.0.2.9 --relay 192.0.2.50",
    ];
    for line in lines {
        for (behaviour, because) in [
            ("delay=1ms dies=4000ms", "the server stopped answering after "),
            ("delay=1ms dies=0ms", "no server answered"),
        ] {
            let ran = run(behaviour, &format!("{line} --find-max loss<1% -f json"));
            let document = json(&ran);
            let reasons = document["exit-because"].to_string();
            assert!(ran.status == 1 && reasons.contains(because), "{line} {behaviour}: {document}");
            assert_eq!(document["search"].as_str(), Some("no-answer"), "{line} {behaviour}: {document}");
            assert!(document["steps"].as_array().unwrap().len() < 6, "{line} {behaviour}: {document}");
        }
    }
}
