//! tshark reads the captures that dhcptest writes, and agrees with its JSON.

use std::path::Path;

use serde_json::Value;

use super::{document, tshark};
use crate::dhcp::{Client, Lan, Server, ServerKind};

/// Message type, addresses and option codes of each packet, in tshark's words.
fn in_tsharks_words(pcap: &Path) -> Vec<Vec<String>> {
    let fields = ["dhcp.option.dhcp", "dhcp.id", "dhcp.ip.client", "dhcp.ip.your", "dhcp.ip.relay", "dhcp.option.type"];
    let mut packets = tshark(pcap, "dhcp", &fields);
    for packet in &mut packets {
        // The end counts as an option there, with one number or another.
        let end = packet[5].rfind(',').unwrap();
        packet[5].truncate(end);
    }
    packets
}

/// The same of a packet in our JSON.
fn in_our_words(packet: &Value) -> Vec<String> {
    let options = packet["options"].as_array().unwrap();
    let kind = options.iter().find(|option| option["code"] == 53).map(|option| option["hex"].as_str().unwrap());
    let kind = u8::from_str_radix(kind.unwrap(), 16).unwrap().to_string();
    let codes: Vec<_> = options.iter().map(|option| option["code"].to_string()).collect();
    let field = |name: &str| packet[name].as_str().unwrap().to_owned();
    vec![kind, format!("0x{}", field("xid")), field("ciaddr"), field("yiaddr"), field("giaddr"), codes.join(",")]
}

/// What dhcptest shows of a run, if tshark agrees with it.
#[track_caller]
fn agreed(client: &Client, arguments: &[&str]) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let pcap = dir.path().join("pcap");
    let seen = document(client, &[arguments, &["--pcap", pcap.to_str().unwrap()]].concat());
    let both = [&seen["sent"], &seen["received"]].map(|packets| packets.as_array().unwrap());
    let mut ours: Vec<_> = both.into_iter().flatten().map(in_our_words).collect();
    let mut theirs = in_tsharks_words(&pcap);
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs, "{arguments:?}");
    seen
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq, udhcpd and tshark: run scripts/test"]
fn tshark_agrees_on_every_packet() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        for arguments in [
            &["--query", "--profile", "pxe-uefi"][..],
            &["--dora"],
            &["--dora", "--raw", "--mac", "02:00:5e:00:53:99"],
            &["--message", "inform", "--ciaddr", "192.0.2.50", "--mac", "02:00:5e:00:53:50"],
            &["--query", "--giaddr", "192.0.2.50", "--bind", "192.0.2.50", "--option", "82=circuit-id=a"],
        ] {
            let seen = agreed(&client, arguments);
            assert_eq!(seen["success"], true, "{kind:?} {arguments:?}: {seen} {}", server.log());
        }
        drop(client);
        let client = lan.client_without_address(2);
        for arguments in [&["--query", "--raw", "--iface", "eth0"][..], &["--dora"]] {
            let seen = agreed(&client, arguments);
            assert_eq!(seen["success"], true, "{kind:?} {arguments:?}: {seen} {}", server.log());
        }
        server.expect_no_leases();
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq, udhcpd and tshark: run scripts/test"]
fn tshark_agrees_on_what_all_servers_say_at_once() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    for client in [lan.client(), lan.client_without_address(2)] {
        let all = agreed(&client, &["--wait", "--timeout", "1", "--request", "6", "--expect", "offers = 4"]);
        assert_eq!((&all["success"], all["received"].as_array().unwrap().len()), (&true.into(), 4), "{all}");
        let one = agreed(&client, &["--dora", "--expect", "type = ack"]);
        assert_eq!(one["success"], true, "{one}");
        servers.iter().for_each(Server::expect_no_leases);
        drop(client);
    }
}
