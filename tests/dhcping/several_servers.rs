//! What is said where several servers answer, and only some should.

use std::net::Ipv4Addr;
use std::time::Duration;

use kea_tools::dhcp::v4::{Message, MessageType, Packet, option};

use crate::dhcping::harness::{Answer, Net, ROGUE, Ran, SERVER, answers, reply};

const HINT: &str = "a client that hears the NAK first gives up its address (--expect ack accepts this)";

/// An OFFER with the identifier `server` that `source` sends.
fn offer(question: &Packet, server: Ipv4Addr, source: Ipv4Addr, change: impl Fn(&mut Message)) -> Vec<Answer> {
    if question.message_type() != Some(MessageType::DISCOVER) {
        return Vec::new();
    }
    let mut message = reply(question, MessageType::OFFER, server);
    change(&mut message);
    vec![(Duration::from_millis(2), source, message.encode())]
}

/// What a monitor reads where 192.0.2.1 alone may answer.
fn exclusively(answer: impl FnMut(&Packet) -> Vec<Answer> + 'static) -> Ran {
    Net::new(answer).run("-I eth0 -s 192.0.2.1 --exclusive -t 1 -f nagios")
}

#[test]
fn two_servers_with_one_identifier_are_two() {
    let ran = exclusively(|question| [answers(question, SERVER), offer(question, SERVER, ROGUE, |_| {})].concat());
    let words = "DHCP CRITICAL - eth0: answers as 192.0.2.1 come from two hardware addresses (192.0.2.1, 02:00:5e:00:53:01 \
        and 192.0.2.66, 02:00:5e:00:53:42): two servers, or two interfaces of one (-s for each address accepts it) |";
    assert!(ran.status == 2 && ran.stdout.starts_with(words), "{ran:?}");
}

#[test]
fn interfaces_of_one_server_may_answer_if_each_address_is_given() {
    let second = Ipv4Addr::new(192, 0, 2, 2);
    let both = move |question: &Packet| [answers(question, SERVER), offer(question, SERVER, second, |_| {})].concat();
    let ran = Net::new(both).run("-I eth0 -s 192.0.2.1 -s 192.0.2.2 --exclusive -t 1 -f nagios");
    assert!(ran.status == 0 && ran.stdout.starts_with("DHCP OK - eth0: 192.0.2.1 answered in"), "{ran:?}");
    let third = move |question: &Packet| [both(question), offer(question, SERVER, ROGUE, |_| {})].concat();
    let ran = Net::new(third).run("-I eth0 -s 192.0.2.1 -s 192.0.2.2 --exclusive -t 1 -f nagios");
    assert!(ran.status == 2 && ran.stdout.contains("and 192.0.2.66, 02:00:5e:00:53:42): two servers, or"), "{ran:?}");
    let one = Net::new(both).run("-I eth0 -s 192.0.2.1 -s 192.0.2.66 --exclusive -t 1 -f nagios");
    assert!(
        one.status == 2 && one.stdout.contains("answers as 192.0.2.1 come from two"),
        "the other is not given: {one:?}"
    );
}

#[test]
fn an_identifier_that_is_not_the_given_address_is_named() {
    let fixed = |question: &Packet| offer(question, Ipv4Addr::new(10, 255, 0, 1), SERVER, |_| {});
    let ran = exclusively(fixed);
    let words = "DHCP CRITICAL - eth0: 192.0.2.1 (02:00:5e:00:53:01) answers with the identifier 10.255.0.1: \
        give -s 10.255.0.1 as well if that is your server |";
    assert!(ran.status == 2 && ran.stdout.starts_with(words), "{ran:?}");
    for given in ["-s 192.0.2.1 -s 10.255.0.1", "-s 10.255.0.1"] {
        let ran = Net::new(fixed).run(&format!("-I eth0 {given} --exclusive -t 1 -f nagios"));
        assert!(ran.status == 0 && ran.stdout.starts_with("DHCP OK"), "as is said: {ran:?}");
    }
}

#[test]
fn a_server_that_only_sends_from_the_address_is_another() {
    let ran = exclusively(|question| [answers(question, SERVER), offer(question, ROGUE, SERVER, |_| {})].concat());
    let words = "DHCP CRITICAL - eth0: another server answers: 192.0.2.66 (from 192.0.2.1, 02:00:5e:00:53:01) |";
    assert!(ran.status == 2 && ran.stdout.starts_with(words), "{ran:?}");
}

