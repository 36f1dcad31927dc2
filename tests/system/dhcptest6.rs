//! dhcptest -6 against DHCPv6 servers: Kea, ISC dhcpd, dnsmasq.

use serde_json::Value;

use crate::dhcp::{Client, Fake, Kind, Lan, Server};
use crate::dhcping6::assert_leases;
use crate::program::{Outcome, must, run};

fn dhcptest(client: &Client, arguments: &[&str]) -> Outcome {
    let mut command = client.command(env!("CARGO_BIN_EXE_dhcptest"));
    if !arguments.contains(&"--timeout") {
        command.args(["--timeout", "5"]);
    }
    run(command.args(arguments))
}

/// The one document of JSON.
#[track_caller]
fn json(client: &Client, arguments: &[&str]) -> Value {
    let outcome = dhcptest(client, &[arguments, &["--format", "json"]].concat());
    assert_eq!(outcome.status, 0, "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|cause| panic!("{cause}: {outcome:?}"))
}

/// The option of that name among these.
fn option<'a>(options: &'a Value, name: &str) -> Option<&'a Value> {
    options.as_array().unwrap().iter().find(|option| option["name"] == name)
}

fn duid(server: &Server) -> String {
    format!("ll:{}", server.mac())
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn every_dhcpv6_servers_answer_is_shown_with_all_that_it_holds() {
    for kind in Kind::ALL6 {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        let arguments: &[&str] = match kind {
            Kind::Dnsmasq => &["-6", "--ia-na", "--request", "dns-servers", "--request", "sntp-servers"],
            _ => &["-6", "--ia-na", "--ia-pd", "7", "--request", "dns-servers", "--request", "sntp-servers"],
        };
        let outcome = dhcptest(&client, arguments);
        assert_eq!(outcome.status, 0, "{kind:?} {outcome:?}");
        assert!(outcome.stdout.contains("  type=ADVERTISE xid="), "{outcome:?}");
        assert!(outcome.stderr.contains("  type=SOLICIT xid="), "{outcome:?}");
        assert!(outcome.stdout.contains("     23 (OPTION_DNS_SERVERS): 2001:db8::53\n"), "{kind:?} {outcome:?}");
        let document = json(&client, arguments);
        let advertise = &document["received"][0];
        assert_eq!((&advertise["family"], &advertise["message-type"]), (&6.into(), &"advertise".into()));
        let address = option(&advertise["options"], "ia-na").and_then(|ia| option(&ia["options"], "iaaddr")).unwrap();
        let ip = address["value"]["address"].as_str().unwrap().parse().unwrap();
        assert!(server.pool_contains(ip), "{kind:?} {address}");
        if kind != Kind::Dnsmasq {
            let prefixes = option(&advertise["options"], "ia-pd").unwrap();
            assert_eq!(prefixes["value"]["iaid"], 7);
            assert_eq!(option(&prefixes["options"], "iaprefix").unwrap()["value"]["prefix-length"], 56);
        }
        assert_eq!(option(&advertise["options"], "sntp-servers").unwrap()["value"][0], "2001:db8::123");
        assert_leases(&server, 0);
    }
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn a_whole_exchange_leaves_nothing_unless_it_is_to_be_kept() {
    for kind in Kind::ALL6 {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        for more in [&[][..], &["--rapid-commit"]] {
            let outcome = dhcptest(&client, &[&["--sarr", "--duid", "en:32473:0102030405"], more].concat());
            assert_eq!(outcome.status, 0, "{kind:?} {outcome:?}");
            assert!(outcome.stdout.contains("  type=REPLY xid="), "{outcome:?}");
            assert!(outcome.stderr.contains("  type=RELEASE xid="), "{outcome:?}");
            assert_leases(&server, 0);
        }
        let kept = dhcptest(&client, &["--sarr", "--keep", "--duid", "en:32473:0102030405"]);
        assert_eq!(kept.status, 0, "{kind:?} {kept:?}");
        assert_leases(&server, 1);
        // By hand, message by message.
        let address = server.leases()[0].address.to_string();
        let lease = format!("1,{address}");
        let server_duid = match kind {
            // It makes itself a DUID from its name and the time.
            Kind::Dnsmasq => {
                let shown = dhcptest(&client, &["-6", "--print-only", "serverid"]);
                shown.stdout.trim().to_owned()
            }
            _ => duid(&server),
        };
        let identity = ["--duid", "en:32473:0102030405", "--ia-na", &lease];
        for message in ["renew", "rebind", "confirm"] {
            let arguments = [&["-6", "--message", message, "--server-duid", &server_duid][..], &identity].concat();
            let outcome = dhcptest(&client, &arguments);
            assert_eq!(outcome.status, 0, "{kind:?} {message} {outcome:?}");
            assert_leases(&server, 1);
        }
        let release = [&["-6", "--message", "release", "--server-duid", &server_duid][..], &identity].concat();
        let outcome = dhcptest(&client, &release);
        assert_eq!(outcome.status, 0, "{kind:?} {outcome:?}");
        assert_leases(&server, 0);
    }
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn all_servers_are_listed_and_compared() {
    let lan = Lan::new();
    let servers = Kind::ALL6.map(|kind| lan.server6(kind));
    let client = lan.client();
    let outcome = dhcptest(&client, &["-6", "--compare", "--timeout", "2"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    for server in &servers {
        assert!(outcome.stdout.contains(&format!("[fe80::{}%", server.kind.host())), "{outcome:?}");
    }
    assert!(outcome.stdout.contains("what differs:\n") && outcome.stdout.contains("23 dns-servers"), "{outcome:?}");
    let expected = [
        "-6",
        "--wait",
        "--timeout",
        "2",
        "--expect",
        "advertisements = 3",
        "--expect",
        "option:dns-servers contains 2001:db8::53",
    ];
    let outcome = dhcptest(&client, &expected);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let one = dhcptest(&client, &["-6", "--server-duid", &duid(&servers[0]), "--print-only", "dns-servers"]);
    assert_eq!((one.status, one.stdout.as_str()), (0, "2001:db8::53\n"), "{one:?}");
}

#[test]
#[ignore = "needs Kea and dhcpd: run scripts/test"]
fn a_relay_forward_is_answered_by_a_relay_reply() {
    for kind in [Kind::Kea, Kind::Dhcpd] {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        let outcome = dhcptest(
            &client,
            &[
                "-6",
                "--relay",
                "2001:db8::50",
                "--bind",
                "2001:db8::50",
                "--iface",
                "eth0",
                "--relay-option",
                "interface-id=port 7",
            ],
        );
        assert_eq!(outcome.status, 0, "{kind:?} {outcome:?} {}", server.log());
        assert!(outcome.stdout.contains("  type=RELAY-REPL hops=0 link=2001:db8::50 peer=fe80::1\n"), "{outcome:?}");
        assert!(outcome.stdout.contains("     18 (OPTION_INTERFACE_ID): port 7\n"), "{outcome:?}");
        assert!(outcome.stdout.contains("        type=ADVERTISE xid="), "{outcome:?}");
    }
}

#[test]
#[ignore = "needs Kea and tshark: run scripts/test"]
fn tshark_reads_the_same_in_the_capture() {
    let lan = Lan::new();
    let _server = lan.server6(Kind::Kea);
    let client = lan.client();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.pcap");
    let file = file.to_str().unwrap();
    let document = json(&client, &["--sarr", "--ia-na", "--ia-pd", "--pcap", file]);
    let fields = [
        "-T",
        "fields",
        "-e",
        "dhcpv6.msgtype",
        "-e",
        "dhcpv6.xid",
        "-e",
        "dhcpv6.option.type",
        "-e",
        "dhcpv6.iaaddr.ip",
    ];
    let seen = must(client.command("tshark").args(["-r", file]).args(fields));
    let seen: Vec<Vec<&str>> = seen.lines().map(|line| line.split('\t').collect()).collect();
    let packets = ["sent", "received"].map(|place| document[place].as_array().unwrap().clone()).concat();
    assert_eq!(seen.len(), packets.len(), "{seen:?}");
    for packet in packets {
        let xid = format!("0x{}", packet["xid"].as_str().unwrap());
        let number = match packet["message-type"].as_str().unwrap() {
            "solicit" => "1",
            "advertise" => "2",
            "request" => "3",
            "release" => "8",
            _ => "7",
        };
        let row = seen.iter().find(|row| row[0] == number && row[1] == xid);
        let row = row.unwrap_or_else(|| panic!("{number} {xid} in {seen:?}"));
        let mut codes = Vec::new();
        collect(&packet["options"], &mut codes, &mut Vec::new());
        assert_eq!(row[2], codes.join(","));
        let mut addresses = Vec::new();
        collect(&packet["options"], &mut Vec::new(), &mut addresses);
        assert_eq!(row[3], addresses.join(","));
    }
}

/// Codes of options and addresses in them, each before what it holds.
fn collect(options: &Value, codes: &mut Vec<String>, addresses: &mut Vec<String>) {
    for option in options.as_array().into_iter().flatten() {
        codes.push(option["code"].to_string());
        addresses.extend(option["value"]["address"].as_str().map(str::to_owned));
        collect(&option["options"], codes, addresses);
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn what_cannot_be_meant_is_refused_with_what_could() {
    let lan = Lan::new();
    let client = lan.client();
    for (arguments, words) in [
        (&["-6", "--dora"][..], "--sarr is DHCPv6's"),
        (&["-6", "--message", "discover"], "solicit, request"),
        (&["-6", "--target", "192.0.2.1"], "no IPv6 address"),
        (&["--target", "2001:db8::1", "--query"], "-6 is DHCPv6"),
        (&["-6", "--request", "dns-server"], "did you mean \"dns-servers\"?"),
        (&["-6", "--option", "23=192.0.2.1"], "an IPv6 address"),
        (&["-6", "--ia-pd", "1,2001:db8::"], "1,2001:db8:100::/56"),
        (&["-6", "--duid", "banana"], "ll:02:00:00:00:00:01"),
    ] {
        let outcome = dhcptest(&client, arguments);
        assert!(outcome.status == 2 && outcome.stderr.contains(words), "{arguments:?} {outcome:?}");
    }
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn strange_answers_are_shown_with_what_is_wrong() {
    for (fake, status, words) in [
        (Fake::ManyOptions, 0, "   3999 (Unknown): 00 00"),
        (Fake::NestedIa, 0, "  fault: option 3 at offset "),
        (Fake::LoopingSearch, 0, "     24 (OPTION_DOMAIN_LIST)[hex]: 01 61 C0 00 C0 02"),
        (Fake::CutOption, 1, " says 200 octets, 1 are left"),
        (Fake::NakText, 1, "status=NoAddrsAvail, message=\"\\x1B[2J"),
    ] {
        let lan = Lan::new();
        let _fake = lan.fake(fake);
        let client = lan.client();
        let outcome = dhcptest(&client, &["-6", "--timeout", "1"]);
        let shown = outcome.stdout + &outcome.stderr;
        let beginning: String = shown.chars().take(3000).collect();
        assert!(outcome.status == status && shown.contains(words), "{fake:?} {}: {beginning}", outcome.status);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{fake:?}");
        let outcome = dhcptest(&client, &["-6", "--timeout", "1", "--format", "json"]);
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert!(!document["received"].as_array().unwrap().is_empty(), "{fake:?}");
    }
}
