//! Which answers count, and what the exit status says.

use std::net::Ipv4Addr;

use kea_tools::dhcp::v4::{MessageType, option};

use crate::dhcptest::harness::{Net, ms, reply, server};

#[test]
fn query_ends_at_first_answer_in_the_original_format() {
    let ran = Net::with_server().run(&["--query", "--mac", "02:00:5e:00:53:c0"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let xid = format!("{:08X}", ran.sent[0].xid().unwrap());
    let expected = format!(
        "  op=BOOTREPLY chaddr=02:00:5E:00:53:C0 hops=0 xid={xid} secs=0 flags=8000
  ciaddr=0.0.0.0 yiaddr=192.0.2.100 siaddr=0.0.0.0 giaddr=0.0.0.0 sname= file=
  4 options:
     53 (DHCP Message Type): offer
     54 (Server Identifier): 192.0.2.1
     51 (IP Address Lease Time): 3600 (1 hour)
      6 (Domain Name Server Option): 192.0.2.53, 192.0.2.54
"
    );
    assert_eq!(ran.stdout, expected);
    assert!(ran.stderr.starts_with("Listening for DHCP replies on port 68.\nSending packet:\n  op=BOOTREQUEST"));
    assert!(ran.stderr.ends_with("Received packet from 192.0.2.1:67:\n"), "{}", ran.stderr);
}

#[test]
fn the_examples_of_the_originals_documentation_work() {
    let silent = |arguments: &[&str]| Net::with_server().run(arguments);
    let ran = silent(&["--quiet", "--query", "--request", "6", "--print-only", "6"]);
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "192.0.2.53, 192.0.2.54\n", ""));
    let name = "Domain Name Server Option";
    let ran = silent(&["--quiet", "--query", "--request", name, "--print-only", name]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "192.0.2.53, 192.0.2.54\n"));
    assert_eq!(ran.sent[0].option(55).as_deref(), Some(&[6][..]));
    let ran = silent(&["--quiet", "--query", "--print-only", "6[hex]"]);
    assert_eq!(ran.stdout, "C0 00 02 35 C0 00 02 36\n");
    let ran = silent(&["--quiet", "--query", "--wait", "--tries", "5", "--timeout", "10"]);
    assert_eq!((ran.status, ran.sent.len()), (0, 5));
    let ran = silent(&["--query", "--option", "60=Initech Groupware"]);
    assert_eq!(ran.sent[0].option(60).as_deref(), Some(&b"Initech Groupware"[..]));
    let relay = "Relay Agent Information=agentCircuitID=\"foo\", agentRemoteID=\"bar\"";
    let ran = silent(&["--query", "--option", relay]);
    assert_eq!(ran.sent[0].option(82).as_deref(), Some(&b"\x01\x03foo\x02\x03bar"[..]));
    let ran = silent(&["--query", "--option", "DHCP Message Type=request"]);
    assert_eq!(ran.sent[0].message_type(), Some(MessageType::REQUEST));
}

