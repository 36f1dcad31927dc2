//! Leases that are given back: at each server that gave one, and soon.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::harness::{RunConditions, USUAL, run, run_in};
use super::reports::json;

#[test]
fn a_lease_is_given_back_at_each_server_that_acknowledged_it() {
    // A further server that answers what another one is asked; and one whose offers come first from time to time.
    for (first, further) in [("delay=1ms", "delay=2ms"), ("delay=1ms discover/3=late:5ms", "delay=2ms discover/2=drop")]
    {
        let conditions = RunConditions { further: Some(further), ..USUAL };
        let ran = run_in(conditions, first, "-I eth0 -s all -r 10 -d 5s -R 10 -f json");
        let document = json(&ran);
        for server in [9, 10].map(|host| Ipv4Addr::new(192, 0, 2, host)) {
            let released = ran.releases.iter().filter(|(_, at)| *at == server).count();
            assert_eq!(released, 10, "{server}: {document}");
        }
        assert_eq!((document["leases-taken"].as_u64(), document["leases-released"].as_u64()), (Some(20), Some(20)));
        assert_eq!(document["leases-left"].as_u64(), Some(0), "{document}");
    }
    let conditions = RunConditions { further: Some("delay=2ms"), ..USUAL };
    let kept = run_in(conditions, "delay=1ms", "-I eth0 -s all -r 10 -d 1s --keep-leases");
    // The run is over with the first answer to the last question.
    assert!(kept.stdout.contains("leases: 19 given, 0 released, 19 kept"), "{}", kept.stdout);
}

#[test]
fn few_leases_of_a_bad_run_are_given_back_in_seconds() {
    // No exchange is completed: all get their leases too late.
    let ran = run("delay=1ms request/1=late:1200ms", "-I eth0 -s all -r 20 -d 3s -f json");
    let document = json(&ran);
    assert_eq!((document["leases-released"].as_u64(), document["leases-left"].as_u64()), (Some(60), Some(0)));
    assert!(ran.took < Duration::from_secs(13), "{:?}", ran.took);
    let slow = run("delay=1ms discover/2=drop", "-I eth0 -s all -r 20 -d 3s");
    assert!(slow.took < Duration::from_secs(9), "{:?}", slow.took);
}

#[test]
fn leases_of_a_good_run_are_given_back_at_half_its_rate() {
    let ran = run("delay=1ms", "-I eth0 -s all -r 10 -d 5s");
    assert!((14..17).contains(&ran.took.as_secs()), "{:?}", ran.took);
}
