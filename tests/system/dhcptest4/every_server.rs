//! What is asked of every server, one at a time and all at once.

use serde_json::{Value, json};

use super::{dhcptest, document, option};
use crate::dhcp::{Lan, ServerKind};
use crate::wait::wait_for;

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn every_server_answers_whatever_is_asked_and_no_lease_remains() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        let ip = server.ip().to_string();
        for arguments in [
            &["--query", "--request", "6", "--request", "3"][..],
            &["--dora"],
            &["--dora", "--raw", "--mac", "02:00:5e:00:53:99"],
            &["--query", "--target", ip.as_str(), "--giaddr", "192.0.2.50", "--bind", "192.0.2.50"],
            &["--message", "inform", "--ciaddr", "192.0.2.50", "--mac", "02:00:5e:00:53:50"],
            &["--query", "--profile", "pxe-bios"],
            &["--query", "--profile", "windows", "--expect", "type = offer", "--expect", "yiaddr in 192.0.2.0/24"],
        ] {
            let seen = document(&client, &[arguments, &["--timeout", "10"]].concat());
            assert_eq!(seen["success"], true, "{kind:?} {arguments:?}: {seen} {}", server.log());
            for packet in seen["received"].as_array().unwrap() {
                assert_eq!(option(packet, 54), &json!(ip), "{kind:?} {arguments:?}");
                assert_eq!(packet["findings"], json!([]), "{kind:?} {arguments:?}: {packet}");
            }
            let what = format!("{kind:?} to have no lease after {arguments:?}: {}", server.log());
            wait_for(&what, || server.leases().is_empty().then_some(()));
        }
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn the_classic_query_with_bind_hears_every_server() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        let (ip, mac) = (server.ip().to_string(), client.mac());
        for arguments in [
            &["--query", "--bind", "192.0.2.50"][..],
            &["--dora", "--bind", "192.0.2.50"],
            &["--query", "--bind", "192.0.2.50", "--raw"],
            &["--query", "--bind", "192.0.2.50", "--target", &ip],
            // An offer that is sent to the address that it offers.
            &["--query", "--target", &ip, "--mac", &mac],
        ] {
            let seen = document(&client, &[arguments, &["--timeout", "10"]].concat());
            assert_eq!(seen["success"], true, "{kind:?} {arguments:?}: {seen} {}", server.log());
            assert_eq!(option(&seen["received"][0], 54), &json!(ip), "{kind:?} {arguments:?}");
        }
        server.expect_no_leases();
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn lists_are_lists_and_a_relays_information_comes_back() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        let dns = dhcptest(&client, &["-q", "--query", "--request", "6", "--print-only", "Domain Name Server Option"]);
        assert_eq!((dns.status, dns.stdout.as_str()), (0, "192.0.2.53, 192.0.2.54\n"), "{kind:?} {dns:?}");
        let information = "Relay Agent Information=agentCircuitID=\"port1\", agentRemoteID[hex]=00 01";
        let relay = ["--query", "--giaddr", "192.0.2.50", "--bind", "192.0.2.50", "--option", information];
        let seen = document(&client, &[&relay[..], &["--timeout", "5"]].concat());
        let sent = option(&seen["sent"][0], 82);
        assert_eq!(sent[0]["value"], "port1");
        // udhcpd keeps it to itself.
        let back = if kind == ServerKind::Udhcpd { &Value::Null } else { sent };
        assert_eq!(option(&seen["received"][0], 82), back, "{kind:?}: {seen} {}", server.log());
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn all_servers_at_once_are_listed_and_compared() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let client = lan.client();
    let outcome = dhcptest(&client, &["--wait", "--compare", "--timeout", "5", "--request", "6", "--request", "51"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("\n4 answers:\n"), "{outcome:?}");
    for server in &servers {
        let row = format!("  {0}  {0}:67  {1}  OFFER  ", server.ip(), server.mac());
        assert!(outcome.stdout.contains(&row), "{row}: {outcome:?}");
    }
    let differing = outcome.stdout.split("what differs:\n").nth(1).unwrap();
    let (differing, same) = differing.split_once("what is the same:\n").unwrap();
    assert!(differing.contains("  yiaddr "), "{differing}");
    assert!(same.contains("  51 dhcp-lease-time "), "{same}");
    let outcome =
        dhcptest(&client, &["--wait", "--timeout", "5", "-q", "--expect", "offers = 4", "--format", "ndjson"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn an_interface_without_an_address_is_enough() {
    for kind in ServerKind::ALL {
        for rp_filter in [0, 2] {
            let lan = Lan::new();
            let server = lan.server(kind);
            let client = lan.client_without_address(rp_filter);
            for arguments in [&["--query"][..], &["--query", "--raw", "--iface", "eth0"], &["--dora"]] {
                let outcome = dhcptest(&client, &[arguments, &["-q", "--timeout", "5"]].concat());
                assert_eq!(outcome.status, 0, "{kind:?} {arguments:?}: {outcome:?} {}", server.log());
            }
        }
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn what_stands_in_the_way_is_said_with_a_remedy() {
    let lan = Lan::new();
    let (server, client) = (lan.server(ServerKind::Kea), lan.client());
    let refused = dhcptest(&client, &["--query", "-q", "--message", "request", "--option", "50=198.51.100.7"]);
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stdout.contains("53 (DHCP Message Type): nak"), "{refused:?} {}", server.log());
    for (arguments, part) in [
        (&["--query", "--iface", "nope"][..], "dhcptest: interface \"nope\": there is no such interface"),
        (&["--query", "--target", "198.51.100.1"], "no route"),
    ] {
        let outcome = dhcptest(&client, arguments);
        assert!(outcome.status == 2 && outcome.stderr.contains(part), "{outcome:?}");
    }
    client.ip(&["link", "set", "eth0", "down"]);
    let down = dhcptest(&client, &["--query", "--iface", "eth0"]);
    assert!(down.status == 2 && down.stderr.contains("ip link set eth0 up"), "{down:?}");
}
