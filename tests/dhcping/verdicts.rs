//! Whether all is well, and what is said if not.

use std::time::Duration;

use kea_tools::dhcp::v4::{MessageType, option};

use crate::dhcping::harness::{Net, ROGUE, SERVER, answers, reply};

/// A server that refuses every REQUEST, in words that would like to have a terminal.
fn refusing() -> Net {
    Net::new(|question| match question.message_type() {
        Some(MessageType::REQUEST) => {
            let nak = reply(question, MessageType::NAK, SERVER).with(option::MESSAGE, *b"go \x1b[2Jaway");
            vec![(Duration::from_millis(1), SERVER, nak.encode())]
        }
        _ => answers(question, SERVER),
    })
}

/// Two servers on the link.
fn with_rogue() -> Net {
    Net::new(|question| [answers(question, SERVER), answers(question, ROGUE)].concat())
}

#[test]
fn a_refusal_is_named_and_not_ok_unless_it_is_expected() {
    let words = "refused: NAK from 192.0.2.1: go \\u{1b}[2Jaway\n";
    refusing().run("-c 192.0.2.50 -s 192.0.2.1").expect(1, words, "");
    refusing().run("-c 192.0.2.50 -s 192.0.2.1 --expect ack").expect(1, words, "");
    refusing().run("-s 192.0.2.1 --full").expect(1, words, "");
    let expected = "Got answer from: 192.0.2.1 (NAK: go \\u{1b}[2Jaway)\n";
    refusing().run("-c 192.0.2.50 -s 192.0.2.1 --expect nak").expect(0, expected, "");
    refusing().run("-c 192.0.2.50 -s 192.0.2.1 --expect any").expect(0, expected, "");
    refusing().run("-q -c 192.0.2.50 -s 192.0.2.1").expect(1, "", "");
}

#[test]
fn a_refusal_is_critical_to_a_monitor_and_has_its_own_counter() {
    for line in ["-I eth0 -c 192.0.2.50", "-I eth0 --full"] {
        let nagios = refusing().run(&format!("{line} -t 1 -f nagios"));
        assert_eq!(nagios.status, 2, "{nagios:?}");
        assert!(nagios.stdout.starts_with("DHCP CRITICAL - eth0: refused: NAK from 192.0.2.1: go "), "{nagios:?}");
        assert!(nagios.stdout.contains("'eth0 naks'=1;;;0"), "{nagios:?}");
        let prometheus = refusing().run(&format!("{line} -t 1 -f prometheus"));
        assert!(prometheus.stdout.contains("dhcping_refusals{target=\"eth0\"} 1\n"), "{prometheus:?}");
        assert!(prometheus.stdout.contains("dhcping_state{target=\"eth0\"} 2\n"), "{prometheus:?}");
        let json: serde_json::Value =
            serde_json::from_str(&refusing().run(&format!("{line} -t 1 -f json")).stdout).unwrap();
        assert_eq!((&json["targets"][0]["refusals"], &json["state"]), (&1.into(), &"CRITICAL".into()));
    }
    let offers = refusing().run("-I eth0 -c 192.0.2.50 -t 1 -f nagios").stdout;
    assert!(offers.contains("'eth0 offers'=0;;;0"), "a refusal is no offer: {offers}");
    let expected = refusing().run("-I eth0 -c 192.0.2.50 -t 1 -f nagios --expect nak");
    assert!(expected.status == 0 && expected.stdout.contains("'eth0 naks'=1;;;0"), "{expected:?}");
}

/// A server whose answers are changed before they are sent.
fn odd(change: impl Fn(&mut kea_tools::dhcp::v4::Message) + 'static) -> Net {
    Net::new(move |question| {
        let kind = match question.message_type() {
            Some(MessageType::DISCOVER) => MessageType::OFFER,
            Some(MessageType::REQUEST) => MessageType::ACK,
            _ => return Vec::new(),
        };
        let mut message = reply(question, kind, SERVER);
        change(&mut message);
        vec![(Duration::from_micros(1500), SERVER, message.encode())]
    })
}

