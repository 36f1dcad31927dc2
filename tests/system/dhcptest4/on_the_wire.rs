//! What was typed is what tcpdump sees.

use kea_tools::dhcp::v4::Packet;
use kea_tools::text::hex;

use super::{dhcptest, tshark};
use crate::dhcp::{Client, Fake, Lan, ServerKind};

/// Fields of the clients' packets that are seen while dhcptest runs.
fn seen(client: &Client, arguments: &[&str], fields: &[&str]) -> Vec<Vec<String>> {
    let mut capture = client.capture();
    let outcome = dhcptest(client, &[arguments, &["-q"]].concat());
    assert!(outcome.status < 2, "{arguments:?}: {outcome:?}");
    tshark(&capture.stop(), "udp.srcport == 68 or dhcp.type == 1", fields)
}

#[test]
#[ignore = "needs tcpdump and tshark: run scripts/test"]
fn frames_and_headers_have_what_was_typed() {
    let lan = Lan::new();
    let client = lan.client();
    let silent = ["--query", "--timeout", "0.1"];
    for (arguments, field, value) in [
        (&["--vlan", "7"][..], "vlan.id", "7"),
        (&["--source-mac", "02:00:5e:00:53:aa"], "eth.src", "02:00:5e:00:53:aa"),
        (&["--sname", "boot.example.test"], "dhcp.server", "boot.example.test"),
        (&["--file", "ipxe.efi"], "dhcp.file", "ipxe.efi"),
        (&["--target-port", "6767"], "udp.dstport", "6767"),
        (&["--bind-port", "67", "--target-port", "6767"], "udp.srcport", "67"),
        (&["--secs", "300"], "dhcp.secs", "300"),
        (&["--hops", "3"], "dhcp.hops", "3"),
    ] {
        let packets = seen(&client, &[&silent[..], arguments].concat(), &[field, "udp.length"]);
        let [packet] = &packets[..] else { panic!("{arguments:?}: {packets:?}") };
        assert_eq!(packet[..], [value, "308"], "{arguments:?}");
    }
    let packets = seen(&client, &[&silent[..], &["--pad", "0", "--message", "bootp"]].concat(), &["udp.length"]);
    assert_eq!(packets, [["249"]]);
}

#[test]
#[ignore = "needs Kea, tcpdump and tshark: run scripts/test"]
fn repetitions_are_exchanges_with_transactions_of_their_own() {
    let lan = Lan::new();
    let (_server, client) = (lan.server(ServerKind::Kea), lan.client());
    let packets = seen(&client, &["--dora", "--repeat", "3"], &["dhcp.option.dhcp", "dhcp.id"]);
    let kinds: Vec<_> = packets.iter().map(|packet| packet[0].as_str()).collect();
    assert_eq!(kinds, ["1", "3", "7"].repeat(3));
    let mut discovers: Vec<_> = packets.iter().step_by(3).map(|packet| &packet[1]).collect();
    discovers.dedup();
    assert_eq!(discovers.len(), 3, "{packets:?}");
}

#[test]
#[ignore = "needs tcpdump: run scripts/test"]
fn a_virtual_network_answers_in_it() {
    let lan = Lan::new();
    let client = lan.client();
    let _fake = lan.fake(Fake::Vlan(7));
    let inside = dhcptest(&client, &["--query", "-q", "--vlan", "7", "--iface", "eth0", "--timeout", "5"]);
    assert!(inside.status == 0 && inside.stdout.contains("yiaddr=192.0.2.90"), "{inside:?}");
    let outside = dhcptest(&client, &["--query", "--vlan", "8", "--iface", "eth0", "--timeout", "0.5"]);
    assert!(outside.status == 1 && (outside.stdout.clone() + &outside.stderr).contains("in VLAN 7"), "{outside:?}");
}

/// The options of a packet in order, in hexadecimal.
fn options(payload: &str) -> Vec<(u8, String)> {
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let octets: Vec<u8> = payload.as_bytes().chunks(2).map(octet).collect();
    let packet = Packet::parse(&octets);
    assert_eq!(packet.anomalies(), []);
    packet.options().iter().map(|option| (option.code, hex(&option.octets))).collect()
}

#[test]
#[ignore = "needs tcpdump and tshark: run scripts/test"]
fn every_profile_is_seen_as_its_kind_of_client_sends_it() {
    let pxe = |arch: &str, class: &str| vec![(93, arch.to_owned()), (60, hex(class.as_bytes()))];
    let (mac, lan) = ("02005e005398", Lan::new());
    let client = lan.client();
    for (name, expected) in [
        ("windows", vec![(61, format!("01{mac}")), (60, "4d53465420352e30".into())]),
        ("macos", vec![(55, "017903060f6c7277fc5f2c2e".into()), (57, "05dc".into()), (51, "0076a700".into())]),
        ("iphone", vec![(55, "017903060f6c7277fc".into()), (57, "05dc".into()), (51, "0076a700".into())]),
        ("android", vec![(55, "0103060f1a1c333a3b2b726c".into()), (57, "05dc".into()), (61, format!("01{mac}"))]),
        ("linux", vec![(55, "011c02030f06770c2c2f1a792a".into())]),
        ("pxe-bios", pxe("0000", "PXEClient:Arch:00000:UNDI:002001")),
        ("pxe-uefi", [vec![(57, "05c0".into())], pxe("0007", "PXEClient:Arch:00007:UNDI:003000")].concat()),
        ("pxe-arm64", [vec![(57, "05c0".into())], pxe("000b", "PXEClient:Arch:00011:UNDI:003000")].concat()),
        (
            "cable-modem",
            vec![
                (61, format!("ff5e00539800030001{mac}")),
                (57, "05dc".into()),
                (43, "020345434d".into()),
                (125, "0000118b03010102".into()),
            ],
        ),
        (
            "voip-phone",
            vec![
                (55, "011c032b808390 9dbcbfcddbdfe0e3e6e8ebeef1f4f7f9fbfe3a3b42060f".replace(' ', "")),
                (57, "04a6".into()),
                (60, "4e6f7274656c2d5349502d50686f6e652d41".into()),
            ],
        ),
    ] {
        let arguments = ["--query", "--timeout", "0.1", "--mac", "02:00:5e:00:53:98", "--profile", name];
        let packets = seen(&client, &arguments, &["udp.payload"]);
        let [packet] = &packets[..] else { panic!("{name}: {packets:?}") };
        let options = options(&packet[0]);
        assert_eq!(options[0], (53, "01".to_owned()), "{name}");
        for option in expected {
            assert!(options.contains(&option), "{name}: {option:?} in {options:?}");
        }
        let place = |code: u8| options.iter().position(|option| option.0 == code);
        assert_eq!(name.starts_with("pxe-uefi") || name == "pxe-arm64", place(57).is_some() && place(57) < place(55));
    }
}
