//! All servers on one link.

use std::process::Stdio;

use super::{assert_no_lease, command, dhcping};
use crate::dhcp::{Client, Fake, Lan, ServerKind};

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn all_servers_on_a_link_are_told_apart() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let client = lan.client();
    let addresses = servers.each_ref().map(|server| server.ip().to_string());

    let all = dhcping(&client, &["-I", "eth0", "--all", "-t", "1"]);
    let mut lines: Vec<_> = all.stdout.lines().collect();
    lines.sort_unstable();
    let words = addresses.each_ref().map(|address| format!("Got answer from: {address}"));
    assert_eq!((all.status, lines), (0, words.iter().map(String::as_str).collect()), "{}", all.stderr);

    let [kea, dhcpd, dnsmasq, udhcpd] = addresses.each_ref().map(String::as_str);
    let required = dhcping(&client, &["-I", "eth0", "-s", kea, "-s", dhcpd, "-s", dnsmasq, "-s", udhcpd]);
    assert_eq!(required.status, 0, "{required:?}");

    let missing = dhcping(&client, &["-I", "eth0", "-s", kea, "-s", "192.0.2.66", "-t", "1"]);
    assert_eq!((missing.status, missing.stderr.as_str()), (1, "dhcping: no answer from 192.0.2.66\n"));

    let full = dhcping(&client, &["-I", "eth0", "-s", kea, "-s", dhcpd, "-s", dnsmasq, "-s", udhcpd, "--full"]);
    assert_eq!((full.status, full.stdout.lines().count()), (0, 4), "{full:?}");
    let each = dhcping(&client, &["-s", kea, "-s", dhcpd, "-s", dnsmasq, "-s", udhcpd, "--full"]);
    assert_eq!((each.status, each.stdout.lines().count()), (0, 4), "{each:?}");
    for server in &servers {
        assert_no_lease(server, &["--full"]);
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn address_granted_by_one_of_all_servers_is_released() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let client = lan.client();
    for (asked, server) in [("192.0.2.150", &servers[2]), ("192.0.2.130", &servers[1])] {
        let arguments = ["-I", "eth0", "-c", asked, "--expect", "ack"];
        let outcome = dhcping(&client, &arguments);
        let granted = format!("Got answer from: {}\n", server.ip());
        assert!(outcome.status == 0 && outcome.stdout.contains(&granted), "{outcome:?} {}", server.log());
        server.expect_in_log("RELEASE");
        for server in &servers {
            assert_no_lease(server, &arguments);
        }
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn all_servers_together_answer_as_each_one_alone() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let with_address = lan.client();
    let answering = |client: &Client, arguments: &[&str]| {
        let outcome = dhcping(client, &[&["-I", "eth0", "--all", "-t", "2"], arguments].concat());
        let mut hosts: Vec<_> = outcome.stdout.lines().filter_map(|line| line.strip_prefix(WORDS)).collect();
        hosts.sort_unstable();
        (outcome.status, hosts.join(" "))
    };
    for arguments in [&["-i"][..], &["-g", "192.0.2.50", "--discover"]] {
        assert_eq!(answering(&with_address, arguments), (0, "1 2 3 4".to_owned()), "{arguments:?}");
    }
    drop(with_address);
    let [kea, dhcpd, dnsmasq, udhcpd] = servers.each_ref().map(|server| server.ip().to_string());
    let client = lan.client_without_address(2);
    let each = ["-I", "eth0", "-s", &kea, "-s", &dhcpd, "-s", &dnsmasq, "-s", &udhcpd, "--full"];
    let full = dhcping(&client, &each);
    assert_eq!((full.status, full.stdout.lines().count()), (0, 4), "{full:?}");
    for server in &servers {
        assert_no_lease(server, &each);
    }
    // Of BOOTP dnsmasq keeps a note for good.
    let reserved = ["--bootp", "-h", "02:00:5e:00:53:77"];
    assert_eq!(answering(&client, &reserved), (0, "2 3".to_owned()));
}

const WORDS: &str = "Got answer from: 192.0.2.";

#[test]
#[ignore = "needs Kea and dnsmasq: run scripts/test"]
fn a_server_that_should_not_be_there_is_named_with_where_it_is() {
    let lan = Lan::new();
    let (kea, rogue) = (lan.server(ServerKind::Kea), lan.server(ServerKind::Dnsmasq));
    let client = lan.client();
    let allowed = kea.ip().to_string();
    let arguments = ["-I", "eth0", "-s", &allowed, "--exclusive", "-t", "1", "-f", "nagios"];
    let seen = dhcping(&client, &arguments);
    let line = seen.stdout.lines().next().unwrap_or_default();
    let complaint = format!("another server answers: {0} (from {0}, {1})", rogue.ip(), rogue.mac());
    assert!(line.starts_with("DHCP CRITICAL - ") && line.contains(&complaint), "{seen:?}");
    assert_eq!(seen.status, 2);
    drop(rogue);
    let alone = dhcping(&client, &arguments);
    assert_eq!(alone.status, 0, "{alone:?}");
    assert!(alone.stdout.starts_with("DHCP OK - "), "{alone:?}");
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn an_allowed_server_that_says_it_twice_is_not_another_one() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::Twice);
    let client = lan.client();
    let twice = dhcping(&client, &["-I", "eth0", "-s", "192.0.2.9", "--exclusive", "-t", "0.5", "-v"]);
    assert_eq!((twice.status, twice.stdout.as_str()), (0, "Got answer from: 192.0.2.9\n"), "{twice:?}");
    assert!(twice.stderr.contains(", 2 times"), "{twice:?}");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_series_has_a_line_for_each_answer_and_a_sum() {
    let lan = Lan::new();
    let server = lan.server(ServerKind::Kea);
    let client = lan.client();
    let series = dhcping(&client, &["-I", "eth0", "--count", "3", "--interval", "0.1", "--critical", "900"]);
    assert_eq!((series.status, series.stderr.as_str()), (0, ""), "{series:?}");
    let lines: Vec<_> = series.stdout.lines().collect();
    for (number, line) in (1..).zip(&lines[..3]) {
        assert!(line.starts_with("OFFER from 192.0.2.1: 192.0.2.1"), "{line}");
        assert!(line.contains(&format!(" seq={number} time=")) && line.ends_with(" ms"), "{line}");
    }
    assert_eq!(lines[3..6], ["", "--- eth0 ---", "3 probes sent, 3 answered, 0% loss"]);
    server.pause();
    let lost = dhcping(&client, &["-I", "eth0", "--count", "2", "-t", "0.2", "--interval", "0.1", "-f", "json"]);
    server.resume();
    let report: serde_json::Value = serde_json::from_str(&lost.stdout).unwrap();
    assert_eq!((lost.status, &report["state"]), (1, &"CRITICAL".into()), "{lost:?}");
    assert_eq!(report["targets"][0]["loss"], 100.0);
    assert_eq!(report["probes"].as_array().unwrap().len(), 2);
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn server_matches_by_source_address_or_server_identifier() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::WrongServer);
    let client = lan.client();
    for arguments in [
        &["-I", "eth0", "-s", "192.0.2.9"][..],
        &["-I", "eth0", "-s", "192.0.2.222"],
        &["-s", "192.0.2.9"],
        &["-I", "eth0", "-s", "192.0.2.222", "--exclusive", "-t", "0.5"],
    ] {
        let outcome = dhcping(&client, arguments);
        let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
        assert_eq!(seen, (0, "Got answer from: 192.0.2.9\n", ""), "{arguments:?}");
    }
    let other = dhcping(&client, &["-I", "eth0", "-s", "192.0.2.1", "--exclusive", "-t", "0.5"]);
    let words = "another server answers: 192.0.2.222 (from 192.0.2.9, 02:00:5e:00:53:09)";
    assert!(other.status == 1 && other.stderr.contains(words), "{other:?}");
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn a_refusal_is_told_in_the_servers_words() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::Nak);
    let client = lan.client();
    let refused = dhcping(&client, &["-c", "192.0.2.90", "-s", "192.0.2.9"]);
    let seen = (refused.status, refused.stdout.as_str(), refused.stderr.as_str());
    assert_eq!(seen, (1, "refused: NAK from 192.0.2.9: no such lease\n", ""));
    assert_eq!(dhcping(&client, &["-c", "192.0.2.90", "-s", "192.0.2.9", "--expect", "nak"]).status, 0);
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn an_offer_without_the_lease_is_not_what_was_wanted() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::OnlyOffers);
    let client = lan.client();
    for (arguments, words) in [
        (&["-I", "eth0", "--full"][..], "no valid answer to the REQUEST within"),
        (&["-6", "-I", "eth0", "--full"], "no valid answer to the REQUEST within"),
        (&["-6", "-I", "eth0", "--rapid-commit"], "no valid answer to the REQUEST within"),
        (&["-6", "-I", "eth0", "-c", "2001:db8::1"], "no valid answer to the REQUEST within"),
    ] {
        let outcome = dhcping(&client, &[arguments, &["-t", "0.5"]].concat());
        assert!(outcome.status == 1 && outcome.stderr.contains(words), "{arguments:?} {outcome:?}");
    }
    assert_eq!(dhcping(&client, &["-6", "-I", "eth0", "--expect", "offer"]).status, 0);
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn checks_at_the_same_time_get_their_own_answers() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::Late);
    let client = lan.client();
    let mac = client.mac();
    for arguments in [
        &["-s", "192.0.2.9", "-g", "192.0.2.50"][..],
        &["-i", "-c", "192.0.2.50", "-s", "192.0.2.9", "-h", &mac],
        &["-I", "eth0"],
        &["-6", "-I", "eth0"],
    ] {
        let start = |_| command(&client).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let checks: Vec<_> = (0..5).map(start).collect();
        for check in checks {
            let output = check.wait_with_output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