#[test]
fn what_was_ignored_is_named_where_there_is_no_answer() {
    let net = || odd(|message| message.set(option::CLIENT_ID, [1, 2, 3]));
    let words = "1 datagram ignored: client identifier of another client, 010203 (RFC 6842 section 3), from 192.0.2.1";
    net().run("-I eth0 -t 1").expect(1, "", &format!("no answer ({words})\n"));
    let nagios = net().run("-I eth0 -t 1 -f nagios");
    assert!(nagios.stdout.starts_with(&format!("DHCP CRITICAL - eth0: no answer ({words})")), "{nagios:?}");
    let series = net().run("-I eth0 -t 1 --count 1");
    assert!(series.stdout.starts_with(&format!("no answer: eth0 seq=1 ({words})\n")), "{series:?}");
    let json: serde_json::Value = serde_json::from_str(&net().run("-I eth0 -t 1 -f json").stdout).unwrap();
    assert_eq!(json["targets"][0]["ignored"]["other-client-id"], 1);
    assert_eq!(json["targets"][0]["text"], format!("no answer ({words})"));
    let prometheus = net().run("-I eth0 -t 1 -f prometheus");
    let sample = "dhcping_ignored_datagrams{target=\"eth0\",reason=\"other-client-id\"} 1\n";
    assert!(prometheus.stdout.contains(sample), "{prometheus:?}");
}

#[test]
fn ignored_datagrams_are_counted_by_reason_closest_first() {
    let net = Net::new(|question| {
        let mut foreign = answers(question, ROGUE);
        foreign[0].2[4] ^= 0xff;
        let mut nothing = reply(question, MessageType::OFFER, SERVER);
        nothing.yiaddr = std::net::Ipv4Addr::UNSPECIFIED;
        [foreign.clone(), foreign, vec![(Duration::from_millis(2), SERVER, nothing.encode())]].concat()
    });
    let words = "no answer (3 datagrams ignored: 1 OFFER of 0.0.0.0, which is no address \
        (RFC 1122 section 3.2.1.3, RFC 4291 section 2), from 192.0.2.1; \
        2 another transaction, first from 192.0.2.66)\n";
    net.run("-I eth0 -t 1").expect(1, "", words);
}

#[test]
fn an_offer_of_no_address_is_no_offer() {
    let net = || odd(|message| message.yiaddr = std::net::Ipv4Addr::UNSPECIFIED);
    for line in ["-I eth0 --discover -t 1", "-I eth0 --full -t 1", "-s 192.0.2.1 -t 1"] {
        let ran = net().run(line);
        assert!(ran.status == 1 && ran.stderr.contains("OFFER of 0.0.0.0, which is no address"), "{line}: {ran:?}");
    }
}

#[test]
fn offer_without_lease_time_has_a_remark_ack_is_rejected() {
    let net = || odd(|message| message.options.retain(|(code, _)| *code != option::LEASE_TIME));
    let remark = "OFFER without lease time (RFC 2131 section 4.3.1, table 3: MUST)";
    let offer = net().run("-I eth0 --discover -t 1");
    offer.expect(0, "Got answer from: 192.0.2.1\n", &format!("dhcping: 192.0.2.1: {remark}\n"));
    let nagios = net().run("-I eth0 --discover -t 1 -f nagios");
    assert!(nagios.stdout.starts_with(&format!("DHCP OK - eth0: 192.0.2.1 answered in 1.500 ms; 192.0.2.1: {remark}")));
    let json: serde_json::Value = serde_json::from_str(&net().run("-I eth0 -t 1 -f json").stdout).unwrap();
    assert_eq!(json["probes"][0]["answers"][0]["remarks"][0]["rule"], "offer-lease-time");
    let full = net().run("-I eth0 --full -t 1");
    let words = "192.0.2.1 offered 192.0.2.100, but there was no valid answer to the REQUEST within 1 s \
        (1 datagram ignored: ACK without lease time";
    assert!(full.status == 1 && full.stderr.contains(words), "{full:?}");
    assert_eq!(full.types(), ["discover", "request", "release"]);
}

#[test]
fn a_lease_time_that_is_there_twice_is_shown() {
    let twice = || odd(|message| message.options.push((option::LEASE_TIME, 3600_u32.to_be_bytes().to_vec())));
    let ran = twice().run("-I eth0 -t 1");
    assert!(ran.status == 0 && ran.stdout.contains("  address 192.0.2.100, valid 3600 s\n"), "{ran:?}");
}

