//! Formats, files, lists.

use std::fs;
use std::net::Ipv4Addr;

use kea_tools::dhcp::v4::option;
use kea_tools::text::is_terminal_unsafe;
use serde_json::Value;

use crate::dhcptest::harness::{Net, ms, reply, server};

#[test]
fn json_is_one_document_with_every_option_typed_and_raw() {
    let ran = Net::with_server().run(&["--query", "-q", "--format", "json", "--expect", "type = ack"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["sent"][0]["message-type"], "discover");
    let received = &document["received"][0];
    assert_eq!((&received["yiaddr"], &received["rtt-ms"]), (&"192.0.2.100".into(), &1.0.into()));
    assert_eq!(received["time"], "2026-11-21T08:00:00.001000Z");
    let dns = received["options"].as_array().unwrap().iter().find(|option| option["code"] == 6).unwrap();
    assert_eq!((&dns["name"], &dns["hex"]), (&"domain-name-servers".into(), &"c0000235c0000236".into()));
    assert_eq!(dns["value"], serde_json::json!(["192.0.2.53", "192.0.2.54"]));
    assert_eq!((&document["success"], &document["expectations"][0]["holds"]), (&false.into(), &false.into()));
}

#[test]
fn json_has_the_packets_and_standard_error_has_them_not_again() {
    for format in ["json", "ndjson"] {
        let ran = Net::with_server().run(&["--query", "--format", format]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{format}");
    }
}

#[test]
fn terminal_control_characters_are_escaped_in_json() {
    let name = "z\u{202e}\u{9b}31m\u{7f}\u{e0041}";
    for format in ["json", "ndjson"] {
        let net = Net::new(|question| vec![(ms(1), server(), reply(question).with(15, name.as_bytes()).encode())]);
        let ran = net.run(&["--query", "-q", "--format", format]);
        assert!(!ran.stdout.contains(|c| c != '\n' && is_terminal_unsafe(c)), "{}", ran.stdout);
        assert!(ran.stdout.contains("z\\u202e\\u009b31m\\u007f\\udb40\\udc41"), "{}", ran.stdout);
    }
}

#[test]
fn ndjson_is_a_line_for_each_packet() {
    let ran = Net::with_server().run(&["--dora", "-q", "--format", "ndjson"]);
    let directions: Vec<_> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|packet| format!("{} {}", packet["direction"].as_str().unwrap(), packet["message-type"].as_str().unwrap()))
        .collect();
    assert_eq!(directions, ["sent discover", "received offer", "sent request", "received ack", "sent release"]);
}

/// Two servers, the second of which says everything twice and has another router.
fn two_servers() -> Net {
    Net::new(|question| {
        let other = Ipv4Addr::new(192, 0, 2, 2);
        let mut second = reply(question).with(option::ROUTERS, other.octets());
        second.set(option::SERVER_ID, other.octets());
        let second = second.encode();
        vec![(ms(1), server(), reply(question).encode()), (ms(2), other, second.clone()), (ms(3), other, second)]
    })
}

#[test]
fn all_offers_are_listed_and_duplicates_are_marked() {
    let ran = two_servers().run(&["--query", "--wait", "--timeout", "1"]);
    let list: Vec<_> = ran.stdout.lines().skip_while(|line| *line != "2 answers:").collect();
    assert_eq!(
        list,
        [
            "2 answers:",
            "  SERVER     FROM          MAC                TYPE   ADDRESS      TIME",
            "  192.0.2.1  192.0.2.1:67  02:00:5e:00:53:01  OFFER  192.0.2.100  1.0 ms",
            "  192.0.2.2  192.0.2.2:67  02:00:5e:00:53:02  OFFER  192.0.2.100  2.0 ms  1 duplicate",
        ]
    );
    assert!(ran.stderr.contains("Received packet from 192.0.2.2:67 (a duplicate):"), "{}", ran.stderr);
}

#[test]
fn a_comparison_shows_first_what_differs() {
    let ran = two_servers().run(&["--compare", "-q", "--timeout", "1"]);
    let table: Vec<_> = ran.stdout.lines().skip_while(|line| *line != "what differs:").collect();
    assert_eq!(
        table[1..4],
        ["             192.0.2.1  192.0.2.2", "  3 routers  -          192.0.2.2", "what is the same:"]
    );
    assert!(table.contains(&"  51 dhcp-lease-time     3600                    3600"), "{table:#?}");
}

#[test]
fn octets_are_dumped_if_wanted() {
    let ran = Net::with_server().run(&["--query", "-q", "--hexdump"]);
    assert!(ran.stdout.contains("\n  0000  02 01 06 00 "), "{}", ran.stdout);
}

#[test]
fn given_octets_are_sent_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("octets");
    fs::write(&file, "01 01 06 00  DEADBEEF\n00:00:80:00\n").unwrap();
    let ran = Net::silent().run(&["--hex", file.to_str().unwrap(), "--timeout", "1", "-q"]);
    assert_eq!(ran.sent[0].octets(), [1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0x80, 0]);
    let relayed = format!("0101060000000001{}c0000232{}63825363350101ff", "00".repeat(16), "00".repeat(208));
    fs::write(&file, relayed).unwrap();
    let ran = Net::silent().run(&["--hex", file.to_str().unwrap(), "--timeout", "1", "-q"]);
    assert_eq!((ran.sent[0].giaddr(), ran.plans[0].port), (Some([192, 0, 2, 50].into()), 67));
    fs::write(&file, "01 0x").unwrap();
    let ran = Net::silent().run(&["--hex", file.to_str().unwrap()]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("this is not hexadecimal"), "{}", ran.stderr);
}

