//! A host with two interfaces.

use serde_json::Value;

use super::{Run, command, dhcping};
use crate::dhcp::{Client, Fake, Lan, ServerKind};
use crate::program::must;

/// Two switches, and a client that is plugged into both.
fn two_networks() -> (Lan, Lan, Client) {
    let first = Lan::new();
    let second = Lan::beside(&first);
    let client = first.client();
    second.join(&client);
    (first, second, client)
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn servers_on_two_interfaces_do_not_take_each_others_answers() {
    let (first, second, client) = two_networks();
    let (_near, far) = (first.fake(Fake::Offer), second.fake(Fake::Offer));
    must(far.command("ip").args(["addr", "del", "192.0.2.9/24", "dev", "eth0"]));
    must(far.command("ip").args(["addr", "add", "198.51.100.9/24", "dev", "eth0"]));
    for servers in [["192.0.2.9", "198.51.100.9"], ["198.51.100.9", "192.0.2.9"]] {
        for (mode, client_address) in [("--inform", &[][..]), ("--discover", &[]), ("--inform", &["-c", "192.0.2.50"])]
        {
            let arguments = [&[mode, "-s", servers[0], "-s", servers[1], "-t", "2"], client_address].concat();
            let outcome = dhcping(&client, &arguments);
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{arguments:?} {outcome:?}");
            assert_eq!(outcome.stdout.lines().count(), 2, "{arguments:?} {outcome:?}");
        }
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn interface_that_is_down_does_not_prevent_another_probe() {
    let (first, _second, client) = two_networks();
    let server = first.server(ServerKind::Kea);
    client.ip(&["link", "set", "eth1", "down"]);
    let outcome = dhcping(&client, &["-I", "eth0", "-I", "eth1", "--full"]);
    let down = "dhcping: eth1: interface \"eth1\": it is down (ip link set eth1 up)\n";
    let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
    assert_eq!(seen, (2, "Got answer from: 192.0.2.1\n", down));
    server.expect_no_leases();
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn interface_going_down_keeps_other_answers_and_no_lease() {
    let (first, _second, client) = two_networks();
    let server = first.server(ServerKind::Kea);
    server.pause();
    let mut probe = command(&client);
    probe.args(["-I", "eth0", "-I", "eth1", "--full", "-V", "-t", "20"]);
    let mut run = Run::until(&mut probe, "packet 300 bytes, sent to 255.255.255.255:67");
    run.goes_on_until("packet 300 bytes, sent to 255.255.255.255:67");
    client.ip(&["link", "set", "eth1", "down"]);
    server.resume();
    let (status, stdout, stderr) = run.ends();
    assert!(stdout.contains("Got answer from: 192.0.2.1\n"), "{stdout}");
    let down = "dhcping: eth1: interface \"eth1\": it is down (ip link set eth1 up)\n";
    assert_eq!((status, stderr.as_str()), (Some(2), down));
    server.expect_no_leases();
    server.expect_in_log("RELEASE");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn json_of_a_series_is_complete_if_interface_goes_down() {
    let (first, _second, client) = two_networks();
    let _server = first.server(ServerKind::Kea);
    let mut probe = command(&client);
    probe.args(["-I", "eth0", "-I", "eth1", "--count", "3", "--interval", "0.1", "-t", "1", "-f", "json"]);
    let run = Run::until(&mut probe, "{\"probes\"");
    client.ip(&["link", "set", "eth1", "down"]);
    let (status, rest, _) = run.ends();
    let report: Value = serde_json::from_str(&format!("{{\"probes\":[{rest}")).unwrap();
    let target = |at: usize| (report["targets"][at]["state"].as_str().unwrap(), &report["targets"][at]["answered"]);
    assert_eq!(status, Some(2), "{report}");
    assert_eq!(target(0), ("OK", &Value::from(3)));
    assert_eq!(target(1).0, "UNKNOWN", "{report}");
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn an_interface_that_is_removed_meanwhile_is_named() {
    for arguments in [
        &["-I", "eth0"][..],
        &["-I", "eth0", "--exclusive", "-s", "192.0.2.9"],
        &["-6", "-I", "eth0"],
        &["-s", "192.0.2.9", "-g", "192.0.2.50"],
    ] {
        let lan = Lan::new();
        let client = lan.client();
        let mut probe = command(&client);
        let run = Run::until(probe.args(arguments).args(["-V", "-t", "2"]), "packet ");
        client.ip(&["link", "del", "eth0"]);
        let (status, _, stderr) = run.ends();
        assert!(status == Some(2) && stderr.contains("interface \"eth0\": it is gone"), "{arguments:?} {stderr}");
    }
}