#[test]
fn an_impossible_subnet_mask_has_a_remark() {
    for (mask, words) in [
        ([0, 0, 0, 0], "OFFER with the subnet mask 0.0.0.0, which leaves no network"),
        ([255, 0, 255, 0], "OFFER with the subnet mask 255.0.255.0, which is not ones followed by zeros"),
    ] {
        let ran = odd(move |message| message.set(option::SUBNET_MASK, mask)).run("-I eth0 -t 1 -f nagios");
        let line = format!("DHCP OK - eth0: 192.0.2.1 answered in 1.500 ms; 192.0.2.1: {words} (RFC ");
        assert!(ran.status == 0 && ran.stdout.starts_with(&line), "{ran:?}");
    }
    for mask in [[255, 255, 255, 255], [255, 255, 255, 254], [255, 254, 0, 0]] {
        let ran = odd(move |message| message.set(option::SUBNET_MASK, mask)).run("-I eth0 -t 1");
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{mask:?}");
    }
}

#[test]
fn what_is_odd_about_an_option_is_said_on_request() {
    let net = || odd(|message| message.set(option::DNS_SERVERS, []));
    net().run("-I eth0 -t 1").expect(0, "Got answer from: 192.0.2.1\n", "");
    let verbose = net().run("-I eth0 -t 1 -v");
    assert!(verbose.stderr.contains("dhcping: 192.0.2.1: option 6 at offset "), "{verbose:?}");
}

#[test]
fn silence_is_told_in_the_old_words() {
    let request = "no answer\ndhcping: only an authoritative server answers a REQUEST for a lease that it does not know, and \
        Kea is not authoritative by default (leave -c out: a DISCOVER is answered)\n";
    Net::silent().run("-c 192.0.2.50 -s 192.0.2.1").expect(1, "", request);
    Net::silent().run("-q -c 192.0.2.50 -s 192.0.2.1").expect(1, "", "");
    Net::with_server().run("-q -s 192.0.2.1").expect(0, "", "");
}

#[test]
fn each_server_that_is_missing_is_named() {
    let ran = Net::with_server().run("-I eth0 -s 192.0.2.1 -s 192.0.2.3 -s 192.0.2.4 -t 1");
    let words = "dhcping: no answer from 192.0.2.3; no answer from 192.0.2.4\n";
    ran.expect(1, "Got answer from: 192.0.2.1\n", words);
    let alone = Net::with_server().run("-s 192.0.2.1 -s 192.0.2.3 -t 5");
    alone.expect(
        1,
        "Got answer from: 192.0.2.1\n",
        "dhcping: 192.0.2.3: no answer (1 datagram ignored: from another server, from 192.0.2.1)\n",
    );
}

#[test]
fn failing_target_does_not_prevent_probes_of_others() {
    for (line, cause) in [
        ("-I nosuch -I eth0", "interface \"nosuch\""),
        ("-s nowhere.example -s 192.0.2.1", "server \"nowhere.example\": no such host"),
        ("-s 198.18.0.1 -s 192.0.2.1", "sending to 198.18.0.1: no route leads there"),
    ] {
        let ran = Net::with_server().run(&format!("{line} -t 1"));
        assert_eq!(
            (ran.status, ran.verdicts().as_str()),
            (2, "Got answer from: 192.0.2.1\n"),
            "{line}: {}",
            ran.stderr
        );
        assert!(ran.stderr.contains(cause) && ran.stderr.lines().count() == 1, "{line}: {}", ran.stderr);
        assert_eq!(Net::silent().run(&format!("{line} -t 1")).status, 1, "{line}");
        let nagios = Net::silent().run(&format!("{line} -t 1 -f nagios"));
        assert!(nagios.status == 2 && nagios.stdout.starts_with("DHCP CRITICAL"), "{line}: {}", nagios.stdout);
        let nagios = Net::with_server().run(&format!("{line} -t 1 -f nagios"));
        assert!(nagios.status == 3 && nagios.stdout.contains(cause), "{line}: {}", nagios.stdout);
    }
}

#[test]
fn an_interface_that_is_named_twice_is_asked_once() {
    assert_eq!(Net::with_server().run("-I eth0 -I eth0 -t 1").sent.len(), 1);
}

#[test]
fn only_the_asked_servers_answer_counts() {
    let other = || Net::new(|question| answers(question, ROGUE));
    let ran = other().run("-s 192.0.2.1 -t 1 -v");
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("ignored 1 datagram: from another server, first from 192.0.2.66"), "{}", ran.stderr);
}