#[test]
fn what_was_captured_can_be_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.pcap");
    let file = file.to_str().unwrap();
    let first = Net::with_server().run(&["--dora", "-q", "--pcap", file, "--option", "60=abc"]);
    let again = Net::with_server().run(&["--replay", file, "-q"]);
    let octets =
        |ran: &crate::dhcptest::harness::Ran| ran.sent.iter().map(|sent| sent.octets().to_vec()).collect::<Vec<_>>();
    assert_eq!(first.sent.len(), 3);
    assert_eq!(octets(&again), octets(&first));
    assert_eq!(again.status, 0, "{}", again.stderr);
    let ran = Net::silent().run(&["--replay", "/nonexistent", "-q"]);
    assert_eq!(ran.stderr, "dhcptest: read /nonexistent: No such file or directory\n");
}

#[test]
fn output_is_whole_if_the_capture_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().to_owned(), dir.path().join("x.pcap"));
    let losing = Net::new(move |_| {
        std::fs::remove_dir_all(&folder).ok();
        Vec::new()
    });
    let ran = losing.run(&["--query", "-q", "--timeout", "1", "--format", "json", "--pcap", file.to_str().unwrap()]);
    assert!(ran.status == 2 && ran.stderr.contains("x.pcap: No such file or directory"), "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["sent"].as_array().unwrap().len(), 1, "{document:#}");
}

#[test]
fn profiles_are_sent_and_listed() {
    let ran = Net::with_server().run(&[
        "--query",
        "-q",
        "--profile",
        "windows",
        "--option",
        "60=MSFT 9.0",
        "--mac",
        "02:00:5e:00:53:01",
    ]);
    assert_eq!(ran.sent[0].option(60).as_deref(), Some(&b"MSFT 9.0"[..]));
    assert_eq!(ran.sent[0].option(61).as_deref(), Some(&[1, 2, 0, 0x5e, 0, 0x53, 1][..]));
    let ran = Net::silent().run(&["--profile", "list"]);
    assert!(ran.stdout.lines().filter(|line| line.starts_with("    source: ")).count() >= 10);
    let ran = Net::silent().run(&["--query", "--profile", "windwos"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn json_and_pcap_have_retries_but_no_unsent_packets() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.pcap");
    let arguments = ["--query", "-q", "--format", "json", "--tries", "3", "--timeout", "1"];
    let pcap = ["--pcap", file.to_str().unwrap()];
    let ran = Net::silent().run(&[&arguments[..], &pcap].concat());
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["sent"].as_array().unwrap().iter().map(|sent| &sent["secs"]).collect::<Vec<_>>(), [0, 1, 2]);
    let again = Net::silent().run(&["--replay", pcap[1], "-q", "--timeout", "1"]);
    assert_eq!(again.sent.len(), 3);
    let ran = Net::silent().cut_off().run(&arguments);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &document["sent"]), (2, &serde_json::json!([])));
}

