//! tshark reads the captures that dhcptest writes, and agrees with its JSON.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::document;
use crate::dhcp::{Kind, Lan};
use crate::program::must;

/// Message type, addresses and option codes of each packet, in tshark's words.
fn in_tsharks_words(pcap: &str) -> Vec<[String; 5]> {
    let mut tshark = Command::new("tshark");
    tshark.args(["-r", pcap, "-T", "fields", "-E", "separator=;"]);
    for field in ["dhcp.option.dhcp", "dhcp.id", "dhcp.ip.client", "dhcp.ip.your", "dhcp.option.type"] {
        tshark.args(["-e", field]);
    }
    let text = must(tshark.env("HOME", "/nonexistent").stderr(Stdio::null()));
    let packet = |line: &str| {
        let mut words: [String; 5] = line.split(';').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
        // The end counts as an option there, with one number or another.
        words[4].truncate(words[4].rfind(',').unwrap());
        words
    };
    text.lines().map(packet).collect()
}

/// The same of a packet in our JSON.
fn in_our_words(packet: &Value) -> [String; 5] {
    let options = packet["options"].as_array().unwrap();
    let kind = options.iter().find(|option| option["code"] == 53).map(|option| option["hex"].as_str().unwrap());
    let kind = u8::from_str_radix(kind.unwrap(), 16).unwrap().to_string();
    let codes: Vec<_> = options.iter().map(|option| option["code"].to_string()).collect();
    let field = |name: &str| packet[name].as_str().unwrap().to_owned();
    [kind, format!("0x{}", field("xid")), field("ciaddr"), field("yiaddr"), codes.join(",")]
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq, udhcpd and tshark: run scripts/test"]
fn tshark_agrees_on_every_packet() {
    let dir = tempfile::tempdir().unwrap();
    for kind in Kind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        for (number, arguments) in [
            &["--query", "--profile", "pxe-uefi"][..],
            &["--dora"],
            &["--dora", "--raw", "--mac", "02:00:5e:00:53:99"],
            &["--message", "inform", "--ciaddr", "192.0.2.50", "--mac", "02:00:5e:00:53:50"],
            &["--query", "--giaddr", "192.0.2.50", "--bind", "192.0.2.50", "--option", "82=circuit-id=a"],
        ]
        .into_iter()
        .enumerate()
        {
            let pcap = dir.path().join(format!("{kind:?}-{number}.pcap")).display().to_string();
            let seen = document(&client, &[arguments, &["--timeout", "10", "--pcap", &pcap]].concat());
            assert_eq!(seen["success"], true, "{kind:?} {arguments:?}: {seen} {}", server.log());
            let both = [&seen["sent"], &seen["received"]].map(|packets| packets.as_array().unwrap());
            let mut ours: Vec<_> = both.into_iter().flatten().map(in_our_words).collect();
            let mut theirs = in_tsharks_words(&pcap);
            theirs.sort();
            ours.sort();
            assert_eq!(ours, theirs, "{kind:?} {arguments:?}");
        }
    }
}