#[test]
fn exclusive_names_another_server_by_id_address_and_mac() {
    let ran = with_rogue().run("-I eth0 -s 192.0.2.1 --exclusive -t 1");
    let complaint = "dhcping: another server answers: 192.0.2.66 (from 192.0.2.66, 02:00:5e:00:53:42)\n";
    ran.expect(1, "Got answer from: 192.0.2.1\nGot answer from: 192.0.2.66\n", complaint);
    assert_eq!(ran.took, Duration::from_secs(1), "every answer is waited for");
    assert_eq!(with_rogue().run("-I eth0 -s 192.0.2.1 -s 192.0.2.66 --exclusive -t 1").status, 0);
}

#[test]
fn addresses_and_options_are_held_against_what_is_expected() {
    let good = "-I eth0 --offered-in 198.51.100.0/24 --offered-in 192.0.2.0/25 --expect-option routers=192.0.2.254";
    Net::with_server().run(good).expect(0, "Got answer from: 192.0.2.1\n", "");
    let ran = Net::with_server().run("-I eth0 --offered-in 198.51.100.0/24 --expect-option routers=192.0.2.1");
    let words = "dhcping: 192.0.2.1 gives 192.0.2.100, which is not in 198.51.100.0/24; \
        \"routers=192.0.2.1\" does not hold for 192.0.2.1: it is 192.0.2.254\n";
    ran.expect(1, "Got answer from: 192.0.2.1\n", words);
}

#[test]
fn slow_answers_and_lost_ones_have_limits() {
    let slow = Net::with_server().run("-I eth0 --warning 1");
    slow.expect(1, "Got answer from: 192.0.2.1\n", "dhcping: slow: answered in 1.500 ms\n");
    assert_eq!(Net::with_server().run("-I eth0 --warning 2 --critical 3").status, 0);
    let mut turn = 0;
    let every_other = Net::new(move |question| {
        turn += 1;
        if turn % 2 == 0 { Vec::new() } else { answers(question, SERVER) }
    });
    let ran = every_other.run("-I eth0 --count 4 -t 1 --loss-warning 40 --loss-critical 60 -f nagios");
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.starts_with("DHCP WARNING - eth0: 50% of 4 probes not answered"), "{}", ran.stdout);
}

/// A second server that takes a second for each OFFER, and gives `offers` of them.
fn with_slow_second(mut offers: u32) -> Net {
    Net::new(move |question| {
        let is_there = offers > 0;
        offers = offers.saturating_sub(1);
        let second = answers(question, ROGUE).into_iter().filter(|_| is_there);
        let later = second.map(|(_, from, octets)| (Duration::from_millis(900), from, octets));
        answers(question, SERVER).into_iter().chain(later).collect()
    })
}

#[test]
fn of_several_servers_that_must_answer_the_slowest_is_judged() {
    let both = "-I eth0 -s 192.0.2.1 -s 192.0.2.66 --exclusive -t 2 --warning 200 --critical 500 -f nagios";
    let ran = with_slow_second(1).run(both);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stdout.starts_with("DHCP CRITICAL - eth0: slow: 192.0.2.66 answered in 900.000 ms"), "{}", ran.stdout);
    assert!(ran.stdout.contains("'eth0 rtt'=0.9s;"), "{}", ran.stdout);
    let first = with_slow_second(1).run("-I eth0 --all -t 2 --warning 200");
    assert_eq!(first.status, 0, "nobody in particular must answer: {first:?}");
}

#[test]
fn a_probe_is_lost_unless_everybody_answers_who_must() {
    let line = "-I eth0 -s 192.0.2.1 -s 192.0.2.66 --count 5 -t 1 --loss-critical 20 -f nagios";
    let ran = with_slow_second(1).run(line);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stdout.starts_with("DHCP CRITICAL - eth0: 80% of 5 probes not answered"), "{}", ran.stdout);
}