#[test]
fn answers_of_one_server_by_two_relays_are_of_one_server() {
    let relays = [Ipv4Addr::new(192, 0, 2, 252), Ipv4Addr::new(192, 0, 2, 253)];
    let relayed = move |question: &Packet, server| {
        relays.into_iter().flat_map(|relay| offer(question, server, relay, |it| it.giaddr = relay)).collect::<Vec<_>>()
    };
    let ran = exclusively(move |question| relayed(question, SERVER));
    assert!(ran.status == 0 && ran.stdout.starts_with("DHCP OK - eth0: 192.0.2.1 answered in 2.000 ms |"), "{ran:?}");
    let ran = exclusively(move |question| [answers(question, SERVER), relayed(question, SERVER)].concat());
    assert_eq!(ran.status, 0, "directly and by relays: {ran:?}");
    let by_relay = Net::new(move |question| relayed(question, SERVER))
        .run("-I eth0 -s 192.0.2.252 -s 192.0.2.253 --exclusive -t 1 -f nagios");
    assert_eq!(by_relay.status, 0, "the relays are named: {by_relay:?}");
    let rogue = exclusively(move |question| [answers(question, SERVER), relayed(question, ROGUE)].concat());
    assert!(
        rogue.status == 2 && rogue.stdout.contains("another server answers: 192.0.2.66 (from 192.0.2.252"),
        "{rogue:?}"
    );
}

/// A server that grants, and another that says no before.
fn granting_and_refusing() -> Net {
    Net::new(|question| {
        let nak = reply(question, MessageType::NAK, ROGUE);
        [vec![(Duration::from_millis(1), ROGUE, nak.encode())], answers(question, SERVER)].concat()
    })
}

#[test]
fn a_nak_is_a_fault_though_another_server_grants() {
    for mode in ["--reboot -c 192.0.2.100", "--request -c 192.0.2.100", "--rebind -c 192.0.2.50"] {
        let nagios = granting_and_refusing().run(&format!("-I eth0 {mode} -t 1 -f nagios"));
        let words = "DHCP CRITICAL - eth0: refused: NAK from 192.0.2.66, though 192.0.2.1 grants it |";
        assert!(nagios.status == 2 && nagios.stdout.starts_with(words), "{mode}: {nagios:?}");
        let rest: Vec<_> = nagios.stdout.lines().skip(1).filter(|line| line.ends_with(HINT)).collect();
        assert_eq!(rest.len(), 1, "{mode}: {nagios:?}");
    }
    let lines = "refused: NAK from 192.0.2.66, though 192.0.2.1 grants it\nGot answer from: 192.0.2.1\n";
    let hint = format!("dhcping: {HINT}\n");
    granting_and_refusing().run("-I eth0 --reboot -c 192.0.2.100 -t 1").expect(1, lines, &hint);
}

#[test]
fn a_nak_of_a_server_that_is_given_has_no_way_to_be_accepted() {
    let line = "-I eth0 --reboot -c 192.0.2.100 -t 1 -s 192.0.2.66";
    for line in [line.to_owned(), format!("{line} --expect ack"), format!("{line} --exclusive")] {
        let ran = granting_and_refusing().run(&line);
        let said = ran.stdout.starts_with("refused: NAK from 192.0.2.66");
        assert!(ran.status == 1 && said && !ran.stderr.contains(HINT), "{ran:?}");
    }
}

#[test]
fn a_nak_without_a_grant_has_no_hint() {
    let refusing = Net::new(|question| {
        [SERVER, ROGUE]
            .map(|from| (Duration::from_millis(1), from, reply(question, MessageType::NAK, from).encode()))
            .into()
    });
    let lines = "refused: NAK from 192.0.2.1\nrefused: NAK from 192.0.2.66\n";
    refusing.run("-I eth0 --reboot -c 192.0.2.100 -t 1").expect(1, lines, "");
}

#[test]
fn a_nak_that_is_allowed_is_in_the_first_line() {
    for expected in ["ack", "any"] {
        let line = format!("-I eth0 --reboot -c 192.0.2.100 -t 1 --expect {expected} -f nagios");
        let ran = granting_and_refusing().run(&line);
        let words = "DHCP OK - eth0: 192.0.2.1 answered in 1.000 ms; NAK from 192.0.2.66 |";
        assert!(ran.status == 0 && ran.stdout.starts_with(words), "{expected}: {ran:?}");
    }
}

/// What a second server sends to a question of this type, though no client can use it.
fn unusable(asked: MessageType, change: fn(&mut Message)) -> impl FnMut(&Packet) -> Vec<Answer> {
    move |question| {
        let kind =
            if question.message_type() == Some(MessageType::DISCOVER) { MessageType::OFFER } else { MessageType::ACK };
        let mut message = reply(question, kind, ROGUE);
        change(&mut message);
        let sent = (Duration::from_millis(5), ROGUE, message.encode());
        let is_asked = question.message_type() == Some(asked);
        answers(question, SERVER).into_iter().chain(is_asked.then_some(sent)).collect()
    }
}

