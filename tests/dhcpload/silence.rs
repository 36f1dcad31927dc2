//! What is said where no server answers, or none any more.

use std::time::Duration;

use super::harness::{RunConditions, USUAL, run, run_in};
use super::reports::json;

#[test]
fn a_server_that_stopped_is_no_exhausted_pool() {
    for line in [
        "-I eth0 -s all",
        "-6 -I eth0 -s all",
        "-s 192.0.2.9 --relay 192.0.2.50",
        "-I eth0 -s all --keep-leases",
        "-I eth0 -s all --exchange discover",
        "-6 -I eth0 -s all --exchange info-request",
    ] {
        let ran = run("delay=1ms dies=3000ms", line);
        let text = ran.stdout.replace("\n  ", " ");
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("valid; exit status 1: the server stopped answering after 2.9 s"), "{line}: {text}");
        assert!(!text.contains("pool"), "{line}: {text}");
    }
    let ramp = run("delay=1ms dies=3000ms", "-I eth0 -s all --ramp 10:60:10 -d 12s");
    assert!(ramp.stdout.contains("exit status 1: the server stopped answering"), "{}", ramp.stdout);
    assert!(ramp.took < Duration::from_secs(40), "{:?}", ramp.took);
}

#[test]
fn a_pool_that_ran_out_is_one_where_leases_are_kept_too() {
    for line in ["-I eth0 -s all -r 10 -d 4s --keep-leases", "-s 192.0.2.9 --relay 192.0.2.50 -r 10 -d 4s"] {
        let ran = run("delay=1ms pool=20", line);
        let text = ran.stdout.replace("\n  ", " ");
        assert!(text.contains("after 20 had one: the pool may be exhausted"), "{text}");
        assert!(!text.contains("stopped answering"), "{text}");
    }
}

#[test]
fn total_silence_outranks_lateness() {
    let late = RunConditions { late: Some((Duration::ZERO, Duration::MAX, Duration::from_millis(50))), ..USUAL };
    for (conditions, line) in [(late, "-r 100 -d 3s -R 1000"), (USUAL, "-r 200 -d 3s -R 20"), (late, "-6 -r 100 -d 3s")]
    {
        let ran = run_in(conditions, "dies=0ms", &format!("-I eth0 -s all {line}"));
        assert!(ran.stdout.ends_with("valid; exit status 1: no server answered\n"), "{line}: {}", ran.stdout);
        assert_eq!((ran.status, ran.stderr.as_str()), (1, ""), "{line}");
    }
    let stopped = run("delay=1ms dies=3000ms", "-I eth0 -s all -r 200 -R 100 -f json");
    assert_eq!(json(&stopped)["exit-because"][0], "the server stopped answering after 3.0 s", "{}", stopped.stdout);
}

#[test]
fn silence_has_a_hint_where_the_server_is_elsewhere() {
    let ran = run("dies=0ms", "-I eth2 -s 192.0.2.9 -d 1s");
    let hint = "hint: 192.0.2.9 is in the network of eth0, not of eth2: -I eth0";
    assert!(ran.stdout.contains(hint), "{}", ran.stdout);
    let own = run_in(RunConditions { has_server: true, ..USUAL }, "dies=0ms", "-I eth0 -s all -d 1s");
    let hint = "hint: a server does not receive messages of clients on its own host: run dhcpload on another host";
    assert!(own.stdout.replace("\n  ", " ").contains(hint), "{}", own.stdout);
    let answered = run("delay=1ms", "-I eth2 -s 192.0.2.9 -d 1s");
    assert!(!answered.stdout.contains("hint:"), "{}", answered.stdout);
}

#[test]
fn a_server_that_stood_still_is_not_one_that_is_too_slow() {
    let ran = run("delay=1ms stall=3000ms:6000ms", "-I eth0 -s all -r 20 -d 15s -R 190");
    let text = ran.stdout.replace("\n  ", " ");
    assert!(text.contains("hint: the server paused for 6.0 s, after 3.0 s: "), "{text}");
    assert!(text.contains(" late answers came together when it continued"), "{text}");
    assert!(!text.contains("each later than the one before"), "{text}");
    for (behaviour, line) in
        [("each=400ms", "-r 10 -d 4s"), ("delay=1500ms", "-r 10 -d 1s"), ("each=3000ms", "-r 5 -d 3s")]
    {
        let ran = run(behaviour, &format!("-I eth0 -s all {line}"));
        assert!(ran.stdout.contains("hint: most answers to discover"), "{behaviour}: {}", ran.stdout);
    }
}