#[test]
fn a_whole_exchange_whose_request_is_never_answered_is_lost() {
    let only_offers = || {
        Net::new(|question| match question.message_type() {
            Some(MessageType::DISCOVER) => answers(question, SERVER),
            _ => Vec::new(),
        })
    };
    let ran = only_offers().run("-I eth0 --full -t 1 --count 2");
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("2 probes sent, 0 answered, 100% loss\n"), "{}", ran.stdout);
    let words = "dhcping: 192.0.2.1 offered 192.0.2.100, but there was no valid answer to the REQUEST within 1 s; the server \
        may be unable to store the lease: see its log\n";
    assert_eq!(ran.stderr, words);
    let once = only_offers().run("-I eth0 --full -t 1");
    assert_eq!((once.status, once.stdout.contains("Got answer")), (1, false), "{once:?}");
    let nagios = only_offers().run("-I eth0 --full -t 1 -f nagios");
    assert!(nagios.stdout.contains("but there was no valid answer to the REQUEST within 1 s"), "{nagios:?}");
}

#[test]
fn a_grant_outranks_another_servers_refusal() {
    let net = || {
        Net::new(|question| {
            let nak = reply(question, MessageType::NAK, ROGUE);
            let refusal = (Duration::from_millis(1), ROGUE, nak.encode());
            [vec![refusal], answers(question, SERVER)].concat()
        })
    };
    let both = "refused: NAK from 192.0.2.66, though 192.0.2.1 grants it\nGot answer from: 192.0.2.1\n";
    let ran = net().run("-I eth0 -c 192.0.2.100 --expect ack");
    ran.expect(0, both, "");
    assert_eq!(ran.types(), ["request", "release"]);
    assert_eq!(net().run("-I eth0 -c 192.0.2.100 -s 192.0.2.66 --expect ack").status, 1, "it was to grant");
}

#[test]
fn an_ack_that_another_address_or_server_sends_is_taken() {
    let acked_by = |server, source| {
        let net = Net::new(move |question| match question.message_type() {
            Some(MessageType::REQUEST) => {
                let ack = reply(question, MessageType::ACK, server);
                vec![(Duration::from_millis(1), source, ack.encode())]
            }
            _ => answers(question, SERVER),
        });
        let ran = net.run("-I eth0 --full -t 1 -f nagios");
        assert_eq!(ran.status, 0, "{ran:?}");
        ran.stdout
    };
    let one = acked_by(SERVER, ROGUE);
    assert!(one.starts_with("DHCP OK - eth0: 192.0.2.1 answered in") && one.contains("'eth0 offers'=1;"), "{one}");
    let two = acked_by(ROGUE, ROGUE);
    assert!(two.starts_with("DHCP OK - eth0: 192.0.2.1, 192.0.2.66 answered in"), "{two}");
    assert!(two.contains("asked was 192.0.2.1"), "{two}");
}

#[test]
fn exclusive_full_exchange_is_made_with_allowed_server() {
    let rogue_first = Net::new(|question| match question.message_type() {
        Some(MessageType::DISCOVER) => [answers(question, ROGUE), answers(question, SERVER)].concat(),
        _ => answers(question, question.server_id().unwrap()),
    });
    let ran = rogue_first.run("-I eth0 -s 192.0.2.1 --exclusive --full -t 1");
    assert_eq!(ran.types(), ["discover", "request", "release"]);
    assert_eq!(ran.sent[1].1.server_id(), Some(SERVER));
    assert_eq!(ran.stderr, "dhcping: another server answers: 192.0.2.66 (from 192.0.2.66, 02:00:5e:00:53:42)\n");
}

#[test]
fn an_answer_with_a_wrong_checksum_is_none() {
    let ran = Net::with_server().with_wrong_checksums().run("-I eth0 -t 1");
    let words = "no answer (1 datagram ignored: wrong IP or UDP checksum \
        (RFC 1122 sections 3.2.1.2, 4.1.3.4), from 192.0.2.1)\n";
    ran.expect(1, "", words);
    let nagios = Net::with_server().with_wrong_checksums().run("-I eth0 -t 1 -f nagios");
    assert!(nagios.status == 2 && nagios.stdout.contains("wrong IP or UDP checksum"), "{nagios:?}");
}

#[test]
fn kinds_of_the_other_protocol_are_no_kinds() {
    let ran = Net::with_server().run("-I eth0 --expect advertise");
    ran.expect(2, "", "dhcping: --expect: DHCPv4 has no such answer (offer or ack)\n");
}