#[test]
fn without_an_answer_it_gives_up_after_its_tries() {
    let ran = Net::silent().run(&["--query", "--timeout", "2", "--tries", "3"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr
            .contains("Retrying, try 2...\nRetrying, try 3...\nGiving up after 3 tries.\nPerhaps no server is running"),
        "{}",
        ran.stderr
    );
    let seconds: Vec<_> = ran.sent.iter().map(|packet| packet.secs().unwrap()).collect();
    assert_eq!(seconds, [0, 2, 4]);
    assert!(ran.sent.windows(2).all(|pair| pair[0].xid() == pair[1].xid()));
}

#[test]
fn a_refusal_is_shown_and_is_no_success() {
    let net = Net::new(|question| {
        let mut nak = reply(question).with(option::MESSAGE, *b"wrong network");
        nak.set(option::MESSAGE_TYPE, [MessageType::NAK.0]);
        vec![(ms(1), server(), nak.encode())]
    });
    let ran = net.run(&["--query", "-q", "--message", "request"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("56 (Message): wrong network"), "{}", ran.stdout);
}

#[test]
fn an_option_that_is_not_there_is_no_success() {
    let ran = Net::with_server().run(&["--query", "--print-only", "3"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.ends_with("(No option 3 in packet)\n"), "{}", ran.stderr);
}

#[test]
fn rejected_packet_is_shown_with_reason_and_wait_continues() {
    let net = Net::new(|question| {
        let mut cut = reply(question).encode_padded(0);
        cut.truncate(200);
        let mut asks = reply(question);
        asks.op = 1;
        let mut foreign = reply(question);
        foreign.xid ^= 1;
        vec![
            (ms(1), server(), cut),
            (ms(2), server(), asks.encode()),
            (ms(3), server(), foreign.encode()),
            (ms(4), server(), Vec::new()),
            (ms(5), server(), reply(question).encode()),
        ]
    });
    let ran = net.run(&["--query"]);
    assert_eq!(ran.status, 0);
    let lines: Vec<_> = ran.stderr.lines().filter(|line| line.starts_with("Received")).collect();
    assert_eq!(
        lines,
        [
            "Received packet from 192.0.2.1:67 (not counted: it is cut short):",
            "Received packet from 192.0.2.1:67 (not counted: a request, not an answer):",
            "Received packet from 192.0.2.1:67:",
        ]
    );
    assert!(ran.stdout.contains("  fault: the packet has 200 octets"), "{}", ran.stdout);
}

#[test]
fn what_was_ignored_is_named_when_it_gives_up() {
    let net = Net::new(|question| {
        let mut nothing = reply(question);
        nothing.yiaddr = Ipv4Addr::UNSPECIFIED;
        vec![(ms(1), server(), nothing.encode())]
    });
    let ran = net.run(&["--query", "--timeout", "1"]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let words = "1 datagram ignored: OFFER of 0.0.0.0, which is no address (RFC 1122 section 3.2.1.3, ";
    assert!(ran.stderr.contains("Giving up after 1 try.\n") && ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn dora_releases_the_lease_unless_keep_is_given() {
    let kinds = |ran: &crate::dhcptest::harness::Ran| {
        ran.sent.iter().map(|sent| sent.message_type().unwrap().0).collect::<Vec<_>>()
    };
    let ran = Net::with_server().run(&["--dora", "-q"]);
    assert_eq!((ran.status, kinds(&ran)), (0, vec![1, 3, 7]));
    let release = &ran.sent[2];
    assert_eq!((release.ciaddr(), release.server_id()), (Some(Ipv4Addr::new(192, 0, 2, 100)), Some(server())));
    let ran = Net::with_server().run(&["--dora", "-q", "--keep"]);
    assert_eq!((ran.status, kinds(&ran)), (0, vec![1, 3]));
}

#[test]
fn an_interrupted_exchange_gives_back_what_it_may_have_leased() {
    let net = Net::new(|question| match question.message_type() {
        Some(MessageType::DISCOVER) => vec![(ms(1), server(), reply(question).encode())],
        _ => Vec::new(),
    });
    let ran = net.interrupted_after(ms(500)).run(&["--dora", "-q"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (130, "dhcptest: interrupted after 1 answer\n"));
    assert_eq!(ran.sent.last().unwrap().message_type(), Some(MessageType::RELEASE));
}

#[test]
fn an_interrupt_is_said_with_what_was_received() {
    let silent = Net::silent().interrupted_after(ms(500)).run(&["--query", "-q"]);
    assert_eq!((silent.status, silent.stderr.as_str()), (130, "dhcptest: interrupted after 0 answers\n"));
    let waiting = Net::with_server().interrupted_after(ms(500)).run(&["--wait"]);
    assert_eq!(waiting.status, 130);
    assert!(waiting.stdout.contains("\n1 answer:\n"), "what is known is listed: {}", waiting.stdout);
    assert!(waiting.stderr.ends_with("dhcptest: interrupted after 1 answer\n"), "{}", waiting.stderr);
    let json = Net::with_server().interrupted_after(ms(500)).run(&["--wait", "-q", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.status, &document["success"]), (130, &false.into()), "{document}");
}

#[test]
fn the_hosts_own_lease_is_never_released() {
    for arguments in [&["--dora"][..], &["--dora", "--option", "80=present"]] {
        let ran = Net::with_server().run(&[arguments, &["--mac", "02:00:5e:00:53:50"]].concat());
        assert!(ran.status == 0 && !kinds(&ran).contains(&7), "{:?}", kinds(&ran));
        let remark = "02:00:5e:00:53:50 is this host's own: no RELEASE is sent, the lease is kept.\n";
        assert!(ran.stderr.contains(remark), "{}", ran.stderr);
    }
    let net = Net::silent().interrupted_after(ms(500));
    assert_eq!(kinds(&net.run(&["--dora", "--mac", "02:00:5e:00:53:50"])), [1]);
}

/// Options that say how, not what: alone and with each other they are no reason to send anything.
const HOW: [&[&str]; 22] = [
    &["-q"],
    &["--mac", "02:00:5e:00:53:99"],
    &["--secs", "3"],
    &["--giaddr", "192.0.2.50"],
    &["--ciaddr", "192.0.2.50"],
    &["--option", "60=x"],
    &["--request", "6"],
    &["--profile", "linux"],
    &["--timeout", "1"],
    &["--tries", "2"],
    &["--format", "json"],
    &["--hexdump"],
    &["--iface", "eth0"],
    &["--bind", "192.0.2.50"],
    &["--target", "192.0.2.1"],
    &["--raw"],
    &["--expect", "type = offer"],
    &["--repeat", "2"],
    &["--print-only", "6"],
    &["-6"],
    &["--rapid-commit"],
    &["--duid", "ll:02:00:5e:00:53:01"],
];

#[test]
fn nothing_is_sent_that_nothing_asks_for() {
    let asks = |arguments: &[&str]| {
        let is_v6 = ["-6", "--rapid-commit", "--duid"].iter().any(|it| arguments.contains(it));
        is_v6 && ["--iface", "--print-only", "--option", "--request"].iter().any(|it| arguments.contains(it))
    };
    let pairs =
        HOW.iter().flat_map(|one| HOW.iter().filter(move |other| *other != one).map(|other| [*one, other].concat()));
    for arguments in HOW.iter().map(|one| one.to_vec()).chain(pairs).filter(|arguments| !asks(arguments)) {
        let ran = Net::with_server().run(&arguments);
        assert!(ran.sent.is_empty(), "{arguments:?}: {}", ran.stderr);
    }
    let guess = Net::with_server().run(&["--expect", "type = offer"]);
    let words = "dhcptest: nothing says what to send (give --query for a DISCOVER to all servers, or --dora for the whole exchange)\n";
    assert_eq!((guess.status, guess.stderr.as_str()), (2, words));
}

#[test]
fn expectations_decide_and_the_one_that_failed_is_named() {
    let expecting = |expressions: &[&str]| {
        let mut arguments = vec!["--query", "-q"];
        arguments.extend(expressions.iter().flat_map(|expression| ["--expect", expression]));
        Net::with_server().run(&arguments)
    };
    let good = [
        "option:6 contains 192.0.2.53",
        "yiaddr in 192.0.2.0/24",
        "server = 192.0.2.1",
        "lease-time >= 600",
        "type = offer",
        "offers = 1",
    ];
    assert_eq!(expecting(&good).status, 0);
    let ran = expecting(&["type = offer", "yiaddr in 198.51.100.0/24"]);
    let said = "dhcptest: \"yiaddr in 198.51.100.0/24\" does not hold for 192.0.2.1: it is 192.0.2.100\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, said));
    assert_eq!(expecting(&["yiaddr near 1"]).status, 2);
}

#[test]
fn messages_without_answers_are_not_waited_for() {
    for kind in ["release", "decline"] {
        let ran = Net::silent().run(&["--message", kind, "--ciaddr", "192.0.2.100", "--option", "54=192.0.2.1"]);
        assert_eq!((ran.status, ran.sent.len(), ran.stdout.as_str()), (0, 1, ""), "{kind}: {}", ran.stderr);
    }
}

#[test]
fn links_are_as_the_arguments_say() {
    let plan =
        |arguments: &[&str]| Net::silent().run(&[&["--query", "--timeout", "1"], arguments].concat()).plans.remove(0);
    assert_eq!((plan(&[]).port, plan(&["--giaddr", "192.0.2.50"]).port), (68, 67));
    let relay = plan(&["--giaddr", "192.0.2.50", "--bind-port", "68", "--bind", "192.0.2.50"]);
    assert_eq!((relay.port, relay.source), (68, Some("192.0.2.50".parse().unwrap())));
    let raw = plan(&["--raw", "--iface", "eth7", "--vlan", "5", "--source-mac", "02:00:5e:00:53:01"]);
    assert_eq!((raw.interface.as_deref(), raw.vlan, raw.mode), (Some("eth7"), Some(5), kea_tools::wire::LinkMode::Raw));
    assert!(raw.ethernet_source.is_some());
}

#[test]
fn a_whole_exchange_is_judged_by_its_last_answer_each_time() {
    let deaf_to_requests = || {
        Net::new(|question| match question.message_type() {
            Some(MessageType::DISCOVER) => vec![(ms(1), server(), reply(question).encode())],
            _ => Vec::new(),
        })
    };
    let arguments = ["--dora", "-q", "--timeout", "1", "--expect", "lease-time >= 600"];
    let ran = deaf_to_requests().run(&arguments);
    let said = "dhcptest: \"lease-time >= 600\" does not hold: there is no answer\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, said));
    let mut requests = 0;
    let once = Net::new(move |question| {
        requests += u32::from(question.message_type() == Some(MessageType::REQUEST));
        let is_heard = question.message_type() == Some(MessageType::DISCOVER) || requests == 1;
        if is_heard { vec![(ms(1), server(), reply(question).encode())] } else { Vec::new() }
    });
    let ran = once.run(&[&arguments[..], &["--repeat", "2"]].concat());
    let said = "dhcptest: exchange 2: \"lease-time >= 600\" does not hold: there is no answer\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, said));
    let arguments = ["--dora", "-q", "--repeat", "3", "--expect", "type = ack", "--expect", "acks = 1"];
    assert_eq!(Net::with_server().run(&arguments).status, 0);
}

/// A server that offers an address to everyone and grants it to no one.
fn offering_and_refusing() -> Net {
    Net::new(|question| {
        let mut answer = reply(question);
        if question.message_type() == Some(MessageType::REQUEST) {
            answer = answer.with(option::MESSAGE, *b"not stored");
            answer.set(option::MESSAGE_TYPE, [MessageType::NAK.0]);
            answer.yiaddr = std::net::Ipv4Addr::UNSPECIFIED;
        }
        vec![(ms(1), server(), answer.encode())]
    })
}

#[test]
fn a_refusal_is_a_failure_unless_it_is_expected() {
    let run = |first: &[&str], expected: &str| {
        offering_and_refusing().run(&[first, &["-q", "--timeout", "1", "--expect", expected]].concat())
    };
    for expected in ["server = 192.0.2.1", "option:54 = 192.0.2.1", "rtt < 500", "answers >= 1", "offers <= 1"] {
        for first in [&["--dora"][..], &["--query", "--message", "request"]] {
            let ran = run(first, expected);
            let said = "dhcptest: it was refused or not answered, and no expectation is about that\n";
            assert_eq!((ran.status, ran.stderr.as_str()), (1, said), "{first:?} {expected}");
        }
    }
    assert_eq!(run(&["--dora"], "offers = 1").status, 1);
    for expected in ["type = nak", "naks = 1", "acks = 0", "option:53 = nak", "option:56 = not stored"] {
        let ran = run(&["--dora"], expected);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{expected}");
    }
    let silent = |expected: &str| Net::silent().run(&["--query", "-q", "--timeout", "1", "--expect", expected]).status;
    assert_eq!((silent("answers = 0"), silent("offers <= 1"), silent("answers >= 1")), (0, 0, 1));
}

#[test]
fn with_rapid_commit_the_first_answer_is_the_last() {
    let net = Net::new(|question| {
        let mut ack = reply(question).with(option::RAPID_COMMIT, []);
        ack.set(option::MESSAGE_TYPE, [MessageType::ACK.0]);
        vec![(ms(1), server(), ack.encode())]
    });
    let ran = net.run(&["--dora", "-q", "--option", "80=present", "--expect", "type = ack"]);
    let kinds: Vec<_> = ran.sent.iter().map(|sent| sent.message_type().unwrap()).collect();
    assert_eq!((ran.status, kinds), (0, vec![MessageType::DISCOVER, MessageType::RELEASE]), "{}", ran.stderr);
}

#[test]
fn interface_without_address_releases_from_leased_address() {
    let source = |net: Net, more: &[&str]| {
        let ran = net.run(&[&["--dora", "-q"], more].concat());
        assert_eq!(ran.sent[2].message_type(), Some(MessageType::RELEASE));
        ran.transmits[2].source.map(|source| source.to_string())
    };
    assert_eq!(source(Net::with_server().without_address(), &[]).as_deref(), Some("192.0.2.100"));
    assert_eq!(source(Net::with_server(), &[]), None);
    let bound = source(Net::with_server(), &["--bind", "192.0.2.50"]);
    assert_eq!(bound.as_deref(), Some("192.0.2.50"));
}

#[test]
fn a_lease_is_given_back_even_if_nobody_reads_what_is_printed() {
    let mut is_first = true;
    let ran = Net::with_server().unread().run(&["--dora", "-q", "--format", "ndjson"]);
    let kinds: Vec<_> = ran.sent.iter().map(|sent| sent.message_type().unwrap()).collect();
    // Nothing is asked for once that is clear.
    assert_eq!((ran.status, kinds), (0, vec![MessageType::DISCOVER]));
    let late = Net::new(move |question| {
        let is_quick = std::mem::take(&mut is_first);
        let mut ack = reply(question).with(option::RAPID_COMMIT, []);
        ack.set(option::MESSAGE_TYPE, [MessageType::ACK.0]);
        if is_quick { vec![(ms(1), server(), ack.encode())] } else { Vec::new() }
    });
    let ran = late.unread().run(&["--dora", "-q", "--option", "80=present"]);
    let kinds: Vec<_> = ran.sent.iter().map(|sent| sent.message_type().unwrap()).collect();
    assert_eq!((ran.status, kinds), (0, vec![MessageType::DISCOVER, MessageType::RELEASE]));
}

#[test]
fn target_port_is_used_and_each_repeat_has_its_own_xid() {
    let ran = Net::with_server().run(&["--dora", "-q", "--target-port", "6767", "--repeat", "2"]);
    let ports: Vec<_> = ran.transmits.iter().map(|transmit| transmit.destination.port()).collect();
    assert_eq!((ran.status, ports), (0, vec![6767; 6]));
    assert_ne!(ran.sent[0].xid(), ran.sent[3].xid());
}

#[test]
fn broadcast_answers_are_heard_whatever_the_client_claims() {
    let plan = |arguments: &[&str]| Net::silent().run(&[&["--timeout", "1"], arguments].concat()).plans.remove(0);
    assert!(plan(&["--query"]).answered_by_broadcast);
    assert!(!plan(&["--query", "--flags", "0"]).answered_by_broadcast);
    assert!(!plan(&["--query", "--target", "192.0.2.1"]).answered_by_broadcast);
}

#[test]
fn what_would_be_ignored_is_refused() {
    for arguments in [
        &["--hex", "-", "--option", "60=x"][..],
        &["--hex", "-", "--mac", "02:00:5e:00:53:01"],
        &["--hex", "-", "--message", "inform"],
        &["--replay", "x", "--profile", "windows"],
        &["--dora", "--option", "53=inform"],
        &["--listen", "--expect", "type = offer"],
        &["--listen", "--print-only", "6"],
        &["--query", "--keep"],
        &["--sarr", "--compare"],
        &["--query", "--peer", "fe80::2"],
    ] {
        let ran = Net::silent().run(arguments);
        assert_eq!((ran.status, ran.sent.len()), (2, 0), "{arguments:?}: {}", ran.stderr);
    }
}

/// The types of what was sent, by number.
fn kinds(ran: &crate::dhcptest::harness::Ran) -> Vec<u8> {
    ran.sent.iter().filter_map(kea_tools::dhcp::v4::Packet::message_type).map(|kind| kind.0).collect()
}

#[test]
fn a_short_wait_is_said_with_what_a_server_may_wait_for() {
    let remark = "Giving up after 1 try.\nA server may look for up to 3 s whether an address is in use before it offers it: \
        --timeout 5.\n";
    let ran = Net::silent().run(&["--query", "--timeout", "3"]);
    assert!(ran.status == 1 && ran.stderr.ends_with(remark), "{}", ran.stderr);
    for (arguments, end) in [
        (
            &["--query", "--timeout", "5"][..],
            "try.\nPerhaps no server is running there, or it has no subnet or no free address",
        ),
        (
            &["-6", "--query", "--timeout", "1"],
            "try.\nPerhaps no server is running on the link, or it has no subnet or",
        ),
        (&["--message", "inform", "--timeout", "1"], "Giving up after 1 try.\n"),
    ] {
        let ran = Net::silent().run(arguments);
        assert!(ran.stderr.contains(end) && ran.stderr.lines().count() < 12, "{}", ran.stderr);
    }
    assert_eq!(Net::silent().run(&["--query", "--timeout", "3", "-q"]).stderr, "");
}

#[test]
fn a_listener_that_is_interrupted_says_what_it_heard() {
    let ran = Net::silent().interrupted_after(ms(10)).run(&["--listen"]);
    assert_eq!(ran.status, 130);
    assert!(ran.stderr.ends_with("Interrupted after 0 packets.\n"), "{}", ran.stderr);
}

#[test]
fn giaddr_of_no_interface_has_a_hint_how_to_get_answers() {
    let foreign = Net::new(|question| vec![(ms(1), Ipv4Addr::new(192, 0, 2, 50), question.octets().to_vec())]);
    let ran = foreign.run(&["--query", "--timeout", "1", "--giaddr", "198.51.100.7"]);
    let note = "eth0 does not have the address 198.51.100.7 of --giaddr, to which servers answer: \"ip address add \
                198.51.100.7/32 dev eth0\" adds it.\n";
    assert!(ran.status == 1 && ran.stderr.contains(note), "{}", ran.stderr);
    let silence = "A server answers a relay only if it has a subnet for the relay's address 198.51.100.7, and only to port \
                   67 there.\n";
    assert!(ran.stderr.ends_with(silence) && !ran.stderr.contains("Received"), "{}", ran.stderr);
}