/// What makes a message one that a client cannot use.
type Change = fn(&mut Message);

#[test]
fn each_sign_of_another_server_counts_though_no_client_uses_it() {
    const DISCOVER: MessageType = MessageType::DISCOVER;
    const REQUEST: MessageType = MessageType::REQUEST;
    let rows: [(MessageType, &str, Change); 18] = [
        (DISCOVER, "OFFER of 0.0.0.0", |it| it.yiaddr = Ipv4Addr::UNSPECIFIED),
        (DISCOVER, "OFFER of 192.0.2.66, the server's own", |it| it.yiaddr = ROGUE),
        (DISCOVER, "nak does not answer", |it| it.set(option::MESSAGE_TYPE, [6])),
        (DISCOVER, "ack does not answer", |it| it.set(option::MESSAGE_TYPE, [5])),
        (DISCOVER, "no message type", |it| it.options.retain(|(code, _)| *code != option::MESSAGE_TYPE)),
        (DISCOVER, "does not answer what was sent", |it| it.set(option::MESSAGE_TYPE, [99])),
        (DISCOVER, "client identifier of another client", |it| it.set(option::CLIENT_ID, [1, 2, 0, 0, 0, 0, 9])),
        (DISCOVER, "another transaction", |it| it.xid ^= 1),
        (DISCOVER, "for another client", |it| it.chaddr[5] ^= 1),
        (DISCOVER, "for another client", |it| it.hlen = 16),
        (REQUEST, "from another server", |it| it.set(option::MESSAGE_TYPE, [6])),
        (REQUEST, "offer does not answer", |it| it.set(option::MESSAGE_TYPE, [2])),
        (REQUEST, "ACK without lease time", |it| it.options.retain(|(code, _)| *code != option::LEASE_TIME)),
        (REQUEST, "ACK with a lease time of 0", |it| it.set(option::LEASE_TIME, [0; 4])),
        (REQUEST, "ACK of 255.255.255.255", |it| it.yiaddr = Ipv4Addr::BROADCAST),
        (REQUEST, "client identifier of another client", |it| it.set(option::CLIENT_ID, [9; 7])),
        (REQUEST, "another transaction", |it| it.xid ^= 1),
        (REQUEST, "no message type", |it| it.options.retain(|(code, _)| *code != option::MESSAGE_TYPE)),
    ];
    for (asked, why, change) in rows {
        let line = "-I eth0 -s 192.0.2.1 --exclusive --full -t 1 -f nagios";
        let ran = Net::new(unusable(asked, change)).run(line);
        let words = "another server sends what is no answer: 192.0.2.66 (from 192.0.2.66, 02:00:5e:00:53:42): ";
        let found = ran.stdout.lines().next().and_then(|line| Some(line.split_once(words)?.1)).unwrap_or_default();
        assert!(ran.status == 2 && found.contains(why), "{why}: {ran:?}");
        let allowed = Net::new(unusable(asked, change)).run(&format!("{line} -s 192.0.2.66"));
        assert!(!allowed.stdout.contains("another server sends"), "{why}: {allowed:?}");
    }
}

#[test]
fn a_second_server_that_only_acknowledges_is_another() {
    let ran =
        Net::new(unusable(MessageType::REQUEST, |_| {})).run("-I eth0 -s 192.0.2.1 --exclusive --full -t 1 -f nagios");
    let words = "another server answers: 192.0.2.66 (from 192.0.2.66, 02:00:5e:00:53:42)";
    assert!(ran.status == 2 && ran.stdout.contains(words), "{ran:?}");
    assert_eq!(ran.types(), ["discover", "request", "release", "release"], "each lease is given back");
}

#[test]
fn the_server_that_may_answer_may_also_send_what_is_no_answer() {
    let twice = |question: &Packet| {
        let odd = offer(question, SERVER, SERVER, |it| it.options.retain(|(code, _)| *code == option::MESSAGE_TYPE));
        let nothing = offer(question, SERVER, SERVER, |it| it.yiaddr = Ipv4Addr::UNSPECIFIED);
        [answers(question, SERVER), odd, nothing].concat()
    };
    let ran = exclusively(twice);
    assert!(ran.status == 0, "{ran:?}");
}

#[test]
fn requests_of_clients_and_relays_are_no_servers() {
    let ran = exclusively(|question| {
        let request = offer(question, ROGUE, ROGUE, |it| it.op = 1);
        [answers(question, SERVER), request, vec![(Duration::from_millis(2), ROGUE, Vec::new())]].concat()
    });
    assert_eq!(ran.status, 0, "{ran:?}");
}
