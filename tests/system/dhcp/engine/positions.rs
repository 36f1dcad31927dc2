//! Positions in a network: with and without an address, own hardware address or not, relays, virtual networks.

use crate::dhcp::{Fake, Lan, Server, ServerKind};

use super::{expect_answers_from, probe};

const EVERY_SERVER: [&str; 4] = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];

#[track_caller]
fn expect_no_leases(servers: &[Server]) {
    for server in servers {
        server.expect_no_leases();
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn client_without_address_is_answered_with_any_rp_filter() {
    for rp_filter in 0..=2 {
        let lan = Lan::new();
        let servers = ServerKind::ALL.map(|kind| lan.server(kind));
        let client = lan.client_without_address(rp_filter);
        expect_answers_from(&probe(&client, &["-I", "eth0", "--all", "-t", "1"]), &EVERY_SERVER);
        expect_no_leases(&servers);
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn every_server_is_heard_whosever_the_hardware_address_is() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let client = lan.client();
    for hardware in ["02:00:5e:00:53:99", &client.mac()] {
        expect_answers_from(&probe(&client, &["-I", "eth0", "--all", "-t", "1", "-h", hardware]), &EVERY_SERVER);
    }
    expect_no_leases(&servers);
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn a_whole_exchange_leaves_no_lease_with_or_without_an_address() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let server = lan.server(kind);
        let with = lan.client();
        expect_answers_from(&probe(&with, &["-I", "eth0", "--full"]), &[&server.ip().to_string()]);
        server.expect_no_leases();
        drop(with);
        let without = lan.client_without_address(2);
        expect_answers_from(&probe(&without, &["-I", "eth0", "--full"]), &[&server.ip().to_string()]);
        server.expect_no_leases();
        let kept = probe(&without, &["-I", "eth0", "--full", "--no-release"]);
        expect_answers_from(&kept, &[&server.ip().to_string()]);
        let leases = server.leases();
        assert!(leases.len() == 1 && server.pool_contains(leases[0].address), "{kind:?}: {leases:?}");
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn answer_to_a_relay_causes_no_icmp_port_unreachable() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let client = lan.client();
    let mut capture = client.capture();
    for server in &servers {
        let ip = server.ip().to_string();
        expect_answers_from(&probe(&client, &["-s", &ip, "-g", "192.0.2.50", "--discover"]), &[&ip]);
    }
    let refused: Vec<_> = capture.lines().into_iter().filter(|line| line.contains("unreachable")).collect();
    assert_eq!(refused, [""; 0], "an answer met a closed port");
}

#[test]
#[ignore = "needs tcpdump: run scripts/test"]
fn vlan_probe_and_untagged_probe_are_separate() {
    let lan = Lan::new();
    let client = lan.client_without_address(2);
    let _fake = lan.fake(Fake::Vlan(7));
    let mut capture = client.capture();
    expect_answers_from(&probe(&client, &["-I", "eth0", "--vlan", "7", "-t", "1"]), &["192.0.2.9"]);
    for others in [&["-I", "eth0", "--vlan", "8", "-t", "1"][..], &["-I", "eth0", "-t", "1"]] {
        let outcome = probe(&client, others);
        let ignored = "no answer (1 datagram ignored: in VLAN 7 (IEEE 802.1Q), from ";
        assert!(outcome.status == 1 && outcome.stderr.starts_with(ignored), "{outcome:?}");
    }
    let lines = capture.lines();
    let tagged = |id: &str| lines.iter().filter(|line| line.contains(&format!("vlan {id}, "))).count();
    assert_eq!((tagged("7"), tagged("8"), lines.len()), (4, 1, 6), "{lines:#?}");
}

#[test]
#[ignore = "needs tcpdump: run scripts/test"]
fn frames_are_whole_come_from_nowhere_and_have_their_checksums() {
    let lan = Lan::new();
    let client = lan.client_without_address(2);
    let _fake = lan.fake(Fake::Offer);
    let mut capture = client.capture();
    expect_answers_from(&probe(&client, &["-I", "eth0", "-t", "1"]), &["192.0.2.9"]);
    let lines = capture.lines();
    let sent = lines.iter().find(|line| line.contains("BOOTP/DHCP, Request")).unwrap();
    let wanted = [&format!("{} > ff:ff:ff:ff:ff:ff", client.mac()), "0.0.0.0.68 > 255.255.255.255.67", "[udp sum ok]"];
    assert!(wanted.iter().all(|wanted| sent.contains(*wanted)), "{sent}");
}

#[test]
#[ignore = "needs nothing but the kernel's fragments: run scripts/test"]
fn fragmented_answer_is_ignored_without_a_client_address() {
    let lan = Lan::new();
    let client = lan.client();
    let _fake = lan.fake(Fake::Fragmented);
    for hardware in ["02:00:5e:00:53:99", &client.mac()] {
        let outcome = probe(&client, &["-I", "eth0", "--all", "-t", "1", "-h", hardware]);
        let words = "no answer (1 datagram ignored: in fragments, for a client without address";
        assert!(outcome.status == 1 && outcome.stderr.starts_with(words), "{outcome:?}");
    }
    let inform = probe(&client, &["-s", "192.0.2.9", "-i", "-c", "192.0.2.50", "-t", "1"]);
    expect_answers_from(&inform, &["192.0.2.9"]);
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn answer_to_the_own_address_is_received_for_any_chaddr() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let client = lan.client();
    for server in &servers {
        let ip = server.ip().to_string();
        let common = ["-c", "192.0.2.50", "-s", &ip, "-h", "02:00:5e:00:53:99", "-t", "2"];
        expect_answers_from(&probe(&client, &[&["-i"], &common[..]].concat()), &[&ip]);
        // The address is in nobody's pool: all refuse it, but for dhcpd, which says nothing about what it does not know.
        let outcome = probe(&client, &[&["-r"], &common[..]].concat());
        let (status, words) =
            if server.kind == ServerKind::Dhcpd { (1, "no answer") } else { (1, "refused: NAK from ") };
        assert_eq!(outcome.status, status, "{:?}: {outcome:?}", server.kind);
        assert!(format!("{}{}", outcome.stdout, outcome.stderr).contains(words), "{:?}: {outcome:?}", server.kind);
    }
    expect_no_leases(&servers);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn server_in_no_local_subnet_is_asked_as_by_a_relay() {
    let lan = Lan::new();
    let kea = lan.server(ServerKind::Kea);
    let client = lan.client();
    client.ip(&["addr", "del", "192.0.2.50/24", "dev", "eth0"]);
    client.ip(&["addr", "add", "192.0.2.50/32", "dev", "eth0"]);
    client.ip(&["route", "add", "192.0.2.0/24", "dev", "eth0"]);
    expect_answers_from(&probe(&client, &["-s", "192.0.2.1", "-t", "2"]), &["192.0.2.1"]);
    kea.expect_no_leases();
}

#[test]
#[ignore = "needs tcpdump: run scripts/test"]
fn a_virtual_network_is_asked_in_over_ipv6_too() {
    let lan = Lan::new();
    let client = lan.client_without_address(2);
    let _fake = lan.fake(Fake::Vlan(7));
    let mut capture = client.capture();
    let outcome = probe(&client, &["-6", "-I", "eth0", "--vlan", "7", "-t", "1"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    for others in [&["-6", "-I", "eth0", "--vlan", "8", "-t", "1"][..], &["-6", "-I", "eth0", "-t", "1"]] {
        let outcome = probe(&client, others);
        let ignored = "no answer (1 datagram ignored: in VLAN 7 (IEEE 802.1Q), from ";
        assert!(outcome.status == 1 && outcome.stderr.starts_with(ignored), "{outcome:?}");
    }
    let lines = capture.lines();
    let good = |id: &str| {
        lines.iter().filter(|line| line.contains(&format!("vlan {id}, ")) && line.contains("[udp sum ok]")).count()
    };
    assert_eq!((good("7"), good("8"), lines.len()), (4, 1, 6), "{lines:#?}");
}
