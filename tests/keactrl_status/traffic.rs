//! Two looks: what servers received and answered between them.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::keactrl_status::fake::{Fake, Reply};
use crate::keactrl_status::harness::{LOG, Machine, Ran, status_with};

/// A server that counts: what it was asked, and what it answered.
#[derive(Clone, Default)]
struct Counting {
    asked: Arc<AtomicU64>,
    answered: Arc<AtomicU64>,
}

impl Counting {
    fn set(&self, asked: u64, answered: u64) {
        self.asked.store(asked, Ordering::Relaxed);
        self.answered.store(answered, Ordering::Relaxed);
    }

    fn fake(&self) -> Fake {
        let (counting, status) = (self.clone(), status_with(json!({})));
        Fake::unix(move |command| {
            let Some(name) = command["arguments"]["name"].as_str() else { return status(command) };
            let value = match name {
                "pkt4-discover-received" => counting.asked.load(Ordering::Relaxed),
                "pkt4-offer-sent" => counting.answered.load(Ordering::Relaxed),
                _ => 0,
            };
            let samples = json!([[value, "2026-11-20 11:59:59.1"], [0, "2026-11-20 10:36:40.0"]]);
            Reply::Answer(json!({ "result": 0, "arguments": { name: samples } }))
        })
    }
}

/// A look that keeps its state in a file of the machine.
fn look(machine: &Machine, arguments: &str) -> Ran {
    machine.run(&format!("-s dhcp4 --state {} {arguments}", machine.at("/state").display()))
}

#[test]
fn clients_without_an_answer_between_two_looks_are_a_warning() {
    let counting = Counting::default();
    counting.set(20, 3);
    let fake = counting.fake();
    let machine = Machine::behind(&fake);
    let nagios = |asked, answered| {
        counting.set(asked, answered);
        let ran = look(&machine, "-f nagios");
        (ran.status, ran.stdout.lines().next().unwrap().to_owned())
    };
    let (first, line) = nagios(20, 3);
    assert!(first == 0 && line.ends_with("'dhcp4_asked'=20c;;;0 'dhcp4_answered'=3c;;;0"), "{line}");
    assert_eq!(nagios(29, 3).0, 0, "nine are not many");
    let (status, line) = nagios(200, 3);
    let text = "KEA WARNING - dhcp4: it received 180 packets from clients that request a lease since 2026-11-20T";
    assert!(status == 1 && line.starts_with(text) && line.contains("and answered none (a subnet must have"), "{line}");
    for (format, text) in [
        ("classic", "DHCPv4 server: WARNING: it received 180 packets"),
        ("table", "dhcp4: WARNING: it received 180 packets"),
        ("json", "\"id\": \"unanswered\""),
        ("prometheus", "kea_lease_requests_total{daemon=\"dhcp4\",config=\"/etc/kea/kea-dhcp4.conf\"} 200\n"),
    ] {
        let ran = look(&machine, &format!("-f {format}"));
        assert!(ran.status == 0 && ran.stdout.contains(text), "{ran:?}");
    }
    assert_eq!(nagios(201, 4).0, 0, "one was answered");
    assert_eq!(nagios(205, 4).0, 0, "it counts anew");
}

#[test]
fn nothing_is_counted_unless_it_is_wanted() {
    let fake = Counting::default().fake();
    let machine = Machine::behind(&fake);
    machine.run("-s dhcp4");
    assert_eq!(fake.asked().len(), 1);
    look(&machine, "");
    assert_eq!(fake.asked().len(), 1 + 6);
    assert!(machine.facts("").get("traffic").is_none());
}

#[test]
fn state_file_has_mode_0600_and_serves_several_checks() {
    let fake = Counting::default().fake();
    let machine = Machine::behind(&fake);
    look(&machine, "");
    let state = machine.at("/state");
    assert_eq!(fs::metadata(&state).unwrap().mode() & 0o777, 0o600);
    let kept = fs::read_to_string(&state).unwrap();
    machine.run(&format!("-s ctrl_agent -q --state {}", state.display()));
    assert_eq!(fs::read_to_string(&state).unwrap(), kept);
}

#[test]
fn a_broken_state_is_set_aside_and_a_foreign_file_refused() {
    let fake = Counting::default().fake();
    let machine = Machine::behind(&fake);
    machine.file("/state", "{\"keactrl-status\":1,\"serv");
    let ran = look(&machine, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("/state was broken and is now") && machine.at("/state.broken").exists(), "{ran:?}");
    assert_eq!(look(&machine, "").stderr, "");
    machine.file("/state", "precious\n");
    let ran = look(&machine, "");
    assert!(
        ran.status == 2 && ran.stderr.contains("it is not a state file of keactrl-status (name another"),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(machine.at("/state")).unwrap(), "precious\n");
    let ran = machine.run(&format!("-s dhcp4 --state {}", machine.at("/etc/kea/kea-dhcp4.conf").display()));
    assert!(ran.status == 2 && ran.stderr.contains("a running server would lose it"), "{ran:?}");
}

#[test]
fn a_state_that_cannot_be_kept_hides_nothing() {
    let fake = Counting::default().fake();
    let machine = Machine::behind(&fake);
    let ran = machine.run("-s dhcp4 -f nagios --state /nowhere/state");
    assert!(ran.status == 0 && ran.stdout.starts_with("KEA OK - dhcp4: serving"), "{ran:?}");
    assert!(ran.stderr.contains("no state is kept for the next run: write /nowhere/state: No such file"), "{ran:?}");
}

#[test]
fn packets_that_no_subnet_is_for_are_found_in_the_log() {
    let fake = Counting::default().fake();
    let machine = Machine::behind(&fake);
    let nak = "2026-11-20 11:59:00.000 ERROR [kea-dhcp4.bad-packets/77.1] DHCP4_PACKET_NAK_0001 [hwtype=1 \
        00:0c:01:02:03:04], cid=[no info], tid=0x0: failed to select a subnet for incoming packet, src 10.78.0.1, type \
        DHCPDISCOVER\n";
    let started = "2026-11-20 10:36:40.000 INFO  [kea-dhcp4.dhcp4/77.1] DHCP4_STARTED x\n";
    machine.file(LOG, started.to_owned() + &nak.repeat(12));
    let text = "it did not answer the last 12 packets of clients because it has no subnet for their network";
    machine.assert_said("serving", "WARNING", "unanswered", text);
    let lease = "2026-11-20 11:59:30.000 INFO  [kea-dhcp4.leases/77.1] DHCP4_LEASE_ALLOC x\n";
    machine.file(LOG, started.to_owned() + &nak.repeat(12) + lease);
    machine.assert_well();
    machine.file(LOG, started.to_owned() + &nak.repeat(12).replace("11:59:00", "11:00:00"));
    machine.assert_well();
}
