//! dhcptest -6 against DHCPv6 servers: Kea, ISC dhcpd, dnsmasq.

use serde_json::Value;

use crate::dhcp::{Client, Fake, Lan, Server, ServerKind};
use crate::dhcping6::assert_leases;
use crate::dhcptest4::tshark;
use crate::program::{Outcome, run};

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
    for kind in ServerKind::ALL6 {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        let arguments: &[&str] = match kind {
            ServerKind::Dnsmasq => &["-6", "--ia-na", "--request", "dns-servers", "--request", "sntp-servers"],
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
        if kind != ServerKind::Dnsmasq {
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
    for kind in ServerKind::ALL6 {
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
            ServerKind::Dnsmasq => {
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
    let servers = ServerKind::ALL6.map(|kind| lan.server6(kind));
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
    for kind in [ServerKind::Kea, ServerKind::Dhcpd] {
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
    let relay = ["-6", "--relay", "2001:db8::50", "--bind", "2001:db8::50", "--iface", "eth0"];
    for kind in ServerKind::ALL6 {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        for arguments in [
            &["--sarr", "--ia-na", "--ia-pd"][..],
            &["--sarr", "--rapid-commit", "--ia-na"],
            &["-6", "--message", "information-request"],
            &[&relay[..], &["--ia-na", "--ia-pd", "--relay-option", "interface-id=port 7"]].concat(),
        ] {
            expect_agreement(&client, arguments);
        }
        assert_leases(&server, 0);
    }
    let lan = Lan::new();
    let _servers = ServerKind::ALL6.map(|kind| lan.server6(kind));
    expect_agreement(&lan.client(), &["-6", "--wait", "--timeout", "2", "--expect", "advertisements = 3"]);
}

/// Fails unless tshark finds in the capture of a run what our JSON says of it.
#[track_caller]
fn expect_agreement(client: &Client, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.pcap");
    let file = file.to_str().unwrap();
    let outcome = dhcptest(client, &[arguments, &["--pcap", file, "--format", "json"]].concat());
    // A server that has no prefixes has not given all that was asked for.
    assert!(outcome.status < 2, "{outcome:?}");
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(!document["received"].as_array().unwrap().is_empty(), "{arguments:?} {outcome:?}");
    let fields =
        ["msgtype", "xid", "option.type", "iaaddr.ip", "iaprefix.pref_addr"].map(|name| format!("dhcpv6.{name}"));
    let fields: Vec<_> = fields.iter().map(String::as_str).collect();
    let mut theirs = tshark(folder.path().join("exchange.pcap").as_path(), "dhcpv6", &fields);
    let packets = ["sent", "received"].map(|place| document[place].as_array().unwrap().clone()).concat();
    let mut ours: Vec<_> = packets.iter().map(in_tsharks_words).collect();
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs, "{arguments:?}");
}

/// Message types, transaction, option codes, addresses and prefixes of a packet, each before what it holds.
fn in_tsharks_words(packet: &Value) -> Vec<String> {
    let mut words: [Vec<String>; 5] = Default::default();
    message(packet, &mut words);
    words.map(|words| words.join(",")).to_vec()
}

fn message(packet: &Value, words: &mut [Vec<String>; 5]) {
    const TYPES: [(&str, &str); 8] = [
        ("solicit", "1"),
        ("advertise", "2"),
        ("request", "3"),
        ("reply", "7"),
        ("release", "8"),
        ("information-request", "11"),
        ("relay-forw", "12"),
        ("relay-repl", "13"),
    ];
    let kind = packet["message-type"].as_str().unwrap();
    words[0].push(TYPES.iter().find(|(name, _)| *name == kind).unwrap().1.to_owned());
    words[1].extend(packet["xid"].as_str().map(|xid| format!("0x{xid}")));
    options(&packet["options"], words);
}

fn options(list: &Value, words: &mut [Vec<String>; 5]) {
    for option in list.as_array().into_iter().flatten() {
        words[2].push(option["code"].to_string());
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if option["name"] == "iaaddr" {
            words[3].extend(text(&option["value"]["address"]));
        } else if option["name"] == "iaprefix" {
            words[4].extend(text(&option["value"]["prefix"]));
        }
        options(&option["options"], words);
        if option["message"].is_object() {
            message(&option["message"], words);
        }
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn what_cannot_be_meant_is_refused_with_what_could() {
    let lan = Lan::new();
    let client = lan.client();
    for (arguments, words) in [
        (&["-6", "--dora"][..], "use --sarr with DHCPv6"),
        (&["-6", "--message", "discover"], "solicit, request"),
        (&["-6", "--target", "192.0.2.1"], "not an IPv6 address"),
        (&["--target", "2001:db8::1", "--query"], "use -6 for DHCPv6"),
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
        let outcome = dhcptest(&client, &["-6", "--query", "--timeout", "1"]);
        let shown = outcome.stdout + &outcome.stderr;
        let beginning: String = shown.chars().take(3000).collect();
        assert!(outcome.status == status && shown.contains(words), "{fake:?} {}: {beginning}", outcome.status);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{fake:?}");
        let outcome = dhcptest(&client, &["-6", "--query", "--timeout", "1", "--format", "json"]);
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert!(!document["received"].as_array().unwrap().is_empty(), "{fake:?}");
    }
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn messages_typed_by_hand_do_what_they_say() {
    for kind in ServerKind::ALL6 {
        let lan = Lan::new();
        let (server, client) = (lan.server6(kind), lan.client());
        let information = ["-6", "--message", "information-request", "--request", "dns-servers", "--format", "json"];
        let reply: Value = serde_json::from_str(&dhcptest(&client, &information).stdout).unwrap();
        assert_eq!(reply["received"][0]["message-type"], "reply", "{kind:?} {reply}");
        assert_eq!(option(&reply["received"][0]["options"], "dns-servers").unwrap()["value"][0], "2001:db8::53");
        let identity = ["-6", "--duid", "en:32473:0102030405"];
        let ask = |arguments: &[&str]| dhcptest(&client, &[&identity[..], &["-q"], arguments].concat());
        let server_duid = ask(&["--print-only", "serverid"]).stdout.trim().to_owned();
        let offered = ask(&["--print-only", "ia-na"]).stdout;
        let address = offered.split("address=").nth(1).and_then(|rest| rest.split([',', '}']).next()).unwrap();
        let association = format!("1,{address}");
        let message = |kind: &str| {
            ask(&[
                "--message",
                kind,
                "--server-duid",
                &server_duid,
                "--ia-na",
                &association,
                "--expect",
                "type = reply",
            ])
        };
        assert_eq!(message("request").status, 0, "{kind:?} {}", server.log());
        assert_leases(&server, 1);
        let declined = message("decline");
        assert_eq!(declined.status, 0, "{kind:?} {declined:?} {}", server.log());
        assert_leases(&server, 0);
        // Nobody gets it now, but from dnsmasq, which forgets.
        let other = dhcptest(&client, &["-6", "--print-only", "ia-na", "--ia-na", &association]);
        let is_given = other.stdout.contains(&format!("{address},"));
        assert!(other.status == 0 && is_given == (kind == ServerKind::Dnsmasq), "{kind:?} {address} {other:?}");
    }
}

#[test]
#[ignore = "needs dnsmasq: run scripts/test"]
fn a_server_without_prefixes_is_shown_for_what_it_is() {
    let lan = Lan::new();
    let (server, client) = (lan.server6(ServerKind::Dnsmasq), lan.client());
    let both = ["-6", "--ia-na", "--ia-pd", "7", "-q"];
    let advertise = dhcptest(&client, &both);
    assert_eq!(advertise.status, 1, "{advertise:?}");
    assert!(advertise.stdout.contains("(OPTION_IAADDR)") && !advertise.stdout.contains("(OPTION_IA_PD)"));
    let expected = ["--expect", "address in 2001:db8::/64", "--expect", "ia-pd absent"];
    assert_eq!(dhcptest(&client, &[&both[..], &expected].concat()).status, 0);
    let alone = dhcptest(&client, &["-6", "--ia-pd", "-q"]);
    assert!(alone.status == 1 && alone.stdout.contains("status=NoAddrsAvail"), "{alone:?}");
    // What it does give is given back.
    let exchange = dhcptest(&client, &["--sarr", "--ia-na", "--ia-pd"]);
    assert!(exchange.status == 1 && exchange.stderr.contains("type=RELEASE"), "{exchange:?}");
    assert_leases(&server, 0);
}
