//! What could not be found out is never taken for a missing answer, and keeps nothing else from being found out.

use std::time::Duration;

use kea_tools::dhcp::v4::MessageType;
use serde_json::Value;

use crate::dhcping::harness::{Net, SERVER, answers};

const HALF_A_SECOND: Duration = Duration::from_millis(500);

#[test]
fn what_cannot_be_sent_is_never_said_not_to_be_answered() {
    let words = "dhcping: sending: no route leads there\n";
    Net::with_server().stuck_after(Duration::ZERO).run("-I eth0").expect(2, "", words);
    Net::silent().stuck_after(HALF_A_SECOND).run("-I eth0 -t 1 --tries 2").expect(2, "", words);
    let series = Net::silent().stuck_after(HALF_A_SECOND).run("-I eth0 -t 0.4 --count 2 -f nagios --loss-critical 50");
    assert!(!series.stdout.contains("no answer"), "{series:?}");
    let halfway = Net::new(|question| match question.message_type() {
        Some(MessageType::DISCOVER) => vec![(HALF_A_SECOND, SERVER, answers(question, SERVER)[0].2.clone())],
        _ => Vec::new(),
    });
    let ran = halfway.stuck_after(HALF_A_SECOND).run("-I eth0 --full");
    assert_eq!((ran.status, ran.stderr.as_str()), (2, words), "{ran:?}");
}

#[test]
fn interface_down_keeps_answers_and_releases_of_others() {
    let slow = |question: &_| {
        let later = |(_, from, octets)| (Duration::from_millis(700), from, octets);
        answers(question, SERVER).into_iter().map(later).collect()
    };
    let net = || Net::new(slow).with_second_interface().second_fails_after(HALF_A_SECOND);
    let ran = net().run("-I eth0 -I eth1 --full -f json");
    assert_eq!(ran.status, 2, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let states: Vec<_> = report["targets"].as_array().unwrap().iter().map(|target| &target["state"]).collect();
    assert_eq!(states, ["OK", "UNKNOWN"]);
    assert_eq!(report["probes"][1]["error"], "interface \"eth1\": it is down");
    assert_eq!(ran.types(), ["discover", "discover", "request", "release"]);
    let text = net().run("-I eth0 -I eth1");
    text.expect(2, "Got answer from: 192.0.2.1\n", "dhcping: eth1: interface \"eth1\": it is down\n");
    let series = net().run("-I eth0 -I eth1 --count 2 -f json");
    let report: Value = serde_json::from_str(&series.stdout).unwrap();
    assert_eq!(report["targets"][0]["answered"], 2, "{series:?}");
}

#[test]
fn interface_down_between_probes_does_not_end_the_series() {
    let net = Net::with_server().with_second_interface().second_fails_after(HALF_A_SECOND);
    let ran = net.run("-I eth0 -I eth1 --count 2 -f json");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let answered: Vec<_> = report["targets"].as_array().unwrap().iter().map(|target| &target["answered"]).collect();
    assert_eq!((ran.status, answered), (2, vec![&Value::from(2), &Value::from(1)]), "{ran:?}");
}
