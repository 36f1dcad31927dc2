//! The formats.

use kea_tools::cli;
use kea_tools::dhcp::v4::Packet;
use kea_tools::testing::ProgramRun;
use serde_json::Value;

use crate::dhcping::harness::{Net, SERVER, SILENCE, answers};

#[test]
fn a_series_reads_like_ping() {
    let ran = Net::with_server().run("-I eth0 --count 2");
    let expected = "\
OFFER from 192.0.2.1: 192.0.2.100 seq=1 time=1.500 ms
OFFER from 192.0.2.1: 192.0.2.100 seq=2 time=1.500 ms

--- eth0 ---
2 probes sent, 2 answered, 0% loss
min/avg/max = 1.500/1.500/1.500 ms
192.0.2.1 (from 192.0.2.1, 02:00:5e:00:53:01): 2 answers
  min/avg/max = 1.500/1.500/1.500 ms
";
    ran.expect(0, expected, "");
    let silent = Net::silent().run("-I eth0 --count 1");
    let expected = "no answer: eth0 seq=1\n\n--- eth0 ---\n1 probe sent, 0 answered, 100% loss\n";
    silent.expect(1, expected, &format!("dhcping: no answer\ndhcping: {SILENCE}\n"));
}

#[test]
fn json_is_one_document_with_every_probe_and_the_sum() {
    let ran = Net::with_server().run("-I eth0 --count 2 -f json");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &report["state"]), (0, &"OK".into()));
    let answer = &report["probes"][1]["answers"][0];
    assert_eq!(answer["type"], "OFFER");
    assert_eq!(answer["server"], "192.0.2.1");
    assert_eq!(answer["source-mac"], "02:00:5e:00:53:01");
    assert_eq!(answer["leased"][0]["address"], "192.0.2.100");
    assert_eq!(answer["rtt"], 0.0015);
    assert_eq!(answer["packet"]["options"][1]["name"], "dhcp-server-identifier");
    assert_eq!(report["targets"][0]["answered"], 2);
    assert_eq!(report["targets"][0]["rtt"]["max"], 0.0015);
    let silent: Value = serde_json::from_str(&Net::silent().run("-I eth0 -f json").stdout).unwrap();
    assert_eq!((&silent["state"], &silent["targets"][0]["loss"]), (&"CRITICAL".into(), &100.0.into()));
}

#[test]
fn a_monitor_gets_its_line_and_its_status() {
    let well = Net::with_server().run("-s 192.0.2.1 -f nagios --warning 100 --critical 500");
    let line = "DHCP OK - 192.0.2.1: 192.0.2.1 answered in 1.500 ms | '192.0.2.1 rtt'=0.0015s;0.1;0.5;0 \
        '192.0.2.1 loss'=0%;;;0;100 '192.0.2.1 offers'=1;;;0 \
        '192.0.2.1 naks'=0;;;0\n";
    assert!(well.status == 0 && well.stdout.starts_with(line), "{}", well.stdout);
    let dead = Net::silent().run("-s 192.0.2.1 -f nagios");
    assert!(dead.status == 2 && dead.stdout.starts_with("DHCP CRITICAL - 192.0.2.1: no answer | "), "{}", dead.stdout);
    assert_eq!(dead.stderr, "");
}

#[test]
fn to_a_monitor_every_mistake_is_unknown_on_stdout() {
    for line in ["-f nagios --frobnicate", "--format=nagios -c banana", "-fnagios -4 -6"] {
        let ran = ProgramRun::default().run("dhcping", cli::dhcping::run, line.split(' '));
        let text = &ran.stdout;
        assert_eq!((ran.status, ran.stderr.as_str()), (3, ""), "{line}: {text}");
        assert!(text.contains("UNKNOWN - ") && text.lines().count() == 1, "{line}: {text}");
    }
}

#[test]
fn metrics_name_target_and_server() {
    let ran = Net::with_server().run("-I eth0 -f prometheus");
    for line in [
        "dhcping_state{target=\"eth0\"} 0",
        "dhcping_answered{target=\"eth0\"} 1",
        "dhcping_rtt_mean_seconds{target=\"eth0\",server=\"192.0.2.1\",source=\"192.0.2.1\",mac=\"02:00:5e:00:53:01\"} 0.0015",
    ] {
        assert!(ran.stdout.lines().any(|found| found == line), "{line}\n{}", ran.stdout);
    }
    assert_eq!(Net::silent().run("-I eth0 -f prometheus").status, 1);
}

#[test]
fn packets_are_printed_as_they_pass() {
    let ran = Net::with_server().run("-V -c 192.0.2.50 -s 192.0.2.1");
    let headers: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with("packet ")).collect();
    let expected = [
        "packet 300 bytes, sent to 192.0.2.1:67",
        "packet 300 bytes, received from 192.0.2.1:67",
        "packet 300 bytes, sent to 192.0.2.1:67",
    ];
    assert_eq!(headers, expected);
    assert!(ran.stdout.contains("\nyiaddr: 192.0.2.50\nsiaddr: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nfname : .\noption 53 DHCP message type\n\tDHCP message type: 3 (DHCPREQUEST)\n"));
    let new = Net::with_server().run("--packets -I eth0");
    assert!(new.stdout.contains("54 (Server Identifier): 192.0.2.1"), "{}", new.stdout);
}

#[test]
fn what_an_answer_gives_is_printed_with_its_times() {
    let given = "  address 192.0.2.100, valid 3600 s\n";
    let full = "Got answer from: 192.0.2.1\n  ACK in 1.500 ms, OFFER in 1.500 ms, server 192.0.2.1\n";
    Net::with_server().run("-I eth0 --full").expect(0, &format!("{full}{given}"), "");
    let inform = "Got answer from: 192.0.2.1\n  ACK in 1.500 ms, server 192.0.2.1\n";
    Net::with_server().run("--inform -s 192.0.2.1").expect(0, &format!("{inform}{given}"), "");
    let offer = "Got answer from: 192.0.2.1\n  OFFER in 1.500 ms, server 192.0.2.1\n";
    Net::with_server().run("192.0.2.1").expect(0, &format!("{offer}{given}"), "");
    for classic in ["-s 192.0.2.1", "-i -s 192.0.2.1", "-c 192.0.2.50 -s 192.0.2.1 -rt2"] {
        assert_eq!(Net::with_server().run(classic).stdout, "Got answer from: 192.0.2.1\n", "{classic}");
    }
}

#[test]
fn what_was_ignored_is_told_on_request() {
    let noise = Net::new(|question: &Packet| {
        let mut foreign = answers(question, SERVER);
        foreign[0].2[4] ^= 0xff;
        [foreign.clone(), foreign, answers(question, SERVER)].concat()
    });
    let ran = noise.run("-I eth0 -v");
    let told: Vec<_> = ran.stderr.lines().collect();
    let expected = [
        "dhcping: sent DISCOVER, try 1, 300 octets",
        "dhcping: OFFER from 192.0.2.1: 192.0.2.100 in 1.500 ms",
        "dhcping: ignored 2 datagrams: another transaction, first from 192.0.2.1",
    ];
    assert_eq!(told, expected);
}