#[test]
fn interrupt_prints_the_series_summary_and_sends_releases() {
    let ran = Net::with_server().interrupted_after(Duration::from_millis(2500)).run("-I eth0 --full --count 0");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("3 probes sent, 3 answered, 0% loss\n"), "{}", ran.stdout);
    let [requests, releases] = ["request", "release"].map(|name| ran.types().iter().filter(|it| **it == name).count());
    assert_eq!((requests, releases), (3, 3));
    let early = Net::silent().interrupted_after(Duration::from_millis(10)).run("-c 192.0.2.100 -s 192.0.2.1");
    early.expect(130, "", "dhcping: interrupted before the answer\n");
    assert_eq!(early.types(), ["request", "release"]);
    let counted = Net::with_server().interrupted_after(Duration::from_millis(1500)).run("-I eth0 --count 9");
    assert_eq!((counted.status, counted.stderr.as_str()), (130, "dhcping: interrupted after 2 answers\n"));
    assert!(counted.stdout.contains("2 probes sent, 2 answered, 0% loss\n"), "{}", counted.stdout);
    let waiting = Net::with_server().interrupted_after(Duration::from_millis(500)).run("-I eth0 --all");
    assert_eq!((waiting.status, waiting.stderr.as_str()), (130, "dhcping: interrupted after 1 answer\n"));
    let monitor = Net::silent().interrupted_after(Duration::from_millis(500)).run("-I eth0 -f nagios");
    assert!(monitor.status == 3 && monitor.stdout.starts_with("DHCP UNKNOWN - eth0: interrupted"), "{monitor:?}");
}

#[test]
fn a_short_wait_is_said_with_what_would_answer_sooner() {
    let slow = || {
        Net::new(|question| {
            let delay = Duration::from_secs(if question.message_type() == Some(MessageType::DISCOVER) { 3 } else { 0 });
            answers(question, SERVER).into_iter().map(|(after, from, octets)| (after + delay, from, octets)).collect()
        })
    };
    for (line, waited) in [("-s 192.0.2.1 -t 1", "1"), ("-I eth0 -t 2.5", "2.5"), ("-I eth0 --full -t 3", "3")] {
        let ran = slow().run(line);
        let words = format!(
            "no answer\ndhcping: waited {waited} s for an OFFER; before the first one a server may look for up to 3 s \
            whether the address is in use (-t 5 waits for that, -i is answered at once)\n"
        );
        ran.expect(1, "", &words);
        let nagios = slow().run(&format!("{line} -f nagios"));
        assert!(nagios.status == 2 && nagios.stdout.contains("-i is answered at once"), "{}", nagios.stdout);
    }
    for line in ["-s 192.0.2.1 -t 5", "-s 192.0.2.1 -t 1 -i"] {
        assert_eq!(slow().run(line).status, 0, "the remedies work: {line}");
    }
}

#[test]
fn silence_has_its_likeliest_cause_and_what_would_tell() {
    for (line, part) in [
        (
            "-s 192.0.2.1 -c 192.0.2.50",
            "only an authoritative server answers a REQUEST for a lease that it does not know",
        ),
        ("-s 192.0.2.1 -i", "silent on an INFORM from a network that it is not authoritative for"),
        ("-I eth0 --bootp", "Kea needs its hook library libdhcp_bootp.so (leave --bootp out: a DISCOVER is answered)"),
        ("-s 192.0.2.1 -g 192.0.2.50", "only if it has a subnet for the relay's address 192.0.2.50"),
        ("-s 192.0.2.1", "no server is running there, or it has no subnet or no free address for this client"),
        ("-6 -I eth0", "no server is running on the link, or it has no subnet or no free address for this link"),
        ("-6 -I eth0 --info-request", "or it has no subnet for this link, or a firewall drops UDP port 546"),
    ] {
        let ran = Net::silent().run(line);
        let lines: Vec<_> = ran.stderr.lines().collect();
        assert!(ran.status == 1 && lines.len() == 2 && lines[0] == "no answer", "{line}: {ran:?}");
        assert!(lines[1].starts_with("dhcping: ") && lines[1].contains(part), "{line}: {ran:?}");
        assert_eq!(Net::silent().run(&format!("{line} -q")).stderr, "", "{line}");
        let json: serde_json::Value =
            serde_json::from_str(&Net::silent().run(&format!("{line} -f json")).stdout).unwrap();
        assert!(json["targets"][0]["details"][0].as_str().unwrap().contains(part), "{line}: {json}");
    }
}