#[test]
fn answers_to_further_tries_are_no_duplicates() {
    let ran =
        Net::with_server().run(&["--query", "--wait", "--tries", "2", "--timeout", "1", "--format", "json", "-q"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let received = document["received"].as_array().unwrap();
    assert!(received.len() == 2 && received.iter().all(|packet| packet["duplicate"].is_null()), "{}", ran.stdout);
    let ran = two_servers().run(&["--query", "--wait", "--timeout", "1", "--format", "json", "-q"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["received"][2]["duplicate"], true);
}

#[test]
fn a_comparison_of_nothing_says_so() {
    let ran = Net::silent().run(&["--compare", "-q", "--timeout", "1"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, "nothing to compare: there is no answer\n"));
}

#[test]
fn a_format_of_one_takes_and_shows_several() {
    let ran =
        Net::with_server().run(&["--query", "-q", "--option", "6[IP]=192.0.2.1,192.0.2.2", "--print-only", "6[IP]"]);
    assert_eq!(ran.stdout, "192.0.2.53, 192.0.2.54\n");
    assert_eq!(ran.sent[0].option(6).as_deref(), Some(&[192, 0, 2, 1, 192, 0, 2, 2][..]));
    for (option, octets) in [
        ("200[u8]=1, 2", &[1, 2][..]),
        ("200[u16]=[1,2]", &[0, 1, 0, 2]),
        ("200[boolean]=true false", &[1, 0]),
        ("200[dhcpOptionType]=1,3", &[1, 3]),
    ] {
        let ran = Net::with_server().run(&["--query", "-q", "--option", option]);
        assert_eq!(ran.sent[0].option(200).as_deref(), Some(octets), "{option}: {}", ran.stderr);
    }
    let ran = Net::silent().run(&["--query", "--option", "50[ip]="]);
    assert!(ran.status == 2 && ran.stderr.contains("nothing is given"), "{}", ran.stderr);
}

#[test]
fn every_profile_is_sent_in_its_own_order() {
    let order = |name: &str| {
        let ran = Net::with_server().run(&["--query", "-q", "--profile", name]);
        ran.sent[0].options().iter().map(|option| option.code).collect::<Vec<_>>()
    };
    for (name, codes) in [
        ("windows", &[53, 55, 61, 60][..]),
        ("macos", &[53, 55, 61, 57, 51]),
        ("iphone", &[53, 55, 61, 57, 51]),
        ("android", &[53, 55, 61, 57, 60]),
        ("linux", &[53, 55]),
        ("pxe-bios", &[53, 55, 57, 97, 93, 94, 60]),
        ("pxe-uefi", &[53, 57, 55, 97, 94, 93, 60]),
        ("pxe-arm64", &[53, 57, 55, 97, 94, 93, 60]),
        ("cable-modem", &[53, 55, 61, 57, 60, 43, 125]),
        ("voip-phone", &[53, 55, 61, 57, 60]),
    ] {
        assert_eq!(order(name), codes, "{name}");
    }
    let ran = Net::with_server().run(&["--dora", "-q", "--profile", "macos"]);
    let lease_times: Vec<_> = ran.sent.iter().map(|sent| sent.number(option::LEASE_TIME)).collect();
    assert_eq!(lease_times, [Some(7_776_000), None, None]);
}
